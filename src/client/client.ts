import { asker, tokenFault } from "./asking.ts";
import { createConnection, pauseOf } from "./connection.ts";
import { createDrafts } from "./drafts.ts";
import type { InboxEntry } from "./entries.ts";
import { asClientError, clientError, errorTold, mayPass, toldError, type ToldError } from "./errors.ts";
import { createFetching } from "./fetching.ts";
import { createHandles } from "./handles.ts";
import { newId } from "./ids.ts";
import { createKeeping } from "./keeping.ts";
import { Register, UpdateProfile } from "./operations.ts";
import { createOutbox } from "./outbox.ts";
import { createReading } from "./reading.ts";
import { createState, type Step } from "./state.ts";
import { indexedDbStorage, memoryStorage, type Storage, textStorage } from "./storage.ts";
import { aloneTab, type Call, connectionTold, type Position, sharedTabs, type Tabs, type Told, toldConnection } from "./tabs.ts";
import { messageOf } from "./timeline.ts";
import { claimsOf, keepToken } from "./tokens.ts";
import type { Client, ClientError, ClientOptions, ConnectionState, Me, TypedDocument } from "./types.ts";
import { upload } from "./uploading.ts";
import { createPublisher, when } from "./watched.ts";
import { createWatches } from "./watches.ts";
import { within } from "./within.ts";

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
/** How long a store may take to open, in milliseconds: some never answer. */
const OPEN_MS = 5_000;
/** How often another tab is asked again that has not answered, in milliseconds. */
const ASK_AGAIN_MS = 1_000;
/** How often the leading tab says how far it is, in milliseconds. */
const TELL_EVERY_MS = 10_000;
/** So many answers to other tabs are remembered: one that was lost is asked for again. */
const ANSWERS = 100;

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
    complete: state.cursor !== undefined && state.nextPage === null,
    ...(listError ? { error: listError } : {}),
  }));
  let peopleError: ClientError | undefined;
  let isPeopleWanted = false;
  const shownPeople = publisher.derived(() => (peopleError ? { ...state.people, error: peopleError } : state.people));

  const state = createState({
    another: () => drafts.clear(),
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
    tell: (id, message) => {
      if (isLeading()) post({ type: "outgoing", at: forward(), id, message });
      // Before that, it is told with all that there is.
      else if (tabs) void quiet(call({ do: "outgoing", id, message }));
    },
    changed: (id) => {
      shownOutbox.invalidate();
      handles.messagesChanged(id);
    },
    hasCome: (cursor) => state.cursor !== undefined && state.cursor >= cursor,
  });
  const drafts = createDrafts(publisher, (conversationId, text) => {
    opened.then(() => storage.draft(conversationId, text)).catch(() => undefined);
    post({ type: "draft", conversationId, text });
  });
  const reading = createReading({ ask, settled: (settled) => step({ type: "settled", settled }) });
  const watches = createWatches({
    tab: () => tabs?.id ?? "",
    post,
    whenGone: (tab, then) => tabs?.whenGone(tab, then),
    report,
  });
  const line = createConnection({
    url: url.replace(/^http/, "ws"),
    tokens,
    webSocket,
    begin: async () => {
      missed = 0;
      const { leader } = position;
      const mustLead = (): void => {
        if (!isLeading() || position.leader !== leader) throw clientError("NETWORK", "another tab led meanwhile");
      };
      if (state.cursor !== undefined && !isOld && !isKnown) {
        const one = await fetching.me();
        mustLead();
        if (one.me.id === state.me?.id) step(one);
        else isOld = true;
      }
      if (state.cursor === undefined || isOld) {
        const one = await fetching.start();
        mustLead();
        if (state.me !== undefined && state.me.id !== one.start.me.id) await forget();
        mustLead();
        isOld = false;
        step(one);
      }
      // Only now: what somebody else wrote or read, and was kept under the same name, is not sent.
      if (!isKnown) {
        outbox.lead();
        for (const [id, seq] of state.reading) void quiet(reading.markRead(id, seq));
      }
      isKnown = true;
      return state.cursor ?? "";
    },
    entry: (entry) => {
      if (entry.__typename === "InboxReset" || (connection.get().state !== "live" && ++missed > CATCH_UP)) {
        isOld = true;
        return "again";
      }
      step({ type: "entry", entry });
      return "on";
    },
    refused: () => {
      isOld = true;
    },
    changed: (now) => {
      connected(now);
      post({ type: "connection", state: toldConnection(now) });
    },
    report,
  });
  /** What is known is too old to go on from, or somebody else's. */
  let isOld = false;
  /** The server has said whose token it is. */
  let isKnown = false;
  /** Entries that came since the socket was opened. */
  let missed = 0;

  // ------------------------------------------------------------------------------------------------- the state, by steps

  /** How much this tab was told, or, where it leads, has told. */
  let position: Position = { leader: "", number: 0 };
  /** Which tab led before this one did. */
  let predecessor = "";

  const forward = (): Position => (position = { leader: position.leader, number: position.number + 1 });

  /** A step of this tab, which leads: the others go it too. */
  const step = (one: Step): void => {
    if (!isLeading()) return;
    apply(one);
    post({ type: "step", at: forward(), step: one });
    keeping.soon();
  };

  /** All that is kept is somebody else's. */
  const forget = async (): Promise<void> => {
    outbox.clear();
    drafts.clear();
    await storage.clear();
  };

  const entryListeners = new Set<(entry: InboxEntry | undefined) => void>();
  const onEntry: Client["onEntry"] = (listener) => {
    // Each one counts by itself, also of the same function.
    const own: typeof listener = (entry) => listener(entry);
    entryListeners.add(own);
    return () => void entryListeners.delete(own);
  };
  /** Undefined: entries may have been left out. */
  const tellEntry = (entry: InboxEntry | undefined): void => {
    for (const listener of [...entryListeners]) {
      if (!entryListeners.has(listener)) continue;
      try {
        listener(entry);
      } catch (error) {
        report(error);
      }
    }
  };

  const apply = (one: Step): void => {
    const before = state.cursor;
    state.apply(one);
    if (one.type === "entry" && state.cursor !== before) tellEntry(one.entry);
    if (one.type === "start") {
      tellEntry(undefined);
      keeping.replaced({ isFresh: true });
      outbox.fetched(one.start.cursor);
      if (isPeopleWanted) void loadPeople();
    }
    if (one.type === "people" && peopleError) {
      peopleError = undefined;
      shownPeople.invalidate();
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
    if (isPeopleWanted) void loadPeople();
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
      if (wanted.people) {
        step(await fetching.people());
        wanted.people = false;
      }
      const began = performance.now();
      if (wanted.total && began >= totalRests) {
        step(await fetching.total());
        wanted.total = false;
        totalRests = performance.now() + TOTAL_RESTS * (performance.now() - began);
      }
      fetchFaults = 0;
    } catch (error) {
      pause = Math.max(asClientError(error).retryAfterMs ?? 0, pauseOf(fetchFaults++, Math.random));
    } finally {
      state.notFetched(wanted);
      isFetching = false;
    }
    const rest = totalRests - performance.now();
    if (state.isWantingOnlyTotal && rest > pause) collect(rest, true);
    else if (state.isWanting) collect(pause);
  };

  let loadingMore: Promise<void> | undefined;
  const loadMore = async (): Promise<void> => {
    try {
      // Until something was fetched there is nothing to go on from.
      if (state.cursor === undefined) await Promise.race([when(me, () => state.cursor !== undefined), closed]);
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

  let loadingPeople: Promise<void> | undefined;
  let peopleFaults = 0;
  let peopleRetry: ReturnType<typeof setTimeout> | undefined;

  const fetchPeople = async (): Promise<void> => {
    isPeopleWanted = true;
    if (state.people.loaded || state.cursor === undefined) return;
    try {
      step(await fetching.people());
      peopleFaults = 0;
    } catch (thrown) {
      const error = asClientError(thrown);
      if (mayPass(error) && !ended.signal.aborted) {
        clearTimeout(peopleRetry);
        const ms = Math.max(error.retryAfterMs ?? 0, pauseOf(peopleFaults++, Math.random));
        peopleRetry = setTimeout(() => void loadPeople(), ms);
      }
      throw error;
    }
  };

  /** Does not reject: `people.error` says what went wrong. */
  const loadPeople = async (): Promise<void> => {
    isPeopleWanted = true;
    if (state.people.loaded) return;
    try {
      await call({ do: "people" });
    } catch (error) {
      peopleError = asClientError(error);
      shownPeople.invalidate();
    }
  };

  // -------------------------------------------------------------------------------------------------------- other tabs

  type Waiting = { call: Call; resolve: () => void; reject: (error: ClientError) => void };
  const calls = new Map<string, Waiting>();
  let askingAgain: ReturnType<typeof setTimeout> | undefined;

  /** Has the leading tab do it. Where there is none, the next one does. */
  const call = (what: Call): Promise<void> => {
    if (ended.signal.aborted) return Promise.reject(closedError());
    if (isLeading()) return perform(what);
    return new Promise((resolve, reject) => {
      const id = newId();
      calls.set(id, { call: what, resolve, reject });
      post({ type: "call", from: tabs?.id ?? "", id, call: what });
      askAgain();
    });
  };

  /** All that no leading tab has answered yet. */
  const callAgain = (): void => {
    if (isLeading()) return;
    for (const [id, { call: what }] of calls) post({ type: "call", from: tabs?.id ?? "", id, call: what });
  };
  /** What a tab says may be lost. */
  const askAgain = (): void => {
    if (ended.signal.aborted || (calls.size === 0 && !isAsking)) return;
    askingAgain ??= setTimeout(() => {
      askingAgain = undefined;
      if (isAsking) post({ type: "hello", from: tabs?.id ?? "" });
      callAgain();
      askAgain();
    }, ASK_AGAIN_MS);
  };

  /** This tab has missed something, and waits to be told all of it. */
  let isAsking = false;
  const hello = (): void => {
    // One answer is on its way.
    if (isAsking) return;
    isAsking = true;
    post({ type: "hello", from: tabs?.id ?? "" });
    askAgain();
  };

  /** Whether this is the next thing that the leading tab says. If not, something was missed, or is said once more. */
  const isNext = (at: Position): boolean => {
    const isOfLeader = at.leader === position.leader;
    if (isOfLeader && at.number === position.number + 1) {
      position = at;
      return true;
    }
    if (!isOfLeader || at.number > position.number) hello();
    return false;
  };

  const perform = async (what: Call): Promise<void> => {
    switch (what.do) {
      case "more":
        return (loadingMore ??= loadMore().finally(() => (loadingMore = undefined)));
      case "people":
        return (loadingPeople ??= fetchPeople().finally(() => (loadingPeople = undefined)));
      case "reconnect":
        return line.reconnect();
      case "read":
        step({ type: "read", conversationId: what.conversationId, seq: what.seq });
        return reading.markRead(what.conversationId, what.seq);
      case "outgoing":
        outbox.asked(what.id, what.message);
        return;
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
      case "lead": {
        if (isLeading()) break;
        const { was, leader, cursor } = told;
        const isSame = was.leader === position.leader && was.number === position.number && cursor === state.cursor;
        // It knows what this tab knows, mostly.
        if (isSame && was.leader !== "") position = { leader, number: 0 };
        else hello();
        callAgain();
        watches.led();
        break;
      }
      case "welcome": {
        if (told.to !== tabs?.id || isLeading()) break;
        isAsking = false;
        const { at, snapshot } = told;
        const isSame = at.leader === position.leader && at.number === position.number;
        position = at;
        if (snapshot && !isSame) {
          const mayLack = snapshot.cursor !== state.cursor;
          state.restore(snapshot);
          keeping.replaced({ isFresh: false });
          if (mayLack) tellEntry(undefined);
        }
        connected(connectionTold(told.connection));
        outbox.allTold(told.outbox);
        callAgain();
        watches.led();
        break;
      }
      case "step":
        if (isLeading()) break;
        // It was asked for before this tab had its state, which it is brought up to date with there alone.
        if (!state.mayTake(told.step)) hello();
        else if (isNext(told.at)) {
          state.fetchedElsewhere(told.step);
          apply(told.step);
        }
        break;
      case "outgoing":
        if (!isLeading()) {
          if (isNext(told.at)) outbox.told(told.id, told.message);
        } else if (told.at.leader === predecessor) {
          // The last that it said may come after its end.
          if (told.message) outbox.asked(told.id, told.message);
          else outbox.discard(told.id);
        }
        break;
      case "at":
        if (!isLeading() && (told.at.leader !== position.leader || told.at.number > position.number)) hello();
        break;
      case "connection":
        if (!isLeading()) connected(connectionTold(told.state));
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
        if (error) waiting?.reject(errorTold(error));
        else waiting?.resolve();
        break;
      }
      default:
        watches.took(told);
    }
  };

  const welcome = (to: string): void => {
    const told = { snapshot: state.snapshot(), outbox: outbox.items, connection: toldConnection(connection.get()) };
    post({ type: "welcome", to, at: position, ...told });
  };

  /** What became of calls, by their ids: one may be asked for again. */
  const performed = new Map<string, { error?: ToldError }>();
  const performing = new Set<string>();
  const answer = async (to: string, id: string, what: Call): Promise<void> => {
    // It is answered once it is done.
    if (performing.has(id)) return;
    performing.add(id);
    const done =
      performed.get(id) ??
      (await perform(what).then(
        () => ({}),
        (thrown: unknown) => ({ error: toldError(asClientError(thrown)) }),
      ));
    performing.delete(id);
    performed.set(id, done);
    const [oldest] = performed.keys();
    if (performed.size > ANSWERS && oldest !== undefined) performed.delete(oldest);
    post({ type: "answer", to, id, ...done });
  };

  let telling: ReturnType<typeof setInterval> | undefined;
  const lead = (): void => {
    if (ended.signal.aborted) return;
    const was = position;
    predecessor = was.leader;
    position = { leader: newId(), number: 0 };
    isAsking = false;
    post({ type: "lead", leader: position.leader, was, cursor: state.cursor });
    if (tabs?.isShared) telling = setInterval(() => post({ type: "at", at: position }), TELL_EVERY_MS);
    // The one before may have ended while it asked for that.
    if (predecessor !== "" && state.nextPage !== null) state.want({ conversations: [], total: true, people: false });
    line.start();
    watches.lead(line);
    for (const [id, { call: what, resolve, reject }] of calls) {
      calls.delete(id);
      perform(what).then(resolve, reject);
    }
  };

  /** Another tab took the lead away, as no tab of this library does. */
  const lost = (): void => {
    clearInterval(telling);
    isKnown = false;
    outbox.follow();
    watches.follow();
    void line.stop();
    hello();
  };

  // ----------------------------------------------------------------------------------------------------- from beginning

  const closedError = (): ClientError => clientError("NETWORK", "the client was closed");
  const closed = new Promise<never>((_, reject) => {
    ended.signal.addEventListener("abort", () => reject(closedError()));
  });
  closed.catch(() => undefined);

  const canShare = typeof BroadcastChannel === "function" && globalThis.navigator?.locks !== undefined;
  const place = options.storage;
  const isInBrowser = typeof place !== "object" && place !== "memory" && globalThis.indexedDB !== undefined;

  /** Where it waits before it asks for a token again. */
  let askForToken: () => void = () => undefined;

  /** One store for each user of each server. Undefined: the token does not say whose it is. */
  const nameOf = async (): Promise<string | undefined> => {
    if (options.name !== undefined) return `tidings ${options.name}`;
    for (let attempt = 0; ; attempt++) {
      try {
        const { sub } = claimsOf(await Promise.race([tokens.get(), closed]));
        return typeof sub === "string" ? `tidings ${url} ${sub}` : undefined;
      } catch (thrown) {
        if (ended.signal.aborted) throw thrown;
        const ms = pauseOf(attempt, Math.random);
        connection.set({ state: "waiting", retryAt: Date.now() + ms, error: tokenFault(thrown) });
        let timer: ReturnType<typeof setTimeout> | undefined;
        const waited = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, ms);
          askForToken = resolve;
        });
        await Promise.race([waited, closed]).finally(() => clearTimeout(timer));
      }
    }
  };

  /** A browser may forbid a store, in a private window for example, or fail: then nothing is kept. */
  const restore = async (opening: Promise<Storage>): Promise<void> => {
    try {
      const loading = opening.then((opened) => opened.load());
      const stored = await within(OPEN_MS, loading, "the store").catch((error: unknown) => {
        // One that opens too late, or cannot be read, is of no use.
        opening.then((unused) => unused.close()).catch(() => undefined);
        throw error;
      });
      storage = await opening;
      if (stored.snapshot) state.restore(stored.snapshot);
      outbox.kept(stored.outbox);
      for (const [id, text] of stored.drafts) drafts.kept(id, text);
    } catch (error) {
      report(error);
    }
  };

  const open = async (): Promise<void> => {
    const mayShare = canShare && (options.tabs ?? isInBrowser);
    const name = isInBrowser || mayShare ? await nameOf() : undefined;
    if (typeof place === "object") await restore(textStorage(place, report));
    else if (isInBrowser && name !== undefined) await restore(indexedDbStorage(name, report));
    if (ended.signal.aborted) return;
    if (!mayShare || name === undefined) {
      tabs = aloneTab({ lead });
      return;
    }
    tabs = sharedTabs({ name, lead, lost, took, report });
    hello();
  };
  const opened = open();
  opened.catch((error: unknown) => {
    if (!ended.signal.aborted) report(error);
  });

  const markRead = (conversationId: string, seq: number): Promise<void> => {
    // At once, also in a tab that does not lead.
    if (!state.read(conversationId, seq)) return Promise.resolve();
    return quiet(call({ do: "read", conversationId, seq }));
  };

  const handles = createHandles({
    state,
    ask,
    publisher,
    outbox,
    drafts,
    markRead,
    watch: watches.watch,
    storage: () => storage,
    opened,
  });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const isWritten = drafts.flush() || outbox.items.length > 0;
    // What was written before the store was open is kept too.
    if (!tabs && isWritten) await within(OPEN_MS, opened, "the store").catch(() => undefined);
    // Before the ends of conversations: where all was fetched anew, older ones are forgotten with it.
    if (isLeading()) await keeping.now();
    ended.abort();
    for (const timer of [collecting, peopleRetry, askingAgain, telling]) clearTimeout(timer);
    for (const { reject } of calls.values()) reject(closedError());
    calls.clear();
    outbox.close();
    reading.close();
    handles.close();
    await line.stop();
    if (isLeading()) await keeping.now();
    keeping.stop();
    await opened.catch(() => undefined);
    await tabs?.close();
    await storage.close();
  };

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
    loadMoreConversations: () => quiet(call({ do: "more" })),
    conversation: (id) => handles.open(id),

    send: (conversationId, content) => {
      const message = {
        type: "outgoing",
        id: newId(),
        conversationId,
        content: typeof content === "string" ? { text: content } : content,
        createdAt: Date.now(),
        state: "waiting",
        order: outbox.nextOrder(Date.now()),
        tried: false,
      } as const;
      outbox.add(message);
      return message;
    },
    retry: (id) => outbox.retry(id, outbox.nextOrder(Date.now())),
    discard: (id) => {
      const message = outbox.items.find((one) => one.id === id);
      if (message?.state === "failed") outbox.discard(id);
      else if (message) void quiet(call({ do: "discard", id }));
    },

    upload: (file, given = {}) => upload(ask, options.fetch ?? ((...of) => fetch(...of)), file, given),

    request: async <Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables): Promise<Result> => {
      const result = await ask(document, variables);
      const user = myselfIn(document, result);
      // No entry tells of it.
      if (user) void quiet(call({ do: "me", me: user }));
      return result;
    },
    watch: (document, variables, listener) => watches.watch(document, variables, listener),
    onEntry,
    onMessage: (listener) =>
      onEntry((entry) => {
        if (entry?.__typename !== "MessageReceived") return;
        const { conversation, answered: _answered, ...fields } = entry.message;
        listener(messageOf(conversation.id, fields));
      }),
    reconnect: () => {
      askForToken();
      void quiet(call({ do: "reconnect" }));
    },

    close: () => (closing ??= close()),
  };
}

/** It may be awaited, and need not be: what went wrong is shown, or does not matter. */
function quiet<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

/** So many conversations are fetched in one call. */
const FETCHED_AT_ONCE = 50;

/** The viewer, where a result tells what they say of themselves now. */
function myselfIn(document: string, result: unknown): Me | undefined {
  if (document !== UpdateProfile && document !== Register) return undefined;
  const { updateProfile, register } = result as { updateProfile?: { user: Me } | null; register?: { user: Me } | null };
  return (updateProfile ?? register)?.user;
}
