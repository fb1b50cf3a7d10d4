import { describe, expect, onTestFinished, test } from "vitest";
import { search } from "../../../projections/search/search.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import type { SearchDocument } from "../../../src/ports/searchIndex.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { createKeeper, type KeeperOptions } from "../../../src/projecting/generations/keeper.ts";
import type { KeeperState } from "../../../src/projecting/generations/state.ts";
import { indexGenerations } from "../../../src/projecting/indexGenerations.ts";
import { gate } from "../../support/gate.ts";
import { type MemoryIndex, memoryIndex } from "../../support/memoryIndex.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";

const AT = "2024-01-02T03:04:05.678Z";

const event = (type: string, data: unknown): NewEvent => ({
  id: crypto.randomUUID(),
  type,
  data,
  metadata: { $correlationId: "c", $causationId: "c", actorId: "ann", at: AT, schema: SCHEMA },
});

const message = (conversationId: string, text: string) =>
  event("MessageSent", {
    conversationId,
    senderId: "ann",
    clientMutationId: crypto.randomUUID(),
    kind: "TEXT",
    topic: null,
    text,
    attachments: [],
    replyTo: null,
    mentions: [],
    mentionsAll: false,
  });

/** Short ways to fill a log. */
const writing = (log: MemoryLog) => ({
  send: async (group: string, ...texts: string[]) => {
    const id = `g:${group}`;
    return (
      await log.append(
        `conversation-${id}`,
        texts.map((text) => message(id, text)),
        "any",
      )
    ).position;
  },
  edit: async (group: string, seq: number, text: string) => {
    const changed = event("MessageEdited", { conversationId: `g:${group}`, seq, senderId: "ann", text });
    return (await log.append(`annotation-g:${group}:${seq}`, [changed], "any")).position;
  },
  recall: async (group: string, seq: number) => {
    const changed = event("MessageRecalled", { conversationId: `g:${group}`, seq, senderId: "ann" });
    return (await log.append(`annotation-g:${group}:${seq}`, [changed], "any")).position;
  },
});

/** One server's keeper of an index, which others may share. It runs until the test is over, or `stop` is called. */
function keeper(
  more: { log?: MemoryLog; index?: MemoryIndex; views?: ReturnType<typeof memoryViews> } & Partial<KeeperOptions> = {},
) {
  const { log = memoryLog(), index = memoryIndex(), views = memoryViews(), ...options } = more;
  const told: KeeperState[] = [];
  const checkpoints: string[] = [];
  const stop = new AbortController();
  const searcher = createKeeper({
    log,
    store: indexGenerations({ index, parked: views }),
    projection: search,
    called: "the search index",
    verify: async () => ({ differences: 0, samples: [], summary: "" }),
    committed: (checkpoint) => void checkpoints.push(checkpoint),
    stateChanged: (state) => void told.push(state),
    ...options,
  });
  const ended = searcher.run(stop.signal);
  const end = async () => {
    stop.abort();
    await ended;
  };
  onTestFinished(end);
  const live = async () =>
    until("it is live and at the log's end", async () => {
      const { state, checkpoint } = searcher.state();
      return state === "LIVE" && checkpoint === (await log.end());
    });
  const active = async () => (await index.generations("search@4")).find((generation) => generation.active)?.name;
  return { ...writing(log), log, index, views, searcher, told, checkpoints, stop: end, live, active };
}

const textsOf = (index: MemoryIndex, generation: string) =>
  Object.fromEntries(
    [...index.documents(generation)].map(([id, document]) => {
      const { recalled, text } = document as SearchDocument & { text?: string };
      return [id, recalled ? null : text];
    }),
  );

