import { expect, test } from "vitest";
import { runTidings } from "../support/server.ts";
import { limited, MINUTES_10, NAMES, pastBeside, settings, verifyAll } from "./harness/replayedViews.ts";
import { atMostMs, play, SENDS } from "./harness/scenario.ts";

/*
 * Every view is replayed while people write, read, follow their inboxes, join and leave. What cannot have changed is read again,
 * and is what it was. The fan-out limit is another one after each restart, so that groups cross it, inboxes are small, and
 * their horizon has moved. Afterwards every view is what a fold of the log makes it.
 */

const sends = Math.ceil(SENDS / 40);
/** Lines that are imported: so long a log that a replay takes a while. */
const LINES = Math.max(6_000, Math.ceil(SENDS / 4));

test(`${sends} sends, and every view replayed in between`, { timeout: atMostMs(sends, 2, 2 * MINUTES_10) }, async () => {
  const past = pastBeside(LINES);
  await play({
    ...past,
    name: "replayed views",
    sends,
    watchers: 76,
    outages: 2,
    settings,
    outage: async (server, nth) => {
      expect(await server.stop()).toBe(0);
      await server.start(limited(nth));
      const { code, out, err } = await runTidings(["replay", "all"], server.environment, { withinMs: MINUTES_10 });
      expect({ code, err }).toEqual({ code: 0, err: "" });
      for (const name of NAMES) expect(out).toContain(`${name} is replayed\n`);
    },
    afterwards: verifyAll,
  });
  expect(past.counts.compared).toBeGreaterThan(0);
});
