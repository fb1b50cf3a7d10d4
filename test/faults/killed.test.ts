import { test } from "vitest";
import { embeddedEngine } from "../support/engines.ts";
import { atMostMs, endAndStart, outagesOr, play, SENDS } from "./harness/scenario.ts";
import { createSearching } from "./harness/searching.ts";

/*
 * All that is embedded: a server that is ended again and again, mostly by SIGKILL, while users write, read, search, join and
 * leave.
 */

const KILLS = outagesOr(5);

test(`${SENDS} sends and ${KILLS} kills`, { timeout: atMostMs(SENDS, KILLS, 20_000) }, () => {
  const searching = createSearching();
  return play({
    ...searching,
    name: "killed servers",
    sends: SENDS,
    outages: KILLS,
    settings: { EVENTSTORE_URL: "", ...embeddedEngine.settings },
    outage: (server, nth) => searching.mayBeAway(() => endAndStart(server, nth)),
  });
});
