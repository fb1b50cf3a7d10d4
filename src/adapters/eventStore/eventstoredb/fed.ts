import type { MessagePort } from "node:worker_threads";
import { type FromFeed, LENGTH_BYTES, type ToFeed } from "./feed.ts";
import type { Subscription } from "./follower.ts";
import type { Place } from "./position.ts";
import type { Record } from "./records.ts";

/** How long the thread with the feed may take for an answer, in milliseconds. */
const ANSWER_MS = 1_000;
/** How long the feed is left alone once it has fallen silent, in milliseconds. */
const SILENT_MS = 30_000;

/** The feed of this process, for one reader in another thread. See `feed.ts`. */
export type Fed = {
  /** A subscription to all records after a place. Undefined if they cannot be had from the feed now. */
  subscribe(after: Place): Promise<Subscription | undefined>;
  /** Whether all records after a place can be had from the feed. */
  has(after: Place): Promise<boolean>;
  close(): void;
};

/**
 * `ports`: brings the port to the thread that has the feed, and another one whenever that thread was started again. `read`: see
 * `recordOf`.
 */
export function fedBy(ports: MessagePort, read: (bytes: Buffer, start: number, end: number) => Record | undefined): Fed {
  let port: MessagePort | undefined;
  let turns = 0;
  let silentUntil = -Infinity;
  const waiting = new Map<number, (answer: FromFeed | undefined) => void>();

  const answered = (turn: number, answer: FromFeed | undefined): void => {
    waiting.get(turn)?.(answer);
    waiting.delete(turn);
  };
  const lost = (given: MessagePort): void => {
    if (port !== given) return;
    port = undefined;
    for (const turn of [...waiting.keys()]) answered(turn, undefined);
  };
  const take = (given: MessagePort): void => {
    const former = port;
    if (former) lost(former);
    former?.close();
    port = given;
    given.on("message", (message: FromFeed) => answered(message.turn, message));
    given.once("close", () => lost(given));
    given.unref();
  };
  ports.on("message", take);
  ports.unref();

  /** Undefined if there is no feed any more. */
  const ask = (message: Exclude<ToFeed, { kind: "leave" }>): Promise<FromFeed | undefined> =>
    new Promise((resolve) => {
      if (!port) return resolve(undefined);
      waiting.set(message.turn, resolve);
      port.postMessage(message);
    });

  const asks = async (kind: "from" | "has", turn: number, after: Place): Promise<boolean> => {
    if (!port || performance.now() < silentUntil) return false;
    const late = setTimeout(() => answered(turn, undefined), ANSWER_MS);
    const answer = await ask({ kind, turn, after });
    clearTimeout(late);
    return answer?.kind === "answer" && answer.is;
  };

  const subscription = (turn: number): Subscription => {
    let isOver = false;
    const leave = (isSilent: boolean): void => {
      if (isOver) return;
      isOver = true;
      port?.postMessage({ kind: "leave", turn, isSilent } satisfies ToFeed);
      answered(turn, undefined);
    };
    return {
      async *[Symbol.asyncIterator]() {
        while (!isOver) {
          const answer = await ask({ kind: "next", turn });
          if (answer?.kind !== "records") return;
          yield recordsIn(answer.bytes);
        }
      },
      on: () => {},
      doubt: () => {
        silentUntil = performance.now() + SILENT_MS;
        leave(true);
      },
      cancel: () => leave(false),
      destroy: () => {},
    };
  };

  const recordsIn = ({ buffer, byteOffset, byteLength }: Uint8Array): Record[] => {
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const records: Record[] = [];
    for (let at = 0; at < bytes.length;) {
      const start = at + LENGTH_BYTES;
      at = start + bytes.readUInt32LE(at);
      const record = read(bytes, start, at);
      if (record) records.push(record);
    }
    return records;
  };

  return {
    async subscribe(after) {
      const turn = ++turns;
      return (await asks("from", turn, after)) ? subscription(turn) : undefined;
    },
    has: (after) => asks("has", ++turns, after),
    close() {
      ports.close();
      const given = port;
      if (given) lost(given);
      given?.close();
    },
  };
}
