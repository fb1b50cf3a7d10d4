import { asker } from "./asking.ts";
import { createConnection, pauseOf } from "./connection.ts";
import { createDrafts } from "./drafts.ts";
import { asClientError, clientError } from "./errors.ts";
import type { InboxEntry } from "./entries.ts";
import { createFetching } from "./fetching.ts";
import { createHandles } from "./handles.ts";
import { createKeeping } from "./keeping.ts";
import { Register, UpdateProfile } from "./operations.ts";
import { createOutbox } from "./outbox.ts";
import { createReading } from "./reading.ts";
import { createState, type Step } from "./state.ts";
import { indexedDbStorage, memoryStorage, type Storage, textStorage } from "./storage.ts";
import { aloneTab, type Call, sharedTabs, type Tabs, type Told } from "./tabs.ts";
import { messageOf } from "./timeline.ts";
import { claimsOf, keepToken } from "./tokens.ts";
import type { Client, ClientError, ClientOptions, ConnectionState, Me, Message, TypedDocument } from "./types.ts";
import { createPublisher } from "./watched.ts";
import { createWatches } from "./watches.ts";

/** So many entries that were missed are taken one by one. Beyond it everything is fetched anew, which is quicker. */
const CATCH_UP = 1_000;
/** How long what must be fetched is collected, in milliseconds. */
const COLLECT_MS = 50;
/**
 * What is unread in all takes the server long to count for those with thousands of conversations. After each answer it is not
 * asked for it again for so many times as long as the answer took: a tenth of the time at most.
 */
const TOTAL_RESTS = 9;
/** How long what comes while a client catches up is collected before it is shown, in milliseconds. */
const SHOW_MS = 30;

/**
 * One user's view of a server. It connects at once, and goes on until `close`. Throws where the platform has no `WebSocket` and
 * `options` name none.
 */
