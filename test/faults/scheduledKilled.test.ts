import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { clientOf, registeredAll } from "../support/client.ts";
import { seed } from "../support/property.ts";
import { randomOf } from "../support/random.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { wholeLog } from "./harness/wholeLog.ts";

/*
 * Scheduled messages that are due while their server is killed, at moments around their time, or while it is away: each is sent
 * once, after the restart.
 */

const ROUNDS = Number(process.env.FAULT_KILLS ?? 6);
/** Messages that are due in one round, and over how long, in milliseconds. */
const MESSAGES = 20;
const SPAN_MS = 300;
const AHEAD_MS = 3_000;

test(`${ROUNDS} kills around the time of ${MESSAGES} messages each`, { timeout: 120_000 + ROUNDS * 30_000 }, async () => {
  const rng = randomOf(seed("scheduled sends"));
  const server = await startServer({ settings: { EVENTSTORE_URL: "", LOG_LEVEL: "warn" } });
  onTestFinished(() => server.remove());
  const reachable = { address: () => server.address(), token: server.token };
  const [ann] = await registeredAll(reachable, "ann", "bob");
  const bob = await clientOf(reachable, "bob");
  const wanted: string[] = [];

  for (let round = 0; round < ROUNDS; round++) {
    const begin = Date.now() + AHEAD_MS;
    const times = Array.from({ length: MESSAGES }, () => begin + rng.below(SPAN_MS));
    await Promise.all(
      times.map(async (time, index) => {
        const text = `${round}/${index}`;
        await ann.act("scheduleMessage", { userId: "bob", sendAt: new Date(time).toISOString(), text });
        wanted.push(text);
      }),
    );
    // Before the first one is due in some rounds, in the middle in most, and once after the last one.
    const kill = begin - 50 + rng.below(SPAN_MS + 100);
    await until("the moment of the kill", () => Date.now() >= kill);
    await server.kill();
    const over = begin + SPAN_MS;
    await until("all of them are due", () => Date.now() > over);
    await server.start();
    await until("all of them are sent", async () => (await bob.conversation("d:ann~bob"))?.lastSeq === wanted.length, 60_000);
  }

  const waiting = () => ann.ask<{ viewer: { scheduled: unknown[] } }>("{ viewer { scheduled { id } } }");
  await until("nothing waits any more", async () => (await waiting()).viewer.scheduled.length === 0);
  expect(await server.stop()).toBe(0);
  const events = await wholeLog(readConfig({ ...server.environment }));
  const texts = events.filter(({ type }) => type === "MessageSent").map(({ data }) => (data as { text: string }).text);
  expect(texts.sort()).toEqual(wanted.sort());
  const counted = (type: string) => events.filter((event) => event.type === type).length;
  expect(["ScheduleBegun", "ScheduleSent", "ScheduleFailed"].map(counted)).toEqual([wanted.length, wanted.length, 0]);
  expect(server.faults()).toEqual([]);
});
