/** The most bytes of UTF-8 that a close frame can carry as its reason. */
export const REASON_BYTES = 123;

const fits = (text: string): boolean => Buffer.byteLength(text) <= REASON_BYTES;

/**
 * The reason in a close frame for a message. If the message is too long, its last parts are left out: the first parts say the
 * most (`what is wrong: why; what to do`). If even the first part is too long, it is cut after a whole character and ends
 * with `…`.
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
