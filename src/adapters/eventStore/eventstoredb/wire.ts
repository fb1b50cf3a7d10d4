import type { Append } from "./messages.ts";
import type { Place } from "./position.ts";
import type { Record } from "./records.ts";
import type { StoredEvent } from "../../../ports/storedEvents.ts";
import { metadataIn } from "../texts.ts";

// Protocol buffers by hand, for what is sent or received with every event: https://protobuf.dev/programming-guides/encoding.
// The client makes an object for each field, writes each event twice to know its size, and each text as JSON and as base64 in
// between. That takes several times as long as all the rest. The messages are those of `streams.proto` and `shared.proto`.

/** How a field is written. */
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;

const sizeOfVarint = (value: number): number => {
  let size = 1;
  for (let left = value; left >= 128; left = Math.floor(left / 128)) size++;
  return size;
};

/** The size of a field of so many bytes, whose number is below 16. */
const sizeOfField = (bytes: number): number => 1 + sizeOfVarint(bytes) + bytes;

function putVarint(to: Buffer, at: number, value: number): number {
  let next = at;
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) to[next++] = (left % 128) + 128;
  to[next++] = left;
  return next;
}

const putTag = (to: Buffer, at: number, field: number, type: number): number => putVarint(to, at, field * 8 + type);
/** The beginning of a field of so many bytes, which come next. */
const putHead = (to: Buffer, at: number, field: number, bytes: number): number =>
  putVarint(to, putTag(to, at, field, BYTES), bytes);

function putText(to: Buffer, at: number, field: number, text: string, bytes: number): number {
  const start = putHead(to, at, field, bytes);
  return start + to.write(text, start, bytes, "utf8");
}

/** The entry of an event's map that says that its data is JSON. */
const IS_JSON = (() => {
  const entry = Buffer.from("\x0a\x0ccontent-type\x12\x10application/json", "latin1");
  return Buffer.concat([Buffer.from([2 * 8 + BYTES, entry.length]), entry]);
})();
const TYPE = "type";
const UUID_BYTES = 36;

/** How many bytes are before each message of a call: whether it is compressed, and its length. */
export const HEAD_BYTES = 5;

/** The same as `appendRequest`, behind its head. */
export function framedRequest(append: Append, deadline: number): Buffer {
  const framed = appendRequest(append, deadline, HEAD_BYTES);
  framed[0] = 0;
  framed.writeUInt32BE(framed.length - HEAD_BYTES, 1);
  return framed;
}

/** One `BatchAppendReq` for a whole append. `deadline`: seconds since 1970. `room`: how many bytes are left free before it. */
export function appendRequest({ number, stream, expected, events }: Append, deadline: number, room = 0): Buffer {
  const correlation = 1 + sizeOfVarint(number);
  const name = Buffer.byteLength(stream);
  const revision = typeof expected === "number" && expected >= 0 ? 1 + sizeOfVarint(expected) : 2;
  const time = 1 + sizeOfVarint(deadline);
  const options = sizeOfField(sizeOfField(name)) + revision + sizeOfField(time);
  const sizes = events.map(([, type, data, metadata]) => {
    const bytes = { type: Buffer.byteLength(type), data: Buffer.byteLength(data), metadata: Buffer.byteLength(metadata), all: 0 };
    bytes.all =
      sizeOfField(sizeOfField(UUID_BYTES)) +
      sizeOfField(sizeOfField(TYPE.length) + sizeOfField(bytes.type)) +
      IS_JSON.length +
      sizeOfField(bytes.metadata) +
      sizeOfField(bytes.data);
    return bytes;
  });
  const all = sizes.reduce(
    (sum, { all: bytes }) => sum + sizeOfField(bytes),
    sizeOfField(sizeOfField(correlation)) + sizeOfField(options) + 2,
  );
  const to = Buffer.allocUnsafe(room + all);
  // The number of the append is the lower half of a UUID, as which it is answered.
  let at = putHead(to, room, 1, sizeOfField(correlation));
  at = putHead(to, at, 1, correlation);
  at = putVarint(to, putTag(to, at, 2, VARINT), number);
  at = putHead(to, at, 2, options);
  at = putHead(to, at, 1, sizeOfField(name));
  at = putText(to, at, 3, stream, name);
  if (expected === "any") at = putHead(to, at, 4, 0);
  else if (expected === -1) at = putHead(to, at, 3, 0);
  else at = putVarint(to, putTag(to, at, 2, VARINT), expected);
  at = putHead(to, at, 6, time);
  at = putVarint(to, putTag(to, at, 1, VARINT), deadline);
  for (const [index, [id, type, data, metadata]] of events.entries()) {
    const bytes = sizes[index] as (typeof sizes)[number];
    at = putHead(to, at, 3, bytes.all);
    at = putHead(to, at, 1, sizeOfField(UUID_BYTES));
    at = putText(to, at, 2, id, UUID_BYTES);
    at = putHead(to, at, 2, sizeOfField(TYPE.length) + sizeOfField(bytes.type));
    at = putText(to, at, 1, TYPE, TYPE.length);
    at = putText(to, at, 2, type, bytes.type);
    at += IS_JSON.copy(to, at);
    at = putText(to, at, 3, metadata, bytes.metadata);
    at = putText(to, at, 4, data, bytes.data);
  }
  at = putVarint(to, putTag(to, at, 4, VARINT), 1);
  return to;
}

