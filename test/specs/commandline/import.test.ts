import { appendFile, mkdir, stat, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { importArchive } from "../../../src/commandline/import.ts";
import { announce } from "../../../src/commandline/runningServer.ts";
import { readLog } from "../../../src/server/log.ts";
import { importedGroupId, importedUserId } from "../../../src/commands/imports.ts";
import { readConfig } from "../../../src/config.ts";
import { streams } from "../../../src/domain/ids.ts";
import { type Conversation, type Message } from "../../support/answers.ts";
import { type Client, clientOf, pages, type Reachable, refusal, registered } from "../../support/client.ts";
import { apiServer } from "../../support/apiServer.ts";
import { logSettings } from "../../support/logSettings.ts";
import { runTidings, type Server, startServer, startTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder.remove());

let names = 0;
const unused = (ending = ""): string => join(folder.path, `${++names}${ending}`);

/** What commands on that directory are told. */
const configOf = (dataDir: string) => readConfig(logSettings({ DATA_DIR: dataDir }));

type Line = { conversation: string; sender: string; text: string; sentAt?: string | null; id?: string; topic?: string };

const text = (lines: readonly (Line | string)[]) =>
  `${lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n")}\n`;

async function archiveOf(lines: readonly (Line | string)[], file = unused(".jsonl")): Promise<string> {
  await writeFile(file, file.endsWith(".gz") ? gzipSync(text(lines)) : text(lines));
  return file;
}

/** What a run of the command says. */
async function run(dataDir: string, file: string) {
  const { code, out, err } = await runTidings(["import", file], { DATA_DIR: dataDir });
  const [, stored, alreadyThere, refused] = /^(\d+) stored, (\d+) there already, (\d+) refused$/m.exec(out) ?? [];
  return {
    code,
    out,
    err,
    counts: stored === undefined ? undefined : [Number(stored), Number(alreadyThere), Number(refused)],
  };
}

const day = (number: number) => new Date(Date.UTC(2020, 0, 1) + number * 3_600_000).toISOString();

const STORY: Line[] = [
  { conversation: "general", sender: "Ann Lee", text: "hello", sentAt: "2020-01-01T10:00:00Z", id: "1", topic: "greetings" },
  { conversation: "general", sender: "Bob", text: "hello Ann", sentAt: "2020-01-01T12:00:00.250+01:00", id: "2", topic: "" },
  { conversation: "周末", sender: "李", text: "老師,媽咪話想買盒月餅比你", sentAt: "2020-01-02T00:00:00Z", id: "3" },
  { conversation: "general", sender: "Ann Lee", text: 'bye\n"all"', sentAt: "2020-01-03T00:00:00Z", id: "4", topic: "greetings" },
  { conversation: "周末", sender: "Bob", text: "👋", sentAt: "2019-12-31T23:59:59.999Z", id: "5" },
];

const TOLD = [
  ["general", 1, "Ann Lee", "hello", "greetings", "2020-01-01T10:00:00.000Z"],
  ["general", 2, "Bob", "hello Ann", null, "2020-01-01T11:00:00.250Z"],
  ["general", 3, "Ann Lee", 'bye\n"all"', "greetings", "2020-01-03T00:00:00.000Z"],
  ["周末", 1, "李", "老師,媽咪話想買盒月餅比你", null, "2020-01-02T00:00:00.000Z"],
  ["周末", 2, "Bob", "👋", null, "2019-12-31T23:59:59.999Z"],
];

/** The client of a sender. (That `token` finds them too: see token.test.ts.) */
const sender = (server: Reachable, name: string): Promise<Client> => clientOf(server, importedUserId(name));

/** What a member sees of their rooms. */
async function seen(client: Client) {
  const rooms = await pages((after) => client.conversations({ first: 100, after }));
  const told: unknown[] = [];
  const nameOf = new Map<string, string>();
  const { nodes } = await namesIn(client, rooms);
  for (const [id, name] of nodes) nameOf.set(id, name);
  for (const room of rooms.sort((one, other) => (one.title < other.title ? -1 : 1))) {
    const messages: Message[] = await pages((after) => client.messages(room.id, { first: 100, after }));
    for (const { seq, sender, text, topic, sentAt } of messages)
      told.push([room.title, seq, nameOf.get(sender.id), text, topic, sentAt]);
  }
  return { rooms, told };
}

async function namesIn(client: Client, rooms: readonly Conversation[]): Promise<{ nodes: [string, string][] }> {
  const nodes: [string, string][] = [];
  for (const { id } of rooms) {
    const { conversation } = await client.ask<{
      conversation: { members: { edges: { node: { user: { id: string; name: string } } }[] } };
    }>("query ($id: ID!) { conversation(id: $id) { members(first: 100) { edges { node { user { id name } } } } } }", { id });
    for (const { node } of conversation.members.edges) nodes.push([node.user.id, node.user.name]);
  }
  return { nodes };
}

const reachable = (server: Server): Reachable => ({
  get address() {
    return server.url;
  },
  token: (user, more) => server.token(user, more),
});

async function expectStory(server: Reachable): Promise<void> {
  const bob = await sender(server, "Bob");
  const { rooms, told } = await seen(bob);
  expect(told).toEqual(TOLD);
  const [general, weekend] = rooms;
  expect(general).toMatchObject({
    kind: "GROUP",
    title: "general",
    public: true,
    historyVisible: true,
    joinPolicy: "OPEN",
    memberCount: 2,
    membership: { user: { id: bob.id } },
    lastSeq: 3,
    lastMessage: { text: 'bye\n"all"' },
    lastActivityAt: "2020-01-03T00:00:00.000Z",
    unreadCount: 0,
    unreadMentions: 0,
  });
  // The newest message's own time, though an older one has a later time.
  expect(weekend).toMatchObject({ title: "周末", lastSeq: 2, lastActivityAt: "2019-12-31T23:59:59.999Z", unreadCount: 0 });
  expect((await bob.conversations()).edges.map(({ node }) => node.title)).toEqual(["general", "周末"]);
  for (const name of ["Ann Lee", "Bob", "李"]) {
    const client = await sender(server, name);
    expect(await client.sync()).toMatchObject({ entries: [], hasMore: false, resetRequired: false });
    const { viewer } = await client.ask<{ viewer: object }>("{ viewer { unreadTotal user { name } } }");
    expect(viewer).toEqual({ unreadTotal: 0, user: { name } });
    expect((await client.conversations({ unreadOnly: true })).edges).toEqual([]);
  }
}

describe("an archive", () => {
  it.each(["plain", "gzip"])(
    "%s, is imported directly where no server runs: members see all from the start and have it read",
    async (kind) => {
      const dataDir = unused();
      const file = await archiveOf(STORY, unused(kind === "gzip" ? ".jsonl.gz" : ".jsonl"));
      const first = await run(dataDir, file);
      expect(first).toMatchObject({ code: 0, err: "", counts: [5, 0, 0] });
      expect(first.out).toContain(`into ${dataDir}`);
      await using server = await apiServer({ DATA_DIR: dataDir });
      await expectStory(server);
    },
  );

  it("is told to be gzip by what it holds, whatever it is called, and may have what editors leave", async () => {
    const dataDir = unused();
    const file = unused(".txt");
    await writeFile(file, gzipSync(`\uFEFF${text(STORY).replaceAll("\n", "\r\n")}\r\n\r\n`));
    expect(await run(dataDir, file)).toMatchObject({ code: 0, err: "", counts: [5, 0, 0] });
    await using server = await apiServer({ DATA_DIR: dataDir });
    await expectStory(server);
  });

  it("is imported through the server that runs, and nobody is told of it", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const reader = await registered(reachable(server), "reader");
    const file = await archiveOf(STORY);
    const first = await run(server.dataDir, file);
    expect(first).toMatchObject({ code: 0, err: "", counts: [5, 0, 0] });
    expect(first.out).toContain(`through the server at ${server.url}`);
    const bob = await sender(reachable(server), "Bob");
    const inbox = bob.inbox();
    await inbox.until("it listens", ({ __typename }) => __typename === "InboxCaughtUp");
    await expectStory(reachable(server));
    // The same again, with more: nothing of it is told, live or later.
    await archiveOf([...STORY, { conversation: "general", sender: "李", text: "late", sentAt: day(1), id: "6" }], file);
    expect((await run(server.dataDir, file)).counts).toEqual([1, 5, 0]);
    expect((await reader.syncAll()).entries).toEqual([]);
    const id = (await seen(bob)).rooms[0]?.id ?? "";
    expect(await bob.conversation(id)).toMatchObject({ lastSeq: 4, memberCount: 3, unreadCount: 0 });
    // By hand it goes on as any conversation.
    const joined = await reader.act("join", { id });
    const { message } = await reader.act("sendMessage", { conversationId: id, text: "live" });
    await inbox.until("it is told", (entry) => entry.cursor === message.cursor);
    expect(inbox.entries.map(({ __typename, cursor }) => [__typename, cursor]).slice(1)).toEqual([
      ["MembershipChanged", joined.cursor],
      ["MessageReceived", message.cursor],
    ]);
    expect(await bob.conversation(id)).toMatchObject({ lastSeq: 5, unreadCount: 1 });
    expect((await reader.messages(id, { first: 10 })).edges).toHaveLength(5);
    await inbox.close();
    expect(server.faults()).toEqual([]);
  });

  it("may be answered, edited and recalled by those who wrote in it", async () => {
    const dataDir = unused();
    await run(dataDir, await archiveOf(STORY));
    await using server = await apiServer({ DATA_DIR: dataDir });
    const [ann, bob] = [await sender(server, "Ann Lee"), await sender(server, "Bob")];
    const id = (await ann.conversations()).edges[0]?.node.id ?? "";
    const edited = await bob.act("editMessage", { conversationId: id, seq: 2, text: "hello, Ann" });
    expect(edited.message).toMatchObject({ text: "hello, Ann", sentAt: "2020-01-01T11:00:00.250Z" });
    const recalled = await ann.act("recallMessage", { conversationId: id, seq: 3 });
    expect(recalled.message.text).toBeNull();
    expect(await refusal(bob.act("editMessage", { conversationId: id, seq: 1, text: "mine" }))).toMatchObject({
      code: "FORBIDDEN",
    });
    const reply = await ann.act("sendMessage", { conversationId: id, text: "thanks", replyTo: 2 });
    expect(await bob.conversation(id, reply.cursor)).toMatchObject({ lastSeq: 4, unreadCount: 1 });
    expect(await ann.conversation(id, reply.cursor)).toMatchObject({ lastSeq: 4, unreadCount: 0 });
    // What became of a line since does not make it another one.
    await server.stop();
    expect((await run(dataDir, await archiveOf(STORY))).counts).toEqual([0, 5, 0]);
  });

  it("whose lines have no time has that of the import, the first one", async () => {
    const dataDir = unused();
    const file = await archiveOf([
      { conversation: "sms", sender: "a", text: "one", sentAt: null },
      { conversation: "sms", sender: "b", text: "two" },
    ]);
    const before = new Date().toISOString();
    expect((await run(dataDir, file)).counts).toEqual([2, 0, 0]);
    const between = new Date().toISOString();
    expect((await run(dataDir, file)).counts).toEqual([0, 2, 0]);
    await using server = await apiServer({ DATA_DIR: dataDir });
    const { rooms, told } = await seen(await sender(server, "a"));
    for (const [, , , , , sentAt] of told as string[][]) {
      expect((sentAt ?? "") >= before && (sentAt ?? "") <= between).toBe(true);
    }
    expect(rooms[0]?.lastActivityAt).toBe((told[1] as string[])[5]);
  });

  it("makes each sender one person, whatever their names have in common", async () => {
    const dataDir = unused();
    const senders = ["Ann Lee", "ann lee", "ANN.LEE", "Ann  Lee", "李", "!!!", "???", "x".repeat(300), "x".repeat(299)];
    const lines = senders.map((name, index) => ({ conversation: "all", sender: name, text: `${index}`, sentAt: day(index) }));
    expect(await run(dataDir, await archiveOf(lines))).toMatchObject({ err: "", counts: [senders.length, 0, 0] });
    await using server = await apiServer({ DATA_DIR: dataDir });
    const people = await Promise.all(senders.map((name) => clientOf(server, importedUserId(name))));
    expect(new Set(people.map(({ id }) => id)).size).toBe(senders.length);
    const profiles = await Promise.all(
      people.map(
        async (client) =>
          (await client.ask<{ viewer: { user: { handle: string; name: string } } }>("{ viewer { user { handle name } } }")).viewer
            .user,
      ),
    );
    expect(new Set(profiles.map(({ handle }) => handle)).size).toBe(senders.length);
    expect(profiles[0]).toEqual({ handle: "ann.lee", name: "Ann Lee" });
    expect(profiles[7]?.name).toBe("x".repeat(128));
    const [first] = people;
    expect(await first?.conversation((await first.conversations()).edges[0]?.node.id ?? "")).toMatchObject({
      memberCount: senders.length,
    });
  });

  it("that holds nothing imports nothing", async () => {
    expect(await run(unused(), await archiveOf([]))).toMatchObject({ code: 0, err: "", counts: [0, 0, 0] });
  });
});

