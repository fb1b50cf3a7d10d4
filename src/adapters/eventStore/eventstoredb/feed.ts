import type { Readable } from "node:stream";
import type { MessagePort } from "node:worker_threads";
import { backOff } from "../../../ports/backoff.ts";
import type { Place } from "./position.ts";
import { type Layout, layoutOf } from "./wire.ts";

/*
 * One subscription to the whole log for all threads of a process: the server sends each event once, and the thread that appends
 * sees what was stored. The newest records are kept as bytes. A reader in another thread takes what it lacks of them, as much at
 * a time as there is. If it lacks older ones, it needs a subscription of its own until it has caught up.
 */

/** What a reader asks. `turn`: the number of its subscription. It gets no records but those that it asks for by `next`. */
export type ToFeed =
  | { kind: "from" | "has"; turn: number; after: Place }
  | { kind: "next"; turn: number }
  | { kind: "leave"; turn: number; isSilent: boolean };

/**
 * `answer`: whether all records after the place can be had here. `records`: each is its length in four bytes, and a `ReadResp`.
 * The first ones may lie before the place. `gone`: the next ones are not kept any more.
 */
export type FromFeed =
  | { kind: "answer"; turn: number; is: boolean }
  | { kind: "records"; turn: number; bytes: Uint8Array }
  | { kind: "gone"; turn: number };

/** The call of the subscription. */
export type Records = Pick<Readable, "on" | "pause" | "resume" | "destroy"> & { cancel(): void };

export type Feed = {
  /** From now on the reader at the other end of this port is answered. */
  add(port: MessagePort): void;
  /** Whether a subscription is open, or is being opened. */
  isOpen(): boolean;
  /** Whether the record at a place has come. */
  hasPassed(place: Place): boolean;
  close(): void;
};

export type FeedOptions = {
  /** Opens a subscription to the whole log. */
  open(after: Place): Promise<Records>;
  /** Called for every record that comes. */
  came(bytes: Buffer, layout: Layout): void;
  /** How many bytes of records are kept. */
  keptBytes?: number;
};

/** The bytes of the length before each record. */
export const LENGTH_BYTES = 4;
const KEPT_BYTES = 8_388_608;
/** How much one message brings, unless a single turn of the event loop brought more. */
const PAGE_BYTES = 524_288;

/** Records that came in one turn of the event loop. `upTo`: how many bytes had come with them. */
type Batch = { bytes: Buffer; last: Place; upTo: number };
/** `next`: the number of the batch that it gets next. */
type Reader = { port: MessagePort; turn: number; next: number; isWaiting: boolean };

const isAfter = (place: Place, other: Place): boolean =>
  place.commit > other.commit || (place.commit === other.commit && place.prepare > other.prepare);

