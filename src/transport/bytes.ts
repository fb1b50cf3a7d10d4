/**
 * A text as UTF-8 in a buffer of its own. Node cuts small buffers out of shared 8 KiB blocks. A kept buffer would keep its
 * whole block, and a count of the buffer's bytes would miss that.
 */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/**
 * A text in memory of its own. A text that was cut from a longer one keeps all of the longer one in memory, and a count of
 * its characters would miss that.
 */
export const ownText = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
