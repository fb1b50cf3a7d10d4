import type { MembershipRow } from "../../projections/relationRows.ts";
import type { Views } from "../../projections/views.ts";
import { isDirect } from "../domain/ids.ts";
import { seesLive, type Sight, stillShows } from "../domain/visibility.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";

/**
 * The rights to see what happens in conversations now, on which an answer rests. A right is looked up once, and rows are read
 * after it: if it is lost in between, they hold what came after that. So it is looked up again before the answer is given.
 */
export type HeldRights = {
  /** The caller was found to see a conversation so. */
  sees(conversation: string, sight: Sight): void;
  /** The caller was found to be in a conversation. */
  isIn(conversation: string, membership: MembershipRow | undefined): void;
  /** The next mutation of an operation begins, which may itself take rights away. Up to here they must have been held. */
  next(): Awaitable<void>;
  /** Whether all of it was held to the end. */
  wereHeld(): Awaitable<boolean>;
};

type Reading = { views: { relations: Pick<Views["relations"], "sights"> }; watermark: Pick<Watermark, "current"> };

/** A plain record, and functions that are the same for all: every operation has one. */
type Held = HeldRights & {
  readonly reading: Reading;
  readonly user: string;
  begun: Position;
  isLost: boolean;
  /** Made when there is something: most mutations rest on none. */
  found: Map<string, Sight[]> | undefined;
};

/** Begins before anything is read for the answer. */
export function heldRights(reading: Reading, user: string): HeldRights {
  const held: Held = {
    reading,
    user,
    begun: reading.watermark.current(),
    isLost: false,
    found: undefined,
    sees,
    isIn,
    next,
    wereHeld,
  };
  return held;
}

function note(held: Held, conversation: string, sight: Sight): void {
  if (isDirect(conversation)) return;
  const found = (held.found ??= new Map<string, Sight[]>());
  const known = found.get(conversation) ?? [];
  if (known.some((other) => stillShows(other, sight) && stillShows(sight, other))) return;
  found.set(conversation, [...known, sight]);
}

async function areHeld({ reading, user, found }: Held): Promise<boolean> {
  const noted = [...(found ?? [])];
  const now = await reading.views.relations.sights(noted.map(([conversation]) => ({ conversation, user })));
  return noted.every(([, sights], index) => sights.every((sight) => stillShows(sight, now[index])));
}

function sees(this: Held, conversation: string, sight: Sight): void {
  if (seesLive(sight)) note(this, conversation, sight);
}

function isIn(this: Held, conversation: string, membership: MembershipRow | undefined): void {
  if (membership === undefined) return;
  const stay = { from: membership.joinPosition, fromSeq: membership.joinedSeq + 1 };
  note(this, conversation, { stay, historyVisible: false, public: false });
}

function wereHeld(this: Held): Awaitable<boolean> {
  // A loss that is in force is below the watermark.
  if (this.isLost || this.found === undefined || this.reading.watermark.current() === this.begun) return !this.isLost;
  return areHeld(this);
}

function next(this: Held): Awaitable<void> {
  const held = this.wereHeld();
  return held instanceof Promise ? held.then((isHeld) => go(this, isHeld)) : go(this, held);
}

function go(held: Held, isHeld: boolean): void {
  held.isLost ||= !isHeld;
  held.found = undefined;
  held.begun = held.reading.watermark.current();
}
