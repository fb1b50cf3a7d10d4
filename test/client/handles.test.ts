import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDrafts } from "../../src/client/drafts.ts";
import { clientError } from "../../src/client/errors.ts";
import { createHandles } from "../../src/client/handles.ts";
import { memoryStorage } from "../../src/client/storage.ts";
import type { Message } from "../../src/client/types.ts";
import { createPublisher } from "../../src/client/watched.ts";
import { conversation, messageFields, person, received, stateOf } from "./support/facts.ts";

type Which = { last?: number; before?: string; first?: number; after?: string; around?: number };
type Asked = { which: Which; answer: () => void; fail: (error: Error) => void };

const LAST = 200;

const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => messageFields(from + index, person("bob")) as Message);

/** The page of a conversation of `LAST` messages, as the server gives it. */
function pageOf({ last = 0, before, first = 0, after, around }: Which, lastSeq: number): object {
  const to = before === undefined ? lastSeq : Number(before) - 1;
  const low =
    around !== undefined ? Math.max(1, around - first / 2) : last > 0 ? Math.max(1, to - last + 1) : Number(after ?? 0) + 1;
  const high = last > 0 ? to : Math.min(lastSeq, low + first - 1);
  return {
    edges: messages(low, Math.max(low - 1, high)).map((node) => ({ node })),
    pageInfo: { hasNextPage: high < lastSeq, hasPreviousPage: low > 1 },
  };
}

function world({ tail = [] as readonly Message[], lastSeq = LAST } = {}) {
  const asked: Asked[] = [];
  const publisher = createPublisher(queueMicrotask, console.error);
  const state = stateOf([conversation("g:1", { lastSeq, historyVisible: false })], {
    listener: {
      messages: (id) => handles.messagesChanged(id),
      cleared: (id, place) => handles.cleared(id, place),
    },
  });
  const drafts = createDrafts(publisher, () => undefined);
  const handles = createHandles({
    ...{ state, publisher, drafts, outbox: { items: [] } as never, watch: () => () => undefined },
    ask: ((_: string, which: Which) =>
      new Promise((resolve, reject) => {
        const answer = (): void => resolve({ conversation: { ...found(), messages: pageOf(which, lastSeq) } });
        asked.push({ which, answer, fail: reject });
      })) as never,
    markRead: async () => undefined,
    storage: () => ({ ...memoryStorage(), tail: async () => tail }),
    opened: Promise.resolve(),
  });
  let count = 0;
  const found = () => conversation("g:1", { lastSeq, historyVisible: count % 2 === 1 });
  /** What the viewer may see of it becomes another. */
  const change = (): void => {
    const entry = { __typename: "ConversationChanged", cursor: `c00000${++count}`, at: "", conversation: found() };
    state.apply({ type: "entry", entry: entry as never });
  };
  return { asked, state, drafts, handles, change };
}

/** What was begun has come as far as it can. */
const rest = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe("the handle of a conversation", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("shows each page at once, and tells of it once", async () => {
    const { asked, handles } = world({ tail: messages(LAST - 5, LAST) });
    const handle = handles.open("g:1");
    const seen: number[] = [];
    handle.messages.subscribe(() => seen.push(handle.messages.get().items.length));
    await rest();
    // What was kept stays until the newest page takes its place.
    expect(seen).toEqual([6]);
    asked[0]?.answer();
    await rest();
    expect(seen).toEqual([6, 50]);
    void handle.loadOlder(10);
    await rest();
    asked[1]?.answer();
    await rest();
    expect(seen).toEqual([6, 50, 60]);
    void handle.jumpTo(20);
    await rest();
    asked[2]?.answer();
    await rest();
    void handle.loadNewer(10);
    await rest();
    asked[3]?.answer();
    await rest();
    expect(seen).toEqual([6, 50, 60, 50, 60]);
    handles.close();
  });

  it.each(["open", "jumpTo"])("shows the first message though it came while an empty page was loaded (%s)", async (how) => {
    const { asked, state, handles } = world({ lastSeq: 0 });
    const handle = handles.open("g:1");
    await rest();
    if (how === "jumpTo") {
      asked[0]?.answer();
      await rest();
      void handle.jumpTo(20);
      await rest();
    }
    state.apply({ type: "entry", entry: received(1) });
    asked.at(-1)?.answer();
    await rest();
    expect(handle.messages.get()).toMatchObject({ items: [{ seq: 1 }], reachedStart: true, reachedEnd: true });
    handles.close();
  });

  it("keeps the place of who reads back where all is fetched anew twice", async () => {
    const { asked, state, handles, change } = world();
    const handle = handles.open("g:1");
    await rest();
    asked[0]?.answer();
    void handle.jumpTo(60);
    await rest();
    asked[1]?.answer();
    await rest();
    change();
    change();
    for (let next = 2; ; next++) {
      await rest();
      if (!asked[next]) break;
      asked[next]?.answer();
    }
    expect(asked.slice(2).map(({ which }) => which.around)).toEqual([59]);
    expect(state.timeline("g:1").view).toMatchObject({ from: 34, to: 83 });
    // There it stays only until it was fetched.
    void handle.jumpToEnd();
    await rest();
    asked[3]?.answer();
    await rest();
    change();
    await rest();
    asked[4]?.answer();
    await rest();
    expect(handle.messages.get().reachedEnd).toBe(true);
    handles.close();
  });

  it("does not load again what was loaded after it had failed", async () => {
    const { asked, handles, change } = world();
    const handle = handles.open("g:1");
    await rest();
    change();
    asked[0]?.fail(clientError("NETWORK", "lost"));
    await rest();
    asked[1]?.answer();
    await rest();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(2);
    expect(handle.messages.get()).toMatchObject({ reachedEnd: true });
    expect(handle.messages.get().error).toBeUndefined();
    handles.close();
  });

  it("waits as long as the server says before it loads again", async () => {
    const { asked, handles } = world();
    handles.open("g:1");
    await rest();
    asked[0]?.fail(clientError("RATE_LIMITED", "too much", { retryAfterMs: 20_000 }));
    await rest();
    await vi.advanceTimersByTimeAsync(19_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked).toHaveLength(2);
    handles.close();
  });

  it("leaves no timer behind", async () => {
    const { asked, handles } = world();
    handles.open("g:1");
    await rest();
    handles.close();
    asked[0]?.fail(clientError("NETWORK", "the client was closed"));
    await rest();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no draft in memory where there is none", async () => {
    const { drafts, handles } = world();
    const [empty, written] = ["g:1", "g:2"].map((id) => handles.open(id));
    written?.setDraft("half a word");
    await vi.advanceTimersByTimeAsync(1_000);
    for (const one of [empty, written]) one?.release();
    for (let number = 3; number < 9; number++) handles.open(`g:${number}`).release();
    expect(drafts.of("g:2").get()).toBe("half a word");
    expect(drafts.of("g:1")).not.toBe(empty?.draft);
    handles.close();
  });
});
