import type { Ask } from "./asking.ts";
import { pauseOf } from "./connection.ts";
import type { Drafts } from "./drafts.ts";
import { asClientError, mayPass } from "./errors.ts";
import { createHistory, type History } from "./history.ts";
import type { Outbox } from "./outbox.ts";
import type { State } from "./state.ts";
import type { Storage } from "./storage.ts";
import { createTyping, type Watch } from "./typing.ts";
import type { ClientError, ConversationHandle, ConversationState, Message, MessagesState, OutgoingMessage } from "./types.ts";
import type { Derived, Publisher } from "./watched.ts";

/** So many conversations that nobody looks at any more keep their messages: one comes back to them soon. */
const KEPT = 5;
/** So many messages of a conversation are kept in the store. */
const TAIL = 60;
/** How long changes of a conversation are collected before its end is kept, in milliseconds. */
const KEEP_AFTER_MS = 1_000;

export type HandleOptions = {
  state: State;
  ask: Ask;
  publisher: Publisher;
  outbox: Outbox;
  drafts: Drafts;
  markRead: (conversationId: string, seq: number) => Promise<void>;
  watch: Watch;
  storage: () => Storage;
  /** What was kept is there, and the server can be asked. */
  opened: Promise<void>;
};

type Opened = {
  users: number;
  history: History;
  /** Nothing was fetched since it was opened, or since all had to be fetched anew; nor is it being fetched. */
  isStale: boolean;
  /** How often that was begun: only the last time counts. */
  loads: number;
  error: ClientError | undefined;
  messages: Derived<MessagesState>;
  conversation: Derived<ConversationState | undefined>;
  typing: ReturnType<typeof createTyping>;
  saving: ReturnType<typeof setTimeout> | undefined;
  retry: ReturnType<typeof setTimeout> | undefined;
  /** The seq that is looked at again once it is fetched; undefined: the end. */
  place: number | undefined;
  /** How often that page could not be loaded since it was. */
  faults: number;
};

