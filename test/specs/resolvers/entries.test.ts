import { afterAll, beforeAll, expect, test } from "vitest";
import type { Entry } from "../../../projections/inboxEntries.ts";
import { entryEntities } from "../../../src/api/inbox/entries.ts";
import { type ApiWorld, apiWorld } from "../../support/apiWorld.ts";

let at: ApiWorld;
beforeAll(async () => {
  at = await apiWorld();
});
afterAll(() => at.close());

test("an entry that nothing tells of is a fault: left out, nobody would hear of it", async () => {
  const context = at.context("ann");
  const read: Entry = { kind: "read", conversation: "g:a", seq: 1, at: "2026-05-04T10:00:00.000Z" };
  expect(await entryEntities(context, [{ position: "p", entry: read }])).toMatchObject([{ __typename: "ReadMoved" }]);
  const unheard = { kind: "befriended", user: "bob", at: read.at } as unknown as Entry;
  await expect(entryEntities(context, [{ position: "p", entry: unheard }])).rejects.toThrow(/nothing tells of an entry such as/);
});