describe("what is kept", () => {
  test("an index whose newest event the log does not hold is removed, and made anew", async () => {
    const log = memoryLog();
    await writing(log).send("a", "one");
    const index = memoryIndex();
    const ghost = { conversationId: "g:ghost", seq: 1, version: log.origin, recalled: true } as const;
    const anchor = { position: log.origin, stream: "conversation-g:ghost", revision: 0, id: "lost" };
    await index.put("search@4#1", [ghost], { from: null, to: await log.end(), anchor });
    await index.activate("search@4#1");
    const asked: unknown[] = [];
    const { live, active } = keeper({
      log,
      index,
      disagrees: async (_checkpoint, of) => {
        asked.push(of);
        return of?.id === "lost" ? "the log does not hold it" : undefined;
      },
    });
    await live();
    expect(asked[0]).toEqual(anchor);
    expect([...index.documents((await active()) ?? "").keys()]).toEqual(["g:a:1"]);
  });

  test("an index is made where there is none, and is not searched before it is whole", async () => {
    const log = memoryLog();
    const { send, edit, recall } = writing(log);
    await send("a", "one", "two", "three");
    await edit("a", 1, "first");
    await recall("a", 2);
    const index = memoryIndex();
    const { passed, open } = gate();
    index.beforeActivate(() => passed);
    const { searcher, live, active, told, checkpoints } = keeper({ log, index });
    await until("everything is in the index", () => index.documents("search@4#1").size === 3);
    expect(await active()).toBeUndefined();
    expect(searcher.state()).toMatchObject({ state: "REBUILDING", checkpoint: log.origin });
    expect(checkpoints).toEqual([]);
    open();
    await live();
    expect(await active()).toBe("search@4#1");
    expect(textsOf(index, "search@4#1")).toEqual({ "g:a:1": "first", "g:a:2": null, "g:a:3": "three" });
    expect(told.at(-1)).toMatchObject({ state: "LIVE", generation: "search@4#1", progress: undefined, lastError: undefined });
  });

  test("it follows the log: messages, edits, recalls, each with the position of its event", async () => {
    const { send, edit, recall, live, index } = keeper();
    await live();
    await send("a", "one", "two");
    const edited = await edit("a", 1, "first");
    const recalled = await recall("a", 2);
    await live();
    expect(index.documents("search@4#1").get("g:a:1")).toMatchObject({ text: "first", version: edited, sentAt: Date.parse(AT) });
    expect(index.documents("search@4#1").get("g:a:2")).toEqual({
      conversationId: "g:a",
      seq: 2,
      version: recalled,
      recalled: true,
    });
  });

  test("a server that is away is waited for, and then nothing is missing", async () => {
    const { send, live, index, searcher } = keeper();
    await send("a", "one");
    await live();
    index.away(true);
    const end = await send("a", "two", "three");
    await until("it is noticed", () => searcher.state().state === "RETRYING");
    expect(searcher.state()).toMatchObject({ lastError: "the index is away" });
    index.away(false);
    await live();
    expect(searcher.state()).toMatchObject({ checkpoint: end, lastError: undefined });
    expect(Object.keys(textsOf(index, "search@4#1"))).toHaveLength(3);
  });

  test("documents that were stored when the checkpoint was not are stored again, to the same effect", async () => {
    const { send, edit, live, index } = keeper();
    await live();
    index.failBetween(new Error("the connection broke"));
    await send("a", "one");
    await edit("a", 1, "uno");
    await edit("a", 1, "eins");
    await live();
    expect(textsOf(index, "search@4#1")).toEqual({ "g:a:1": "eins" });
  });

  test("an index that was taken away is made anew", async () => {
    const { send, live, active, index } = keeper();
    await send("a", "one");
    await live();
    await index.drop("search@4#1");
    await send("a", "two");
    await until("there is one again", async () => (await active()) !== undefined && index.documents("search@4#1").size === 2);
    await live();
  });

  test("an index of another log is removed and made anew", async () => {
    const index = memoryIndex();
    await index.put("search@4#4", [], { from: null, to: "otherlog.00000000009" });
    await index.activate("search@4#4");
    const { send, live, active } = keeper({ index });
    await send("a", "one");
    await live();
    expect((await index.generations("search@4")).map(({ name }) => name)).toEqual([await active()]);
    expect(textsOf(index, (await active()) ?? "")).toEqual({ "g:a:1": "one" });
  });
});

