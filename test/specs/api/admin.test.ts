import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { type Connection } from "../../support/answers.ts";
import { type Client, clientOf, pages, refusal, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
let operator: Client;
let ann: Client;
beforeAll(async () => {
  server = await apiServer();
  [ann] = await registeredAll(server, "ann", "bob");
  operator = await clientOf(server, "operator", { admin: true });
  await until("all parts have started", async () => {
    const { ready, components: parts } = await server.tidings.health();
    return ready && parts.every(({ reachable }) => reachable);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

type Component = {
  role: string;
  kind: string;
  reachable: boolean;
  version: string | null;
  detail: string | null;
  bytes: number | null;
};
type Projection = {
  name: string;
  version: number;
  state: string;
  cursor: string;
  lag: number | null;
  progress: number | null;
  eventsPerSecond: number | null;
  differences: number | null;
  parked: number;
  lastError: string | null;
};
type Parked = {
  projection: string;
  cursor: string;
  eventType: string;
  error: string;
  attempts: number;
  parkedAt: string;
};

const NAMES = [...viewProjections, search].map(({ name }) => name);

const components = async () =>
  (
    await operator.ask<{ admin: { components: Component[] } }>(
      "{ admin { components { role kind reachable version detail bytes } } }",
    )
  ).admin.components;

const projections = async () =>
  (
    await operator.ask<{ admin: { projections: Projection[] } }>(
      `{ admin { projections {
        name version state cursor lag progress eventsPerSecond differences parked lastError
      } } }`,
    )
  ).admin.projections;

const parked = async (variables: { name?: string; first?: number; after?: string | null } = {}) =>
  (
    await operator.ask<{ admin: { parked: Connection<Parked> } }>(
      `query ($name: String, $first: Int, $after: String) { admin { parked(name: $name, first: $first, after: $after) {
        edges { cursor node { projection cursor eventType error attempts parkedAt } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      } } }`,
      variables,
    )
  ).admin.parked;

/** What its views and its signals are, as it was told. */
const kinds = () => ({
  views: server.config.databaseUrl === undefined ? "level" : "postgresql",
  signals: server.config.redisUrl === undefined ? "local" : "redis",
});

const say = async (text: string) => (await ann.act("sendMessage", { userId: "bob", text })).cursor;

describe("operating", () => {
  it("is for who has the scope admin, registered or not", async () => {
    const all = ["components { role }", "projections { name }", "parked { pageInfo { endCursor } }", "generations { name }"];
    for (const asked of [...all, "disk { freeBytes }", "doubts { setting }", "version"])
      expect(await refusal(ann.ask(`{ admin { ${asked} } }`))).toEqual({ code: "FORBIDDEN" });
    const stranger = await clientOf(server, "stranger");
    expect(await refusal(stranger.ask("{ admin { __typename } }"))).toEqual({ code: "NOT_FOUND" });
  });

  it("tells of what it is made, and how each part is", async () => {
    const version = expect.stringMatching(/^\d+\.\d+/) as string;
    const bytes = expect.any(Number) as number;
    const sound = { reachable: true, detail: null };
    const log = (await server.tidings.log.status()).kind;
    // A log on a server of its own says which nodes it is on.
    await until("search is built", async () =>
      (await components()).every(({ role, detail }) => role === "log" || detail === null),
    );
    expect(await components()).toMatchObject([
      { role: "log", kind: log, reachable: true, version, bytes },
      { role: "views", kind: kinds().views, ...sound, version, bytes },
      { role: "search", kind: "sqlite", ...sound, version, bytes },
      { role: "signals", kind: kinds().signals, ...sound, version: kinds().signals === "local" ? null : version, bytes: null },
      { role: "processes", kind: "embedded", ...sound, version: null, bytes: null },
      { role: "files", kind: "folder", ...sound, version: null, bytes: null },
      { role: "push", kind: "web_push", ...sound, version: null, bytes: null },
    ]);
    for (const { role, bytes: size } of await components())
      if (!["signals", "processes", "files", "push"].includes(role)) expect(size).toBeGreaterThan(0);
  });

  it("tells that every projection is at the log's end, once what was sent is folded", async () => {
    for (let count = 0; count < 20; count++) await say(`message ${count}`);
    const end = await say("the last");
    await operator.ask('query ($end: Cursor) { node(id: "ann", atLeast: $end) { id } }', { end });
    const rest = { state: "LIVE", lag: 0, parked: 0, lastError: null };
    // Search, in a thread of its own, may take a moment longer.
    const found = await until("all are there", async () => {
      const all = await projections();
      return all.every(({ cursor, lag }) => cursor >= end && lag === 0) ? all : undefined;
    });
    expect(found.map(({ name, version }) => [name, version])).toEqual(
      [...viewProjections, search].map(({ name, version }) => [name, version]),
    );
    for (const projection of found) {
      expect(projection).toMatchObject({ ...rest, progress: null, eventsPerSecond: null, differences: null });
      expect(projection.cursor >= end).toBe(true);
    }
  });
});

describe("what is kept", () => {
  it("is told of each generation, also of one that nobody reads, or that is being built", async () => {
    type Generation = { name: string; projection: string; version: number; state: string; cursor: string; bytes: number | null };
    const generations = async () =>
      (
        await operator.ask<{ admin: { generations: Generation[] } }>(
          "{ admin { generations { name projection version state cursor bytes } } }",
        )
      ).admin.generations;
    const end = await say("one more");
    await until("all are there", async () => (await generations()).every(({ cursor }) => cursor >= end));
    const found = await generations();
    expect(found.map(({ projection, state }) => [projection, state])).toEqual(NAMES.map((name) => [name, "READ"]));
    for (const { name, projection, version, bytes } of found) {
      expect(name).toBe(`${projection}@${version}#1`);
      expect(bytes, projection).toBeGreaterThanOrEqual(0);
    }
    await operator.ask('mutation { replayProjection(name: "devices") { name } }');
    const after = await until("another one is read", async () => {
      const now = (await generations()).filter(({ projection }) => projection === "devices");
      return now.find(({ state }) => state === "READ")?.name.endsWith("#2") === true ? now : undefined;
    });
    expect(after.map(({ name, state }) => [name.split("#")[1], state])).toEqual([
      ["1", "LEFT"],
      ["2", "READ"],
    ]);
  });

  it("is on a disk, by a version, with settings that may look wrong", async () => {
    const { admin } = await operator.ask<{ admin: { version: string; disk: Record<string, number>; doubts: unknown[] } }>(
      "{ admin { version disk { freeBytes totalBytes } doubts { setting severity reason } } }",
    );
    expect(admin.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(admin.disk.freeBytes).toBeGreaterThan(0);
    expect(admin.disk.totalBytes).toBeGreaterThan(admin.disk.freeBytes ?? 0);
    expect(admin.doubts).toEqual(expect.any(Array));
  });
});

describe("/ready", () => {
  it("tells the same, without what only an operator needs", async () => {
    type Ready = { projections: Record<string, { behind: unknown }> };
    const ask = async () => {
      const answer = await fetch(`${server.address}/ready`);
      return [answer.status, (await answer.json()) as Ready] as const;
    };
    // What was counted a moment ago is told again.
    const found = await until("nothing is behind", async () => {
      const answer = await ask();
      return Object.values(answer[1].projections).every(({ behind }) => behind === 0) && answer;
    });
    const { kind, version } = await server.tidings.log.status();
    expect(found).toMatchObject([
      200,
      {
        ready: true,
        components: {
          log: { ready: true, kind, version },
          views: { ready: true, kind: kinds().views, version: expect.any(String) as string },
          search: { ready: true, kind: "sqlite", version: expect.any(String) as string },
          signals: { ready: true, kind: kinds().signals },
        },
        projections: Object.fromEntries(NAMES.map((name) => [name, { state: "LIVE", behind: 0 }])),
      },
    ]);
  });
});

describe("events that no projection can handle", () => {
  it("are listed, page by page, and do not keep it from being ready", async () => {
    expect((await parked()).edges).toEqual([]);
    const id = "d:ann~bob";
    const at = new Date().toISOString();
    const broken = (type: string) => ({
      id: randomUUID(),
      type,
      data: { conversationId: id, nothing: "of what it should be" },
      metadata: { $correlationId: "c", $causationId: "c", actorId: "ann", at, schema: 1 },
    });
    const { position: first } = await server.tidings.log.append(`annotation-${id}:1`, [broken("MessageRecalled")], "any");
    const { position: last } = await server.tidings.log.append(`annotation-${id}:2`, [broken("MessageEdited")], "any");
    await until("they are parked", async () => (await projections()).every(({ cursor, lag }) => cursor >= last && lag === 0));

    const all = (await parked()).edges.map(({ node }) => node);
    const [recalled, edited] = all;
    expect(recalled).toMatchObject({ cursor: first, eventType: "MessageRecalled", attempts: 3 });
    expect(recalled?.error).toMatch(/senderId/);
    // Of the same conversation: it waits behind the first.
    expect(edited).toMatchObject({ projection: recalled?.projection, cursor: last, eventType: "MessageEdited", attempts: 0 });
    expect(edited?.error).toMatch(/waits/);
    // Search keeps messages apart: one that cannot be read keeps no other from being found.
    const ofSearch = all.filter(({ projection }) => projection === "search");
    expect(ofSearch.map(({ cursor, attempts }) => [cursor, attempts])).toEqual([
      [first, 3],
      [last, 3],
    ]);
    for (const { parkedAt } of all) expect(new Date(parkedAt).toISOString()).toBe(parkedAt);
    const ordered = [...all].sort(
      (one, other) => NAMES.indexOf(one.projection) - NAMES.indexOf(other.projection) || (one.cursor < other.cursor ? -1 : 1),
    );
    expect(all).toEqual(ordered);

    expect(await pages((after) => parked({ first: 1, after }))).toEqual(all);
    const counts = NAMES.map((name) => all.filter(({ projection }) => projection === name).length);
    expect((await projections()).map((projection) => projection.parked)).toEqual(counts);
    for (const name of NAMES)
      expect((await parked({ name })).edges.map(({ node }) => node)).toEqual(all.filter(({ projection }) => projection === name));

    const views = (await components()).find(({ role }) => role === "views");
    expect(views).toMatchObject({ reachable: true, detail: expect.stringContaining("are parked") as string });
    expect((await fetch(`${server.address}/ready`)).status).toBe(200);
    // Each of them is said once, as it is parked.
    const said = server.logged.splice(0);
    expect(said).toHaveLength(all.filter(({ attempts }) => attempts > 0).length);
    for (const line of said) expect(line).toMatch(/parked MessageRecalled|search parked MessageEdited/);
  });

  it("are asked for as every list is", async () => {
    expect(await refusal(parked({ name: "nonsense" }))).toEqual({ code: "BAD_INPUT", field: "name" });
    expect(await refusal(parked({ first: 0 }))).toEqual({ code: "BAD_INPUT", field: "first" });
    expect(await refusal(parked({ first: 101 }))).toEqual({ code: "BAD_INPUT", field: "first" });
    const cursor = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString("base64url");
    for (const after of ["rubbish", cursor("timelines"), cursor("nonsense", server.tidings.log.origin), cursor("timelines", "x")])
      expect(await refusal(parked({ after }))).toEqual({ code: "BAD_INPUT", field: "after" });
  });
});
