import { describe, expect, test } from "vitest";
import { nearness } from "../../../src/commands/nearness.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createWatermark } from "../../../src/projecting/watermark.ts";
import { refused } from "../../support/refused.ts";
import { caller, group, profile, text } from "../../support/cast.ts";
import { nodeOver, world } from "../../support/world.ts";

const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Rows that may be 5,000 ms behind, of a log and views that are moved by hand. */
function bounded(maxLagMs = 5_000) {
  const watermark = createWatermark(at(0));
  const state = { time: 0, end: 0, looks: 0, away: false };
  const log = {
    end: () => {
      state.looks++;
      if (state.away) throw new Unavailable("the log is away");
      return at(state.end);
    },
  };
  return { state, watermark, near: nearness({ log, watermark, maxLagMs, clock: () => state.time }) };
}

describe("rows that rights are granted on", () => {
  test("have passed the log's end once before the first grant", async () => {
    const { state, watermark, near } = bounded();
    state.end = 3;
    let isOver = false;
    const waiting = near()?.then(() => (isOver = true));
    await turn();
    expect(isOver).toBe(false);
    watermark.advance(at(3));
    await waiting;
    expect(near()).toBeUndefined();
  });

  test("are no further behind than the bound, whatever they lack", async () => {
    const { state, watermark, near } = bounded();
    await near();
    // Everybody writes, nothing is folded: what the log held at 4,000 is lacking at 9,000.
    for (state.time = 1_000; state.time <= 5_000; state.time += 1_000) {
      state.end++;
      expect(near(), String(state.time)).toBeUndefined();
      await turn();
    }
    state.time = 5_001;
    const waiting = near();
    expect(waiting).toBeInstanceOf(Promise);
    watermark.advance(at(state.end));
    await waiting;
    expect(near()).toBeUndefined();
  });

  test("that follow at a distance below the bound are near enough for ever", async () => {
    const { state, watermark, near } = bounded();
    await near();
    for (state.time = 100; state.time < 60_000; state.time += 100) {
      state.end++;
      // Three seconds behind.
      if (state.end > 30) watermark.advance(at(state.end - 30));
      expect(near(), String(state.time)).toBeUndefined();
      await turn();
    }
    // And the log is asked a few times in each span.
    expect(state.looks).toBeLessThan(70);
  });

  test("are not asked about while nobody asks for a right; a log that is away is told as such, and asked again", async () => {
    const { state, near } = bounded();
    await near();
    expect(state.looks).toBe(1);
    state.time = 60_000;
    state.away = true;
    await expect(near()).rejects.toBeInstanceOf(Unavailable);
    state.away = false;
    await near();
    expect(near()).toBeUndefined();
  });

  test("without a bound are taken as they are", async () => {
    const { state, near } = bounded(Number.POSITIVE_INFINITY);
    state.end = 9;
    for (state.time = 0; state.time < 100_000; state.time += 9_999) expect(near()).toBeUndefined();
    expect(state.looks).toBe(0);
  });
});

describe("a server whose views stand still", () => {
  test("grants nothing beyond the bound: a member whom another server removed writes no more", async () => {
    const [ann, ben] = [caller("ann"), caller("ben")];
    const target = world();
    for (const { userId } of [ann, ben]) await target.commands.register(caller(userId), profile(userId));
    const { conversationId } = await target.commands.createConversation(ann, group({ memberIds: ["ben"] }));
    await target.catchUp();
    const other = world({ log: target.log });
    await other.catchUp();
    const node = nodeOver(target.log, other.store, { watermark: other.watermark, rightsLagMs: 0, waited: () => other.catchUp() });
    await target.commands.removeMembers(ann, { clientMutationId: "away", conversationId, userIds: ["ben"] });
    expect(other.watermark.current() < (await target.log.end())).toBe(true);
    await refused(node.commands.sendMessage(ben, text({ conversationId })), "FORBIDDEN");
  });
});
