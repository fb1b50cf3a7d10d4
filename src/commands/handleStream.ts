import { createHash } from "node:crypto";
import { normaliseHandle } from "../domain/handle.ts";
import { streams } from "../domain/ids.ts";

/**
 * The stream that says whose a handle is, however the handle was typed. Its name holds a hash (128 bits of SHA-256), for personal data does not
 * belong into stream names. Throws `normaliseHandle`'s refusal.
 */
export function handleStream(handle: string): string {
  return streams.handle(createHash("sha256").update(normaliseHandle(handle), "utf8").digest("hex").slice(0, 32));
}
