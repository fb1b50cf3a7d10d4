import { randomBytes } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { elasticsearchIndex } from "../../src/adapters/searchIndex/elasticsearch/elasticsearchIndex.ts";
import type { IndexDocument } from "../../src/ports/searchIndex.ts";
import { elasticsearchEngine } from "../support/engines.ts";
import type { Readiness, Server } from "../support/server.ts";
import { until } from "../support/until.ts";
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
 * Search on a real Elasticsearch: ELASTICSEARCH_URL names it, and ELASTICSEARCH_RESTART is a command that kills it and starts it
 * again. Whatever becomes of it, all else goes on, and at the end it holds what the log says.
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
  sends: number,
  outage: (searching: Searching, ...args: Parameters<Scenario["outage"]>) => Promise<void>,
): Promise<Searching> {
  const { settings, drop } = elasticsearchEngine(ELASTICSEARCH_URL, `test-${randomBytes(6).toString("hex")}`);
  onTestFinished(drop);
  const searching = createSearching();
  await play({
    ...searching,
    name,
    sends,
    outages: KILLS,
    settings,
    isExpectedFault: tellsOfAnOutage,
    outage: (server, nth) => outage(searching, server, nth),
  });
  return searching;
}

/** How long an index is built before the kill, milliseconds: it writes to the disk every 5 s. */
const BUILT_MS = 9_000;
const SEQS = 300;
const position = (place: number): string => `testlog0.${place.toString(36).padStart(11, "0")}`;

/** A page of messages and one of the people, and where the log is after it. */
function pageOf(number: number): { documents: IndexDocument[]; to: string } {
  const first = number * (SEQS + 1);
  const messages = Array.from({ length: SEQS }, (_, place): IndexDocument => ({
    conversationId: "g:a",
    seq: number * SEQS + place + 1,
    version: position(first + place + 1),
    senderId: "ann",
    kind: "TEXT",
    topic: null,
    sentAt: place,
    text: "some words of a message ".repeat(25),
  }));
  const to = position(first + SEQS + 1);
  const person = { entry: "USER", id: `u${number}`, version: to, name: "Ann", handle: null, tags: [], category: null } as const;
  return { documents: [...messages, { ...person, place: null, public: true }], to };
}
describe.skipIf(!has.url)("search on Elasticsearch", () => {
  test.skipIf(!has.restart)(
    "an index that is killed while it is built has all that its checkpoint says",
    { timeout: 2 * UP_MS },
    async () => {
      const prefix = `test-${randomBytes(6).toString("hex")}`;
      const generation = "search@1#1";
      onTestFinished(elasticsearchEngine(ELASTICSEARCH_URL, prefix).drop);
      const index = elasticsearchIndex(ELASTICSEARCH_URL, { prefix });
      onTestFinished(() => index.close());
      const ends: (string | null)[] = [null];
      const began = performance.now();
      for (let page = 0; performance.now() < began + BUILT_MS; page++) {
        const { documents, to } = pageOf(page);
        expect(await index.put(generation, documents, { from: ends.at(-1) ?? null, to })).toEqual([]);
        ends.push(to);
      }
      await restartElasticsearch();
      const found = () => index.generations("search@1").catch(() => []);
      const { checkpoint } = await until("the index is there again", async () => (await found())[0], UP_MS);
      const pages = ends.indexOf(checkpoint);
      expect(pages, `the place of the checkpoint ${checkpoint}`).toBeGreaterThan(0);
      const people = Array.from({ length: pages }, (_, page) => `u${page}`);
      expect((await index.get(generation, people)).filter((person) => person === undefined)).toEqual([]);
      const messages = Array.from({ length: pages }, (_, page) => `g:a:${page * SEQS + SEQS}`);
      expect((await index.get(generation, messages)).filter((message) => message === undefined)).toEqual([]);
    },
  );

  test.skipIf(!has.restart)(`${SENDS} sends and ${KILLS} kills of Elasticsearch`, { timeout }, async () => {
    const seen: Readiness[] = [];
    let pid: number | undefined;
    const { counts } = await playOnElasticsearch("Elasticsearch killed", SENDS, (searching, server, nth) =>
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

  // The same load as on the embedded index is run there in full.
  const half = Math.ceil(SENDS / 2);
  test(`${half} sends and ${KILLS} kills of Tidings`, { timeout }, () =>
    playOnElasticsearch("killed servers on Elasticsearch", half, (searching, server, nth) =>
      searching.mayBeAway(() => endAndStart(server, nth)),
    ).then(() => undefined),
  );

  const quarter = Math.ceil(SENDS / 4);
  test(`${quarter} sends and ${KILLS} replays with a kill of Tidings, or of both, in the middle`, { timeout }, async () => {
    let killedBuilding = 0;
    await playOnElasticsearch("killed replays on Elasticsearch", quarter, async (searching, server, nth) => {
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
