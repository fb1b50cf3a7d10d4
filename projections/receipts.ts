import { isDirect } from "../src/domain/ids.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";
import { type Move, ranked, RANKS, ranksBelow } from "./ranks.ts";

/**
 * A present member of a group, or of the staff of a channel. `joined`: the newest message's seq when they came, the last time;
 * `read`: how far they have read, `joined` at least. They have read what lies above the one and not above the other.
 */
export type ReaderRow = { joined: number; read: number };

const READS = ["heads", "readers", RANKS] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

const byRead = (read: number, user: string): string => `${seqKey(read)}~${user}`;

/**
 * Who has read what, by conversation: its readers by user, and by how far they have read. Trees of counts (ranks.ts): how many
 * came, and how many have read, below each message. A direct conversation has two readers, whose marks are enough.
 */
export const receipts: Projection<Read> = {
  name: "receipts",
  version: 1,
  reads: READS,
  conversationOf: ({ partition }) => partition,
  handlers: {
    GroupCreated: ({ data: { groupId, ownerId } }, rows) => enter(rows, groupId, [ownerId]),
    MemberJoined: ({ data: { groupId, userId } }, rows) => enter(rows, groupId, [userId]),
    MemberAdded: ({ data: { groupId, userId } }, rows) => enter(rows, groupId, [userId]),
    MembersImported: ({ data: { groupId, userIds } }, rows) => enter(rows, groupId, userIds),
    MemberLeft: ({ data: { groupId, userId } }, rows) => leave(rows, groupId, userId),
    MemberRemoved: ({ data: { groupId, userId } }, rows) => leave(rows, groupId, userId),
    GroupDissolved: async ({ data: { groupId: id } }, rows) => {
      const readers = [...(await rows.all<ReaderRow>("readers", id))];
      return [
        ...readers.flatMap(([user, reader]) => [del("readers", id, user), del("byRead", id, byRead(reader.read, user))]),
        ...(await ranked(
          rows,
          id,
          "joined",
          readers.map(([, { joined }]) => ({ from: joined })),
        )),
        ...(await ranked(
          rows,
          id,
          "read",
          readers.map(([, reader]) => ({ from: reader.read })),
        )),
      ];
    },
    MessageSent: async ({ data: { conversationId, senderId, scheduled, imported }, revision, imported: isFact }, rows) => {
      if (isDirect(conversationId)) return [];
      const seq = revision + 1;
      const head = put("heads", conversationId, "", seq);
      return (imported && !isFact) || scheduled ? [head] : [head, ...(await read(rows, conversationId, senderId, seq))];
    },
    ReadUpTo: async ({ data: { conversationId, userId, seq } }, rows) =>
      isDirect(conversationId) ? [] : read(rows, conversationId, userId, Math.min(seq, await headOf(rows, conversationId))),
  },
};

const headOf = async (rows: OwnRows, conversation: string): Promise<number> =>
  (await rows.get<number>("heads", conversation, "")) ?? 0;

async function enter(rows: OwnRows, id: string, users: readonly string[]): Promise<TableWrite[]> {
  const head = await headOf(rows, id);
  const moves: Move[] = users.map(() => ({ to: head }));
  return [
    ...users.flatMap((user) => [
      put("readers", id, user, { joined: head, read: head } satisfies ReaderRow),
      put("byRead", id, byRead(head, user), head),
    ]),
    ...(await ranked(rows, id, "joined", moves)),
    ...(await ranked(rows, id, "read", moves)),
  ];
}

async function leave(rows: OwnRows, id: string, user: string): Promise<TableWrite[]> {
  const reader = await rows.get<ReaderRow>("readers", id, user);
  if (reader === undefined) throw new Error(`${user} was never a member of ${id}`);
  return [
    del("readers", id, user),
    del("byRead", id, byRead(reader.read, user)),
    ...(await ranked(rows, id, "joined", [{ from: reader.joined }])),
    ...(await ranked(rows, id, "read", [{ from: reader.read }])),
  ];
}

async function read(rows: OwnRows, id: string, user: string, seq: number): Promise<TableWrite[]> {
  const reader = await rows.get<ReaderRow>("readers", id, user);
  if (reader === undefined || seq <= reader.read) return [];
  return [
    put("readers", id, user, { ...reader, read: seq } satisfies ReaderRow),
    del("byRead", id, byRead(reader.read, user)),
    put("byRead", id, byRead(seq, user), reader.joined),
    ...(await ranked(rows, id, "read", [{ from: reader.read, to: seq }])),
  ];
}

const hasRead = (reader: ReaderRow | undefined, seq: number): boolean =>
  reader !== undefined && reader.joined < seq && reader.read >= seq;

/** So many readers are looked through for a page. */
const MOST = 500;

/** The only functions that read the receipts' rows. None of them asks whether the viewer may know it. */
export const receiptReads = (reader: Reader) => ({
  /** A present member of a group, or of the staff of a channel. */
  reader: (conversation: string, user: string) => reader.get<ReaderRow>("readers", conversation, user),
  /** How many of them have read a message, without who sent it. */
  readCount: async (conversation: string, seq: number, senderId: string): Promise<number> => {
    const [[joinedBelow = 0, readBelow = 0], sender] = await Promise.all([
      ranksBelow(reader, conversation, ["joined", "read"], seq),
      reader.get<ReaderRow>("readers", conversation, senderId),
    ]);
    return Math.max(0, joinedBelow - readBelow - (hasRead(sender, seq) ? 1 : 0));
  },
  /**
   * Those who have read a message, without who sent it; whoever has read the least comes first. After a key, at most `limit`.
   * `next`: where to go on, if there may be more.
   */
  readBy: async (conversation: string, seq: number, senderId: string, query: { after: string | undefined; limit: number }) => {
    const from = seqKey(seq);
    const after = query.after === undefined || query.after < from ? from : query.after;
    const rows = await reader.range<number>("byRead", conversation, { after, limit: MOST });
    const readers: { key: string; user: string }[] = [];
    for (const { sort, value: joined } of rows) {
      const user = sort.slice(sort.indexOf("~") + 1);
      if (joined >= seq || user === senderId) continue;
      if (readers.length === query.limit) return { readers, next: readers[readers.length - 1]?.key };
      readers.push({ key: sort, user });
    }
    return { readers, next: rows.length < MOST ? undefined : rows[rows.length - 1]?.sort };
  },
});
