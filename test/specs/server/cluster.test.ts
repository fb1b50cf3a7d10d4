import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChokingServers, chokingServers } from "../../support/chokingServers.ts";
import { type Client, clientOf, registeredAll } from "../../support/client.ts";
import { type Entry } from "../../support/answers.ts";
import { followInbox } from "../../support/followedInbox.ts";
import { firstConversation } from "../../support/readmeSession.ts";
import { realElasticsearch } from "../../support/realElasticsearch.ts";
import { realEventStore } from "../../support/realEventStore.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { realRedis } from "../../support/realRedis.ts";
import { type Relay, relay } from "../../support/relay.ts";
import { runTidings, searchIsLive, type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/*
 * A cluster of real processes: a projector, or two that share the slices of the views, and two that serve clients, on one
 * EventStoreDB, PostgreSQL and Redis. Nothing of it can be had with an embedded log, which one process alone writes.
 */

const [log, database, redis] = [realEventStore("a cluster"), realPostgres("a cluster"), realRedis("a cluster")];
const engine = realElasticsearch("the search of a cluster");

const SECRET = "a secret that all servers of the cluster have";

describe.skipIf(!log || !database || !redis).each([1, 4])("a cluster whose views are in %i slices", (slices) => {
  const ending: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  let folder: string;
  let settings: Settings;
  let choking: ChokingServers;
  let between: Relay;
  let projector: Server;
  let one: Server;
  let other: Server;

  const started = async (name: string, role: string, ready = true): Promise<Server> => {
    const own = role === "projector" ? choking.settings : {};
    const server = await startServer({ dataDir: join(folder, name), settings: { ...settings, ...own, ROLE: role }, ready });
    ending.push(() => server.remove());
    return server;
  };
  const at = (server: Server) => ({ address: () => server.address(), token: server.token });
  const textsOf = (entries: readonly Entry[]): (string | null)[] =>
    entries.flatMap((entry) => ("message" in entry && entry.message ? [entry.message.text] : []));

  beforeAll(async () => {
    const { path, remove } = await tempDir();
    folder = path;
    ending.push(remove);
    choking = await chokingServers(folder);
    const target = new URL(redis?.url ?? "");
    between = await relay(`http://${target.host}`);
    ending.push(async () => between[Symbol.asyncDispose]());
    target.host = between.host;
    settings = {
      EVENTSTORE_URL: log?.url,
      EVENTSTORE_PREFIX: log?.newPrefix(),
      DATABASE_URL: database?.url,
      DATABASE_SCHEMA: database?.newSchema(),
      REDIS_URL: target.href,
      REDIS_PREFIX: redis?.newPrefix(),
      AUTH_SECRET: SECRET,
      PRESENCE_GRACE: "0",
      ...(slices > 1 ? { PROJECTION_SLICES: String(slices) } : {}),
      ...(engine ? { ELASTICSEARCH_URL: engine.url, ELASTICSEARCH_PREFIX: engine.newPrefix() } : {}),
    };
    [projector, one, other] = await Promise.all([
      started("projector", "projector"),
      started("one", "api"),
      started("other", "api"),
      ...(slices > 1 ? [started("second", "projector")] : []),
      ...(engine ? [started("indexer", "indexer")] : []),
    ]);
  }, 120_000);

  /** Whoever acts on one server, and the same user's client of the other. */
  const people = async (...names: string[]): Promise<{ here: Client[]; there: Client[] }> => {
    const here = await registeredAll(at(one), ...names);
    const there = await Promise.all(names.map(async (name) => clientOf(at(other), name)));
    return { here, there };
  };

  test("the README's first conversation goes as it says there, word by word", { timeout: 120_000 }, async () => {
    const hostOf = (server: Server): string => new URL(server.url).host;
    await firstConversation({ host: hostOf(one), liveHost: hostOf(other), settings: { AUTH_SECRET: SECRET } });
  });

  test("what is written at one server is read and told at the other", { timeout: 60_000 }, async () => {
    const { here, there } = await people("ann", "ben");
    const [ann, ben] = [here[0] as Client, there[1] as Client];
    const inbox = ben.inbox((await ben.sync()).cursor);
    const took: number[] = [];
    for (let n = 1; n <= 20; n++) {
      const { message, cursor } = await ann.act("sendMessage", { userId: "ben", text: `message ${n}` });
      // Read your own writes, at any server.
      const read = await ben.syncAll(null, { atLeast: cursor });
      expect(textsOf(read.entries)).toContain(`message ${n}`);
      const began = performance.now();
      await inbox.until(`message ${n}`, (entry) => "message" in entry && entry.message?.id === message.id);
      took.push(performance.now() - began);
    }
    await inbox.close();
    expect(textsOf(inbox.entries)).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index + 1}`));
    // By then it was read: the news is not the slow way's.
    expect(Math.max(...took)).toBeLessThan(1_000);
  });

  test("a right that was taken away at one server is gone at the other once it is read there", { timeout: 60_000 }, async () => {
    const { here, there } = await people("cem", "dan");
    const [cem, dan] = [here[0] as Client, there[1] as Client];
    const { conversation, cursor } = await cem.act("createConversation", { kind: "GROUP", title: "Tea", memberIds: ["dan"] });
    expect(await dan.conversation(conversation.id, cursor)).not.toBeNull();
    await dan.act("sendMessage", { conversationId: conversation.id, text: "hello" });
    const removed = await cem.act("removeMembers", { conversationId: conversation.id, userIds: ["dan"] });
    await dan.sync(null, { atLeast: removed.cursor });
    await expect(dan.act("sendMessage", { conversationId: conversation.id, text: "still here" })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });

  const found = async (client: Client, text: string, atLeast?: string): Promise<number> =>
    (
      await client.ask<{ searchMessages: { totalCount: number } }>(
        "query ($query: MessageQuery!, $atLeast: Cursor) { searchMessages(query: $query, atLeast: $atLeast) { totalCount } }",
        { query: { text }, atLeast },
      )
    ).searchMessages.totalCount;

  test.skipIf(!engine)("what is written at one server is found at the other", { timeout: 120_000 }, async () => {
    await searchIsLive(other);
    const { here, there } = await people("olga", "pit");
    const { cursor } = await (here[0] as Client).act("sendMessage", { userId: "pit", text: "marmalade" });
    expect(await found(there[1] as Client, "marmalade", cursor)).toBe(1);
  });

  test.skipIf(engine)("without Elasticsearch searches are refused, and nothing else is", async () => {
    const { here, there } = await people("olga", "pit");
    await (here[0] as Client).act("sendMessage", { userId: "pit", text: "marmalade" });
    await expect(found(there[1] as Client, "marmalade")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const { status, body } = await other.readiness();
    expect([status, body.components["search"]?.ready]).toEqual([200, false]);
  });

  test("servers of clients keep nothing on disk", async () => {
    for (const name of ["one", "other"]) expect(await readdir(join(folder, name)).catch(() => [])).toEqual([]);
  });

  test(
    "who is online at one server is online at the other, until that ends, even without a word",
    { timeout: 90_000 },
    async () => {
      const third = await started("third", "api");
      const { here, there } = await people("eve", "fay");
      await (here[0] as Client).act("sendMessage", { userId: "fay", text: "hello" });
      const fay = there[1] as Client;
      const isOnline = async (): Promise<boolean> => {
        const { user } = await fay.ask<{ user: { presence: { online: boolean | null }[] } }>(
          `query { user(id: "eve") { presence { online } } }`,
        );
        return user.presence.some(({ online }) => online === true);
      };
      await until("nobody is online", async () => !(await isOnline()));
      const eve = await clientOf(at(third), "eve");
      const inbox = eve.inbox();
      await until("eve is online", isOnline);
      await inbox.close();
      await until("eve is offline", async () => !(await isOnline()));

      const again = eve.inbox();
      await until("eve is online again", isOnline);
      await third.kill();
      await until("eve is offline, although nobody said so", async () => !(await isOnline()), 30_000);
      await again.close();
    },
  );

  test("while Redis is away clients are told within two seconds, and it comes back by itself", { timeout: 120_000 }, async () => {
    const { here, there } = await people("gil", "hal");
    const [gil, hal] = [here[0] as Client, there[1] as Client];
    const inbox = hal.inbox((await hal.sync()).cursor);
    const sent = async (text: string): Promise<number> => {
      const began = performance.now();
      const { message } = await gil.act("sendMessage", { userId: "hal", text });
      await inbox.until(text, (entry) => "message" in entry && entry.message?.id === message.id);
      return performance.now() - began;
    };
    await sent("before");
    between.interrupt();
    await until("it is noticed", async () => (await other.readiness()).body.components["signals"]?.ready === false);
    const { status, body } = await other.readiness();
    expect(status).toBe(200);
    expect(body.components["signals"]?.detail).toMatch(/cannot be reached/);
    for (let n = 0; n < 5; n++) expect(await sent(`away ${n}`)).toBeLessThan(2_000);
    between.restore();
    await until("it is back", async () => (await other.readiness()).body.components["signals"]?.ready === true);
    await sent("after");
    await inbox.close();
    expect(textsOf(inbox.entries)).toEqual(["before", ...Array.from({ length: 5 }, (_, n) => `away ${n}`), "after"]);
  });

  test(
    "a subscriber whose server is killed goes on at the other, with nothing lost or doubled",
    { timeout: 120_000 },
    async () => {
      const third = await started("fourth", "api");
      const { here } = await people("ida", "jon");
      const ida = here[0] as Client;
      const servers = [third, other];
      let turn = 0;
      const reader = followInbox<Entry>({
        // Behind a load balancer: whichever is there.
        address: () => servers[turn++ === 0 ? 0 : 1]!.url,
        token: await other.token("jon"),
        after: (await (await clientOf(at(other), "jon")).sync()).cursor,
        selection: "... on MessageReceived { message { id text } }",
      });
      await until("it follows", () => reader.counts.caughtUp > 0);
      const wanted = Array.from({ length: 60 }, (_, n) => `message ${n}`);
      for (const [n, text] of wanted.entries()) {
        if (n === 30) await third.kill();
        await ida.act("sendMessage", { userId: "jon", text });
      }
      await until("all have come", () => textsOf(reader.entries).length >= wanted.length);
      await reader.close();
      expect(reader.fault).toBeUndefined();
      expect(textsOf(reader.entries)).toEqual(wanted);
    },
  );

  test("a projector that is killed goes on where it was", { timeout: 120_000 }, async () => {
    const { here, there } = await people("kai", "leo");
    const [kai, leo] = [here[0] as Client, there[1] as Client];
    const before = await kai.act("sendMessage", { userId: "leo", text: "before" });
    await leo.sync(null, { atLeast: before.cursor });
    await projector.kill();
    // What was there is read; what needs rights waits for rows that are new enough.
    expect((await other.readiness()).status).toBe(200);
    expect(textsOf((await leo.syncAll()).entries)).toEqual(["before"]);
    const sending = (await clientOf(at(one), "kai", { patient: {} })).act("sendMessage", {
      userId: "leo",
      text: "while it is away",
    });
    await projector.start();
    const { cursor } = await sending;
    expect(textsOf((await leo.syncAll(null, { atLeast: cursor })).entries)).toEqual(["before", "while it is away"]);
  });

  test("operators replay and verify through a server that folds nothing", { timeout: 120_000 }, async () => {
    const environment = { ...settings, DATA_DIR: join(folder, "operator"), SERVER_URL: one.url };
    const replayed = await runTidings(["replay", "inboxes"], environment);
    expect(replayed, replayed.out + replayed.err).toMatchObject({ code: 0 });
    const verified = await runTidings(["verify", "inboxes"], environment);
    expect(verified, verified.out + verified.err).toMatchObject({ code: 0 });
    expect(verified.out).toMatch(/inboxes: 0 differences/);
    const { out } = await runTidings(["doctor"], environment);
    expect(out).toMatch(/signals\s+redis/);
    const { here } = await people("mia", "nik");
    await (here[0] as Client).act("sendMessage", { userId: "nik", text: "after the replay" });
  });

  test("what is parked is tried again by whoever holds its slice, whichever server is asked", { timeout: 120_000 }, async () => {
    const { here } = await people("oda", "pia");
    const oda = here[0] as Client;
    await choking.chokeOn([{ projection: "mentions", type: "MessageSent", words: "too much" }]);
    const groups: string[] = [];
    for (let n = 0; n < 3 * slices; n++) {
      const { conversation } = await oda.act("createConversation", { kind: "GROUP", title: `Group ${n}`, memberIds: ["pia"] });
      groups.push(conversation.id);
    }
    const mentions = async (): Promise<(string | null)[]> =>
      (
        await (here[1] as Client).ask<{ viewer: { mentions: { edges: { node: { text: string | null } }[] } } }>(
          "{ viewer { mentions(first: 100) { edges { node { text } } } } }",
        )
      ).viewer.mentions.edges.map(({ node }) => node.text);
    for (const text of ["too much", "behind it"])
      for (const conversationId of groups) await oda.act("sendMessage", { conversationId, text, mentions: ["pia"] });
    const operator = await clientOf(at(one), "operator", { admin: true });
    const parked = async (): Promise<number> => {
      type Parked = { admin: { parked: { edges: { node: { projection: string } }[] } } };
      const { admin } = await operator.ask<Parked>("{ admin { parked(first: 100) { edges { node { projection } } } } }");
      return admin.parked.edges.filter(({ node }) => node.projection === "mentions").length;
    };
    const retry = async (): Promise<void> => void (await operator.ask('mutation { retryParked(name: "mentions") { parked } }'));
    await until("all are parked", async () => (await parked()) === 2 * groups.length);
    await retry();
    expect(await parked()).toBe(2 * groups.length);
    await choking.relent();
    await retry();
    expect(await parked()).toBe(0);
    await until("all are shown", async () => (await mentions()).length === 2 * groups.length);
    const verified = await runTidings(["verify", "mentions"], {
      ...settings,
      DATA_DIR: join(folder, "operator"),
      SERVER_URL: other.url,
    });
    expect(verified.out + verified.err).toMatch(/mentions: 0 differences/);
  });

  test("no server has logged a fault", () => {
    const faults = [projector, one, other].flatMap((server) => server.faults());
    expect(faults.filter((line) => !line.includes("mentions parked MessageSent at"))).toEqual([]);
  });
});
