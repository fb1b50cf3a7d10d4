import { ClassicLevel } from "classic-level";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LevelViewStore, levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { unsettled } from "../../../src/adapters/viewStore/level/settling.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import { tempDir } from "../../support/tempDir.ts";

const TABLE = "spec@1#1/t";

/** What LevelDB tells of its tables: so many in each level. */
const telling = (...levels: number[]) => ({
  getProperty: () =>
    levels
      .map((count, level) => {
        const tables = Array.from({ length: count }, (_, nth) => {
          const key = `spec@1#1/t\\x00caf\\xc3\\xa9 '${String(nth).padStart(2, "0")}'\\x00`;
          return ` ${level}${nth}:8519138['${key}' @ 1 : 1 .. '${key}z' @ 2 : 1]\n`;
        });
        return `--- level ${level} ---\n${tables.join("")}`;
      })
      .join(""),
});

describe("tables that are merged before they are read", () => {
  it("are many, and a good part of all", () => {
    expect(unsettled(telling(0, 0, 0))).toBeUndefined();
    expect(unsettled(telling(0, 0, 100))).toBeUndefined();
    expect(unsettled(telling(2, 5, 10))).toBeUndefined();
    expect(unsettled(telling(2, 6, 33))).toBeUndefined();
    expect(unsettled(telling(2, 6, 32, 0))).toHaveLength(7);
  });

  it("are parted where tables of the lowest level begin", () => {
    expect(unsettled(telling(1, 9, 9))).toEqual(["spec@1#1/t\0café '04'\0", "spec@1#1/t\0café '08'\0"]);
  });

  describe("in a store", () => {
    const ROWS = 20_000;
    let folder: Awaited<ReturnType<typeof tempDir>>;
    let store: LevelViewStore;
    beforeEach(async () => {
      folder = await tempDir();
      const tuning = { writeBufferSize: 1 << 20, maxFileSize: 1 << 20 };
      store = await levelViewStore(join(folder.path, "views"), { tuning });
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await store.close();
      await folder.remove();
    });

    const sorts = (from: number): string[] =>
      Array.from({ length: 1_000 }, (_, nth) => String(((from + nth) * 7_919) % ROWS).padStart(5, "0"));
    /** About a kilobyte that cannot be made smaller. */
    const value = (): string => randomBytes(750).toString("base64");

    it("hold the rows that they held, each in one place", async () => {
      for (let from = 0; from < 2 * ROWS; from += 1_000)
        await store.commit(sorts(from).map((sort): Write => ({ op: "put", table: TABLE, partition: "p", sort, value: value() })));
      const kept = vi.spyOn(ClassicLevel.prototype, "compactRange");
      const before = await store.range(TABLE, "p", { limit: ROWS + 1 });
      expect(before).toHaveLength(ROWS);
      await store.settle();
      expect(kept.mock.calls.length).toBeGreaterThan(1);
      const [handle] = kept.mock.contexts as ClassicLevel[];
      const levels = [0, 1, 2, 3, 4, 5, 6].map((level) => Number(handle?.getProperty(`leveldb.num-files-at-level${level}`)));
      expect(levels.filter((count) => count > 0)).toHaveLength(1);
      expect(await store.range(TABLE, "p", { limit: ROWS + 1 })).toEqual(before);
      kept.mockClear();
      await store.settle();
      expect(kept).not.toHaveBeenCalled();
    });

    it("are left as they are where the store is closed meanwhile", async () => {
      await store.close();
      await expect(store.settle()).rejects.toThrow("is closed");
    });
  });
});
