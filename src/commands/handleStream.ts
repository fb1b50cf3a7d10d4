import { createHash } from "node:crypto";
import { lookOf, normaliseHandle } from "../domain/handle.ts";
import { streams } from "../domain/ids.ts";

/**
 * The stream that says whose a handle is, however the handle was typed. Its name holds a hash (128 bits of SHA-256), for personal data does not
 * belong into stream names. Throws `normaliseHandle`'s refusal.
 */
export const handleStream = (handle: string): string => streamOf(normaliseHandle(handle));

/** The stream that says whose a look is: of a handle that looks like itself, the handle's own. */
export const lookStream = (handle: string): string => streamOf(lookOf(normaliseHandle(handle)));

const streamOf = (text: string): string => streams.handle(createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32));
