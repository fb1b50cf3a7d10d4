import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { isUserId } from "../../../src/domain/ids.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import { normaliseHandle } from "../../../src/domain/handleForm.ts";
import { KEY_BYTES_MAX } from "../../../src/ports/viewStore.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { everyViewsPast, record } from "../../support/everyView.ts";
import { type Happened, handleClaimed } from "../../support/happened.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { allOf } from "../../support/world.ts";

/* No row has a name that a store may refuse, however long the ids are that people and businesses choose. */

/** Longer than any generation, position or number is. */
const MORE = { generation: 64, position: 64 };

const longest = (id: string, most: number): string => id + "-".repeat(most - id.length);

/** The past of every view, with ids as long as they may be. */
function withLongIds(past: readonly Happened[]): Happened[] {
  const text = JSON.stringify(past)
    .replaceAll(/\b(ann|bob|cay|dan)\b/g, (id) => longest(id, 64))
    .replaceAll("g:readers", longest("g:readers", 66))
    .replaceAll("c:news", longest("c:news", 66))
    .replaceAll("o:acme", longest("o:acme", 58))
    .replaceAll(/i:0123456789[a-z]*/g, (id) => longest(id, 66))
    .replaceAll(/"deviceId":"(phone|tab)"/g, (_, id: string) => `"deviceId":"${longest(id, 128)}"`);
  return JSON.parse(text) as Happened[];
}

describe("the names of rows", () => {
  test("are shorter than stores must take, with the longest ids that there can be", async () => {
    // 64 characters of four bytes each.
    const handle = "\u{20000}".repeat(64);
    expect(normaliseHandle(handle)).toBe(handle);
    const past = [...withLongIds(everyViewsPast), handleClaimed(longest("ann", 64), handle)];
    const [log, store] = [memoryLog(), memoryViews()];
    await record(log, past);
    for (const stored of await allOf(log)) expect(() => parseEvent(stored)).not.toThrow();
    await createRunner({ log, store, projections: viewProjections }).catchUp();
    let longestName = 0;
    const snapshot = await store.snapshot();
    for (const projection of viewProjections) {
      const rows = await snapshot.rows(generationOf(projection), undefined, 1_000_000);
      expect(rows.length, projection.name).toBeGreaterThan(0);
      expect(rows.filter(({ table }) => table === "parked")).toEqual([]);
      for (const { table, partition, sort } of rows) {
        const bytes = Buffer.byteLength(table + partition + sort) + MORE.generation + MORE.position;
        expect(bytes, `${projection.name}/${table} ${partition} ${sort}`).toBeLessThanOrEqual(KEY_BYTES_MAX);
        longestName = Math.max(longestName, bytes);
      }
    }
    await snapshot.close();
    expect(longestName).toBeGreaterThan(400);
  });

  test("are made of ids that cannot be longer", () => {
    const id = longest("ann", 64);
    expect([isUserId(id), isUserId(`${id}-`)]).toEqual([true, false]);
    expect(() => normaliseHandle("a".repeat(65))).toThrow();
    for (const past of everyViewsPast) {
      const [long] = withLongIds([past]) as [Happened];
      const text = JSON.stringify(long.data);
      const longer = text.replaceAll(/(ann|bob|cay|dan|[gco]:[a-z]+|i:[0-9a-z]+)-+/g, "$&--");
      if (longer === text) continue;
      const stored = { ...long, data: JSON.parse(longer) as object, id: crypto.randomUUID(), revision: 0, position: "log.1" };
      const metadata = { $correlationId: "c", $causationId: "c", actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema: 1 };
      expect(() => parseEvent({ ...stored, metadata }), long.type).toThrow();
    }
  });
});
