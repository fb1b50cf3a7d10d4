import { readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rotate, showKeys } from "../../../src/commandline/keys.ts";
import { readConfig } from "../../../src/config.ts";
import { ERASED } from "../../../src/domain/personal.ts";
import { newMaster } from "../../../src/sealing/master.ts";
import { apiServer, type ApiServer } from "../../support/apiServer.ts";
import { bytesApart } from "../../support/bytesApart.ts";
import { type Client, clientOf, registeredAll } from "../../support/client.ts";
import { logSettings } from "../../support/logSettings.ts";
import { realPostgres } from "../../support/realPostgres.ts";
import { runTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { uploaded } from "../../support/uploading.ts";

/* A server whose log is sealed: what its users see, what its log holds, and what becomes of it without its keys. */

const isOnServer = readConfig(logSettings({ DATA_DIR: "any" })).eventStoreUrl !== undefined;

const WORDS = {
  name: "plantedname Ann",
  signature: "plantedsignature",
  text: "plantedtext",
  edited: "plantededit",
  scheduled: "plantedlater",
  nickname: "plantednick",
  note: "plantednote",
  alias: "plantedalias",
  title: "plantedtitle",
  file: "plantedfile",
};

let folder: Awaited<ReturnType<typeof tempDir>>;
let dataDir: string;
let server: ApiServer;
let ann: Client;
let bob: Client;

/** The keys are in the folder wherever all other servers have their views. */
const settings = (): Record<string, string> => ({ DATA_DIR: dataDir, DATABASE_URL: "" });
const started = (more: Record<string, string> = {}) => apiServer({ ...settings(), ...more });

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, "data");
  server = await started({ ENCRYPTION: "on" });
  [ann, bob] = await registeredAll(server, "ann", "bob");
  await ann.act("updateProfile", { name: WORDS.name, signature: WORDS.signature });
  const friend = { clientMutationId: "friend", userId: "bob", note: WORDS.note, alias: WORDS.alias };
  await ann.ask(`mutation ($input: RequestFriendshipInput!) { requestFriendship(input: $input) { cursor } }`, { input: friend });
  const sent = await ann.act("sendMessage", { userId: "bob", text: WORDS.text });
  expect(sent.cursor).toBeTruthy();
  await ann.act("editMessage", { conversationId: "d:ann~bob", seq: 1, text: WORDS.edited });
  await bob.act("sendMessage", { userId: "ann", text: "an answer" });
  const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: WORDS.title, memberIds: ["bob"] });
  await ann.act("setPreferences", { conversationId: conversation.id, nickname: WORDS.nickname });
  const sendAt = new Date(Date.now() + 86_400_000).toISOString();
  await ann.act("scheduleMessage", { userId: "bob", sendAt, text: WORDS.scheduled });
  await ann.act("forwardMessages", { fromConversationId: "d:ann~bob", seqs: [1], toConversationId: conversation.id });
  const upload = await uploaded(ann, "plantedbytes", { name: `${WORDS.file}.txt`, mediaType: "text/plain" });
  await ann.act("sendMessage", { conversationId: conversation.id, kind: "FILE", attachments: [{ uploadId: upload.id }] });
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const shown = async (as: Client) =>
  (
    await as.ask<{ conversation: { title: string; messages: { edges: { node: { text: string } }[] } } }>(
      `{ conversation(id: "d:ann~bob") { title messages(last: 10) { edges { node { text } } } } }`,
    )
  ).conversation;

const filesWith = async (words: readonly string[], files: RegExp): Promise<string[]> => {
  const found: string[] = [];
  for (const name of await readdir(dataDir, { recursive: true })) {
    if (!files.test(name) || !(await stat(join(dataDir, name))).isFile()) continue;
    const bytes = bytesApart(join(dataDir, name));
    for (const word of words) if (bytes.includes(word)) found.push(`${word} in ${name}`);
  }
  return found;
};

async function run(command: (config: ReturnType<typeof readConfig>, terminal: Parameters<typeof rotate>[1]) => Promise<void>) {
  const out: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), error: (text: string) => void out.push(text), bar: false };
  await command(readConfig(logSettings(settings())), terminal);
  return out.join("\n");
}

