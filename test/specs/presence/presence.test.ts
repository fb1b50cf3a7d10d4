import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localEphemeral } from "../../../src/adapters/signals/localEphemeral.ts";
import type { LastSeen } from "../../../src/ports/lastSeen.ts";
import { createPresence, type Presence, type PresenceOptions, presenceTopic } from "../../../src/presence/presence.ts";
import { memoryLastSeen } from "../../support/memoryLastSeen.ts";

const GRACE_MS = 30_000;
const START = Date.parse("2026-05-04T10:00:00.000Z");

/** The devices that each user has added; who is not here never registered. */
const added: Record<string, string[]> = { ann: ["phone", "desk"], bob: [] };

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

const started = async (lastSeen: LastSeen, graceMs = GRACE_MS, elsewhere?: PresenceOptions["elsewhere"]) => {
  const told: string[] = [];
  const ephemeral = localEphemeral();
  for (const user of Object.keys(added)) void ephemeral.listen([presenceTopic(user)], (_, topic) => void told.push(topic));
  const presence = await createPresence({
    lastSeen,
    ephemeral,
    devicesOf: async (users) => users.map((user) => added[user]),
    graceMs,
    ...(elsewhere ? { elsewhere } : {}),
    warn: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  return { presence, told };
};

const ann = async (presence: Presence) => {
  const [states] = await presence.statesOf([{ user: "ann", devices: ["phone", "desk"] }]);
  const [phone, desk] = states?.devices ?? [];
  return { phone, desk, others: states?.others };
};

const phoneOf = (userId: string) => ({ userId, deviceId: "phone" });
const UNSEEN = { online: false, lastSeenAt: undefined };

describe("a device", () => {
  test("is online as long as one of its connections is open", async () => {
    const { presence, told } = await started(memoryLastSeen());
    expect(await ann(presence)).toEqual({ phone: UNSEEN, desk: UNSEEN, others: UNSEEN });
    const ends = [presence.connected(phoneOf("ann")), presence.connected(phoneOf("ann"))];
    expect((await ann(presence)).phone).toMatchObject({ online: true });
    ends[0]?.(true);
    ends[0]?.(true);
    expect((await ann(presence)).phone).toMatchObject({ online: true });
    await vi.advanceTimersByTimeAsync(5_000);
    ends[1]?.(true);
    expect(await ann(presence)).toEqual({ phone: { online: false, lastSeenAt: START + 5_000 }, desk: UNSEEN, others: UNSEEN });
    expect(told).toEqual([presenceTopic("ann"), presenceTopic("ann")]);
  });

  test("whose connection is lost is online until the grace is over, and nobody hears of it if it comes back", async () => {
    const { presence, told } = await started(memoryLastSeen());
    const end = presence.connected(phoneOf("ann"));
    end(false);
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1);
    expect((await ann(presence)).phone).toMatchObject({ online: true, lastSeenAt: START });
    const again = presence.connected(phoneOf("ann"));
    await vi.advanceTimersByTimeAsync(2 * GRACE_MS);
    expect((await ann(presence)).phone).toMatchObject({ online: true });
    expect(told).toHaveLength(1);
    again(false);
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect((await ann(presence)).phone).toEqual({ online: false, lastSeenAt: START + 3 * GRACE_MS - 1 });
    expect(told).toHaveLength(2);
  });

  test("that was not added counts with the others like it", async () => {
    const lastSeen = memoryLastSeen();
    const { presence } = await started(lastSeen);
    const ends = [presence.connected({ userId: "ann" }), presence.connected({ userId: "ann", deviceId: "tablet" })];
    expect(await ann(presence)).toMatchObject({ phone: { online: false }, others: { online: true } });
    ends[0]?.(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ann(presence)).toMatchObject({ others: { online: true } });
    expect(lastSeen.rows.get("ann~")).toMatchObject({ online: true });
    ends[1]?.(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await ann(presence)).toMatchObject({ others: { online: false, lastSeenAt: START + 1_000 } });
    expect([...lastSeen.rows.keys()].sort()).toEqual(["ann~", "~"]);
  });

  test("of somebody who never registered leaves nothing", async () => {
    const lastSeen = memoryLastSeen();
    const { presence } = await started(lastSeen);
    presence.connected({ userId: "stranger", deviceId: "phone" })(true);
    presence.seen({ userId: "stranger" });
    await vi.advanceTimersByTimeAsync(1_000);
    await presence.close();
    expect([...lastSeen.rows.keys()]).toEqual(["~"]);
  });
});

describe("what is written", () => {
  test("is a note a minute of who stays connected", async () => {
    const lastSeen = memoryLastSeen();
    const { presence } = await started(lastSeen);
    presence.connected(phoneOf("ann"));
    await vi.advanceTimersByTimeAsync(10 * 60_000 + 1_000);
    // Beside each, the server notes itself.
    expect(lastSeen.writes()).toBe(2 * 11);
    expect(lastSeen.rows.get("ann~phone")).toEqual({ at: START + 10 * 60_000, online: true });
  });

  test("is a note a minute of who asks, however often", async () => {
    const lastSeen = memoryLastSeen();
    const { presence } = await started(lastSeen);
    for (let second = 0; second < 120; second++) {
      for (let call = 0; call < 50; call++) presence.seen(phoneOf("ann"));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(lastSeen.writes()).toBe(2 * 2);
    expect((await ann(presence)).phone).toEqual({ online: false, lastSeenAt: START + 60_000 });
  });

  test("may fail: what is connected is known nevertheless", async () => {
    const away: LastSeen = {
      of: async () => Promise.reject(new Error("away")),
      note: async () => Promise.reject(new Error("away")),
      forget: async () => {},
    };
    const warned: string[] = [];
    const presence = await createPresence({
      lastSeen: away,
      ephemeral: localEphemeral(),
      devicesOf: async (users) => users.map((user) => added[user]),
      graceMs: GRACE_MS,
      warn: (message) => void warned.push(message),
    });
    presence.connected(phoneOf("ann"));
    expect(await ann(presence)).toMatchObject({ phone: { online: true }, desk: UNSEEN });
    await presence.close();
    expect(warned.length).toBeGreaterThan(0);
  });
});

describe("after a restart", () => {
  /** A server on which the phone is connected and the desk is not, which ends. */
  const ended = async (end: "closed" | "killed") => {
    const lastSeen = memoryLastSeen();
    const { presence } = await started(lastSeen);
    presence.connected(phoneOf("ann"));
    presence.connected({ userId: "ann", deviceId: "desk" })(true);
    await vi.advanceTimersByTimeAsync(90_000);
    if (end === "closed") await presence.close();
    // Later its timers write nothing that counts.
    const rows = new Map(lastSeen.rows);
    const kept = memoryLastSeen();
    for (const [key, row] of rows) kept.rows.set(key, row);
    return kept;
  };

  test.each(["closed", "killed"] as const)("nobody is offline who was online, until the grace is over (%s)", async (end) => {
    const lastSeen = await ended(end);
    await vi.advanceTimersByTimeAsync(600_000);
    const { presence } = await started(lastSeen);
    expect(await ann(presence)).toMatchObject({ phone: { online: true }, desk: { online: false } });
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    const { phone } = await ann(presence);
    expect(phone).toMatchObject({ online: false });
    expect(phone?.lastSeenAt).toBe(START + (end === "closed" ? 90_000 : 60_000));
  });

  test("who never came back after the restart before it is not online again", async () => {
    const lastSeen = await ended("killed");
    const { presence: between } = await started(lastSeen);
    between.connected({ userId: "bob" });
    await vi.advanceTimersByTimeAsync(600_000);
    await between.close();
    const { presence } = await started(lastSeen);
    expect((await ann(presence)).phone).toMatchObject({ online: false });
    const [bob] = await presence.statesOf([{ user: "bob", devices: [] }]);
    expect(bob?.others).toMatchObject({ online: true });
  });
});

test("nobody watches more than ten thousand at once", async () => {
  const { presence } = await started(memoryLastSeen());
  const ends = Array.from({ length: 20 }, () => presence.watch("ann", 500));
  expect(ends.every((end) => end !== undefined)).toBe(true);
  expect(presence.watch("ann", 1)).toBeUndefined();
  expect(presence.watch("bob", 500)).toBeDefined();
  ends[0]?.();
  expect(presence.watch("ann", 500)).toBeDefined();
});

describe("with other servers, a device", () => {
  test("is online where it is connected to another one, and the others are told of those that are connected here", async () => {
    const noted: string[] = [];
    let there: string[] = [];
    const { presence } = await started(memoryLastSeen(), 0, {
      note: (user, device, isHere) => void noted.push(`${user} ${device} ${isHere}`),
      devicesOf: async (users) => users.map(() => new Set(there)),
    });
    presence.connected(phoneOf("ann"))(false);
    expect(noted).toEqual(["ann phone true", "ann phone false"]);
    there = ["desk", "unknown"];
    const online = { online: true, lastSeenAt: START };
    expect(await ann(presence)).toEqual({ phone: { online: false, lastSeenAt: START }, desk: online, others: online });
  });

  test("is as this server knows it while the others cannot be asked", async () => {
    const { presence } = await started(memoryLastSeen(), 0, {
      note: () => undefined,
      devicesOf: async () => {
        throw new Error("Redis is away");
      },
    });
    presence.connected(phoneOf("ann"));
    expect(await ann(presence)).toEqual({ phone: { online: true, lastSeenAt: START }, desk: UNSEEN, others: UNSEEN });
  });
});