describe("what is wrong with an archive", () => {
  it("is reported by the number of the line, and does not stop the rest", async () => {
    const good = (number: number): Line => ({
      conversation: "general",
      sender: "Ann",
      text: `good ${number}`,
      id: `good ${number}`,
    });
    const line = (more: object) => JSON.stringify({ conversation: "general", sender: "Ann", text: "hello", ...more });
    const bad: [string, RegExp][] = [
      ["{", /not JSON/],
      ["null", /./],
      ["[1]", /./],
      ['"text"', /./],
      [line({ conversation: undefined }), /conversation/],
      [line({ conversation: "" }), /conversation/],
      [line({ sender: "" }), /sender/],
      [line({ sender: 7 }), /sender/],
      [line({ text: undefined }), /text/],
      [line({ text: "  " }), /text/],
      [line({ text: "x".repeat(16_385) }), /text/],
      [line({ sentAt: "yesterday" }), /sentAt/],
      [line({ sentAt: "2020-13-01T00:00:00Z" }), /sentAt/],
      [line({ sentAt: "2024-02-30T00:00:00Z" }), /sentAt/],
      [line({ sentAt: "2024-05-01T12:00:00" }), /sentAt is a time with its zone/],
      [line({ sentAt: 1_588_000_000 }), /sentAt/],
      [line({ topic: "x".repeat(129) }), /topic/],
      [line({ topic: 7 }), /topic/],
      [line({ id: "x".repeat(129) }), /id/],
      [line({ id: {} }), /id/],
      [line({}).replace("hello", "half \\ud800"), /text/],
      [line({}).replace("hello", "zero \\u0000"), /text/],
      [line({}).replace("Ann", "\\ud800"), /sender/],
      [line({}).replace("general", "\\udc00"), /conversation/],
    ];
    // A good line, a blank one and a bad one, again and again.
    const lines = bad.flatMap(([wrong], index) => [JSON.stringify(good(index)), index % 2 === 0 ? "" : "  ", wrong]);
    const file = await archiveOf(lines);
    const [direct, dataDir] = [unused(), unused()];
    const outcome = await run(direct, file);
    expect(outcome).toMatchObject({ code: 1, counts: [bad.length, 0, bad.length] });
    const reported = outcome.err.trim().split("\n");
    expect(reported).toHaveLength(bad.length);
    const byNumber = new Map(reported.map((report) => /^line (\d+): (.*)$/.exec(report)?.slice(1) as [string, string]));
    for (const [index, [wrong, reason]] of bad.entries()) {
      expect([wrong.slice(0, 80), byNumber.get(String(index * 3 + 3))]).toEqual([
        wrong.slice(0, 80),
        expect.stringMatching(reason),
      ]);
    }
    // Through a server it is the same.
    const server = await startServer({ dataDir });
    onTestFinished(() => server.remove());
    const through = await run(dataDir, file);
    expect(through).toMatchObject({ code: 1, counts: outcome.counts });
    expect(
      through.err
        .trim()
        .split("\n")
        .map((report) => report.split(":")[0])
        .sort(),
    ).toEqual(reported.map((report) => report.split(":")[0]).sort());
    const { told } = await seen(await sender(reachable(server), "Ann"));
    expect(told.map((message) => (message as string[])[3])).toEqual(bad.map((_, index) => `good ${index}`));
  });

  it("is said of the file itself: it is not there, or no file, or breaks off", async () => {
    const missing = unused();
    expect(await run(unused(), missing)).toMatchObject({ code: 1, out: "", err: `tidings: there is no file ${missing}\n` });
    const empty = unused();
    await mkdir(empty);
    expect(await run(unused(), empty)).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("is a folder of no kind that is known") as string,
    });
    const dataDir = unused();
    const lines = Array.from(
      { length: 3_000 },
      (_, index) => ({ ...STORY[0], text: `${index} ${Math.random()}`, id: `${index}` }) as Line,
    );
    const broken = await archiveOf(lines, unused(".gz"));
    // Without its trailer: every line of it can be read.
    await truncate(broken, (await stat(broken)).size - 4);
    const outcome = await run(dataDir, broken);
    expect(outcome).toMatchObject({
      code: 1,
      err: expect.stringMatching(/could not be read beyond line 3000: unexpected end of file/) as string,
      counts: [3_000, 0, 0],
    });
    // What was read before is there: the whole file then goes on from it.
    const whole = await archiveOf(lines, unused(".jsonl"));
    const after = await run(dataDir, whole);
    expect(after).toMatchObject({ code: 0, counts: [0, 3_000, 0] });
  });
});

