import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { holds, parseQuery } from "../../../src/domain/words.ts";
import { randomOf } from "../../support/random.ts";
import { type Client, clientOf, pages, refusal, registered } from "../../support/client.ts";
import { Refused } from "../../support/http.ts";
import { embeddedEngine, engines } from "../../support/engines.ts";
import { seed } from "../../support/property.ts";
import { searchIsLive, type Server, type Settings, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";

/*
 * Texts that nobody means well with, searched for over the network: each is answered soon, by what brute force finds or by
 * BAD_INPUT, and by every engine in the same way.
 */

const SOON_MS = 5_000;
const FUZZED = 150;

const FAMILY = "👨\u200d👩\u200d👧\u200d👦";
const ZALGO = `Z${"\u0301\u0310\u0334".repeat(150)}algo`;

const TEXTS = [
  'she said "hello world" and left',
  "it's O'Neil's; DROP TABLE documents_1; -- or not",
  "a AND b OR NOT c NEAR d",
  "title:x^2~3 [a TO b] {c TO d} _exists_:live",
  "/.*/ ^a$ (b|c)+ a?b* \\d+ \\",
  "下午三点在会议室开会，abc会议 佐々木",
  "ｆｕｌｌ　ｗｉｄｔｈ ﾊﾝｶｸ ガガ가",
  `family ${FAMILY} 👍🏽 🇨🇳 1️⃣ ❤️ 👋👋`,
  "\u202eright to left\u202c שלום مرحبا \u200f\u200e",
  ZALGO,
  "e\u0301 é ñ n\u0303 İstanbul ΟΔΟΣ straße ﬁn ǅ",
  "x".repeat(5_000),
  "会".repeat(2_000),
  "word ".repeat(1_500),
  "tab\tnew\nline\r\n\u0001\u0007\u001b[31m\u007f\u0085\u2028",
  "nat.add_comm C++ C# 1,000.50 a_b-c @ann #tag user@example.org https://example.org/?a=b&c=%20",
  "<script>alert(1)</script> {{7*7}} ${7*7} %s %n ../../etc/passwd",
  '{"query":{"match_all":{}}} null true [1,2]',
  '* *a a* ** "* *" %_',
  "𝒳𝓎 𠮷野家 \u{1f9d1}\u{1f3fb} \u{e0001}",
];

const NAMES = ["Ann O'Neil", '"Bob"', "* OR *", "李小龍", "👋 Wave", "İsmail", "%_", "a\u0301nn", "NULL", FAMILY];

const HOSTILE: [string, string][] = [
  ["nothing", ""],
  ["spaces", " \t\n\u3000\u00a0 "],
  ["a quote", '"'],
  ["two quotes", '""'],
  ["1,000 quotes", '"'.repeat(1_000)],
  ["quotes by turns", '"a" "'.repeat(80)],
  ["an open quote", '"hello world'],
  ["a quote within", 'say"hello world"and'],
  ["1,001 characters", "a".repeat(1_001)],
  ["5,000 characters", "a".repeat(5_000)],
  ["5,000 words", "a ".repeat(5_000)],
  ["a word of 1,000", "x".repeat(1_000)],
  ["the beginning of a long word", `${"x".repeat(999)}*`],
  ["1,000 ideographs", "会".repeat(1_000)],
  ["500 pictographs", "👋".repeat(500)],
  ["32 words", "word ".repeat(32)],
  ["33 words", "word ".repeat(33)],
  ["200 words", "word ".repeat(200)],
  ["32 beginnings", "w* ".repeat(32)],
  ["a beginning of every letter", "abcdefghijklmnopqrstuvwxyz".split("").join("* ")],
  ["a phrase of 400 words", `"${"word ".repeat(190)}"`],
  ["operators", "a AND b OR NOT c"],
  ["an operator alone", "AND"],
  ["NEAR", "NEAR(a b, 5)"],
  ["a column", "t:a"],
  ["a column set", "{t c} : e"],
  ["a column excluded", "- t : a"],
  ["initial token", "^a"],
  ["SQL", "'; DROP TABLE documents_1; --"],
  ["more SQL", "' OR '1'='1' UNION SELECT * FROM generations --"],
  ["LIKE", "%_%"],
  ["GLOB", "[a-z]*?"],
  ["Lucene", 'title:"x" AND NOT y~2^3 [a TO b]'],
  ["Lucene's fields", "_exists_:live _id:checkpoint *:*"],
  ["JSON", '{"query":{"match_all":{}}}'],
  ["a regular expression", "/(a+)+$/"],
  ["a slow one", `/(${"a".repeat(100)}+)+$/`],
  ["stars", "*"],
  ["many stars", "*".repeat(1_000)],
  ["stars around", "*a* **b**"],
  ["backslashes", "\\".repeat(999)],
  ["a backslash at the end", "a\\"],
  ["NUL", "\0"],
  ["NUL within", "hel\0lo"],
  ["control characters", "\u0001hello\u0007 \u001b[31mworld"],
  ["line separators", "hello\u2028world\u0085"],
  ["a high surrogate", "\ud800"],
  ["a low surrogate", "\udc00"],
  ["surrogates in the wrong order", "hello \udc00\ud800 world"],
  ["half of a pair at the end", "hello \ud83d"],
  ["an emoji", "👋"],
  ["a family", FAMILY],
  ["a part of a family", "👨"],
  ["joiners alone", "\u200d\u200d\u200d"],
  ["a skin tone", "👍🏽"],
  ["a skin tone alone", "🏽"],
  ["a flag", "🇨🇳"],
  ["a keycap", "1️⃣"],
  ["a variation selector", "❤️"],
  ["variation selectors alone", "\ufe0f\ufe0f"],
  ["marks of direction", "\u202ehello\u202c \u200f\u200e\u2066\u2069"],
  ["marks of direction alone", "\u202e\u202c\u200f"],
  ["Hebrew and Arabic", "שלום مرحبا"],
  ["hundreds of combining marks", ZALGO],
  ["combining marks alone", "\u0301".repeat(500)],
  ["composed", "é ñ"],
  ["decomposed", "e\u0301 n\u0303"],
  ["a dotted İ", "İSTANBUL"],
  ["a final sigma", "οδος"],
  ["ß", "STRASSE straße"],
  ["a ligature", "fin ﬁn"],
  ["full width", "ＦＵＬＬ　ＷＩＤＴＨ"],
  ["half width", "ﾊﾝｶｸ"],
  ["beyond the BMP", "𠮷野 𝒳"],
  ["one beyond the BMP", "𠮷"],
  ["a tag character", "\u{e0001}"],
  ["a private one", "\ue000\u{f0000}"],
  ["not a character", "\uffff\ufffe"],
  ["a byte order mark", "\ufeffhello"],
  ["a template", "${7*7} {{7*7}} %s%n"],
  ["markup", "<script>alert(1)</script>"],
  ["a path", "../../etc/passwd"],
  ["scripts that meet", "abc会议def가나12"],
  ["iteration marks", "々 佐々木"],
];

let folder: Awaited<ReturnType<typeof tempDir>>;
let settings: Settings;
let server: Server | undefined;
let sent: { id: string; text: string; sentAt: string }[];
let newest: string;

const reachable = {
  get address(): string {
    return server?.url ?? "";
  },
  token: (user: string) => (server ? server.token(user) : Promise.reject(new Error("no server runs"))),
};

async function serve(more: Settings): Promise<Client> {
  server = await startServer({ dataDir: settings["DATA_DIR"] ?? "", settings: { ...settings, ...more } });
  await searchIsLive(server);
  return clientOf(reachable, "ann");
}

/** Whatever was asked, nothing went wrong in there. */
async function stop(): Promise<void> {
  const running = server;
  server = undefined;
  if (!running) return;
  expect(await running.stop()).toBe(0);
  expect(running.faults()).toEqual([]);
}

beforeAll(async () => {
  folder = await tempDir();
  settings = { DATA_DIR: join(folder.path, "data"), ...embeddedEngine.settings };
  await serve({});
  const ann = await registered(reachable, "ann");
  for (const [place, name] of NAMES.entries()) {
    const client = await clientOf(reachable, `person${place}`);
    await client.act("register", { handle: `person${place}`, name, tags: [{ name }] });
  }
  for (const title of NAMES) await ann.act("createConversation", { kind: "GROUP", title, public: true, category: title });
  const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "all of it" });
  for (const text of TEXTS) newest = (await ann.act("sendMessage", { conversationId: conversation.id, text })).cursor;
  sent = (await pages((after) => ann.messages(conversation.id, { first: 100, after, atLeast: newest }))).map(
    ({ id, text, sentAt }) => ({
      id,
      text: text ?? "",
      sentAt,
    }),
  );
  await stop();
});

