import { directMembers, isDirect } from "../src/domain/ids.ts";
import { DIRECT_WINDOWS, isMember, maySee, type Sight, wasMemberAt, type Window } from "../src/domain/visibility.ts";
import { type Projection, put, putEach, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import type { News, Tail } from "../src/projecting/tail.ts";
import { closed } from "./relations.ts";

/** What an entry tells, as a reference: never a copy of a message. `at`: the event's, ISO 8601. */
export type Entry = { at: string; conversation: string } & (
  | { kind: "received"; seq: number }
  /** `open`: it may have been told to someone in none of whose windows the message lies, because the history was open then. */
  | { kind: "changed"; seq: number; change: "EDITED" | "RECALLED"; open: boolean }
  | { kind: "membership"; user: string; actor: string; change: "JOINED" | "LEFT" | "REMOVED" | "ROLE_CHANGED" }
  | { kind: "read"; seq: number }
);

/** An entry that whoever reads the conversation may be told, and whether it was written to its members' inboxes. */
export type Change = Entry & { fanned: boolean };

export type Placed<T> = { position: string; entry: T };

/** `next`: after what the following page begins; the watermark where there are no more. */
export type EntryPage<T> = { entries: Placed<T>[]; hasMore: boolean; next: string };

type ConversationRow = {
  memberCount: number;
  historyVisible: boolean;
  public: boolean;
  /** Once an entry was not fanned out: its members have a row in `wide`. */
  wide: boolean;
};

/** Where no setting was ever recorded. */
const DEFAULT_FANOUT_LIMIT = 100;

/**
 * What happened to each user, by position: the log's order and the cursor of `sync` and `inbox`. An entry is written to each member's inbox where
 * they are no more than the fan-out limit at that event, and always to the conversation's changes; `sync` merges the two. A conversation
 * that ever went over the limit is `wide`: only those are looked at in the merge.
 */
export const inboxes: Projection = {
  name: "inboxes",
  version: 1,
  reads: ["conversations", "windows", "heads", "marks", "limits"],
  // A row of `wide` tells its user of a conversation whose news comes by its own topic from now on.
  topics: { entries: "users", wide: "users", changes: "conversations" },
  handlers: {
    FanoutLimitSet: ({ data, position }) => [put("limits", "fanout", position, data.limit)],
    GroupCreated: (event, rows) => {
      const { groupId, ownerId, historyVisible } = event.data;
      const group: ConversationRow = { memberCount: 0, historyVisible, public: event.data.public, wide: false };
      return event.data.imported
        ? enterUntold(rows, event.position, groupId, [ownerId], group)
        : enter(rows, event, groupId, ownerId, group);
    },
    MemberJoined: (event, rows) => enterExisting(rows, event),
    MemberAdded: (event, rows) => enterExisting(rows, event),
    MembersImported: async ({ data: { groupId, userIds }, position }, rows) =>
      enterUntold(rows, position, groupId, userIds, await conversationOf(rows, groupId)),
    MemberLeft: (event, rows) => exit(rows, event, "LEFT"),
    MemberRemoved: (event, rows) => exit(rows, event, "REMOVED"),
    RoleChanged: ({ data, actorId: actor, at, position }, rows) =>
      tellMembers(rows, position, {
        kind: "membership",
        conversation: data.groupId,
        user: data.userId,
        actor,
        change: "ROLE_CHANGED",
        at,
      }),
    OwnershipTransferred: ({ data, actorId: actor, at, position }, rows) =>
      tellMembers(rows, position, {
        kind: "membership",
        conversation: data.groupId,
        user: data.to,
        actor,
        change: "ROLE_CHANGED",
        at,
      }),
    MessageSent: async ({ data, revision, position, at }, rows) => {
      const seq = revision + 1;
      const conversation = data.conversationId;
      const head = put("heads", conversation, "", seq);
      if (data.imported) return [head];
      const told = await tellMembers(rows, position, { kind: "received", conversation, seq, at });
      return [head, put("marks", data.senderId, conversation, seq), ...told];
    },
    MessageEdited: (event, rows) => change(rows, event, "EDITED"),
    MessageRecalled: (event, rows) => change(rows, event, "RECALLED"),
    ReadUpTo: async ({ data, position, at }, rows) => {
      const mark = Math.min(data.seq, await headOf(rows, data.conversationId));
      const before = (await rows.get<number>("marks", data.userId, data.conversationId)) ?? 0;
      if (mark <= before) return [];
      const entry: Entry = { kind: "read", conversation: data.conversationId, seq: mark, at };
      return [put("marks", data.userId, data.conversationId, mark), put("entries", data.userId, position, entry)];
    },
  },
};

type GroupEvent = { data: { groupId: string; userId: string }; actorId: string; at: string; position: string };

const DIRECT: ConversationRow = { memberCount: 2, historyVisible: true, public: false, wide: false };

async function conversationOf(rows: Rows, id: string): Promise<ConversationRow> {
  const row = await rows.get<ConversationRow>("conversations", id, "");
  if (row) return row;
  if (isDirect(id)) return DIRECT;
  throw new Error(`group ${id} was never created`);
}

const headOf = async (rows: Rows, conversation: string): Promise<number> =>
  (await rows.get<number>("heads", conversation, "")) ?? 0;

async function windowsOf(rows: Rows, id: string): Promise<ReadonlyMap<string, readonly Window[]>> {
  if (!isDirect(id)) return rows.all<Window[]>("windows", id);
  return new Map((directMembers(id) ?? []).map((user) => [user, DIRECT_WINDOWS]));
}

/** The newest limit set before an event: by position, so that it holds in whatever order the slices run. */
async function fanoutLimitAt(rows: Rows, position: string): Promise<number> {
  let limit = DEFAULT_FANOUT_LIMIT;
  let newest = "";
  for (const [at, value] of await rows.all<number>("limits", "fanout")) {
    if (at <= position && at > newest) [newest, limit] = [at, value];
  }
  return limit;
}

async function opened(rows: Rows, id: string, user: string, position: string, head: number): Promise<Window[]> {
  const before = (await rows.get<Window[]>("windows", id, user)) ?? [];
  return [...before, { from: position, fromSeq: head + 1 }];
}

function windowWrites(id: string, user: string, windows: Window[], wide: boolean): TableWrite[] {
  const write = put("windows", id, user, windows);
  return wide ? [write, put("wide", user, id, windows)] : [write];
}

async function enterExisting(rows: Rows, event: GroupEvent): Promise<TableWrite[]> {
  return enter(rows, event, event.data.groupId, event.data.userId, await conversationOf(rows, event.data.groupId));
}

async function enter(
  rows: Rows,
  { position, actorId: actor, at }: Omit<GroupEvent, "data">,
  id: string,
  user: string,
  before: ConversationRow,
): Promise<TableWrite[]> {
  const group: ConversationRow = { ...before, memberCount: before.memberCount + 1 };
  const windows = await opened(rows, id, user, position, await headOf(rows, id));
  const members = new Map(await windowsOf(rows, id)).set(user, windows);
  const entry: Entry = { kind: "membership", conversation: id, user, actor, change: "JOINED", at };
  return [
    put("conversations", id, "", group),
    ...windowWrites(id, user, windows, group.wide),
    ...(await tell(rows, position, entry, group, members)),
  ];
}

/** Those who come out of an archive. */
async function enterUntold(
  rows: Rows,
  position: string,
  id: string,
  users: readonly string[],
  before: ConversationRow,
): Promise<TableWrite[]> {
  const head = await headOf(rows, id);
  const group: ConversationRow = { ...before, memberCount: before.memberCount + users.length };
  const writes = [put("conversations", id, "", group)];
  for (const user of users) writes.push(...windowWrites(id, user, await opened(rows, id, user, position, head), group.wide));
  return writes;
}

async function exit(
  rows: Rows,
  { data, position, actorId: actor, at }: GroupEvent,
  change: "LEFT" | "REMOVED",
): Promise<TableWrite[]> {
  const id = data.groupId;
  const group = await conversationOf(rows, id);
  const members = await windowsOf(rows, id);
  const entry: Entry = { kind: "membership", conversation: id, user: data.userId, actor, change, at };
  // Told to the members before it, so that the one who goes is told too.
  const told = await tell(rows, position, entry, group, members);
  const windows = closed(members.get(data.userId) ?? [], position, await headOf(rows, id));
  const isWide = group.wide || told.some(({ table }) => table === "wide");
  return [
    ...told,
    // Later than what `tell` may have written: the last write of a row counts.
    put("conversations", id, "", { ...group, wide: isWide, memberCount: group.memberCount - 1 } satisfies ConversationRow),
    ...windowWrites(id, data.userId, windows, isWide),
  ];
}

async function change(
  rows: Rows,
  { data, position, at }: { data: { conversationId: string; seq: number }; position: string; at: string },
  what: "EDITED" | "RECALLED",
): Promise<TableWrite[]> {
  const { conversationId: conversation, seq } = data;
  const group = await conversationOf(rows, conversation);
  const open = !isDirect(conversation) && (group.historyVisible || group.public);
  return tell(
    rows,
    position,
    { kind: "changed", conversation, seq, change: what, open, at },
    group,
    await windowsOf(rows, conversation),
  );
}

async function tellMembers(rows: Rows, position: string, entry: Entry): Promise<TableWrite[]> {
  return tell(rows, position, entry, await conversationOf(rows, entry.conversation), await windowsOf(rows, entry.conversation));
}

/** The entry in the conversation's changes, and in the inbox of each member of now who may see what it tells of, if they are few enough. */
async function tell(
  rows: Rows,
  position: string,
  entry: Entry,
  group: ConversationRow,
  members: ReadonlyMap<string, readonly Window[]>,
): Promise<TableWrite[]> {
  const id = entry.conversation;
  if (group.memberCount <= (await fanoutLimitAt(rows, position))) {
    const told: string[] = [];
    for (const [user, windows] of members) if (isMember(windows) && concerns(entry, windows)) told.push(user);
    return [put("changes", id, position, { ...entry, fanned: true } satisfies Change), putEach("entries", told, position, entry)];
  }
  const writes = [put("changes", id, position, { ...entry, fanned: false } satisfies Change)];
  if (!group.wide) {
    writes.push(put("conversations", id, "", { ...group, wide: true } satisfies ConversationRow));
    for (const [user, windows] of members) writes.push(put("wide", user, id, windows));
  }
  return writes;
}

/** Whether an entry is for a member with these windows: one about a message is for those who may see the message. */
function concerns(entry: Entry, windows: readonly Window[]): boolean {
  return entry.kind !== "changed" || entry.open || maySee({ windows, historyVisible: false, public: false }, entry.seq);
}

/** Whether a change of a wide conversation is told to someone with these windows where their inbox is read, not written. */
const isMerged = (position: string, change: Change, windows: readonly Window[]): boolean =>
  !change.fanned && wasMemberAt(windows, position) && concerns(change, windows);

const isOver = (windows: readonly Window[], after: string): boolean => (windows[windows.length - 1]?.to ?? "~") <= after;

const isAlwaysSeen = (entry: Entry): boolean => entry.kind !== "changed" || !entry.open;

/** At most one more than `limit`. */
function recent<T>(
  news: readonly News[],
  end: string,
  limit: number,
  wanted: (position: string, row: T) => boolean,
): Placed<T>[] {
  const found: Placed<T>[] = [];
  for (const { position, row } of news) {
    if (position > end || found.length > limit) break;
    if (wanted(position, row as T)) found.push({ position, entry: row as T });
  }
  return found;
}

/** A conversation that was ever wide, with the windows that a user has had of it. */
export type WideConversation = { conversation: string; windows: readonly Window[] };

/** A user's wide conversations as the rows said when the watermark was `at`: of what came after it the list may know nothing. */
export type WideList = { at: string; conversations: readonly WideConversation[] };

/** What comes after the watermark is not to be told yet. A cursor never goes back. */
const nothingAfter = (after: string) => ({ entries: [], hasMore: false, next: after });

/** Exclusive bound just above a position. */
const upTo = (position: string) => `${position}~`;

/** The only functions that read the inboxes' rows. */
export const inboxReads = (reader: Reader) => {
  /** At most `limit` rows of a partition that are wanted, after `after` and not beyond `end`. */
  const pick = async <T>(
    table: string,
    partition: string,
    after: string,
    end: string,
    limit: number,
    wanted: (position: string, value: T) => boolean,
  ): Promise<Placed<T>[]> => {
    const found: Placed<T>[] = [];
    for (let from = after; ;) {
      const page = await reader.range<T>(table, partition, { after: from, before: upTo(end), limit });
      for (const { sort, value } of page)
        if (found.length < limit && wanted(sort, value)) found.push({ position: sort, entry: value });
      const last = page[page.length - 1];
      if (found.length >= limit || page.length < limit || last === undefined) return found;
      from = last.sort;
    }
  };

  const wideOf = async (user: string): Promise<WideConversation[]> => {
    const PAGE = 1_000;
    const all: WideConversation[] = [];
    for (let after = ""; ;) {
      const page = await reader.range<Window[]>("wide", user, { ...(after === "" ? {} : { after }), limit: PAGE });
      for (const { sort, value } of page) all.push({ conversation: sort, windows: value });
      const last = page[page.length - 1];
      if (page.length < PAGE || last === undefined) return all;
      after = last.sort;
    }
  };

  /** Told because the history was open: only while it is, or the windows hold it by now. */
  const stillSeen = async (user: string, entry: Entry): Promise<boolean> => {
    if (entry.kind !== "changed" || !entry.open) return true;
    const group = await reader.get<ConversationRow>("conversations", entry.conversation, "");
    const windows = (await reader.get<Window[]>("windows", entry.conversation, user)) ?? [];
    return maySee({ windows, historyVisible: group?.historyVisible ?? false, public: group?.public ?? false }, entry.seq);
  };

  /** One page of what several sources gave, each of them up to `limit + 1` entries, not beyond `end`. */
  const merged = async (
    user: string,
    sources: readonly Placed<Entry>[][],
    end: string,
    limit: number,
  ): Promise<EntryPage<Entry>> => {
    const [first = [], ...others] = sources;
    const all = others.length === 0 ? first : sources.flat().sort((one, other) => (one.position < other.position ? -1 : 1));
    const hasMore = all.length > limit;
    const page = hasMore ? all.slice(0, limit) : all;
    const entries: Placed<Entry>[] = [];
    for (const placed of page) if (isAlwaysSeen(placed.entry) || (await stillSeen(user, placed.entry))) entries.push(placed);
    return { entries, hasMore, next: (hasMore ? page[page.length - 1]?.position : undefined) ?? end };
  };

  return {
    /**
     * What happened to a user after a position and up to the watermark `end` (no later: rows beyond it may be of a commit that this reading began
     * before), oldest first: at most `limit` entries, whether there are more, and where to go on. `wide`: the user's wide conversations, read after
     * `end` was taken.
     */
    entries: async (
      user: string,
      after: string,
      end: string,
      limit: number,
      wide?: readonly WideConversation[],
    ): Promise<EntryPage<Entry>> => {
      if (after >= end) return nothingAfter(after);
      const merging = async (): Promise<Placed<Entry>[][]> => {
        const asked = (wide ?? (await wideOf(user))).filter(({ windows }) => !isOver(windows, after));
        return Promise.all(
          asked.map(({ conversation, windows }) =>
            pick<Change>("changes", conversation, after, end, limit + 1, (at, change) => isMerged(at, change, windows)),
          ),
        );
      };
      const [own, others] = await Promise.all([pick<Entry>("entries", user, after, end, limit + 1, () => true), merging()]);
      return merged(user, [own, ...others], end, limit);
    },

    /**
     * The same from the tail, where it reaches back to `after` and nothing changed in which conversations are the user's wide ones since that list was
     * read; undefined where the rows have to be asked.
     */
    recentEntries: (
      tail: Tail,
      user: string,
      after: string,
      end: string,
      limit: number,
      wide: WideList,
    ): Promise<EntryPage<Entry>> | undefined => {
      // From where the list was read, which may lie before the cursor: it is in rows between the two that a conversation may have become wide.
      const own = tail.after(`users/${user}`, after < wide.at ? after : wide.at, end);
      if (own === undefined || own.some(({ table, position }) => table === "wide" && position > wide.at)) return undefined;
      if (after >= end) return Promise.resolve(nothingAfter(after));
      const entries = own.filter(({ table, position }) => table === "entries" && position > after);
      const sources = [recent<Entry>(entries, end, limit, () => true)];
      for (const { conversation, windows } of wide.conversations) {
        if (isOver(windows, after)) continue;
        const changes = tail.after(`conversations/${conversation}`, after, end);
        if (changes === undefined) return undefined;
        sources.push(recent<Change>(changes, end, limit, (at, change) => isMerged(at, change, windows)));
      }
      return merged(user, sources, end, limit);
    },

    /** The wide conversations that a user is or was a member of: news of them comes by the topics of the conversations. */
    wideConversations: wideOf,

    /** What a reader with this sight may be told of one conversation, imported messages and others' read marks apart. */
    changes: async (
      conversation: string,
      sight: Sight,
      after: string,
      end: string,
      limit: number,
    ): Promise<EntryPage<Change>> => {
      if (after >= end) return nothingAfter(after);
      const all = sight.public || (sight.historyVisible && isMember(sight.windows));
      const found = await pick<Change>("changes", conversation, after, end, limit + 1, (position, change) => {
        if (all) return true;
        return "seq" in change ? maySee(sight, change.seq) : wasMemberAt(sight.windows, position);
      });
      const hasMore = found.length > limit;
      const entries = hasMore ? found.slice(0, limit) : found;
      return { entries, hasMore, next: (hasMore ? entries[entries.length - 1]?.position : undefined) ?? end };
    },
  };
};