describe("a sealed log", () => {
  test("is seen by its users as any other", async () => {
    expect(await shown(bob)).toEqual({
      title: WORDS.name,
      messages: { edges: [{ node: { text: WORDS.edited } }, { node: { text: "an answer" } }] },
    });
    // The same call again finds what it did.
    const call = { clientMutationId: "again", userId: "bob", text: "once" };
    const first = await ann.act("sendMessage", call);
    expect((await ann.act("sendMessage", call)).cursor).toBe(first.cursor);
  });

  test.skipIf(isOnServer)("holds no word of theirs", async () => {
    expect(await filesWith(Object.values(WORDS), /^log\.sqlite/)).toEqual([]);
    expect(await filesWith([Object.values(WORDS)[0] ?? ""], /^keys|^master/)).toEqual([]);
  });

  test("keeps its keys and their master for this user alone", async () => {
    for (const name of (await readdir(dataDir)).filter((each) => /^keys|^master/.test(each)))
      expect((await stat(join(dataDir, name))).mode & 0o077, name).toBe(0);
    expect(await readdir(dataDir)).toEqual(expect.arrayContaining(["keys.db", "master-key"]));
  });

  test("is folded again to the same rows, and stays sealed without the setting", async () => {
    await server.stop();
    server = await started();
    [ann, bob] = await Promise.all([clientOf(server, "ann"), clientOf(server, "bob")]);
    await ann.act("sendMessage", { userId: "bob", text: "plantedafter" });
    expect((await shown(bob)).messages.edges.at(-1)).toEqual({ node: { text: "plantedafter" } });
    if (!isOnServer) expect(await filesWith(["plantedafter"], /^log\.sqlite/)).toEqual([]);
    await server.stop();
    const { code, out, err } = await runTidings(["verify", "all"], settings());
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("0 differences");
    server = await started();
    [ann, bob] = await Promise.all([clientOf(server, "ann"), clientOf(server, "bob")]);
  });

  test("takes another master key while it is used", async () => {
    const before = await readFile(join(dataDir, "master-key"), "utf8");
    expect(await run(rotate)).toMatch(/^\d+ of \d+ keys were wrapped anew; 0 are destroyed/);
    const after = await readFile(join(dataDir, "master-key"), "utf8");
    expect(after.trim().split(",")).toEqual([expect.any(String), before.trim()]);
    await ann.act("sendMessage", { userId: "bob", text: "after the rotation" });
    expect((await shown(bob)).messages.edges.at(-1)).toEqual({ node: { text: "after the rotation" } });
    await run(rotate);
    expect((await readFile(join(dataDir, "master-key"), "utf8")).trim().split(",")[1]).toBe(after.split(",")[0]);
    await server.stop();
    server = await started();
    bob = await clientOf(server, "bob");
    expect((await shown(bob)).messages.edges.at(-1)).toEqual({ node: { text: "after the rotation" } });
  });

  test.skipIf(isOnServer)("says how much of it is sealed", async () => {
    const said = await run(showKeys);
    expect(said).toMatch(/log: \d+ events, of which \d{2} are sealed/);
    expect(said).toContain("nothing that people wrote is plain");
  });

  test.skipIf(isOnServer)("has no key in its backup, which says so", async () => {
    const file = join(folder.path, "backup.sqlite");
    const { code, out } = await runTidings(["backup", file], settings());
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining("are not in it: save") as string });
    const bytes = await readFile(file);
    expect(bytes.includes((await readFile(join(dataDir, "master-key"), "utf8")).slice(0, 40))).toBe(false);
    // The name of a key that each store of keys has.
    expect(await filesWith(["/log -"], /^keys/)).not.toEqual([]);
    expect(bytes.includes("/log -")).toBe(false);
    for (const word of Object.values(WORDS)) expect(bytes.includes(word), word).toBe(false);
  });

  test("is not begun to be served without its keys, and tells where they are looked for", async () => {
    await server.stop();
    for (const [name, said] of [
      ["keys.db", /its keys are not here .*docs\/operations\.md/],
      ["master-key", /its keys cannot be opened here: MASTER_KEY is not set, and .*master-key holds no master key: put it back/],
    ] as const) {
      await rename(join(dataDir, name), join(dataDir, "away"));
      await expect(started(), name).rejects.toThrow(said);
      await rename(join(dataDir, "away"), join(dataDir, name));
    }
    const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");
    await expect(started({ MASTER_KEY })).rejects.toThrow(
      /its keys cannot be opened here: the key .* is wrapped by another master key/,
    );
    server = await started();
  });

  test("forgets a person for good, and nobody else", async () => {
    await server.stop();
    const words = [...Object.values(WORDS).filter((word) => word !== WORDS.title), "plantedafter", "plantedbytes"];
    expect(await filesWith(words, /^search/)).not.toEqual([]);
    expect(await filesWith(["plantedbytes"], /^files/)).not.toEqual([]);
    const refused = await runTidings(["erase", "ann"], settings());
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("nothing is done yet. With --for-good");
    const { code, out, err } = await runTidings(["erase", "ann", "--for-good"], settings());
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^[1-9]\d* keys of ann are destroyed/);
    expect(out).toContain("1 files of ann are removed");
    expect(out).toContain("ann is read as erased everywhere");
    const again = await runTidings(["erase", "ann", "--for-good"], settings());
    expect(again.out).toContain("ann has no keys (any more)");
    server = await started();
    [ann, bob] = await Promise.all([clientOf(server, "ann"), clientOf(server, "bob")]);
    const seen = await shown(bob);
    expect(seen.title).toBe(ERASED);
    expect(new Set(seen.messages.edges.map(({ node }) => node.text))).toEqual(new Set([ERASED, "an answer"]));
    const { searchMessages } = await bob.ask<{ searchMessages: { edges: unknown[] } }>(
      `{ searchMessages(query: { text: "${WORDS.edited}" }, first: 5) { edges { cursor } } }`,
    );
    expect(searchMessages.edges).toEqual([]);
    await server.stop();
    const verified = await runTidings(["verify", "all"], settings());
    expect({ code: verified.code, err: verified.err }).toEqual({ code: 0, err: "" });
    // In all that was made anew, too. The rows of LevelDB are compressed: what is searched is not.
    if (!isOnServer) expect(await filesWith(words, /./)).toEqual([]);
    server = await started();
    [ann, bob] = await Promise.all([clientOf(server, "ann"), clientOf(server, "bob")]);
    // Whoever comes back begins anew.
    await ann.act("sendMessage", { userId: "bob", text: "it is me again" });
    expect((await shown(bob)).messages.edges.at(-1)).toEqual({ node: { text: "it is me again" } });
  });
});

