import { messageIdOf } from "../src/domain/ids.ts";
import {
  del,
  justAbove,
  type Projection,
  put,
  type Reader,
  type Rows,
  seqKey,
  seqOfKey,
  type TableWrite,
} from "../src/projecting/projection.ts";
import { afterUser, beforeLast } from "./conversationRows.ts";
import { rankedAbove, RANKS, ranksAbove } from "./ranks.ts";

/** The answers to one message. `lastRecalled`: the highest seq of those that were recalled; 0 for none. */
export type ThreadRow = { count: number; lastSeq: number; lastAt: string; lastRecalled: number };

/** An answer: which one it is of its thread, from 1, and when it was sent. So two rows tell how many lie between them. */
type ReplyRow = { nth: number; at: string };

/** The recalled answers of a thread, which are counted (ranks.ts). */
const RECALLED = "recalled";

const READS = ["threads", "answers", RANKS] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/** By a user and a conversation. */
const takenBy = (user: string, conversation: string) => `${user}~${conversation}`;

/**
 * Threads: the answers to each message, direct ones alone, by the message and seq. An answer to an answer is in the thread of
 * that answer. Recalled answers stay in the list, as they stay in a timeline. `active`: the threads of a conversation by their
 * newest answer. `taken`: those that a user has answered in.
 */
export const threads: Projection<Read> = {
  name: "threads",
  version: 2,
  reads: READS,
  conversationOf: ({ table, partition }) => {
    if (table === "taken") return afterUser(partition);
    return table === "replies" || table === RANKS ? beforeLast(partition, ":") : partition;
  },
  handlers: {
    MessageSent: async ({ data, revision, at }, rows) => {
      const { conversationId: conversation, replyTo, senderId, imported } = data;
      if (replyTo === null) return [];
      const seq = revision + 1;
      const root = seqKey(replyTo);
      const before = await threadOf(rows, conversation, root);
      const sentAt = imported?.sentAt ?? at;
      const count = (before?.count ?? 0) + 1;
      const thread: ThreadRow = { count, lastSeq: seq, lastAt: sentAt, lastRecalled: before?.lastRecalled ?? 0 };
      return [
        put("threads", conversation, root, thread),
        put("replies", messageIdOf(conversation, replyTo), seqKey(seq), { nth: count, at: sentAt } satisfies ReplyRow),
        put("answers", conversation, seqKey(seq), replyTo),
        ...(before ? [del("active", conversation, seqKey(before.lastSeq))] : []),
        put("active", conversation, seqKey(seq), replyTo),
        put("taken", takenBy(senderId, conversation), root, 1),
      ];
    },
    MessageRecalled: gone,
    MessageExpired: gone,
  },
};

type OfMessage = { data: { conversationId: string; seq: number } };

/** An answer whose content is gone is not unread. It may be recalled and expire, and counts once. */
async function gone({ data: { conversationId: conversation, seq } }: OfMessage, rows: OwnRows): Promise<TableWrite[]> {
  const answered = await rows.get<number>("answers", conversation, seqKey(seq));
  const thread = answered === undefined ? undefined : await threadOf(rows, conversation, seqKey(answered));
  if (answered === undefined || thread === undefined) return [];
  return [
    put("threads", conversation, seqKey(answered), { ...thread, lastRecalled: Math.max(thread.lastRecalled, seq) }),
    del("answers", conversation, seqKey(seq)),
    ...(await rankedAbove(rows, messageIdOf(conversation, answered), RECALLED, seq, 1)),
  ];
}

const threadOf = (rows: OwnRows, conversation: string, root: string) => rows.get<ThreadRow>("threads", conversation, root);

type Place = { conversation: string; seq: number };

/** The only functions that read the threads' rows. None of them asks what the viewer may see. */
export const threadReads = (reader: Reader) => {
  const threadsOf = (places: readonly Place[]) =>
    reader.getMany<ThreadRow>(
      "threads",
      places.map(({ conversation, seq }) => [conversation, seqKey(seq)] as const),
    );

  /** The newest answer up to a seq, included. */
  const replyUpTo = async ({ conversation, seq }: Place, upTo: number) => {
    const query = { before: justAbove(seqKey(upTo)), limit: 1, reverse: true };
    const [found] = await reader.range<ReplyRow>("replies", messageIdOf(conversation, seq), query);
    return found && { seq: seqOfKey(found.sort), ...found.value };
  };

  const recalledAbove = async ({ conversation, seq }: Place, base: number): Promise<number> =>
    (await ranksAbove(reader, [[messageIdOf(conversation, seq), RECALLED]], base))[0] ?? 0;

  return {
    /** The answers to a message; undefined if nobody answered. */
    thread: ({ conversation, seq }: Place) => reader.get<ThreadRow>("threads", conversation, seqKey(seq)),
    threadsOf,
    /** The seqs of at most `limit` answers to a message, between two seqs, both excluded. */
    replies: async ({ conversation, seq }: Place, query: { after: number; before?: number; limit: number }) => {
      const { after, before, limit } = query;
      const range = { after: seqKey(after), ...(before === undefined ? {} : { before: seqKey(before) }), limit };
      return (await reader.range<ReplyRow>("replies", messageIdOf(conversation, seq), range)).map(({ sort }) => seqOfKey(sort));
    },
    replyUpTo,
    /** The messages of a conversation that were answered after a seq: at most `limit`, the one with the newest answer first. */
    answeredAfter: async (conversation: string, after: number, limit: number): Promise<number[]> =>
      (await reader.range<number>("active", conversation, { after: seqKey(after), limit, reverse: true })).map(
        ({ value }) => value,
      ),
    /** Whether a user has answered each of these messages. */
    hasAnswered: async (user: string, conversation: string, seqs: readonly number[]): Promise<boolean[]> => {
      const rows = await reader.getMany<number>(
        "taken",
        seqs.map((seq) => [takenBy(user, conversation), seqKey(seq)] as const),
      );
      return rows.map((row) => row !== undefined);
    },
    /** How many answers to these messages lie above a seq, without recalled ones. */
    answersAbove: async (conversation: string, seqs: readonly number[], base: number): Promise<number> => {
      const rows = await threadsOf(seqs.map((seq) => ({ conversation, seq })));
      const counts = await Promise.all(
        seqs.map(async (seq, index) => {
          const place = { conversation, seq };
          const { count, lastRecalled } = rows[index] ?? { count: 0, lastRecalled: 0 };
          const known = seq >= base ? 0 : ((await replyUpTo(place, base))?.nth ?? 0);
          return count - known - (lastRecalled > base ? await recalledAbove(place, base) : 0);
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };
};