describe("an index of an older version", () => {
  test("is kept until this version's is searched, and then removed", async () => {
    const index = memoryIndex();
    for (const old of ["search@1#1", "search@1#3"]) await index.put(old, [], { from: null, to: "any" });
    await index.activate("search@1#3");
    const hold = gate();
    index.beforeActivate(() => hold.passed);
    const { live, active } = keeper({ index, graceMs: 0 });
    await until("the new one is built", async () =>
      (await index.generations("search@4")).some(({ checkpoint }) => checkpoint !== null),
    );
    expect(await index.generations("search@1")).toHaveLength(2);
    hold.open();
    await live();
    await until("the old ones are gone", async () => (await index.generations("search@1")).length === 0);
    expect(await active()).toBe("search@4#1");
  });
});

describe("an index that is built, page by page", () => {
  test.each([1, 2, 3, 5])("is whole before it is searched, where put %i fails", async (failing) => {
    const log = memoryLog();
    const { send, edit, recall } = writing(log);
    await send("a", "one", "two");
    await edit("a", 1, "first");
    await recall("a", 2);
    await send("b", "last");
    const index = memoryIndex();
    let puts = 0;
    index.beforePut(async () => {
      if (++puts === failing) throw new Unavailable("the connection broke");
    });
    const whole = { "g:a:1": "first", "g:a:2": null, "g:b:1": "last" };
    const found: unknown[] = [];
    index.beforeActivate(async () => void found.push(textsOf(index, "search@4#1")));
    const { live, searcher, active } = keeper({ log, index, pageEvents: 1 });
    await live();
    expect(found).toEqual([whole]);
    // The same beside one that is searched.
    puts = 0;
    await searcher.replay();
    await until("the new one took its place", async () => (await active()) === "search@4#2");
    await live();
    expect(textsOf(index, "search@4#2")).toEqual(whole);
  });

  test.each([1, 2, 4])("leaves out what can never be indexed, and that alone, wherever it stands: at %i", async (place) => {
    const log = memoryLog();
    const { send, edit } = writing(log);
    const texts = ["one", "two", "three", "four"].map((text, index) => (index + 1 === place ? "bad" : text));
    for (const text of texts) await send("a", text);
    await edit("a", place === 4 ? 3 : 4, "edited");
    const index = memoryIndex();
    index.refuse((document) => "text" in document && document.text === "bad");
    const { live, views } = keeper({ log, index, pageEvents: 1 });
    await live();
    const kept = Object.fromEntries(
      texts.flatMap((text, number) => (text === "bad" ? [] : [[`g:a:${number + 1}`, text] as const])),
    );
    expect(textsOf(index, "search@4#1")).toEqual({ ...kept, [place === 4 ? "g:a:3" : "g:a:4"]: "edited" });
    expect(await views.range("search@4#1/parked", "", { limit: 10 })).toMatchObject([{ value: { key: `g:a:${place}` } }]);
  });

  test("is written no more once its replay was given up", async () => {
    const { send, live, searcher, index } = keeper({ pageEvents: 1 });
    await send("a", "one", "two", "three");
    await live();
    const { passed, open } = gate();
    index.beforePut((generation) => (generation === "search@4#2" ? passed : Promise.resolve()));
    const begun = searcher.replay();
    await until("it is being built", () => searcher.state().progress === 0);
    searcher.cancelReplay();
    open();
    await begun;
    await until(
      "it is gone",
      async () => (await index.generations("search@4")).length === 1 && searcher.state().state === "LIVE",
    );
    expect(index.documents("search@4#2").size).toBe(0);
  });
});

describe("what can never be indexed", () => {
  test("is parked, with what follows of the same message, and the rest goes on", async () => {
    const { send, edit, live, index, views, searcher } = keeper();
    index.refuse((document) => "text" in document && document.text === "bad");
    const bad = await send("a", "bad");
    const end = await send("a", "good");
    await live();
    const waiting = await edit("a", 1, "better");
    await edit("a", 2, "best");
    await live();
    expect(searcher.state().checkpoint > end).toBe(true);
    expect(textsOf(index, "search@4#1")).toEqual({ "g:a:2": "best" });
    const rows = await views.range("search@4#1/parked", "", { limit: 10 });
    expect(rows.map(({ sort, value }) => ({ at: sort, ...(value as ParkedRow) }))).toMatchObject([
      { at: bad, key: "g:a:1", type: "MessageSent", error: "it has no words", waiting: false },
      { at: waiting, key: "g:a:1", type: "MessageEdited", waiting: true },
    ]);
    expect(searcher.state().parked).toBe(2);
  });

  test("is parked once, also where the index failed between", async () => {
    const { send, live, index, views } = keeper();
    index.refuse((document) => "text" in document && document.text === "bad");
    await live();
    index.failBetween(new Error("the connection broke"));
    await send("a", "bad", "good");
    await live();
    index.failBetween(new Error("the connection broke again"));
    await send("a", "good too");
    await live();
    const rows = await views.range("search@4#1/parked", "", { limit: 10 });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.value).toMatchObject({ waiting: false, error: "it has no words" });
  });
});

