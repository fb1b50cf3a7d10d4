import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { postgresOutbox } from "../../src/adapters/pushOutbox/postgres.ts";
import { sqliteOutbox } from "../../src/adapters/pushOutbox/sqlite.ts";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import { LANES, OutboxLost, PAUSE_MS, type Plan, type PlannedPush, type PushOutbox } from "../../src/ports/pushOutbox.ts";
import { realPostgres } from "../support/realPostgres.ts";
import { tempDir } from "../support/tempDir.ts";

/** Opens the same one as often as it is asked. */
type Opening = () => Promise<() => Open<PushOutbox>>;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

const outboxes: Record<string, Opening> = {
  SQLite: async () => {
    const folder = await tempDir();
    closing.push(folder.remove);
    return () => sqliteOutbox(join(folder.path, "pushes.db"));
  },
};
const real = realPostgres("the contract of the outbox of pushes");
if (real)
  outboxes["PostgreSQL"] = async () => {
    const schema = real.newSchema();
    const store = await postgresViewStore(real.url, { schema });
    closing.push(() => store.close());
    return () => postgresOutbox(real.url, schema);
  };

const phone = { user: "bob", conversation: "d:ann~bob", device: "phone" };
const push = (seq: number, more: Partial<PlannedPush> = {}): PlannedPush => ({
  ...phone,
  lane: LANES.few,
  seq,
  mentions: false,
  ...more,
});
const plan = (more: Partial<Plan>): Plan => ({ to: "log.1", now: 1_000, clearAt: 3_000, news: [], reads: [], fans: [], ...more });
const ALL = [LANES.few, LANES.clear, 100] as const;

