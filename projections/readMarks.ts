import type { Recorded } from "../src/domain/recorded.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import {
  del,
  type Projection,
  put,
  type Reader,
  type Rows,
  seqKey,
  seqOfKey,
  type TableWrite,
} from "../src/projecting/projection.ts";
import { afterUser } from "./conversationRows.ts";
import { rankedAbove, RANKS, ranksAbove } from "./ranks.ts";

/** What the unread counts of a conversation are computed from, for every reader. */
type CountsRow = {
  /** Seq of the newest message. */
  head: number;
  /** The highest recalled seq; 0 for none. If nothing above a mark was recalled, those need not be counted. */
  lastRecalled: number;
  /** The highest seq of a message that had waited for its time; absent: there was none. */
  lastScheduled?: number;
  /** The newest run of imported messages, both ends included; 0 for none. */
  importedFrom: number;
  importedTo: number;
};

const NO_MESSAGES: CountsRow = { head: 0, lastRecalled: 0, importedFrom: 0, importedTo: 0 };

/** Whom a message names. Where it names everyone, nobody by themselves. */
type MentionedRow = { users: string[]; all: boolean };

const ofUser = (user: string, conversation: string) => `${user}~${conversation}`;

/*
 * The sets of seqs that are counted (ranks.ts), for a conversation or for a user in it. However many there are above a mark, a
 * count reads a few rows: somebody may be away for a hundred thousand messages that expired meanwhile.
 */
const RECALLED = "recalled";
const OWN = "own";
const NAMED = "named";

const READS = ["counts", "marks", "imported", "mentioned", "recalled", "scheduled", RANKS] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * How far each user has read each conversation. What is unread is counted, not stored: `head − max(mark, joinedSeq) − |recalled
 * or imported above it|`. Sending a message by hand moves the sender's mark to it, so only messages of their own that had waited
 * for their time are above the mark: whose they are is in `scheduled`. No write for each recipient; the same on every device.
 */
export const readMarks: Projection<Read> = {
  name: "readMarks",
  version: 2,
  reads: READS,
  conversationOf: ({ table, partition, sort }) => {
    if (table === "marks") return sort;
    return table === RANKS ? afterUser(partition) : partition;
  },
  handlers: {
    // Mostly the counts are in memory: then no message costs a promise.
    MessageSent: (event, rows) => {
      const found = rows.get<CountsRow>("counts", event.data.conversationId, "");
      return found instanceof Promise ? found.then((counts) => sent(event, counts, rows)) : sent(event, found, rows);
    },
    MessageRecalled: gone,
    MessageExpired: gone,
    ReadUpTo: async ({ data }, rows) => {
      const { head } = await countsOf(rows, data.conversationId);
      const before = (await rows.get<number>("marks", data.userId, data.conversationId)) ?? 0;
      const mark = Math.min(data.seq, head);
      return mark > before ? [put("marks", data.userId, data.conversationId, mark)] : [];
    },
  },
};

function sent(
  { data, revision, imported }: Recorded<"MessageSent">,
  counts: CountsRow = NO_MESSAGES,
  rows: OwnRows,
): Awaitable<TableWrite[]> {
  const seq = revision + 1;
  const conversation = data.conversationId;
  if (data.imported) {
    const importedFrom = counts.importedTo === seq - 1 && counts.importedTo > 0 ? counts.importedFrom : seq;
    return [
      put("counts", conversation, "", { ...counts, head: seq, importedFrom, importedTo: seq } satisfies CountsRow),
      put("imported", conversation, seqKey(importedFrom), seq),
      // What an archive of facts tells as such: who wrote it had read what came before.
      ...(imported && !data.scheduled ? [put("marks", data.senderId, conversation, seq)] : []),
    ];
  }
  if (data.scheduled || data.mentionsAll || data.mentions.length > 0) return sentSpecially(data, seq, counts, rows);
  return [
    put("counts", conversation, "", { ...counts, head: seq } satisfies CountsRow),
    put("marks", data.senderId, conversation, seq),
  ];
}

