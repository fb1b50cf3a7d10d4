import { describe, expect, test } from "vitest";
import { type Judged, type Memory, readyRules, ruleFile, type Verdict } from "../../../src/domain/rules.ts";

const memory = (): Memory => new Map<string, readonly number[]>();
const message = (more: Partial<Judged> = {}): Judged => ({
  conversationId: "g:readers",
  senderId: "ann",
  text: null,
  urls: [],
  atMs: 0,
  isEdit: false,
  ...more,
});
const rule = (more: object) => ({ name: "one", action: "refuse", message: "no", ...more });
const rulesOf = (...rules: object[]) => readyRules(ruleFile.parse({ rules }));
const told = ({ refusedBy, reportedBy, retryAfterMs }: Verdict) => [
  refusedBy?.name,
  reportedBy.map(({ name }) => name),
  retryAfterMs,
];
/** Whether a rule refuses a text. */
const refuses = (of: object, text: string): boolean =>
  rulesOf(rule(of)).judge(message({ text }), memory()).refusedBy !== undefined;

describe("words", () => {
  const words = (...list: string[]) => ({ kind: "words", words: list });

  test.each([
    ["casino", "Casino"],
    ["casino", "(casino)"],
    ["casino", "to the casino"],
    ["casino", "ＣＡＳＩＮＯ"],
    ["casino", "c\u0430sin\u043e"],
    ["casino", "ca\u200bsi\u00adno"],
    ["Casino", "casino!"],
    ["buy now", "Buy now, or never"],
    ["c++", "I like c++."],
    ["赌场", "去赌场玩"],
    ["あほ", "このあほが"],
    ["赌场vip", "去赌场VIP吧"],
    ["straße", "STRASSE straße"],
  ])("%j is in %j", (word, text) => expect(refuses(words("other", word), text)).toBe(true));

  test.each([
    ["casino", "casinos"],
    ["casino", "ocasino"],
    ["casino", "casino2"],
    ["buy now", "buy nowhere"],
    ["buy now", "buy  now"],
    ["赌场", "赌 场"],
    ["casino", ""],
    ["\u200b", "anything"],
  ])("%j is not in %j", (word, text) => expect(refuses(words(word), text)).toBe(false));

  test("a longer word is found behind a shorter one that has the same beginning", () => {
    expect(refuses(words("cas", "casino"), "casino")).toBe(true);
    expect(refuses(words("casino", "casinos"), "casinos")).toBe(true);
  });
});

describe("links", () => {
  const never = { kind: "links", never: ["spam.example", "böse.example"] };
  test.each([
    "https://spam.example",
    "HTTP://SPAM.example/path",
    "https://www.spam.example:8080/?q=1",
    "https://user:pass@spam.example",
    "https://good.example@spam.example/",
    "see spam.example.",
    "x.y.spam.example",
    "https://ｓｐａｍ.example",
    "https://spam。example",
    "https://böse.example",
    "xn--bse-sna.example",
    "https://sp%61m.example/",
    "https://spam.example.",
  ])("%j leads to a host that is forbidden", (text) => expect(refuses(never, text)).toBe(true));
  test.each([
    "https://notspam.example",
    "spam.example.org",
    "https://good.example/spam.example".slice(0, 20),
    "spam. example",
    "",
  ])("%j does not", (text) => expect(refuses(never, text)).toBe(false));

  test("only some hosts may be allowed, and what has neither scheme nor www. is no link then", () => {
    const only = { kind: "links", only: ["example.org"] };
    for (const text of [
      "https://example.org/x",
      "https://docs.example.org",
      "https://example.org:8080",
      "https://example.org, and more",
      "*https://example.org*!",
      "[https://example.org]",
      "https://...",
      "report.pdf",
      "www.example.org",
      "no link",
    ])
      expect(refuses(only, text), text).toBe(false);
    for (const text of [
      "https://example.com",
      "www.example.com",
      "ftp://files.example.com",
      "https://example.org https://x.example",
      "[https://example.com]",
      "|https://example.com|",
      "http://3221226219/",
      "http://[2001:db8::1]/",
      `https://${"x.".repeat(200)}example.org`,
    ])
      expect(refuses(only, text), text).toBe(true);
  });

  test("the addresses of files count", () => {
    const rules = rulesOf(rule(never));
    expect(rules.judge(message({ urls: ["https://spam.example/a.png"] }), memory()).refusedBy?.name).toBe("one");
  });
});

