import type { Socket } from "node:net";

/**
 * What is to be sent on one WebSocket. Frames are made here and those of one turn of the event loop leave in one write: a write costs ten times what
 * a frame does. A plain record and functions, as there are many thousands of them.
 */
export type Outbox = {
  readonly raw: Socket;
  /** What may wait before `overflow` is called. */
  readonly max: number;
  readonly overflow: () => void;
  frames: Buffer[];
  /** Of `frames`. */
  bytes: number;
  waiters: (() => void)[] | undefined;
  ended: boolean;
};

/** From here on a subscription is not read on until the socket has drained. */
export const HIGH_WATER_BYTES = 65_536;

export function outbox(raw: Socket, max: number, overflow: () => void): Outbox {
  return { raw, max, overflow, frames: [], bytes: 0, waiters: undefined, ended: false };
}

/** Bytes that were not given to the network yet. */
export const waiting = ({ raw, bytes }: Outbox): number => bytes + raw.writableLength;

export const isFull = (box: Outbox): boolean => waiting(box) >= Math.min(HIGH_WATER_BYTES, box.max);

/** Sends a message of its own. */
export function sendText(box: Outbox, text: string): void {
  const size = Buffer.byteLength(text);
  const head = headBytes(size);
  const frame = Buffer.allocUnsafe(head + size);
  writeHead(frame, head, size);
  frame.write(text, head);
  push(box, frame);
}

/** Sends what three parts make together; `before` and `payload` may be in use elsewhere. */
export function sendAround(box: Outbox, before: Buffer, payload: Buffer, after: number): void {
  const size = before.length + payload.length + 1;
  const head = headBytes(size);
  const frame = Buffer.allocUnsafe(head + size);
  writeHead(frame, head, size);
  before.copy(frame, head);
  payload.copy(frame, head + before.length);
  frame[head + size - 1] = after;
  push(box, frame);
}

/** Resolves once there is room, or nothing is sent any more. */
export function drained(box: Outbox): Promise<void> {
  if (box.ended || !isFull(box)) return Promise.resolve();
  return new Promise((resolve) => {
    (box.waiters ??= []).push(resolve);
    if (box.frames.length === 0) wakeLater(box);
  });
}

/** Writes what has gathered, before anything that goes past the outbox. */
export function flush(box: Outbox): void {
  const { frames, raw, bytes } = box;
  const [first] = frames;
  if (first === undefined) return;
  const whole = frames.length === 1 ? first : Buffer.concat(frames, bytes);
  box.frames = [];
  box.bytes = 0;
  if (box.ended || !raw.writable) return;
  raw.write(whole);
  if (box.waiters !== undefined) wakeLater(box);
}

/** Nothing is sent any more. */
export function end(box: Outbox): void {
  box.ended = true;
  box.frames = [];
  box.bytes = 0;
  wake(box);
}

let gathered: Outbox[] = [];

/** After the turn's input and output, so that a reader with a long backlog takes turns with everyone else. */
function flushAll(): void {
  const boxes = gathered;
  gathered = [];
  for (const box of boxes) flush(box);
}

function push(box: Outbox, frame: Buffer): void {
  if (box.ended) return;
  box.bytes += frame.length;
  if (box.frames.push(frame) === 1 && gathered.push(box) === 1) setImmediate(flushAll);
  if (waiting(box) > box.max) box.overflow();
}

function wakeLater(box: Outbox): void {
  if (isFull(box)) box.raw.once("drain", () => wake(box));
  else wake(box);
}

function wake(box: Outbox): void {
  const { waiters } = box;
  box.waiters = undefined;
  for (const resolve of waiters ?? []) resolve();
}

/** Of an unmasked text frame (RFC 6455, 5.2). */
const headBytes = (size: number): number => (size < 126 ? 2 : size < 65_536 ? 4 : 10);

function writeHead(frame: Buffer, head: number, size: number): void {
  frame[0] = 0x81;
  if (head === 2) frame[1] = size;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
}
