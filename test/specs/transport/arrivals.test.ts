import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { arrivals, type Arrivals, type Line } from "../../../src/transport/socket/arrivals.ts";
import { until } from "../../support/until.ts";

/** A client whose messages each begin an operation, and what it began. */
function client({ take, began }: Arrivals, begun: string[], name = "") {
  const line: Line = [];
  const periods: number[] = [];
  let sent = 0;
  return {
    periods,
    send(count: number): void {
      for (; count > 0; count--) {
        const own = `${name}${++sent}`;
        take(line, () => {
          begun.push(own);
          periods.push(began());
        });
      }
    },
  };
}
const settledTurns = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await turn();
};

test("a message is taken at once while few operations are under way, and waits until an earlier one has ended", async () => {
  const begun: string[] = [];
  const all = arrivals({ underWay: 3, longMs: 60_000 });
  const { send, periods } = client(all, begun);
  send(4);
  expect(begun).toStrictEqual(["1", "2", "3"]);
  await settledTurns();
  expect(begun).toHaveLength(3);
  all.ended(periods[1] ?? 0);
  // Whoever comes later does not overtake what waits.
  send(1);
  expect(begun).toHaveLength(3);
  await settledTurns();
  expect(begun).toStrictEqual(["1", "2", "3", "4", "5"]);
  send(1);
  await settledTurns();
  expect(begun).toHaveLength(5);
});

test("some are taken in each turn of the event loop, also if they begin nothing that lasts", async () => {
  const taken: number[] = [];
  const { take } = arrivals({ inATurn: 3 });
  const line: Line = [];
  for (let number = 0; number < 5; number++) take(line, () => void taken.push(number));
  expect(taken).toStrictEqual([0, 1, 2]);
  await turn();
  expect(taken).toStrictEqual([0, 1, 2, 3, 4]);
});

test("clients take turns, however much each of them sends", async () => {
  const begun: string[] = [];
  const all = arrivals({ underWay: 1, longMs: 60_000 });
  const first = client(all, begun, "first");
  const other = client(all, begun, "other");
  first.send(60);
  other.send(1);
  const end = async (): Promise<void> => {
    for (const each of [first, other]) for (const period of each.periods.splice(0)) all.ended(period);
    await settledTurns();
  };
  await end();
  expect(begun).toHaveLength(17);
  await end();
  expect(begun.slice(17)).toStrictEqual(["other1"]);
  for (let count = 0; count < 4; count++) await end();
  expect(begun).toHaveLength(61);
  expect(begun.filter((name) => name.startsWith("first"))).toStrictEqual(Array.from({ length: 60 }, (_, at) => `first${at + 1}`));
});

test("operations that take long do not hold others back for ever", async () => {
  const begun: string[] = [];
  let now = 0;
  const all = arrivals({ underWay: 2, longMs: 1, clock: () => now });
  const clients = Array.from({ length: 6 }, (_, index) => client(all, begun, `of${index} `));
  for (const { send } of clients) send(1);
  await settledTurns();
  expect(begun).toHaveLength(2);
  now = 1;
  await settledTurns();
  expect(begun).toHaveLength(2);
  now = 2;
  await until("those that wait had their turn", () => begun.length === 4);
  // What is forgotten does not count once more when it ends.
  for (const { periods } of clients.slice(0, 2)) all.ended(periods[0] ?? 0);
  await settledTurns();
  expect(begun).toHaveLength(4);
  for (const { periods } of clients.slice(2, 4)) all.ended(periods[0] ?? 0);
  await settledTurns();
  expect(begun).toHaveLength(6);
});
