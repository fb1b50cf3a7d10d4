import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Open } from "../../src/ports/awaitable.ts";
import { CheckpointMoved } from "../../src/ports/faults.ts";
import { KEY_BYTES_MAX, type Row, type ViewStore, type Write } from "../../src/ports/viewStore.ts";
import { until } from "../support/until.ts";

/**
 * What every view store must do. `open` is called once; a real server's store is not empty, so every test writes to a generation
 * of its own.
 */
export function viewStoreContract(name: string, open: () => Promise<Open<ViewStore>>): void {
  describe(`view store contract: ${name}`, () => {
    let store: Open<ViewStore>;
    let generations = 0;
    const started = Date.now().toString(36);
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    const newGeneration = () => `test@1#${started}${1_000 + ++generations}`;
    const newTable = () => `${newGeneration()}/rows`;
    const put = (table: string, partition: string, sort: string, value: Row = sort): Write => ({
      op: "put",
      table,
      partition,
      sort,
      value,
    });
    const del = (table: string, partition: string, sort: string): Write => ({ op: "del", table, partition, sort });
    const sortsOf = async (...query: Parameters<ViewStore["range"]>) => (await store.range(...query)).map(({ sort }) => sort);
    const checkpointOf = async (generation: string) => (await store.checkpoint(generation))?.position ?? null;

    describe("get", () => {
      it("finds a row by its three parts, and only by these", async () => {
        const table = newTable();
        await store.commit([put(table, "p", "s", { a: 1 })]);
        expect(await store.get(table, "p", "s")).toEqual({ a: 1 });
        expect(await store.get(table, "p", "")).toBeUndefined();
        expect(await store.get(table, "p", "ss")).toBeUndefined();
        expect(await store.get(table, "ps", "")).toBeUndefined();
        expect(await store.get(table, "", "ps")).toBeUndefined();
        expect(await store.get(`${table}p`, "", "s")).toBeUndefined();
      });

      it("knows rows whose sort is empty", async () => {
        const table = newTable();
        await store.commit([put(table, "p", "", 1), put(table, "", "", 2)]);
        expect([await store.get(table, "p", ""), await store.get(table, "", "")]).toEqual([1, 2]);
        expect(await store.range(table, "p", { limit: 9 })).toEqual([{ sort: "", value: 1 }]);
      });

      it("finds names of any length and script", async () => {
        const table = newTable();
        // One by one, so that each is read after shorter ones, and some end inside what an encoder has room for.
        for (let length = 1; length < 400; length += 7) {
          const name = "é".repeat(length);
          await store.commit([put(table, name, `${name}漢😀`, length), put(table, name, name, "another")]);
          expect(await store.get(table, name, `${name}漢😀`)).toBe(length);
        }
        const long = "ü😀".repeat(2_000);
        await store.commit([put(table, long, long, "long")]);
        expect(await store.get(table, long, long)).toBe("long");
        expect(await store.get(table, long, `${long}x`)).toBeUndefined();
      });

      it("gives values back as they were put, members in their order", async () => {
        const table = newTable();
        const values = [
          { z: 1, a: { y: [1, { b: null, a: true }], x: "" }, "0": 0 },
          [],
          {},
          null,
          false,
          0,
          -1.5e300,
          "",
          '\u0000\u001f"\\\u2028 é 漢 😀 \ud800',
          { "": 1, __proto__x: 2 },
          "x".repeat(100_000),
        ];
        await store.commit(values.map((value, i) => put(table, "p", String(i).padStart(2, "0"), value)));
        const rows = await store.range(table, "p", { limit: 100 });
        expect(rows.map(({ value }) => JSON.stringify(value))).toEqual(values.map((value) => JSON.stringify(value)));
        for (const [i, value] of values.entries()) expect(await store.get(table, "p", String(i).padStart(2, "0"))).toEqual(value);
      });
    });

    describe("getMany", () => {
      it("answers each key in its place, present or not, however often it is asked for", async () => {
        const table = newTable();
        await store.commit([put(table, "p", "a", 1), put(table, "q", "b", null)]);
        const key = (partition: string, sort: string) => ({ table, partition, sort });
        const keys = [key("q", "b"), key("p", "b"), key("p", "a"), key("p", "a"), key("q", "a")];
        expect(await store.getMany(keys)).toEqual([null, undefined, 1, 1, undefined]);
        expect(await store.getMany([])).toEqual([]);
        expect(await store.getMany([key("p", "a")])).toEqual([1]);
      });
    });

    describe("range", () => {
      const sorts = ["a", "b", "c", "d", "e"];
      let table: string;
      beforeAll(async () => {
        table = newTable();
        await store.commit([
          ...sorts.map((sort) => put(table, "p", sort)),
          ...["", "o", "p\x01", "pp", "q"].map((partition) => put(table, partition, "x", "another's")),
          ...["", "!"].map((more) => put(`${table}${more}x`, "p", "x", "another's")),
        ]);
      });

      it("reads one partition, in order, both ways", async () => {
        expect(await store.range(table, "p", { limit: 10 })).toEqual(sorts.map((sort) => ({ sort, value: sort })));
        expect(await sortsOf(table, "p", { limit: 10, reverse: true })).toEqual([...sorts].reverse());
      });

      it("stops at the limit, from the end that it begins at", async () => {
        expect(await sortsOf(table, "p", { limit: 2 })).toEqual(["a", "b"]);
        expect(await sortsOf(table, "p", { limit: 2, reverse: true })).toEqual(["e", "d"]);
        expect(await sortsOf(table, "p", { limit: 0 })).toEqual([]);
        expect(await sortsOf(table, "p", { limit: Number.MAX_SAFE_INTEGER })).toEqual(sorts);
      });

      it("leaves its bounds out, whether they are rows or not", async () => {
        for (const reverse of [false, true]) {
          const turned = (expected: string[]) => (reverse ? [...expected].reverse() : expected);
          const bounded = (after: string | undefined, before: string | undefined) =>
            sortsOf(table, "p", {
              ...(after === undefined ? {} : { after }),
              ...(before === undefined ? {} : { before }),
              limit: 10,
              reverse,
            });
          expect(await bounded("b", undefined)).toEqual(turned(["c", "d", "e"]));
          expect(await bounded(undefined, "d")).toEqual(turned(["a", "b", "c"]));
          expect(await bounded("b", "d")).toEqual(turned(["c"]));
          expect(await bounded("b\x01", "d!")).toEqual(turned(["c", "d"]));
          expect(await bounded("", undefined)).toEqual(turned(sorts));
          expect(await bounded("c", "d")).toEqual([]);
          expect(await bounded("d", "b")).toEqual([]);
          expect(await bounded("e", undefined)).toEqual([]);
          expect(await bounded(undefined, "a")).toEqual([]);
        }
        expect(await sortsOf(table, "p", { after: "a", before: "e", limit: 2, reverse: true })).toEqual(["d", "c"]);
      });

      it("finds nothing in a partition or table that is not there", async () => {
        expect(await store.range(table, "nobody", { limit: 10 })).toEqual([]);
        expect(await store.range(table, "nobody", { limit: 10, reverse: true })).toEqual([]);
        expect(await store.range(`${table}y`, "p", { limit: 10 })).toEqual([]);
      });

      it("orders by the bytes of UTF-8, which is not the order of UTF-16", async () => {
        const own = newTable();
        const ordered = ["", "\x01", "!", "0", "0\x01", "00", "1", "A", "a", "~", "\x7f", "é", "漢", "\uffee", "😀", "😀a", "😁"];
        expect([...ordered].sort()).not.toEqual(ordered);
        await store.commit([...ordered].reverse().map((sort) => put(own, "p", sort)));
        expect(await sortsOf(own, "p", { limit: 100 })).toEqual(ordered);
        expect(await sortsOf(own, "p", { after: "\uffee", limit: 100 })).toEqual(["😀", "😀a", "😁"]);
        await store.commit(ordered.filter((sort) => sort !== "").map((sort) => put(own, `p${sort}`, "only")));
        expect(await store.partitions(own, "", 100)).toEqual(ordered.map((sort) => `p${sort}`));
      });

      it("reads thousands of rows at once", async () => {
        const own = newTable();
        const many = Array.from({ length: 5_000 }, (_, i) => String(i).padStart(6, "0"));
        await store.commit(many.map((sort) => put(own, "p", sort, `${sort} ${"x".repeat(500)}`)));
        expect(await sortsOf(own, "p", { limit: 10_000 })).toEqual(many);
        expect(await sortsOf(own, "p", { limit: 3_000, reverse: true })).toEqual(many.slice(2_000).reverse());
      });
    });

    describe("partitions", () => {
      it("names those of one table, in order, page by page", async () => {
        const table = newTable();
        const names = Array.from({ length: 50 }, (_, i) => `u${String(i).padStart(3, "0")}`);
        await store.commit([
          // Some with many rows, some with one.
          ...names.flatMap((name, i) =>
            Array.from({ length: i % 5 === 0 ? 100 : (i % 3) + 1 }, (_, n) => put(table, name, String(n))),
          ),
          put(`${table}x`, "another", "s"),
          put(table.slice(0, -1), "another", "s"),
        ]);
        expect(await store.partitions(table, "", 1_000)).toEqual(names);
        expect(await store.partitions(table, "", 7)).toEqual(names.slice(0, 7));
        for (const limit of [1, 7, 10, 50]) {
          const found: string[] = [];
          for (let after = ""; ;) {
            const page = await store.partitions(table, after, limit);
            if (page.length === 0) break;
            expect(page.length).toBeLessThanOrEqual(limit);
            found.push(...page);
            after = page.at(-1) as string;
          }
          expect(found).toEqual(names);
        }
        expect(await store.partitions(table, "u010!", 1)).toEqual(["u011"]);
        expect(await store.partitions(table, "u049", 1)).toEqual([]);
      });

      it("tells names apart that begin with one another", async () => {
        const table = newTable();
        const names = ["a", "a\x01", "a!", "a:1", "aa", "b"];
        await store.commit(names.flatMap((name) => Array.from({ length: 40 }, (_, n) => put(table, name, String(n)))));
        expect(await store.partitions(table, "", 10)).toEqual(names);
        expect(await store.partitions(table, "a", 10)).toEqual(names.slice(1));
        expect(await store.partitions(table, "a\x01", 10)).toEqual(names.slice(2));
      });

      it("leaves out those whose rows are all deleted", async () => {
        const table = newTable();
        await store.commit([put(table, "a", "1"), put(table, "b", "1"), put(table, "c", "1")]);
        await store.commit([del(table, "b", "1")]);
        expect(await store.partitions(table, "", 10)).toEqual(["a", "c"]);
        expect(await store.partitions(newTable(), "", 10)).toEqual([]);
      });
    });

    describe("commit", () => {
      it("puts the same row in many partitions", async () => {
        const table = newTable();
        const partitions = Array.from({ length: 300 }, (_, i) => `u${i}`);
        const value = { conversationId: "g:1", seq: 7 };
        await store.commit([{ op: "putEach", table, partitions, sort: "s", value }]);
        expect(await store.getMany(partitions.map((partition) => ({ table, partition, sort: "s" })))).toEqual(
          partitions.map(() => value),
        );
        await store.commit([{ op: "putEach", table: `${table}2`, partitions: [], sort: "s", value }]);
        expect(await store.partitions(`${table}2`, "", 1)).toEqual([]);
      });

      it("lets the last write to a row win, within one commit too", async () => {
        const table = newTable();
        await store.commit([put(table, "p", "a", 0), put(table, "p", "d", 0), put(table, "p", "e", 0)]);
        await store.commit([
          put(table, "p", "a", 1),
          del(table, "p", "a"),
          put(table, "p", "a", 2),
          put(table, "p", "b", 1),
          del(table, "p", "b"),
          del(table, "p", "c"),
          { op: "putEach", table, partitions: ["p", "q"], sort: "c", value: 1 },
          put(table, "p", "c", 2),
          put(table, "p", "d", 1),
          { op: "putEach", table, partitions: ["q", "p"], sort: "d", value: 3 },
          del(table, "p", "e"),
        ]);
        expect(await store.range(table, "p", { limit: 10 })).toEqual([
          { sort: "a", value: 2 },
          { sort: "c", value: 2 },
          { sort: "d", value: 3 },
        ]);
        expect(await store.get(table, "q", "c")).toBe(1);
      });

      it("deletes what is not there without a word, and does nothing for nothing", async () => {
        await store.commit([del(newTable(), "p", "s")]);
        await store.commit([]);
        await store.commit([], []);
      });

      it("is seen by reads that begin after it", async () => {
        const table = newTable();
        for (let i = 0; i < 100; i++) {
          await store.commit([put(table, "p", "s", i), put(table, "p", String(i).padStart(3, "0"), i)]);
          expect(await store.get(table, "p", "s")).toBe(i);
          expect(await sortsOf(table, "p", { before: "s", limit: 1, reverse: true })).toEqual([String(i).padStart(3, "0")]);
          expect(await store.getMany([{ table, partition: "p", sort: "s" }])).toEqual([i]);
        }
      });

      it("takes names of as many bytes as a name may have, whatever they are", async () => {
        const table = newTable();
        // Nothing in them can be compressed.
        const ofBytes = (bytes: number): string => {
          const left = bytes % 3;
          const characters = Array.from(
            randomBytes(2 * Math.floor(bytes / 3))
              .toString("hex")
              .match(/.{4}/g) ?? [],
            (hex) => String.fromCharCode(0x1000 + (Number.parseInt(hex, 16) % 0xc000)),
          );
          return characters.join("") + "x".repeat(left);
        };
        const rest = KEY_BYTES_MAX - Buffer.byteLength(table);
        for (const bytes of [0, 1, rest >> 1, rest - 1, rest]) {
          const [partition, sort] = [ofBytes(bytes), ofBytes(rest - bytes)];
          expect(Buffer.byteLength(table + partition + sort)).toBe(KEY_BYTES_MAX);
          await store.commit([put(table, partition, sort, 1)]);
          await store.commit([put(table, partition, sort, bytes)]);
          expect(await store.get(table, partition, sort)).toBe(bytes);
          expect(await store.range(table, partition, { limit: 10 })).toEqual([{ sort, value: bytes }]);
          await store.commit([del(table, partition, sort)]);
          expect(await store.get(table, partition, sort)).toBeUndefined();
          await store.commit([{ op: "putEach", table, partitions: [partition], sort, value: "each" }]);
          expect(await store.getMany([{ table, partition, sort }])).toEqual(["each"]);
        }
      });

      it("refuses what no row can be, and stores nothing of that commit", async () => {
        const table = newTable();
        const good = put(table, "p", "good");
        await expect(store.commit([good, { ...good, value: undefined } as Write])).rejects.toThrow();
        await expect(store.commit([good, put(table, "p\0q", "s")])).rejects.toThrow();
        await expect(store.commit([good, put(table, "p", "s\0")])).rejects.toThrow();
        await expect(
          store.commit([good, { op: "putEach", table, partitions: ["p", "\0"], sort: "s", value: 1 }]),
        ).rejects.toThrow();
        await expect(store.commit([good, del(`${table}\0`, "p", "s")])).rejects.toThrow();
        expect(await store.range(table, "p", { limit: 1 })).toEqual([]);
        await store.commit([good]);
        expect(await store.get(table, "p", "good")).toBe("good");
      });
    });

    describe("checkpoints", () => {
      it("are set where none was, moved from where they stand, and read with get", async () => {
        const generation = newGeneration();
        expect(await checkpointOf(generation)).toBeNull();
        await store.commit([put(`${generation}/t`, "p", "s")], [{ of: [generation], from: null, to: "log.1" }]);
        expect(await checkpointOf(generation)).toBe("log.1");
        await store.commit([], [{ of: [generation], from: "log.1", to: "log.2" }]);
        expect(await checkpointOf(generation)).toBe("log.2");
      });

      it("are read many at once, each in its place", async () => {
        const [one, two, three] = [newGeneration(), newGeneration(), newGeneration()];
        const anchor = { position: "log.1", stream: "user-ann", revision: 0, id: "an id" };
        await store.commit([], [{ of: [one], from: null, to: "log.1", anchor }]);
        await store.commit([], [{ of: [`${one}/3`], from: null, to: "log.3" }]);
        await store.commit([], [{ of: [three], from: null, to: "log.2" }]);
        const names = [three, two, `${one}/3`, one, three];
        const expected = [
          { position: "log.2" },
          undefined,
          { position: "log.3" },
          { position: "log.1", anchor },
          { position: "log.2" },
        ];
        expect(await store.checkpoints(names)).toEqual(expected);
        expect(await store.checkpoints([])).toEqual([]);
        const snapshot = await store.snapshot();
        await store.commit([], [{ of: [three], from: "log.2", to: "log.9" }]);
        expect(await snapshot.checkpoints(names)).toEqual(expected);
        await snapshot.close();
      });

      it("refuse to move from where they do not stand, and nothing of that commit is stored", async () => {
        const generation = newGeneration();
        const table = `${generation}/t`;
        await store.commit([put(table, "p", "a", 1)], [{ of: [generation], from: null, to: "log.5" }]);
        const writes = [put(table, "p", "a", 2), put(table, "p", "b"), del(table, "p", "a")];
        for (const from of [null, "log.4", "log.50", ""]) {
          await expect(store.commit(writes, [{ of: [generation], from, to: "log.6" }])).rejects.toThrow(CheckpointMoved);
        }
        await expect(store.commit(writes, [{ of: [newGeneration()], from: "log.1", to: "log.6" }])).rejects.toThrow(
          CheckpointMoved,
        );
        expect(await checkpointOf(generation)).toBe("log.5");
        expect(await store.range(table, "p", { limit: 10 })).toEqual([{ sort: "a", value: 1 }]);
      });

      it("move together or not at all", async () => {
        const [one, two, three] = [newGeneration(), newGeneration(), newGeneration()];
        const table = `${one}/t`;
        await store.commit([], [{ of: [one, two], from: null, to: "log.1" }]);
        await expect(
          store.commit([put(table, "p", "s")], [{ of: [one, two, three], from: "log.1", to: "log.2" }]),
        ).rejects.toThrow(CheckpointMoved);
        await expect(
          store.commit(
            [put(table, "p", "s")],
            [
              { of: [one], from: "log.1", to: "log.2" },
              { of: [three], from: "log.1", to: "log.2" },
            ],
          ),
        ).rejects.toThrow(CheckpointMoved);
        expect([await checkpointOf(one), await checkpointOf(two), await checkpointOf(three)]).toEqual(["log.1", "log.1", null]);
        expect(await store.get(table, "p", "s")).toBeUndefined();
        await store.commit(
          [put(table, "p", "s")],
          [
            { of: [one, two], from: "log.1", to: "log.2" },
            { of: [three], from: null, to: "log.2" },
          ],
        );
        expect([await checkpointOf(one), await checkpointOf(two), await checkpointOf(three)]).toEqual([
          "log.2",
          "log.2",
          "log.2",
        ]);
      });

      it("let one of several runners through, whichever it is, and its rows alone", async () => {
        const generation = newGeneration();
        const table = `${generation}/t`;
        for (let round = 0; round < 20; round++) {
          const from = round === 0 ? null : `log.${round - 1}`;
          const runners = ["a", "b", "c", "d"];
          const outcomes = await Promise.allSettled(
            runners.map((runner) =>
              store.commit(
                [put(table, `${round}`, runner), put(table, `${round}`, `${runner}2`)],
                [{ of: [generation], from, to: `log.${round}` }],
              ),
            ),
          );
          const won = runners.filter((_, i) => outcomes[i]?.status === "fulfilled");
          expect(won).toHaveLength(1);
          for (const outcome of outcomes)
            if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(CheckpointMoved);
          expect(await sortsOf(table, `${round}`, { limit: 10 })).toEqual([won[0], `${won[0]}2`]);
        }
      });

      it("let commits through that move others, all at once", async () => {
        const own = Array.from({ length: 20 }, newGeneration);
        await Promise.all(
          own.map(async (generation) => {
            for (let i = 0; i < 10; i++) {
              const from = i === 0 ? null : `log.${i - 1}`;
              await store.commit([put(`${generation}/t`, "p", `${i}`)], [{ of: [generation], from, to: `log.${i}` }]);
            }
          }),
        );
        for (const generation of own) {
          expect(await checkpointOf(generation)).toBe("log.9");
          expect(await sortsOf(`${generation}/t`, "p", { limit: 20 })).toHaveLength(10);
        }
      });
    });

    describe("snapshot", () => {
      it("holds rows and checkpoints as they were, whatever is committed later", async () => {
        const [generation, other] = [newGeneration(), newGeneration()];
        const table = `${generation}/t`;
        await store.commit([put(table, "p", "a", 1), put(table, "p", "b", 2)], [{ of: [generation], from: null, to: "log.1" }]);
        const snapshot = await store.snapshot();
        await store.commit(
          [put(table, "p", "a", 9), { op: "del", table, partition: "p", sort: "b" }, put(table, "p", "c", 3)],
          [{ of: [generation], from: "log.1", to: "log.2" }],
        );
        await store.commit([put(`${other}/t`, "p", "a")], [{ of: [other], from: null, to: "log.1" }]);
        expect(await snapshot.get(table, "p", "a")).toBe(1);
        expect(await snapshot.get(table, "p", "c")).toBeUndefined();
        expect((await snapshot.checkpoint(generation))?.position).toBe("log.1");
        expect(await snapshot.checkpoint(other)).toBeUndefined();
        expect(await snapshot.rows(other, undefined, 9)).toEqual([]);
        expect(await snapshot.rows(generation, undefined, 9)).toEqual([
          { table: "t", partition: "p", sort: "a", text: "1" },
          { table: "t", partition: "p", sort: "b", text: "2" },
        ]);
        await snapshot.close();
      });

      it("gives all rows of a generation page by page, in the order of their bytes, and none of its neighbours", async () => {
        const generation = newGeneration();
        const neighbours = [`${generation}0`, generation.slice(0, -1), `${generation}~x`, `a${generation}`];
        const tables = ["t", "u", "t.v", "é"];
        const writes = tables.flatMap((table) =>
          ["", "p", "ä", "😀"].flatMap((partition) => ["", "s", "\uffff", "😀"].map((sort) => ({ table, partition, sort }))),
        );
        await store.commit([
          ...writes.map(({ table, partition, sort }) => put(`${generation}/${table}`, partition, sort, "own")),
          ...neighbours.map((of) => put(`${of}/t`, "p", "s", "another's")),
        ]);
        const snapshot = await store.snapshot();
        const found: string[] = [];
        for (let after: Awaited<ReturnType<typeof snapshot.rows>>[number] | undefined; ;) {
          const page = await snapshot.rows(generation, after, 7);
          for (const { table, partition, sort, text } of page) {
            expect(text).toBe('"own"');
            found.push([table, partition, sort].join("\0"));
          }
          after = page.at(-1);
          if (page.length < 7) break;
        }
        await snapshot.close();
        const bytes = (text: string) => Buffer.from(text);
        const expected = writes.map(({ table, partition, sort }) => [table, partition, sort].join("\0"));
        expect(found).toEqual(expected.sort((one, other) => Buffer.compare(bytes(one), bytes(other))));
      });
    });

    describe("size", () => {
      it("is that of the rows of this generation, and nothing where there are none", async () => {
        const [generation, other] = [newGeneration(), newGeneration()];
        expect(await store.size(generation)).toBe(0);
        // Texts that nothing makes shorter, and more of them than a store keeps in memory before it writes a table.
        const text = () => randomBytes(48_000).toString("base64");
        for (let part = 0; part < 10; part++)
          await store.commit(
            Array.from({ length: 100 }, (_, row) => put(`${generation}/rows`, `p${part}`, `${row}`, text())),
            part === 0 ? [{ of: [generation], from: null, to: "log.1" }] : [],
          );
        const size = await until("it is on disk", async () => {
          const bytes = await store.size(generation);
          return bytes > 16_000_000 ? bytes : undefined;
        });
        expect(size).toBeLessThan(200_000_000);
        expect(await store.size(other)).toBe(0);
        expect(await store.size(`${generation}0`)).toBe(0);
      });
    });

    describe("drop", () => {
      it("deletes every table of a generation and its checkpoint, and nothing of its neighbours", async () => {
        const generation = newGeneration();
        const neighbours = [
          `${generation}0`,
          `${generation}0#1`,
          generation.slice(0, -1),
          `${generation}.`,
          `${generation}x`,
          `a${generation}`,
        ];
        const all = [generation, ...neighbours];
        const tables = ["t", "u", "t/v", "😀", ""];
        await store.commit(
          all.flatMap((of) =>
            tables.flatMap((table) => [put(`${of}/${table}`, "p", "s", of), put(`${of}/${table}`, "é", "", of)]),
          ),
          [{ of: all, from: null, to: "log.1" }],
        );
        await store.drop(generation);
        for (const table of tables) expect(await store.partitions(`${generation}/${table}`, "", 10)).toEqual([]);
        expect(await checkpointOf(generation)).toBeNull();
        for (const of of neighbours) {
          expect(await checkpointOf(of)).toBe("log.1");
          for (const table of tables) {
            expect(await store.get(`${of}/${table}`, "p", "s")).toBe(of);
            expect(await store.get(`${of}/${table}`, "é", "")).toBe(of);
          }
        }
      });

      it("takes the checkpoints of its slices with it, and of no other generation's", async () => {
        const generation = newGeneration();
        const others = [`${generation}0`, `${generation}0/1`, `${generation}!`, `${generation}!/1`];
        const slices = [`${generation}/0`, `${generation}/1`, `${generation}/63`];
        const anchor = { position: "log.1", stream: "user-ann", revision: 0, id: "an id" };
        await store.commit([], [{ of: [...slices, ...others], from: null, to: "log.1", anchor }]);
        await store.drop(generation);
        expect(await store.checkpoints([...slices, ...others])).toEqual([
          ...slices.map(() => undefined),
          ...others.map(() => ({ position: "log.1", anchor })),
        ]);
        await store.commit([], [{ of: slices, from: null, to: "log.1" }]);
        expect(await store.checkpoint(`${generation}/1`)).toEqual({ position: "log.1" });
      });

      it("may be repeated, and the generation built again", async () => {
        const generation = newGeneration();
        await store.drop(generation);
        await store.commit([put(`${generation}/t`, "p", "old")], [{ of: [generation], from: null, to: "log.9" }]);
        await store.drop(generation);
        await store.drop(generation);
        await store.commit([put(`${generation}/t`, "p", "new")], [{ of: [generation], from: null, to: "log.1" }]);
        expect(await sortsOf(`${generation}/t`, "p", { limit: 9 })).toEqual(["new"]);
      });

      it("takes away tens of thousands of rows while commits to others go on", async () => {
        const [old, live] = [newGeneration(), newGeneration()];
        const partitions = Array.from({ length: 5_000 }, (_, i) => `u${i}`);
        for (const sort of ["a", "b", "c", "d"]) {
          await store.commit([{ op: "putEach", table: `${old}/t`, partitions, sort, value: "x".repeat(200) }]);
        }
        const dropped = store.drop(old);
        for (let i = 0; i < 50; i++) await store.commit([put(`${live}/t`, "p", String(i).padStart(2, "0"))]);
        await dropped;
        expect(await store.partitions(`${old}/t`, "", 1)).toEqual([]);
        expect(await sortsOf(`${live}/t`, "p", { limit: 100 })).toHaveLength(50);
      });
    });
  });
}