describe.each(Object.entries(outboxes))("%s", (_, opening) => {
  const opened = async () => {
    const open = await opening();
    const another = () => {
      const outbox = open();
      closing.push(() => outbox.close());
      return outbox;
    };
    const outbox = another();
    expect(await outbox.take("here")).toEqual({ cursor: undefined });
    return { outbox, another };
  };

  test("stores the cursor with what was planned, and gives both back", async () => {
    const { outbox, another } = await opened();
    await outbox.begin("log.0");
    await outbox.plan(plan({ news: [push(1)] }));
    await outbox.release();
    const next = another();
    expect(await next.take("there")).toEqual({ cursor: "log.1" });
    expect(await next.due(1_000, ...ALL)).toEqual([
      { ...phone, lane: 0, first: 1, seq: 1, mentionSeq: 0, since: 1_000, shown: 0, clear: false, tries: 0 },
    ]);
    expect(await next.due(999, ...ALL)).toEqual([]);
    expect(await next.next(0)).toBe(1_000);
    expect(await next.next(1_000)).toBeUndefined();
    expect(await next.counts()).toEqual({ waiting: 1, since: 1_000 });
  });

  test("makes one row of many messages, and knows the newest that mentions", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1), push(2, { mentions: true }), push(3)] }));
    await outbox.plan(plan({ now: 1_500, news: [push(4)] }));
    expect(await outbox.due(1_000, ...ALL)).toMatchObject([{ first: 1, seq: 4, mentionSeq: 2, since: 1_000 }]);
    await outbox.plan(plan({ now: 1_600, news: [push(4)] }));
    expect(await outbox.due(1_000, ...ALL)).toMatchObject([{ first: 1, seq: 4, since: 1_000 }]);
  });

  test("tells again after a pause, and the same never again", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1)] }));
    const [row] = await outbox.due(1_000, ...ALL);
    if (!row) throw new Error("nothing is due");
    await outbox.settle([{ row, at: 1_100, outcome: "told" }]);
    expect(await outbox.due(99_999, ...ALL)).toEqual([]);
    await outbox.plan(plan({ now: 1_200, news: [push(1)] }));
    expect(await outbox.due(99_999, ...ALL)).toEqual([]);
    await outbox.plan(plan({ now: 1_300, news: [push(2)] }));
    expect(await outbox.due(1_100 + PAUSE_MS - 1, ...ALL)).toEqual([]);
    expect(await outbox.due(1_100 + PAUSE_MS, ...ALL)).toMatchObject([{ first: 2, seq: 2, shown: 1 }]);
  });

  test("keeps what came while a push was on its way", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1)] }));
    const [row] = await outbox.due(1_000, ...ALL);
    if (!row) throw new Error("nothing is due");
    await outbox.plan(plan({ now: 1_050, news: [push(2)] }));
    await outbox.settle([{ row, at: 1_100, outcome: "told" }]);
    expect(await outbox.due(1_100 + PAUSE_MS, ...ALL)).toMatchObject([{ first: 2, seq: 2, shown: 1, clear: false }]);
  });

  test("forgets what was read before it left, and takes away what was shown", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1), push(1, { device: "desk" })] }));
    const [row] = await outbox.due(1_000, ...ALL);
    if (!row) throw new Error("nothing is due");
    await outbox.settle([{ row, at: 1_100, outcome: "told" }]);
    await outbox.plan(plan({ reads: [{ user: "bob", conversation: "d:ann~bob", seq: 1 }] }));
    expect(await outbox.due(2_999, ...ALL)).toEqual([]);
    const due = await outbox.due(3_000, ...ALL);
    expect(due).toMatchObject([{ device: row.device, clear: true, seq: 1, lane: LANES.clear }]);
    await outbox.settle(due.map((each) => ({ row: each, at: 3_100, outcome: "told" })));
    expect(await outbox.next(0)).toBeUndefined();
    await outbox.sweep(1);
    expect(await outbox.counts()).toEqual({ waiting: 0, since: undefined });
  });

  test("takes away what was read while it was on its way", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1)] }));
    const [row] = await outbox.due(1_000, ...ALL);
    if (!row) throw new Error("nothing is due");
    await outbox.plan(plan({ reads: [{ user: "bob", conversation: "d:ann~bob", seq: 1 }] }));
    await outbox.settle([{ row, at: 1_100, outcome: "told" }]);
    expect(await outbox.due(1_100 + PAUSE_MS, ...ALL)).toMatchObject([{ clear: true, shown: 1 }]);
  });

  test("does not forget what is newer than what was read", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(2)], reads: [{ user: "bob", conversation: "d:ann~bob", seq: 1 }] }));
    expect(await outbox.due(1_000, ...ALL)).toMatchObject([{ seq: 2 }]);
  });

  test("tries again later, and drops", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1)] }));
    const [row] = await outbox.due(1_000, ...ALL);
    if (!row) throw new Error("nothing is due");
    await outbox.settle([{ row, at: 1_100, outcome: { due: 5_000, tries: 1 } }]);
    expect(await outbox.due(4_999, ...ALL)).toEqual([]);
    expect(await outbox.due(5_000, ...ALL)).toMatchObject([{ tries: 1 }]);
    await outbox.settle([{ row, at: 5_100, outcome: "dropped" }]);
    expect(await outbox.next(0)).toBeUndefined();
  });

  test("goes through the members of a conversation bit by bit, and again for what came meanwhile", async () => {
    const { outbox } = await opened();
    const fan = { conversation: "g:many", seq: 5, mentions: false };
    await outbox.plan(plan({ fans: [fan, { ...fan, seq: 6, mentions: true }] }));
    expect(await outbox.fan(999)).toBeUndefined();
    const begun = await outbox.fan(1_000);
    expect(begun).toMatchObject({ conversation: "g:many", seq: 6, mentionSeq: 6, after: "" });
    if (!begun) throw new Error("there is none");
    const news = [push(6, { conversation: "g:many", lane: LANES.many })];
    await outbox.fanOut({ fan: begun, after: "m1", now: 2_000, news });
    await outbox.plan(plan({ fans: [{ ...fan, seq: 7 }] }));
    const going = await outbox.fan(2_000);
    expect(going).toMatchObject({ seq: 6, after: "m1", next: 7 });
    if (!going) throw new Error("there is none");
    await outbox.fanOut({ fan: going, after: undefined, now: 2_100, news: [] });
    const again = await outbox.fan(2_100);
    expect(again).toMatchObject({ seq: 7, mentionSeq: 0, after: "", next: 0 });
    if (!again) throw new Error("there is none");
    await outbox.fanOut({ fan: again, after: undefined, now: 2_200, news: [] });
    expect(await outbox.fan(9_999)).toBeUndefined();
    expect(await outbox.due(2_000, LANES.few, LANES.few, 10)).toEqual([]);
    expect(await outbox.due(2_000, LANES.many, LANES.clear, 10)).toHaveLength(1);
  });

  test("knows the earliest time of each lane that is after another one", async () => {
    const { outbox } = await opened();
    const at = (now: number, device: string, lane: number) => outbox.plan(plan({ now, news: [push(1, { device, lane })] }));
    await at(3_000, "one", LANES.few);
    await at(2_000, "two", LANES.many);
    await at(4_000, "three", LANES.clear);
    const found: (number | undefined)[] = [];
    for (let time: number | undefined = 0; time !== undefined;) found.push((time = await outbox.next(time)));
    expect(found).toEqual([2_000, 3_000, 4_000, undefined]);
  });

  test("gives other fans their turn, and one that is put off no sooner than then", async () => {
    const { outbox } = await opened();
    const fan = (conversation: string) => ({ conversation, seq: 5, mentions: false });
    await outbox.plan(plan({ fans: [fan("g:one"), fan("g:two")] }));
    const turn = async (now: number) => (await outbox.fan(now))?.conversation;
    const first = await outbox.fan(1_000);
    if (first?.conversation !== "g:one") throw new Error("it is another one's turn");
    await outbox.fanOut({ fan: first, after: first.after, now: 5_000, news: [] });
    expect(await turn(4_999)).toBe("g:two");
    const second = await outbox.fan(1_000);
    if (!second) throw new Error("there is none");
    await outbox.fanOut({ fan: second, after: undefined, now: 1_000, news: [] });
    expect(await turn(4_999)).toBeUndefined();
    expect(await outbox.fan(5_000)).toEqual(first);
  });

  test("is kept by whoever has it, and not by whoever lost it meanwhile, even if nobody has it now", async () => {
    const { outbox, another } = await opened();
    await outbox.begin("log.0");
    await outbox.keep();
    const other = another();
    await expect(other.keep()).rejects.toThrow(OutboxLost);
    await outbox.release();
    expect(await other.take("there")).toEqual({ cursor: "log.0" });
    await other.plan(plan({ to: "log.5" }));
    await other.release();
    await expect(outbox.keep()).rejects.toThrow(OutboxLost);
    expect(await outbox.take("here")).toEqual({ cursor: "log.5" });
    await outbox.keep();
  });

  test("passes on what goes wrong elsewhere, and stores nothing of it", async () => {
    const { outbox } = await opened();
    await outbox.begin("log.0");
    const reads = {
      [Symbol.iterator]: () => {
        throw new RangeError("not of the outbox");
      },
    } as unknown as Plan["reads"];
    await expect(outbox.plan({ ...plan({ to: "log.9", news: [push(1)] }), reads })).rejects.toThrow(RangeError);
    expect(await outbox.take("here")).toEqual({ cursor: "log.0" });
    expect(await outbox.next(0)).toBeUndefined();
  });

  test("is closed after what was asked before, and says so from then on", async () => {
    const { outbox, another } = await opened();
    const planned = outbox.plan(plan({ to: "log.3" }));
    await outbox.close();
    await planned;
    await expect(outbox.counts()).rejects.toThrow(Unavailable);
    await outbox.close();
    expect(await another().take("here")).toEqual({ cursor: "log.3" });
  });

  test("is one holder's at a time, and whoever lost it changes nothing", async () => {
    const { outbox, another } = await opened();
    await outbox.begin("log.0");
    const other = another();
    expect(await other.take("there")).toBe(false);
    await expect(other.plan(plan({}))).rejects.toThrow(OutboxLost);
    await outbox.release();
    expect(await other.take("there")).toEqual({ cursor: "log.0" });
    await expect(outbox.plan(plan({ to: "log.9" }))).rejects.toThrow(OutboxLost);
    await other.release();
    expect(await outbox.take("here")).toEqual({ cursor: "log.0" });
  });

  test("begins anew without what was there", async () => {
    const { outbox } = await opened();
    await outbox.plan(plan({ news: [push(1)], fans: [{ conversation: "g:many", seq: 5, mentions: false }] }));
    await outbox.begin("log.7");
    expect(await outbox.take("here")).toEqual({ cursor: "log.7" });
    expect(await outbox.next(0)).toBeUndefined();
    expect(await outbox.fan(9_999)).toBeUndefined();
  });
});
