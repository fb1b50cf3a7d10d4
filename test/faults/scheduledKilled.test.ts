import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { clientOf, registeredAll } from "../support/client.ts";
import { seed } from "../support/property.ts";
import { randomOf } from "../support/random.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { circles } from "./harness/circles.ts";
import { due } from "./harness/due.ts";
import { checkOrder, wholeLog } from "./harness/wholeLog.ts";

/*
 * What a server does by itself, and what a business has it do in many steps, while it is killed. Scheduled messages that are due
 * around the kill, or while it is away, are sent once after the restart. Messages that expire do so once. Circles that were just
 * being put, and are put again, have a conversation that is equal to them.
 */

const ROUNDS = Number(process.env.FAULT_KILLS ?? 6);
/** Messages that are due in one round, and over how long, in milliseconds; and those that expire some seconds later. */
const MESSAGES = 20;
const EXPIRING = 5;
const SPAN_MS = 300;
const AHEAD_MS = 3_000;
const PEOPLE = ["ann", "bob", "cat", "dan", "eve", "fay"] as const;

test(`${ROUNDS} kills around the time of ${MESSAGES} messages each`, { timeout: 120_000 + ROUNDS * 30_000 }, async () => {
  const rng = randomOf(seed("scheduled sends"));
  const server = await startServer({ settings: { EVENTSTORE_URL: "", LOG_LEVEL: "warn" } });
  onTestFinished(() => server.remove());
  const reachable = { address: () => server.address(), token: server.token };
  const [ann, bob] = await registeredAll(reachable, ...PEOPLE);
  const business = circles(await clientOf(reachable, "business", { admin: true, patient: {} }), PEOPLE, rng);
  const messages = due(ann, "bob");

  for (let round = 0; round < ROUNDS; round++) {
    const begin = Date.now() + AHEAD_MS;
    await Promise.all([
      ...Array.from({ length: MESSAGES }, () => messages.schedule(begin + rng.below(SPAN_MS))),
      ...Array.from({ length: EXPIRING }, () => messages.sendExpiring()),
    ]);
    // Before the first one is due in some rounds, in the middle in most, and once after the last one.
    const kill = begin - 50 + rng.below(SPAN_MS + 100);
    await until("it is nearly time", () => Date.now() >= kill - 200);
    let isOver = false;
    const putting = business.put(() => isOver);
    await until("the moment of the kill", () => Date.now() >= kill);
    await server.kill();
    isOver = true;
    const over = begin + SPAN_MS;
    await until("all of them are due", () => Date.now() > over);
    await server.start();
    await putting;
    const wanted = messages.count();
    await until("all of them are sent", async () => (await bob.conversation("d:ann~bob"))?.lastSeq === wanted, 60_000);
  }

  const waiting = () => ann.ask<{ viewer: { scheduled: unknown[] } }>("{ viewer { scheduled { id } } }");
  await until("nothing waits any more", async () => (await waiting()).viewer.scheduled.length === 0);
  const expired = async () =>
    (await bob.syncAll()).entries.filter((entry) => entry.__typename === "MessageChanged" && entry.messageChange === "EXPIRED");
  await until("the last ones expire", async () => (await expired()).length === messages.expiring());
  expect(await server.stop()).toBe(0);
  const events = await wholeLog(readConfig({ ...server.environment }));
  checkOrder(events);
  messages.check(events);
  business.check(events);
  expect(server.faults()).toEqual([]);
});