afterEach(stop);
afterAll(() => folder?.remove());

const ASKED = {
  searchMessages: `query ($text: String, $orderBy: SearchOrder, $atLeast: Cursor) {
    searchMessages(query: { text: $text, orderBy: $orderBy }, first: 100, atLeast: $atLeast) {
      totalCount edges { node { message { id text } highlights { text hit } } } } }`,
  searchUsers: `query ($text: String, $atLeast: Cursor) {
    searchUsers(query: { name: $text }, first: 100, atLeast: $atLeast) { edges { cursor node { user { id } } } } }`,
  searchConversations: `query ($text: String, $atLeast: Cursor) {
    searchConversations(query: { name: $text }, first: 100, atLeast: $atLeast) { edges { cursor node { conversation { id } } } } }`,
};

/** The data, or what it was refused with; and soon. */
async function answerTo(client: Client, query: string, variables: object): Promise<unknown> {
  const began = performance.now();
  const answer = await client
    .ask<Record<string, unknown>>(query, { ...variables, atLeast: newest })
    .catch(async (error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      return refusal(Promise.reject(error));
    });
  expect(performance.now() - began, JSON.stringify(variables)).toBeLessThan(SOON_MS);
  return answer;
}

type Messages = {
  searchMessages: {
    totalCount: number;
    edges: { node: { message: { id: string; text: string }; highlights: { text: string }[] } }[];
  };
};

