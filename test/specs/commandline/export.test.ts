import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../../src/config.ts";
import type { WrittenFact } from "../../../src/domain/archive.ts";
import { streams } from "../../../src/domain/ids.ts";
import { readLog } from "../../../src/server/log.ts";
import { registered } from "../../support/client.ts";
import { logSettings } from "../../support/logSettings.ts";
import { runTidings, startServer, startTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder.remove());

let names = 0;
const unused = (ending = ""): string => join(folder.path, `${++names}${ending}`);

const run = (dataDir: string, ...args: string[]) => runTidings(args, { DATA_DIR: dataDir });
const counts = (out: string) => /^(\d+) stored, (\d+) there already, (\d+) refused$/m.exec(out)?.slice(1).map(Number);

async function linesOf(file: string): Promise<{ first: object; facts: WrittenFact[]; last: object }> {
  const bytes = await readFile(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  return { first: lines[0] ?? {}, facts: lines.slice(1, -1) as WrittenFact[], last: lines.at(-1) ?? {} };
}

const sorted = (facts: readonly WrittenFact[]) => facts.map((fact) => JSON.stringify(fact)).sort();

/** So many messages of two people to each other, as an archive. */
function conversationOf(count: number): string {
  const id = (kind: number, number: number) => `00000000-0000-4000-800${kind}-${String(number).padStart(12, "0")}`;
  const person = (user: string, number: number) => ({
    fact: "UserRegistered",
    id: id(1, number),
    at: "2020-01-01T00:00:00.000Z",
    by: user,
    data: { userId: user, handle: user, name: user, avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] },
  });
  const message = (number: number) => ({
    fact: "MessageSent",
    id: id(2, number),
    at: new Date(Date.UTC(2020, 0, 2) + number * 1_000).toISOString(),
    by: number % 2 === 0 ? "ann" : "bob",
    data: { conversationId: "d:ann~bob", senderId: number % 2 === 0 ? "ann" : "bob", text: `${number}` },
  });
  const facts = [person("ann", 1), person("bob", 2), ...Array.from({ length: count }, (_, index) => message(index))];
  const lines = [{ tidings: "archive", version: 2, scope: { all: true } }, ...facts, { end: { facts: facts.length } }];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

describe("tidings export", () => {
  it("writes what a server holds beside it, and that is imported into an empty one as it was", async () => {
    const server = await startServer();
    onTestFinished(() => server.remove());
    const reachable = { address: server.url, token: server.token };
    const ann = await registered(reachable, "ann");
    const bob = await registered(reachable, "bob");
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Walks", memberIds: ["bob"] });
    const on = { conversationId: conversation.id };
    await ann.act("sendMessage", { ...on, text: "hello" });
    await bob.act("sendMessage", { ...on, text: "hi", replyTo: 1 });
    await bob.act("react", { ...on, seq: 1, emoji: "👍", on: true });
    await ann.act("editMessage", { ...on, seq: 1, text: "hello all" });
    await bob.act("sendMessage", { userId: "ann", text: "between us" });

    const all = unused(".jsonl.gz");
    expect(await run(server.dataDir, "export", "--all", all)).toMatchObject({ code: 0, err: "" });
    const { first, facts, last } = await linesOf(all);
    expect(first).toMatchObject({ tidings: "archive", version: 2, scope: { all: true } });
    expect(last).toEqual({ end: { facts: facts.length } });
    expect(facts.filter(({ fact }) => fact === "MessageSent")).toHaveLength(3);

    const dataDir = unused();
    const dry = await run(dataDir, "import", "--dry-run", all);
    expect(dry).toMatchObject({ code: 0, err: "" });
    expect(dry.out).toMatch(/^ +3 {2}MessageSent$/m);
    const imported = await run(dataDir, "import", all);
    expect(imported).toMatchObject({ code: 0, err: "" });
    expect(counts(imported.out)).toEqual([facts.length, 0, 0]);
    const again = unused(".jsonl");
    await run(dataDir, "export", "--all", again);
    expect(sorted((await linesOf(again)).facts)).toEqual(sorted(facts));
    // Through a server, and to where it came from: all is there.
    const back = await run(server.dataDir, "import", all);
    expect(counts(back.out)).toEqual([0, facts.length, 0]);

    const ofBob = unused(".jsonl");
    expect(await run(server.dataDir, "export", "--conversation", "d:ann~bob", ofBob)).toMatchObject({ code: 0 });
    expect((await linesOf(ofBob)).facts.map(({ fact }) => fact).sort()).toEqual([
      "MessageSent",
      "UserRegistered",
      "UserRegistered",
    ]);
  });

  it("says what is wrong: nothing to export, no such user, a file that is there", async () => {
    const dataDir = unused();
    const file = unused(".jsonl");
    await writeFile(file, conversationOf(2));
    await run(dataDir, "import", file);
    for (const [args, why] of [
      [[unused()], /Give --all, --user ID or --conversation ID/],
      [["--user", "nobody", unused()], /there is no user nobody/],
      [["--conversation", "g:none", unused()], /there is no conversation g:none/],
      [["--all", file], /is there already/],
    ] as const) {
      const { code, out, err } = await run(dataDir, "export", ...args);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toMatch(why);
    }
  });
});

describe("an archive of facts", () => {
  it("that has broken off is imported as far as it goes, and that is said", async () => {
    const file = unused(".jsonl");
    const lines = conversationOf(20).split("\n");
    await writeFile(file, `${lines.slice(0, 12).join("\n")}\n`);
    const { code, out, err } = await run(unused(), "import", file);
    expect({ code, counts: counts(out) }).toEqual({ code: 1, counts: [11, 0, 0] });
    expect(err).toContain("its last line is missing");
  });

  it("of a version that is not known is refused", async () => {
    const file = unused(".jsonl");
    await writeFile(file, `${JSON.stringify({ tidings: "archive", version: 9_000 })}\n`);
    expect(await run(unused(), "import", file)).toMatchObject({ code: 1, err: expect.stringContaining("version") as string });
  });

  it("names each line that cannot be stored, and stores the rest", async () => {
    const file = unused(".jsonl");
    const lines = conversationOf(3).split("\n");
    lines.splice(
      3,
      0,
      "nonsense",
      JSON.stringify({ fact: "Unheard", id: crypto.randomUUID(), at: "2020-01-01T00:00:00Z", by: null, data: {} }),
    );
    await writeFile(file, lines.join("\n"));
    const { code, out, err } = await run(unused(), "import", file);
    expect({ code, counts: counts(out) }).toEqual({ code: 1, counts: [5, 0, 3] });
    expect(err).toMatch(
      /^line 4: not JSON\nline 5: no fact is called "Unheard" in this version\nline \d+: the archive had 5 facts when it was written, and here it has \d+\n$/,
    );
  });

  it("whose import is killed is gone on with: all is there once, in its order", async () => {
    const dataDir = unused();
    const file = unused(".jsonl");
    await writeFile(file, conversationOf(4_000));
    const child = startTidings(["import", file], { DATA_DIR: dataDir });
    const config = readConfig(logSettings({ DATA_DIR: dataDir }));
    const messages = async (from: number) => {
      const log = await readLog(config);
      try {
        return await log.read(streams.conversation("d:ann~bob"), from, "forwards", 10_000);
      } finally {
        await log.close();
      }
    };
    await until("a part of it is stored", async () => (await messages(200).catch(() => [])).length > 0);
    expect(await child.kill()).toMatchObject({ code: null });
    const { code, err, out } = await run(dataDir, "import", file);
    const [stored = 0, alreadyThere = 0, refused] = counts(out) ?? [];
    expect({ code, err, all: stored + alreadyThere, refused }).toEqual({ code: 0, err: "", all: 4_002, refused: 0 });
    expect(alreadyThere).toBeGreaterThan(200);
    expect((await messages(0)).map(({ data }) => (data as { text: string }).text)).toEqual(
      Array.from({ length: 4_000 }, (_, index) => `${index}`),
    );
  });
});
