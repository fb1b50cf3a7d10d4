import { isChannel } from "../src/domain/ids.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { isMember } from "../src/domain/visibility.ts";
import { del, put, type TableWrite } from "../src/projecting/projection.ts";
import { channelStay, leftWide, nextStay, type Passing, type StayRow } from "./channelStays.ts";
import {
  conversationOf,
  type ConversationRow,
  type Entering,
  type Happening,
  headOf,
  type OwnRows,
  presentOf,
  tell,
  tellOfMember,
  unfanned,
} from "./fanOut.ts";
import type { Entry } from "./inboxEntries.ts";
import { decidesNoMore, tellOfEnd } from "./joinNews.ts";
import type { StandingChange } from "./standing.ts";
import { left } from "./stays.ts";

/*
 * Who comes into a conversation and goes out of it, and who is told. These rows are of `inboxes`.
 */

type GroupEvent = Happening & { data: { groupId: string; userId: string } };

/** A user's next stay in a conversation, and its rows. */
async function entering(
  rows: OwnRows,
  id: string,
  user: string,
  position: string,
  wide: boolean,
): Promise<Entering & { writes: TableWrite[] }> {
  const before = await rows.get<StayRow>("stays", id, user);
  const { stay, writes } = nextStay(before, { id, user, position, head: await headOf(rows, id) });
  writes.push(put("stays", id, user, stay), put("present", id, user, stay));
  if (wide) writes.push(put("wide", user, id, stay));
  return { user, stay, writes };
}

/** Somebody becomes a member of a group, or of the staff of a channel. */
export async function enterExisting(rows: OwnRows, event: GroupEvent): Promise<TableWrite[]> {
  if (isChannel(event.data.groupId)) return staffChanges(rows, event, event.data.groupId, event.data.userId, true);
  return enter(rows, event, event.data.groupId, event.data.userId, await conversationOf(rows, event.data.groupId));
}

/** The same in a group, whose row was `before`. */
export async function enter(
  rows: OwnRows,
  { position, actorId: actor, at }: Happening,
  id: string,
  user: string,
  before: ConversationRow,
): Promise<TableWrite[]> {
  const group: ConversationRow = { ...before, memberCount: before.memberCount + 1 };
  const next = await entering(rows, id, user, position, group.wide);
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change: "JOINED", at };
  return [put("conversations", id, "", group), ...next.writes, ...(await tell(rows, position, entry, group, next))];
}

/** Those who come out of an archive. */
export async function enterUntold(
  rows: OwnRows,
  position: string,
  id: string,
  users: readonly string[],
  before: ConversationRow,
): Promise<TableWrite[]> {
  const group: ConversationRow = { ...before, memberCount: before.memberCount + users.length };
  const writes = [put("conversations", id, "", group)];
  for (const user of users) writes.push(...(await entering(rows, id, user, position, group.wide)).writes);
  return writes;
}

/** Somebody is a member no longer, or of the staff of a channel. */
export async function exit(
  rows: OwnRows,
  { data, position, actorId: actor, at }: GroupEvent,
  change: "LEFT" | "REMOVED",
): Promise<TableWrite[]> {
  const { groupId: id, userId: user } = data;
  if (isChannel(id)) return staffChanges(rows, { position, actorId: actor, at }, id, user, false, change);
  const group = await conversationOf(rows, id);
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change, at };
  // Told to those who were members before it, so that the one who goes is told too.
  const entries = await tell(rows, position, entry, group);
  const wide = group.wide || entries.some(({ table }) => table === "wide");
  const stay = await rows.get<StayRow>("stays", id, user);
  if (stay === undefined) throw new Error(`${user} was never a member of ${id}`);
  const head = await headOf(rows, id);
  const former: StayRow = left(stay, position, head);
  const writes = [
    ...entries,
    // Later than what `tell` may have written: the last write of a row counts.
    put("conversations", id, "", { ...group, wide, memberCount: group.memberCount - 1 } satisfies ConversationRow),
    decidesNoMore(id, user),
  ];
  return [...writes, ...gone({ id, user, position, head }, stay, former, wide)];
}

/**
 * Everyone is told before their stays end. Followers of a channel, who may be very many, keep theirs: they are told of nothing
 * any more (`tell`).
 */
export async function dissolve(event: Recorded<"GroupDissolved">, rows: OwnRows): Promise<TableWrite[]> {
  const { position, data } = event;
  const { groupId: id, userId } = data;
  const group = await conversationOf(rows, id);
  const entries = await tellOfMember(rows, event, userId, "DISSOLVED");
  const wide = group.wide || entries.some(({ table }) => table === "wide");
  const head = await headOf(rows, id);
  const writes = [
    ...entries,
    put("conversations", id, "", {
      ...group,
      wide,
      public: false,
      historyVisible: false,
      memberCount: 0,
      dissolved: true,
    } satisfies ConversationRow),
    ...(await tellOfEnd(event, rows, async (waiting) => isMember(await rows.get<StayRow>("stays", id, waiting)))),
  ];
  for (const [user, stay] of await presentOf(rows, id))
    writes.push(...gone({ id, user, position, head }, stay, left(stay, position, head), wide));
  return writes;
}

/** The rows of a member whose stay ends. */
function gone(passing: Passing, stay: StayRow, former: StayRow, wide: boolean): TableWrite[] {
  const { id, user } = passing;
  const writes = [put("stays", id, user, former), del("present", id, user)];
  return wide ? [...writes, ...leftWide(passing, stay, former)] : writes;
}

/** Somebody becomes a member of a channel's staff, or is one no longer. All who are in the channel are told. */
export async function staffChanges(
  rows: OwnRows,
  event: Happening,
  id: string,
  user: string,
  staff: boolean,
  change: "JOINED" | "LEFT" | "REMOVED" = "JOINED",
): Promise<TableWrite[]> {
  const { writes } = await passing(rows, event.position, id, user, { staff });
  return [
    ...writes,
    ...(staff ? [] : [decidesNoMore(id, user)]),
    ...unfanned(event.position, { kind: "membership", conversation: id, user, actor: event.actorId, change, at: event.at }),
  ];
}

/** Somebody follows a channel, or follows it no longer. Nobody else is told, however many others there are. */
export async function followerChanges(
  rows: OwnRows,
  { position, actorId: actor, at }: Happening,
  id: string,
  user: string,
  follows: boolean,
): Promise<TableWrite[]> {
  if ((await conversationOf(rows, id)).dissolved) return [];
  const { writes, passed } = await passing(rows, position, id, user, { follows });
  if (passed === undefined) return writes;
  const away = actor === user ? "LEFT" : "REMOVED";
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change: passed === "in" ? "JOINED" : away, at };
  return [...writes, put("entries", user, position, entry)];
}

async function passing(rows: OwnRows, position: string, id: string, user: string, change: StandingChange) {
  return channelStay(rows, { id, user, position, head: await headOf(rows, id) }, change);
}
