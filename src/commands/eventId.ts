import { createHash } from "node:crypto";

/** The namespace of Tidings' event ids. It must never change: with another one, every repeated command would count as new. */
const NAMESPACE = "6f0e8a52-3c1d-4b7a-9e64-d25b8f1c7a30";

/**
 * The id of the `index`th event that a command makes on a stream. A command is identified by its actor and their
 * `clientMutationId`. The same command always gets the same ids.
 */
export function eventId(stream: string, actorId: string, clientMutationId: string, index: number): string {
  // JSON keeps different arguments from giving the same text.
  return uuidV5(NAMESPACE, JSON.stringify([stream, actorId, clientMutationId, index]));
}

/** A name-based UUID (RFC 9562, section 5.5). */
export function uuidV5(namespace: string, name: string): string {
  const hex = createHash("sha1").update(bytesOf(namespace)).update(name, "utf8").digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

let last: { namespace: string; bytes: Buffer } | undefined;

/** Kept, because every event asks for the same namespace. */
function bytesOf(namespace: string): Buffer {
  if (last?.namespace !== namespace) last = { namespace, bytes: Buffer.from(namespace.replaceAll("-", ""), "hex") };
  return last.bytes;
}