describe("rates", () => {
  const sends = (rules: ReturnType<typeof rulesOf>, times: readonly [at: number, more?: Partial<Judged>][]) => {
    const kept = memory();
    return times.map(([atMs, more]) => told(rules.judge(message({ atMs, text: "hi", ...more }), kept)));
  };
  const ok = [undefined, [], undefined];

  test("so many in so many seconds; what is refused does not count", () => {
    const rules = rulesOf(rule({ kind: "rate", messages: 2, seconds: 10, per: "user" }));
    expect(sends(rules, [[0], [4_000], [5_000], [9_999], [10_000], [10_001], [14_000]])).toEqual([
      ok,
      ok,
      ["one", [], 5_000],
      ["one", [], 1],
      ok,
      ["one", [], 3_999],
      ok,
    ]);
  });

  test("of a user, of a conversation, or of a user there", () => {
    const others: [number, Partial<Judged>][] = [
      [0, {}],
      [1, { senderId: "bob" }],
      [2, { conversationId: "g:writers" }],
    ];
    const refusedOf = (per: string) =>
      sends(rulesOf(rule({ kind: "rate", messages: 1, seconds: 10, per })), others).map(([by]) => by !== undefined);
    expect(refusedOf("user")).toEqual([false, false, true]);
    expect(refusedOf("conversation")).toEqual([false, true, false]);
    expect(refusedOf("user in conversation")).toEqual([false, false, false]);
  });

  test("edits count for nothing", () => {
    const rules = rulesOf(rule({ kind: "rate", messages: 1, seconds: 10, per: "user" }));
    expect(sends(rules, [[0, { isEdit: true }], [1], [2, { isEdit: true }]])).toEqual([ok, ok, ok]);
  });

  test("the same text so often, however it is written, wherever it goes, if it is long enough", () => {
    const rules = rulesOf(rule({ kind: "duplicates", times: 2, seconds: 60 }));
    const text = "Buy my things";
    expect(
      sends(rules, [
        [0, { text }],
        [1, { text: "BUY MY THINGS", conversationId: "g:writers" }],
        [2, { text, conversationId: "d:ann~bob" }],
        [3, { text: "Buy my thing!" }],
        [4, { text, senderId: "bob" }],
        [60_000, { text }],
        [60_000, { text: "ok" }],
        [60_000, { text: "ok" }],
        [60_000, { text: "ok" }],
      ]).map(([by]) => by),
    ).toEqual([undefined, undefined, "one", undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe("a file of rules", () => {
  test("holds in the kinds of conversations that a rule names, and for nobody who is exempt", () => {
    const file = { exempt: ["root"], rules: [rule({ kind: "words", words: ["x"], in: ["GROUP"], exempt: ["bob"] })] };
    const rules = readyRules(ruleFile.parse(file));
    const by = (more: Partial<Judged>) => rules.judge(message({ text: "x", ...more }), memory()).refusedBy?.name;
    expect(by({})).toBe("one");
    for (const more of [{ senderId: "root" }, { senderId: "bob" }, { conversationId: "d:ann~bob" }, { conversationId: "c:news" }])
      expect(by(more)).toBeUndefined();
  });

  test("the first rule that refuses wins; all that report do, where none refuses", () => {
    const has = (name: string, word: string, action: string) => rule({ name, action, kind: "words", words: [word] });
    const rules = rulesOf(has("a", "x", "report"), has("b", "y", "refuse"), has("c", "z", "refuse"), has("d", "x", "report"));
    const of = (text: string) => told(rules.judge(message({ text }), memory()));
    expect(of("x")).toEqual([undefined, ["a", "d"], undefined]);
    expect(of("x y z")).toEqual(["b", [], undefined]);
  });

  test.each([
    [{ kind: "words", words: [] }, "rules.0.words"],
    [{ kind: "words", words: ["x"], word: 1 }, "rules.0"],
    [{ kind: "links" }, "rules.0"],
    [{ kind: "links", never: ["https://x.example/"] }, "rules.0.never.0"],
    [{ kind: "rate", messages: 0, seconds: 1, per: "user" }, "rules.0.messages"],
    [{ kind: "regex", pattern: "(a+)+" }, "rules.0.kind"],
    [{ kind: "words", words: ["x"], name: "a b" }, "rules.0.name"],
  ])("%j is refused at %s", (more, path) => {
    const { error } = ruleFile.safeParse({ rules: [rule(more)] });
    expect(error?.issues.map((issue) => issue.path.join("."))).toContain(path);
  });

  test("two rules of one name are refused", () => {
    const both = [rule({ kind: "words", words: ["x"] }), rule({ kind: "words", words: ["y"] })];
    expect(ruleFile.safeParse({ rules: both }).error?.issues[0]?.path).toEqual(["rules", 1, "name"]);
  });

  test("the longest messages are judged in a moment, whatever they are made of", () => {
    const words = Array.from({ length: 20_000 }, (_, index) => `${"a".repeat(40)}${index}`);
    const rules = rulesOf(
      rule({ name: "w", kind: "words", words }),
      rule({ name: "l", kind: "links", never: ["spam.example"] }),
      rule({ name: "o", kind: "links", only: ["example.org"] }),
    );
    for (const part of ["a", "a ", "a.", ".", "://", "https://", "a@", "赌", "\u0301", "\u{1f600}", "www."]) {
      const text = part.repeat(16_384).slice(0, 16_384);
      const began = performance.now();
      rules.judge(message({ text }), memory());
      expect(performance.now() - began, part).toBeLessThan(2_000);
    }
  });
});