/** A message that had waited for its time, or names somebody. */
async function sentSpecially(
  { conversationId: conversation, senderId, scheduled, mentions, mentionsAll: all }: Recorded<"MessageSent">["data"],
  seq: number,
  counts: CountsRow,
  rows: OwnRows,
): Promise<TableWrite[]> {
  const writes = scheduled
    ? [
        put("counts", conversation, "", { ...counts, head: seq, lastScheduled: seq } satisfies CountsRow),
        put("scheduled", conversation, seqKey(seq), senderId),
        ...(await rankedAbove(rows, ofUser(senderId, conversation), OWN, seq, 1)),
      ]
    : [put("counts", conversation, "", { ...counts, head: seq } satisfies CountsRow), put("marks", senderId, conversation, seq)];
  const users = all ? [] : [...new Set(mentions)].filter((user) => user !== senderId);
  if (users.length === 0 && !all) return writes;
  const row: MentionedRow = { users, all };
  return [...writes, put("mentioned", conversation, seqKey(seq), row), ...(await mentionedIn(rows, conversation, seq, row, 1))];
}

type OfMessage = { data: { conversationId: string; seq: number } };

/** A message whose content is gone is not unread, and names nobody. It may be recalled and expire, and counts once. */
async function gone({ data: { conversationId: conversation, seq } }: OfMessage, rows: OwnRows): Promise<TableWrite[]> {
  const key = seqKey(seq);
  const counts = await countsOf(rows, conversation);
  const writes: TableWrite[] = [];
  if ((await rows.get("recalled", conversation, key)) === undefined && !(await wasImported(rows, conversation, counts, seq))) {
    writes.push(
      put("counts", conversation, "", { ...counts, lastRecalled: Math.max(counts.lastRecalled, seq) } satisfies CountsRow),
      put("recalled", conversation, key, 1),
      ...(await rankedAbove(rows, conversation, RECALLED, seq, 1)),
    );
    const sender = await rows.get<string>("scheduled", conversation, key);
    if (sender !== undefined) writes.push(...(await rankedAbove(rows, ofUser(sender, conversation), OWN, seq, -1)));
  }
  const mentioned = await rows.get<MentionedRow>("mentioned", conversation, key);
  if (mentioned) {
    writes.push(del("mentioned", conversation, key), ...(await mentionedIn(rows, conversation, seq, mentioned, -1)));
  }
  return writes;
}

/** The writes for a message that names somebody, or does so no longer (`by` -1). */
async function mentionedIn(
  rows: OwnRows,
  conversation: string,
  seq: number,
  { users, all }: MentionedRow,
  by: 1 | -1,
): Promise<TableWrite[]> {
  const writes = all ? await rankedAbove(rows, conversation, NAMED, seq, by) : [];
  for (const user of users) writes.push(...(await rankedAbove(rows, ofUser(user, conversation), NAMED, seq, by)));
  return writes;
}

async function countsOf(rows: OwnRows, conversation: string): Promise<CountsRow> {
  return (await rows.get<CountsRow>("counts", conversation, "")) ?? NO_MESSAGES;
}