describe("a server that takes small requests only", () => {
  const LIMIT = 2_048;
  const line = (number: number, text: string): Line => ({ conversation: "general", sender: "Ann", text, id: `${number}` });
  const lines = Array.from({ length: 120 }, (_, index) => line(index + 1, `line ${index + 1} ${"老".repeat(index % 300)}`));
  const tooLarge = [40, 41, 120];

  /** Imports in this process, through a server that says what it takes, or does not. */
  async function imported(says: boolean) {
    await using server = await apiServer({ BODY_LIMIT_BYTES: `${LIMIT}` });
    const { config, address: url } = server;
    await announce(config.dataDir, {
      pid: process.pid,
      url,
      instance: server.instance,
      ...(says ? { bodyLimitBytes: LIMIT } : {}),
    });
    const file = await archiveOf(
      lines.map((given, index) => (tooLarge.includes(index + 1) ? line(index + 1, "x".repeat(3_000)) : given)),
    );
    const told = { out: [] as string[], err: [] as string[] };
    const terminal = {
      out: (said: string) => void told.out.push(said),
      error: (said: string) => void told.err.push(said),
      bar: false,
    };
    const totals = await importArchive(config, file, pino({ level: "silent" }), terminal);
    const { told: messages } = await seen(await sender(server, "Ann"));
    return { totals, ...told, texts: messages.map((message) => (message as string[])[3]) };
  }

  it.each([
    ["that says so", true],
    ["that does not say so", false],
  ])(
    "(%s) is sent what it takes; a line that it cannot take is reported by its number, and the rest is there",
    async (_, says) => {
      const { totals, out, err, texts } = await imported(says);
      expect(totals).toEqual({ stored: lines.length - tooLarge.length, alreadyThere: 0, refused: tooLarge.length });
      expect(err.map((said) => said.replace(/:.*/, ""))).toEqual(tooLarge.map((number) => `line ${number}`));
      for (const said of err) expect(said).toContain("start it with a larger BODY_LIMIT_BYTES, or import while no server runs");
      expect(out.at(-1)).toBe("117 stored, 0 there already, 3 refused");
      expect(texts).toEqual(lines.filter((_line, index) => !tooLarge.includes(index + 1)).map(({ text: words }) => words));
    },
  );
});

