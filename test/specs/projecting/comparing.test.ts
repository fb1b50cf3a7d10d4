import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { StoredRow, ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { comparing } from "../../../src/projecting/generations/comparing.ts";
import type { Verification } from "../../../src/projecting/generations/verifying.ts";
import { generationOf, type Projection, put } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { counted, wrote } from "../../support/counted.ts";
import { record } from "../../support/everyView.ts";
import { sent } from "../../support/happened.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { tempDir } from "../../support/tempDir.ts";

const stores: Record<string, () => Promise<Open<ViewStore>>> = {
  memory: async () => memoryViews(),
  level: async () => {
    const folder = await tempDir();
    const store = await levelViewStore(folder.path);
    return {
      ...store,
      close: async () => {
        await store.close();
        await folder.remove();
      },
    };
  },
};

const NEVER = new AbortController().signal;

/** All rows of a generation. */
async function rowsOf(store: ViewStore, generation: string): Promise<StoredRow[]> {
  const snapshot = await store.snapshot();
  try {
    return await snapshot.rows(generation, undefined, 10_000);
  } finally {
    await snapshot.close();
  }
}

describe.each(Object.entries(stores))("in the store %s", (_, open) => {
  const log = memoryLog();
  let store: Open<ViewStore>;
  beforeAll(async () => {
    store = await open();
    await record(log);
    await createRunner({ log, store, projections: viewProjections }).catchUp();
  });
  afterAll(() => store.close());

  const verified = (projection: Projection): Promise<Verification> =>
    comparing({ log, store, projection })(generationOf(projection), () => {}, NEVER);

  describe.each(viewProjections.map((projection) => [projection.name, projection] as const))(
    "a comparison of %s",
    (_name, projection) => {
      const generation = generationOf(projection);
      const table = (row: StoredRow) => `${generation}/${row.table}`;
      const put = (row: StoredRow, value: unknown): Write => ({ op: "put", ...row, table: table(row), value });

      test("finds each row that is corrupted, deleted or added, and nothing else", async () => {
        const rows = await rowsOf(store, generation);
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.filter((row) => row.table === "parked")).toEqual([]);
        expect(await verified(projection)).toMatchObject({ differences: 0, samples: [] });
        // One of each table.
        const tables = [...new Map(rows.map((row) => [row.table, row])).values()];
        for (const row of tables) {
          const name = JSON.stringify([row.table, row.partition, row.sort]);
          const mend = () => store.commit([put(row, JSON.parse(row.text))]);
          await store.commit([put(row, { corrupted: true })]);
          expect(await verified(projection)).toMatchObject({
            differences: 1,
            samples: [`${name} has another value in a fold of the log`],
          });
          await store.commit([{ op: "del", table: table(row), partition: row.partition, sort: row.sort }]);
          expect(await verified(projection)).toMatchObject({ differences: 1, samples: [`${name} is missing in the view`] });
          await mend();
          // The last in its partition, and in a partition after all others.
          const more = [
            { ...row, sort: `${row.sort}~~` },
            { ...row, partition: "\u{10ffff}" },
          ];
          await store.commit(more.map((each) => put(each, true)));
          expect(await verified(projection)).toMatchObject({
            differences: 2,
            samples: expect.arrayContaining(
              more.map(
                (each) =>
                  `${JSON.stringify([each.table, each.partition, each.sort])} is in the view, and a fold of the log does not have it`,
              ),
            ) as unknown,
          });
          await store.commit(
            more.map((each): Write => ({ op: "del", table: table(each), partition: each.partition, sort: each.sort })),
          );
        }
        expect(await verified(projection)).toMatchObject({ differences: 0 });
        expect(await rowsOf(store, `${generation}~compared`)).toEqual([]);
      });
    },
  );
});

describe("a comparison", () => {
  test("is of one moment: what is folded meanwhile is no difference, and it reads the log no further", async () => {
    const [log, store] = [memoryLog(), memoryViews()];
    const projection = counted();
    const runner = createRunner({ log, store, projections: [projection] });
    await wrote(log, "ann", "bob");
    await runner.catchUp();
    let told = 0;
    const found = await comparing({
      log: {
        ...log,
        readAll: async (after, limit) => {
          if (told++ === 0) {
            await wrote(log, "ann", "cay");
            await runner.catchUp();
          }
          return log.readAll(after, limit);
        },
      },
      store,
      projection,
    })("counted@1#1", () => {}, NEVER);
    expect(told).toBeGreaterThan(0);
    expect(found).toMatchObject({ differences: 0 });
    expect(found.summary).toMatch(/: 2 rows, 0 differences$/);
  });

  test("counts all that differs, and names only some", async () => {
    const [log, store] = [memoryLog(), memoryViews()];
    const projection = counted();
    await wrote(log, ...Array.from({ length: 30 }, (_, index) => `user${index}`));
    await createRunner({ log, store, projections: [projection] }).catchUp();
    const rows = await rowsOf(store, "counted@1#1");
    await store.commit(rows.map(({ partition, sort }) => ({ op: "del", table: "counted@1#1/counts", partition, sort })));
    const { differences, samples } = await comparing({ log, store, projection })("counted@1#1", () => {}, NEVER);
    expect([differences, samples.length]).toEqual([30, 20]);
  });

  test("goes through rows in the order of their bytes, whatever the letters", async () => {
    const [log, store] = [memoryLog(), memoryViews()];
    // U+FF5E is above the surrogates of an emoji in UTF-16, and below them in UTF-8.
    const texts = ["a", "a~", "ａ", "～", "😀", "é", "z"];
    const projection: Projection = {
      name: "texts",
      version: 1,
      reads: [],
      handlers: { MessageSent: ({ data: { text } }) => [put("texts", text ?? "", text ?? "", true)] },
    };
    await record(
      log,
      texts.map((text) => sent("ann", { clientMutationId: text, text })),
    );
    await createRunner({ log, store, projections: [projection] }).catchUp();
    const compared = () => comparing({ log, store, projection })("texts@1#1", () => {}, NEVER);
    expect(await compared()).toMatchObject({ differences: 0 });
    for (const text of texts) {
      const row = { table: "texts@1#1/texts", partition: text, sort: text };
      await store.commit([{ op: "del", ...row }]);
      expect(await compared()).toMatchObject({
        differences: 1,
        samples: [`["texts","${text}","${text}"] is missing in the view`],
      });
      await store.commit([{ op: "put", ...row, value: true }]);
    }
  });

  test("of a generation that holds nothing has nothing to compare", async () => {
    const [log, store] = [memoryLog(), memoryViews()];
    await expect(comparing({ log, store, projection: counted() })("counted@1#1", () => {}, NEVER)).rejects.toThrow(
      "holds nothing yet",
    );
  });

  test("does not count what is not compared, and tells its progress, which never goes back", async () => {
    const [log, store] = [memoryLog(), memoryViews()];
    const projection = counted();
    await wrote(log, "ann", "bob", "cay");
    await createRunner({ log, store, projections: [projection] }).catchUp();
    await store.commit(
      ["ann", "bob"].map((partition) => ({ op: "put", table: "counted@1#1/counts", partition, sort: "", value: { count: 9 } })),
    );
    const progress: number[] = [];
    const found = await comparing({
      log,
      store,
      projection,
      comparable:
        () =>
        async ({ partition }) =>
          partition !== "ann",
    })("counted@1#1", (share) => void progress.push(share), NEVER);
    expect(found).toMatchObject({ differences: 1, samples: ['["counts","bob",""] has another value in a fold of the log'] });
    expect(progress.length).toBeGreaterThan(0);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });
});
