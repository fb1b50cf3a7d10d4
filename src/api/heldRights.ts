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

/** Begins before anything is read for the answer. */
export function heldRights({ views, watermark }: Reading, user: string): HeldRights {
  let begun: Position = watermark.current();
  let isLost = false;
  const found = new Map<string, Sight[]>();

  const note = (conversation: string, sight: Sight): void => {
    if (isDirect(conversation)) return;
    const known = found.get(conversation) ?? [];
    if (known.some((other) => stillShows(other, sight) && stillShows(sight, other))) return;
    found.set(conversation, [...known, sight]);
  };

  const areHeld = async (): Promise<boolean> => {
    const noted = [...found];
    const now = await views.relations.sights(noted.map(([conversation]) => ({ conversation, user })));
    return noted.every(([, sights], index) => sights.every((sight) => stillShows(sight, now[index])));
  };

  const wereHeld = (): Awaitable<boolean> => {
    // A loss that is in force is below the watermark.
    if (isLost || found.size === 0 || watermark.current() === begun) return !isLost;
    return areHeld();
  };

  return {
    sees: (conversation, sight) => {
      if (seesLive(sight)) note(conversation, sight);
    },
    isIn: (conversation, membership) => {
      if (membership === undefined) return;
      const stay = { from: membership.joinPosition, fromSeq: membership.joinedSeq + 1 };
      note(conversation, { stay, historyVisible: false, public: false });
    },
    next: () => {
      const go = (held: boolean): void => {
        isLost ||= !held;
        found.clear();
        begun = watermark.current();
      };
      const held = wereHeld();
      return held instanceof Promise ? held.then(go) : go(held);
    },
    wereHeld,
  };
}