describe("the same archive again", () => {
  it("stores nothing new, whichever way it comes", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const { dataDir } = server;
    expect((await run(dataDir, await archiveOf(STORY))).counts).toEqual([5, 0, 0]);
    expect((await run(dataDir, await archiveOf(STORY, unused(".jsonl.gz")))).counts).toEqual([0, 5, 0]);
    expect(await server.stop()).toBe(0);
    expect((await run(dataDir, await archiveOf(STORY))).counts).toEqual([0, 5, 0]);
    expect((await run(dataDir, await archiveOf([...STORY].reverse()))).counts).toEqual([0, 5, 0]);
    await server.start();
    await expectStory(reachable(server));
  });

  it("twice at the same moment stores each line once, in the order of the file", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const lines = Array.from({ length: 2_500 }, (_, index): Line => ({
      conversation: "general",
      sender: `${index % 7}`,
      text: `${index}`,
      id: `${index}`,
    }));
    const file = await archiveOf(lines);
    const runs = await Promise.all([run(server.dataDir, file), run(server.dataDir, file), run(server.dataDir, file)]);
    for (const { code, err, counts } of runs) {
      expect({ code, err, all: (counts?.[0] ?? 0) + (counts?.[1] ?? 0) }).toEqual({ code: 0, err: "", all: lines.length });
    }
    expect(runs.reduce((stored, { counts }) => stored + (counts?.[0] ?? 0), 0)).toBe(lines.length);
    const { told } = await seen(await sender(reachable(server), "0"));
    expect(told.map((message) => (message as string[])[3])).toEqual(lines.map((line) => line.text));
    expect(server.faults()).toEqual([]);
  });

  it("waits for nobody who holds the directory: without a server to go through, the second one says so", async () => {
    const dataDir = unused();
    const lines = Array.from({ length: 5_000 }, (_, index): Line => ({
      conversation: "general",
      sender: "a",
      text: `${index}`,
      id: `${index}`,
    }));
    const file = await archiveOf(lines);
    const first = startTidings(["import", file], { DATA_DIR: dataDir });
    // It makes the log once it holds the directory.
    await until("the first one holds it", async () =>
      readLog(configOf(dataDir)).then(
        async (log) => {
          await log.close();
          return true;
        },
        () => false,
      ),
    );
    const second = await run(dataDir, file);
    const { code } = await first.ended;
    expect(code).toBe(0);
    if (second.code === 0) expect(second.counts).toEqual([0, lines.length, 0]);
    else
      expect(second).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^tidings: another Tidings .*holds DATA_DIR/) as string,
      });
  });

  it("knows a line with an id by it: twice in one file is once, and with other content a conflict", async () => {
    const [first] = STORY as [Line];
    const dataDir = unused();
    const lines = [first, first, { ...first, text: "other words" }, { ...first, sender: "Bob" }, { ...first, id: "other" }];
    const outcome = await run(dataDir, await archiveOf(lines));
    expect(outcome).toMatchObject({ code: 1, counts: [2, 1, 2] });
    expect(outcome.err).toMatch(/^line 3: .*\nline 4: .*\n$/);
    const again = await run(dataDir, await archiveOf([{ ...first, text: "later, other words" }, first]));
    expect(again).toMatchObject({ code: 1, counts: [0, 1, 1] });
    expect(again.err).toMatch(/^line 1: .*\n$/);
    await using server = await apiServer({ DATA_DIR: dataDir });
    const { told } = await seen(await sender(server, "Ann Lee"));
    expect(told.map((message) => (message as string[])[3])).toEqual(["hello", "hello"]);
  });

  it("knows a line without an id by the file's name and its number: what is added is new", async () => {
    const dataDir = unused();
    const lines = [1, 2, 3].map((number) => ({
      conversation: "general",
      sender: "Ann",
      text: "the same words",
      sentAt: day(number),
    }));
    const file = await archiveOf(lines);
    expect((await run(dataDir, file)).counts).toEqual([3, 0, 0]);
    await appendFile(file, text([{ conversation: "general", sender: "Bob", text: "the same words", sentAt: day(4) }]));
    expect((await run(dataDir, file)).counts).toEqual([1, 3, 0]);
    const changed = await archiveOf([lines[0] as Line, { ...lines[1], text: "other words" } as Line], file);
    const outcome = await run(dataDir, changed);
    expect(outcome).toMatchObject({ code: 1, counts: [0, 1, 1] });
    expect(outcome.err).toMatch(/^line 2: /);
    expect(basename(changed)).toBe(basename(file));
  });
});

