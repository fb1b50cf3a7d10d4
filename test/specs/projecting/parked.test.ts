import { expect, test } from "vitest";
import type { Write } from "../../../src/ports/viewStore.ts";
import { type Listed, type ParkedPage, parkedPage, type ParkedPlace } from "../../../src/projecting/parked.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { memoryViews } from "../../support/memoryViews.ts";

const projections = ["zebra", "none", "ant"].map((name): Listed => ({ name, generation: `${name}@1#${name.length}` }));
const position = (place: number) => `memory00.${String(place).padStart(11, "0")}`;

async function storeOf(parked: Record<string, number[]>) {
  const store = memoryViews();
  const writes = projections.flatMap((of) =>
    (parked[of.name] ?? []).map((place): Write => {
      const value: ParkedRow = {
        key: "a",
        type: "Happened",
        error: `fault ${place}`,
        attempts: 3,
        parkedAt: "2024-01-02T03:04:05.678Z",
        waiting: false,
      };
      return { op: "put", table: `${of.generation}/parked`, partition: "", sort: position(place), value };
    }),
  );
  await store.commit(writes);
  return store;
}

const places = ({ events }: ParkedPage) => events.map(({ projection: of, cursor }) => `${of} ${Number(cursor.slice(9))}`);

const ALL = ["zebra 2", "zebra 3", "zebra 7", "ant 1", "ant 3"];
const story = () => storeOf({ zebra: [3, 2, 7], ant: [1, 3] });

test("the list goes by projection, then by position", async () => {
  const page = await parkedPage(await story(), projections, { name: undefined, after: undefined, first: 5 });
  expect(places(page)).toEqual(ALL);
  expect(page).toMatchObject({ hasNext: false, hasPrevious: false });
  expect(page.events[0]).toEqual({
    projection: "zebra",
    cursor: position(2),
    type: "Happened",
    error: "fault 2",
    attempts: 3,
    parkedAt: "2024-01-02T03:04:05.678Z",
  });
});

test("pages of every size from every place hold each event once", async () => {
  const store = await story();
  for (const first of [1, 2, 3, 4, 6]) {
    const found: string[] = [];
    for (let after: ParkedPlace | undefined; ;) {
      const page = await parkedPage(store, projections, { name: undefined, after, first });
      expect(page.hasPrevious).toBe(found.length > 0);
      found.push(...places(page));
      expect(page.hasNext).toBe(found.length < ALL.length);
      after = page.events.at(-1);
      if (!page.hasNext) break;
    }
    expect(found).toEqual(ALL);
  }
});

test("one projection's alone, also from the place of another's", async () => {
  const store = await story();
  const ants = await parkedPage(store, projections, { name: "ant", after: undefined, first: 1 });
  expect([places(ants), ants.hasNext, ants.hasPrevious]).toEqual([["ant 1"], true, false]);
  const after = { projection: "zebra", cursor: position(3) };
  expect(places(await parkedPage(store, projections, { name: "ant", after, first: 5 }))).toEqual(["ant 1", "ant 3"]);
  expect(places(await parkedPage(store, projections, { name: "none", after: undefined, first: 5 }))).toEqual([]);
});

test("what was healed meanwhile is no longer there, and the rest goes on from its place", async () => {
  const store = await story();
  await store.commit([{ op: "del", table: `${projections[0]?.generation}/parked`, partition: "", sort: position(3) }]);
  const after = { projection: "zebra", cursor: position(3) };
  const page = await parkedPage(store, projections, { name: undefined, after, first: 2 });
  expect([places(page), page.hasNext, page.hasPrevious]).toEqual([["zebra 7", "ant 1"], true, true]);
});
