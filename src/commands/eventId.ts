import { hash } from "node:crypto";

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

/** Room for a namespace and a name that is not very long. Kept: a buffer or a hash object for each event is garbage. */
const room = Buffer.allocUnsafe(2_048);
/** The bytes of a namespace. */
const NAMESPACE_BYTES = 16;
/** A character takes at most three bytes of UTF-8. */
const SHORT = Math.floor((room.length - NAMESPACE_BYTES) / 3);

/** A name-based UUID (RFC 9562, section 5.5). */
export function uuidV5(namespace: string, name: string): string {
  const hex = hash(
    "sha1",
    name.length <= SHORT ? inRoom(namespace, name) : Buffer.concat([bytesOf(namespace), Buffer.from(name)]),
  );
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What is hashed, valid until the next call. */
function inRoom(namespace: string, name: string): Buffer {
  bytesOf(namespace).copy(room);
  return room.subarray(0, NAMESPACE_BYTES + room.write(name, NAMESPACE_BYTES));
}

let last: { namespace: string; bytes: Buffer } | undefined;

/** Kept, because every event asks for the same namespace. */
function bytesOf(namespace: string): Buffer {
  if (last?.namespace !== namespace) last = { namespace, bytes: Buffer.from(namespace.replaceAll("-", ""), "hex") };
  return last.bytes;
}