async function wasImported(rows: OwnRows, conversation: string, { importedTo }: CountsRow, seq: number): Promise<boolean> {
  if (seq > importedTo) return false;
  const run = await rows.floor<number>("imported", conversation, seqKey(seq));
  return run !== undefined && seq <= run.value;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** What a reader has not read of one conversation. */
export type Unread = { readSeq: number; unreadCount: number };

/** The only functions that read the read marks' rows. */
export const readMarkReads = (reader: Reader) => {
  const PAGE = 1_000;

  const importedAbove = async (conversation: string, base: number): Promise<number> => {
    let count = 0;
    // The newest runs first: each is above the next one, and those that end at the base or below count for nothing.
    for (let before: string | undefined; ;) {
      const below = before === undefined ? {} : { before };
      const runs = await reader.range<number>("imported", conversation, { ...below, limit: PAGE, reverse: true });
      for (const { sort, value: to } of runs) {
        if (to <= base) return count;
        count += to - Math.max(base, seqOfKey(sort) - 1);
      }
      before = runs[runs.length - 1]?.sort;
      if (runs.length < PAGE) return count;
    }
  };

  /** How many messages above `base` are recalled, or the user's own. */
  const leftOut = async (user: string, conversation: string, counts: CountsRow, base: number): Promise<number> => {
    const { lastRecalled, lastScheduled = 0 } = counts;
    const recalled = lastRecalled > base ? ([[conversation, RECALLED]] as const) : [];
    const own = lastScheduled > base ? ([[ofUser(user, conversation), OWN]] as const) : [];
    return sum(await ranksAbove(reader, [...recalled, ...own], base));
  };

  /** Some of what is above the base is not counted. */
  const unreadAbove = async (user: string, conversation: string, counts: CountsRow, base: number): Promise<number> => {
    let unread = counts.head - base;
    if (counts.lastRecalled > base || (counts.lastScheduled ?? 0) > base)
      unread -= await leftOut(user, conversation, counts, base);
    if (counts.importedTo > base) unread -= await importedAbove(conversation, base);
    return unread;
  };

  const unreadOf = (
    user: string,
    conversation: string,
    counts: CountsRow | undefined,
    mark: number,
    joinedSeq: number,
  ): Awaitable<Unread> => {
    const base = Math.max(mark, joinedSeq);
    if (counts === undefined || counts.head <= base) return { readSeq: mark, unreadCount: 0 };
    if (counts.lastRecalled <= base && (counts.lastScheduled ?? 0) <= base && counts.importedTo <= base)
      return { readSeq: mark, unreadCount: counts.head - base };
    return unreadAbove(user, conversation, counts, base).then((unreadCount) => ({ readSeq: mark, unreadCount }));
  };

  return {
    /** How far someone has read; 0 if not at all. */
    mark: async (user: string, conversation: string) => (await reader.get<number>("marks", user, conversation)) ?? 0,
    /** The same for many. */
    marks: async (keys: readonly { conversation: string; user: string }[]): Promise<number[]> => {
      const rows = await reader.getMany<number>(
        "marks",
        keys.map(({ conversation, user }) => [user, conversation] as const),
      );
      return rows.map((mark) => mark ?? 0);
    },
    unread: (user: string, conversation: string, joinedSeq: number): Awaitable<Unread> => {
      const counts = reader.get<CountsRow>("counts", conversation, "");
      const mark = reader.get<number>("marks", user, conversation);
      if (!(counts instanceof Promise) && !(mark instanceof Promise))
        return unreadOf(user, conversation, counts, mark ?? 0, joinedSeq);
      return Promise.all([counts, mark]).then(([found, at]) => unreadOf(user, conversation, found, at ?? 0, joinedSeq));
    },
    /** The same for many conversations of one user. */
    unreadOfMany: async (user: string, conversations: readonly { id: string; joinedSeq: number }[]): Promise<Unread[]> => {
      const counts = await reader.getMany<CountsRow>(
        "counts",
        conversations.map(({ id }) => [id, ""] as const),
      );
      const marks = await reader.getMany<number>(
        "marks",
        conversations.map(({ id }) => [user, id] as const),
      );
      return Promise.all(
        conversations.map(async ({ id, joinedSeq }, index) => unreadOf(user, id, counts[index], marks[index] ?? 0, joinedSeq)),
      );
    },
    /** The seq of the newest message of each conversation that no archive brought; 0 if there is none. */
    newestSent: async (conversations: readonly string[]): Promise<number[]> => {
      const rows = await reader.getMany<CountsRow>(
        "counts",
        conversations.map((id) => [id, ""] as const),
      );
      return rows.map((counts) => {
        if (counts === undefined) return 0;
        return counts.head > counts.importedTo ? counts.head : counts.importedFrom - 1;
      });
    },
    /** Unread messages that name the user, or everyone. */
    unreadMentions: async (user: string, conversation: string, joinedSeq: number): Promise<number> => {
      const base = Math.max((await reader.get<number>("marks", user, conversation)) ?? 0, joinedSeq);
      const sets = [[conversation, NAMED] as const, [ofUser(user, conversation), NAMED] as const];
      return sum(await ranksAbove(reader, sets, base));
    },
  };
};
