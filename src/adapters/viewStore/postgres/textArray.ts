/** The type `text`: https://www.postgresql.org/docs/15/catalog-pg-type.html */
const TEXT = 25;
const EMPTY_BYTES = 12;
const HEAD_BYTES = 20;

/**
 * Texts as PostgreSQL's binary form of a `text[]`: nobody has to write and to parse quotes. The driver sends a buffer as binary.
 */
export function textArray(texts: readonly string[]): Buffer {
  const count = texts.length;
  let bytes = count === 0 ? EMPTY_BYTES : HEAD_BYTES + 4 * count;
  // By index: a page has many thousands.
  for (let index = 0; index < count; index++) bytes += Buffer.byteLength(texts[index] as string);
  const array = Buffer.allocUnsafe(bytes);
  // How many dimensions; whether there are nulls; the type; of each dimension its length, and where it begins.
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(TEXT, 8);
  if (count === 0) return array;
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  let at = HEAD_BYTES;
  for (let index = 0; index < count; index++) {
    const written = array.write(texts[index] as string, at + 4, "utf8");
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}

/** Numbers as PostgreSQL's text form of an array. */
export const numberArray = (numbers: readonly number[]): string => `{${numbers.join(",")}}`;