/** The field that `readField` read last. One for all: an object for each field of each event would take as long as the rest. */
const field = { number: 0, value: 0 as number | bigint, start: 0, end: 0 };
/** Where the number ended that `varintAt` read last. */
let ended = 0;

function varintAt(from: Buffer, start: number, until: number): number | bigint {
  let value = 0;
  let unit = 1;
  for (let at = start; at < until; at++) {
    const byte = from[at] as number;
    value += (byte & 127) * unit;
    if (byte < 128) {
      ended = at + 1;
      return value <= Number.MAX_SAFE_INTEGER ? value : exactly(from, start, at);
    }
    unit *= 128;
  }
  throw cutOff();
}

function exactly(from: Buffer, start: number, last: number): bigint {
  let exact = 0n;
  for (let index = last; index >= start; index--) exact = exact * 128n + BigInt((from[index] as number) & 127);
  return exact;
}

/**
 * Reads the field that begins at `start` into `field`: its number, and its value or where its bytes are. Returns where the next
 * one begins. Throws `RangeError` if the message is cut off or has what no message of these has.
 */
function readField(from: Buffer, start: number, until: number): number {
  const tag = Number(varintAt(from, start, until));
  const type = tag % 8;
  field.number = Math.floor(tag / 8);
  field.value = 0;
  field.start = ended;
  field.end = ended;
  if (type === VARINT) field.value = varintAt(from, ended, until);
  else {
    const length = type === BYTES ? Number(varintAt(from, ended, until)) : type === FIXED_64 ? 8 : 4;
    field.start = type === BYTES ? ended : field.start;
    ended = field.start + length;
    field.end = ended;
    if (ended > until) throw cutOff();
  }
  return ended;
}

const cutOff = (): RangeError => new RangeError("a message is cut off");

/** Reads a message up to the field of this number. Returns whether it has it: then it is in `field`. */
function find(from: Buffer, start: number, end: number, wanted: number): boolean {
  for (let at = start; at < end;) {
    at = readField(from, at, end);
    if (field.number === wanted) return true;
  }
  return false;
}

/** What a `BatchAppendResp` says of the append of this number. Without `stored`, it says what went wrong. */
export type Answer = { number: number; stored?: { revision: number; place: Place | undefined } };

/** Reads a `BatchAppendResp`, except for what it says of an error. */
export function answerOf(from: Buffer): Answer {
  let number = -1;
  let stored: Answer["stored"];
  for (let at = 0; at < from.length;) {
    at = readField(from, at, from.length);
    if (field.number === 1) number = numberOf(from, field.start, field.end);
    else if (field.number === 3) stored = storedOf(from, field.start, field.end);
  }
  return stored ? { number, stored } : { number };
}

function numberOf(from: Buffer, start: number, end: number): number {
  return find(from, start, end, 1) && find(from, field.start, field.end, 2) ? Number(field.value) : -1;
}

function storedOf(from: Buffer, start: number, end: number): NonNullable<Answer["stored"]> {
  let revision = 0;
  let place: Place | undefined;
  for (let at = start; at < end;) {
    at = readField(from, at, end);
    if (field.number === 1) revision = Number(field.value);
    else if (field.number === 3) place = placeIn(from, field.start, field.end);
  }
  return { revision, place };
}

function placeIn(from: Buffer, start: number, end: number): Place {
  const place = { commit: 0n, prepare: 0n };
  for (let at = start; at < end;) {
    at = readField(from, at, end);
    if (field.number === 1) place.commit = BigInt(field.value);
    else if (field.number === 2) place.prepare = BigInt(field.value);
  }
  return place;
}

/** Where the parts of a record are in a `ReadResp`, and its numbers. Servers before 22.10 send no `commit` and `prepare`. */
export type Layout = {
  id: number;
  idEnd: number;
  name: number;
  nameEnd: number;
  type: number;
  typeEnd: number;
  data: number;
  dataEnd: number;
  metadata: number;
  metadataEnd: number;
  isJson: boolean;
  revision: number | bigint;
  commit: number | bigint | undefined;
  prepare: number | bigint | undefined;
};

