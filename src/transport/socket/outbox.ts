import type { Socket } from "node:net";
import type { Buffered, Holder } from "../buffered.ts";

/**
 * What is to be sent on one WebSocket. Frames are made here, and those of one turn of the event loop leave in one write: a
 * write costs ten times what a frame does. A plain record and functions, as there are many thousands of them, and one message
 * for thousands touches them all: what has gathered is two fields for one message, and an array beyond that; its bytes are
 * copied when they are written.
 */
export type Outbox = Holder & {
  readonly raw: Socket;
  /** What waits over all connections, this outbox's bytes included. */
  readonly all: Buffered;
  /** What may wait when one more message comes, which may be of any size; above, the outbox is dropped. */
  readonly max: number;
  /** The first message that has gathered: what each of a subscription's begins with, and the rest but for the closing brace. */
  before: Buffer | undefined;
  payload: Buffer | undefined;
  /** The others, likewise, one after the other. */
  more: Buffer[] | undefined;
  /** Of the frames that have gathered. */
  bytes: number;
  /** Bytes that the network had not taken when it was written to last. */
  backlog: number;
  /** The network has said that it will tell when it has taken all. */
  stuck: boolean;
  waiters: (() => void)[] | undefined;
  ended: boolean;
};

/** From here on a subscription is not read on until the socket has drained. */
export const HIGH_WATER_BYTES = 65_536;

/** Stands for the beginning of a message that is whole by itself. */
const WHOLE = Buffer.alloc(0);
const CLOSING_BRACE = 125;

/** `drop` is called where too much waits, here or over all connections: it is to call `end`. */
export function outbox(raw: Socket, max: number, all: Buffered, drop: () => void): Outbox {
  const box: Outbox = {
    raw,
    all,
    max: Math.max(max, 2 * HIGH_WATER_BYTES),
    held: 0,
    drop,
    before: undefined,
    payload: undefined,
    more: undefined,
    bytes: 0,
    backlog: 0,
    stuck: false,
    waiters: undefined,
    ended: false,
  };
  all.enter(box);
  return box;
}

/** Bytes that were not given to the network yet. */
export const waiting = ({ raw, bytes }: Outbox): number => bytes + raw.writableLength;

/** Whether so much waits that no more should be made. */
export const isFull = ({ bytes, backlog }: Outbox): boolean => bytes + backlog >= HIGH_WATER_BYTES;

/** Sends a message. */
export function sendText(box: Outbox, text: string): void {
  gather(box, WHOLE, Buffer.from(text));
}

/** Sends `before`, `payload` and a closing brace as one message. Neither is changed, by anyone, until it is sent. */
export function sendResult(box: Outbox, before: Buffer, payload: Buffer): void {
  gather(box, before, payload);
}

/** Resolves once there is room, or nothing is sent any more. */
export function drained(box: Outbox): Promise<void> {
  if (box.ended || !isFull(box)) return Promise.resolve();
  return new Promise((resolve) => (box.waiters ??= []).push(resolve));
}

/** Writes what has gathered, before anything that goes past the outbox. */
export function flush(box: Outbox): void {
  const { before, payload, more, raw, bytes } = box;
  if (before === undefined || payload === undefined) return;
  empty(box);
  if (box.ended || !raw.writable) return;
  // Behind others it waits to be sent: in memory of its own, for it would keep all of the piece that small buffers are cut
  // from (`ownBytes`).
  const whole = raw.writableLength > 0 ? Buffer.allocUnsafeSlow(bytes) : Buffer.allocUnsafe(bytes);
  let at = writeFrame(whole, 0, before, payload);
  for (let index = 0; more !== undefined && index < more.length; index += 2)
    at = writeFrame(whole, at, more[index] ?? WHOLE, more[index + 1] ?? WHOLE);
  raw.write(whole);
  written(box);
}

/** To be called after something went past the outbox. */
export function written(box: Outbox): void {
  if (box.ended) return;
  const { raw } = box;
  box.backlog = raw.writableLength;
  if (raw.writableNeedDrain && !box.stuck) {
    box.stuck = true;
    raw.once("drain", () => guarded(box, relieve));
  }
  recount(box);
  if (!isFull(box)) wake(box);
}

/** Nothing is sent any more. */
export function end(box: Outbox): void {
  if (box.ended) return;
  box.ended = true;
  empty(box);
  box.all.leave(box);
  wake(box);
}

let gathered: Outbox[] = [];

/** After the turn's input and output, so that a reader with a long backlog takes turns with everyone else. */
function flushAll(): void {
  const boxes = gathered;
  gathered = [];
  for (const box of boxes) guarded(box, flush);
}

/** No memory for it, say: one reader's loss, not that of those behind it. */
function guarded(box: Outbox, work: (box: Outbox) => void): void {
  try {
    work(box);
  } catch (fault) {
    box.raw.destroy(fault instanceof Error ? fault : new Error(String(fault)));
  }
}

function gather(box: Outbox, before: Buffer, payload: Buffer): void {
  if (box.ended) return;
  if (box.before === undefined) {
    box.before = before;
    box.payload = payload;
    if (gathered.push(box) === 1) setImmediate(flushAll);
  } else if (box.more === undefined) box.more = [before, payload];
  else box.more.push(before, payload);
  const waited = box.bytes + box.backlog;
  const size = sizeOf(before, payload);
  const bytes = headBytes(size) + size;
  box.bytes += bytes;
  if (waited > box.max) box.drop();
  else box.all.add(box, bytes);
}

function recount(box: Outbox): void {
  box.all.add(box, box.bytes + box.backlog - box.held);
}

function empty(box: Outbox): void {
  box.before = undefined;
  box.payload = undefined;
  box.more = undefined;
  box.bytes = 0;
}

function relieve(box: Outbox): void {
  box.stuck = false;
  written(box);
}

function wake(box: Outbox): void {
  const { waiters } = box;
  if (waiters === undefined) return;
  box.waiters = undefined;
  for (const resolve of waiters) resolve();
}

const sizeOf = (before: Buffer, payload: Buffer): number => before.length + payload.length + (before === WHOLE ? 0 : 1);

/** Of an unmasked text frame (RFC 6455, 5.2). */
const headBytes = (size: number): number => (size < 126 ? 2 : size < 65_536 ? 4 : 10);

/** Writes one text frame and gives where it ends. */
function writeFrame(target: Buffer, start: number, before: Buffer, payload: Buffer): number {
  const size = sizeOf(before, payload);
  let at = start;
  target[at++] = 0x81;
  if (size < 126) target[at++] = size;
  else if (size < 65_536) {
    target[at++] = 126;
    at = target.writeUInt16BE(size, at);
  } else {
    target[at++] = 127;
    at = target.writeBigUInt64BE(BigInt(size), at);
  }
  target.set(before, at);
  at += before.length;
  target.set(payload, at);
  at += payload.length;
  if (before !== WHOLE) target[at++] = CLOSING_BRACE;
  return at;
}
