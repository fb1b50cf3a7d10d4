import { isMember, type Stay } from "../src/domain/visibility.ts";
import { del, put, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { type Standing, type StandingChange, standingAfter } from "./standing.ts";
import { entered, left } from "./stays.ts";

/*
 * Stays as `inboxes` keeps them. A conversation that is wide has a row for each member, by user: `wide` for those who are in it,
 * `wideLeft` for those who left, by the position at which they did. A channel is wide from the beginning, so what happens to one
 * of its followers writes rows of that one alone.
 */

/** A user's newest stay in a conversation. `leftBefore`: where the stay before it ended. `standing`: in a channel. */
export type StayRow = Stay & { leftBefore?: string; standing?: Standing };

export type Left = { conversation: string; stay: StayRow };

export const leftKey = (position: string, id: string): string => `${position}~${id}`;

/** Who goes in or out: where, and after which message. */
export type Passing = { id: string; user: string; position: string; head: number };

/** A user's next stay; the same one if they are in already. */
export function nextStay(before: StayRow | undefined, { id, user, position, head }: Passing) {
  const { stay, writes } = entered(id, user, before, position, head);
  const row: StayRow = before?.to === undefined ? stay : { ...stay, leftBefore: before.to };
  return { stay: row, writes };
}

/** What becomes of the rows by user when somebody leaves a wide conversation. */
export function leftWide({ id, user, position }: Passing, { leftBefore }: StayRow, former: StayRow): TableWrite[] {
  return [
    // Only now the row of the earlier stay is deleted: whoever reads `wide` and then `wideLeft` finds the conversation in one of
    // them, whatever happens in between.
    ...(leftBefore === undefined ? [] : [del("wideLeft", user, leftKey(leftBefore, id))]),
    del("wide", user, id),
    put("wideLeft", user, leftKey(position, id), { conversation: id, stay: former } satisfies Left),
  ];
}

/** The rows of somebody to whom something happens in a channel, and whether they came in or went out by it. */
export async function channelStay(
  rows: Rows<"stays">,
  passing: Passing,
  change: StandingChange,
): Promise<{ writes: TableWrite[]; passed?: "in" | "out" }> {
  const { id, user, position, head } = passing;
  const known = await rows.get<StayRow>("stays", id, user);
  const before = isMember(known) ? known : undefined;
  const standing = standingAfter(before?.standing, change);
  if (before && standing === undefined) {
    const { standing: _, ...stay } = before;
    const former: StayRow = left(stay, position, head);
    return { writes: [put("stays", id, user, former), ...leftWide(passing, before, former)], passed: "out" };
  }
  if (standing === undefined || standing === before?.standing) return { writes: [] };
  const next = nextStay(known, passing);
  const stay: StayRow = { ...next.stay, standing };
  const writes = [...next.writes, put("stays", id, user, stay), put("wide", user, id, stay)];
  return { writes, ...(!before && { passed: "in" as const }) };
}
