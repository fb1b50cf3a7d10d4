import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTail, currentEpoch, type News, type TailPage } from "../../../src/projecting/tail.ts";
import { runs, seed } from "../../support/property.ts";

const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;
const newEpochs = () => new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);

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
      const epochs = newEpochs();
      const tail = createTail(epochs);
      const followers: { topic: string; end: () => void }[] = [];
      /** Everything that was ever committed, by topic. */
      const all = new Map<string, News[]>(["a", "b", "c"].map((topic) => [topic, []]));
      let pages: TailPage[] = [];
      let place = 0;
      let delivered: string | undefined;
      for (const what of steps) {
        switch (what.do) {
          case "follow":
            followers.push({ topic: what.topic, end: tail.follow(what.topic) });
            break;
          case "unfollow": {
            const [ended] = followers.splice(what.which % Math.max(1, followers.length), 1);
            ended?.end();
            ended?.end();
            break;
          }
          case "commit": {
            const from = at(place);
            const epoch = currentEpoch(epochs);
            const items = what.rows.flatMap(({ topics, times }) => {
              place++;
              return Array.from({ length: times }, (_, row) => {
                for (const topic of topics) all.get(topic)?.push({ table: "t", position: at(place), row });
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
            const known = tail.after(topic, at(after));
            if (!followers.some((follower) => follower.topic === topic)) expect(known).toBeUndefined();
            if (known === undefined || delivered === undefined) continue;
            const end = delivered;
            answers++;
            expect(known).toEqual(all.get(topic)?.filter(({ position }) => position > at(after) && position <= end));
          }
        }
      }
    }),
    { numRuns: runs(), seed: seed("tail") },
  );
  expect(answers).toBeGreaterThan(runs());
});

describe("the tail", () => {
  const page = (from: number, to: number, epoch: number, ...items: TailPage["items"]): TailPage => ({
    from: at(from),
    to: at(to),
    epoch,
    items,
  });
  const item = (place: number, topic: string) => ({ table: "t", position: at(place), row: place, topics: [topic] });

  test("knows a topic from the first page on that was told with it in sight", () => {
    const epochs = newEpochs();
    const tail = createTail(epochs);
    const before = currentEpoch(epochs);
    tail.follow("a");
    expect(tail.after("a", at(0))).toBeUndefined();
    tail.add(page(0, 2, before));
    expect(tail.after("a", at(2))).toBeUndefined();
    tail.add(page(2, 4, currentEpoch(epochs), item(3, "a")));
    expect(tail.after("a", at(1))).toBeUndefined();
    expect(tail.after("a", at(2))?.map(({ row }) => row)).toEqual([3]);
    expect(tail.after("a", at(3))).toEqual([]);
  });

  test("keeps a bounded number of rows, and does not say that there were no others", () => {
    const epochs = newEpochs();
    const tail = createTail(epochs);
    tail.follow("a");
    const epoch = currentEpoch(epochs);
    for (let place = 0; place < 5_000; place++) tail.add(page(place, place + 1, epoch, item(place + 1, "a")));
    expect(tail.after("a", at(0))).toBeUndefined();
    expect(tail.after("a", at(4_990))?.map(({ row }) => row)).toEqual([
      4_991, 4_992, 4_993, 4_994, 4_995, 4_996, 4_997, 4_998, 4_999, 5_000,
    ]);
  });
});
