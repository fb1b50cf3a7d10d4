import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTail, currentEpoch, epochCounter, type Followed, type News, type TailPage } from "../../../src/projecting/tail.ts";
import { runs, seed } from "../../support/property.ts";

const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("follow" as const), topic: fc.constantFrom("a", "b", "c") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unfollow" as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("commit" as const),
      /** Of each row: its topics, and how many there are at its place. */
      rows: fc.array(fc.record({ topics: fc.subarray(["a", "b", "c"]), times: fc.constantFrom(1, 1, 1, 2, 300) }), {
        maxLength: 4,
      }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ do: "deliver" as const }) },
  /** The runner began anew: what it had not told is never told. */
  { weight: 1, arbitrary: fc.constant({ do: "lose" as const }) },
);

test("what the tail knows is all there is, from where it knows it", () => {
  let answers = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const epochs = epochCounter();
      const tail = createTail(epochs);
      const followers: { topic: string; followed: Followed }[] = [];
      const over: Followed[] = [];
      /** Everything that was ever committed, by topic. */
      const all = new Map<string, News[]>(["a", "b", "c"].map((topic) => [topic, []]));
      let pages: TailPage[] = [];
      let place = 0;
      let delivered: string | undefined;
      for (const what of steps) {
        switch (what.do) {
          case "follow":
            followers.push({ topic: what.topic, followed: tail.follow(what.topic) });
            break;
          case "unfollow": {
            const [ended] = followers.splice(what.which % Math.max(1, followers.length), 1);
            ended?.followed.end();
            ended?.followed.end();
            if (ended) over.push(ended.followed);
            break;
          }
          case "commit": {
            const from = at(place);
            const epoch = currentEpoch(epochs);
            const items = what.rows.flatMap(({ topics, times }) => {
              place++;
              return Array.from({ length: times }, (_, row) => {
                for (const topic of topics) all.get(topic)?.push({ table: "t", position: at(place), entry: row });
                // Only what is listened to is told.
                const listened = topics.filter((topic) => followers.some((follower) => follower.topic === topic));
                return { table: "t", position: at(place), row, topics: listened };
              });
            });
            place++;
            pages.push({ from, to: at(place), epoch, items: items.filter(({ topics }) => topics.length > 0) });
            break;
          }
          case "deliver": {
            const [page] = pages.splice(0, 1);
            if (page) tail.add(page);
            delivered = page?.to ?? delivered;
            break;
          }
          case "lose":
            pages = [];
        }
        for (const topic of ["a", "b", "c"]) {
          for (const after of [0, place - 5, place - 1, place].filter((position) => position >= 0)) {
            // What was committed and not told yet is unknown to it, also where it is never told of it as a page.
            const [followed, other] = followers.flatMap((one) => (one.topic === topic ? [one.followed] : []));
            if (delivered !== at(place) && followed?.after(at(after), at(place))) expect.unreachable("it claims too much");
            const known = followed?.after(at(after), delivered ?? at(0));
            if (other && other.after(at(after), delivered ?? at(0)) !== known)
              expect.unreachable("it tells another something else");
            if (over.some((one) => one.after(at(after), delivered ?? at(0)))) expect.unreachable("it follows no more");
            if (known === undefined || delivered === undefined) continue;
            const end = delivered;
            answers++;
            const expected = all.get(topic)?.filter(({ position }) => position > at(after) && position <= end);
            // Many times faster than what tells the difference.
            if (!isDeepStrictEqual(known, expected)) expect(known).toEqual(expected);
          }
        }
      }
    }),
    { numRuns: runs(), seed: seed("tail") },
  );
  expect(answers).toBeGreaterThan(runs());
});

