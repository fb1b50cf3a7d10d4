import { expect, onTestFinished, test } from "vitest";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createStranded } from "../../../src/projecting/stranded.ts";
import { until } from "../../support/until.ts";

/** Of two slices the first is held here. `end`: what the log answers. */
function watched(end: () => Promise<string>) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  let now = 0;
  let asked = 0;
  const told: unknown[] = [];
  const log = {
    end: () => {
      asked++;
      return end();
    },
  };
  const stranded = createStranded({ log, changed: (error) => void told.push(error), now: () => now }, stop.signal);
  return {
    ...stranded,
    told,
    asked: () => asked,
    /** At a moment, in milliseconds, the slice of this process and that of another one are so far. */
    at: (ms: number, own: string, other: string) => {
      now = ms;
      stranded.look([own, other], new Set([0]));
    },
  };
}

test("who alone gets no answer of the log is stranded, until there is one", async () => {
  let isAway = true;
  const { at, is, told } = watched(async () => {
    if (isAway) throw new Unavailable("the log is away");
    return "log.9";
  });
  at(0, "log.1", "log.1");
  at(500, "log.1", "log.2");
  at(1_200, "log.1", "log.3");
  await until("it is stranded", is);
  isAway = false;
  await until("it is not any more", () => !is());
  expect(told).toEqual([expect.any(Unavailable), undefined]);
});

test("a log that says nothing is no answer", async () => {
  const { at, is } = watched(() => new Promise(() => {}));
  at(0, "log.1", "log.1");
  at(1_200, "log.1", "log.3");
  await until("it is stranded", is);
});

test("who is behind while the log answers folds on", async () => {
  const { at, is, asked, told } = watched(async () => "log.9");
  at(0, "log.1", "log.1");
  at(1_200, "log.1", "log.3");
  await until("it was asked", () => asked() > 0);
  at(1_300, "log.2", "log.4");
  expect([is(), told]).toEqual([false, []]);
});

test("nothing is asked of the log where all go on, or all stand still, one of them ahead", () => {
  const { at, asked } = watched(async () => "log.9");
  for (let ms = 0; ms < 3_000; ms += 100) at(ms, `log.${1_000 + ms}`, `log.${1_050 + ms}`);
  for (let ms = 3_000; ms < 9_000; ms += 100) at(ms, "log.5000", "log.5001");
  expect(asked()).toBe(0);
});
