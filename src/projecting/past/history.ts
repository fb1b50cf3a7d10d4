import { setImmediate as nextTurn } from "node:timers/promises";
import { directMembers, isChannel, isDirect, streams } from "../../domain/ids.ts";
import { jsonBytes } from "../../ports/byteCache.ts";
import type { EventStore, Position, RecordedEvent } from "../../ports/eventStore.ts";
import { TooLong } from "./tooLong.ts";

/** Events of one stream that are read at a time. */
const PAGE = 100;
/** Streams that are read at a time. */
const AT_ONCE = 16;
/** After so many steps others have a turn: an embedded log answers at once. A read is as many as so many events. */
const STEPS_A_TURN = 500;
const STEPS_OF_A_READ = 16;
const MIB = 1_048_576;
/**
 * So many marks of each reader are read, the newest before the time. The highest counts, and marks rise: only a device that lags
 * brings a lower one, and seldom.
 */
const MARKS = 100;

export type HistoryOptions = {
  log: Pick<EventStore, "read">;
  conversation: string;
  /** ISO 8601: what happened later is not in it. */
  until: string;
  /** With how each of its people wants it for themselves. Default: without. */
  preferences?: boolean;
  /** Those who are or were in it beside those whom the group's own stream names: the followers of a channel. */
  followers?: () => Promise<readonly string[]>;
  /** Streams that are read beside its own, whole: what shapes rows of all conversations. */
  beside?: readonly string[];
  /** How many events may be read, of about how many bytes in memory, and how many streams. Beyond, it rejects with `TooLong`. */
  mostEvents: number;
  mostBytes: number;
  mostStreams: number;
  signal: AbortSignal;
};

/** What happened to the content of a message, and when: ISO 8601. */
export type Gone = { how: "recalled" | "expired"; at: string };

export type History = {
  /** In the order of the log. */
  events: RecordedEvent[];
  /** The messages, by seq, whose content is gone by now, whether that was before or after the time. */
  gone: ReadonlyMap<number, Gone>;
};

/** When it happened: for what comes from an archive, there. */
export const timeOf = ({ metadata: { at, imported } }: RecordedEvent): string => imported?.at ?? at;

/**
 * The events of a conversation up to a time, read from its own streams: those whose routing key it is, and so all that handlers
 * fold for it. It costs a read for each message (what was done to it), and one or two for each who was ever in it.
 *
 * Clocks of servers differ, and archives bring what is old. So the clock of a conversation never goes back: an event counts as of
 * the latest time of it and all before it. What is left is a beginning of the log, a state in which the conversation really was.
 */
export async function historyOf(options: HistoryOptions): Promise<History> {
  const { conversation, until, beside = [], signal } = options;
  const reader = readerOf(options);
  /** Where the first event stands that happened later: what follows did so too. */
  let end: Position | undefined;
  const events: RecordedEvent[] = [];
  const take = (found: readonly RecordedEvent[]): void => {
    for (const event of found) {
      if (timeOf(event) > until) {
        if (end === undefined || event.position < end) end = event.position;
        return;
      }
      events.push(event);
    }
  };

  for (const stream of beside) events.push(...(await reader.whole(stream)));
  const inGroup = isDirect(conversation) ? [] : await reader.upTo(streams.group(conversation));
  take(inGroup);
  const sent = await reader.upTo(streams.conversation(conversation));
  take(sent);

  const gone = new Map<number, Gone>();
  await each(sent, signal, async ({ revision }) => {
    const seq = revision + 1;
    const done = await reader.whole(streams.annotation(conversation, seq));
    take(done);
    const recalled = done.findLast(({ type }) => type === "MessageRecalled");
    const expired = done.findLast(({ type }) => type === "MessageExpired");
    if (recalled) gone.set(seq, { how: "recalled", at: timeOf(recalled) });
    else if (expired) gone.set(seq, { how: "expired", at: timeOf(expired) });
  });

  const people = new Set([...(directMembers(conversation) ?? []), ...inGroup.flatMap(usersIn)]);
  if (options.followers) for (const user of await options.followers()) people.add(user);
  await each([...people], signal, async (user) => {
    if (isChannel(conversation)) take(await reader.upTo(streams.subscription(conversation, user)));
    if (options.preferences) take(await reader.upTo(streams.preferences(user, conversation)));
    take(await reader.marks(streams.reader(user, conversation)));
  });

  const counted = end === undefined ? events : events.filter(({ position }) => position < (end as Position));
  counted.sort((one, other) => (one.position < other.position ? -1 : 1));
  return { events: counted, gone };
}

