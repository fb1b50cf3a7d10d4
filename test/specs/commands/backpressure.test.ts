import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readViews } from "../../../projections/views.ts";
import { type BackpressureLimits, createBackpressure } from "../../../src/commands/backpressure.ts";
import { eventId } from "../../../src/commands/eventId.ts";
import { commandHandler } from "../../../src/commands/handle.ts";
import type { Outgoing } from "../../../src/commands/outgoing.ts";
import { messageLog } from "../../../src/commands/send.ts";
import { decider as handleDecider } from "../../../src/domain/handle.ts";
import { streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { createWatermark } from "../../../src/projecting/watermark.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { runs, seed } from "../../support/property.ts";
import { refused } from "../../support/refused.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const settled = () => vi.advanceTimersByTimeAsync(0);

const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;

/** Ten events may be unprojected, three sends may wait, a second each, unless said otherwise. */
function pressed(limits: Partial<BackpressureLimits> = {}) {
  const watermark = createWatermark(at(0));
  return { watermark, backpressure: createBackpressure(watermark, { lagEvents: 10, waiting: 3, waitMs: 1_000, ...limits }) };
}

/** What became of a promise so far. */
function watched(work: Promise<unknown>): { outcome: "waits" | "goes on" | Refusal["code"] } {
  const seen: ReturnType<typeof watched> = { outcome: "waits" };
  work.then(
    () => (seen.outcome = "goes on"),
    (error: unknown) => (seen.outcome = (error as Refusal).code),
  );
  return seen;
}

describe("backpressure", () => {
  test("lets everything through while the views are near", async () => {
    const { watermark, backpressure } = pressed();
    await backpressure.ready();
    backpressure.appended(at(9), 9);
    await backpressure.ready();
    backpressure.appended(at(10), 1);
    const held = watched(backpressure.ready());
    await settled();
    expect(held.outcome).toBe("waits");
    watermark.advance(at(10));
    await settled();
    expect(held.outcome).toBe("goes on");
    await backpressure.ready();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("holds who comes until the views have come near enough, and no longer than said", async () => {
    const { watermark, backpressure } = pressed();
    for (let place = 1; place <= 30; place++) backpressure.appended(at(place), 1);
    const first = watched(backpressure.ready());
    await vi.advanceTimersByTimeAsync(600);
    const second = watched(backpressure.ready());
    watermark.advance(at(20));
    await vi.advanceTimersByTimeAsync(399);
    expect([first.outcome, second.outcome]).toEqual(["waits", "waits"]);
    await vi.advanceTimersByTimeAsync(1);
    expect([first.outcome, second.outcome]).toEqual(["RATE_LIMITED", "waits"]);
    watermark.advance(at(21));
    await settled();
    expect(second.outcome).toBe("goes on");
  });

  test("says when to try again", async () => {
    const { backpressure } = pressed();
    backpressure.appended(at(10), 10);
    const refusal = refused(backpressure.ready(), "RATE_LIMITED");
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await refusal).retryAfterMs).toBeGreaterThan(0);
    const places = [backpressure.enter(), backpressure.enter(), backpressure.enter()];
    expect(() => backpressure.enter()).toThrow(Refusal);
    places[1]?.();
    backpressure.enter();
    expect(() => backpressure.enter()).toThrow(
      expect.objectContaining({ code: "RATE_LIMITED", retryAfterMs: expect.any(Number) as number }) as Error,
    );
  });

  test("does not count what the views hold already", async () => {
    const { watermark, backpressure } = pressed();
    watermark.advance(at(50));
    for (let place = 1; place <= 50; place++) backpressure.appended(at(place), 1);
    await backpressure.ready();
  });

  test("counts right, in whatever order appends are answered and however many there are", async () => {
    vi.useRealTimers();
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 3_000 }), events: fc.integer({ min: 1, max: 5 }) }) },
      { weight: 1, arbitrary: fc.record({ advance: fc.integer({ min: 1, max: 3_000 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 200, size: "max" }), async (steps) => {
        const { watermark, backpressure } = pressed({ waitMs: 60_000 });
        const open: { place: number; events: number }[] = [];
        let passed = 0;
        const held: ReturnType<typeof watched>[] = [];
        for (const what of steps) {
          if ("append" in what) {
            backpressure.appended(at(what.append), what.events);
            if (what.append > passed) open.push({ place: what.append, events: what.events });
          } else {
            watermark.advance(at(what.advance));
            passed = Math.max(passed, what.advance);
          }
          const lag = open.filter(({ place }) => place > passed).reduce((sum, { events }) => sum + events, 0);
          const next = watched(backpressure.ready());
          await Promise.resolve();
          await Promise.resolve();
          expect(next.outcome).toBe(lag < 10 ? "goes on" : "waits");
          held.push(next);
          if (lag < 10) expect(held.every(({ outcome }) => outcome === "goes on")).toBe(true);
        }
        watermark.advance(at(10_000));
      }),
      { numRuns: runs(), seed: seed("backpressure") },
    );
  });

  test("goes on counting right for a long time", async () => {
    const { watermark, backpressure } = pressed();
    for (let place = 1; place <= 20_000; place++) {
      backpressure.appended(at(place), 1);
      if (place % 9 === 0) watermark.advance(at(place));
      await backpressure.ready();
    }
  });
});

