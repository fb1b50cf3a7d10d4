import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shareOf } from "../../../src/adapters/viewStore/postgres/leases.ts";
import { type PostgresViewStore, postgresViewStore } from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { CheckpointMoved } from "../../../src/ports/faults.ts";
import { type Lease, LEASE_MS } from "../../../src/ports/leases.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import { BUILDING, type HoldingOptions, holdSlices, keepAlone, standStill, STILL } from "../../../src/projecting/holding.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { until } from "../../support/until.ts";

const GENERATION = "test@1#1/0";
const put = (sort: string): Write => ({ op: "put", table: "test@1#1/rows", partition: "p", sort, value: sort });

test("all slices are divided among all who are there, evenly, and nobody has fewer if somebody goes", () => {
  for (let slices = 1; slices <= 20; slices++)
    for (let holders = 1; holders <= 8; holders++) {
      const shares = Array.from({ length: holders }, (_, place) => shareOf(slices, holders, place));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(slices);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      for (let place = 0; place < holders - 1; place++)
        expect(shareOf(slices, holders - 1, place)).toBeGreaterThanOrEqual(shares[place + 1] as number);
    }
  expect(shareOf(8, 3, -1)).toBe(0);
});

const real = realPostgres("leases of slices");

describe.skipIf(!real)("leases on PostgreSQL", () => {
  const url = real?.url ?? "";
  const ending: (() => Promise<unknown>)[] = [];
  let schema = "";
  beforeEach(() => {
    schema = real?.newSchema() ?? "";
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  /** Another process that shares the views. */
  const opened = async (): Promise<PostgresViewStore> => {
    const store = await postgresViewStore(url, { schema, shared: true });
    ending.push(() => store.close());
    return store;
  };

  const asOperator = async (text: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<object>(text)).rows;
    } finally {
      await client.end();
    }
  };

  /** Ends a lease as time does. */
  const overdue = (slice: number) =>
    asOperator(`UPDATE "${schema}".leases SET expires = clock_timestamp() - interval '1 ms' WHERE slice = ${slice}`);

  const committer = (store: PostgresViewStore, lease: Lease) => {
    const own = store.heldBy(lease);
    ending.push(() => own.close());
    return own;
  };

  test("are of one holder at a time, and each holder has a higher fence", async () => {
    const [one, other] = [(await opened()).leases, (await opened()).leases];
    expect(await one.take("one", 3)).toEqual({ slice: 3, fence: 1 });
    expect(await other.take("other", 3)).toBeUndefined();
    expect(await one.take("one", 3)).toBeUndefined();
    await one.release("one", [{ slice: 3, fence: 1 }]);
    expect(await other.take("other", 3)).toEqual({ slice: 3, fence: 2 });
    // Whoever had it before lets go of nothing.
    await one.release("one", [{ slice: 3, fence: 1 }]);
    expect(await one.renew("one", [{ slice: 3, fence: 1 }])).toEqual([]);
    expect(await other.renew("other", [{ slice: 3, fence: 2 }])).toEqual([{ slice: 3, fence: 2 }]);
    await other.leave("other");
    expect(await one.take("one", 3)).toEqual({ slice: 3, fence: 3 });
  });

  test("are taken over once they are over, of many who try by one", async () => {
    const stores = [await opened(), await opened(), await opened(), await opened()];
    await stores[0]?.leases.take("dead", 0);
    await overdue(0);
    const taken = await Promise.all(stores.map(({ leases }, place) => leases.take(`h${place}`, 0)));
    expect(taken.filter((lease) => lease !== undefined)).toEqual([{ slice: 0, fence: 2 }]);
  });

  describe("of a process that ends without a word", () => {
    const lateMs = 1_500;
    /** As if it had not shown that it is there for longer than its connection may be away, and not for as long as a lease. */
    const late = (holder: string) =>
      asOperator(
        `UPDATE "${schema}".holders SET expires = clock_timestamp() + interval '${lateMs} ms' WHERE holder = '${holder}'`,
      );
    const goodForLong = () => asOperator(`UPDATE "${schema}".leases SET expires = clock_timestamp() + interval '1 hour'`);

    test("are free soon, while they would still be good", async () => {
      const [one, other] = [(await opened()).leases, (await opened()).leases];
      await one.beat("one", [], 2);
      for (const slice of [0, 1, STILL]) await one.take("one", slice);
      await other.beat("other", [], 2);
      await goodForLong();
      await one.close();
      await until("they are free", async () => (await other.beat("other", [], 2)).free.length === 2);
      expect(await other.beat("other", [], 2)).toEqual({ kept: [], share: 2, free: [0, 1], beside: [STILL], abandoned: [] });
      expect(await other.take("other", 1)).toEqual({ slice: 1, fence: 2 });
    });

    test("are not those of one that has lost its connection, and has another one", async () => {
      const [one, other] = [(await opened()).leases, (await opened()).leases];
      await one.beat("one", [], 2);
      const lease = (await one.take("one", 0)) as Lease;
      await asOperator(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = hashtext('one')::oid`,
      );
      await until("it has another one", () =>
        one.beat("one", [lease], 2).then(
          () => true,
          () => false,
        ),
      );
      await goodForLong();
      // Where the test itself stood still for as long, it proves nothing.
      await until("it was looked in time", async () => {
        const began = performance.now();
        await late("one");
        const { share, free } = await other.beat("other", [], 2);
        if (performance.now() - began > lateMs) return one.beat("one", [lease], 2).then(() => false);
        expect({ share, free }).toEqual({ share: 1, free: [1] });
        return true;
      });
    });
  });

  test("let only their holder commit, whatever it writes", async () => {
    const [one, other] = [await opened(), await opened()];
    const first = (await one.leases.take("one", 0)) as Lease;
    const own = committer(one, first);
    await own.commit([put("a")], [{ of: [GENERATION], from: null, to: "log.1" }]);
    await overdue(0);
    // As long as nobody else has taken it, it goes on.
    await own.commit([put("b")], [{ of: [GENERATION], from: "log.1", to: "log.2" }]);
    const second = (await other.leases.take("other", 0)) as Lease;
    // Also where the checkpoint stands where it was left, and where no checkpoint is moved.
    const moves = [{ of: [GENERATION], from: "log.2", to: "log.3" }];
    await expect(own.commit([put("c")], moves)).rejects.toThrow(CheckpointMoved);
    await expect(own.commit([put("d")])).rejects.toThrow(CheckpointMoved);
    expect(await other.range("test@1#1/rows", "p", { limit: 9 })).toHaveLength(2);
    await committer(other, second).commit([put("e")], moves);
    expect(await one.checkpoint(GENERATION)).toEqual({ position: "log.3" });
  });

  test("that commit at the same moment share a transaction, and one that is lost, or moved, fails alone", async () => {
    const [one, other] = [await opened(), await opened()];
    const of = (slice: number): string => `${GENERATION}/${slice}`;
    const own: Lease[] = [];
    for (let slice = 0; slice < 4; slice++) own.push((await one.leases.take("one", slice)) as Lease);
    const committers = own.map((lease) => committer(one, lease));
    const all = (from: string | null, to: string) =>
      Promise.allSettled(
        committers.map((each, slice) => each.commit([put(`${slice} at ${to}`)], [{ of: [of(slice)], from, to }])),
      );
    const isDone = (settled: readonly PromiseSettledResult<void>[]) => settled.map(({ status }) => status === "fulfilled");
    const ids = async (): Promise<Set<string>> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      const found = await client.query<{ xmin: string }>(`SELECT xmin FROM "${schema}".rows WHERE sort LIKE '% at log.1'`);
      await client.end();
      return new Set(found.rows.map(({ xmin }) => xmin));
    };
    expect(isDone(await all(null, "log.1"))).toEqual([true, true, true, true]);
    expect((await ids()).size).toBe(1);
    await overdue(2);
    await other.leases.take("other", 2);
    await committers[1]?.commit([], [{ of: [of(1)], from: "log.1", to: "log.1a" }]);
    const settled = await all("log.1", "log.2");
    expect(isDone(settled)).toEqual([true, false, false, true]);
    for (const each of settled) if (each.status === "rejected") expect(each.reason).toBeInstanceOf(CheckpointMoved);
    const at = await one.checkpoints([0, 1, 2, 3].map(of));
    expect(at.map((each) => each?.position)).toEqual(["log.2", "log.1a", "log.1", "log.2"]);
    expect((await one.range("test@1#1/rows", "p", { limit: 99 })).map(({ sort }) => sort)).toEqual([
      "0 at log.1",
      "0 at log.2",
      "1 at log.1",
      "2 at log.1",
      "3 at log.1",
      "3 at log.2",
    ]);
    // A large one goes by itself.
    const many = Array.from({ length: 500 }, (_, row) => put(`many ${row}`));
    await Promise.all([
      committers[0]?.commit(many, [{ of: [of(0)], from: "log.2", to: "log.3" }]),
      committers[3]?.commit([put("small")], [{ of: [of(3)], from: "log.2", to: "log.3" }]),
    ]);
    expect(await one.range("test@1#1/rows", "p", { limit: 999 })).toHaveLength(507);
  });

  test.each(["renewed", "let go of"] as const)(
    "are %s in the order in which a commit of several finds them: neither waits for the other for ever",
    async (what) => {
      const one = await opened();
      const own: Lease[] = [];
      // As they lie in the table, and as they are told, they are in another order.
      for (let slice = 15; slice >= 0; slice--) own.push((await one.leases.take("one", slice)) as Lease);
      const committers = own.map((lease) => ({ lease, commit: committer(one, lease).commit }));
      const waiting = async (): Promise<number> =>
        (await asOperator(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"${schema}".leases%'`))
          .length;
      // Somebody has one of the first, so that each has what it comes to before that, and waits.
      const between = new Client({ connectionString: url });
      await between.connect();
      ending.push(() => between.end());
      await between.query("BEGIN");
      await between.query(`SELECT 1 FROM "${schema}".leases WHERE slice = 1 FOR UPDATE`);
      const committed = Promise.all(
        committers.map(({ lease: { slice }, commit }) =>
          commit([put(`${slice}`)], [{ of: [`${GENERATION}/${slice}`], from: null, to: "log.1" }]),
        ),
      );
      await until("the commit waits", async () => (await waiting()) === 1);
      const done = what === "renewed" ? one.leases.renew("one", own) : one.leases.release("one", own);
      await until("both wait", async () => (await waiting()) === 2);
      await between.query("COMMIT");
      await committed;
      expect(new Set((await done) ?? [])).toEqual(new Set(what === "renewed" ? own : []));
      // Had the server ended one of them, each would have been committed alone.
      expect(await asOperator(`SELECT DISTINCT xmin::text FROM "${schema}".rows`)).toHaveLength(1);
    },
  );

  test("are not taken within a commit of their holder", async () => {
    const [one, other] = [await opened(), await opened()];
    const own = committer(one, (await one.leases.take("one", 0)) as Lease);
    await own.commit([put("a")], [{ of: [GENERATION], from: null, to: "log.0" }]);
    for (let round = 0; round < 20; round++) {
      await overdue(0);
      const before = (await one.checkpoint(GENERATION))?.position ?? "";
      const [committed, lease] = await Promise.all([
        own.commit([put(`r${round}`)], [{ of: [GENERATION], from: before, to: `log.${round + 1}` }]).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(CheckpointMoved);
            return false;
          },
        ),
        other.leases.take("other", 0),
      ]);
      const after = (await one.checkpoint(GENERATION))?.position;
      expect(after).toBe(committed ? `log.${round + 1}` : before);
      if (lease === undefined) continue;
      await expect(own.commit([put("late")], [{ of: [GENERATION], from: after ?? "", to: "log.x" }])).rejects.toThrow(
        CheckpointMoved,
      );
      return;
    }
    throw new Error("it was never taken");
  });

  test("of who stands still within a transaction are free soon", async () => {
    const [one, other] = [await opened(), await opened()];
    const lease = (await one.leases.take("one", 0)) as Lease;
    await committer(one, lease).commit([put("a")], [{ of: [GENERATION], from: null, to: "log.1" }]);
    // As a process does that was stopped in its middle.
    const frozen = new Client({ connectionString: url, options: "-c idle_in_transaction_session_timeout=2000" });
    frozen.on("error", () => undefined);
    await frozen.connect();
    ending.push(() => frozen.end());
    await frozen.query("BEGIN");
    await frozen.query(`SELECT 1 FROM "${schema}".leases WHERE slice = 0 FOR SHARE`);
    await frozen.query(`UPDATE "${schema}".checkpoints SET position = 'log.9'`);
    const next = await until("it is taken", () => other.leases.take("other", 0).catch(() => undefined), 20_000, 50);
    await committer(other, next).commit([put("b")], [{ of: [GENERATION], from: "log.1", to: "log.2" }]);
  });

  describe("and those who compete for them", () => {
    /** Somebody who competes. `has`: the slices that it works on now. */
    const competing = async (name: string, slices = 8, more: Partial<HoldingOptions> = {}) => {
      const { leases } = await opened();
      const has = new Set<number>();
      const troubles: unknown[] = [];
      const stop = new AbortController();
      const running = holdSlices(
        {
          leases,
          holder: name,
          slices: () => slices,
          begin: ({ slice }) => {
            expect(has.has(slice)).toBe(false);
            has.add(slice);
            let end = (): void => {};
            const ended = new Promise<void>((resolve) => (end = resolve));
            return {
              ended,
              stop: async () => {
                has.delete(slice);
                end();
                await ended;
              },
            };
          },
          troubled: (error) => troubles.push(error),
          beatMs: 50,
          ...more,
        },
        stop.signal,
      );
      const leave = async (): Promise<void> => {
        stop.abort();
        await running;
      };
      ending.push(leave);
      return { has, leave, troubles };
    };

    const allOf = (...of: { has: Set<number> }[]): number[] => of.flatMap(({ has }) => [...has]).sort((one, two) => one - two);
    const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

    test("have all of them alone, share them evenly with who joins, and take those of who leaves", async () => {
      const one = await competing("one");
      await until("one has all", () => one.has.size === 8);
      const two = await competing("two");
      await until("both have as many", () => one.has.size === 4 && two.has.size === 4);
      const three = await competing("three");
      const sizes = () => [one, two, three].map(({ has }) => has.size);
      await until("all have as many", () => sizes().sort().join() === "2,3,3");
      expect(allOf(one, two, three)).toEqual(EIGHT);
      await one.leave();
      await until("the others have all", () => two.has.size === 4 && three.has.size === 4);
      expect(allOf(two, three)).toEqual(EIGHT);
    });

    test("leave all of them free for who asks next, at once", async () => {
      const one = await competing("one");
      await until("one has all", () => one.has.size === 8);
      await one.leave();
      const next = (await opened()).leases;
      await next.beat("next", [], 8);
      for (const slice of EIGHT) expect(await next.take("next", slice)).toBeDefined();
    });

    test("have nothing where there are more of them than slices, and come in where one goes", async () => {
      const [one, two, three] = [await competing("one", 2), await competing("two", 2), await competing("three", 2)];
      await until("two of them have one each", () => allOf(one, two, three).join() === "0,1" && one.has.size === 1);
      const waiting = [one, two, three].filter(({ has }) => has.size === 0);
      expect(waiting).toHaveLength(1);
      await one.leave();
      await until("who waited has one", () => allOf(two, three).join() === "0,1");
    });

    test("take over what somebody holds who shows nothing any more, once its leases are over", async () => {
      const dead = (await opened()).leases;
      await dead.beat("dead", [], 8);
      for (const slice of EIGHT) await dead.take("dead", slice);
      const began = performance.now();
      const one = await competing("one", 8, { beatMs: 500 });
      await until("it has all", () => one.has.size === 8);
      expect(performance.now() - began).toBeGreaterThan(2_000);
    });

    test("stop quietly what somebody else has taken, and compete for it again", async () => {
      const one = await competing("one", 1);
      await until("it has it", () => one.has.size === 1);
      await overdue(0);
      const thief = (await opened()).leases;
      const stolen = await until("it is stolen", () => overdue(0).then(() => thief.take("thief", 0)));
      await until("it works on it no more", () => one.has.size === 0);
      await thief.release("thief", [stolen]);
      await until("it has it again", () => one.has.size === 1);
      expect(one.troubles).toEqual([]);
    });

    test("stand still while somebody needs that, and go on then", async () => {
      const [one, two] = [await competing("one"), await competing("two")];
      await until("they have all", () => allOf(one, two).length === 8);
      const { leases } = await opened();
      const goOn = await standStill(leases, "builder", async () => 8, new AbortController().signal);
      expect(allOf(one, two)).toEqual([]);
      expect((await leases.beat("looker", [], 8)).beside).toEqual([STILL]);
      await leases.leave("looker");
      await goOn();
      await until("they have all again", () => allOf(one, two).length === 8);
    });

    test("are told once that who was building is gone, unless it has let go of that", { timeout: 60_000 }, async () => {
      const signal = new AbortController().signal;
      const builder = (await opened()).leases;
      const abandoned = async (): Promise<readonly number[]> => {
        const beat = await builder.beat("looker", [], 2);
        await builder.leave("looker");
        return beat.abandoned;
      };
      let told = 0;
      const one = await competing("one", 2, { cutOff: () => void told++ });
      await until("it has both", () => one.has.size === 2);
      for (const times of [1, 2]) {
        await (await keepAlone(builder, "builder", BUILDING, signal))?.release();
        expect(await abandoned()).toEqual([]);
        const began = performance.now();
        (await keepAlone(builder, "builder", BUILDING, signal))?.abandon();
        expect(await abandoned()).toEqual([]);
        await until("it is told", () => told === times, 20_000);
        // It was given time to come back.
        expect(performance.now() - began).toBeGreaterThan(2 * LEASE_MS - 500);
        expect(await abandoned()).toEqual([BUILDING]);
      }
      expect(told).toBe(2);
    });

    test("let go of everything at their end", async () => {
      const one = await competing("one");
      await until("it has all", () => one.has.size === 8);
      await one.leave();
      expect(await asOperator(`SELECT slice FROM "${schema}".leases WHERE holder IS NOT NULL`)).toEqual([]);
      expect(await asOperator(`SELECT holder FROM "${schema}".holders`)).toEqual([]);
    });

    test("stop their work if the server is away for longer than a lease is good, and take it up again", async () => {
      const { leases } = await opened();
      let isAway = false;
      const unreachable = Object.assign({}, leases, {
        beat: (...of: Parameters<typeof leases.beat>) => (isAway ? Promise.reject(new Error("away")) : leases.beat(...of)),
      });
      const one = await competing("one", 2, { leases: unreachable });
      await until("it has both", () => one.has.size === 2);
      isAway = true;
      await until("it has stopped", () => one.has.size === 0);
      expect(one.troubles[0]).toBeInstanceOf(Error);
      isAway = false;
      await until("it has both again", () => one.has.size === 2);
      expect(one.troubles.at(-1)).toBeUndefined();
    });
  });

  test("those that share and one that does not keep each other out", async () => {
    const alone = await postgresViewStore(url, { schema, othersMs: 100 });
    await expect(postgresViewStore(url, { schema, shared: true, othersMs: 100 })).rejects.toThrow(
      /a Tidings server that shares nothing uses its schema/,
    );
    await alone.close();
    const shared = await opened();
    await opened();
    await expect(postgresViewStore(url, { schema, othersMs: 100 })).rejects.toThrow(
      /another Tidings server uses its schema .*PROJECTION_SLICES/,
    );
    await expect(postgresViewStore(url, { schema, shared: true, kept: { rows: [], ranges: [], bytes: 1 } })).rejects.toThrow(
      TypeError,
    );
    await shared.close();
  });
});
