import { directMembers, isChannel, isDirect } from "../src/domain/ids.ts";
import { DIRECT_STAY, type Stay } from "../src/domain/visibility.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import { put, putEach, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import type { StayRow } from "./channelStays.ts";
import type { Change, ConversationEntry, MembershipChange, MessageChange } from "./inboxEntries.ts";
import { JOIN_READS } from "./joinNews.ts";
import { isHeld } from "./stays.ts";

/*
 * Whom an entry is written to. These rows are of `inboxes`.
 */

/** The tables that `inboxes` reads back. */
export const READS = [...JOIN_READS, "conversations", "stays", "present", "ranges", "heads", "marks", "limits"] as const;
export type Read = (typeof READS)[number];
export type OwnRows = Rows<Read>;

/** Of each group and channel. A direct conversation has none. */
export type ConversationRow = {
  memberCount: number;
  historyVisible: boolean;
  public: boolean;
  /** True once an entry was not fanned out: then its members have a row in `wide`. */
  wide: boolean;
  /** Then it has no members, also where the stays of a channel's followers go on. */
  dissolved?: true;
};

/** Used if no setting was ever recorded. */
const DEFAULT_FANOUT_LIMIT = 100;

const DIRECT: ConversationRow = { memberCount: 2, historyVisible: true, public: false, wide: false };

/** Throws for a group that was never created. */
export async function conversationOf(rows: OwnRows, id: string): Promise<ConversationRow> {
  const row = await rows.get<ConversationRow>("conversations", id, "");
  if (row) return row;
  if (isDirect(id)) return DIRECT;
  throw new Error(`group ${id} was never created`);
}

/** The seq of the newest message; 0 where there is none. */
export const headOf = async (rows: OwnRows, conversation: string): Promise<number> =>
  (await rows.get<number>("heads", conversation, "")) ?? 0;

/** The members of now, by id. */
export async function presentOf(rows: OwnRows, id: string): Promise<ReadonlyMap<string, StayRow>> {
  if (!isDirect(id)) return rows.all<StayRow>("present", id);
  return new Map((directMembers(id) ?? []).map((user) => [user, DIRECT_STAY]));
}

/** The newest limit set before an event. By position, so that it is right in whatever order the slices run. */
async function fanoutLimitAt(rows: OwnRows, position: string): Promise<number> {
  let limit = DEFAULT_FANOUT_LIMIT;
  let newest = "";
  for (const [at, value] of await rows.all<number>("limits", "fanout")) {
    if (at <= position && at > newest) [newest, limit] = [at, value];
  }
  return limit;
}

/** What every event has. `at`: ISO 8601. */
export type Happening = { position: string; actorId: string; at: string };

/** Somebody who becomes a member by the event. */
export type Entering = { user: string; stay: StayRow };

/** An entry that only the changes of its conversation have: where the newest one is, is kept at hand. */
export const unfanned = (position: string, entry: ConversationEntry): TableWrite[] => [
  put("changes", entry.conversation, position, { ...entry, fanned: false } satisfies Change),
  put("newest", entry.conversation, "", position),
];

/** The same where nobody has it: the stays of a channel's followers go on when it was dissolved. */
const toldToNobody = (position: string, entry: ConversationEntry): TableWrite[] => [
  put("changes", entry.conversation, position, { ...entry, fanned: true } satisfies Change),
];

/** Members are told that something was done to a message. */
export async function change(
  rows: OwnRows,
  { data, position, at }: { data: { conversationId: string; seq: number }; position: string; at: string },
  what: MessageChange,
): Promise<TableWrite[]> {
  const { conversationId: conversation, seq } = data;
  const group = await conversationOf(rows, conversation);
  const open = !isDirect(conversation) && (group.historyVisible || group.public);
  return tell(rows, position, { kind: "changed", conversation, seq, change: what, open, at }, group);
}

/** Members are told what happened to one of them. */
export async function tellOfMember(
  rows: OwnRows,
  { data, actorId: actor, at, position }: Happening & { data: { groupId: string } },
  user: string,
  change: MembershipChange,
): Promise<TableWrite[]> {
  return tellMembers(rows, position, { kind: "membership", conversation: data.groupId, user, actor, change, at });
}

/** The same as `tell`, as the conversation is now. */
export async function tellMembers(rows: OwnRows, position: string, entry: ConversationEntry): Promise<TableWrite[]> {
  return tell(rows, position, entry, await conversationOf(rows, entry.conversation));
}

/**
 * Writes the entry to the changes of the conversation, and to the inbox of each present member who may see what it tells, if they
 * are few enough. `entering`: who becomes a member by the event.
 */
export async function tell(
  rows: OwnRows,
  position: string,
  entry: ConversationEntry,
  group: ConversationRow,
  entering?: Entering,
): Promise<TableWrite[]> {
  const id = entry.conversation;
  // Never, whatever the limit is: it may have millions of followers.
  if (isChannel(id)) return group.dissolved ? toldToNobody(position, entry) : unfanned(position, entry);
  const fanned = group.memberCount <= (await fanoutLimitAt(rows, position));
  const writes = fanned ? [put("changes", id, position, { ...entry, fanned } satisfies Change)] : unfanned(position, entry);
  if (!fanned && group.wide) return writes;
  const members = await presentOf(rows, id);
  if (fanned) {
    const recipients: string[] = [];
    for (const [user, stay] of members) {
      const isConcerned = concerns(entry, stay, rows.floor);
      if (isConcerned instanceof Promise ? await isConcerned : isConcerned) recipients.push(user);
    }
    if (entering && !members.has(entering.user)) recipients.push(entering.user);
    return [...writes, putEach("entries", recipients, position, entry)];
  }
  writes.push(put("conversations", id, "", { ...group, wide: true } satisfies ConversationRow));
  // Those who left before were told of everything that happened in their stays.
  for (const [user, stay] of members) writes.push(put("wide", user, id, stay));
  if (entering) writes.push(put("wide", entering.user, id, entering.stay));
  return writes;
}

/** Whether an entry is for a member with this stay: an entry about a message is for those who may see the message. */
function concerns(entry: ConversationEntry, stay: Stay, floor: OwnRows["floor"]): Awaitable<boolean> {
  return entry.kind !== "changed" || entry.open || isHeld(floor, stay, entry.seq);
}