const real = realPostgres("a log whose keys are in PostgreSQL");
test.skipIf(!real)("a log whose keys are in PostgreSQL is read again there, and nowhere without the master key", async () => {
  const own = await tempDir();
  const at = {
    DATA_DIR: own.path,
    DATABASE_URL: real?.url ?? "",
    DATABASE_SCHEMA: real?.newSchema() ?? "",
    MASTER_KEY: newMaster(),
  };
  let mine = await apiServer({ ...at, ENCRYPTION: "on" });
  try {
    const [carol] = await registeredAll(mine, "carol", "dave");
    await carol.act("sendMessage", { userId: "dave", text: "plantedtext" });
    await mine.stop();
    const { MASTER_KEY, ...without } = at;
    await expect(apiServer(without)).rejects.toThrow(/its keys cannot be opened here: MASTER_KEY is not set/);
    mine = await apiServer({ ...at, MASTER_KEY: `${newMaster()},${MASTER_KEY}` });
    const dave = await clientOf(mine, "dave");
    const { conversation } = await dave.ask<{ conversation: { lastMessage: { text: string } } }>(
      `{ conversation(id: "d:carol~dave") { lastMessage { text } } }`,
    );
    expect(conversation.lastMessage.text).toBe("plantedtext");
    expect(await readdir(own.path)).not.toContain("keys.db");
    const rotated = await runTidings(["keys", "rotate"], { ...at, MASTER_KEY: `${newMaster()},${MASTER_KEY}` });
    expect({ code: rotated.code, err: rotated.err }).toEqual({ code: 0, err: "" });
    expect(rotated.out).toMatch(/^[1-9]\d* of [1-9]\d* keys were wrapped anew; 0 are destroyed/);
  } finally {
    await mine.stop();
    await own.remove();
  }
});
