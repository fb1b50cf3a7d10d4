import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lostWrites } from "../../../src/adapters/viewStore/level/logCheck.ts";
import { batch, logFile } from "../../support/levelLog.ts";
import { tempDir } from "../../support/tempDir.ts";

/** A MANIFEST of one edit: comparator, log number, next file, last sequence, a compaction pointer, a deleted and a new file. */
const manifest = (logNumber: number) =>
  logFile([
    Buffer.concat([
      Buffer.of(1, 4, ...Buffer.from("cmp.")),
      Buffer.of(
        2,
        logNumber,
        3,
        0x90,
        0x03,
        4,
        0xff,
        0xff,
        0x03,
        5,
        1,
        2,
        65,
        66,
        6,
        0,
        4,
        7,
        1,
        5,
        0x80,
        0x10,
        1,
        65,
        2,
        90,
        90,
      ),
    ]),
  ]);

/** Batches of these sizes in bytes, three writes each, from a sequence number on. */
const batches = (from: number, ...sizes: number[]) => sizes.map((size, i) => batch(from + 3 * i, 3, size));

describe("a LevelDB directory's write-ahead files", () => {
  let root: Awaited<ReturnType<typeof tempDir>>;
  let count = 0;
  beforeAll(async () => {
    root = await tempDir();
  });
  afterAll(() => root.remove());

  /** What is found wrong with a directory whose MANIFEST needs `needed` and what is newer. */
  async function finding(needed: number, logs: Record<number, Buffer>): Promise<string | undefined> {
    const directory = join(root.path, String(++count));
    await mkdir(directory);
    await writeFile(join(directory, "CURRENT"), "MANIFEST-000002\n");
    await writeFile(join(directory, "MANIFEST-000002"), manifest(needed));
    for (const [number, bytes] of Object.entries(logs)) await writeFile(join(directory, `${number.padStart(6, "0")}.log`), bytes);
    return lostWrites(directory);
  }

  const sizes = [100, 40_000, 12, 32_754, 32_761, 70_000, 500];
  const long = logFile(batches(50, ...sizes));

  it("are whole", async () => {
    expect(await finding(5, { 5: long })).toBeUndefined();
    expect(await finding(5, { 5: long, 6: logFile(batches(50 + 3 * sizes.length, 100, 200)) })).toBeUndefined();
    expect(await finding(5, { 5: Buffer.alloc(0) })).toBeUndefined();
    expect(await finding(5, {})).toBeUndefined();
  });

  it("may end anywhere, where nothing is behind", async () => {
    for (let end = 0; end < long.length; end += 997) {
      expect(await finding(5, { 5: long.subarray(0, end) })).toBeUndefined();
      expect(await finding(5, { 5: Buffer.concat([long.subarray(0, end), Buffer.alloc(5_000)]) })).toBeUndefined();
      expect(await finding(5, { 5: long.subarray(0, end), 6: Buffer.alloc(0) })).toBeUndefined();
    }
  });

  it("may not miss anything that something is behind", async () => {
    const next = logFile(batches(50 + 3 * sizes.length, 100));
    for (let end = 0; end < long.length; end += 997) {
      expect(await finding(5, { 5: long.subarray(0, end), 6: next }), `cut at ${end}`).toMatch(/hole|miss/);
    }
    expect(await finding(5, { 6: next })).toMatch("5 is missing");
    const between = logFile([...batches(50, 100), ...batches(56, 100)]);
    expect(await finding(5, { 5: between })).toMatch("miss the writes 53 to 55");
  });

  it("may not have a hole", async () => {
    const longer = logFile(batches(50, ...sizes, ...Array.from({ length: 20 }, () => 3_000)));
    // What shares the last block with a hole is lost with it: that is a torn end.
    for (let page = 0; page + 4_096 < longer.length - 32_768; page += 4_096) {
      const bytes = Buffer.from(longer).fill(0, page, page + 4_096);
      expect(await finding(5, { 5: bytes }), `page at ${page}`).toMatch(/hole|miss/);
    }
  });

  it("that are needed no more may look as they please", async () => {
    expect(await finding(6, { 5: long.subarray(0, 50_000), 6: logFile(batches(900, 100, 100)) })).toBeUndefined();
    expect(await finding(6, { 4: Buffer.alloc(9, 9), 6: long })).toBeUndefined();
  });

  it("are not all: without CURRENT, a directory with rows is damaged, and an empty one is new", async () => {
    const directory = join(root.path, "new");
    await mkdir(directory);
    expect(await lostWrites(directory)).toBeUndefined();
    await writeFile(join(directory, "MANIFEST-000001"), "");
    expect(await lostWrites(directory)).toBeUndefined();
    await writeFile(join(directory, "000005.ldb"), "");
    expect(await lostWrites(directory)).toMatch("CURRENT");
  });
});
