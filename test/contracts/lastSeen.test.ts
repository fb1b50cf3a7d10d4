import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { levelLastSeen } from "../../src/adapters/lastSeen/level.ts";
import { lastSeenInRows } from "../../src/adapters/lastSeen/rows.ts";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { LastSeen } from "../../src/ports/lastSeen.ts";
import { memoryLastSeen } from "../support/memoryLastSeen.ts";
import { memoryViews } from "../support/memoryViews.ts";
import { realPostgres } from "../support/realPostgres.ts";
import { tempDir } from "../support/tempDir.ts";

const ignored = () => undefined;

const made: { remove(): Promise<void> }[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await directory.remove();
});

const newDirectory = async (): Promise<string> => {
  const directory = await tempDir();
  made.push(directory);
  return join(directory.path, "seen");
};

const kinds: Record<string, (directory: string) => Promise<Open<LastSeen>>> = {
  level: (directory) => levelLastSeen(directory, ignored),
  "in memory": async () => ({ ...memoryLastSeen(), close: async () => undefined }),
};

kinds["in rows of a view store"] = async () => lastSeenInRows(memoryViews());
const postgres = realPostgres("the contract of when devices were last seen");
if (postgres)
  kinds["in rows on PostgreSQL"] = async () => {
    const store = await postgresViewStore(postgres.url, { schema: postgres.newSchema() });
    return { ...lastSeenInRows(store), close: store.close };
  };

describe.each(Object.entries(kinds))("last seen contract: %s", (_, open) => {
  it("gives what was noted last of each device, and undefined where nothing was", async () => {
    const store = await open(await newDirectory());
    const [phone, desk, others] = ["phone", "desk", ""].map((device) => ({ user: "ann", device })) as [Key, Key, Key];
    await store.note([
      { ...phone, at: 1, online: true },
      { ...others, at: 2, online: false },
      { ...phone, at: 3, online: false },
    ]);
    await store.note([]);
    const bob = { user: "an", device: "nphone" };
    expect(await store.of([desk, phone, others, bob])).toEqual([
      undefined,
      { at: 3, online: false },
      { at: 2, online: false },
      undefined,
    ]);
    expect(await store.of([])).toEqual([]);
    await store.forget([phone, desk]);
    expect(await store.of([phone, others])).toEqual([undefined, { at: 2, online: false }]);
    await store.close();
  });
});

type Key = { user: string; device: string };

describe("the embedded one", () => {
  it("keeps what was noted, and is begun anew where it cannot be read", async () => {
    const directory = await newDirectory();
    const key = { user: "ann", device: "phone" };
    const first = await levelLastSeen(directory, ignored);
    await first.note([{ ...key, at: 1, online: true }]);
    await first.close();
    const second = await levelLastSeen(directory, ignored);
    expect(await second.of([key])).toEqual([{ at: 1, online: true }]);
    await second.close();
    await writeFile(join(directory, "CURRENT"), "nonsense");
    const warnings: string[] = [];
    const third = await levelLastSeen(directory, (message) => void warnings.push(message));
    expect(await third.of([key])).toEqual([undefined]);
    expect(warnings).toHaveLength(1);
    await third.close();
  });
});