describe("an import that is killed", () => {
  const COUNT = 6_000;
  const ROOMS = ["one", "two", "three"];
  const lines = Array.from({ length: COUNT }, (_, index): Line => {
    const room = ROOMS[index % 3] as string;
    return { conversation: room, sender: `sender ${index % 41}`, text: `${index}`, sentAt: day(index), id: `${index}` };
  });

  async function expectAll(server: Reachable): Promise<void> {
    const client = await sender(server, "sender 0");
    const rooms = await pages((after) => client.conversations({ first: 100, after }));
    expect(rooms.map(({ title, lastSeq, unreadCount }) => [title, lastSeq, unreadCount]).sort()).toEqual(
      ROOMS.map((room) => [room, COUNT / 3, 0]).sort(),
    );
    for (const { id, title } of rooms) {
      const messages = await pages((after) => client.messages(id, { first: 100, after }));
      const expected = lines.filter(({ conversation }) => conversation === title).map(({ text }) => text);
      expect(messages.map((message) => message.text)).toEqual(expected);
    }
  }

  it("with SIGKILL in the midst of it goes on where it was: all is there once", async () => {
    const dataDir = unused();
    const file = await archiveOf(lines, unused(".jsonl.gz"));
    const child = startTidings(["import", file], { DATA_DIR: dataDir });
    const config = configOf(dataDir);
    await until("a part of it is stored", async () => {
      try {
        const log = await readLog(config);
        const found = await log.read(streams.conversation(importedGroupId("one")), 200, "forwards", 1);
        await log.close();
        return found.length > 0;
      } catch {
        return false;
      }
    });
    expect(await child.kill()).toMatchObject({ code: null });
    const { code, err, counts } = await run(dataDir, file);
    expect({ code, err, all: (counts?.[0] ?? 0) + (counts?.[1] ?? 0) }).toEqual({ code: 0, err: "", all: COUNT });
    expect(counts?.[0]).toBeGreaterThan(0);
    expect(counts?.[1]).toBeGreaterThan(200);
    await using server = await apiServer({ DATA_DIR: dataDir });
    await expectAll(server);
  });

  it("with the server in the midst of it goes on once the server is back, wherever that listens then", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const { dataDir } = server;
    const file = await archiveOf(lines);
    const child = startTidings(["import", file], { DATA_DIR: dataDir });
    const stranger = await registered(reachable(server), "stranger");
    await until(
      "a part of it is stored",
      async () => ((await stranger.conversation(importedGroupId("one")))?.lastSeq ?? 0) > 200,
    );
    await server.kill();
    await server.start();
    const { code, out, err } = await child.ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    // What was stored of the call that was cut off is there already when the call comes again.
    const [, stored, alreadyThere, refused] = /^(\d+) stored, (\d+) there already, (\d+) refused$/m.exec(out) ?? [];
    expect({ all: Number(stored) + Number(alreadyThere), refused }).toEqual({ all: COUNT, refused: "0" });
    await expectAll(reachable(server));
    expect((await run(dataDir, file)).counts).toEqual([0, COUNT, 0]);
    expect(server.faults()).toEqual([]);
  });
});