describe("a replay", () => {
  test("builds a generation beside the searched one, and takes its place in one call", async () => {
    const { send, live, active, index, searcher, checkpoints, log } = keeper({ graceMs: 0 });
    await send("a", "one", "two");
    await live();
    index.documents("search@4#1").delete("g:a:1");
    const { passed, open } = gate();
    index.beforeActivate(() => passed);
    await searcher.replay();
    expect(searcher.state()).toMatchObject({ state: "REPLAYING" });
    await expect(searcher.replay()).rejects.toThrow(/already/);
    await until("it is built", () => index.documents("search@4#2").size === 2);
    expect(await active()).toBe("search@4#1");
    await send("a", "three");
    open();
    await live();
    expect(await active()).toBe("search@4#2");
    expect(searcher.state()).toMatchObject({ generation: "search@4#2", progress: undefined });
    expect(textsOf(index, "search@4#2")).toEqual({ "g:a:1": "one", "g:a:2": "two", "g:a:3": "three" });
    expect(checkpoints.at(-1)).toBe(await log.end());
    expect(checkpoints).toEqual([...checkpoints].sort());
    await until("the old one is gone", async () => (await index.generations("search@4")).length === 1);
  });

  test("goes on where a server ended in the middle of it", async () => {
    const log = memoryLog();
    const index = memoryIndex();
    const views = memoryViews();
    const first = keeper({ log, index, views });
    await first.send("a", "one", "two");
    await first.live();
    const { passed, open } = gate();
    index.beforeActivate(() => passed);
    await first.searcher.replay();
    await until("it is built", () => index.documents("search@4#2").size === 2);
    const stopped = first.stop();
    open();
    await stopped;
    index.beforeActivate(async () => {});
    const second = keeper({ log, index, views, graceMs: 0 });
    await until("it took its place", async () => (await second.active()) === "search@4#2");
    await second.live();
  });

  test("that was ordered, and of which nothing is stored when the server dies, is gone on with by the next one", async () => {
    const log = memoryLog();
    const index = memoryIndex();
    const views = memoryViews();
    const first = keeper({ log, index, views });
    await first.send("a", "one", "two");
    await first.live();
    const { passed, open } = gate();
    let puts = 0;
    index.beforePut((generation) => (generation === "search@4#2" && ++puts === 2 ? passed : Promise.resolve()));
    await first.searcher.replay();
    expect(await index.generations("search@4")).toContainEqual({ name: "search@4#2", checkpoint: null, active: false });
    // The first server never does anything again, as if it were killed.
    const second = keeper({ log, index, views, graceMs: 0 });
    await until("it took its place", async () => (await second.active()) === "search@4#2");
    await second.live();
    expect(textsOf(index, "search@4#2")).toEqual({ "g:a:1": "one", "g:a:2": "two" });
    await second.stop();
    open();
    await first.stop();
  });

  test("that is given up leaves nothing, and what was searched goes on", async () => {
    const { send, live, active, index, searcher } = keeper();
    await send("a", "one");
    await live();
    const { passed, open } = gate();
    const { passed: begun, open: begins } = gate();
    index.beforePut(async (generation) => {
      if (generation !== "search@4#2") return;
      begins();
      await passed;
    });
    const noted = searcher.replay();
    await begun;
    searcher.cancelReplay();
    index.away(true);
    open();
    await noted;
    await until("it is noticed", () => searcher.state().state === "RETRYING");
    index.away(false);
    await until("it is gone", async () => (await index.generations("search@4")).length === 1);
    await send("a", "two");
    await live();
    expect(await active()).toBe("search@4#1");
    expect(textsOf(index, "search@4#1")).toEqual({ "g:a:1": "one", "g:a:2": "two" });
  });

  test("that is given up when it has taken its place has taken it", async () => {
    const { send, live, active, index, searcher } = keeper({ graceMs: 0 });
    await send("a", "one");
    await live();
    const { passed, open } = gate();
    index.beforeActivate(() => passed);
    await searcher.replay();
    await until("it is built", () => index.documents("search@4#2").size === 1);
    searcher.cancelReplay();
    open();
    await until("it took its place", async () => (await active()) === "search@4#2");
    await live();
    expect(await active()).toBe("search@4#2");
    expect(index.documents("search@4#2").size).toBe(1);
  });

  test("waits for a server that goes away meanwhile", async () => {
    const { send, live, active, index, searcher } = keeper({ pageEvents: 2 });
    for (let at = 0; at < 10; at++) await send("a", `${at}`);
    await live();
    index.away(true);
    await searcher.replay();
    await until("it is noticed", () => searcher.state().state === "RETRYING");
    index.away(false);
    await until("it took its place", async () => (await active()) === "search@4#2");
    await live();
    expect(index.documents("search@4#2").size).toBe(10);
  });
});

