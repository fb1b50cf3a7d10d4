import fc from "fast-check";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { judgeLog } from "../../../src/commandline/moderate.ts";
import { readyRules, ruleFile } from "../../../src/domain/rules.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { caller } from "../../support/cast.ts";
import { registered } from "../../support/client.ts";
import { runs, seed } from "../../support/property.ts";
import { runTidings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { world, type World } from "../../support/world.ts";

const FILE = {
  exempt: ["dan"],
  rules: [
    { name: "words", kind: "words", words: ["casino", "赌场"], action: "refuse", message: "No advertisements." },
    { name: "links", kind: "links", never: ["spam.example"], in: ["GROUP"], action: "refuse", message: "No links." },
    { name: "rate", kind: "rate", messages: 3, seconds: 20, per: "user", action: "refuse", message: "Slower." },
    { name: "same", kind: "duplicates", times: 1, seconds: 60, action: "refuse", message: "Once is enough." },
    { name: "look", kind: "words", words: ["look"], action: "report", message: "A look at this, please." },
  ],
};

/** What somebody tries to send or to make of what they sent, and after how many seconds. */
type Attempt = { by: number; to: number; text: string; afterS: number; edits: boolean };
const PEOPLE = ["ann", "bob", "cay", "dan"] as const;

const attempts = fc.array(
  fc.record({
    by: fc.nat(PEOPLE.length - 1),
    to: fc.nat(1),
    text: fc.constantFrom(
      "hi",
      "to the casino",
      "see spam.example",
      "look at this",
      "the same long text",
      "去赌场",
      "another long text",
    ),
    afterS: fc.nat(15),
    edits: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

/** Tries all of it where these rules are in force, or none. Says what was refused, by the message of the rule. */
async function tried(all: readonly Attempt[], file: object | undefined) {
  let nowMs = Date.UTC(2024, 0, 1);
  const rules = file && readyRules(ruleFile.parse(file));
  const here: World = world({
    now: () => new Date(nowMs),
    ...(rules ? { rules: { now: () => rules, failed: (_: string, error: unknown) => expect.fail(String(error)) } } : {}),
  });
  for (const user of PEOPLE) await here.commands.register(caller(user), { ...profileOf(user), clientMutationId: "r" });
  await here.catchUp();
  const memberIds = PEOPLE.slice(1);
  const group = { kind: "GROUP", title: "All", memberIds, joinPolicy: "OPEN", public: false, historyVisible: true } as const;
  const more = { avatarUrl: null, description: null, announcement: null, category: null, tags: [], clientMutationId: "g" };
  const { conversationId } = await here.commands.createConversation(caller("ann"), {
    ...group,
    ...more,
    memberIds: [...memberIds],
  });
  await here.catchUp();
  const outcomes: (string | undefined)[] = [];
  const own = new Map<string, { conversationId: string; seq: number }>();
  for (const [index, { by, to, text, afterS, edits }] of all.entries()) {
    nowMs += afterS * 1_000;
    const user = PEOPLE[by] as string;
    const sent = own.get(user);
    const clientMutationId = `${index}`;
    try {
      if (edits && sent) await here.commands.editMessage(caller(user), { clientMutationId, ...sent, text });
      else {
        const where =
          to === 0 ? { conversationId, userId: null } : { conversationId: null, userId: user === "ann" ? "bob" : "ann" };
        const nothing = { kind: "TEXT", topic: null, attachments: [], replyTo: null, mentions: [], mentionsAll: false } as const;
        const done = await here.commands.sendMessage(caller(user), {
          ...nothing,
          ...where,
          text,
          clientMutationId,
          attachments: [],
          mentions: [],
        });
        own.set(user, { conversationId: done.conversationId, seq: done.message.seq });
      }
      outcomes.push(undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcomes.push(error.message);
    }
    await here.catchUp();
  }
  return { here, outcomes };
}

const profileOf = (handle: string) => ({
  handle,
  name: handle,
  avatarUrl: null,
  gender: null,
  birthday: null,
  signature: null,
  tags: [],
});

test("what rules would have done is what they do, when the same is sent in the same order", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(attempts, async (all) => {
      // Only messages: without rules, an edit may be of a message that rules would have refused.
      const sends = all.map((each) => ({ ...each, edits: false }));
      const [free, held] = [await tried(sends, undefined), await tried(sends, FILE)];
      expect(free.outcomes.every((outcome) => outcome === undefined)).toBe(true);
      const refused: (string | undefined)[] = [];
      const judged = (_: unknown, by: string | undefined) =>
        void refused.push(FILE.rules.find(({ name }) => name === by)?.message);
      const rules = readyRules(ruleFile.parse(FILE));
      const findings = await judgeLog(free.here.log, await free.here.log.end(), rules, { since: "", judged });
      expect(refused).toEqual(held.outcomes);
      expect(findings.messages).toBe(sends.length);
      expect(findings.refused).toBe(held.outcomes.filter((outcome) => outcome !== undefined).length);
      // Nobody waits for the reports of rules.
      const reported = async () => (await held.here.events()).filter(({ type }) => type === "MessageReported").length;
      await until("all is reported", async () => (await reported()) >= findings.reported);
      expect(await reported()).toBe(findings.reported);
    }),
    { numRuns: runs(30), seed: seed("rules on old messages") },
  );
});

test("edits are held to words and links, where they are made and where they are looked at", { timeout: 120_000 }, async () => {
  const wordsOnly = { rules: FILE.rules.filter(({ kind }) => kind === "words").map((rule) => ({ ...rule, action: "report" })) };
  await fc.assert(
    fc.asyncProperty(attempts, async (all) => {
      const { here, outcomes } = await tried(all, wordsOnly);
      expect(outcomes.every((outcome) => outcome === undefined)).toBe(true);
      const rules = readyRules(ruleFile.parse(wordsOnly));
      const findings = await judgeLog(here.log, await here.log.end(), rules, { since: "" });
      const places = findings.rules.flatMap(({ rule, samples }) =>
        samples.map(({ conversationId, seq }) => JSON.stringify({ conversationId, seq, rule })),
      );
      const reported = async () =>
        (await here.events()).flatMap(({ type, data }) => {
          const { conversationId, seq, rule } = data as { conversationId: string; seq: number; rule: string };
          return type === "MessageReported" ? [JSON.stringify({ conversationId, seq, rule })] : [];
        });
      await until("all is reported", async () => {
        const found = await reported();
        return places.every((place) => found.includes(place));
      });
    }),
    { numRuns: runs(30), seed: seed("rules on edits") },
  );
});

describe("tidings moderate", () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  beforeAll(async () => {
    folder = await tempDir();
  });
  afterAll(() => folder.remove());

  const rulesAt = async (name: string, file: unknown): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, typeof file === "string" ? file : JSON.stringify(file));
    return path;
  };

  it("tells what rules would have refused, by rule, with samples, while the server runs, and writes nothing", async () => {
    const server = await startServer();
    const [ann] = [await registered(server, "ann"), await registered(server, "bob")];
    for (const text of ["to the casino", "hello", "look here"]) await ann.act("sendMessage", { userId: "bob", text });
    const path = await rulesAt("rules.json", FILE);
    const run = (...more: string[]) => runTidings(["moderate", "--rules", path, ...more], server.environment);
    const { code, out, err } = await run("--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const findings = JSON.parse(out.trim().split("\n").at(-1) ?? "") as { rules: { rule: string }[] };
    expect(findings).toMatchObject({ since: null, messages: 3, edits: 0, refused: 1, reported: 1 });
    expect(findings.rules.map(({ rule }) => rule)).toEqual(["words", "look"]);
    expect(findings.rules[0]).toMatchObject({
      messages: 1,
      senders: [{ senderId: "ann", messages: 1 }],
      samples: [{ conversationId: "d:ann~bob", seq: 1, senderId: "ann", text: "to the casino", edit: false }],
    });
    expect((await run("--since", "1d")).out).toContain("3 messages and 0 edits: 1 would have been refused, 1 reported");
    expect((await run()).out).toContain("words (words): would have refused 1");
    await ann.act("sendMessage", { userId: "bob", text: "to the casino again" });
    await server.stop();
    // The log has what was sent, and nothing else.
    expect((await run("--json")).out).toContain('"messages":4');
    expect((await runTidings(["verify", "log"], server.environment)).out).toMatch(/0 faults/);
  });

  it("says what is wrong with a file, and where", async () => {
    const refused = async (file: unknown) => {
      const { code, err } = await runTidings(["moderate", "--rules", await rulesAt("wrong.json", file)], {
        DATA_DIR: folder.path,
      });
      expect(code).toBe(1);
      return err;
    };
    expect(await refused('{\n  "rules": [\n    nonsense\n  ]\n}')).toContain("wrong.json are no JSON (line 3, column 5):");
    expect(await refused({ rules: [{ ...FILE.rules[0], words: ["ok", ""] }] })).toContain("rules[0].words[1]:");
    expect(await refused({ rules: [{ ...FILE.rules[0], kind: "regex" }] })).toContain("rules[0].kind:");
    const { err } = await runTidings(["moderate", "--rules", join(folder.path, "absent.json")], { DATA_DIR: folder.path });
    expect(err).toMatch(/the rules cannot be read: .*absent\.json/);
    expect((await runTidings(["moderate"], { DATA_DIR: folder.path })).err).toMatch(/--rules/);
  });
});
