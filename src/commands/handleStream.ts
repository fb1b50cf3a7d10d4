import { createHash } from "node:crypto";
import { lookOf } from "../domain/handle.ts";
import { normaliseHandle } from "../domain/handleForm.ts";
import { streams } from "../domain/ids.ts";

/**
 * The stream that says who owns a handle, in whatever way the handle was typed. Its name holds a hash (128 bits of SHA-256),
 * because personal data does not belong in stream names. Throws the refusal of `normaliseHandle`.
 */
export const handleStream = (handle: string): string => streamOf(normaliseHandle(handle));

/** The stream that says who owns a look. If a handle's look is the handle itself, this is the handle's own stream. */
export const lookStream = (handle: string): string => streamOf(lookOf(normaliseHandle(handle)));

const streamOf = (text: string): string => streams.handle(createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32));