describe("importMessages", () => {
  const line = { key: "1", conversation: "general", sender: "Ann", text: "hello", sentAt: "2020-01-01T00:00:00Z" };

  it("is for administrators, and tells of each line what became of it", async () => {
    await using server = await apiServer();
    const nobody = await registered(server, "nobody");
    // Whatever is sent, and whether one has registered or not.
    for (const client of [nobody, await clientOf(server, "newcomer")])
      for (const input of [{ messages: [line] }, { messages: [] }, { messages: [line], clientMutationId: " " }])
        expect(await refusal(client.act("importMessages", input))).toEqual({ code: "FORBIDDEN" });
    const admin = await clientOf(server, "operator", { admin: true });
    const outcome = await admin.act("importMessages", {
      messages: [
        line,
        { ...line, key: "2", text: " " },
        line,
        { ...line, text: "other" },
        { ...line, key: "" },
        { ...line, key: "3", sender: "Bob" },
      ],
    });
    expect(outcome).toMatchObject({ stored: 2, alreadyThere: 1 });
    expect(outcome.refused.map(({ index, code }) => [index, code])).toEqual([
      [1, "BAD_INPUT"],
      [3, "CONFLICT"],
      [4, "BAD_INPUT"],
    ]);
    // With its cursor the administrator reads what was written.
    const { conversation } = await admin.ask<{ conversation: object }>(
      "query ($id: ID!, $at: Cursor) { conversation(id: $id, atLeast: $at) { title lastSeq memberCount } }",
      { id: importedGroupId("general"), at: outcome.cursor },
    );
    expect(conversation).toEqual({ title: "general", lastSeq: 2, memberCount: 2 });
    expect(await admin.act("importMessages", { messages: [line, { ...line, key: "3", sender: "Bob" }] })).toMatchObject({
      stored: 0,
      alreadyThere: 2,
      refused: [],
    });
  });

  it("takes a call of no lines, or of too many, as the client's fault", async () => {
    await using server = await apiServer();
    const admin = await clientOf(server, "operator", { admin: true });
    expect(await refusal(admin.act("importMessages", { messages: [] }))).toEqual({ code: "BAD_INPUT", field: "messages" });
    const many = Array.from({ length: 1_001 }, (_, index) => ({ ...line, key: `${index}` }));
    expect(await refusal(admin.act("importMessages", { messages: many }))).toEqual({ code: "BAD_INPUT", field: "messages" });
  });
});

