import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { elasticsearchEngine } from "../support/engines.ts";
import type { Readiness, Server } from "../support/server.ts";
import {
  ELASTICSEARCH_RESTART,
  ELASTICSEARCH_URL,
  restartElasticsearch,
  searchReadyAgain,
  tellsOfSearch,
} from "./harness/elasticsearch.ts";
import { tellsOfAnOutage } from "./harness/eventStoreDb.ts";
import { replayThrough } from "./harness/replays.ts";
import { readinessDuring, skipped, UP_MS } from "./harness/restart.ts";
import { atMostMs, endAndStart, outagesOr, play, type Scenario, SENDS } from "./harness/scenario.ts";
import { createSearching, type Searching } from "./harness/searching.ts";

/*
 * Search on a real Elasticsearch: ELASTICSEARCH_URL names it, and ELASTICSEARCH_RESTART is a command that kills it and starts it again. Whatever becomes of
 * it, all else goes on, and at the end it holds what the log says.
 */

const KILLS = outagesOr(3);
const has = { url: ELASTICSEARCH_URL !== "", restart: ELASTICSEARCH_URL !== "" && ELASTICSEARCH_RESTART !== "" };
const timeout = atMostMs(SENDS, KILLS, UP_MS);

if (!has.url) skipped("no fault test of search on Elasticsearch: it takes ELASTICSEARCH_URL and ELASTICSEARCH_RESTART");
else if (!has.restart)
  skipped("Elasticsearch is not killed: it takes ELASTICSEARCH_RESTART, a command that does that and starts it again");

/** A load beside searches on indexes of its own, which are removed at the end. */
async function playOnElasticsearch(
  name: string,
  outage: (searching: Searching, ...args: Parameters<Scenario["outage"]>) => Promise<void>,
): Promise<Searching> {
  const { settings, drop } = elasticsearchEngine(ELASTICSEARCH_URL, `test-${randomBytes(6).toString("hex")}`);
  onTestFinished(drop);
  const searching = createSearching();
  await play({
    ...searching,
    name,
    sends: SENDS,
    outages: KILLS,
    settings,
    isExpectedFault: tellsOfAnOutage,
    outage: (server, nth) => outage(searching, server, nth),
  });
  return searching;
}

describe.skipIf(!has.url)("search on Elasticsearch", () => {
  test.skipIf(!has.restart)(`${SENDS} sends and ${KILLS} kills of Elasticsearch`, { timeout }, async () => {
    const seen: Readiness[] = [];
    let pid: number | undefined;
    const { counts } = await playOnElasticsearch("Elasticsearch killed", (searching, server, nth) =>
      searching.mayBeAway(async () => {
        pid ??= server.pid;
        seen.push(...(await readinessDuring(server, restartElasticsearch())));
        // Every third time it is killed again before all has come to itself.
        if (nth % 3 === 0) seen.push(...(await readinessDuring(server, restartElasticsearch())));
        await searchReadyAgain(server);
        expect(server.pid, "Tidings went on").toBe(pid);
      }),
    );
    expect(counts.away, "searches that were told that it is away").toBeGreaterThan(0);
    expect(seen.filter(tellsOfSearch).length, "times that /ready said that search is away").toBeGreaterThan(0);
    for (const { status, body } of seen) {
      expect({ status, ready: body.ready }).toEqual({ status: 200, ready: true });
      if (body.components.search?.ready === false) expect(body.components.search.detail).toMatch(/\w/);
    }
  });

  test(`${SENDS} sends and ${KILLS} kills of Tidings`, { timeout }, () =>
    playOnElasticsearch("killed servers on Elasticsearch", (searching, server, nth) =>
      searching.mayBeAway(() => endAndStart(server, nth)),
    ).then(() => undefined),
  );

  test(`${SENDS} sends and ${KILLS} replays with a kill of Tidings, or of both, in the middle`, { timeout }, async () => {
    let killedBuilding = 0;
    await playOnElasticsearch("killed replays on Elasticsearch", async (searching, server, nth) => {
      const wasBuilt = await replayThrough(server, () => searching.mayBeAway(() => killed(server, nth)));
      if (wasBuilt) killedBuilding++;
    });
    expect(killedBuilding, "replays that were killed").toBeGreaterThan(0);
  });
});

/** Every second time Elasticsearch too, where it can be. */
async function killed(server: Server, nth: number): Promise<void> {
  const both = has.restart && nth % 2 === 0;
  await Promise.all([server.kill(), ...(both ? [restartElasticsearch()] : [])]);
  await server.start();
  await searchReadyAgain(server);
}
