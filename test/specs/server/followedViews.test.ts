import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import type { Commit } from "../../../src/adapters/signals/redis/commits.ts";
import type { AnyOrder, OrderOutcome } from "../../../src/ports/orders.ts";
import { keepingIntervals } from "../../../src/projecting/healed.ts";
import { activateTogether, viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { generationOf } from "../../../src/projecting/projection.ts";
import { epochCounter } from "../../../src/projecting/tail.ts";
import { followViews, type HearsTopics } from "../../../src/server/followedViews.ts";
import type { Between } from "../../../src/server/signals.ts";
import type { ViewsFollower } from "../../../src/server/viewsFollower.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";

/* How a server follows rows that others fold: whom it wakes, and when. */

const GENERATIONS = viewProjections.map((projection) => generationOf(projection));
const at = (place: number): string => `log.${String(place).padStart(6, "0")}`;
const nothing = () => undefined;

describe("a server that follows the rows of others", () => {
  let store: ReturnType<typeof memoryViews>;
  let follower: ViewsFollower;
  let isUp: boolean;
  let place: number;
  let commits: (commit: Commit, by: string) => void;
  let hears: HearsTopics;
  let outcome: OrderOutcome | undefined;
  const given: AnyOrder[] = [];
  let epochs: SharedArrayBuffer;
  /** Since when who listens is woken too, by the last topics that were told. */
  let wokenSince: bigint | undefined;
  /** What else is done at each look, and when all rows are further. */
  let looking: () => Promise<unknown>;
  let further: () => void;
  /** What was done, in order: topics, "all", or `at` a position. */
  const done: (string | readonly string[])[] = [];

  const commit = async (): Promise<{ from: string; to: string }> => {
    const [from, to] = [at(place), at(place + 1)];
    await store.commit([], [{ of: GENERATIONS, from, to }]);
    place += 1;
    return { from, to };
  };
  const tell = ({ from, to }: { from: string; to: string }, ...topics: string[]): void => {
    if (topics.length > 0) hears(topics, "projector");
    commits({ slices: [0], from, to, isAll: false }, "projector");
  };
  const isDone = (what: string | readonly string[]) => done.some((each) => JSON.stringify(each) === JSON.stringify(what));

  beforeEach(async () => {
    [isUp, place, outcome, wokenSince] = [true, 1, undefined, undefined];
    [looking, further] = [async () => undefined, nothing];
    epochs = epochCounter();
    done.length = given.length = 0;
    store = memoryViews();
    await store.commit([], [{ of: GENERATIONS, from: null, to: at(1) }]);
    await activateTogether(store, GENERATIONS);
    const between: Between = {
      id: "here",
      tell: nothing,
      commits: { tell: nothing, hear: (heard) => ((commits = heard), nothing) },
      orders: {
        give: async (_, order) => {
          given.push(order);
          return outcome;
        },
        states: async () => [],
        take: () => nothing,
      },
      elsewhere: {
        note: nothing,
        devicesOf: async () => [],
        noteTyping: nothing,
        typingIn: async () => [],
      },
      turn: { isMine: () => true, close: async () => undefined },
      isUp: () => isUp,
      onUp: () => nothing,
      status: () => ({}),
    };
    let isOpen = false;
    follower = followViews({
      log: { origin: at(0), end: async () => at(1) },
      store: { ...store, checkpoints: (names) => looking().then(() => store.checkpoints(names)) },
      generations: viewGenerations(store),
      between,
      signals: {
        publish: (topics, epoch) => {
          done.push([...topics]);
          wokenSince = epoch;
        },
        publishAll: () => void done.push("all"),
      },
      epochs,
      advanced: (lowest) => {
        done.push(lowest);
        further();
      },
      reading: nothing,
      blocked: nothing,
      healed: (intervals) => void done.push(intervals.map(({ from, to }) => `healed ${from} to ${to}`)),
      opened: () => (isOpen = true),
      stateChanged: nothing,
      heardBy: (hearing) => (hears = hearing),
      warn: (message, detail) => expect.fail(`${message}: ${detail}`),
    });
    await until("it is open", () => isOpen);
    // Nobody has told of what was there before: everybody is woken.
    await until("everybody was woken", () => isDone("all"));
    done.length = 0;
  });
  afterEach(async () => {
    await follower.close();
    await store.close();
  });

  test("wakes those who were told of, once it has seen the rows", async () => {
    const committed = await commit();
    tell(committed, "users/ann", "users/bob");
    await until("they are woken", () => isDone(["users/ann", "users/bob"]));
    expect(done).toEqual([committed.to, ["users/ann", "users/bob"]]);
    expect(follower.state()).toMatchObject({ state: "LIVE", checkpoint: committed.to });
  });

  test("wakes them also if it saw the rows before it was told", async () => {
    const committed = await commit();
    follower.hurry();
    await until("it has seen them", () => isDone(committed.to));
    tell(committed, "users/ann");
    await until("she is woken", () => isDone(["users/ann"]));
    expect(isDone("all")).toBe(false);
  });

  test("wakes nobody for rows that may not be read yet", async () => {
    const next = { from: at(place), to: at(place + 1) };
    tell(next, "users/ann");
    const before = await commit();
    expect(before).toEqual(next);
    await until("she is woken", () => isDone(["users/ann"]));
    expect(done.indexOf(before.to)).toBeLessThan(done.findIndex((each) => Array.isArray(each) && each.includes("users/ann")));
  });

  test("wakes also who began to listen after it was told of rows that may be read only later", async () => {
    tell(await commit());
    await until("it has seen them", () => isDone(at(place)));
    const sooner = { from: at(place), to: at(place + 1) };
    tell(sooner);
    tell({ from: sooner.to, to: at(place + 2) }, "users/ann");
    const began = Atomics.add(new BigInt64Array(epochs), 0, 1n) + 1n;
    await commit();
    follower.hurry();
    await until("it has looked since then", () => isDone(sooner.to));
    await commit();
    await until("she is woken", () => isDone(["users/ann"]));
    expect(wokenSince).toBeLessThan(began);
  });

  test("looks now and then while somebody waits whom no step reaches", async () => {
    further = () => follower.hurry();
    let looks = 0;
    looking = async () => {
      looks++;
      await commit();
    };
    const began = performance.now();
    follower.hurry();
    await until("it has looked often", () => looks >= 12);
    expect(performance.now() - began).toBeGreaterThan(80);
  });

  test("wakes everybody for rows that nobody told of", async () => {
    await commit();
    follower.hurry();
    await until("everybody is woken", () => isDone("all"));
  });

  test("wakes everybody if it has missed something", async () => {
    tell(await commit(), "users/ann");
    await until("she is woken", () => isDone(["users/ann"]));
    const missed = await commit();
    const next = await commit();
    expect(next.from).toBe(missed.to);
    tell(next, "users/bob");
    await until("everybody is woken", () => isDone("all"));
  });

  test("wakes everybody at once while nobody can tell", async () => {
    isUp = false;
    const { to } = await commit();
    await until("everybody is woken", () => isDone("all"));
    expect(done).toEqual([to, "all"]);
  });

  test("knows of what was healed before anybody may read beyond it, however soon that is", async () => {
    const healed = async (): Promise<string> => {
      const interval = { from: at(0), to: at(place) };
      const { rows } = keepingIntervals(store, nothing);
      await store.commit(await rows(interval.from, interval.to));
      return `healed ${interval.from} to ${interval.to}`;
    };
    for (let nth = 0; nth < 3; nth++) {
      const what = await healed();
      const { to } = await commit();
      follower.hurry();
      await until("they are read on", () => isDone(to));
      expect(isDone([what]), what).toBe(true);
      expect(done.findIndex((each) => each.includes(what))).toBeLessThan(done.indexOf(to));
    }
  });

  test("gives orders to whoever folds them, and says who is missing", async () => {
    await expect(follower.replay("inboxes")).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("ROLE=projector") as string,
    });
    outcome = { fault: "it is replayed already" };
    await expect(follower.verify("inboxes")).rejects.toMatchObject({ code: "CONFLICT", message: "it is replayed already" });
    const runner = { ...follower.state(), parked: { inboxes: 2 } };
    outcome = { isThere: false, state: { runner, beside: {}, at: {} } };
    expect(await follower.retryParked("inboxes", at(1))).toBe(false);
    expect(follower.state().parked).toEqual({ inboxes: 2 });
    expect(given.map(({ what }) => what)).toEqual(["replay", "verify", "retryParked"]);
  });
});
