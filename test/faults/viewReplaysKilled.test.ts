import { expect, test } from "vitest";
import type { HalfBuilt } from "../support/halfBuilt.ts";
import { killInReplay } from "./harness/killedReplays.ts";
import { limited, MINUTES_10, pastBeside, settings, verifyAll } from "./harness/replayedViews.ts";
import { atMostMs, outagesOr, play, SENDS } from "./harness/scenario.ts";

/*
 * The server is killed in the middle of replays, while people write, read, follow their inboxes, join and leave; now and then it
 * is killed again as soon as it is up. What was half built is gone on with. What cannot have changed is read again and again, and
 * is what it was. Afterwards every view is what a fold of the log makes it.
 */

const KILLS = outagesOr(2);
const sends = Math.ceil(SENDS / 40);
/** Lines that are imported: so long a log that a replay can be killed in its middle. */
const LINES = Math.max(12_000, Math.ceil(SENDS / 2));
/** Those that take longest. */
const LONG = ["inboxes", "timelines", "relations", "search", "readMarks", "receipts", "folds", "mentions"];
/** How much is built when the server is killed, at least: one after the other. */
const SHARES = [0.2, 0.5, 0.35];
/** A replay may be over before it is noticed: then there is another. */
const ATTEMPTS = 2 * LONG.length;

test(`${sends} sends, and ${KILLS} replays killed in their middle`, { timeout: atMostMs(sends, KILLS, MINUTES_10) }, async () => {
  const past = pastBeside(LINES);
  /** Those that were killed in their middle, of how many replays. */
  const killed: HalfBuilt[] = [];
  let replays = 0;
  await play({
    ...past,
    name: "killed replays of views",
    sends,
    watchers: 76,
    outages: KILLS,
    settings,
    outage: async (server, nth) => {
      const restart = async (): Promise<void> => {
        if (nth % 3 === 0) {
          await server.start(limited(nth));
          await server.kill();
        }
        await server.start(limited(nth));
      };
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const [name = "", share = 0] = [LONG[replays % LONG.length], SHARES[replays % SHARES.length]];
        replays++;
        const found = await killInReplay(server, name, share, restart);
        if (found) return void killed.push(found);
      }
    },
    afterwards: verifyAll,
  });
  const where = killed.map(({ name, share }) => `${name} at ${Math.round(share * 100)} %`).join(", ");
  process.stdout.write(
    `${killed.length} of ${replays} replays killed in their middle (${where}); ${past.counts.compared} answers compared with those before, 0 differences\n`,
  );
  expect(killed.length, "replays that were killed in their middle").toBe(KILLS);
  expect(past.counts.compared).toBeGreaterThan(0);
});
