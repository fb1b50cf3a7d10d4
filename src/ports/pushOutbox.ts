import type { Position } from "./eventStore.ts";

/** A device of a user, and a conversation that it is told of. */
export type PushKey = { user: string; conversation: string; device: string };

/** Which pushes leave first: those of few people, those of many, and those that only put a number right. */
export const LANES = { few: 0, many: 1, clear: 2 } as const;

/**
 * What a device is still to be told of a conversation: one row, however many messages came. Times are in milliseconds since 1970.
 */
export type PushRow = PushKey & {
  lane: number;
  /** The first and the newest message to be told of, and the newest one of those that mention the user; 0: none does. */
  first: number;
  seq: number;
  mentionSeq: number;
  /** When the first of them came. */
  since: number;
  /** The newest message that the device was told of; 0: of none that is not read yet. */
  shown: number;
  /** Nothing is to be told, but that what was shown is read. */
  clear: boolean;
  tries: number;
};

/** A message that a device is to be told of. */
export type PlannedPush = PushKey & { lane: number; seq: number; mentions: boolean };

/** How far a user has read a conversation, by the event that says so. */
export type PlannedRead = { user: string; conversation: string; seq: number };

/**
 * A conversation of many of whose members not all are planned yet. `after`: those up to there are; "": none. `next`: what came
 * meanwhile, for which they are all gone through again; 0: nothing did. The same with the newest message that mentions everyone.
 */
export type Fan = { conversation: string; seq: number; mentionSeq: number; after: string; next: number; nextMention: number };

/** A message to so many that they are planned bit by bit. */
export type PlannedFan = { conversation: string; seq: number; mentions: boolean };

/** What a stretch of the log asks for. */
export type Plan = {
  to: Position;
  /** The time of planning, and from when on a device is told that something was read elsewhere. */
  now: number;
  clearAt: number;
  news: readonly PlannedPush[];
  reads: readonly PlannedRead[];
  fans: readonly PlannedFan[];
};

/** Some more members of a fan. `after` undefined: there are no others. */
export type FanStep = { fan: Fan; after: string | undefined; now: number; news: readonly PlannedPush[] };

/**
 * What came of a row, which may have got newer messages meanwhile. `told`: the service has it. `dropped`: nothing is to be told
 * any more. Else it is tried again at `due`; `tries` counts how often.
 */
export type Settled = { row: PushRow; at: number; outcome: "told" | "dropped" | { due: number; tries: number } };

/** How many devices are to be told something, and since when the first of them is (milliseconds since 1970). */
export type OutboxCounts = { waiting: number; since: number | undefined };

/**
 * What is to be pushed, and how far the log was looked through for it: beside the views, so that no replay touches it. Only one
 * process at a time has it. What another one does once it was lost rejects with `OutboxLost`, and changes nothing. Other errors:
 * `Unavailable`.
 */
export type PushOutbox = {
  /**
   * Takes it, or keeps it for another `OUTBOX_LEASE_MS`. False: another process has it. `cursor`: how far the log was looked
   * through; undefined: not at all.
   */
  take(holder: string): Promise<{ cursor: Position | undefined } | false>;
  /** Keeps it for as long again. Who lost it takes it anew, even if nobody has it now: the cursor may be another one. */
  keep(): Promise<void>;
  /** Forgets all rows, and begins at a place of the log. */
  begin(at: Position): Promise<void>;
  /** Stores a plan and the cursor, or nothing. */
  plan(plan: Plan): Promise<void>;
  /** At most `limit` rows that are due, of the lanes `from` to `to`, the first lane first, with those that are under way. */
  due(now: number, from: number, to: number, limit: number): Promise<PushRow[]>;
  /** The earliest time of a row that is due after a time. Undefined: there is none. */
  next(after: number): Promise<number | undefined>;
  settle(settled: readonly Settled[]): Promise<void>;
  /** The fan whose turn came first. A fan that was gone on with, or put off (`FanStep.now`), has its turn from that time on. */
  fan(now: number): Promise<Fan | undefined>;
  fanOut(step: FanStep): Promise<void>;
  /** Forgets what was shown before a time. */
  sweep(before: number): Promise<void>;
  counts(): Promise<OutboxCounts>;
  /** Lets others have it. */
  release(): Promise<void>;
};

/** Another process has the outbox now. */
export class OutboxLost extends Error {
  override readonly name = "OutboxLost";
}

/** For how long a process has it that took it, in milliseconds. Longer than a push may take. */
export const OUTBOX_LEASE_MS = 20_000;

/** After a device was told of a conversation, it is told of it again no sooner than this, in milliseconds. */
export const PAUSE_MS = 3_000;
