import { expect, onTestFinished, test } from "vitest";
import { type BanChange, BANS_TOPIC } from "../../../projections/bans.ts";
import { type Banned, keepBanned } from "../../../src/commands/banned.ts";
import { requireNotBanned } from "../../../src/commands/rights.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { caller } from "../../support/cast.ts";
import { record } from "../../support/everyView.ts";
import { banned, nothingChanged, unbanned } from "../../support/happened.ts";
import { streams } from "../../../src/domain/ids.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { position } from "../../support/projected.ts";
import { until } from "../../support/until.ts";

/** Rows as they are committed, and who is woken by them. */
function rows() {
  const all: { sort: string; value: BanChange }[] = [];
  let fault: Error | undefined;
  let at = position(0);
  const wakes = new Set<() => void>();
  return {
    bans: {
      changes: async (after: string | undefined, limit: number) => {
        if (fault) throw fault;
        return all
          .filter(({ sort }) => after === undefined || sort > after)
          .sort((one, other) => (one.sort < other.sort ? -1 : 1))
          .slice(0, limit);
      },
    },
    watermark: { current: () => at },
    signals: {
      listen: (topics: readonly string[], wake: () => void) => {
        expect(topics).toEqual([BANS_TOPIC]);
        wakes.add(wake);
        return () => void wakes.delete(wake);
      },
    },
    /** `to`: how far all slices are; by default as far as this one. */
    commit: (number: number, user: string, isBanned: boolean, to = number) => {
      all.push({ sort: position(number), value: { user, banned: isBanned } });
      if (position(to) > at) at = position(to);
      for (const wake of wakes) wake();
    },
    away: (error: Error | undefined) => void (fault = error),
    listeners: () => wakes.size,
  };
}

async function kept(store: ReturnType<typeof rows>, log = memoryLog()): Promise<Banned> {
  const made = await keepBanned({ ...store, log, againMs: 5 });
  onTestFinished(made.close);
  return made;
}

test("who is banned is known once the rows say so, and told, until it ends", async () => {
  const store = rows();
  const of = await kept(store);
  let told = 0;
  const unlisten = of.listen(() => void (told += 1));
  expect(of.has("ann")).toBe(false);
  store.commit(1, "ann", true);
  await until("it is known", () => of.has("ann"));
  expect([told, of.has("bob")]).toEqual([1, false]);
  store.commit(2, "ann", false);
  await until("it has ended", () => !of.has("ann"));
  store.commit(3, "ann", true);
  await of.look();
  expect([of.has("ann"), told]).toEqual([true, 2]);
  unlisten();
  store.commit(4, "bob", true);
  await of.look();
  expect(told).toBe(2);
  of.close();
  expect(store.listeners()).toBe(0);
});

test("many are read page by page", async () => {
  const store = rows();
  for (let user = 1; user <= 1_203; user++) store.commit(user, `user${user}`, true);
  const of = await kept(store);
  await of.look();
  for (const user of [1, 500, 501, 1_000, 1_203]) expect(of.has(`user${user}`)).toBe(true);
});

test("what a slice that is behind commits later is not missed", async () => {
  const store = rows();
  const of = await kept(store);
  store.commit(9, "ann", true, 2);
  await of.look();
  store.commit(5, "bob", true, 9);
  await until("it is known", () => of.has("bob"));
  expect(of.has("ann")).toBe(true);
});

test("before the rows can be read, the log is asked; then they are, by themselves", async () => {
  const store = rows();
  store.away(new Unavailable("it is being built", "nothing"));
  const log = memoryLog();
  await record(log, [
    banned("ann", "root"),
    banned("bob", "root"),
    unbanned("bob", "root"),
    nothingChanged(streams.ban("ann"), "root"),
  ]);
  const of = await kept(store, log);
  expect(await Promise.all(["ann", "bob", "cay"].map(async (user) => of.isBanned(user)))).toEqual([true, false, false]);
  expect(of.has("ann")).toBe(false);
  await expect(Promise.resolve().then(() => requireNotBanned({ banned: of }, caller("ann")))).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  store.away(undefined);
  store.commit(1, "ann", true);
  await until("it is known", () => of.has("ann"));
  expect(of.isBanned("ann")).toBe(true);
  expect(of.isBanned("bob")).toBe(false);
});
