import type { ExpectedRevision } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";
import type { Copies } from "./copying.ts";
import type { GrowthEnd } from "./growth.ts";
import type { Hands } from "./handing.ts";

export type Append = { stream: string; expected: ExpectedRevision; events: EventTexts[] };

/**
 * The result of an append: it was stored, it was found to be stored already, or it was refused because the stream is at `actual`.
 * `place`: of the last event. If the events were stored now, the others lie directly before it.
 */
export type Outcome = { revision: number; place: number; found?: true } | { actual: number };

/** The data that the writing thread starts with. */
export type WriterData = { dataDir: string; maxPages: number | undefined; hands: Hands; copies: Copies };

export type ToWriter =
  | { kind: "group"; appends: Append[] }
  /** The reader at the other end wants to be told when the log has grown. */
  | { kind: "reader"; reader: GrowthEnd }
  /** A copy of the write-ahead log into the database failed. */
  | { kind: "copyFailed"; message: string }
  | { kind: "close" };

export type FromWriter =
  | { kind: "opened" }
  /** A log of an earlier version is being updated: so many of its events are done. */
  | { kind: "progress"; done: number; total: number }
  /** The write-ahead log has grown long: the thread that copies it is to be started. */
  | { kind: "copier" }
  /** The log cannot be opened. The thread ends. */
  | { kind: "failed"; message: string }
  /** What became of the group was noted where both threads see it (`handing.ts`). */
  | { kind: "committed" }
  /** Nothing of the group was stored. The writer goes on. */
  | { kind: "refused"; message: string }
  /** It is unknown whether the present group, if any, was stored. The thread writes nothing more and ends. */
  | { kind: "broken"; message: string };