describe("the tail", () => {
  const page = (from: number, to: number, epoch: bigint, ...items: TailPage["items"]): TailPage => ({
    from: at(from),
    to: at(to),
    epoch,
    items,
  });
  const item = (place: number, topic: string) => ({ table: "t", position: at(place), row: place, topics: [topic] });

  test("knows a topic from the first page on that was told with it in sight", () => {
    const epochs = epochCounter();
    const tail = createTail(epochs);
    const before = currentEpoch(epochs);
    const a = tail.follow("a");
    expect(a.after(at(0), at(0))).toBeUndefined();
    tail.add(page(0, 2, before));
    expect(a.after(at(2), at(2))).toBeUndefined();
    tail.add(page(2, 4, currentEpoch(epochs), item(3, "a")));
    expect(a.after(at(1), at(4))).toBeUndefined();
    expect(a.after(at(2), at(4))?.map(({ entry }) => entry)).toEqual([3]);
    expect(a.after(at(3), at(4))).toEqual([]);
  });

  test("does not claim to know what a checkpoint has passed that it was told without a page", () => {
    const epochs = epochCounter();
    const tail = createTail(epochs);
    const a = tail.follow("a");
    const epoch = currentEpoch(epochs);
    tail.add(page(0, 2, epoch, item(1, "a")));
    expect(a.after(at(1), at(2))).toEqual([]);
    // The views are at 6: whether something came in between only the rows say.
    expect(a.after(at(1), at(6))).toBeUndefined();
    tail.add(page(6, 8, epoch, item(7, "a")));
    expect(a.after(at(1), at(8))).toBeUndefined();
    expect(a.after(at(6), at(8))?.map(({ entry }) => entry)).toEqual([7]);
  });

  test("concludes nothing from a page of which something was left out because it is too old", () => {
    const epochs = epochCounter();
    const tail = createTail(epochs);
    const a = tail.follow("a");
    const epoch = currentEpoch(epochs);
    tail.add(page(0, 2, epoch, item(1, "a")));
    tail.add({ ...page(2, 4, epoch), aged: true });
    expect(a.after(at(0), at(4))).toBeUndefined();
    expect(a.after(at(3), at(4))).toBeUndefined();
    tail.add(page(4, 6, epoch, item(5, "a")));
    expect(a.after(at(3), at(6))).toBeUndefined();
    expect(a.after(at(4), at(6))?.map(({ entry }) => entry)).toEqual([5]);
  });

  test("keeps a bounded number of rows, and does not say that there were no others", () => {
    const epochs = epochCounter();
    const tail = createTail(epochs);
    const a = tail.follow("a");
    const epoch = currentEpoch(epochs);
    for (let place = 0; place < 5_000; place++) tail.add(page(place, place + 1, epoch, item(place + 1, "a")));
    expect(a.after(at(0), at(5_000))).toBeUndefined();
    expect(a.after(at(4_990), at(5_000))?.map(({ entry }) => entry)).toEqual([
      4_991, 4_992, 4_993, 4_994, 4_995, 4_996, 4_997, 4_998, 4_999, 5_000,
    ]);
  });

  test("is bounded in bytes over all topics, however many are followed, and lets go of the oldest first", () => {
    const epochs = epochCounter();
    const most = 100_000;
    const tail = createTail(epochs, most);
    const topics = Array.from({ length: 300 }, (_, index) => `t${index}`);
    const followed = topics.map((topic) => tail.follow(topic));
    const epoch = currentEpoch(epochs);
    const text = "x".repeat(100);
    const rows = 3_000;
    for (let place = 1; place <= rows; place++) {
      const topic = topics[place % topics.length] as string;
      tail.add(page(place - 1, place, epoch, { table: "t", position: at(place), row: { place, text }, topics: [topic] }));
      expect(tail.bytes()).toBeLessThanOrEqual(most);
    }
    const known = followed.map((topic, index) => {
      for (let after = 0; after <= rows; after++) {
        const news = topic.after(at(after), at(rows));
        if (news) return { after, places: news.map(({ entry }) => (entry as { place: number }).place) };
      }
      return expect.unreachable(`${topics[index]} is known at its end`);
    });
    const kept = known.flatMap(({ places }) => places).sort((one, other) => one - other);
    expect(kept.length, "most of what there is room for").toBeGreaterThan(most / 1_000);
    expect(kept, "the newest").toEqual(Array.from({ length: kept.length }, (_, index) => rows - kept.length + 1 + index));
    for (const [index, { after, places }] of known.entries())
      expect(places, "whole from where it is known").toEqual(
        Array.from({ length: rows }, (_, place) => place + 1).filter((place) => place > after && place % topics.length === index),
      );
  });

  test("counts a row once, and a place for each topic that it is kept under; after a gap nothing of it is kept", () => {
    const epochs = epochCounter();
    const tail = createTail(epochs);
    const followed = Array.from({ length: 1_000 }, (_, index) => tail.follow(`t${index}`));
    const topics = followed.map((_, index) => `t${index}`);
    const text = "x".repeat(10_000);
    tail.add(page(0, 1, currentEpoch(epochs), { table: "t", position: at(1), row: text, topics }));
    expect(tail.bytes()).toBeGreaterThan(text.length);
    expect(tail.bytes()).toBeLessThan(10 * text.length);
    for (const one of followed) one.end();
    tail.add(page(5, 6, currentEpoch(epochs)));
    expect(tail.bytes()).toBe(0);
  });
});

test("a row that came with news is known as long as the views are where that news left them", () => {
  const tail = createTail(epochCounter());
  const item = { table: "entries", position: at(1), row: "received", topics: ["users/bob"] };
  tail.add({ from: at(0), to: at(2), epoch: 0n, items: [{ ...item, carried: "one" }] });
  expect(tail.carried(at(1), at(2))).toBe("one");
  expect(tail.carried(at(2), at(2))).toBeUndefined();
  expect(tail.carried(at(1), at(3))).toBeUndefined();
  tail.forget();
  expect(tail.carried(at(1), at(2))).toBeUndefined();
  tail.add({ from: at(2), to: at(3), epoch: 0n, items: [{ ...item, position: at(3), carried: "two" }] });
  tail.add({ from: at(3), to: at(4), epoch: 0n, items: [] });
  expect(tail.carried(at(3), at(3))).toBeUndefined();
  expect(tail.carried(at(3), at(4))).toBeUndefined();
});