/** The conversations that somebody looks at, and those that somebody looked at last. */
export function createHandles(options: HandleOptions) {
  const { state, ask, publisher, outbox, drafts, markRead, watch, storage, opened } = options;
  const open = new Map<string, Opened>();

  const make = (id: string): Opened => {
    const made: Opened = {
      users: 0,
      isStale: true,
      loads: 0,
      error: undefined,
      saving: undefined,
      retry: undefined,
      place: undefined,
      faults: 0,
      history: createHistory(id, {
        state,
        ask,
        looked: () => made.messages.invalidate(),
        failed: (error) => {
          if (made.error === error) return;
          made.error = error;
          made.messages.invalidate();
        },
      }),
      messages: publisher.derived((before) => {
        const { view, isFollowing } = state.timeline(id);
        const loaded = state.timeline(id).items();
        const outgoing = isFollowing || !view ? outgoingIn(id) : [];
        const now: MessagesState = {
          items: outgoing.length > 0 ? [...loaded, ...outgoing] : loaded,
          reachedStart: view !== undefined && view.from <= 1,
          reachedEnd: isFollowing,
          ...(made.error ? { error: made.error } : {}),
        };
        // Whoever draws them has nothing to do then.
        return before && isSame(before, now) ? before : now;
      }),
      conversation: publisher.derived(() => state.conversation(id)),
      typing: createTyping(id, { ask, watch, publisher }),
    };
    open.set(id, made);
    state.open(id);
    void load(id, made);
    return made;
  };

  const outgoingIn = (id: string): OutgoingMessage[] => outbox.items.filter(({ conversationId }) => conversationId === id);

  /** What was kept is shown until the newest page is there. */
  const load = async (id: string, of: Opened): Promise<void> => {
    await opened.catch(() => undefined);
    if (open.get(id) !== of) return;
    const kept = await storage().tail(id);
    const [first] = kept;
    const last = kept.at(-1);
    const timeline = state.timeline(id);
    if (open.get(id) !== of) return;
    if (first && last && !timeline.view) {
      timeline.merge({ messages: kept, from: first.seq, to: last.seq });
      timeline.look({ from: first.seq, to: Math.max(last.seq, state.conversation(id)?.lastSeq ?? 0) }, true);
      of.messages.invalidate();
    }
    await refresh(of);
  };

  /** A page afresh, where what is shown is out of the store, or nothing is shown. */
  const refresh = async (of: Opened): Promise<void> => {
    // All is fetched first; it says when it is there.
    if (!of.isStale || state.cursor === undefined) return;
    clearTimeout(of.retry);
    of.isStale = false;
    const own = ++of.loads;
    try {
      await (of.place === undefined ? of.history.open() : of.history.around(of.place));
      if (own !== of.loads) return;
      of.faults = 0;
      of.place = undefined;
    } catch (thrown) {
      if (own !== of.loads) return;
      of.isStale = true;
      // It is said by `error`, and tried again.
      const error = asClientError(thrown);
      const ms = Math.max(error.retryAfterMs ?? 0, pauseOf(of.faults++, Math.random));
      if (mayPass(error)) of.retry = setTimeout(() => void refresh(of), ms);
    }
  };

  const save = (id: string, of: Opened): void => {
    of.saving ??= setTimeout(() => saveNow(id, of), KEEP_AFTER_MS);
  };
  const saveNow = (id: string, of: Opened): void => {
    clearTimeout(of.saving);
    of.saving = undefined;
    const timeline = state.timeline(id);
    if (of.isStale || !timeline.isFollowing) return;
    const tail: Message[] = [];
    for (const item of timeline.items().slice(-TAIL).reverse()) {
      if (item.type === "gap") break;
      tail.unshift(item);
    }
    void storage().saveTail(id, tail);
  };

  const forgetOldest = (): void => {
    const unused = [...open].filter(([, { users }]) => users === 0);
    for (const [id, of] of unused.slice(0, Math.max(0, unused.length - KEPT))) forget(id, of);
  };
  const forget = (id: string, of: Opened): void => {
    if (of.saving !== undefined) saveNow(id, of);
    clearTimeout(of.retry);
    of.loads += 1;
    of.history.close();
    of.typing.end();
    open.delete(id);
    state.forget(id);
    drafts.forget(id);
  };

  return {
    open(id: string): ConversationHandle {
      const of = open.get(id) ?? make(id);
      // The one that was used last is forgotten last.
      open.delete(id);
      open.set(id, of);
      of.users += 1;
      let isReleased = false;
      const { history, typing } = of;
      return {
        id,
        conversation: of.conversation,
        messages: of.messages,
        loadOlder: history.older,
        loadNewer: history.newer,
        jumpTo: history.around,
        jumpToEnd: history.end,
        fill: history.fill,
        markRead: (seq) => markRead(id, seq),
        draft: drafts.of(id),
        setDraft: (text) => drafts.set(id, text),
        typing: typing.typing,
        setTyping: typing.set,
        release: () => {
          if (isReleased) return;
          isReleased = true;
          of.users -= 1;
          forgetOldest();
        },
      };
    },

    conversationChanged(id: string): void {
      const of = open.get(id);
      if (!of) return;
      of.conversation.invalidate();
      // It was refused before: the other one had not registered then, or the viewer was no member.
      if (of.isStale && of.error && !mayPass(of.error)) void refresh(of);
    },
    messagesChanged(id: string): void {
      const of = open.get(id);
      if (!of) return;
      of.messages.invalidate();
      save(id, of);
    },
    /** What is loaded is not true any more. */
    cleared(id: string, place: number | undefined): void {
      const of = open.get(id);
      if (!of) return;
      of.isStale = true;
      // Again, before it was fetched: then nothing is shown that tells of a place.
      of.place = place ?? of.place;
      of.messages.invalidate();
      void refresh(of);
    },
    /** The server can be asked again. */
    refresh(): void {
      for (const of of open.values()) void refresh(of);
    },
    typed: (id: string, user: string): void => open.get(id)?.typing.gone(user),
    close(): void {
      for (const [id, of] of [...open]) forget(id, of);
    },
  };
}

const isSame = (one: MessagesState, other: MessagesState): boolean =>
  one.reachedStart === other.reachedStart &&
  one.reachedEnd === other.reachedEnd &&
  one.error === other.error &&
  one.items.length === other.items.length &&
  one.items.every((item, index) => item === other.items[index]);
