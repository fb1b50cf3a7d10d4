import { expect, test } from "vitest";
import { registeredAll } from "../../support/client.ts";
import { apiServer } from "../../support/apiServer.ts";
import { firstConversation, liveExample, shell } from "../../support/readmeSession.ts";
import { relay } from "../../support/relay.ts";
import { until } from "../../support/until.ts";

test("the README's first conversation goes as it says there, word by word", async () => {
  await using server = await apiServer();
  await firstConversation({ host: new URL(server.address).host, settings: { DATA_DIR: server.config.dataDir } });
});

test("the README's live example tells what was sent while its socket was away, once", async () => {
  await using server = await apiServer();
  await using between = await relay(server.address);
  const [alice] = await registeredAll(server, "alice", "bob");
  const say = (text: string) => alice.act("sendMessage", { userId: "bob", text });
  await say("before");

  const { lines, faults, isThere, end } = shell(await liveExample(), between.host, { DATA_DIR: server.config.dataDir });
  const told = () => lines.flatMap((line) => (JSON.parse(line) as { message?: { text: string } }).message?.text ?? []);
  const caughtUp = () => lines.filter((line) => line.includes("InboxCaughtUp")).length;
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
    await end();
  }
});