/** Whom an event of a group's stream makes a member, or a follower. */
function usersIn({ type, data }: RecordedEvent): string[] {
  const { ownerId, userId, userIds } = data as { ownerId?: string; userId?: string; userIds?: string[] };
  if (type === "GroupCreated") return ownerId === undefined ? [] : [ownerId];
  if (type === "MembersImported") return userIds ?? [];
  const isEntering = type === "MemberJoined" || type === "MemberAdded" || type === "FollowerAdmitted";
  return isEntering && userId !== undefined ? [userId] : [];
}

/** Reads streams, and counts what it reads. */
function readerOf({ log, until, mostEvents, mostBytes, mostStreams, signal }: HistoryOptions) {
  let [events, bytes, opened, sinceTurn] = [0, 0, 0, 0];

  const open = (): void => {
    if (++opened > mostStreams) throw new TooLong(`it is in more than ${mostStreams} streams`);
  };
  const read = async (...of: Parameters<typeof log.read>): Promise<RecordedEvent[]> => {
    if (sinceTurn >= STEPS_A_TURN) {
      await nextTurn();
      sinceTurn = 0;
    }
    signal.throwIfAborted();
    const page = await log.read(...of);
    sinceTurn += STEPS_OF_A_READ + page.length;
    events += page.length;
    for (const { data } of page) bytes += jsonBytes(data);
    if (bytes > mostBytes) throw new TooLong(`what happened up to then takes more than ${Math.floor(mostBytes / MIB)} MiB`);
    if (events > mostEvents) throw new TooLong(`it has more than ${mostEvents} events up to then`);
    return page;
  };
  const pages = async (stream: string, isEnough: (last: RecordedEvent) => boolean): Promise<RecordedEvent[]> => {
    open();
    const found: RecordedEvent[] = [];
    for (;;) {
      const page = await read(stream, found.length, "forwards", PAGE);
      found.push(...page);
      const last = page[page.length - 1];
      if (page.length < PAGE || last === undefined || isEnough(last)) return found;
    }
  };
  const isLater = (event: RecordedEvent): boolean => timeOf(event) > until;

  return {
    whole: (stream: string) => pages(stream, () => false),
    /** At least up to the first event that happened later, if there is one. */
    upTo: (stream: string) => pages(stream, isLater),
    /** The newest marks before the time, and the first one after it, if there is one. */
    marks: async (stream: string): Promise<RecordedEvent[]> => {
      open();
      const first = await read(stream, 0, "forwards", MARKS);
      const last = first[first.length - 1];
      if (last === undefined || first.length < MARKS || isLater(last)) return first;
      const [newest] = await read(stream, Number.MAX_SAFE_INTEGER, "backwards", 1);
      if (newest === undefined) return first;
      // One who reads much has thousands of marks: where the time is among them is found by halving.
      let [before, after] = [last.revision, newest.revision + 1];
      let later: RecordedEvent[] = [];
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        const [event] = await read(stream, middle, "forwards", 1);
        if (event !== undefined && !isLater(event)) before = middle;
        else [after, later] = [middle, event === undefined ? later : [event]];
      }
      return [...(await read(stream, before, "backwards", MARKS)).reverse(), ...later];
    },
  };
}

/** Does some work for each item, a few at a time. Rejects with the first fault, once nothing is under way any more. */
async function each<T>(items: readonly T[], signal: AbortSignal, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (next < items.length && failed === undefined) {
      const item = items[next++] as T;
      try {
        signal.throwIfAborted();
        await work(item);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  if (failed) throw failed.error;
}
