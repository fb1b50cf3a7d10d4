/** A random id: of a call, a message, a tab. */
export const newId = (): string =>
  // Not `randomUUID`: a page that came without TLS from another machine has none.
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
