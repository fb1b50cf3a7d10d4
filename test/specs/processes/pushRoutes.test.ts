import { describe, expect, test } from "vitest";
import type { PushOutcome } from "../../../src/ports/pushService.ts";
import { createRoutes, type Routes } from "../../../src/processes/push/routes.ts";

const HOST = "pushes.example.org";
const AWAY: PushOutcome = { kind: "away", why: "it is away" };
const SENT: PushOutcome = { kind: "sent" };

/**
 * Pushes that want to leave for one server, by a clock of the test: each is looked at when its time has come. A push takes
 * `tookMs`. Gives how often all were looked at, and how long it took until all had left.
 */
function played(routes: Routes, pushes: number, tookMs: number, { isKnown = true, untilMs = Infinity } = {}) {
  const waiting = Array.from({ length: pushes }, () => 0);
  const underWay: number[] = [];
  let [now, looks] = [1_000_000, 0];
  const start = now;
  while (waiting.length > 0 && now - start < untilMs) {
    for (let end = underWay[0]; end !== undefined && end <= now; end = underWay[0]) {
      underWay.shift();
      routes.ended(HOST, SENT, now, tookMs);
    }
    for (const [index, due] of waiting.entries()) {
      if (due > now) continue;
      looks += 1;
      const wait = routes.waitFor(HOST, now, isKnown);
      if (wait > 0) waiting[index] = now + wait;
      else {
        routes.began(HOST, isKnown, now);
        underWay.push(now + tookMs);
        waiting[index] = Infinity;
      }
    }
    for (let index = waiting.length - 1; index >= 0; index--) if (waiting[index] === Infinity) waiting.splice(index, 1);
    now = Math.min(...waiting, ...underWay);
  }
  return { looks, ms: now - start };
}

describe("of pushes for which there is no place", () => {
  test("each has a turn, and is not looked at again and again before it", () => {
    const { looks, ms } = played(createRoutes(), 2_000, 200);
    expect(looks).toBeLessThan(3 * 2_000);
    // 2,000 pushes in 32 places, 200 ms each, take 12.5 s.
    expect(ms).toBeLessThan(25_000);
  });

  test("those to strangers who are slow on purpose are looked at hardly ever", () => {
    const { looks } = played(createRoutes(), 500, 10_000, { isKnown: false, untilMs: 120_000 });
    expect(looks).toBeLessThan(500 * 7);
  });

  test("a known server has places while strangers take all of theirs", () => {
    const routes = createRoutes();
    for (let index = 0; index < 16; index++) routes.began(`stranger${index}`, false, 1);
    expect(routes.waitFor("another-stranger", 1, false)).toBeGreaterThan(0);
    expect(routes.waitFor(HOST, 1, true)).toBe(0);
  });
});

describe("a server that is away", () => {
  const tried = (routes: Routes, outcome: PushOutcome, now: number): void => {
    routes.began(HOST, true, now);
    routes.ended(HOST, outcome, now, 10);
  };

  test("is asked by one, later and later, and all others wait for that one", () => {
    const routes = createRoutes();
    tried(routes, AWAY, 1_000);
    const again = routes.waitFor(HOST, 1_000, true);
    expect(again).toBeGreaterThan(100);
    expect(routes.waitFor(HOST, 1_000 + again, true)).toBe(0);
    routes.began(HOST, true, 1_000 + again);
    expect(routes.waitFor(HOST, 1_000 + again, true)).toBeGreaterThan(0);
    routes.ended(HOST, SENT, 1_000 + again, 10);
    expect(routes.waitFor(HOST, 1_000 + again, true)).toBe(0);
    expect(routes.hasTaken(HOST)).toBe(true);
  });

  test("is told of as long as something is to be pushed to it", () => {
    const routes = createRoutes();
    tried(routes, AWAY, 1_000);
    expect(routes.troubles(2_000)).toEqual([{ route: HOST, trouble: "it is away", since: 1_000 }]);
    for (let now = 10_000; now < 600_000; now += 30_000) {
      routes.waitFor(HOST, now, true);
      expect(routes.troubles(now)).toHaveLength(1);
    }
    // The last one that waited was too old, or its device is gone.
    expect(routes.troubles(700_000)).toEqual([]);
    // Who wants to push again hears of it again.
    routes.waitFor(HOST, 800_000, true);
    expect(routes.troubles(800_000)).toHaveLength(1);
    tried(routes, SENT, 800_001);
    expect(routes.troubles(800_001)).toEqual([]);
  });
});