/** By the words alone. */
function expectedFor(text: string): string[] | undefined {
  try {
    const units = parseQuery(text);
    return sent
      .filter((message) => holds(message.text, units))
      .sort((one, other) => (one.sentAt === other.sentAt ? seqOf(other.id) - seqOf(one.id) : one.sentAt < other.sentAt ? 1 : -1))
      .map(({ id }) => id);
  } catch {
    return undefined;
  }
}

const seqOf = (id: string): number => Number(id.slice(id.lastIndexOf(":") + 1));

async function checkMessages(client: Client, text: string): Promise<unknown> {
  const expected = expectedFor(text);
  const newestFirst = await answerTo(client, ASKED.searchMessages, { text });
  const byRelevance = await answerTo(client, ASKED.searchMessages, { text, orderBy: "RELEVANCE" });
  if (expected === undefined) {
    for (const answer of [newestFirst, byRelevance])
      expect(answer, JSON.stringify(text)).toEqual({ code: "BAD_INPUT", field: "text" });
    return newestFirst;
  }
  const idsOf = (answer: unknown) => (answer as Messages).searchMessages.edges.map(({ node }) => node.message.id);
  expect(idsOf(newestFirst), JSON.stringify(text)).toEqual(expected);
  expect(idsOf(byRelevance).sort(), JSON.stringify(text)).toEqual([...expected].sort());
  const { totalCount, edges } = (newestFirst as Messages).searchMessages;
  expect(totalCount, JSON.stringify(text)).toBe(expected.length);
  for (const { node } of edges) expect(node.highlights.map((run) => run.text).join("")).toBe(node.message.text);
  return newestFirst;
}

const ALPHABET = [
  ..."\"*\\/:^~?!()[]{}<>|&+-=@#$%_.,;'` \t\n",
  "\0",
  "\ud800",
  "\u200d",
  "\u0301",
  "\ufe0f",
  "\u202e",
  ..."aABbİßσς1²会議。ー々가ｶ👋𠮷",
  "hello",
  "word",
  " OR ",
  " AND ",
  " NOT ",
  "NEAR(",
];

