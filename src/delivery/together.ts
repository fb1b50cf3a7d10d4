import type { Entry, Placed, RecentNews, WideConversation } from "../../projections/inboxEntries.ts";
import type { Views } from "../../projections/views.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Signals } from "../ports/signals.ts";
import type { Healed } from "../projecting/healed.ts";
import { type Followed, isQuiet, type News, type Tail, type TopicPlace } from "../projecting/tail.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** Takes an item for a reader who has been told everything before it. */
export type Taker<T> = {
  /** Whether it took the item. If not, the reader must be woken. */
  take(item: T): boolean;
};

/**
 * What is looked at of a reader of an inbox when there is news of a wide conversation. It is a plain record: a message for
 * thousands touches those of all of them, and most of its time goes into fetching them from memory.
 */
export type UpToDate<T> = RecentNews & {
  /** What takes the next item. Undefined unless the reader was told everything before, and waits for news. */
  taker: Taker<T> | undefined;
  /** Everything up to there was told. */
  cursor: Position | undefined;
  /** `Healed.version` when that was found. */
  version: number;
  /** Of the reader's own topic. */
  place: TopicPlace | undefined;
  wake(): void;
  /** As `Telling.entries`, of what is so new that its rows are at hand. All readers are told the same. */
  tell(placed: readonly Placed<Entry>[], seen: Position): Awaitable<readonly T[]>;
};

/** The wide conversations that one reader listens to. */
export type Memberships = {
  /**
   * Replaces them, and the reader's stays. It listens to the new ones when this resolves, and to the old ones until then.
   * Resolves to whether they are others than before.
   */
  to(conversations: readonly WideConversation[]): Promise<boolean>;
  /** What the tail has of one of them. Undefined for any other. */
  news(conversation: string): Followed | undefined;
  close(): void;
};

/**
 * Listens to wide conversations, once for all who read them. Those who are up to date are told what one commit brings in one
 * go. All others are woken, and read by themselves.
 */
export type Together<T> = { of(reader: UpToDate<T>): Memberships };

type Member<T> = { readonly reader: UpToDate<T>; readonly of: Meeting<T>; stay: WideConversation["stay"]; isOver: boolean };

/** All who listen to one conversation. */
type Meeting<T> = {
  readonly topic: string;
  readonly members: Set<Member<T>>;
  /** The members as a list. Undefined once they are others. */
  list: readonly Member<T>[] | undefined;
  /** What is new after this place was not looked at yet. */
  at: Position;
  news: Followed | undefined;
  unlisten: (() => void) | undefined;
  listening: Promise<void>;
};

type TogetherServices = {
  signals: Signals;
  tail: Tail;
  watermark: Pick<Watermark, "current">;
  healed: Pick<Healed, "version">;
  views: { inboxes: Pick<Views["inboxes"], "isTold"> };
};

