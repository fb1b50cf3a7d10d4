import { expect, test } from "vitest";
import { dropOlder } from "../../../src/projecting/older.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const projection = (name: string, version: number): Projection => ({ name, version, reads: [], handlers: {} });

test("rows of earlier versions are removed, those of this one and of others stay", async () => {
  const store = memoryViews();
  for (const generation of ["one@1#1", "one@2#1", "one@3#1", "two@1#1"])
    await store.commit(
      [{ op: "put", table: `${generation}/rows`, partition: "p", sort: "s", value: generation }],
      [{ of: [generation], from: null, to: "memory00.00000000001" }],
    );
  const projections = [projection("one", 3), projection("two", 1)];
  expect(await dropOlder(store, projections)).toEqual(["one@1#1", "one@2#1"]);
  const rows = store.dump().filter((line) => line.includes("/rows"));
  expect(rows.map((line) => line.split("/")[0])).toEqual(["one@3#1", "two@1#1"]);
  expect(await dropOlder(store, projections)).toEqual([]);
});