const rng = randomOf(seed("hostile searches"));
const FUZZ = Array.from({ length: FUZZED }, () => Array.from({ length: rng.int(1, 40) }, () => rng.pick(ALPHABET)).join(""));

/** By engine, what each answered to everything. */
const answers = new Map<string, unknown[]>();
const note = (engine: string, answer: unknown): void => void answers.set(engine, [...(answers.get(engine) ?? []), answer]);

const asked = engines("hostile searches");

describe.each(asked)("on $name", ({ name, settings: engine, drop }) => {
  afterAll(drop);

  test("messages", { timeout: 120_000 }, async () => {
    const ann = await serve(engine);
    const found = new Set<boolean>();
    for (const text of [...HOSTILE.map(([, text]) => text), ...FUZZ]) {
      note(name, await checkMessages(ann, text));
      found.add((expectedFor(text)?.length ?? 0) > 0);
    }
    expect(found.size).toBe(2);
  });

  test("people and groups", { timeout: 120_000 }, async () => {
    const ann = await serve(engine);
    for (const text of [...HOSTILE.map(([, text]) => text), ...NAMES, ...FUZZ.slice(0, 50)])
      for (const field of ["searchUsers", "searchConversations"] as const) {
        const answer = await answerTo(ann, ASKED[field], { text });
        if (!(field in (answer as object))) expect(answer, JSON.stringify(text)).toEqual({ code: "BAD_INPUT", field: "name" });
        note(name, answer);
      }
  });

  test("filters, tags, cursors and pages", { timeout: 120_000 }, async () => {
    const ann = await serve(engine);
    const strange = [
      ...HOSTILE.map(([, text]) => text),
      "g:none",
      "d:ann~bob",
      "2024-01-01T00:00:00Z",
      "W10",
      "WyJhIl0",
      "WyJnOmEiLCIxIiwiMSIsIiJd",
    ];
    const questions: [string, object][] = strange.flatMap((value): [string, object][] => [
      ...["conversationId", "senderId", "topic", "sentAfter", "sentBefore"].map((member): [string, object] => [
        "query ($query: MessageQuery!, $atLeast: Cursor) { searchMessages(query: $query, atLeast: $atLeast) { totalCount bySender { key } edges { node { message { id } } } } }",
        { query: { [member]: value, text: "word" } },
      ]),
      [
        'query ($after: String, $atLeast: Cursor) { searchMessages(query: { text: "word" }, after: $after, atLeast: $atLeast) { edges { node { message { id } } } } }',
        { after: value },
      ],
      [
        "query ($tags: [String!], $atLeast: Cursor) { searchUsers(query: { tags: $tags }, atLeast: $atLeast) { edges { node { user { id } score } } } }",
        { tags: [value] },
      ],
      [
        "query ($category: String, $atLeast: Cursor) { searchConversations(query: { category: $category }, atLeast: $atLeast) { edges { node { conversation { id } } } } }",
        { category: value },
      ],
    ]);
    for (const first of [0, -1, 101, 2_147_483_647])
      questions.push([
        'query ($first: Int, $atLeast: Cursor) { searchMessages(query: { text: "word" }, first: $first, atLeast: $atLeast) { totalCount } }',
        { first },
      ]);
    for (const [latitude, longitude, radius] of [
      [90, 180, 20_100_000],
      [-90, -180, 1e-300],
      [1e308, 0, 1],
      [0, 0, 1e308],
      [0, 0, -1],
    ])
      questions.push([
        "query ($near: Near, $atLeast: Cursor) { searchUsers(query: { near: $near }, atLeast: $atLeast) { edges { node { user { id } distance } } } }",
        { near: { latitude, longitude, radius } },
      ]);
    for (const [query, variables] of questions) {
      const answer = await answerTo(ann, query, variables);
      if ("code" in (answer as object)) expect(answer, JSON.stringify(variables)).toMatchObject({ code: "BAD_INPUT" });
      note(name, answer);
    }
  });
});

test.runIf(asked.length > 1)("every engine answered the same", () => {
  const [first, ...others] = [...answers.values()];
  expect(first?.length).toBeGreaterThan(HOSTILE.length);
  for (const other of others) expect(other).toEqual(first);
});