/** Finds the record in a `ReadResp`. Undefined if it holds none: the server also tells that it has begun, or caught up. */
export const layoutOf = (from: Buffer, start = 0, end = from.length): Layout | undefined =>
  find(from, start, end, 1) && find(from, field.start, field.end, 1) ? recordAt(from, field.start, field.end) : undefined;

function recordAt(from: Buffer, start: number, end: number): Layout {
  const layout: Layout = {
    id: 0,
    idEnd: 0,
    name: 0,
    nameEnd: 0,
    type: 0,
    typeEnd: 0,
    data: 0,
    dataEnd: 0,
    metadata: 0,
    metadataEnd: 0,
    isJson: false,
    revision: 0,
    commit: undefined,
    prepare: undefined,
  };
  for (let at = start; at < end;) {
    at = readField(from, at, end);
    switch (field.number) {
      case 1:
        if (find(from, field.start, field.end, 2)) [layout.id, layout.idEnd] = [field.start, field.end];
        break;
      case 2:
        if (find(from, field.start, field.end, 3)) [layout.name, layout.nameEnd] = [field.start, field.end];
        break;
      case 3:
        layout.revision = field.value;
        break;
      case 4:
        layout.prepare = field.value;
        break;
      case 5:
        layout.commit = field.value;
        break;
      case 6:
        readEntry(from, field.start, field.end, layout);
        break;
      case 7:
        [layout.metadata, layout.metadataEnd] = [field.start, field.end];
        break;
      case 8:
        [layout.data, layout.dataEnd] = [field.start, field.end];
        break;
    }
  }
  return layout;
}

/** Reads an entry of an event's map. */
function readEntry(from: Buffer, start: number, end: number, layout: Layout): void {
  if (!find(from, start, end, 1)) return;
  if (isText(from, TYPE_KEY)) {
    if (find(from, start, end, 2)) [layout.type, layout.typeEnd] = [field.start, field.end];
  } else if (isText(from, CONTENT_TYPE_KEY)) layout.isJson = find(from, start, end, 2) && isText(from, JSON_TYPE);
}

/** Whether `field` holds this text. */
const isText = (from: Buffer, text: Buffer): boolean =>
  field.end - field.start === text.length && from.compare(text, 0, text.length, field.start, field.end) === 0;

const TYPE_KEY = Buffer.from(TYPE);
const CONTENT_TYPE_KEY = Buffer.from("content-type");
const JSON_TYPE = Buffer.from("application/json");

/**
 * The record of a `ReadResp`. Undefined if it holds none. `isWanted`: of other streams only the place is read, and data and
 * metadata are left out.
 */
export function recordOf(from: Buffer, isWanted: (stream: string) => boolean, start = 0, end = from.length): Record | undefined {
  const layout = layoutOf(from, start, end);
  if (layout === undefined) return undefined;
  const { commit, prepare, isJson } = layout;
  const streamId = from.toString("utf8", layout.name, layout.nameEnd);
  const isRead = isJson && isWanted(streamId);
  return {
    streamId,
    id: from.toString("latin1", layout.id, layout.idEnd),
    type: from.toString("utf8", layout.type, layout.typeEnd),
    isJson,
    data: isRead ? parsed(from.toString("utf8", layout.data, layout.dataEnd), JSON.parse) : undefined,
    metadata:
      isRead && layout.metadataEnd > layout.metadata
        ? parsed(from.toString("utf8", layout.metadata, layout.metadataEnd), metadataIn)
        : undefined,
    revision: BigInt(layout.revision),
    ...(commit === undefined || prepare === undefined
      ? undefined
      : { position: { commit: BigInt(commit), prepare: BigInt(prepare) } }),
  };
}

/** A record as it is stored: its texts are not parsed. */
export type StoredRecord = Pick<StoredEvent, "revision" | "id" | "type" | "data" | "metadata"> & {
  streamId: string;
  isJson: boolean;
  place: Place;
};

/** The record of a `ReadResp`. Undefined if it holds none, or the server is too old to tell its place. */
export function storedIn(from: Buffer): StoredRecord | undefined {
  const layout = layoutOf(from);
  if (layout?.commit === undefined || layout.prepare === undefined) return undefined;
  const text = (start: number, end: number): string => from.toString("utf8", start, end);
  return {
    streamId: text(layout.name, layout.nameEnd),
    revision: Number(layout.revision),
    id: text(layout.id, layout.idEnd),
    type: text(layout.type, layout.typeEnd),
    data: text(layout.data, layout.dataEnd),
    metadata: text(layout.metadata, layout.metadataEnd),
    isJson: layout.isJson,
    place: { commit: BigInt(layout.commit), prepare: BigInt(layout.prepare) },
  };
}

/** Like the client, it gives what is no JSON as it is. */
function parsed(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
