import type { Append } from "./messages.ts";
import type { Place } from "./position.ts";
import type { Record } from "./records.ts";

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

/** One `BatchAppendReq` for a whole append. `deadline`: seconds since 1970. */
export function appendRequest({ number, stream, expected, events }: Append, deadline: number): Buffer {
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
  const to = Buffer.allocUnsafe(all);
  // The number of the append is the lower half of a UUID, as which it is answered.
  let at = putHead(to, 0, 1, sizeOfField(correlation));
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

/** Reads the fields of a message one after the other. */
type Reader = {
  /** Goes to the next field. 0 at the message's end. */
  next(): number;
  varint(): number | bigint;
  /** Where the field's bytes begin. `end` is where they end. */
  bytes(): number;
  end: number;
};

/** Throws `RangeError` if the message is cut off or has what no message of these has. */
function readerOf(from: Buffer, start: number, until: number): Reader {
  let at = start;
  let type = VARINT;
  let isRead = true;

  const varint = (): number | bigint => {
    const began = at;
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = from[at++];
      if (byte === undefined || at > until) throw new RangeError("a message is cut off");
      value += (byte & 127) * unit;
      if (byte < 128) break;
      unit *= 128;
    }
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let index = at - 1; index >= began; index--) exact = exact * 128n + BigInt((from[index] as number) & 127);
    return exact;
  };

  const reader: Reader = {
    end: start,
    next: () => {
      if (!isRead) {
        if (type === VARINT) reader.varint();
        else reader.bytes();
      }
      if (at >= until) return 0;
      const tag = Number(varint());
      type = tag % 8;
      isRead = false;
      return Math.floor(tag / 8);
    },
    varint: () => {
      isRead = true;
      return varint();
    },
    bytes: () => {
      isRead = true;
      const length = type === BYTES ? Number(varint()) : type === FIXED_64 ? 8 : 4;
      const began = at;
      at += length;
      if (at > until) throw new RangeError("a message is cut off");
      reader.end = at;
      return began;
    },
  };
  return reader;
}

/** What a `BatchAppendResp` says of the append of this number. Without `stored`, it says what went wrong. */
export type Answer = { number: number; stored?: { revision: number; place: Place | undefined } };

/** Reads a `BatchAppendResp`, except for what it says of an error. */
export function answerOf(from: Buffer): Answer {
  let number = -1;
  let stored: Answer["stored"];
  const reader = readerOf(from, 0, from.length);
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) number = numberOf(from, reader.bytes(), reader.end);
    else if (field === 3) stored = storedOf(from, reader.bytes(), reader.end);
  }
  return stored ? { number, stored } : { number };
}

function numberOf(from: Buffer, start: number, end: number): number {
  const uuid = readerOf(from, start, end);
  for (let field = uuid.next(); field !== 0; field = uuid.next()) {
    if (field !== 1) continue;
    const halves = readerOf(from, uuid.bytes(), uuid.end);
    for (let half = halves.next(); half !== 0; half = halves.next()) if (half === 2) return Number(halves.varint());
  }
  return -1;
}

function storedOf(from: Buffer, start: number, end: number): NonNullable<Answer["stored"]> {
  const success = readerOf(from, start, end);
  let revision = 0;
  let place: Place | undefined;
  for (let field = success.next(); field !== 0; field = success.next()) {
    if (field === 1) revision = Number(success.varint());
    else if (field === 3) {
      const position = readerOf(from, success.bytes(), success.end);
      place = { commit: 0n, prepare: 0n };
      for (let part = position.next(); part !== 0; part = position.next()) {
        if (part === 1) place.commit = BigInt(position.varint());
        else if (part === 2) place.prepare = BigInt(position.varint());
      }
    }
  }
  return { revision, place };
}

/**
 * The record of a `ReadResp`. Undefined if it holds none: the server also tells that it has begun, or caught up. `isWanted`: of
 * other streams only the place is read, and data and metadata are left out.
 */
export function recordOf(from: Buffer, isWanted: (stream: string) => boolean): Record | undefined {
  const response = readerOf(from, 0, from.length);
  for (let field = response.next(); field !== 0; field = response.next()) {
    if (field !== 1) continue;
    const read = readerOf(from, response.bytes(), response.end);
    for (let part = read.next(); part !== 0; part = read.next())
      if (part === 1) return recorded(from, read.bytes(), read.end, isWanted);
  }
  return undefined;
}

function recorded(from: Buffer, start: number, end: number, isWanted: (stream: string) => boolean): Record {
  const reader = readerOf(from, start, end);
  const record = { streamId: "", id: "", type: "", isJson: false, data: undefined as unknown, metadata: undefined as unknown };
  let revision: number | bigint = 0;
  let commit: number | bigint | undefined;
  let prepare: number | bigint | undefined;
  let [data, dataEnd, metadata, metadataEnd] = [0, 0, 0, 0];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        record.id = textOf(from, reader.bytes(), reader.end, 2);
        break;
      case 2:
        record.streamId = textOf(from, reader.bytes(), reader.end, 3);
        break;
      case 3:
        revision = reader.varint();
        break;
      case 4:
        prepare = reader.varint();
        break;
      case 5:
        commit = reader.varint();
        break;
      case 6: {
        const [entry, entryEnd] = [reader.bytes(), reader.end];
        const key = textOf(from, entry, entryEnd, 1);
        if (key === TYPE) record.type = textOf(from, entry, entryEnd, 2);
        else if (key === "content-type") record.isJson = textOf(from, entry, entryEnd, 2) === "application/json";
        break;
      }
      case 7:
        [metadata, metadataEnd] = [reader.bytes(), reader.end];
        break;
      case 8:
        [data, dataEnd] = [reader.bytes(), reader.end];
        break;
    }
  }
  if (record.isJson && isWanted(record.streamId)) {
    record.data = jsonOf(from.toString("utf8", data, dataEnd));
    if (metadataEnd > metadata) record.metadata = jsonOf(from.toString("utf8", metadata, metadataEnd));
  }
  const position =
    commit === undefined || prepare === undefined ? {} : { position: { commit: BigInt(commit), prepare: BigInt(prepare) } };
  return { ...record, revision: BigInt(revision), ...position };
}

/** The text in a field of a small message. */
function textOf(from: Buffer, start: number, end: number, wanted: number): string {
  const reader = readerOf(from, start, end);
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === wanted) return from.toString("utf8", reader.bytes(), reader.end);
  return "";
}

/** Like the client, it gives what is no JSON as it is. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
