import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { searchFile } from "../../../src/adapters/searchIndex/sqlite/database.ts";
import { type Tables, tablesOf } from "../../../src/adapters/searchIndex/sqlite/tables.ts";
import { importedGroupId } from "../../../src/commands/imports.ts";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { madeUp } from "../../support/archives.ts";
import { embeddedEngine } from "../../support/engines.ts";
import { runTidings, searchIsLive, type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/*
 * `replay` and `verify`, directly and through a running server, by command and by API; one log for all. An index that differs is
 * made by editing its database while nobody has it open.
 */

const LINES = 3_000;
const ROOM = importedGroupId("room 0");

let folder: Awaited<ReturnType<typeof tempDir>>;
let dataDir: string;
let settings: Settings;
/** The server of a test, where it has one. */
let server: Server | undefined;
/** A direct conversation: `edited one`, one that was recalled, `three`. */
let direct: string;

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, "data");
  settings = { DATA_DIR: dataDir, ...embeddedEngine.settings };
  const file = join(folder.path, "archive.jsonl");
  await writeFile(
    file,
    madeUp(LINES)
      .lines.map((line) => `${JSON.stringify(line)}\n`)
      .join(""),
  );
  const { code, err } = await runTidings(["import", file], settings);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const own = await startServer({ dataDir, settings });
  const address = { address: own.url, token: own.token };
  const ann = await registered(address, "ann");
  await registered(address, "bob");
  const sent = async (text: string) => (await ann.act("sendMessage", { userId: "bob", text })).message;
  const [one, two] = [await sent("one"), await sent("two"), await sent("three")];
  direct = one.conversation.id;
  await ann.act("editMessage", { conversationId: direct, seq: one.seq, text: "edited one" });
  await ann.act("recallMessage", { conversationId: direct, seq: two.seq });
  expect(await own.stop()).toBe(0);
});

afterEach(async () => {
  const running = server;
  server = undefined;
  if (running) expect(await running.stop()).toBe(0);
});

afterAll(() => folder?.remove());

const serve = async (): Promise<Server> => (server = await startServer({ dataDir, settings }));

/** Once there is something to operate, too. */
async function serveLive(): Promise<Server> {
  const own = await serve();
  await searchIsLive(own);
  return own;
}

/** Someone of this id on the server of the test. */
const client = (user: string, more: { admin?: boolean } = {}): Promise<Client> => {
  const { url = "", token = () => Promise.reject(new Error("no server")) } = server ?? {};
  return clientOf({ address: url, token }, user, more);
};

const PROJECTION_NAMES = [...viewProjections, search].map(({ name }) => name);

const run = (...args: string[]) => runTidings(args, settings);

type Generation = { number: number; name: string; active: boolean };

/** Runs statements on the index's database while nobody has it open; gives its generations as they were before. */
function inIndex(sql: (active: Tables) => string = () => ""): Generation[] {
  const db = new DatabaseSync(searchFile(dataDir));
  try {
    const found: Generation[] = [];
    // By `exec` alone: a prepared statement would keep the files open after `close`, until it is collected.
    db.function("found", (number: number, name: string, active: number) => found.push({ number, name, active: active === 1 }));
    db.exec("select found(number, name, active) from generations order by number");
    const active = found.find((generation) => generation.active);
    if (!active) throw new Error("there is no active generation");
    db.exec(sql(tablesOf(active.number)));
    return found;
  } finally {
    db.close();
  }
}

/** The row of `conversations` and `seq`, as a condition. */
const messageAt = ({ conversations }: Tables, conversation: string, seq: number) =>
  `conversation = (select number from ${conversations} where id = '${conversation}') and seq = ${seq}`;

