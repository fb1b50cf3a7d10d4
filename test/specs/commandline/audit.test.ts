import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { logFile } from "../../../src/adapters/eventStore/sqlite/database.ts";
import { showHead, showProof, verifyAudit } from "../../../src/commandline/audit.ts";
import { readConfig } from "../../../src/config.ts";
import type { TreeHead } from "../../../src/ports/auditTree.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import { logSettings } from "../../support/logSettings.ts";
import { runTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/* What proves that nothing was changed: asked of a server, and of the command line beside it and after it. */

const HEAD = "size root signedAt signature key";

/** The file of such a log is not here. */
const isOnServer = readConfig(logSettings({})).eventStoreUrl !== undefined;

let folder: Awaited<ReturnType<typeof tempDir>>;
let dataDir: string;
let server: ApiServer;
let ann: Client;
let operator: Client;
let sent: string;
let first: TreeHead;

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, "data");
  server = await apiServer({ DATA_DIR: dataDir, AUDIT_HEADS: "1s" });
  [ann] = await registeredAll(server, "ann", "bob");
  operator = await clientOf(server, "operator", { admin: true });
  ({ cursor: sent } = await ann.act("sendMessage", { userId: "bob", text: "sealed" }));
  first = await askedHead();
});
afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const ask = async <T>(selection: string, as: Client = operator): Promise<T> =>
  (await as.ask<{ admin: { audit: T } }>(`{ admin { audit { ${selection} } } }`)).admin.audit;

const askedHead = async (): Promise<TreeHead> => (await ask<{ treeHead: TreeHead }>(`treeHead { ${HEAD} }`)).treeHead;

/** Runs one of the commands here, and tells what it said. */
async function run(
  command: (config: ReturnType<typeof readConfig>, terminal: Parameters<typeof showHead>[1]) => Promise<unknown>,
) {
  const out: string[] = [];
  const error: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), error: (text: string) => void error.push(text), bar: false };
  const code = await command(readConfig(logSettings({ DATA_DIR: dataDir })), terminal);
  return { code, out: out.join("\n"), error: error.join("\n") };
}

const written = async (name: string, text: string): Promise<string> => {
  const file = join(folder.path, name);
  await writeFile(file, text);
  return file;
};

describe("the audit of a log", () => {
  it("gives a signed head of all that was acknowledged, and the same one while nothing happens", async () => {
    expect(first.size).toBeGreaterThan(3);
    expect(await askedHead()).toEqual(first);
    await ann.act("sendMessage", { userId: "bob", text: "more" });
    expect((await askedHead()).size).toBeGreaterThan(first.size);
  });

  it("proves an event by its cursor, also in an earlier tree, and that one tree is the beginning of another", async () => {
    const { inclusion } = await ask<{ inclusion: { index: number; treeSize: number } }>(
      `inclusion(cursor: "${sent}", treeSize: ${first.size}) { index treeSize leaf path }`,
    );
    expect(inclusion).toMatchObject({ treeSize: first.size });
    const last = await askedHead();
    const { consistency } = await ask<{ consistency: string[] }>(`consistency(from: ${first.size}, to: ${last.size})`);
    expect(consistency.length).toBeGreaterThan(0);
  });

  it("says what is wrong with what it is asked", async () => {
    const asked = (selection: string): ReturnType<typeof refusal> => refusal(ask(selection));
    const later = (await ann.act("sendMessage", { userId: "bob", text: "later" })).cursor;
    expect(await asked(`inclusion(cursor: "nothing") { index }`)).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked(`inclusion(cursor: "${later}", treeSize: ${first.size}) { index }`)).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked(`inclusion(cursor: "${sent}", treeSize: 1.5) { index }`)).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked(`inclusion(cursor: "${sent}", treeSize: 1e12) { index }`)).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked("consistency(from: 2, to: 1)")).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked("consistency(from: -1, to: 1)")).toMatchObject({ code: "BAD_INPUT" });
    expect(await asked("consistency(from: 1, to: 1e12)")).toMatchObject({ code: "BAD_INPUT" });
  });

  it("is for admins alone", async () => {
    expect(await refusal(ask(`treeHead { size }`, ann))).toMatchObject({ code: "FORBIDDEN" });
  });

  it("signs heads by itself", async () => {
    await ann.act("sendMessage", { userId: "bob", text: "one more" });
    const end = await server.tidings.log.end();
    await until("a head of all that there is", async () => {
      const { out } = await run(showHead);
      const { head } = JSON.parse(await proofOf(end).catch(() => "{}")) as { head?: TreeHead };
      return head !== undefined && out.includes(head.root);
    });
  });

  const proofOf = async (cursor: string, since?: string): Promise<string> =>
    (await run((config, terminal) => showProof(config, cursor, since, terminal))).out;

  it("is verified beside the server, and its proofs without any", async () => {
    const kept = await written("head.json", JSON.stringify(first));
    expect(await run((config, terminal) => verifyAudit(config, [kept], first.key, terminal))).toMatchObject({
      code: 0,
      error: "",
    });
    const proof = await written("proof.json", await proofOf(sent, kept));
    const checked = await runTidings(["audit", "check", proof, "--key", first.key], { DATA_DIR: join(folder.path, "nowhere") });
    expect(checked.out).toContain("the proof holds");
    expect(checked.code).toBe(0);
    const forged = await written("forged.json", (await proofOf(sent)).replace("sealed", "Sealed"));
    const refused = await runTidings(["audit", "check", forged], { DATA_DIR: join(folder.path, "nowhere") });
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("the event is not the one that the proof is of");
  });

  it("says what it needs", async () => {
    const none = await runTidings(["audit", "verify"], { DATA_DIR: join(folder.path, "nowhere") });
    expect(none.code).toBe(1);
    expect(none.err).toContain("there is no log");
    const file = await written("nothing.json", "{}");
    await expect(run((config, terminal) => verifyAudit(config, [file], undefined, terminal))).rejects.toThrow("is no head");
    await expect(run((config, terminal) => showProof(config, "nothing", undefined, terminal))).rejects.toThrow("no cursor");
    await expect(run((config, terminal) => showProof(config, server.tidings.log.origin, undefined, terminal))).rejects.toThrow(
      "there is no event at",
    );
  });

  it("goes on after a restart, with the same key", async () => {
    await server.stop();
    server = await apiServer({ DATA_DIR: dataDir });
    operator = await clientOf(server, "operator", { admin: true });
    expect((await askedHead()).key).toBe(first.key);
  });

  it("says so where no head can be signed", async () => {
    const other = join(folder.path, "other");
    const before = await apiServer({ DATA_DIR: other });
    await before.stop();
    await mkdir(join(other, "audit"), { recursive: true });
    await writeFile(join(other, "audit", `${before.tidings.log.id}.sqlite`), "this is no tree".repeat(100));
    const again = await apiServer({ DATA_DIR: other, AUDIT_HEADS: "1s" });
    onTestFinished(again.stop);
    const line = await until("it is said", () => again.logged.find((each) => each.includes("no head of the log")));
    expect(line).toContain("cannot be used");
  });

  it.skipIf(isOnServer)("finds what was changed while the server was not there", async () => {
    await server.stop();
    const db = new DatabaseSync(logFile(dataDir));
    db.exec("update events set data = replace(data, 'sealed', 'forged') where data like '%sealed%'");
    db.close();
    const { code, error } = await run((config, terminal) => verifyAudit(config, [], undefined, terminal));
    expect(code).toBe(1);
    expect(error).toContain(`${sent}: event`);
    expect(error).toContain("events are others");
  });
});
