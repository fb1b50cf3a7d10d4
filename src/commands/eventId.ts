import { createHash } from "node:crypto";

/** The namespace of Tidings' event ids. Another one would make every command new again: it stays for ever. */
const NAMESPACE = "6f0e8a52-3c1d-4b7a-9e64-d25b8f1c7a30";

/**
 * The id of the `index`th event that a command makes on a stream: the same command, told by who gives it and their `clientMutationId`, makes
 * the same ids, however often it comes.
 */
export function eventId(stream: string, actorId: string, clientMutationId: string, index: number): string {
  // As JSON, so that no two of them run into the same text.
  return uuidV5(NAMESPACE, JSON.stringify([stream, actorId, clientMutationId, index]));
}

/** A name-based UUID (RFC 9562, section 5.5). */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash("sha1").update(namespace.replaceAll("-", ""), "hex").update(name, "utf8").digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
