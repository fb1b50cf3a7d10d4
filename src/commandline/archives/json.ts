import { isTooDeep } from "../archiveLines.ts";

/** The longest item in bytes: an item is held in memory as a whole. */
export const MAX_ITEM_BYTES = 16_777_216;

/** `key`: of the member of the outermost object that the item is, or stands in. */
export type JsonItem = { key: string | undefined; value: unknown };

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The items of a JSON text, one after the other, however long it is: those of the outermost list; or, of an outermost object, its
 * members, and where a member is a list, the items of that. Throws an `Error` for what is no JSON, breaks off, or has too long an
 * item.
 */
export async function* jsonItems(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonItem, void> {
  let depth = 0;
  let isList = false;
  /** Within a list that is a member of the outermost object. */
  let isInMember = false;
  let key: string | undefined;
  let inString = false;
  let escaped = false;
  let parts: Buffer[] = [];
  let length = 0;
  /** Whether an item has begun. */
  let begun = false;
  let isFirst = true;

  const finish = (): unknown => {
    const text = Buffer.concat(parts).toString("utf8");
    parts = [];
    length = 0;
    begun = false;
    return JSON.parse(text);
  };

  for await (const chunk of chunks) {
    let from = 0;
    // The mark that some programs put before UTF-8.
    if (isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) from = 3;
    isFirst = false;
    const take = (to: number): void => {
      if (to > from) parts.push(chunk.subarray(from, to));
      length += to - from;
      if (length > MAX_ITEM_BYTES) throw new Error(`an item of its JSON is longer than ${MAX_ITEM_BYTES} bytes`);
    };
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue;
      /** How deep the list or object lies whose items are told. */
      const level = isInMember ? 2 : 1;
      if (byte === COMMA && depth === level) {
        if (begun) {
          take(at);
          yield { key, value: finish() };
        }
        if (!isInMember) key = undefined;
      } else if (byte === COLON && depth === 1 && !isList && key === undefined) {
        take(at);
        key = String(finish());
      } else if ((byte === CLOSE_LIST || byte === CLOSE_OBJECT) && depth === level) {
        if (begun) {
          take(at);
          yield { key, value: finish() };
        }
        depth--;
        isInMember = false;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        depth--;
        if (depth < 0) throw new Error("it is no JSON");
      } else {
        const opens = byte === OPEN_LIST || byte === OPEN_OBJECT;
        if (depth === 0) {
          if (!opens) throw new Error("it is neither a list nor an object of JSON");
          isList = byte === OPEN_LIST;
        } else if (!begun && byte === OPEN_LIST && depth === 1 && !isList && key !== undefined) isInMember = true;
        else if (!begun) {
          begun = true;
          from = at;
        }
        if (opens) depth++;
        inString = byte === QUOTE;
      }
    }
    if (begun) take(chunk.length);
  }
  if (depth !== 0 || isFirst) throw new Error("its JSON breaks off");
}

/**
 * The objects of a text in which one stands behind the other, with or without something blank between. One that is nested far too
 * deeply is null. Throws an `Error` as `jsonItems` does.
 */
export async function* jsonObjects(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonItem, void> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    const take = (to: number): void => {
      parts.push(chunk.subarray(from, to));
      length += to - from;
      if (length > MAX_ITEM_BYTES) throw new Error(`an object of its JSON is longer than ${MAX_ITEM_BYTES} bytes`);
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (depth === 0 && byte === OPEN_LIST) throw new Error("it is no row of objects of JSON");
        if (depth === 0) from = at;
        depth++;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth--;
        if (depth < 0) throw new Error("it is no JSON");
        if (depth > 0) continue;
        take(at + 1);
        const text = Buffer.concat(parts).toString("utf8");
        parts = [];
        length = 0;
        yield { key: undefined, value: isTooDeep(text) ? null : (JSON.parse(text) as unknown) };
      } else if (byte === QUOTE) inString = true;
    }
    if (depth > 0) take(chunk.length);
  }
  if (depth !== 0) throw new Error("its JSON breaks off");
}
