import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Client, Pool } from "pg";
import { afterEach, describe, expect, it, test, vi } from "vitest";
import { addressOf } from "../../../src/adapters/viewStore/postgres/address.ts";
import { batchOf } from "../../../src/adapters/viewStore/postgres/batch.ts";
import { refusal } from "../../../src/adapters/viewStore/postgres/faults.ts";
import {
  existingPostgresViewStore,
  type PostgresViewStore,
  postgresViewStore,
  postgresViewStoreAt,
  removePostgresViews,
  setPostgresViewsAside,
} from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { hasTables, migrate } from "../../../src/adapters/viewStore/postgres/schema.ts";
import { textArray } from "../../../src/adapters/viewStore/postgres/textArray.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { CheckpointMoved, Unavailable } from "../../../src/ports/faults.ts";
import type { ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { fakePostgres } from "../../support/fakePostgres.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { relay, type Relay } from "../../support/relay.ts";
import { until } from "../../support/until.ts";

const GENERATION = "test@1#1";
const TABLE = `${GENERATION}/rows`;

const put = (partition: string, sort: string, value: unknown = sort): Write => ({
  op: "put",
  table: TABLE,
  partition,
  sort,
  value,
});

describe("DATABASE_URL", () => {
  test("names host, port, database and who comes", () => {
    expect(addressOf("postgres://ann:p%40ss@[::1]:5433/ti%20dings")).toEqual({
      name: "[::1]:5433/ti dings",
      config: { host: "::1", port: 5_433, database: "ti dings", user: "ann", password: "p@ss", ssl: false },
    });
    expect(addressOf("postgresql://db.example.org/t?sslmode=verify-full")).toEqual({
      name: "db.example.org:5432/t",
      config: { host: "db.example.org", port: 5_432, database: "t", ssl: { rejectUnauthorized: true } },
    });
    expect(addressOf("postgres:///t?host=/run/postgresql").config).toMatchObject({ host: "/run/postgresql", database: "t" });
  });
});

describe("what a commit writes", () => {
  test("is each row once, as the last write has it, in the order of their names", () => {
    const writes: Write[] = [
      put("p", "a", 1),
      { op: "del", table: TABLE, partition: "p", sort: "a" },
      { op: "putEach", table: TABLE, partitions: ["p", "q"], sort: "b", value: 2 },
      put("q", "b", 3),
      put("p", "c", 4),
      { op: "del", table: TABLE, partition: "p", sort: "c" },
      put("p", "c", 5),
    ];
    expect(batchOf(writes)).toEqual({
      puts: [{ tables: [TABLE, TABLE, TABLE], partitions: ["p", "p", "q"], sorts: ["b", "c", "b"], values: ["2", "5", "3"] }],
      dels: [{ tables: [TABLE], partitions: ["p"], sorts: ["a"] }],
    });
  });

  test("is divided where it is much", () => {
    const many = Array.from({ length: 25_000 }, (_, index) => put("p", `${index}`));
    expect(batchOf(many).puts.map(({ values }) => values.length)).toEqual([10_000, 10_000, 5_000]);
    const large = Array.from({ length: 30 }, (_, index) => put("p", `${index}`, "x".repeat(1_000_000)));
    const lengths = batchOf(large).puts.map(({ values }) => values.length);
    expect(lengths.length).toBeGreaterThan(2);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(30);
  });
});

describe("a server that will not do, whoever asks", () => {
  test.each([
    [
      [130_012, "13.12", "UTF8"],
      /PostgreSQL at 127\.0\.0\.1:\d+\/tidings cannot be used: it is PostgreSQL 13\.12, and Tidings needs 14 or newer/,
    ],
    [[150_004, "15.4", "SQL_ASCII"], /cannot be used: its database is in SQL_ASCII: make one in UTF8/],
  ])("%s", async (row, why) => {
    await using server = await fakePostgres(row);
    await expect(postgresViewStore(server.url, { schema: "t" })).rejects.toThrow(why);
    await expect(existingPostgresViewStore(server.url, "t")).rejects.toThrow(why);
  });
});

const real = realPostgres("what is PostgreSQL's own of a view store");

describe.skipIf(!real)("views on PostgreSQL", () => {
  const url = real?.url ?? "";
  const opened: (() => Promise<unknown>)[] = [];
  const closing = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.push(() => store.close());
    return store;
  };
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  const kept = { rows: ["test/rows"], ranges: ["test/rows"], bytes: 1_048_576 };
  const open = async (schema = real?.newSchema() ?? "", at = url): Promise<PostgresViewStore> =>
    closing(await postgresViewStore(at, { schema, kept, othersMs: 1_000 }));
  const beside = (store: PostgresViewStore): Open<ViewStore> => closing(postgresViewStoreAt(store.place()));

  /** Runs a statement as an operator would. */
  const asOperator = async <R extends object>(text: string, values: unknown[] = []): Promise<R[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<R>(text, values)).rows;
    } finally {
      await client.end();
    }
  };

  /** The same database through a relay. */
  const relayed = async (): Promise<{ between: Relay; at: string }> => {
    const { hostname, port } = new URL(url);
    const between = await relay(`http://${hostname}:${port}`);
    opened.push(async () => between[Symbol.asyncDispose]());
    const at = new URL(url);
    at.host = between.host;
    return { between, at: at.href };
  };

  test("texts go as they are, as a buffer", async () => {
    const client = new Client({ connectionString: url });
    await client.connect();
    opened.push(() => client.end());
    const ascii = ["a", '"', "\\", "{}", "NULL", "\x7f", "a".repeat(48), "b".repeat(300), "c".repeat(70_000), ""];
    for (const texts of [[], [""], ascii, ...["漢😀", "\u0080", "é".repeat(5_000)].map((other) => [...ascii, other, "z"])]) {
      const { rows } = await client.query<{ text: string }>("SELECT unnest($1::text[]) AS text", [textArray(texts)]);
      expect(rows.map(({ text }) => text)).toEqual(texts);
    }
  });

  test("rows that are asked for at the same moment are few questions, and each gets its own", async () => {
    const store = beside(await open());
    const names = Array.from({ length: 300 }, (_, index) => `r${index}`);
    await store.commit(names.slice(1).map((name) => put("p", name)));
    const asks = vi.spyOn(Pool.prototype, "query");
    try {
      const rows = await Promise.all(names.map((name) => store.get(TABLE, "p", name)));
      expect(rows).toEqual([undefined, ...names.slice(1)]);
      expect(asks).toHaveBeenCalledTimes(2);
    } finally {
      asks.mockRestore();
    }
  });

  test("a row that cannot be is the fault of who asks for it, and not of those who ask at the same moment", async () => {
    const store = beside(await open());
    await store.commit([put("p", "r", 1)]);
    const asked = [store.get(TABLE, "p", "r"), store.get(TABLE, "p", "\0"), store.get(TABLE, "p", "s")];
    const [there, wrong, none] = await Promise.allSettled(asked);
    expect([there, none]).toEqual([
      { status: "fulfilled", value: 1 },
      { status: "fulfilled", value: undefined },
    ]);
    expect(wrong).toEqual({ status: "rejected", reason: expect.any(TypeError) as unknown });
  });

  describe("tables", () => {
    it("are made once, whoever begins at the same moment", async () => {
      const schema = real?.newSchema() ?? "";
      const address = addressOf(url);
      expect(await hasTables(address, schema)).toBe(false);
      expect(await existingPostgresViewStore(url, schema)).toBeUndefined();
      await Promise.all(Array.from({ length: 4 }, () => migrate(address, schema)));
      expect(await hasTables(address, schema)).toBe(true);
      expect(await asOperator(`SELECT version FROM "${schema}".version`)).toEqual([{ version: 2 }]);
    });

    it("of a newer version are left alone", async () => {
      const schema = real?.newSchema() ?? "";
      await migrate(addressOf(url), schema);
      await asOperator(`UPDATE "${schema}".version SET version = 99`);
      for (const opening of [() => open(schema), () => existingPostgresViewStore(url, schema)])
        await expect(opening()).rejects.toThrow(
          /a newer Tidings made the tables of its schema .* \(version 99, .*DATABASE_SCHEMA/,
        );
    });

    it("are of one process at a time", async () => {
      const schema = real?.newSchema() ?? "";
      const first = await open(schema);
      await expect(open(schema)).rejects.toThrow(/another Tidings server uses its schema .*: end that one first/);
      // Whoever only looks is let in.
      const looking = closing((await existingPostgresViewStore(url, schema)) as Open<ViewStore>);
      await first.commit([put("p", "a")]);
      expect(await looking.get(TABLE, "p", "a")).toBe("a");
      await first.close();
      expect(await (await open(schema)).get(TABLE, "p", "a")).toBe("a");
    });

    it("are set aside, or removed, and begun anew", async () => {
      const schema = real?.newSchema() ?? "";
      for (const [away, there] of [
        [() => setPostgresViewsAside(url, schema), `the schema ${schema}_aside_1`],
        [() => setPostgresViewsAside(url, schema), `the schema ${schema}_aside_2`],
        [() => removePostgresViews(url, schema), undefined],
      ] as const) {
        const store = await open(schema);
        expect(await store.get(TABLE, "p", "a")).toBeUndefined();
        await store.commit([put("p", "a")]);
        await store.close();
        expect(await away()).toBe(there);
      }
      expect(await existingPostgresViewStore(url, schema)).toBeUndefined();
    });
  });

  describe("a server that will not do", () => {
    const refused = async (change: (at: URL) => void): Promise<string> => {
      const at = new URL(url);
      change(at);
      const fault: unknown = await postgresViewStore(at.href, { schema: "t" }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Error);
      expect(fault).not.toBeInstanceOf(Unavailable);
      return (fault as Error).message;
    };

    it("refuses the login", async () => {
      expect(await refused((at) => (at.username = "nobody_that_it_knows"))).toMatch(/it refuses this login: give a user/);
    });

    it("has no such database", async () => {
      expect(await refused((at) => (at.pathname = "/nowhere"))).toMatch(/it has no such database: create it/);
    });

    it("speaks no TLS", async () => {
      expect(await refused((at) => at.searchParams.set("sslmode", "verify-full"))).toMatch(/leave out the sslmode/);
    });

    it("is waited for, as long as somebody is patient", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      server.close();
      const away = `postgres://127.0.0.1:${port}/tidings`;
      const said: string[] = [];
      const fault: unknown = await postgresViewStore(away, {
        schema: "t",
        patienceMs: 200,
        waiting: (why) => said.push(why),
      }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Unavailable);
      expect(said[0]).toMatch(/^waiting for PostgreSQL at 127\.0\.0\.1:\d+\/tidings: .*ECONNREFUSED/);
      const stop = new AbortController();
      const opening = postgresViewStore(away, { schema: "t", signal: stop.signal, waiting: () => stop.abort() });
      await expect(opening).rejects.toMatchObject({ name: "AbortError" });
    });

    test("what may pass is told from what may not", () => {
      const of = (code: string) => refusal(Object.assign(new Error("it said so"), { code, severity: "FATAL" }));
      for (const code of ["57P03", "53300", "08006", "40001"]) expect(of(code)).toBeUndefined();
      for (const code of ["28P01", "3D000", "42501"]) expect(of(code)).toContain("it said so");
      expect(refusal(new Error("connect ECONNREFUSED"))).toBeUndefined();
    });
  });

  describe("when its server goes away", () => {
    it("says so, and goes on once it is back, with all that was committed", async () => {
      const { between, at } = await relayed();
      const store = await open(real?.newSchema(), at);
      await store.commit([put("p", "a", 1)], [{ of: [GENERATION], from: null, to: "log.1" }]);
      expect(await store.status()).toMatchObject({ kind: "postgresql", version: expect.stringMatching(/^\d+/) as string });
      between.interrupt();
      await expect(store.get(TABLE, "p", "b")).rejects.toThrow(Unavailable);
      await expect(store.commit([put("p", "b")], [{ of: [GENERATION], from: "log.1", to: "log.2" }])).rejects.toMatchObject({
        name: "Unavailable",
        outcome: "nothing",
      });
      expect((await store.status()).trouble).toBeDefined();
      between.restore();
      await until("it is back", async () => (await store.status()).trouble === undefined);
      await store.commit([put("p", "b")], [{ of: [GENERATION], from: "log.1", to: "log.2" }]);
      expect(await store.range(TABLE, "p", { limit: 9 })).toEqual([
        { sort: "a", value: 1 },
        { sort: "b", value: "b" },
      ]);
    });

    it("stores a commit of unknown outcome once, whether it was stored or not", async () => {
      const { between, at } = await relayed();
      const store = await open(real?.newSchema(), at);
      const reader = await existingPostgresViewStore(url, store.place().schema).then((found) =>
        closing(found as Open<ViewStore>),
      );
      for (let round = 0; round < 30; round++) {
        const moves = [{ of: [GENERATION], from: round === 0 ? null : `log.${round - 1}`, to: `log.${round}` }];
        const commit = () => store.commit([put("p", `${100 + round}`, randomBytes(200_000).toString("hex"))], moves);
        const done = commit().then(
          () => "stored",
          (error: unknown) => error,
        );
        // At another moment each time.
        if (round % 3 > 0) await reader.checkpoint(GENERATION);
        if (round % 3 > 1) await reader.checkpoint(GENERATION);
        between.interrupt();
        const outcome = await done;
        between.restore();
        if (outcome !== "stored") {
          expect(outcome).toBeInstanceOf(Unavailable);
          // The very same call again.
          await until("it is stored", () =>
            commit().then(
              () => true,
              (error: unknown) => {
                if (!(error instanceof Unavailable)) throw error;
                return false;
              },
            ),
          );
        }
        expect(await reader.checkpoint(GENERATION)).toEqual({ position: `log.${round}` });
      }
      expect(await reader.range(TABLE, "p", { limit: 100 })).toHaveLength(30);
      await expect(store.commit([], [{ of: [GENERATION], from: "log.3", to: "log.4" }])).rejects.toThrow(CheckpointMoved);
    });
  });

  describe("rows at hand", () => {
    it("are what another thread has committed", async () => {
      const store = await open();
      const writer = beside(store);
      for (let n = 0; n < 200; n++) {
        await writer.commit([put("p", "a", n), put("p", `${1_000 + n}`)]);
        for (let times = 0; times < 3; times++) {
          expect(await store.get(TABLE, "p", "a")).toBe(n);
          expect(await store.getMany([{ table: TABLE, partition: "p", sort: "a" }])).toEqual([n]);
          expect(await store.range(TABLE, "p", { limit: 1_000, before: "a" })).toHaveLength(n + 1);
        }
      }
    });

    it("are not asked for again", async () => {
      const { between, at } = await relayed();
      const store = await open(real?.newSchema(), at);
      await store.commit([put("p", "a", 1)]);
      for (let times = 0; times < 3; times++) expect(await store.get(TABLE, "p", "a")).toBe(1);
      // At once: nobody was asked.
      expect(store.get(TABLE, "p", "a")).toBe(1);
      between.interrupt();
      // Somebody else may write now.
      await until("its lock is lost", async () => {
        const asked = async () => store.get(TABLE, "p", "a");
        return (await asked().catch((error: unknown) => error)) instanceof Unavailable;
      });
    });
  });

  test("a drop that was cut off is gone on with", async () => {
    const store = await open();
    const partitions = Array.from({ length: 12_000 }, (_, index) => `u${index}`);
    await store.commit(
      [{ op: "putEach", table: TABLE, partitions, sort: "a", value: 1 }],
      [{ of: [GENERATION], from: null, to: "log.1" }],
    );
    // As a process leaves it that ends after the first piece.
    await asOperator(`DELETE FROM "${store.place().schema}".checkpoints`);
    await asOperator(`DELETE FROM "${store.place().schema}".rows WHERE partition < 'u5'`);
    expect((await store.partitions(TABLE, "", 1))[0]).toMatch(/^u5/);
    await store.drop(GENERATION);
    expect(await store.partitions(TABLE, "", 1)).toEqual([]);
    expect(await store.size(GENERATION)).toBe(0);
  });

  test("rows that can never be stored are told from a server that is away", async () => {
    const store = await open();
    const name = randomBytes(20_000).toString("hex");
    await expect(store.commit([put("p", "a"), put(name, name)])).rejects.toThrow(TypeError);
    expect(await store.get(TABLE, "p", "a")).toBeUndefined();
    await store.commit([put("p", "a")]);
    expect(await store.get(TABLE, "p", "a")).toBe("a");
  });
});
