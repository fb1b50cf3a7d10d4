/** The type `text`: https://www.postgresql.org/docs/15/catalog-pg-type.html */
const TEXT = 25;
const EMPTY_BYTES = 12;
const HEAD_BYTES = 20;

/** Texts of so many characters are written by the engine, which takes long to be called. */
const LONG = 48;
const BEYOND_ASCII = /[\u0080-\uffff]/;

/**
 * Texts as PostgreSQL's binary form of a `text[]`: nobody has to write and to parse quotes. The driver sends a buffer as binary.
 */
export function textArray(texts: readonly string[]): Buffer {
  return ofAscii(texts) ?? ofAny(texts);
}

/** The same of texts in ASCII, as names and most values are: each character is a byte. Undefined: some are not. */
function ofAscii(texts: readonly string[]): Buffer | undefined {
  let bytes = 0;
  // By index: a page has many thousands.
  for (let index = 0; index < texts.length; index++) bytes += (texts[index] as string).length;
  const array = begun(texts.length, bytes);
  let at = HEAD_BYTES;
  for (let index = 0; index < texts.length; index++) {
    const text = texts[index] as string;
    const { length } = text;
    array[at] = length >>> 24;
    array[at + 1] = length >>> 16;
    array[at + 2] = length >>> 8;
    array[at + 3] = length;
    at += 4;
    if (length > LONG) {
      if (BEYOND_ASCII.test(text)) return undefined;
      array.write(text, at, "latin1");
    } else
      for (let place = 0; place < length; place++) {
        const code = text.charCodeAt(place);
        if (code > 0x7f) return undefined;
        array[at + place] = code;
      }
    at += length;
  }
  return array;
}

function ofAny(texts: readonly string[]): Buffer {
  let bytes = 0;
  for (let index = 0; index < texts.length; index++) bytes += Buffer.byteLength(texts[index] as string);
  const array = begun(texts.length, bytes);
  let at = HEAD_BYTES;
  for (let index = 0; index < texts.length; index++) {
    const written = array.write(texts[index] as string, at + 4, "utf8");
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}

/** An array of so many texts, which together have so many bytes; they are still to be written. */
function begun(count: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(count === 0 ? EMPTY_BYTES : HEAD_BYTES + 4 * count + bytes);
  // How many dimensions; whether there are nulls; the type; of each dimension its length, and where it begins.
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(TEXT, 8);
  if (count === 0) return array;
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}

/** Numbers as PostgreSQL's text form of an array. */
export const numberArray = (numbers: readonly number[]): string => `{${numbers.join(",")}}`;