/** What may differ: how the database is changed, how many differences that makes, and what is said of one. */
const DAMAGES: [string, (tables: Tables) => string, number, RegExp][] = [
  [
    "a message is not there",
    (tables) => `delete from ${tables.documents} where ${messageAt(tables, ROOM, 2)}`,
    // The message, and how many its conversation has.
    2,
    /message g:i-\w+:2 is not in the index/,
  ],
  [
    "a message has an older version",
    (tables) => `update ${tables.documents} set version = '' where ${messageAt(tables, ROOM, 3)}`,
    1,
    /message g:i-\w+:3 differs in its version"/,
  ],
  [
    "a message has another text",
    (tables) => `update ${tables.documents} set text = 'another one' where ${messageAt(tables, direct, 1)}`,
    1,
    /message d:ann~bob:1 differs in its text"/,
  ],
  [
    "a message has another sender, topic and time",
    (tables) =>
      `update ${tables.documents} set sender = 'mallory', topic = 'x', sent_at = 5 where ${messageAt(tables, direct, 3)}`,
    1,
    /message d:ann~bob:3 differs in its (?=.*senderId)(?=.*topic)(?=.*sentAt)/,
  ],
  [
    "a recalled one is there, and a message that nobody sent",
    ({ documents, conversations }) =>
      `insert into ${documents} (id, conversation, seq, version, sender, kind, topic, sent_at, text)
       select n, number, seq, 'zz', 'ann', 'TEXT', null, 0, 'none'
       from ${conversations}, (select 1 as n, 2 as seq union select 2, 99) where id = '${direct}'`,
    3,
    /message d:ann~bob:99 is in the index and in no timeline/,
  ],
  [
    "a person has another name, and one is not there",
    ({ entries }) =>
      `update ${entries} set row = json_set(row, '$.name', 'Mallory'), name = 'mallory' where id = 'ann';
       delete from ${entries} where id = 'bob'`,
    2,
    /ann differs in its name/,
  ],
];

const everyDamage = (tables: Tables): string => DAMAGES.map(([, sql]) => sql(tables)).join(";");

/** Verifies, heals by a replay, and verifies again. */
async function heals(told: (doing: string) => string): Promise<void> {
  const damaged = await run("verify", "search");
  expect(damaged.code, damaged.err).toBe(1);
  expect(damaged.out).toContain(told("verifying"));
  const [, differences] = /^search: (\d+) differences$/m.exec(damaged.out) ?? [];
  expect(Number(differences)).toBeGreaterThanOrEqual(DAMAGES.length);
  const replayed = await run("replay", "search");
  expect(replayed.code, replayed.err).toBe(0);
  expect(replayed.out).toContain(told("replaying"));
  expect(replayed.out).toContain("search is replayed\n");
  const healed = await run("verify", "search");
  expect(healed.code, healed.err).toBe(0);
  expect(healed.out).toContain("search: 0 differences\n");
  // Which they are stands on the standard error where there is no server, and in the server's log where there is one.
  for (const [, , , said] of DAMAGES) expect(damaged.err + (server?.log() ?? "")).toMatch(said);
}

