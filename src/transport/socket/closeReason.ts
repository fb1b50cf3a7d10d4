/** Bytes of UTF-8 that a close frame has room for. */
export const REASON_BYTES = 123;

const fits = (text: string): boolean => Buffer.byteLength(text) <= REASON_BYTES;

/**
 * What a close frame says of a message: all of it where it fits. Else the last parts are left out, which say more of the same
 * (`what is wrong: why; what to do`); and where the first one alone is too long, it ends with `…`, after a whole character.
 */
export function closeReason(message: string): string {
  if (fits(message)) return message;
  const parts = [...message.matchAll(/[:;,.] /g)].map(({ index }) => message.slice(0, index)).reverse();
  const whole = parts.find(fits);
  if (whole) return whole;
  let cut = "";
  for (const char of message) {
    if (!fits(`${cut}${char}…`)) break;
    cut += char;
  }
  return `${cut}…`;
}
