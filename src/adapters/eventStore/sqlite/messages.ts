import type { ExpectedRevision } from "../../../ports/eventStore.ts";
import type { EventTexts } from "../texts.ts";

export type Append = { stream: string; expected: ExpectedRevision; events: EventTexts[] };

/**
 * What became of an append that was decided: stored, found stored already, or refused because the stream is at `actual`. `place` is the last
 * event's; where it was stored now the others' come right before it.
 */
export type Outcome = { revision: number; place: number; found?: true } | { actual: number };

/** What the writing thread is started with. */
export type WriterData = { dataDir: string; maxPages: number | undefined };

export type ToWriter = { kind: "group"; appends: Append[] } | { kind: "close" };

export type FromWriter =
  | { kind: "opened" }
  /** A log of an earlier version is brought up to date: so many of its events are. */
  | { kind: "progress"; done: number; total: number }
  /** The log cannot be opened; the thread leaves. */
  | { kind: "failed"; message: string }
  | { kind: "committed"; outcomes: Outcome[] }
  /** Nothing of the group was stored; the writer goes on. */
  | { kind: "refused"; message: string }
  /** Whether the group in hand, if any, was stored is unknown; the thread writes nothing more and leaves. */
  | { kind: "broken"; message: string };
