import { describe, expect, test } from "vitest";
import { TookTooLong, Unavailable } from "../../../src/ports/faults.ts";
import type { SearchPage, SearchQuery } from "../../../src/ports/searchIndex.ts";
import { searchTurns, type SearchTurnLimits } from "../../../src/projecting/searchTurns.ts";

const LIMITS: SearchTurnLimits = { lanes: 2, waitingEach: 3, waiting: 8, waitMs: 60_000 };
const PAGE: SearchPage = { hits: [], hasMore: false };

/** Users who search an index that answers when it is told to, by a clock that is set by hand. */
function searching(limits: Partial<SearchTurnLimits> = {}) {
  let time = 0;
  const running: { name: string; end: (fault?: Error, workMs?: number) => void }[] = [];
  const told: unknown[] = [];
  const messages = (query: SearchQuery): Promise<SearchPage> =>
    new Promise((resolve, reject) => {
      const end = (fault?: Error, workMs?: number): void =>
        fault ? reject(fault) : resolve(workMs === undefined ? PAGE : { ...PAGE, workMs });
      running.push({ name: query.filter.topic ?? "", end });
    });
  const turns = searchTurns(
    { messages, entries: async () => ({ hits: [], hasMore: false }) },
    { ...LIMITS, ...limits },
    (error) => told.push(error),
    () => time,
  );
  /** Ends the search of this name after so long, and lets whoever is next begin. */
  const end = async (name: string, tookMs = 0, fault?: Error, workMs?: number): Promise<void> => {
    const place = running.findIndex((each) => each.name === name);
    const [job] = running.splice(place, 1);
    time += tookMs;
    job?.end(fault, workMs);
    await settled();
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const ask = (by: string, name = by): Promise<unknown> => {
    const answer = turns.messages({ units: [], filter: { topic: name }, order: "NEWEST", limit: 1 }, by).then(
      () => "answered",
      ({ code, retryAfterMs }: { code: string; retryAfterMs?: number }) => ({ code, retryAfterMs }),
    );
    return answer;
  };
  return { ask, end, told, turns, under: () => running.map(({ name }) => name), pass: (ms: number) => void (time += ms) };
}

const BUSY = { code: "UNAVAILABLE", retryAfterMs: 1_000 };
const RATED = { code: "RATE_LIMITED", retryAfterMs: 5_000 };

describe("searches in turns", () => {
  test("one of each user at a time, and as many as there are lanes", async () => {
    const { ask, end, under } = searching();
    const answers = [ask("ann", "a1"), ask("ann", "a2"), ask("bob", "b1"), ask("cat", "c1")];
    expect(under()).toEqual(["a1", "b1"]);
    await end("a1", 5);
    // Cat took nothing yet.
    expect(under()).toEqual(["b1", "c1"]);
    await end("b1");
    await end("a2");
    await end("c1");
    expect(await Promise.all(answers)).toEqual(Array(4).fill("answered"));
  });

  test("one user's worst do not keep another's from being answered", async () => {
    const { ask, end, under } = searching();
    for (let round = 0; round < 10; round++) {
      const worst = ["w1", "w2", "w3"].map((name) => ask("mallory", name));
      const other = ask(`user${round}`, "other");
      // Hers has a lane, whatever waits.
      expect(under()).toContain("other");
      await end("other", 1);
      expect(await other).toBe("answered");
      for (const name of ["w1", "w2", "w3"]) await end(name, 2_000, new TookTooLong("it took too long"));
      expect(await Promise.all(worst)).toEqual(Array(3).fill({ code: "UNAVAILABLE", retryAfterMs: 5_000 }));
    }
  });

  test("whose searches were little work are not taken for those whose were much, however long a busy machine took for them", async () => {
    const { ask, end, under } = searching({ lanes: 2 });
    for (const by of ["mallory", "mallory2"]) {
      void ask(by);
      await end(by, 10, undefined, 4_000);
    }
    void ask("ann");
    await end("ann", 4_000, undefined, 1);
    // One lane is left by those: the other is hers.
    void ask("mallory", "m1");
    void ask("mallory2", "m2");
    void ask("ann", "a1");
    expect(under()).toEqual(["m1", "a1"]);
  });

  test("those whose searches took much leave a lane to others, however many they are", async () => {
    const { ask, end, under, pass } = searching({ lanes: 2 });
    for (const by of ["m1", "m2", "m3"]) {
      void ask(by);
      await end(by, 5_000);
    }
    for (const by of ["m1", "m2", "m3"]) void ask(by, `${by} again`);
    expect(under()).toEqual(["m1 again"]);
    void ask("ann");
    expect(under()).toEqual(["m1 again", "ann"]);
    await end("ann");
    expect(under()).toEqual(["m1 again"]);
    // What they took is forgotten in time.
    pass(120_000);
    void ask("bob");
    expect(under().length).toBe(2);
  });

  test("more of one than may wait are refused, and others wait", async () => {
    const { ask, end } = searching();
    void ask("ann", "a0");
    const waiting = [1, 2, 3].map((nth) => ask("ann", `a${nth}`));
    expect(await ask("ann", "a4")).toEqual(RATED);
    for (const nth of [0, 1, 2, 3]) await end(`a${nth}`);
    expect(await Promise.all(waiting)).toEqual(Array(3).fill("answered"));
  });

  test("where too many wait, those go whose searches took more", async () => {
    const { ask, end } = searching({ waiting: 3, waitingEach: 3 });
    void ask("mallory", "first");
    await end("first", 500);
    void ask("mallory", "m0");
    void ask("bob", "b0");
    const [m1, m2, m3] = ["m1", "m2", "m3"].map((name) => ask("mallory", name));
    const ann = ask("ann", "a1");
    expect(await m3).toEqual(BUSY);
    await end("m0");
    expect(await Promise.race([m1, m2, Promise.resolve("waiting")])).toBe("waiting");
    await end("a1");
    expect(await ann).toBe("answered");
  });

  test("who waits too long is told when to come again", async () => {
    const { ask } = searching({ waitMs: 1 });
    void ask("ann", "a0");
    void ask("bob", "b0");
    expect(await ask("cat", "c0")).toEqual(BUSY);
  });

  test("an index that is away is said once, until it is back", async () => {
    const { ask, end, told } = searching();
    for (const fault of [new Unavailable("gone"), new Unavailable("gone"), undefined, new Unavailable("gone again")]) {
      const answer = ask("ann");
      await end("ann", 1, fault);
      expect(await answer).toEqual(fault ? BUSY : "answered");
    }
    expect(told).toEqual([new Unavailable("gone"), new Unavailable("gone again")]);
  });
});
