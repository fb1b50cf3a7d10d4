import { expect, test } from "vitest";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import { heldAges } from "../../../src/projecting/ages.ts";
import { anchorOf } from "../../../src/projecting/anchors.ts";
import { generationOf, type Projection, put } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";

/*
 * A runner asks the log only for events that its projections handle. Everything else must be as if it had read all of them.
 */

const event = (type: string, data: unknown): NewEvent => ({
  id: crypto.randomUUID(),
  type,
  data,
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: SCHEMA },
});

const handles: Projection = {
  name: "handles",
  version: 1,
  reads: [],
  handlers: { HandleClaimed: ({ data }) => [put("handles", data.handle, "", data.userId)] },
};

const nothing: Projection = { name: "nothing", version: 1, reads: [], handlers: {} };

/** Claims of handles among other events, and what a reader of all of them is told. */
async function filled(...kinds: ("claim" | "other")[]) {
  const log = memoryLog();
  for (const [index, kind] of kinds.entries()) {
    const data = { handle: `handle${index}`, userId: `user${index}` };
    await log.append("handle-x", [kind === "claim" ? event("HandleClaimed", data) : event("NothingChanged", {})], "any");
  }
  const asked: (ReadonlySet<string> | undefined)[] = [];
  const watched: EventStore = {
    ...log,
    readAll: (after, limit, types) => {
      asked.push(types);
      return log.readAll(after, limit, types);
    },
  };
  const { events } = await log.readAll(log.origin, 1_000);
  return { log: watched, asked, anchors: events.map(anchorOf) };
}

const CASES = [
  ["the newest event is handled", ["other", "claim", "other", "other", "claim"]],
  ["the newest event is passed over", ["claim", "other", "claim", "other"]],
  ["none is handled", ["other", "other", "other"]],
] as const;

test.each(CASES)("the checkpoint and its anchor are those of the newest event: %s", async (_what, kinds) => {
  for (const pageEvents of [1, 2, 3, 100])
    for (const projection of [handles, nothing]) {
      const { log, anchors } = await filled(...kinds);
      const store = memoryViews();
      const runner = createRunner({ log, store, projections: [projection], pageEvents });
      await runner.catchUp();
      const newest = anchors.at(-1);
      expect(await store.checkpoint(generationOf(projection))).toEqual({ position: newest?.position, anchor: newest });
      expect(runner.state()).toMatchObject({ checkpoint: newest?.position, events: kinds.length, state: "LIVE" });
    }
});

test("it ends in the middle where it is told to, with the anchor of an event up to there", async () => {
  const kinds = ["claim", "other", "claim", "other", "other", "claim"] as const;
  for (const pageEvents of [1, 2, 3, 100])
    for (let last = 0; last < kinds.length; last++) {
      const { log, anchors } = await filled(...kinds);
      const store = memoryViews();
      const until = anchors[last]?.position as string;
      await createRunner({ log, store, projections: [handles], pageEvents, until }).catchUp();
      const { position, anchor } = (await store.checkpoint(generationOf(handles))) ?? {};
      expect(position).toBe(until);
      // Beyond what is known to lie up to there, an earlier one does.
      if (anchor) expect(anchors.slice(0, last + 1)).toContainEqual(anchor);
      for (const [index, kind] of kinds.entries()) {
        const row = await store.get(`${generationOf(handles)}/handles`, `handle${index}`, "");
        expect(row).toBe(kind === "claim" && index <= last ? `user${index}` : undefined);
      }
    }
});

test("the log is asked for what is handled, and for everything where the time of each event counts", async () => {
  const { log, asked } = await filled("claim", "other");
  await createRunner({ log, store: memoryViews(), projections: [handles, nothing] }).catchUp();
  expect(asked).toEqual([new Set(["HandleClaimed"])]);
  asked.length = 0;
  const store = memoryViews();
  const ages = heldAges({ store, of: { projection: handles.name, table: "handles" } });
  await createRunner({ log, store, projections: [handles], ages }).catchUp();
  expect(asked).toEqual([undefined]);
});

test("an event is not taken for one of an object's own members", async () => {
  const log = memoryLog();
  await log.append("handle-x", [event("constructor", {}), event("toString", {}), event("__proto__", {})], "any");
  const store = memoryViews();
  const runner = createRunner({ log, store, projections: [handles] });
  await runner.catchUp();
  expect(runner.state()).toMatchObject({ events: 3, parked: { handles: 0 } });
});
