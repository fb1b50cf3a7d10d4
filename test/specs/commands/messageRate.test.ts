import { describe, expect, test } from "vitest";
import { messageRate } from "../../../src/commands/messageRate.ts";
import type { Refusal } from "../../../src/domain/refusal.ts";
import { caller, profile, text } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { world } from "../../support/world.ts";

const refusalOf = (work: () => void): Refusal | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error as Refusal;
  }
};

describe("messages a second", () => {
  test("are those of twelve seconds at once, and then one after the other", () => {
    let at = 0;
    const rate = messageRate(2, () => at);
    const send = (messages = 1) => refusalOf(rate.paying("ann", messages));
    for (let count = 0; count < 24; count++) expect(send()).toBeUndefined();
    expect(send()).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 500 });
    at += 250;
    expect(send()).toMatchObject({ retryAfterMs: 250 });
    at += 250;
    expect(send()).toBeUndefined();
    expect(send()).toMatchObject({ retryAfterMs: 500 });
    // Others have their own.
    expect(refusalOf(rate.paying("bob", 1))).toBeUndefined();
    // Many at once are possible, and waited for afterwards.
    at += 500;
    expect(send(10)).toBeUndefined();
    expect(send()).toMatchObject({ retryAfterMs: 5_000 });
    at += 3_600_000;
    for (let count = 0; count < 24; count++) expect(send()).toBeUndefined();
    expect(send()).toMatchObject({ code: "RATE_LIMITED" });
  });

  test("are paid for once by a call that asks again, and not limited by 0", () => {
    const rate = messageRate(1, () => 0);
    const pay = rate.paying("ann", 1);
    for (let count = 0; count < 100; count++) pay();
    expect(refusalOf(rate.paying("ann", 11))).toBeUndefined();
    expect(refusalOf(rate.paying("ann", 1))).toMatchObject({ code: "RATE_LIMITED" });
    const free = messageRate(0);
    for (let count = 0; count < 1_000; count++) expect(refusalOf(free.paying("ann", 100))).toBeUndefined();
  });
});

describe("a user who sends more than that", () => {
  test("is told when to go on, and a repeat of what was stored costs nothing", async () => {
    // So few that none is added while the test runs.
    const { commands, catchUp } = world({ messagesPerSecond: 1 });
    for (const user of ["ann", "bob"]) await commands.register(caller(user), profile(user));
    await catchUp();
    const first = text({ userId: "bob" });
    const sent = await commands.sendMessage(caller("ann"), first);
    for (let count = 0; count < 30; count++) {
      const again = await commands.sendMessage(caller("ann"), first);
      expect(again.message.seq).toBe(sent.message.seq);
    }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, () => commands.sendMessage(caller("ann"), text({ userId: "bob" }))),
    );
    const limited = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as Refusal] : []));
    expect(limited.length).toBeGreaterThan(50);
    for (const { code, retryAfterMs } of limited) expect([code, (retryAfterMs ?? 0) > 0]).toEqual(["RATE_LIMITED", true]);
    await commands.sendMessage(caller("bob"), text({ userId: "ann" }));
    await refused(commands.sendMessage(caller("ann"), text({ userId: "nobody" })), "NOT_FOUND", "userId");
  });
});
