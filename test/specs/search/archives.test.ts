import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { join } from "node:path";
import { highlight, parseQuery } from "../../../src/domain/words.ts";
import type { SearchFilter, SearchPlace } from "../../../src/ports/searchIndex.ts";
import { randomOf } from "../../support/random.ts";
import { type Archive, archiveFiles, firstLines, madeUp } from "../../support/archives.ts";
import { type BruteForce, bruteForceSearch, type Live } from "../../support/bruteForceSearch.ts";
import { embeddedEngine, engines } from "../../support/engines.ts";
import { seed } from "../../support/property.ts";
import { runTidings, searchIsLive, type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { type Counts, type Facet, found, type MessageQuery } from "./asking.ts";
import { randomQuery } from "./queries.ts";
import { peopleOfArchives, type Viewer, type ArchivePeople } from "../../support/archivePeople.ts";

/*
 * Archives and what others write beside them, searched over the network by people of all rights, against brute force over what
 * their timelines say; on every engine in turn, over one log. SEARCH_LINES: lines of each archive, SEARCH_QUERIES: searches on
 * each engine.
 */

const LINES = Number(process.env["SEARCH_LINES"] ?? 2_000);
const QUERIES = Number(process.env["SEARCH_QUERIES"] ?? 150);
/** Of whole archives. */
const PATIENCE_MS = 3_600_000;
/** Hits that are read page by page to their end; of more the first pages. */
const READ_WHOLE = 300;
const FIRST_PAGES = 3;
/** Above, `totalCount` may stop counting. */
const COUNTED = 10_000;

const says = (text: string) => process.stdout.write(`search over the network: ${text}\n`);

let folder: Awaited<ReturnType<typeof tempDir>>;
let settings: Settings;
let server: Server | undefined;
let people: ArchivePeople;
const rng = randomOf(seed("search over the network"));

/** Wherever it listens now. */
const reachable = {
  get address(): string {
    return server?.url ?? "";
  },
  token: (user: string, more?: { admin?: boolean }) => {
    if (!server) throw new Error("no server runs");
    return server.token(user, more);
  },
};

async function serve(more: Settings): Promise<Server> {
  server = await startServer({ dataDir: settings["DATA_DIR"] ?? "", settings: { ...settings, ...more } });
  await searchIsLive(server);
  return server;
}

async function stop(): Promise<void> {
  const running = server;
  server = undefined;
  if (!running) return;
  expect(await running.stop()).toBe(0);
  expect(running.faults()).toEqual([]);
}

beforeAll(async () => {
  folder = await tempDir();
  settings = { DATA_DIR: join(folder.path, "data"), ...embeddedEngine.settings };
  await serve({});
  const read: Archive[] = await Promise.all(archiveFiles().map((file) => firstLines(file, LINES)));
  const archives = read.length > 0 ? read : [madeUp(LINES)];
  const began = performance.now();
  people = await peopleOfArchives(reachable, settings, archives, rng);
  const lines = archives.map((archive) => `${archive.lines.length} lines of ${archive.name}`).join(", ");
  says(`${lines}, imported in ${seconds(began)}`);
  await stop();
}, PATIENCE_MS);

afterEach(stop);
afterAll(() => folder?.remove());

const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

const idOf = ({ conversationId, seq }: SearchPlace): string => `${conversationId}:${seq}`;

describe.each(engines("the search over the network"))("on $name", ({ settings: engine, kind, drop }) => {
  afterAll(drop);

  test("what viewers find is what brute force finds in their timelines", { timeout: PATIENCE_MS }, async () => {
    const starting = performance.now();
    const { readiness } = await serve(engine);
    const live = seconds(starting);
    expect((await readiness()).body.components.search).toMatchObject({ ready: true, kind });
    await people.goOn();
    const { documents, viewers, atLeast } = await people.read();
    const brute = bruteForceSearch(documents);
    const seenOf = new Map<Viewer, { own: Live[]; withPublic: Live[] }>();
    const seenBy = (viewer: Viewer) => {
      const seen = seenOf.get(viewer) ?? {
        own: brute.live.filter((message) => isVisible(viewer.own, message)),
        withPublic: brute.live.filter((message) => isVisible(viewer.withPublic, message)),
      };
      seenOf.set(viewer, seen);
      return seen;
    };
    const messages = new Map(brute.live.map((message) => [`${message.conversationId}:${message.seq}`, message]));

    const began = performance.now();
    const totals = { hits: 0, none: 0, pages: 0, brute: 0 };
    for (let round = 0; round < QUERIES; round++) {
      const viewer = rng.pick(viewers);
      const includePublic = rng.chance(0.6);
      // Words of what they see, and of what they do not.
      const seen = rng.chance(0.8) ? seenBy(viewer)[includePublic ? "withPublic" : "own"] : brute.live;
      const query = { ...randomQuery(rng, seen.length > 0 ? seen : brute.live), includePublic };
      const looking = performance.now();
      const expected = expectedOf(brute, viewer, query);
      totals.brute += performance.now() - looking;
      const first = rng.int(10, 100);
      const pages = expected.length > READ_WHOLE ? FIRST_PAGES : Number.POSITIVE_INFINITY;
      const answer = await found(viewer.client, query, { first, atLeast, pages });
      const context = `${viewer.name}: ${JSON.stringify(query)}, ${first} a page`;

      const ids = answer.hits.map(({ message }) => message.id);
      const wanted = expected.map(idOf);
      if (query.orderBy === "RELEVANCE" && query.text !== undefined) {
        expect(new Set(ids).size, context).toBe(ids.length);
        expect(ids.length, context).toBe(Math.min(wanted.length, pages * first));
        const all = new Set(wanted);
        expect(
          ids.filter((id) => !all.has(id)),
          context,
        ).toEqual([]);
      } else expect(ids, context).toEqual(wanted.slice(0, pages * first));
      expect(answer.hasMore, context).toBe(wanted.length > ids.length);
      checkCounts(answer.counts, expected, messages, context);
      const units = query.text === undefined ? [] : parseQuery(query.text);
      for (const { message, highlights } of answer.hits) {
        const text = messages.get(message.id)?.text ?? "";
        expect(message.text ?? "", context).toBe(text);
        expect(highlights, context).toEqual(highlight(text, units));
        if (units.length > 0)
          expect(
            highlights.some(({ hit }) => hit),
            context,
          ).toBe(true);
      }
      totals.hits += expected.length;
      totals.none += expected.length === 0 ? 1 : 0;
      totals.pages += Math.max(1, Math.ceil(ids.length / first));
    }
    const searching = performance.now() - began - totals.brute;
    says(
      [
        `${kind}: live after ${live}, ${documents.length} messages, ${viewers.length} viewers;`,
        `${QUERIES} searches as by brute force (${totals.hits} hits, ${totals.none} without any, ${totals.pages} pages read),`,
        `${(searching / QUERIES).toFixed(1)} ms each with their counts`,
      ].join(" "),
    );
    expect(totals.hits).toBeGreaterThan(QUERIES);
    expect(totals.none).toBeLessThan(QUERIES / 2);

    const { code, out, err } = await runTidings(["verify", "search"], { ...settings, ...engine }, { withinMs: PATIENCE_MS });
    expect({ code, err }, out).toEqual({ code: 0, err: "" });
    expect(out).toContain("search: 0 differences\n");
  });
});

const isVisible = ({ conversationIds, windows }: Viewer["own"], { conversationId, seq }: Live): boolean =>
  conversationIds.includes(conversationId) ||
  windows.some(
    (window) => window.conversationId === conversationId && seq >= window.fromSeq && seq <= (window.toSeq ?? Infinity),
  );

function expectedOf(brute: BruteForce, viewer: Viewer, query: MessageQuery): SearchPlace[] {
  const { text, conversationId, senderId, kind, topic, sentAfter, sentBefore, includePublic = false } = query;
  const filter: SearchFilter = {
    visible: includePublic ? viewer.withPublic : viewer.own,
    ...(conversationId !== undefined && { conversationIds: [conversationId] }),
    ...(senderId !== undefined && { senderIds: [senderId] }),
    ...(kind !== undefined && { kinds: [kind] }),
    ...(topic !== undefined && { topic }),
    ...(sentAfter !== undefined && { sentFrom: Date.parse(sentAfter) + 1 }),
    ...(sentBefore !== undefined && { sentTo: Date.parse(sentBefore) }),
  };
  return brute.search({ units: text === undefined ? [] : parseQuery(text), filter, order: "NEWEST", limit: 0 });
}

/** At most so many keys. */
const KEYS = 1_000;

function checkCounts(
  { totalCount, ...facets }: Counts,
  expected: readonly SearchPlace[],
  messages: ReadonlyMap<string, Live>,
  context: string,
): void {
  const hits = expected.map((place) => messages.get(idOf(place)) as Live);
  if (hits.length < COUNTED) expect(totalCount, context).toBe(hits.length);
  else expect(totalCount, context).toBeGreaterThanOrEqual(COUNTED);
  const most = (keyOf: (message: Live) => string) =>
    countsOf(hits, keyOf).sort((one, other) => other.count - one.count || byKey(one, other));
  expect(facets, context).toEqual({
    bySender: most(({ senderId }) => senderId).slice(0, KEYS),
    byConversation: most(({ conversationId }) => conversationId).slice(0, KEYS),
    byMonth: countsOf(hits, ({ sentAt }) => new Date(sentAt).toISOString().slice(0, 7))
      .sort((one, other) => byKey(other, one))
      .slice(0, KEYS),
  });
}

const byKey = (one: Facet, other: Facet): number => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));

function countsOf(hits: readonly Live[], keyOf: (message: Live) => string): Facet[] {
  const counts = new Map<string, number>();
  for (const hit of hits) counts.set(keyOf(hit), (counts.get(keyOf(hit)) ?? 0) + 1);
  return [...counts].map(([key, count]) => ({ key, count }));
}
