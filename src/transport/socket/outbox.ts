import type { Writable } from "node:stream";
import type { Buffered, Holder } from "../buffered.ts";

/** How a message is written for a reader. `before` and `payload`: see `sendResult`. */
export type Framing = {
  /** The bytes of the message with all that stands around it. */
  size(before: Buffer, payload: Buffer): number;
  /** Writes it, and returns its end. */
  write(target: Buffer, start: number, before: Buffer, payload: Buffer): number;
};

/**
 * What waits to be sent on one WebSocket, or on one stream of events.
 *
 * The outbox makes the frames. All frames of one turn of the event loop leave in one write, because a write costs ten times
 * as much as a frame.
 *
 * It is a plain record with functions: there are many thousands of outboxes, and one message for thousands touches all of
 * them. A single gathered message takes two fields; more messages take an array. Bytes are copied only when they are written.
 */
export type Outbox = Holder & {
  readonly raw: Writable;
  readonly framing: Framing;
  /** The bytes that wait over all connections, this outbox included. */
  readonly all: Buffered;
  /** If more than this waits when the next message comes, the outbox is dropped. That message may have any size. */
  readonly max: number;
  /**
   * The first gathered message. `before` is its beginning, which is the same for all results of a subscription. `payload` is
   * the rest without the closing brace.
   */
  before: Buffer | undefined;
  payload: Buffer | undefined;
  /** The other messages, in order, each as `before` and `payload`. */
  more: Buffer[] | undefined;
  /** The size of the gathered frames. */
  bytes: number;
  /** Bytes that the network had not taken at the last write. */
  backlog: number;
  /** A `drain` event will come when the network has taken everything. */
  stuck: boolean;
  waiters: (() => void)[] | undefined;
  ended: boolean;
};

/** At this size a subscription is not read any further, until the socket has drained. */
export const HIGH_WATER_BYTES = 65_536;

/** As `before`: the payload is a whole message. */
export const WHOLE = Buffer.alloc(0);
/** As `before`: the payload is whole frames. */
const FRAMED = Buffer.alloc(0);
const CLOSING_BRACE = 125;

/** `drop` is called if too much waits, here or over all connections. It must call `end`. */
export function outbox(raw: Writable, max: number, all: Buffered, drop: () => void, framing: Framing = FRAMES): Outbox {
  const box: Outbox = {
    raw,
    framing,
    all,
    max: Math.max(max, 2 * HIGH_WATER_BYTES),
    held: 0,
    isIn: false,
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

/** The bytes that are not yet with the network. */
export const waiting = ({ raw, bytes }: Outbox): number => bytes + raw.writableLength;

/** Whether so much waits that no more should be made. */
export const isFull = ({ bytes, backlog }: Outbox): boolean => bytes + backlog >= HIGH_WATER_BYTES;

export function sendText(box: Outbox, text: string): void {
  gather(box, WHOLE, Buffer.from(text));
}

/** Sends two messages that nothing comes between, over a WebSocket. */
export function sendTexts(box: Outbox, first: string, second: string): void {
  if (box.ended) return;
  const sizes = [Buffer.byteLength(first), Buffer.byteLength(second)] as const;
  const frames = Buffer.allocUnsafe(headBytes(sizes[0]) + sizes[0] + headBytes(sizes[1]) + sizes[1]);
  const middle = writeText(frames, 0, first, sizes[0]);
  writeText(frames, middle, second, sizes[1]);
  gather(box, FRAMED, frames);
}

/** Sends `before`, `payload` and what closes them (a brace on a socket) as one message. Nobody may change either until then. */
export function sendResult(box: Outbox, before: Buffer, payload: Buffer): void {
  gather(box, before, payload);
}

/** Resolves when there is room, or when the outbox has ended. */
export function drained(box: Outbox): Promise<void> {
  if (box.ended || !isFull(box)) return Promise.resolve();
  return new Promise((resolve) => (box.waiters ??= []).push(resolve));
}

/** Writes what has gathered. Call it before something is sent past the outbox. */
export function flush(box: Outbox): void {
  const { before, payload, more, raw, bytes, framing } = box;
  if (before === undefined || payload === undefined) return;
  empty(box);
  if (box.ended || !raw.writable) return;
  // If it must wait behind earlier writes, it gets memory of its own: a pooled buffer would keep its whole block in memory
  // (`ownBytes`).
  const whole = raw.writableLength > 0 ? Buffer.allocUnsafeSlow(bytes) : Buffer.allocUnsafe(bytes);
  let at = framing.write(whole, 0, before, payload);
  for (let index = 0; more !== undefined && index < more.length; index += 2)
    at = framing.write(whole, at, more[index] ?? WHOLE, more[index + 1] ?? WHOLE);
  raw.write(whole);
  written(box);
}

/** Call it after something was sent past the outbox. */
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

/** Stops sending. */
export function end(box: Outbox): void {
  if (box.ended) return;
  box.ended = true;
  empty(box);
  // Nobody waits for what is left: whoever still asks whether there is room is told yes, and goes on to their own end.
  box.backlog = 0;
  box.all.leave(box);
  wake(box);
}

/**
 * Outboxes that gather before the first of them are written. One message for thousands touches them one after the other: while it
 * goes to the later ones, the first of them are read already.
 */
const AT_ONCE = 64;

let gathered: Outbox[] = [];
let flushing: NodeJS.Immediate | undefined;

/** Runs after the turn's input and output. So a reader with a long backlog takes turns with all others. */
function flushAll(): void {
  flushing = undefined;
  const boxes = gathered;
  gathered = [];
  for (const box of boxes) guarded(box, flush);
}

/** All but the one that has just begun to gather. */
function flushOthers(box: Outbox): void {
  const others = gathered;
  gathered = [box];
  for (const other of others) if (other !== box) guarded(other, flush);
}

/** If this fails, for example without memory, only this reader is cut off, not the others in the list. */
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
    if (gathered.push(box) === 1) flushing ??= setImmediate(flushAll);
    else if (gathered.length > AT_ONCE) flushOthers(box);
  } else if (box.more === undefined) box.more = [before, payload];
  else box.more.push(before, payload);
  const waited = box.bytes + box.backlog;
  const bytes = box.framing.size(before, payload);
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

const sizeOf = (before: Buffer, payload: Buffer): number =>
  before.length + payload.length + (before === WHOLE || before === FRAMED ? 0 : 1);

/** The size of an unmasked text frame's head (RFC 6455, 5.2). */
const headBytes = (size: number): number => (size < 126 ? 2 : size < 65_536 ? 4 : 10);

/** Writes the head of a text frame and returns its end. */
function writeHead(target: Buffer, start: number, size: number): number {
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
  return at;
}

/** Writes one text of so many bytes as a frame and returns its end. */
function writeText(target: Buffer, start: number, text: string, size: number): number {
  const at = writeHead(target, start, size);
  return at + target.write(text, at);
}

/** Writes what was gathered as one frame, unless it is whole frames, and returns its end. */
function writeFrame(target: Buffer, start: number, before: Buffer, payload: Buffer): number {
  let at = before === FRAMED ? start : writeHead(target, start, sizeOf(before, payload));
  target.set(before, at);
  at += before.length;
  target.set(payload, at);
  at += payload.length;
  if (before !== WHOLE && before !== FRAMED) target[at++] = CLOSING_BRACE;
  return at;
}

/** Text frames of a WebSocket. */
const FRAMES: Framing = {
  size(before, payload) {
    const size = sizeOf(before, payload);
    return before === FRAMED ? size : headBytes(size) + size;
  },
  write: writeFrame,
};
