import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { show } from "../../../src/commandline/show.ts";
import { type Client, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { runTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

let server: ApiServer;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeAll(async () => {
  server = await apiServer({ FANOUT_LIMIT: "2" });
  [ann, bob, cat] = await registeredAll(server, "ann", "bob", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

/** What is printed, line by line. */
async function printed(given: { conversation: string; at: string; until?: string; json?: boolean }): Promise<string[]> {
  const lines: string[] = [];
  const terminal = { out: (text: string) => void lines.push(text), error: (text: string) => void lines.push(text), bar: false };
  const { signal } = new AbortController();
  await show(server.config, { until: undefined, json: false, ...given }, terminal, signal);
  return lines;
}

/** A time after all that has happened, and before all that will. */
async function between(): Promise<string> {
  const at = new Date().toISOString();
  while (new Date().toISOString() === at) await new Promise((resolve) => setImmediate(resolve));
  return at;
}

/** Without times and cursors. */
const bare = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T").replaceAll(/ \([a-z0-9]{8}\.[0-9a-z]+\)/g, ""));

describe("tidings show", () => {
  it("shows how a conversation stood, and then who was told what, by which event", async () => {
    const before = await between();
    const { id } = (await ann.act("createConversation", { kind: "GROUP", title: "Walks", memberIds: ["bob"] })).conversation;
    await ann.act("sendMessage", { conversationId: id, text: "hello" });
    await bob.act("sendMessage", { conversationId: id, text: "a mistake" });
    await ann.act("markRead", { conversationId: id, seq: 2 });
    const at = await between();
    await bob.act("editMessage", { conversationId: id, seq: 2, text: "mended" });
    await bob.act("recallMessage", { conversationId: id, seq: 2 });
    await ann.act("react", { conversationId: id, seq: 1, emoji: "👍", on: true });
    await bob.act("leave", { id });
    await ann.act("sendMessage", { conversationId: id, text: "alone" });
    const until = await between();
    await ann.act("sendMessage", { conversationId: id, text: "later" });
    expect(bare(await printed({ conversation: id, at, until }))).toEqual([
      `${id} at T: GROUP "Walks", 2 members, 2 messages`,
      "  not public, joining: APPROVAL, earlier messages closed to members",
      "  OWNER ann, since T, has read up to #2",
      "  MEMBER bob, since T, has read up to #2",
      '  #1 T ann: "hello"',
      '  #2 T bob: "a mistake"',
      'T MessageEdited by bob #2 "mended"',
      "  told: ann, bob",
      "T MessageRecalled by bob #2",
      "  told: ann, bob",
      'T ReactionAdded by ann #1 {"userId":"ann","emoji":"👍"}',
      "  told: ann, bob",
      'T MemberLeft by bob {"userId":"bob"}',
      "  told: ann, bob",
      'T MessageSent by ann #3 "alone"',
      "  told: ann",
      "5 events from T until T",
    ]);
    expect(await printed({ conversation: id, at: before })).toEqual([`${id} was not there yet at ${before}`]);
    const [first = "", ...steps] = await printed({ conversation: id, at, until, json: true });
    expect(JSON.parse(first)).toMatchObject({ at, state: { conversation: id, lastSeq: 2, memberCount: 2 } });
    expect(steps.map((line) => (JSON.parse(line) as { step: { type: string; told: string[] } }).step.type)).toEqual([
      "MessageEdited",
      "MessageRecalled",
      "ReactionAdded",
      "MemberLeft",
      "MessageSent",
    ]);
  });

  it("tells who was told of what stands in no inbox, because there were more members than the fan-out limit", async () => {
    const members = { kind: "GROUP", title: "Many", memberIds: ["bob", "cat"] };
    const { id } = (await ann.act("createConversation", members)).conversation;
    await ann.act("sendMessage", { conversationId: id, text: "to three" });
    const at = await between();
    await cat.act("leave", { id });
    await ann.act("sendMessage", { conversationId: id, text: "to two" });
    const until = await between();
    const lines = bare(await printed({ conversation: id, at, until }));
    const steps = lines.filter((line) => line.startsWith("T ") || line.startsWith("  told"));
    expect(steps).toEqual([
      'T MemberLeft by cat {"userId":"cat"}',
      "  told: ann, bob, cat",
      'T MessageSent by ann #2 "to two"',
      "  told: ann, bob",
    ]);
  });

  it("shows a direct conversation, and nothing of what a terminal would take for a command", async () => {
    await ann.act("sendMessage", { userId: "bob", text: "line\nand \u001b[31mred \u009b and \u2066turned" });
    const lines = await printed({ conversation: "d:ann~bob", at: await between() });
    expect(bare(lines).slice(0, 3)).toEqual([
      "d:ann~bob at T: DIRECT, 2 members, 1 messages",
      "  MEMBER ann, since T, has read up to #1",
      "  MEMBER bob, since T, has read up to #0",
    ]);
    const last = lines[3] ?? "";
    expect(last).toContain('ann: "line\\nand \\u001b[31mred ');
    for (const char of last) expect(char.codePointAt(0)).toBeGreaterThanOrEqual(0x20);
    expect(last).not.toMatch(/[\u007f-\u009f\u2066]/);
  });

  it("says what is wrong with what it is given, and what to give", async () => {
    const { path: dataDir, remove } = await tempDir();
    const run = (...args: string[]) => runTidings(["show", ...args], { DATA_DIR: dataDir });
    try {
      const on = ["--conversation", "g:none"];
      expect((await run(...on)).err).toMatch(/--at/);
      expect((await run("--at", "2024-05-31T12:00:00Z")).err).toMatch(/--conversation/);
      expect((await run(...on, "--at", "noon")).err).toMatch(/--at noon: give a time as 2024-05-31T12:00:00Z/);
      const early = await run(...on, "--at", "2024-05-31T12:00:00Z", "--until", "2024-05-30T12:00:00Z");
      expect(early.err).toMatch(/--until .* is before --at/);
      expect((await run("--conversation", "nonsense", "--at", "2024-05-31T12:00:00Z")).err).toMatch(
        /nonsense is no conversation/,
      );
      const nowhere = await run(...on, "--at", "2024-05-31T12:00:00Z");
      expect({ code: nowhere.code, out: nowhere.out }).toEqual({ code: 1, out: "" });
    } finally {
      await remove();
    }
    await expect(printed({ conversation: "g:none", at: "2024-05-31T12:00:00Z" })).rejects.toThrow(
      "there is no conversation g:none",
    );
  });
});
