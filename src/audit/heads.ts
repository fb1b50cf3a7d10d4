import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import type { TreeHead } from "../ports/auditTree.ts";
import { type Hash, HASH_BYTES } from "./merkle.ts";

/** The bytes that a head's signature is of: three lines below `tidings tree head 1`, each with a line feed behind it. */
export const signedBytes = ({ size, root, signedAt }: Pick<TreeHead, "size" | "root" | "signedAt">): Buffer =>
  Buffer.from(`tidings tree head 1\n${size}\n${root}\n${signedAt}\n`);

/** The public half of a key, as heads name it: its SubjectPublicKeyInfo (DER) in base64. */
export const publicHalf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");

/** Signs the root of a tree with an Ed25519 key. */
export function signHead(size: number, root: Hash, at: Date, key: KeyObject): TreeHead {
  const head = { size, root: root.toString("base64"), signedAt: at.toISOString() };
  return { ...head, signature: sign(null, signedBytes(head), key).toString("base64"), key: publicHalf(key) };
}

/** Whether the key that a head names has signed it. */
export function isSigned(head: TreeHead): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(head.key, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ed25519" && verify(null, signedBytes(head), key, Buffer.from(head.signature, "base64"));
  } catch {
    // It is no key.
    return false;
  }
}

/** A hash in base64, one way to write it. */
export const hashText = z.string().refine((text) => hashIn(text) !== undefined, "32 bytes in base64");

export function hashIn(text: string): Hash | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === HASH_BYTES && bytes.toString("base64") === text ? bytes : undefined;
}

/** A head as `admin { audit { treeHead } }` gives it. */
export const treeHead = z.object({
  size: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  root: hashText,
  signedAt: z.iso.datetime({ precision: 3 }),
  signature: z.base64(),
  key: z.base64(),
});
