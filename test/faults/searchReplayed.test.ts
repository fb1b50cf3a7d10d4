import { expect, test } from "vitest";
import { embeddedEngine } from "../support/engines.ts";
import { replayThrough } from "./harness/replays.ts";
import { atMostMs, outagesOr, play, SENDS } from "./harness/scenario.ts";
import { createSearching } from "./harness/searching.ts";

/* The embedded search index: replayed again and again under a load, and the server killed in the middle of it. */

const REPLAYS = outagesOr(3);
const sends = Math.ceil(SENDS / 4);

test(
  `${sends} sends and ${REPLAYS} replays with a kill in the middle`,
  { timeout: atMostMs(sends, REPLAYS, 30_000) },
  async () => {
    const searching = createSearching();
    let killedBuilding = 0;
    await play({
      ...searching,
      name: "killed replays",
      sends,
      outages: REPLAYS,
      settings: { EVENTSTORE_URL: "", ...embeddedEngine.settings },
      outage: async (server) => {
        const kill = async (): Promise<void> => {
          await server.kill();
          await server.start();
        };
        if (await replayThrough(server, () => searching.mayBeAway(kill))) killedBuilding++;
      },
    });
    expect(killedBuilding, "replays that were killed").toBeGreaterThan(0);
  },
);
