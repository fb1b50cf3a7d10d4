import { expect, test } from "vitest";
import type { Commit } from "../../../src/adapters/signals/redis/commits.ts";
import { announcing, announcingMoves } from "../../../src/server/announcing.ts";

/** What is told to other servers, in order. */
function telling() {
  const told: (string[] | Commit)[] = [];
  const between = {
    tell: (topics: Iterable<string>) => void told.push([...topics]),
    commits: { tell: (commit: Commit) => void told.push(commit), hear: () => () => undefined },
  };
  return { told, between };
}

test("slices that have gone the same way are told together, after the topics of all of them", () => {
  const { told, between } = telling();
  announcingMoves(between)([
    { slice: 0, from: "log.1", to: "log.2", topics: [] },
    { slice: 3, from: "log.1", to: "log.2", topics: ["users/ann", "users/bob"] },
    { slice: 5, from: "log.0", to: "log.2", topics: ["users/ann"] },
  ]);
  expect(told).toEqual([
    ["users/ann", "users/bob"],
    { slices: [0, 3], from: "log.1", to: "log.2", isAll: false },
    ["users/ann"],
    { slices: [5], from: "log.0", to: "log.2", isAll: false },
  ]);
});

test("of a slice that has gone on meanwhile one move is told, in which nothing is missing", () => {
  const { told, between } = telling();
  announcingMoves(between)([
    { slice: 1, from: "log.2", to: "log.3", topics: ["users/eve"] },
    { slice: 0, from: "log.1", to: "log.2", topics: ["users/ann"] },
    { slice: 0, from: "log.2", to: "log.3", topics: ["users/bob"] },
    { slice: 2, from: "log.1", to: "log.2", topics: ["users/dan"] },
    { slice: 2, from: "log.2", to: "log.2", topics: "all" },
  ]);
  expect(told).toEqual([
    ["users/eve"],
    { slices: [1], from: "log.2", to: "log.3", isAll: false },
    ["users/ann", "users/bob"],
    { slices: [0], from: "log.1", to: "log.3", isAll: false },
    [],
    { slices: [2], from: "log.1", to: "log.2", isAll: true },
  ]);
});

test("where nothing is divided, each commit goes on where the last one ended", () => {
  const { told, between } = telling();
  const news = announcing(between);
  news("log.1", undefined);
  const items = [{ table: "entries", position: "log.2", row: null, topics: ["users/ann"] }];
  news("log.2", { from: "log.1", to: "log.2", epoch: 0n, items });
  news("log.3", undefined, { topics: ["users/bob"], epoch: 0n, isWhole: true });
  news("log.4", undefined);
  expect(told).toEqual([
    { slices: [0], from: "log.1", to: "log.1", isAll: true },
    ["users/ann"],
    { slices: [0], from: "log.1", to: "log.2", isAll: false },
    { slices: [0], from: "log.2", to: "log.4", isAll: true },
  ]);
});
