import { createReadStream, readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { Fact } from "../../src/domain/archive.ts";
import { readLog } from "../../src/server/log.ts";
import { LARGE, largeArchive, type LargeKind, type Tally, tallyKey } from "../support/largeArchives.ts";
import { logSettings } from "../support/logSettings.ts";
import { runTidings, startTidings } from "../support/server.ts";
import { tempDir } from "../support/tempDir.ts";

/*
 * The archive of each messenger is imported, killed in its middle again and again, and gone on with: then all is there, once,
 * and the memory that it took has a limit. FAULT_SENDS says how many messages, FAULT_KILLS how many kills; IMPORT_KINDS which
 * archives.
 */

const given = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const MESSAGES = given("FAULT_SENDS", 1_000);
const KILLS = given("FAULT_KILLS", 5);
const KINDS = (process.env["IMPORT_KINDS"]?.split(",") as LargeKind[] | undefined) ?? LARGE;
const LIMIT_BYTES = 536_870_912;
const WITHIN_MS = 60_000 + MESSAGES * 10;

vi.setConfig({ testTimeout: 3 * WITHIN_MS + KILLS * 60_000 });

/** How many events the log holds by now. */
async function eventsIn(dataDir: string): Promise<number> {
  try {
    const log = await readLog(readConfig(logSettings({ DATA_DIR: dataDir })));
    try {
      // In base 36.
      return Number.parseInt((await log.end()).split(".").at(-1) ?? "", 36);
    } finally {
      await log.close();
    }
  } catch {
    // It has not begun.
    return 0;
  }
}

/** The most memory that a process has had, in bytes. Only Linux says so. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
}

/** What an archive of all that was imported tells. */
async function told(file: string): Promise<{ tally: Tally; likes: number }> {
  const titles = new Map<string, string>();
  const names = new Map<string, string>();
  const tally: Tally = {};
  let likes = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { fact, data, at } = JSON.parse(line) as Fact;
    if (fact === "GroupCreated") titles.set(data.groupId, data.title);
    if (fact === "UserRegistered") names.set(data.userId, data.name);
    if (fact === "ReactionAdded") likes++;
    if (fact !== "MessageSent") continue;
    const key = tallyKey(titles.get(data.conversationId) ?? "?", names.get(data.senderId) ?? "?", at.slice(0, 10));
    tally[key] = (tally[key] ?? 0) + 1;
  }
  return { tally, likes };
}

test.each(KINDS)(`${MESSAGES} messages of %s, and the import killed ${KILLS} times`, async (kind) => {
  const folder = await tempDir();
  onTestFinished(() => folder.remove());
  const [archive, dataDir] = [join(folder.path, "archive"), join(folder.path, "data")];
  const made = await largeArchive(kind, MESSAGES, archive);
  let peak = 0;
  let killed = 0;
  const began = performance.now();
  for (let kill = 1; kill <= KILLS; kill++) {
    const target = Math.floor((MESSAGES * kill) / (KILLS + 1));
    const run = startTidings(["import", archive], { DATA_DIR: dataDir });
    let isOver = false;
    void run.ended.then(() => (isOver = true));
    while (!isOver && (await eventsIn(dataDir)) < target) {
      peak = Math.max(peak, peakOf(run.pid));
      await delay(10);
    }
    if (!isOver) killed++;
    await run.kill();
  }
  const last = startTidings(["import", archive], { DATA_DIR: dataDir });
  let isOver = false;
  void last.ended.then(() => (isOver = true));
  while (!isOver) {
    peak = Math.max(peak, peakOf(last.pid));
    await delay(20);
  }
  const { code, out, err } = await last.ended;
  expect({ code, err }, out).toEqual({ code: 0, err: "" });
  const seconds = Math.round((performance.now() - began) / 1_000);
  const again = await runTidings(["import", archive], { DATA_DIR: dataDir }, { withinMs: WITHIN_MS });
  expect(again.out).toMatch(/^0 stored, \d+ there already, 0 refused$/m);
  const all = join(folder.path, "all.jsonl");
  const exported = await runTidings(["export", "--all", all], { DATA_DIR: dataDir }, { withinMs: WITHIN_MS });
  expect(exported.code, exported.err).toBe(0);
  expect(await told(all)).toEqual(made);
  process.stdout.write(
    `${kind}: ${MESSAGES} messages in ${seconds} s with ${killed} kills, ${Math.round(peak / 1_048_576)} MiB at most\n`,
  );
  expect(killed, "imports that were killed in their middle").toBeGreaterThan(0);
  expect(peak).toBeLessThan(LIMIT_BYTES);
});

test(`an import with files that is killed ${KILLS} times has each of them once`, async () => {
  const folder = await tempDir();
  onTestFinished(() => folder.remove());
  const [archive, dataDir] = [join(folder.path, "archive"), join(folder.path, "data")];
  const count = Math.max(60, Math.ceil(MESSAGES / 20));
  await mkdir(join(archive, "data"), { recursive: true });
  const lines: object[] = [
    { type: "version", version: 1 },
    { type: "channel", channel: { team: "t", name: "town", display_name: "Town", type: "O" } },
    { type: "user", user: { username: "ann", teams: [{ name: "t", channels: [{ name: "town" }] }] } },
  ];
  for (let number = 0; number < count; number++) {
    await writeFile(join(archive, "data", `${number}.txt`), `the words of file ${number}`);
    const post = { team: "t", channel: "town", user: "ann", message: `file ${number}`, create_at: 1_500_000_000_000 + number };
    lines.push({ type: "post", post: { ...post, attachments: [{ path: `${number}.txt` }] } });
  }
  await writeFile(join(archive, "import.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
  const filesIn = async (part: "kept" | "incoming"): Promise<number> => {
    const found = await readdir(join(dataDir, "files", part), { recursive: true, withFileTypes: true }).catch(() => []);
    return found.filter((entry) => entry.isFile()).length;
  };
  let killed = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const run = startTidings(["import", archive], { DATA_DIR: dataDir });
    let isOver = false;
    void run.ended.then(() => (isOver = true));
    while (!isOver && (await filesIn("kept")) + (await filesIn("incoming")) < (count * kill) / (KILLS + 1)) await delay(5);
    if (!isOver) killed++;
    await run.kill();
  }
  for (const isAgain of [false, true]) {
    const { code, out, err } = await runTidings(["import", archive], { DATA_DIR: dataDir }, { withinMs: WITHIN_MS });
    expect({ code, err }, out).toEqual({ code: 0, err: "" });
    if (isAgain) expect(out).toMatch(/^0 stored, /m);
    expect({ kept: await filesIn("kept"), incoming: await filesIn("incoming") }).toEqual({ kept: count, incoming: 0 });
  }
  const all = join(folder.path, "all");
  const { out } = await runTidings(["export", "--all", "--files", all], { DATA_DIR: dataDir }, { withinMs: WITHIN_MS });
  expect(out).toContain(`${count} files`);
  expect(killed, "imports that were killed in their middle").toBeGreaterThan(0);
});
