import { describe, expect, test } from "vitest";
import type { Readiness, Server } from "../support/server.ts";
import {
  EVENTSTORE_RESTART,
  EVENTSTORE_URL,
  isMark,
  readyAgain,
  restartEventStoreDb,
  tellsOfAnOutage,
  tellsOfTheLog,
} from "./harness/eventStoreDb.ts";
import { readinessDuring, skipped, UP_MS } from "./harness/restart.ts";
import { atMostMs, endAndStart, outagesOr, play, SENDS } from "./harness/scenario.ts";

/*
 * The log on a real EventStoreDB, of one node or of several: EVENTSTORE_URL names it, and EVENTSTORE_RESTART is a command that
 * kills it, the leader where there are several, and starts it again.
 */

const KILLS = outagesOr(10);
const has = { url: EVENTSTORE_URL !== "", restart: EVENTSTORE_URL !== "" && EVENTSTORE_RESTART !== "" };
const timeout = atMostMs(SENDS, KILLS, UP_MS / 2);

if (!has.url) skipped("no fault test of the log on EventStoreDB: it takes EVENTSTORE_URL and EVENTSTORE_RESTART");
else if (!has.restart)
  skipped("EventStoreDB is not killed: it takes EVENTSTORE_RESTART, a command that does that and starts it again");

describe.skipIf(!has.url)("on EventStoreDB", () => {
  test(`${SENDS} sends and ${KILLS} kills of Tidings`, { timeout }, () =>
    play({
      name: "killed servers on EventStoreDB",
      sends: SENDS,
      outages: KILLS,
      settings: {},
      outage: endAndStart,
    }),
  );

  test.skipIf(!has.restart)(`${SENDS} sends and ${KILLS} kills of EventStoreDB`, { timeout }, async () => {
    const seen: Readiness[] = [];
    let pid: number | undefined;
    await play({
      name: "EventStoreDB killed",
      sends: SENDS,
      outages: KILLS,
      settings: {},
      isExpectedFault: tellsOfAnOutage,
      mayBeTwice: isMark,
      outage: async (server, nth) => {
        pid ??= server.pid;
        seen.push(...(await readinessDuring(server, restartEventStoreDb())));
        // Every third time it is killed again before all have come to themselves.
        if (nth % 3 === 0) seen.push(...(await readinessDuring(server, restartEventStoreDb())));
        await readyAgain(server);
        expect(server.pid, "Tidings went on").toBe(pid);
      },
    });
    checkReadiness(seen);
  });

  test.skipIf(!has.restart)(
    `${SENDS} sends and ${KILLS} kills of Tidings, of EventStoreDB, and of both`,
    { timeout },
    async () => {
      const seen: Readiness[] = [];
      await play({
        name: "Tidings and EventStoreDB killed",
        sends: SENDS,
        outages: KILLS,
        settings: {},
        isExpectedFault: tellsOfAnOutage,
        mayBeTwice: isMark,
        outage: async (server, nth) => {
          const restart = restarts[nth % restarts.length] as (typeof restarts)[number];
          seen.push(...(await readinessDuring(server, restart(server, nth))));
          if (nth % 3 !== 0) await readyAgain(server);
        },
      });
      checkReadiness(seen);
    },
  );
});

/** What is ended and started again, in turn. */
const restarts: ((server: Server, nth: number) => Promise<unknown>)[] = [
  () => restartEventStoreDb(),
  (server, nth) => endAndStart(server, nth),
  // Whatever comes back first.
  (server) => Promise.all([restartEventStoreDb(), server.kill().then(() => server.start())]),
  // An orderly end while the log is away.
  async (server) => {
    const [code] = await Promise.all([server.stop(), restartEventStoreDb()]);
    expect(code, "the exit code of an orderly end while the log is away").toBe(0);
    await server.start();
  },
];

function checkReadiness(seen: readonly Readiness[]): void {
  const away = seen.filter(tellsOfTheLog);
  expect(away.length, "times that /ready said the log was away").toBeGreaterThan(0);
  for (const { body } of away) {
    expect(body.ready).toBe(false);
    expect(body.components.log?.detail).toMatch(/\w/);
  }
}
