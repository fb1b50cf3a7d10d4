import type { Awaitable } from "./awaitable.ts";
import type { Position } from "./eventStore.ts";

/** An event as the log keeps it: `data` and `metadata` are its JSON, character by character. */
export type StoredEvent = {
  position: Position;
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: string;
  metadata: string;
};

/** `next` and `isTail` as in a `LogPage`. */
export type StoredPage = { events: StoredEvent[]; next: Position; isTail: boolean };

/** Reads the whole log without taking its events for what they should be. */
export type StoredEvents = {
  /**
   * The next at most `limit` events after a position. `sound`: only those whose checksums are right, where the log has some;
   * rejects with `Damaged` where the very first one is not. Rejects with `Unavailable`.
   */
  readStored(after: Position, limit: number, sound: boolean): Awaitable<StoredPage>;
};
