import { expect, test } from "vitest";
import { dueLists } from "../../../projections/dueLists.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createWatermark } from "../../../src/projecting/watermark.ts";
import { type DueWork, dueProcess } from "../../../src/processes/dueProcess.ts";
import { gate } from "../../support/gate.ts";
import { until } from "../../support/until.ts";

const running = () => new AbortController().signal;
const AT = "2024-01-02T00:00:00.000Z";
const LATE_MS = 7_000;
const [LIST = ""] = dueLists;

/** A process with these items, all of them due at the same time. */
function scene(
  items: string[],
  act: (item: string) => Promise<undefined>,
  more: { isMine?: () => boolean; lookMs?: number } = {},
) {
  const warnings: string[] = [];
  let time = Date.parse(AT) + LATE_MS;
  const work: DueWork<string> = {
    name: "work",
    due: async (list, limit, after = "") =>
      (list === LIST ? items : [])
        .filter((key) => key > after)
        .slice(0, limit)
        .map((key) => ({ key, at: AT, item: key })),
    turnOf: (item) => item,
    act,
  };
  const watermark = createWatermark("origin");
  const warn = (message: string, detail: string) => void warnings.push(`${message}: ${detail}`);
  const opened = gate();
  const process = dueProcess(work, {
    watermark,
    opened: opened.passed,
    begun: "origin",
    now: () => new Date(time),
    warn,
    ...more,
  });
  return { process, warnings, open: opened.open, pass: (ms: number) => void (time += ms) };
}

test("what fails is told while the rest is still being done", async () => {
  const rest = gate();
  const { process } = scene(["a", "b"], async (item) => {
    if (item === "a") throw new Unavailable("the disk is away");
    await rest.passed;
    return undefined;
  });
  const looking = process.look(running());
  await until("it is told", () => process.state().trouble);
  expect(process.state()).toEqual({ name: "work", lateMs: LATE_MS, done: 0, trouble: "the disk is away" });
  rest.open();
  await looking;
  expect(process.state()).toEqual({ name: "work", lateMs: LATE_MS, done: 1, trouble: "the disk is away" });
});

test("while a server behind is away, the pauses between the looks grow, and no more than one page of a list is tried", async () => {
  const tried: string[] = [];
  const names = Array.from({ length: 50 }, (_, index) => `item ${String(index).padStart(2, "0")}`);
  let isAway = true;
  const { process, warnings } = scene(names, async (item) => {
    tried.push(item);
    if (isAway) throw new Unavailable("the disk is away");
    return undefined;
  });
  const waits: number[] = [];
  for (let look = 0; look < 12; look++) {
    waits.push(await process.look(running()));
    expect(tried.splice(0).length).toBeLessThan(names.length / 2);
  }
  for (const [look, wait] of waits.entries()) {
    const most = Math.min(5_000, 100 * 2 ** look);
    expect(wait).toBeGreaterThanOrEqual(most / 2);
    expect(wait).toBeLessThanOrEqual(most);
  }
  expect(warnings).toEqual([]);
  isAway = false;
  expect(await process.look(running())).toBe(1_000);
  expect(tried).toEqual(names);
  expect(process.state()).toEqual({ name: "work", lateMs: 0, done: names.length });
});

test("an item with a fault of its own is warned of once, also where looks end early meanwhile", async () => {
  let isAway = false;
  // It is on the second page.
  const others = Array.from({ length: 16 }, (_, index) => `another ${String(index).padStart(2, "0")}`);
  const { process, warnings, pass } = scene([...others, "broken"], async (item) => {
    if (item === "broken") throw new Error("a bug");
    if (isAway) throw new Unavailable("the disk is away");
    return undefined;
  });
  await process.look(running());
  isAway = true;
  for (let look = 0; look < 3; look++) await process.look(running());
  isAway = false;
  for (let look = 0; look < 3; look++) {
    pass(10_000);
    await process.look(running());
  }
  expect(warnings).toEqual([
    expect.stringMatching(/^work: something that is due cannot be done; trying again: Error: a bug\n +at /),
  ]);
  expect(process.state()).toMatchObject({ trouble: "a bug" });
});

test("nothing is asked of views that are not read yet, and that is no trouble; it can be stopped meanwhile", async () => {
  const done: string[] = [];
  const { process, open } = scene(["a"], async (item) => void done.push(item));
  const stop = new AbortController();
  const run = process.run(stop.signal);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  expect(process.state()).toEqual({ name: "work", lateMs: 0, done: 0 });
  expect(done).toEqual([]);
  open();
  await until("it is done", () => done.length > 0);
  stop.abort();
  await run;
  const early = scene(["a"], async (item) => void done.push(item));
  const ended = new AbortController();
  const running = early.process.run(ended.signal);
  ended.abort();
  await running;
  expect(early.process.state().done).toBe(0);
});

test("what is another server's turn is left to that, and taken up once it is one's own", async () => {
  const did: string[] = [];
  let isMine = false;
  let asked = 0;
  const act = async (item: string) => {
    did.push(item);
    return undefined;
  };
  const { process, open } = scene(["a"], act, {
    lookMs: 10,
    isMine: () => {
      asked += 1;
      return isMine;
    },
  });
  open();
  const stop = new AbortController();
  const ended = process.run(stop.signal);
  await until("it has asked twice", () => asked >= 2);
  expect(did).toEqual([]);
  isMine = true;
  await until("it is done", () => did.length > 0);
  stop.abort();
  await ended;
});