const CONVERSATION = "d:ann~ben";

function outgoing(clientMutationId: string, conversationId = CONVERSATION): Outgoing {
  return {
    id: eventId(streams.conversation(conversationId), "ann", clientMutationId, 0),
    stamp: { actorId: "ann", clientMutationId, at: "2024-01-02T03:04:05.678Z" },
    data: {
      conversationId,
      senderId: "ann",
      clientMutationId,
      kind: "TEXT",
      topic: null,
      text: clientMutationId,
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
    },
  };
}

describe("other commands", () => {
  test("are held back as sends are, and what they write counts", async () => {
    const log = memoryLog();
    const watermark = createWatermark(log.origin);
    const backpressure = createBackpressure(watermark, { lagEvents: 10, waiting: 10_000, waitMs: 1_000 });
    const handle = commandHandler({ log, backpressure });
    const claim = (name: string) =>
      handle({
        stream: `handle-${name}`,
        decider: handleDecider,
        command: { type: "Claim", handle: name, userId: "ann" },
        actorId: "ann",
        clientMutationId: name,
        at: "2024-05-01T12:00:00.000Z",
      });
    for (let count = 0; count < 10; count++) await claim(`name${count}`);
    const end = await log.end();
    const held = watched(claim("held"));
    const late = watched(claim("late"));
    await vi.advanceTimersByTimeAsync(500);
    expect([held.outcome, await log.end()]).toEqual(["waits", end]);
    watermark.advance(end);
    await settled();
    expect([held.outcome, late.outcome]).toEqual(["goes on", "goes on"]);
    for (let count = 0; count < 8; count++) await claim(`more${count}`);
    const refused = watched(claim("refused"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(refused.outcome).toBe("RATE_LIMITED");
  });
});

describe("senders", () => {
  function sending(limits: Partial<BackpressureLimits>) {
    const log = memoryLog();
    const watermark = createWatermark(log.origin);
    const backpressure = createBackpressure(watermark, { lagEvents: 10, waiting: 10_000, waitMs: 1_000, ...limits });
    const messages = messageLog({ log, views: readViews(memoryViews()), watermark, backpressure, rowsMs: 0 });
    const send = (key: string, conversation?: string) => messages.store(outgoing(key, conversation), async () => {});
    const stored = async () => (await log.read(streams.conversation(CONVERSATION), 0, "forwards", 100_000)).length;
    return { log, watermark, send, stored, advance: async () => watermark.advance(await log.end()) };
  }

  test("are held back where the views lag, and go on as they follow", async () => {
    const { send, stored, advance } = sending({});
    for (let count = 0; count < 10; count++) await send(`before ${count}`);
    const held = Array.from({ length: 20 }, (_, count) => watched(send(`held ${count}`)));
    await vi.advanceTimersByTimeAsync(500);
    expect(await stored()).toBe(10);
    expect(new Set(held.map(({ outcome }) => outcome))).toEqual(new Set(["waits"]));
    await advance();
    await settled();
    expect(new Set(held.map(({ outcome }) => outcome))).toEqual(new Set(["goes on"]));
    expect(await stored()).toBe(30);
  });

  test("are held back by what was sent elsewhere, too", async () => {
    const { send, stored } = sending({});
    for (let count = 0; count < 10; count++) await send(`before ${count}`, "d:ann~cat");
    const held = watched(send("here"));
    await vi.advanceTimersByTimeAsync(500);
    expect(held.outcome).toBe("waits");
    expect(await stored()).toBe(0);
  });

  test("are told so in time, all of them, where the views do not follow, and nothing is stored", async () => {
    const { send, stored, advance } = sending({});
    for (let count = 0; count < 10; count++) await send(`before ${count}`);
    const held = Array.from({ length: 1_000 }, (_, count) => watched(send(`held ${count}`)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new Set(held.map(({ outcome }) => outcome))).toEqual(new Set(["RATE_LIMITED"]));
    expect(await stored()).toBe(10);
    const again = Array.from({ length: 1_000 }, (_, count) => watched(send(`held ${count}`)));
    while (again.some(({ outcome }) => outcome === "waits")) {
      await advance();
      await settled();
    }
    expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(["goes on"]));
    expect(await stored()).toBe(1_010);
  });

  test("are turned away at once where too many wait", async () => {
    const { send, advance, stored } = sending({ waiting: 5 });
    for (let count = 0; count < 10; count++) await send(`before ${count}`);
    const held = Array.from({ length: 8 }, (_, count) => watched(send(`held ${count}`)));
    await settled();
    expect(held.map(({ outcome }) => outcome)).toEqual([
      ...new Array<string>(5).fill("waits"),
      ...new Array<string>(3).fill("RATE_LIMITED"),
    ]);
    await advance();
    await settled();
    expect(held.slice(0, 5).every(({ outcome }) => outcome === "goes on")).toBe(true);
    expect(await stored()).toBe(15);
    await send("after");
  });

  test("get their first answer again without waiting", async () => {
    const { send } = sending({});
    for (let count = 0; count < 10; count++) await send(`before ${count}`);
    expect(await send("before 3")).toMatchObject({ repeated: true, message: { seq: 4 } });
  });
});
