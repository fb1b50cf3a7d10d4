import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { registeredAll } from "../../support/client.ts";
import { apiServer } from "../../support/apiServer.ts";
import { relay } from "../../support/relay.ts";
import { until } from "../../support/until.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The README's live example: the one command there that makes a client. */
async function example(): Promise<string> {
  const readme = await readFile(`${root}README.md`, "utf8");
  const found = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .map(([, text = ""]) => text)
    .filter((text) => text.includes("createClient"));
  const [text] = found;
  if (text === undefined || found.length > 1) throw new Error(`the README has ${found.length} live examples`);
  return text;
}

test("the README's live example tells what was sent while its socket was away, once", async () => {
  await using server = await apiServer();
  await using between = await relay(server.address);
  const [alice] = await registeredAll(server, "alice", "bob");
  const say = (text: string) => alice.act("sendMessage", { userId: "bob", text });
  await say("before");

  const command = (await example()).replace("localhost:4000", between.host);
  const child = spawn("bash", ["-c", command], {
    cwd: root,
    env: { ...process.env, DATA_DIR: server.config.dataDir },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: whatever it starts ends with it.
    detached: true,
  });
  const lines: string[] = [];
  const faults: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  child.stderr.on("data", (data: Buffer) => faults.push(data.toString()));
  const ended = once(child, "close");
  const told = () => lines.flatMap((line) => (JSON.parse(line) as { message?: { text: string } }).message?.text ?? []);
  const caughtUp = () => lines.filter((line) => line.includes("InboxCaughtUp")).length;
  const isThere = (): true => {
    if (child.exitCode !== null) throw new Error(`it ended: ${faults.join("")}`);
    return true;
  };
  try {
    await until("it listens", () => isThere() && caughtUp() === 1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ edges: [{ node: { title: "alice", unreadCount: 1 } }] });
    await say("live");
    await until("it is told", () => isThere() && told().length === 1);

    const connections = between.count;
    between.interrupt();
    for (const text of ["missed one", "missed two"]) await say(text);
    between.restore();
    await until("it is back", () => isThere() && told().length >= 3);
    await say("live again");
    await until("it goes on", () => isThere() && told().length >= 4);
    expect(told()).toEqual(["live", "missed one", "missed two", "live again"]);
    expect(between.count).toBeGreaterThan(connections);
    expect(faults).toEqual([]);
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  }
});
