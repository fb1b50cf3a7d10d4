/**
 * A text in UTF-8, in memory of its own. Node cuts small buffers from pieces of 8 KiB that they share: one that is kept keeps its whole piece, which
 * no count of its bytes sees.
 */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
