/**
 * A text in UTF-8, in memory of its own. Node cuts small buffers from pieces of 8 KiB that they share: one that is kept keeps
 * its whole piece, which no count of its bytes sees.
 */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** A text in memory of its own: one that was cut from a longer one keeps all of that, which no count of its characters sees. */
export const ownText = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
