import type * as workerThreads from "node:worker_threads";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { localSearchIndex } from "../../../src/adapters/searchIndex/sqlite/localSearchIndex.ts";
import { sqliteSearchIndex } from "../../../src/adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import { searchReaders } from "../../../src/server/searchReaders.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { DamagedIndex, Unavailable } from "../../../src/ports/faults.ts";
import type { SearchIndex, SearchQuery, SearchStatus } from "../../../src/ports/searchIndex.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

const threads = vi.hoisted((): { terminate(): Promise<number> }[] => []);
vi.mock("node:worker_threads", async (original) => {
  const module = await original<typeof workerThreads>();
  class Worker extends module.Worker {
    constructor(...args: ConstructorParameters<typeof module.Worker>) {
      super(...args);
      threads.push(this);
    }
  }
  return { ...module, Worker };
});

const QUERY: SearchQuery = { units: [], filter: {}, order: "NEWEST", limit: 1 };

/** Readers of indexes that answer as they are told. */
function readers(count: number, examined?: SearchStatus) {
  const opened: { end: () => void; answers: (fault?: Error) => void; closed: boolean }[] = [];
  const damaged: unknown[] = [];
  const warned: string[] = [];
  const open = async (ended: (error: Error) => void): Promise<Open<SearchIndex>> => {
    const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
    const own = {
      end: () => {
        for (const { reject } of waiting.splice(0)) reject(new Unavailable("the thread ended", "unknown"));
        ended(new Error("it ended by itself"));
      },
      answers: (fault?: Error) => {
        for (const { resolve, reject } of waiting.splice(0)) (fault ? () => reject(fault) : resolve)();
      },
      closed: false,
    };
    opened.push(own);
    const answer = () => new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    return {
      search: async () => (await answer(), { hits: [], hasMore: false }),
      status: async () => ({ kind: "sqlite", reachable: true }),
      close: async () => void (own.closed = true),
    } as unknown as Open<SearchIndex>;
  };
  const own = searchReaders({
    open,
    examine: () => examined,
    count,
    damaged: (error) => damaged.push(error),
    warn: (message) => warned.push(message),
  });
  onTestFinished(() => own.close());
  return { ...own, opened, damaged, warned };
}

describe("readers of the search index", () => {
  test("one that ends is opened again by itself, and what was asked of it is unavailable", async () => {
    const { search, status, opened, warned } = readers(2);
    const asked = search("search@2", QUERY);
    await until("it is open", () => opened.length === 1);
    opened[0]?.end();
    await expect(asked).rejects.toThrow(Unavailable);
    expect((await status()).detail).toBe("1 of 2 threads that read it ended and are started again");
    const other = search("search@2", QUERY);
    await until("another answers meanwhile", () => opened.length >= 2);
    await until("it is opened again", () => opened.length === 3);
    for (const each of opened) each.answers();
    expect(await other).toEqual({ hits: [], hasMore: false });
    expect(await status()).toEqual({ kind: "sqlite", reachable: true });
    expect(warned).toHaveLength(1);
  });

  test("where all have ended it is away, and comes back", async () => {
    const { search, status, opened } = readers(1);
    await status();
    opened[0]?.end();
    await expect(search("search@2", QUERY)).rejects.toThrow("starting again");
    expect(await status()).toMatchObject({ reachable: false });
    await until("it is opened again", async () => (await status()).reachable);
    expect(opened).toHaveLength(2);
  });

  test("who asks how the index is opens none, where it is well and nobody has searched", async () => {
    const well = { kind: "sqlite", reachable: true, version: "3", bytes: 7 } satisfies SearchStatus;
    const { search, status, opened } = readers(2, well);
    expect(await status()).toEqual(well);
    expect(opened).toHaveLength(0);
    const asked = search("search@2", QUERY);
    await until("it is open", () => opened.length === 1);
    opened[0]?.answers();
    await asked;
    expect(await status()).toEqual({ kind: "sqlite", reachable: true });
  });

  test("an index that does not look well is opened by who asks how it is", async () => {
    const { status, opened } = readers(2, { kind: "sqlite", reachable: false, detail: "it is damaged" });
    expect(await status()).toEqual({ kind: "sqlite", reachable: true });
    expect(opened).toHaveLength(1);
  });

  test("damage is told, and while the files are moved none is open", async () => {
    const { search, letGo, resume, opened, damaged } = readers(2);
    const asked = search("search@2", QUERY);
    await until("it is open", () => opened.length === 1);
    const fault = new DamagedIndex("it is damaged");
    opened[0]?.answers(fault);
    await expect(asked).rejects.toThrow(fault);
    expect(damaged).toEqual([fault]);
    await letGo();
    expect(opened.map(({ closed }) => closed)).toEqual([true]);
    await expect(search("search@2", QUERY)).rejects.toThrow(Unavailable);
    expect(opened).toHaveLength(1);
    resume();
    const again = search("search@2", QUERY);
    await until("it is opened again", () => opened.length === 2);
    opened[1]?.answers();
    expect(await again).toEqual({ hits: [], hasMore: false });
  });

  test("real threads that are ended one after the other leave search as it was", async () => {
    const { path, remove } = await tempDir();
    onTestFinished(remove);
    const writer = await localSearchIndex(path);
    await writer.activate("search@2#1");
    await writer.close();
    const warned: string[] = [];
    const own = searchReaders({
      open: (ended) => sqliteSearchIndex(path, { ended }),
      examine: () => undefined,
      count: 1,
      damaged: () => expect.unreachable(),
      warn: (message) => void warned.push(message),
    });
    onTestFinished(() => own.close());
    const isAnswered = () =>
      own.search("search@2", QUERY).then(
        () => true,
        (error: unknown) => {
          expect(error).toBeInstanceOf(Unavailable);
          return false;
        },
      );
    for (let round = 1; round <= 3; round++) {
      expect(await until("it is answered", isAnswered)).toBe(true);
      await threads.at(-1)?.terminate();
      await until("it is noticed", () => warned.length === round);
    }
    expect(await until("it is answered", isAnswered)).toBe(true);
  });
});