export function createFeed({ open, came, keptBytes = KEPT_BYTES }: FeedOptions): Feed {
  const ports = new Set<MessagePort>();
  const readers = new Map<MessagePort, Reader>();
  let session: ReturnType<typeof follow> | undefined;

  const follow = (from: Place) => {
    const stop = new AbortController();
    let call: Records | undefined;
    let isPaused = false;
    /** What is kept begins after `base`. `kept[0]` has the number `first`. */
    let base = from;
    let reached = from;
    const kept: Batch[] = [];
    let first = 0;
    /** How many bytes have come, and how many of them are not kept any more. */
    let total = 0;
    let lost = 0;
    let forming: Buffer[] = [];
    let flushing: NodeJS.Immediate | undefined;

    const cancel = (): void => {
      call?.cancel();
      call?.destroy();
    };

    const take = (bytes: Buffer): void => {
      const layout = layoutOf(bytes);
      // The server also tells that it has begun, or caught up.
      if (layout?.commit === undefined || layout.prepare === undefined) return;
      reached = { commit: BigInt(layout.commit), prepare: BigInt(layout.prepare) };
      forming.push(bytes);
      flushing ??= setImmediate(flush);
      came(bytes, layout);
    };

    const flush = (): void => {
      flushing = undefined;
      const bytes = Buffer.allocUnsafe(forming.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
      let at = 0;
      for (const record of forming) {
        at = bytes.writeUInt32LE(record.length, at);
        at += record.copy(bytes, at);
      }
      forming = [];
      total += bytes.length;
      kept.push({ bytes, last: reached, upTo: total });
      for (const reader of readers.values()) serve(reader);
      for (let oldest = kept[0]; oldest && total - lost > keptBytes && kept.length > 1; oldest = kept[0]) {
        kept.shift();
        first++;
        base = oldest.last;
        lost = oldest.upTo;
      }
      balance();
    };

    /** How many bytes a reader lacks. */
    const lacks = ({ next }: Reader): number => total - (kept[next - first - 1]?.upTo ?? lost);

    /** Holds the server back while no reader keeps up. Those that are slower than others fall behind. */
    const balance = (): void => {
      const isFull = [...readers.values()].every((reader) => lacks(reader) > keptBytes / 2);
      if (isFull === isPaused) return;
      isPaused = isFull;
      if (isFull) call?.pause();
      else call?.resume();
    };

    const serve = (reader: Reader): void => {
      if (!reader.isWaiting || reader.next >= first + kept.length) return;
      reader.isWaiting = false;
      const { port, turn } = reader;
      if (reader.next < first) {
        port.postMessage({ kind: "gone", turn } satisfies FromFeed);
        return left(port);
      }
      const batches: Buffer[] = [];
      let size = 0;
      while (size < PAGE_BYTES && reader.next < first + kept.length) {
        const { bytes } = kept[reader.next++ - first] as Batch;
        batches.push(bytes);
        size += bytes.length;
      }
      const bytes = Buffer.allocUnsafeSlow(size);
      let at = 0;
      for (const batch of batches) at += batch.copy(bytes, at);
      port.postMessage({ kind: "records", turn, bytes } satisfies FromFeed, [bytes.buffer]);
    };

    /** One call, until it ends. */
    const subscribed = async (): Promise<void> => {
      const opened = await open(reached);
      call = opened;
      if (isPaused) opened.pause();
      const ended = new Promise<void>((resolve) => {
        // This listener stays: an unhandled error would end the thread.
        opened.on("error", () => resolve());
        opened.on("end", resolve);
        opened.on("close", resolve);
      });
      opened.on("data", take);
      if (stop.signal.aborted) cancel();
      await ended;
      cancel();
      call = undefined;
    };

    const run = async (): Promise<void> => {
      for (let failures = 0; !stop.signal.aborted; failures++) {
        const before = reached;
        try {
          await subscribed();
        } catch {
          // Any fault leads to another attempt. Other calls report whether the server can be reached.
        }
        if (reached !== before) failures = 0;
        await backOff(failures, stop.signal);
      }
    };
    void run();

    return {
      has: (after: Place): boolean => !isAfter(base, after) && !isAfter(after, reached),
      hasPassed: (place: Place): boolean => !isAfter(place, reached),
      /** The number of the batch with the first record after a place. */
      numberAfter: (after: Place): number => {
        const index = kept.findIndex(({ last }) => isAfter(last, after));
        return first + (index === -1 ? kept.length : index);
      },
      asked: (reader: Reader): void => {
        reader.isWaiting = true;
        serve(reader);
        balance();
      },
      renew: cancel,
      balance,
      close: (): void => {
        stop.abort();
        clearImmediate(flushing);
        cancel();
      },
    };
  };

  const left = (port: MessagePort): void => {
    readers.delete(port);
    if (readers.size > 0) return session?.balance();
    session?.close();
    session = undefined;
  };

  const receive = (port: MessagePort, message: ToFeed): void => {
    const { kind, turn } = message;
    const reader = readers.get(port);
    switch (kind) {
      case "has":
        return port.postMessage({ kind: "answer", turn, is: session?.has(message.after) ?? true } satisfies FromFeed);
      case "from": {
        session ??= follow(message.after);
        const is = session.has(message.after);
        if (is) readers.set(port, { port, turn, next: session.numberAfter(message.after), isWaiting: false });
        else if (reader) left(port);
        return port.postMessage({ kind: "answer", turn, is } satisfies FromFeed);
      }
      case "next":
        return reader?.turn === turn ? session?.asked(reader) : port.postMessage({ kind: "gone", turn } satisfies FromFeed);
      case "leave":
        if (reader?.turn !== turn) return;
        if (message.isSilent) session?.renew();
        left(port);
    }
  };

  return {
    add(port) {
      ports.add(port);
      port.on("message", (message: ToFeed) => receive(port, message));
      port.once("close", () => {
        ports.delete(port);
        if (readers.has(port)) left(port);
      });
      port.unref();
    },
    isOpen: () => session !== undefined,
    hasPassed: (place) => session?.hasPassed(place) ?? false,
    close() {
      for (const port of ports) port.close();
      session?.close();
      session = undefined;
      readers.clear();
    },
  };
}