describe("a server that takes the tokens of an identity provider", () => {
  it("is imported to with a token that is given, and says so where none is", async () => {
    const provider = {
      AUTH_JWKS_URL: "http://127.0.0.1:9/jwks.json",
      AUTH_ISSUER: "https://id.example.org",
      AUTH_AUDIENCE: "tidings",
    };
    const server = await startServer({ settings: provider });
    onTestFinished(() => server.remove());
    const file = await archiveOf(STORY);
    const settings = { DATA_DIR: server.dataDir, ...provider };
    const { code, err } = await runTidings(["import", file], settings);
    expect(code).toBe(1);
    expect(err).toContain("--token");
    const refused = await runTidings(["import", file, "--token", "nonsense"], settings);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("not a bearer token");
  });
});

describe("what a terminal shows of an archive", () => {
  it("gives it no orders", async () => {
    const line = JSON.stringify({ type: "\u001b[2Jgone", x: 1 });
    const file = await archiveOf([JSON.stringify({ type: "version", version: 1 }), line], unused("\u001b[31m.jsonl"));
    const said: string[] = [];
    const terminal = { out: (words: string) => said.push(words), error: (words: string) => said.push(words), bar: false };
    await importArchive(configOf(folder.path), file, pino({ level: "silent" }), terminal, undefined, true);
    const notes = said.filter((words) => words.includes("left out"));
    expect(notes).toHaveLength(1);
    expect(notes.join()).toContain("gone");
    expect(notes.join()).not.toContain("\u001b");
  });
});
