import { copyFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { runTidings, type Server, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

// Servers are started and ended many times.
vi.setConfig({ testTimeout: 180_000 });

/** What is put back is the files of DATA_DIR: the log, and the views that were folded from it. */
const EMBEDDED = { EVENTSTORE_URL: "", DATABASE_URL: "" };
const GROUP = "d:alice~bob";

const reachable = (of: Server) => ({
  get address() {
    return of.url;
  },
  token: (user: string) => of.token(user),
});
const say = (client: Client, text: string) => client.act("sendMessage", { userId: "bob", text });
const texts = async (client: Client, page: Record<string, number> = { last: 100 }): Promise<(string | null)[]> =>
  (await client.messages(GROUP, page)).edges.map(({ node }) => node.text);
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

async function started(): Promise<{ server: Server; alice: Client; folder: string }> {
  const server = await startServer({ settings: EMBEDDED });
  onTestFinished(() => server.remove());
  const { path: folder, remove } = await tempDir();
  onTestFinished(remove);
  const alice = await registered(reachable(server), "alice");
  await registered(reachable(server), "bob");
  return { server, alice, folder };
}

test("a backup is made while the server takes messages, and restored: what it holds is served, cursors of before are of another log", async () => {
  const { server, alice, folder } = await started();
  const run = (...args: string[]) => runTidings(args, { DATA_DIR: server.dataDir, ...EMBEDDED });
  for (let n = 1; n <= 20; n++) await say(alice, `before ${n}`);

  const file = join(folder, "backup");
  let sending = true;
  const during = (async () => {
    for (let n = 1; sending; n++) await say(alice, `during ${n}`);
  })();
  const backup = await run("backup", file);
  sending = false;
  await during;
  expect(backup, backup.err).toMatchObject({ code: 0 });
  expect(backup.out).toMatch(/^\d+ events are in .*backup/m);
  expect(await modeOf(file)).toBe(0o600);
  expect((await run("backup", file)).err).toMatch(/is there already/);

  let cursor = "";
  for (let n = 1; n <= 3; n++) cursor = (await say(alice, `after ${n}`)).cursor;
  const beside = await run("restore", file);
  expect(beside.code).toBe(1);
  expect(beside.err).toMatch(/a server runs on DATA_DIR .*: end it first/);

  const secret = await readFile(join(server.dataDir, "secret"), "utf8");
  await server.stop();
  // As on another machine, with another secret.
  await writeFile(join(server.dataDir, "secret"), "another secret, which nobody has a token of yet\n");
  const restored = await run("restore", file);
  expect(restored, restored.err).toMatchObject({ code: 0, err: "" });
  expect(await readFile(join(server.dataDir, "secret"), "utf8")).toBe(secret);
  const aside = join(server.dataDir, "before-restore-1");
  expect(await readdir(aside)).toEqual(expect.arrayContaining(["log.sqlite", "secret", "views"]));
  expect(await modeOf(aside)).toBe(0o700);

  await server.start();
  expect(server.faults()).toEqual([]);
  const again = await clientOf(reachable(server), "alice");
  expect(await texts(again, { first: 20 })).toEqual(Array.from({ length: 20 }, (_, n) => `before ${n + 1}`));
  expect((await texts(again)).filter((text) => text?.startsWith("after"))).toEqual([]);
  for (let n = 0; n < 40; n++) await say(again, `new ${n}`);
  expect((await again.sync(cursor)).resetRequired).toBe(true);
  const verified = await run("verify", "log");
  expect(verified, verified.err).toMatchObject({ code: 0 });
  expect(verified.out).toMatch(/log: \d+ events, 0 faults/);
  // The secret of the backup is no part of the log that is served.
  const db = new DatabaseSync(join(server.dataDir, "log.sqlite"), { readOnly: true });
  expect(db.prepare("select name from sqlite_schema where name = 'backup'").all()).toEqual([]);
  db.close();
});

test("what is no backup, or is damaged, is refused and changes nothing; a restore that was cut short is finished first", async () => {
  const { server, alice, folder } = await started();
  const run = (...args: string[]) => runTidings(args, { DATA_DIR: server.dataDir, ...EMBEDDED });
  await say(alice, "first words");
  const file = join(folder, "backup");
  expect(await run("backup", file)).toMatchObject({ code: 0 });
  await server.stop();
  const there = (await readdir(server.dataDir)).sort();

  const other = join(folder, "other");
  await writeFile(other, "no database");
  expect((await run("restore", other)).err).toMatch(/is not a database/);
  expect((await run("restore", join(folder, "nothing"))).err).toMatch(/the file .*nothing does not exist/);
  const damaged = join(folder, "damaged");
  await copyFile(file, damaged);
  const db = new DatabaseSync(damaged);
  db.exec("update events set data = replace(data, 'first words', 'other words')");
  db.close();
  const refused = await run("restore", damaged);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/damaged is damaged, and nothing was changed; 1 faults:\n.*is not what was stored/);
  expect((await readdir(server.dataDir)).sort()).toEqual(there);

  // The damaged log is named by verify, beside no server.
  await copyFile(damaged, join(folder, "log.sqlite"));
  const verified = await runTidings(["verify", "log"], { DATA_DIR: folder, ...EMBEDDED });
  expect(verified.code).toBe(1);
  expect(verified.err).toMatch(/MessageSent\) is not what was stored/);
  expect(verified.out).toMatch(/1 faults/);

  await writeFile(join(server.dataDir, "RESTORING"), file);
  const half = await run("serve");
  expect(half.code).toBe(1);
  expect(half.err).toMatch(/is half restored: run "tidings restore FILE" again/);
  expect(await run("restore", file)).toMatchObject({ code: 0 });
  await server.start();
  expect(await texts(await clientOf(reachable(server), "alice"))).toEqual(["first words"]);
});
