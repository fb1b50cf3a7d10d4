import type { ThreadRow } from "../../../projections/threads.ts";
import type { SeqRange } from "../../domain/visibility.ts";
import { andThen, type Awaitable } from "../../ports/awaitable.ts";
import { type Connection, edged } from "../connections.ts";
import type { Context } from "../context.ts";
import {
  type ConversationEntity,
  membershipOf,
  messageEntity,
  type MessageEntity,
  readAt,
  sightOf,
  unreadOf,
} from "../entities.ts";

/**
 * The answers to a message, as far as the viewer may see them: in the list, in their number and in the time of the newest. Of
 * somebody who often left and came back, so many of the earlier stays are looked at, the newest of them.
 */
const STAYS = 20;

/** Threads of a conversation that unread answers are counted in: those that were answered last. */
const UNREAD_THREADS = 100;

const placeOf = ({ conversation, row }: MessageEntity) => ({ conversation: conversation.id, seq: row.seq });

/** What the viewer may see of a conversation, as ranges in order. */
const rangesOf = (context: Context, conversation: ConversationEntity): Awaitable<"all" | readonly SeqRange[]> =>
  (conversation.ranges ??= andThen(sightOf(context, conversation), (sight) =>
    context.services.views.relations.rangesOf(sight, STAYS),
  ));

/** The parts of these ranges above a seq. */
const above = (ranges: "all" | readonly SeqRange[], seq: number): readonly SeqRange[] =>
  ranges === "all"
    ? [{ fromSeq: seq + 1 }]
    : ranges
        .filter(({ toSeq }) => toSeq === undefined || toSeq > seq)
        .map((range) => ({ ...range, fromSeq: Math.max(range.fromSeq, seq + 1) }));

/** Whether these ranges hold every answer to the message of a seq. */
const holdAll = ([first, ...others]: readonly SeqRange[], seq: number): boolean =>
  others.length === 0 && first !== undefined && first.toSeq === undefined && first.fromSeq === seq + 1;

function threadOf(context: Context, message: MessageEntity): Awaitable<ThreadRow | undefined> {
  return (message.thread ??= readAt(context, message.at, () => context.loaders.thread(placeOf(message))));
}

/** What is visible of a thread, if there is one. */
function ofThread<T>(
  context: Context,
  message: MessageEntity,
  none: T,
  use: (thread: ThreadRow, ranges: readonly SeqRange[], isWhole: boolean) => Awaitable<T>,
): Awaitable<T> {
  return andThen(threadOf(context, message), (thread) => {
    if (thread === undefined) return none;
    return andThen(rangesOf(context, message.conversation), (all) => {
      const ranges = above(all, message.row.seq);
      return use(thread, ranges, holdAll(ranges, message.row.seq));
    });
  });
}

export function replyCountOf(context: Context, message: MessageEntity): Awaitable<number> {
  const { threads } = context.services.views;
  const nthUpTo = async (seq: number) => (await threads.replyUpTo(placeOf(message), seq))?.nth ?? 0;
  return ofThread(context, message, 0, async (thread, ranges, isWhole) => {
    if (isWhole) return thread.count;
    const counts = await Promise.all(
      ranges.map(async ({ fromSeq, toSeq }) => {
        const [upTo, before] = await Promise.all([toSeq === undefined ? thread.count : nthUpTo(toSeq), nthUpTo(fromSeq - 1)]);
        return upTo - before;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

export function lastReplyAtOf(context: Context, message: MessageEntity): Awaitable<string | null> {
  const { threads } = context.services.views;
  return ofThread<string | null>(context, message, null, async (thread, ranges, isWhole) => {
    if (isWhole) return thread.lastAt;
    for (const { fromSeq, toSeq } of [...ranges].reverse()) {
      const last = await threads.replyUpTo(placeOf(message), toSeq ?? thread.lastSeq);
      if (last && last.seq >= fromSeq) return last.at;
    }
    return null;
  });
}

/** A page of the answers that the viewer may see, after a seq. */
export async function repliesOf(
  context: Context,
  message: MessageEntity,
  first: number,
  after: number | undefined,
): Promise<Connection<MessageEntity>> {
  const { threads } = context.services.views;
  const { conversation } = message;
  const place = placeOf(message);
  const visible = (limit: number, from = 0) =>
    ofThread<number[]>(context, message, [], async (_, ranges) => {
      const found: number[] = [];
      for (const { fromSeq, toSeq } of ranges) {
        if (toSeq !== undefined && toSeq <= from) continue;
        const query = { after: Math.max(fromSeq - 1, from), ...(toSeq === undefined ? {} : { before: toSeq + 1 }) };
        found.push(...(await threads.replies(place, { ...query, limit: limit - found.length })));
        if (found.length === limit) break;
      }
      return found;
    });
  const seqs = await visible(first + 1, after);
  const [earliest] = after === undefined ? [] : await visible(1);
  const rows = await context.services.views.timelines.messages(
    seqs.slice(0, first).map((seq) => ({ conversation: conversation.id, seq })),
  );
  const edges = rows.flatMap((row) =>
    row ? [{ cursor: String(row.seq), node: messageEntity(context, conversation, row) }] : [],
  );
  return edged(edges, seqs.length > first, after !== undefined && earliest !== undefined && earliest <= after);
}

/** Unread answers to messages that the viewer sent or has answered. */
export function unreadRepliesOf(context: Context, conversation: ConversationEntity): Awaitable<number> {
  const { id } = conversation;
  const { userId } = context.caller;
  const { threads, timelines } = context.services.views;
  return andThen(membershipOf(context, conversation), (stay) =>
    andThen(unreadOf(context, conversation), async ({ readSeq, unreadCount }) => {
      if (stay === undefined || unreadCount === 0) return 0;
      const base = Math.max(readSeq, stay.joinedSeq);
      const seqs = await threads.answeredAfter(id, base, UNREAD_THREADS);
      if (seqs.length === 0) return 0;
      const [answered, begun] = await Promise.all([
        threads.hasAnswered(userId, id, seqs),
        timelines.messages(seqs.map((seq) => ({ conversation: id, seq }))),
      ]);
      const own = seqs.filter((_, index) => answered[index] || begun[index]?.senderId === userId);
      return threads.answersAbove(id, own, base);
    }),
  );
}
