import { expect, test } from "vitest";
import { findingsOf } from "../../../src/commandline/diagnosis.ts";
import { doctorPage } from "../../../src/commandline/doctorPage.ts";
import type { Condition, ProjectionCondition } from "../../../src/server/examine.ts";

const GIB = 2 ** 30;

const projection = (more: Partial<ProjectionCondition> = {}): ProjectionCondition => ({
  name: "timelines",
  version: 1,
  state: "LIVE",
  lag: 0,
  parked: 0,
  ...more,
});

const condition = (more: Partial<Condition> = {}): Condition => ({
  version: "1.2.3",
  components: [
    { role: "log", kind: "sqlite", reachable: true, bytes: 5 * GIB },
    { role: "views", kind: "level", reachable: true },
  ],
  projections: [projection()],
  parked: [],
  generations: [{ name: "timelines@1#2", projection: "timelines", version: 1, state: "READ", cursor: "log.1", bytes: GIB }],
  disk: { freeBytes: 20 * GIB, totalBytes: 100 * GIB },
  doubts: [],
  ...more,
});

const of = (more: Partial<Condition>) => findingsOf(condition(more)).map(({ severity, about, text }) => [severity, about, text]);
const ofProjection = (more: Partial<ProjectionCondition>) => of({ projections: [projection(more)] });

test("nothing is found where all is well", () => {
  expect(findingsOf(condition())).toEqual([]);
  expect(ofProjection({ lag: 500 })).toEqual([]);
  expect(ofProjection({ state: "REPLAYING", progress: 0.5 })).toEqual([]);
  expect(ofProjection({ state: "VERIFYING", progress: 0.5, differences: 0 })).toEqual([]);
  expect(ofProjection({ state: "IDLE" })).toEqual([]);
});

test("a projection is behind, is built, cannot go on, has stopped, has parked events, or differs", () => {
  expect(ofProjection({ lag: 501 })).toEqual([["WARNING", "timelines", "it is 501 events behind the log"]]);
  expect(ofProjection({ name: "search", lag: 5_000 })).toEqual([]);
  expect(ofProjection({ name: "search", lag: "more" })).toEqual([
    ["WARNING", "search", "it is more than 5000 events behind the log"],
  ]);
  expect(ofProjection({ lag: "more" })).toEqual([["WARNING", "timelines", "it is more than 5000 events behind the log"]]);
  expect(ofProjection({ state: "IDLE", lag: "more" })).toHaveLength(1);
  expect(ofProjection({ state: "REBUILDING", lag: "more", progress: 0.429 })).toEqual([
    ["WARNING", "timelines", "it is being built, 42 % done: what needs it is UNAVAILABLE until then"],
  ]);
  expect(ofProjection({ state: "RETRYING", lastError: "the disk is full" })).toEqual([
    ["FAULT", "timelines", "it cannot go on: the disk is full"],
  ]);
  expect(ofProjection({ name: "search", state: "RETRYING", lastError: "away" })).toEqual([
    ["WARNING", "search", "it cannot go on: away"],
  ]);
  expect(ofProjection({ name: "search", state: "STOPPED" })).toEqual([["FAULT", "search", "it has stopped: no reason given"]]);
  expect(ofProjection({ parked: 3 })).toEqual([
    ["FAULT", "timelines", "events are parked, or wait behind one (3 in all): what they change is not shown"],
  ]);
  expect(ofProjection({ differences: 2 })).toEqual([
    ["FAULT", "timelines", "the last comparison found 2 differences: replay it"],
  ]);
  expect(ofProjection({ lastError: "the replay ended" })).toEqual([["WARNING", "timelines", "the replay ended"]]);
});

test("a part that does not answer is a fault, unless the rest works without it or it is being built", () => {
  const away = (role: "log" | "views" | "search" | "processes" | "files" | "rules" | "asked") => [
    { role, kind: "sqlite", reachable: false, detail: "no answer" },
  ];
  expect(of({ components: away("log") })).toEqual([["FAULT", "log", "no answer"]]);
  expect(of({ components: away("views") })).toEqual([["FAULT", "views", "no answer"]]);
  expect(of({ components: away("search") })).toEqual([["WARNING", "search", "no answer"]]);
  expect(of({ components: away("processes") })).toEqual([["WARNING", "processes", "no answer"]]);
  expect(of({ components: away("files") })).toEqual([["WARNING", "files", "no answer"]]);
  expect(of({ components: away("rules") })).toEqual([["WARNING", "rules", "no answer"]]);
  expect(of({ components: away("asked") })).toEqual([["WARNING", "asked", "no answer"]]);
  expect(of({ components: away("views"), projections: [projection({ state: "REBUILDING" })] })).toContainEqual([
    "WARNING",
    "views",
    "no answer",
  ]);
});

test("there is no room for a replay, or nobody knows", () => {
  expect(of({ disk: { freeBytes: GIB / 2, totalBytes: GIB } })).toEqual([
    ["WARNING", "timelines", "a replay needs about 1.0 GiB, and only 512 MiB are free"],
  ]);
  expect(of({ disk: undefined })).toMatchObject([["WARNING", "disk", {}]]);
});

test("faults come before warnings, and settings count as they are judged", () => {
  const found = of({
    projections: [projection({ lag: "more" }), projection({ name: "search", parked: 1 })],
    doubts: [
      { setting: "RATE_LIMIT", severity: "WARNING", reason: "it is 0" },
      { setting: "NODE_ENV", severity: "FAULT", reason: "it is open" },
    ],
  });
  expect(found.map(([severity, about]) => [severity, about])).toEqual([
    ["FAULT", "search"],
    ["FAULT", "NODE_ENV"],
    ["WARNING", "timelines"],
    ["WARNING", "RATE_LIMIT"],
  ]);
});

test("the page shows all of it, and nothing that a terminal would follow", () => {
  const all = condition({
    parked: [
      {
        projection: "timelines",
        cursor: "log.9",
        type: "MessageSent",
        error: `TypeError: \u001b[2J\u0007no such\n  thing${"x".repeat(200)}`,
        attempts: 3,
        parkedAt: "2026-01-02T03:04:05.678Z",
      },
    ],
    generations: [
      ...condition().generations,
      { name: "timelines@1#3", projection: "timelines", version: 1, state: "BUILDING" },
      { name: "timelines@1#1", projection: "timelines", version: 1, state: "LEFT", bytes: 512 },
    ],
  });
  const page = doctorPage("asked of a test", all, findingsOf(all));
  expect(page).toMatch(/^Tidings 1\.2\.3, asked of a test\n\npart /);
  expect(page).toMatch(/^log +sqlite +5\.0 GiB$/m);
  expect(page).toMatch(/^disk +20\.0 GiB free of 100 GiB$/m);
  expect(page).toMatch(/^timelines +live +0 +0 +timelines@1#2 +1\.0 GiB$/m);
  expect(page).toMatch(/^ +timelines@1#3 +is being built$/m);
  expect(page).toMatch(/^ +timelines@1#1 +is left, and will be removed +512 bytes$/m);
  expect(page).toMatch(
    /^ +timelines +MessageSent +parked 2026-01-02T03:04:05\.678Z +log\.9 +TypeError: \?\[2J\?no such thingx+$/m,
  );
  expect(page).toMatch(/All is well\.$/);
  for (const line of page.split("\n")) expect(line.length).toBeLessThan(200);
});