export function createClient(options: ClientOptions): Client {
  const webSocket = options.webSocket ?? globalThis.WebSocket;
  if (!webSocket) throw new Error("there is no WebSocket here: give one as `webSocket`, such as that of the package ws");
  const url = new URL(options.url, globalThis.location?.href).href;
  const ended = new AbortController();
  const tokens = keepToken(options.token);
  const ask = asker({ url, tokens, fetch: options.fetch ?? ((...of) => fetch(...of)), ended: ended.signal });
  const report = (error: unknown): void => console.error(error);

  // ------------------------------------------------------------------------------------------------------ what is shown

  const publisher = createPublisher((flush) => {
    if (connection.get().state === "connecting") setTimeout(flush, SHOW_MS);
    else queueMicrotask(flush);
  }, report);
  const connection = publisher.value<ConnectionState>({ state: "connecting" });
  let listError: ClientError | undefined;
  const me = publisher.derived(() => state.me);
  const unread = publisher.derived(() => state.unread);
  const shownOutbox = publisher.derived(() => outbox.items);
  const conversations = publisher.derived(() => ({
    items: state.conversations,
    complete: state.me !== undefined && state.nextPage === null,
    ...(listError ? { error: listError } : {}),
  }));
  let peopleError: ClientError | undefined;
  let isPeopleWanted = false;
  const shownPeople = publisher.derived(() => (peopleError ? { ...state.people, error: peopleError } : state.people));

  const state = createState({
    me: () => me.invalidate(),
    unread: () => unread.invalidate(),
    people: () => shownPeople.invalidate(),
    conversations: () => conversations.invalidate(),
    conversation: (id) => {
      keeping.changed(id);
      handles.conversationChanged(id);
    },
    messages: (id) => handles.messagesChanged(id),
    cleared: (id, place) => handles.cleared(id, place),
    received: (message) => {
      handles.typed(message.conversationId, message.sender.id);
      if (message.sender.id === state.me?.id) outbox.confirmed(message.clientMutationId);
    },
    wanted: () => collect(),
  });

  // ------------------------------------------------------------------------------------------------- what it is made of

  let storage: Storage = memoryStorage();
  let tabs: Tabs | undefined;
  const isLeading = (): boolean => tabs?.isLeading === true;
  const post = (told: Told): void => tabs?.post(told);

  const keeping = createKeeping({ state, storage: () => storage });
  const fetching = createFetching({ state, ask });
  const outbox = createOutbox({
    ask,
    keep: (id, message) => storage.outgoing(id, message),
    tell: (id, message) => post({ type: "outgoing", id, message }),
    changed: (id) => {
      shownOutbox.invalidate();
      handles.messagesChanged(id);
    },
    hasCome: (cursor) => state.cursor !== undefined && state.cursor >= cursor,
  });
  const drafts = createDrafts(publisher, (conversationId, text) => {
    void storage.draft(conversationId, text);
    post({ type: "draft", conversationId, text });
  });
  const reading = createReading({ state, ask });
  const watches = createWatches({ tab: () => tabs?.id ?? "", post });
  const line = createConnection({
    url: url.replace(/^http/, "ws"),
    tokens,
    webSocket,
    begin: async () => {
      missed = 0;
      if (state.cursor !== undefined && !isOld && !isKnown) {
        const one = await fetching.me();
        if (one.me.id === state.me?.id) step(one);
        else isOld = true;
      }
      if (state.cursor === undefined || isOld) {
        const one = await fetching.start();
        if (state.me !== undefined && state.me.id !== one.start.me.id) await forget();
        isOld = false;
        step(one);
      }
      // Only now: what was written by somebody else, and kept under the same name, is not sent.
      if (!isKnown && isLeading()) outbox.lead();
      isKnown = true;
      return state.cursor ?? "";
    },
    entry: (entry) => {
      if (entry.__typename === "InboxReset" || (connection.get().state === "connecting" && ++missed > CATCH_UP)) {
        isOld = true;
        return "again";
      }
      step({ type: "entry", entry });
      return "on";
    },
    changed: (now) => {
      connected(now);
      post({ type: "connection", state: now });
    },
  });
  /** What is known is too old to go on from, or somebody else's. */
  let isOld = false;
  /** The server has said whose token it is. */
  let isKnown = false;
  /** Entries that came since the socket was opened. */
  let missed = 0;

  // ------------------------------------------------------------------------------------------------- the state, by steps

  /** The last step that this tab went, of which leader. */
  let position = { leader: "", number: 0 };

  /** A step of this tab, which leads: the others go it too. */
  const step = (one: Step): void => {
    if (!isLeading()) return;
    apply(one);
    position = { leader: tabs?.id ?? "", number: position.number + 1 };
    post({ type: "step", ...position, step: one });
    keeping.soon();
  };

  /** All that is kept is somebody else's. */
  const forget = async (): Promise<void> => {
    outbox.clear();
    drafts.clear();
    await storage.clear();
  };

  const apply = (one: Step): void => {
    const before = state.cursor;
    state.apply(one);
    if (one.type === "entry" && state.cursor !== before) arrived(one.entry);
    if (one.type === "start") {
      keeping.replaced();
      outbox.fetched(one.start.cursor);
      if (isPeopleWanted) void loadPeople();
    }
    if (one.type === "page") for (const { id } of one.conversations) keeping.changed(id);
    if (one.type === "people" && peopleError) {
      peopleError = undefined;
      shownPeople.invalidate();
    }
  };

  const messageListeners = new Set<(message: Message) => void>();
  const arrived = (entry: InboxEntry): void => {
    if (entry.__typename !== "MessageReceived" || messageListeners.size === 0) return;
    const { conversation, answered: _answered, ...fields } = entry.message;
    const message = messageOf(conversation.id, fields);
    for (const listener of [...messageListeners]) {
      try {
        listener(message);
      } catch (error) {
        report(error);
      }
    }
  };

  /** The leading tab's connection, and so the others'. */
  const connected = (now: ConnectionState): void => {
    const before = connection.get().state;
    connection.set(now);
    if (now.state !== "live" || before === "live") return;
    outbox.pump();
    reading.pump();
    handles.refresh();
    collect();
    if (isPeopleWanted && !state.people.loaded) void loadPeople();
  };

  // --------------------------------------------------------------------------------------------------- what is fetched

  let collecting: ReturnType<typeof setTimeout> | undefined;
  let isFetching = false;
  let fetchFaults = 0;
  /** Before this moment (of `performance.now()`) the total is not asked for. */
  let totalRests = 0;
  /** The timer runs for the total alone: what else is wanted need not wait for it. */
  let isForTotal = false;

  /** Fetches what entries do not say, a moment later and all at once. */
  const collect = (ms = COLLECT_MS, forTotal = false): void => {
    if (!isLeading() || isFetching || ended.signal.aborted || (collecting !== undefined && !isForTotal)) return;
    clearTimeout(collecting);
    isForTotal = forTotal;
    collecting = setTimeout(() => {
      collecting = undefined;
      void fetchWanted();
    }, ms);
  };
  const fetchWanted = async (): Promise<void> => {
    if (state.cursor === undefined) return;
    const wanted = state.takeWanted();
    isFetching = true;
    let pause = COLLECT_MS;
    try {
      while (wanted.conversations.length > 0) {
        step(await fetching.conversations(wanted.conversations.slice(0, FETCHED_AT_ONCE)));
        wanted.conversations.splice(0, FETCHED_AT_ONCE);
      }
      const began = performance.now();
      if (wanted.total && began >= totalRests) {
        step(await fetching.total());
        wanted.total = false;
        totalRests = performance.now() + TOTAL_RESTS * (performance.now() - began);
      }
      fetchFaults = 0;
    } catch {
      pause = pauseOf(fetchFaults++, Math.random);
    } finally {
      state.want(wanted);
      isFetching = false;
    }
    const rest = totalRests - performance.now();
    if (state.isWantingOnlyTotal && rest > pause) collect(rest, true);
    else if (state.isWanting) collect(pause);
  };

  let loadingMore: Promise<void> | undefined;
  const loadMore = async (): Promise<void> => {
    try {
      const one = await fetching.page();
      if (one) step(one);
      if (listError) {
        listError = undefined;
        conversations.invalidate();
      }
    } catch (error) {
      listError = asClientError(error);
      conversations.invalidate();
      throw error;
    }
  };

  const loadPeople = async (): Promise<void> => {
    isPeopleWanted = true;
    try {
      if (!isLeading()) await call({ do: "people" });
      else if (!state.people.loaded && state.cursor !== undefined) step(await fetching.people());
    } catch (error) {
      peopleError = asClientError(error);
      shownPeople.invalidate();
    }
  };

  // -------------------------------------------------------------------------------------------------------- other tabs

  const calls = new Map<string, { call: Call; resolve: () => void; reject: (error: ClientError) => void }>();

  /** Has the leading tab do it. Where there is none, the next one does. */
  const call = (what: Call): Promise<void> =>
    isLeading()
      ? perform(what)
      : new Promise((resolve, reject) => {
          const id = crypto.randomUUID();
          calls.set(id, { call: what, resolve, reject });
          post({ type: "call", from: tabs?.id ?? "", id, call: what });
        });

  const perform = async (what: Call): Promise<void> => {
    switch (what.do) {
      case "more":
        return (loadingMore ??= loadMore().finally(() => (loadingMore = undefined)));
      case "people":
        return loadPeople();
      case "reconnect":
        return line.reconnect();
      case "discard":
        outbox.discard(what.id);
        return;
      case "me":
        return step({ type: "me", me: what.me });
      default:
        return undefined;
    }
  };

  const took = (told: Told): void => {
    switch (told.type) {
      case "hello":
        if (isLeading()) welcome(told.from);
        break;
      case "lead":
        // All have gone the same steps, mostly.
        if (told.cursor === state.cursor) position = { leader: told.leader, number: 0 };
        else post({ type: "hello", from: tabs?.id ?? "" });
        for (const [id, { call: what }] of calls) post({ type: "call", from: tabs?.id ?? "", id, call: what });
        for (const message of outbox.items) post({ type: "outgoing", id: message.id, message });
        watches.led();
        break;
      case "welcome":
        if (told.to !== tabs?.id || isLeading()) break;
        position = { leader: told.leader, number: told.step };
        if (told.snapshot && told.snapshot.cursor !== state.cursor) state.restore(told.snapshot);
        connected(told.connection);
        for (const [id, { call: what }] of calls) post({ type: "call", from: tabs?.id ?? "", id, call: what });
        break;
      case "step":
        if (isLeading()) break;
        if (told.leader === position.leader && told.number === position.number + 1) {
          position = { leader: told.leader, number: told.number };
          apply(told.step);
        } else if (told.leader !== position.leader || told.number > position.number)
          post({ type: "hello", from: tabs?.id ?? "" });
        break;
      case "connection":
        if (!isLeading()) connected(told.state);
        break;
      case "outgoing":
        outbox.took(told.id, told.message);
        break;
      case "draft":
        drafts.took(told.conversationId, told.text);
        break;
      case "call":
        if (isLeading()) void answer(told.from, told.id, told.call);
        break;
      case "answer": {
        const { error } = told;
        const waiting = calls.get(told.id);
        calls.delete(told.id);
        if (error) waiting?.reject(clientError(error.code, error.message));
        else waiting?.resolve();
        break;
      }
      default:
        watches.took(told);
    }
  };

  const welcome = (to: string): void => {
    const snapshot = state.snapshot();
    post({ type: "welcome", to, leader: position.leader, step: position.number, snapshot, connection: connection.get() });
    for (const message of outbox.items) post({ type: "outgoing", id: message.id, message });
  };

  const answer = async (to: string, id: string, what: Call): Promise<void> => {
    try {
      await perform(what);
      post({ type: "answer", to, id });
    } catch (thrown) {
      const { code, message } = asClientError(thrown);
      post({ type: "answer", to, id, error: { code, message } });
    }
  };

  const lead = (): void => {
    position = { leader: tabs?.id ?? "", number: 0 };
    post({ type: "lead", leader: position.leader, cursor: state.cursor });
    line.start();
    watches.lead(line);
    for (const [id, { call: what, resolve, reject }] of calls) {
      calls.delete(id);
      perform(what).then(resolve, reject);
    }
  };

  // ----------------------------------------------------------------------------------------------------- from beginning

  const canShare = typeof BroadcastChannel === "function" && globalThis.navigator?.locks !== undefined;
  const place = options.storage;
  const isText = typeof place === "object";
  const isKept = isText || (place !== "memory" && globalThis.indexedDB !== undefined);

  /** One store for each user of each server. Without a token it cannot be known whose it is. */
  const nameOf = async (): Promise<string> => {
    if (options.name !== undefined) return `tidings ${options.name}`;
    for (let attempt = 0; ; attempt++) {
      try {
        const { sub } = claimsOf(await tokens.get());
        return `tidings ${url} ${typeof sub === "string" ? sub : ""}`;
      } catch (thrown) {
        const ms = pauseOf(attempt, Math.random);
        const said = clientError("UNAUTHENTICATED", asClientError(thrown).message, { cause: thrown });
        connection.set({ state: "waiting", retryAt: Date.now() + ms, error: said });
        await new Promise((resolve) => setTimeout(resolve, ms));
        if (ended.signal.aborted) throw thrown;
      }
    }
  };

  const open = async (): Promise<void> => {
    const isShared = options.tabs ?? (canShare && isKept && !isText);
    const name = (isKept && !isText) || isShared ? await nameOf() : "";
    if (isKept) {
      const opening = isText ? textStorage(place, report) : indexedDbStorage(name, report);
      // A browser may forbid it, in a private window for example: then nothing is kept.
      storage = await opening.catch((error: unknown) => {
        report(error);
        return memoryStorage();
      });
      const stored = await storage.load();
      if (ended.signal.aborted) return;
      if (stored.snapshot) state.restore(stored.snapshot);
      for (const message of stored.outbox) outbox.took(message.id, message);
      for (const [id, text] of stored.drafts) drafts.took(id, text);
    }
    if (ended.signal.aborted) return;
    tabs = isShared ? sharedTabs({ name, lead, took }) : aloneTab({ lead });
  };
  const opened = open();
  opened.catch((error: unknown) => {
    if (!ended.signal.aborted) report(error);
  });

  const handles = createHandles({
    state,
    ask,
    publisher,
    outbox,
    drafts,
    reading,
    watch: watches.watch,
    storage: () => storage,
    opened,
  });
  let written = 0;
  /** Later ones are greater, also over restarts and of other tabs. */
  const nextOrder = (): string => `${Date.now().toString(36).padStart(10, "0")} ${(written++).toString(36).padStart(6, "0")}`;

  return {
    connection,
    me,
    unread,
    conversations,
    outbox: shownOutbox,
    people: {
      get: shownPeople.get,
      subscribe: (listener) => {
        void loadPeople();
        return shownPeople.subscribe(listener);
      },
    },
    loadMoreConversations: () => {
      const loading = call({ do: "more" });
      // Who does not wait for it finds the fault in the list.
      loading.catch(() => undefined);
      return loading;
    },
    conversation: (id) => handles.open(id),

    send: (conversationId, content) => {
      const message = {
        type: "outgoing",
        id: crypto.randomUUID(),
        conversationId,
        content: typeof content === "string" ? { text: content } : content,
        createdAt: Date.now(),
        state: "waiting",
        order: nextOrder(),
        tried: false,
      } as const;
      outbox.add(message);
      return message;
    },
    retry: (id) => outbox.retry(id, nextOrder()),
    discard: (id) => {
      const message = outbox.items.find((one) => one.id === id);
      if (message?.state === "failed") outbox.discard(id);
      else if (message) call({ do: "discard", id }).catch(report);
    },

    request: async <Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables): Promise<Result> => {
      const result = await ask(document, variables);
      const user = myselfIn(document, result);
      // No entry tells of it.
      if (user) call({ do: "me", me: user }).catch(report);
      return result;
    },
    watch: (document, variables, listener) => watches.watch(document, variables, listener),
    onMessage: (listener) => {
      // Each subscription counts by itself, also of the same function.
      const own = (message: Message): void => listener(message);
      messageListeners.add(own);
      return () => void messageListeners.delete(own);
    },
    reconnect: () => void call({ do: "reconnect" }),

    close: async () => {
      if (ended.signal.aborted) return;
      drafts.flush();
      // Before the ends of conversations: where all was fetched anew, older ones are forgotten with it.
      if (isLeading()) await keeping.now();
      if (ended.signal.aborted) return;
      ended.abort();
      clearTimeout(collecting);
      outbox.close();
      reading.close();
      handles.close();
      await line.close();
      if (isLeading()) await keeping.now();
      keeping.stop();
      await opened.catch(() => undefined);
      await tabs?.close();
      await storage.close();
    },
  };
}

/** So many conversations are fetched in one call. */
const FETCHED_AT_ONCE = 50;

/** The viewer, where a result tells what they say of themselves now. */
function myselfIn(document: string, result: unknown): Me | undefined {
  if (document !== UpdateProfile && document !== Register) return undefined;
  const { updateProfile, register } = result as { updateProfile?: { user: Me } | null; register?: { user: Me } | null };
  return (updateProfile ?? register)?.user;
}