const warned = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** `onError`: called with what a reader threw. The others are still told. */
export function createTogether<T>(services: TogetherServices, onError: (error: unknown) => void = warned): Together<T> {
  const { signals, tail, watermark, healed } = services;
  const meetings = new Map<string, Meeting<T>>();

  const listen = async (meeting: Meeting<T>): Promise<void> => {
    const { topic } = meeting;
    meeting.unlisten = await signals.listen([topic], () => tell(meeting));
    // Only after its signals are listened to: see `Tail`.
    meeting.news = tail.follow(topic);
    meeting.at = watermark.current();
    if (meetings.get(topic) !== meeting) end(meeting);
  };

  const end = ({ news, unlisten }: Meeting<T>): void => {
    unlisten?.();
    news?.end();
  };

  const meetingOf = (topic: string): Meeting<T> => {
    const known = meetings.get(topic);
    if (known) return known;
    const meeting: Meeting<T> = {
      topic,
      members: new Set(),
      list: undefined,
      at: "",
      news: undefined,
      unlisten: undefined,
      listening: Promise.resolve(),
    };
    meetings.set(topic, meeting);
    meeting.listening = listen(meeting);
    // Whoever joined gets the fault. The next one begins afresh.
    meeting.listening.catch(() => drop(meeting));
    return meeting;
  };

  const drop = (meeting: Meeting<T>): void => {
    if (meetings.get(meeting.topic) === meeting) meetings.delete(meeting.topic);
  };

  const leave = (member: Member<T>): void => {
    const { of } = member;
    member.isOver = true;
    of.members.delete(member);
    of.list = undefined;
    if (of.members.size > 0) return;
    drop(of);
    end(of);
  };

  const tell = (meeting: Meeting<T>): void => {
    const end = watermark.current();
    const news = meeting.news?.after(meeting.at, end);
    meeting.at = end;
    if (news?.length === 0) return;
    // Several are read in pages, and a slow reader gets them as they are then.
    const one = news?.length === 1 ? news[0] : undefined;
    const item = one && itemOf(meeting, one, news as readonly News[], end);
    const version = healed.version();
    // A call may let others join, or leave.
    for (const member of (meeting.list ??= [...meeting.members])) {
      if (member.isOver) continue;
      const { reader } = member;
      const isNext = item !== undefined && one !== undefined && reader.version === version && isNextFor(member, one);
      if (isNext && takes(reader, item)) reader.cursor = reader.at = end;
      else wake(reader);
    }
  };

  const takes = ({ taker }: UpToDate<T>, item: T): boolean => {
    try {
      return taker?.take(item) === true;
    } catch (error) {
      onError(error);
      return false;
    }
  };

  const wake = (reader: UpToDate<T>): void => {
    try {
      reader.wake();
    } catch (error) {
      onError(error);
    }
  };

  /** What those are told who are up to date. Undefined: each must read. */
  const itemOf = (meeting: Meeting<T>, one: News, news: readonly News[], end: Position): T | undefined => {
    if (one.position > end) return undefined;
    for (const { reader } of (meeting.list ??= [...meeting.members])) {
      if (reader.taker === undefined) continue;
      try {
        const told = reader.tell(news as readonly Placed<Entry>[], end);
        if (told instanceof Promise) return void told.catch(() => undefined);
        return told.length === 1 ? told[0] : undefined;
      } catch (error) {
        // All are woken, and whoever reads gets the fault.
        return void onError(error);
      }
    }
    return undefined;
  };

  /**
   * Whether news is the next thing that a member is to be told. It is if they were told everything before, nothing else came
   * meanwhile of what they listen to, and they may see it.
   */
  const isNextFor = ({ reader, of, stay }: Member<T>, one: News): boolean => {
    const { taker, cursor, at, place, wide } = reader;
    if (taker === undefined || cursor === undefined || place === undefined || one.position <= cursor) return false;
    // From where their conversations are known: one that they join is news of their own.
    if (!isQuiet(place, at < cursor ? at : cursor)) return false;
    if (wide.length > 1) for (const { news } of wide) if (news !== of.news && !isQuiet(news.place, cursor)) return false;
    return services.views.inboxes.isTold(one, stay);
  };

  return {
    of: (reader) => {
      let known: ReadonlyMap<string, Member<T>> = new Map();
      let isClosed = false;
      const leaveAll = (members: ReadonlyMap<string, Member<T>>): void => {
        for (const member of members.values()) leave(member);
      };
      return {
        to: async (conversations) => {
          if (conversations.length === known.size && conversations.every(({ conversation }) => known.has(conversation))) {
            for (const { conversation, stay } of conversations) (known.get(conversation) as Member<T>).stay = stay;
            return false;
          }
          const joined = new Map<string, Member<T>>();
          for (const { conversation, stay } of conversations) {
            const of = meetingOf(`conversations/${conversation}`);
            const member = { reader, of, stay, isOver: false };
            of.members.add(member);
            of.list = undefined;
            joined.set(conversation, member);
          }
          try {
            await Promise.all([...joined.values()].map(({ of }) => of.listening));
          } catch (error) {
            leaveAll(joined);
            throw error;
          }
          leaveAll(known);
          known = joined;
          if (isClosed) leaveAll(known);
          return true;
        },
        news: (conversation) => known.get(conversation)?.of.news,
        close: () => {
          isClosed = true;
          leaveAll(known);
        },
      };
    },
  };
}
