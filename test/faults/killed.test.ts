import { test } from "vitest";
import { atMostMs, endAndStart, outagesOr, play, SENDS } from "./harness/scenario.ts";

/* The embedded log: a server that is ended again and again, mostly by SIGKILL, while users write, read, join and leave. */

const KILLS = outagesOr(5);

test(`${SENDS} sends and ${KILLS} kills`, { timeout: atMostMs(SENDS, KILLS, 20_000) }, () =>
  play({
    name: "killed servers",
    sends: SENDS,
    outages: KILLS,
    settings: { EVENTSTORE_URL: "" },
    outage: endAndStart,
  }),
);