describe("several servers on one index", () => {
  test("one writes, the others are told; and each takes over where another ends", async () => {
    const log = memoryLog();
    const index = memoryIndex();
    const one = keeper({ log, index });
    const other = keeper({ log, index });
    await one.send("a", "one");
    await one.live();
    await other.live();
    await one.stop();
    await one.send("a", "two");
    await other.live();
    const third = keeper({ log, index });
    await one.send("a", "three");
    await Promise.all([other.live(), third.live()]);
    expect(textsOf(index, "search@4#1")).toEqual({ "g:a:1": "one", "g:a:2": "two", "g:a:3": "three" });
  });

  test("where one puts another generation in its place, the others follow that one", async () => {
    const log = memoryLog();
    const index = memoryIndex();
    const one = keeper({ log, index, graceMs: 0 });
    const other = keeper({ log, index, graceMs: 0 });
    await one.send("a", "one");
    await Promise.all([one.live(), other.live()]);
    await one.searcher.replay();
    await until("it took its place", async () => (await one.active()) === "search@4#2");
    // As long as the former one is there the other may fold into it, and sees that it is not read any more at what comes next.
    await until("the former one is gone", () => !index.names().includes("search@4#1"));
    await one.send("a", "two");
    await Promise.all([one.live(), other.live()]);
    await until("both follow it", () => other.searcher.state().generation === "search@4#2");
    expect(textsOf(index, "search@4#2")).toEqual({ "g:a:1": "one", "g:a:2": "two" });
  });
});

describe("a verification", () => {
  test("says how many differences it found, and how far it is", async () => {
    const { passed, open } = gate();
    const warned: unknown[] = [];
    const { searcher, live, told } = keeper({
      verify: async (_, progress) => {
        progress(0.5);
        await passed;
        return { differences: 2, samples: ["one", "two"], summary: "done" };
      },
      warn: (_, error) => void warned.push(error),
    });
    await live();
    searcher.verify();
    expect(searcher.state()).toMatchObject({ state: "VERIFYING", differences: undefined });
    expect(() => searcher.verify()).toThrow(/already/);
    open();
    await until("it is over", () => searcher.state().state === "LIVE");
    expect(searcher.state()).toMatchObject({ differences: 2, progress: undefined });
    expect(warned).toEqual(["one", "two"]);
    expect(told.some(({ state }) => state === "VERIFYING")).toBe(true);
  });

  test("that fails says why", async () => {
    const { searcher, live } = keeper({ verify: () => Promise.reject(new Error("a row cannot be read")) });
    await live();
    searcher.verify();
    await until("it is over", () => searcher.state().state === "LIVE");
    expect(searcher.state()).toMatchObject({ differences: undefined, lastError: "a row cannot be read" });
  });
});