describe("without a server", () => {
  test("verify all reads the log, verifies every projection, and finds 0 differences; replay all replaces every one", async () => {
    const verified = await run("verify", "all");
    expect({ code: verified.code, err: verified.err }).toEqual({ code: 0, err: "" });
    const told = (name: string) => `verifying ${name} in ${dataDir}\n(${name}: .*%.*\n)*${name}: 0 differences\n`;
    expect(verified.out).toMatch(new RegExp(`^log: \\d+ events, 0 faults\n${PROJECTION_NAMES.map(told).join("")}$`));
    const replayed = await run("replay", "all");
    expect({ code: replayed.code, err: replayed.err }).toEqual({ code: 0, err: "" });
    const said = (name: string) => `replaying ${name} in ${dataDir}\n(${name}: .*%.*\n)*${name} is replayed\n`;
    expect(replayed.out).toMatch(new RegExp(`^${PROJECTION_NAMES.map(said).join("")}$`));
    expect((await run("verify", "all")).code).toBe(0);
  }, 120_000);

  test("replay builds another one, which takes the place of the first", async () => {
    const activeOf = (found: readonly Generation[]) => found.filter(({ active }) => active).map(({ name }) => name);
    const before = activeOf(inIndex());
    expect(before).toHaveLength(1);
    const { code, out, err } = await run("replay", "search");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^replaying search in ${dataDir}\n(search: .*%.*\n)*search is replayed\n$`));
    const after = activeOf(inIndex());
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });

  test.each(DAMAGES)("verify tells that %s", async (_, sql, differences, said) => {
    const kept = await readFile(searchFile(dataDir));
    inIndex(sql);
    const { code, out, err } = await run("verify", "search");
    await writeFile(searchFile(dataDir), kept);
    expect(code, err).toBe(1);
    expect(out).toContain(`\nsearch: ${differences} differences\n`);
    expect(err).toMatch(said);
  });

  test("replay heals all that", async () => {
    inIndex(everyDamage);
    await heals((doing) => `${doing} search in ${dataDir}\n`);
  });

  test("an index that is not there is made, and is right", async () => {
    await rm(searchFile(dataDir));
    const { code, out, err } = await run("verify", "search");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("search: 0 differences\n");
  });

  test("nothing else can be verified or replayed", async () => {
    for (const args of [
      ["replay", "log"],
      ["verify", "Search"],
      ["replay", "timelines@2"],
      ["replay", ""],
    ]) {
      const { code, out, err } = await run(...args);
      expect({ args, code, out }).toEqual({ args, code: 1, out: "" });
      expect(err).toBe(`tidings: there is no projection ${args[1]}: give one of ${PROJECTION_NAMES.join(", ")}, or all\n`);
    }
    for (const args of [["replay"], ["verify"], ["verify", "search", "all"]]) {
      const { code, out, err } = await run(...args);
      expect({ args, code, out }).toEqual({ args, code: 1, out: "" });
      expect(err).toMatch(/^error: /);
    }
  });
});

const PROJECTIONS = "admin { projections { name state progress eventsPerSecond differences lastError } }";

type Projection = {
  name: string;
  state: string;
  progress: number | null;
  eventsPerSecond: number | null;
  differences: number | null;
  lastError: string | null;
};

const searchOf = ({ admin }: { admin: { projections: Projection[] } }): Projection => {
  const found = admin.projections.find(({ name }) => name === "search");
  if (!found) throw new Error("search is not among the projections");
  return found;
};

/** One question about both, so that the answer was given in that state. */
const ASKED = `query ($room: ID!) {
  searchMessages(query: { text: "hello", conversationId: $room }, first: 100) {
    totalCount
    edges { node { message { id } highlights { text hit } } }
    pageInfo { endCursor hasNextPage }
  }
  ${PROJECTIONS}
}`;

type Asked = { searchMessages: { totalCount: number }; admin: { projections: Projection[] } };

describe("through a running server", () => {
  test("verify tells what differs, and replay heals it", async () => {
    inIndex(everyDamage);
    // They wait for a server that has just started.
    const { url } = await serve();
    await heals((doing) => `${doing} search through the server at ${url}\n`);
  });

  test("searches go on during a replay, and find the same", async () => {
    await serveLive();
    const operator = await client("operator", { admin: true });
    const ask = () => operator.ask<Asked>(ASKED, { room: ROOM });
    await operator.ask(`mutation { join: register(input: { clientMutationId: "1", handle: "operator", name: "O" }) { cursor } }`);
    await operator.act("join", { id: ROOM });
    const before = await ask();
    expect(before.searchMessages.totalCount).toBeGreaterThan(100);
    let isOver = false;
    const states = new Set<string>();
    let asked = 0;
    const asking = Promise.all(
      Array.from({ length: 3 }, async () => {
        while (!isOver) {
          const answer = await ask();
          expect(answer.searchMessages).toEqual(before.searchMessages);
          states.add(searchOf(answer).state);
          asked++;
        }
      }),
    );
    const replayed = await run("replay", "search").finally(() => void (isOver = true));
    await asking;
    expect(replayed.code, replayed.err).toBe(0);
    expect([...states].sort()).toEqual(["LIVE", "REPLAYING"]);
    expect(asked).toBeGreaterThan(10);
    expect((await ask()).searchMessages).toEqual(before.searchMessages);
    expect(server?.faults()).toEqual([]);
  });

  test("a token without the scope admin is refused", async () => {
    const { token } = await serve();
    for (const order of ["verify", "replay"]) {
      const { code, out, err } = await run(order, "search", "--token", await token("ann"));
      expect({ order, code, out }).toEqual({ order, code: 1, out: "" });
      expect(err).toMatch(/^tidings: the server at http:\S+ refused: .*scope admin\n$/);
    }
  });
});

describe("by the API", () => {
  const MUTATIONS = ["replayProjection", "cancelReplay", "verifyProjection", "retryParked"] as const;
  const call = (name: (typeof MUTATIONS)[number], projection = "search") => `${name}(name: "${projection}") { name state }`;

  test("operating takes the scope admin, and what there is to operate", async () => {
    await serveLive();
    const ann = await client("ann");
    const operator = await client("operator", { admin: true });
    for (const name of MUTATIONS) {
      expect(await refusal(ann.ask(`mutation { ${call(name)} }`))).toEqual({ code: "FORBIDDEN" });
      for (const projection of ["all", "Search", "", "search@1"])
        expect(await refusal(operator.ask(`mutation { ${call(name, projection)} }`)), `${name} ${projection}`).toEqual({
          code: "BAD_INPUT",
          field: "name",
        });
    }
    expect(await refusal(ann.ask(`{ ${PROJECTIONS} }`))).toEqual({ code: "FORBIDDEN" });
  });

  /** The search index's status, from now until it is live again. */
  async function statusesUntilLive(operator: Client): Promise<Projection[]> {
    const statuses: Projection[] = [];
    await until("it is live again", async () => {
      const status = searchOf(await operator.ask(`{ ${PROJECTIONS} }`));
      statuses.push(status);
      return status.state === "LIVE";
    });
    return statuses;
  }

  test("a replay is told as it goes on, and is not begun twice", async () => {
    await serveLive();
    const operator = await client("operator", { admin: true });
    expect(await operator.ask(`mutation { ${call("replayProjection")} }`)).toMatchObject({
      replayProjection: { state: "REPLAYING" },
    });
    expect(await refusal(operator.ask(`mutation { ${call("replayProjection")} }`))).toEqual({ code: "CONFLICT" });
    const statuses = await statusesUntilLive(operator);
    for (const { state, progress } of statuses.slice(0, -1)) {
      expect(state).toBe("REPLAYING");
      expect(progress).toBeGreaterThanOrEqual(0);
      expect(progress).toBeLessThanOrEqual(1);
    }
    expect(statuses.at(-1)).toMatchObject({ state: "LIVE", progress: null, eventsPerSecond: null, lastError: null });
    // It can be begun again.
    await operator.ask(`mutation { ${call("replayProjection")} }`);
    await statusesUntilLive(operator);
  });

  test("a replay that is given up leaves nothing, and what was searched is searched on", async () => {
    await serveLive();
    const operator = await client("operator", { admin: true });
    const found = () =>
      operator.ask(`query ($id: ID!) { searchMessages(query: { conversationId: $id, includePublic: true }) { totalCount } }`, {
        id: ROOM,
      });
    const before = await found();
    await operator.ask(`mutation { ${call("replayProjection")} ${call("cancelReplay")} }`);
    await statusesUntilLive(operator);
    expect(await found()).toEqual(before);
    // Nothing is under way that could be given up: it stays as it is.
    expect(await operator.ask(`mutation { ${call("cancelReplay")} }`)).toMatchObject({ cancelReplay: { state: "LIVE" } });
    const active = await runVerify(operator);
    expect(active.differences).toBe(0);
    expect(await server?.stop()).toBe(0);
    server = undefined;
    // Nothing newer than what is searched was left.
    expect(inIndex().at(-1)).toMatchObject({ active: true });
  });

  async function runVerify(operator: Client): Promise<Projection> {
    await operator.ask(`mutation { ${call("verifyProjection")} }`);
    const statuses = await statusesUntilLive(operator);
    return statuses.at(-1) as Projection;
  }

  test("a verification is told as it goes on, with the differences at its end", async () => {
    inIndex(({ documents }) => `update ${documents} set text = 'x' where id in (select id from ${documents} limit 7)`);
    await serveLive();
    const operator = await client("operator", { admin: true });
    expect(searchOf(await operator.ask(`{ ${PROJECTIONS} }`)).differences).toBeNull();
    expect(await operator.ask(`mutation { ${call("verifyProjection")} }`)).toMatchObject({
      verifyProjection: { state: "VERIFYING" },
    });
    expect(await refusal(operator.ask(`mutation { ${call("verifyProjection")} }`))).toEqual({ code: "CONFLICT" });
    const statuses = await statusesUntilLive(operator);
    for (const { state, progress, differences } of statuses.slice(0, -1)) {
      expect({ state, differences }).toEqual({ state: "VERIFYING", differences: null });
      expect(progress).toBeGreaterThanOrEqual(0);
    }
    expect(statuses.at(-1)).toMatchObject({ state: "LIVE", progress: null, differences: 7 });
    await operator.ask(`mutation { ${call("replayProjection")} }`);
    await statusesUntilLive(operator);
    expect(await runVerify(operator)).toMatchObject({ differences: 0 });
  });
});
