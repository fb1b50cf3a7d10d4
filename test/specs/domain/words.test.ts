import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { highlight, holds, MAX_QUERY, MAX_UNITS, parseQuery, tokensOf, wordsOf } from "../../../src/domain/words.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { runs } from "../../support/property.ts";

const tokens = (text: string): string => wordsOf(text).tokens.join(" ");

/** Texts with what matters here often in them. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        "会议",
        "会",
        "東京都",
        "ー",
        "한국",
        "々",
        "abc",
        "Ｈ",
        "nat.add_comm",
        "👋🏽",
        "👨‍👩‍👧",
        "❤️",
        "İ",
        "ΟΔΟΣ",
        "𠮷野家",
      ),
      fc.constantFrom(" ", '"', "*", "\u3000", "。", "\n", "\0", "\ud800", "e\u0301", "h₁", "ｶﾞ", "x".repeat(300)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("the tokens of a text", () => {
  it.each([
    ["下午三点开会", "下午 午三 三点 点开 开会"],
    ["会", "会"],
    ["会 议", "会 议"],
    // What Elastic documents for cjk_bigram.
    ["東京都は、日本の首都であり", "東京 京都 都は 日本 本の の首 首都 都で であ あり"],
    ["らーめん カレー", "らー ーめ めん カレ レー"],
    ["한국어 검색", "한국 국어 검색"],
    ["佐々木さん", "佐々 々木 木さ さん"],
    ["𠮷野家", "𠮷野 野家"],
    ["abc会议123", "abc 会议 123"],
    ["iPhone手机", "iphone 手机"],
    ["nat.add_comm", "nat add comm"],
    ["don't can’t a:b x-y", "don t can t a b x y"],
    ["ＡＢＣ１２３　ｄ", "abc123 d"],
    ["e\u0301te\u0301 naïve", "e\u0301te\u0301 naïve"],
    ["h₁ x² ℕ≥0", "h₁ x² ℕ 0"],
    ["👋👋🏽 ❤️", "👋 👋 ❤"],
    ["ΟΔΟΣ οδος", "οδοσ οδοσ"],
    ["\u0000\u0007\ud800", ""],
    ["", ""],
    ["!?.,;\"'*()", ""],
  ])("%j", (given, expected) => expect(tokens(given)).toBe(expected));

  it("of a long word are several", () => {
    expect(wordsOf("x".repeat(300)).tokens.map((token) => token.length)).toEqual([127, 127, 46]);
  });

  it("have the last characters of runs beside them, once each", () => {
    expect(wordsOf("会议 abc会，开会 ab").ends).toEqual(["议", "会"]);
  });

  it("stand where they say, in order", () => {
    fc.assert(
      fc.property(text, (given) => {
        const found = tokensOf(given);
        expect(found.map((token) => token.text)).toEqual(wordsOf(given).tokens);
        let before = 0;
        for (const { text: token, start, end } of found) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(given.length);
          expect(wordsOf(given.slice(start, end)).tokens).toContain(token);
          before = start;
        }
      }),
      { numRuns: runs() },
    );
  });

  it("are those of the parts, where a space parts them, and hold neither spaces nor quotes", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(wordsOf(`${one} ${other}`).tokens).toEqual([...wordsOf(one).tokens, ...wordsOf(other).tokens]);
        for (const token of wordsOf(one).tokens) {
          expect(token).not.toMatch(/[\s"*\0]|^$/u);
          expect(token.length).toBeLessThan(255);
          expect(wordsOf(token).tokens).toEqual([token]);
        }
      }),
      { numRuns: runs() },
    );
  });
});

describe("a query", () => {
  const units = (query: string) => parseQuery(query).map(({ tokens, match }) => [match, ...tokens]);
  it.each([
    [
      "会议 hello",
      [
        ["phrase", "会议"],
        ["phrase", "hello"],
      ],
    ],
    ["会", [["character", "会"]]],
    ["会*", [["character", "会"]]],
    ["a", [["phrase", "a"]]],
    ["add*", [["prefix", "add"]]],
    ["nat.add_c*", [["prefix", "nat", "add", "c"]]],
    [
      '"to be or" not',
      [
        ["phrase", "to", "be", "or"],
        ["phrase", "not"],
      ],
    ],
    ['"to be"*', [["prefix", "to", "be"]]],
    ["3月", [["prefix", "3", "月"]]],
    ["买A股", [["prefix", "买", "a", "股"]]],
    ['"to be', [["phrase", "to", "be"]]],
    [
      'a"b c"d',
      [
        ["phrase", "a"],
        ["phrase", "b", "c"],
        ["phrase", "d"],
      ],
    ],
    ["＂全角　引号＂", [["phrase", "全角", "引号"]]],
    [
      "会议室　开会",
      [
        ["phrase", "会议", "议室"],
        ["phrase", "开会"],
      ],
    ],
    [
      "a OR -b",
      [
        ["phrase", "a"],
        ["phrase", "or"],
        ["phrase", "b"],
      ],
    ],
    ['"" ... x', [["phrase", "x"]]],
    ["👋", [["phrase", "👋"]]],
    ["(?:.*)+$ [a-z]{2,}", [["phrase", "a", "z", "2"]]],
  ])("%j", (query, expected) => expect(units(query)).toEqual(expected));

  it.each([
    ["nothing", ""],
    ["spaces", "  \n "],
    ["signs", '*** "" !? ()'],
    ["too much", "x".repeat(MAX_QUERY + 1)],
    ["5,000 characters", "会".repeat(5_000)],
    ["too many words", "a ".repeat(MAX_UNITS + 1)],
    ["half a character", "a\ud800"],
    ["U+0000", "a\0"],
  ])("of %s is refused", (_, query) => {
    expect(() => parseQuery(query)).toThrow(expect.objectContaining({ name: "Refusal", code: "BAD_INPUT", field: "text" }));
  });

  it("is taken apart or refused, whatever it is", () => {
    fc.assert(
      fc.property(text, (given) => {
        try {
          for (const unit of parseQuery(given)) expect(unit.tokens.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: runs() },
    );
  });
});

describe("highlights", () => {
  /** Hits between brackets. */
  const shown = (given: string, query: string): string =>
    highlight(given, parseQuery(query))
      .map((run) => (run.hit ? `[${run.text}]` : run.text))
      .join("");
  it.each([
    ["下午在会议室开会", "会议", "下午在[会议]室开会"],
    ["下午在会议室开会", "会议室", "下午在[会议室]开会"],
    ["下午在会议室开会", "会", "下午在[会]议室开[会]"],
    ["By nat.add_comm, add", "nat.add_comm", "By [nat.add_comm], add"],
    ["By nat.add_comm, add", "add", "By nat.[add]_comm, [add]"],
    ["Addition adds", "add*", "[Addition] [adds]"],
    ["a b a c", '"a c"', "a b [a c]"],
    ["ＨＥＬＬＯ Hello", "hello", "[ＨＥＬＬＯ] [Hello]"],
    ["İİ İstanbul'da", "da i̇stanbul", "İİ [İstanbul]'[da]"],
    ["是的是的", "是的", "[是的是的]"],
    ["𠮷野家 𠮷", "𠮷", "[𠮷]野家 [𠮷]"],
    ["👋🏽 hi", "👋", "[👋]🏽 hi"],
    ["3月份,3月,13月末", "3月", "[3月]份,[3月],13月末"],
    ["买Ａ股票吗", "A股", "买[Ａ股]票吗"],
    ["下午 5点半", "5点 半", "下午 [5点半]"],
    ["A炒股", "A股", "A炒股"],
    ["nothing", "else", "nothing"],
  ])("%j by %j", (given, query, expected) => expect(shown(given, query)).toBe(expected));

  it("joined are the text, hits and others in turn", () => {
    fc.assert(
      fc.property(text, text, (given, query) => {
        let units;
        try {
          units = parseQuery(query);
        } catch {
          return;
        }
        const pieces = highlight(given, units);
        expect(pieces.map((piece) => piece.text).join("")).toBe(given);
        pieces.forEach((piece, place) => {
          expect(piece.text).not.toBe("");
          expect(piece.hit).not.toBe(pieces[place + 1]?.hit);
        });
      }),
      { numRuns: runs() },
    );
  });

  it("show every unit that is a piece of the text", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(3), (given, from, more) => {
        const found = tokensOf(given);
        const first = found[from % Math.max(1, found.length)];
        const last = found[Math.min(found.length - 1, (from % Math.max(1, found.length)) + more)];
        if (first === undefined || last === undefined) return;
        const unit = { tokens: found.slice(found.indexOf(first), found.indexOf(last) + 1).map((token) => token.text) };
        const hits = highlight(given, [{ ...unit, match: "phrase" }]).filter((piece) => piece.hit);
        expect(hits.some((piece) => piece.text.includes(given.slice(first.start, last.end)))).toBe(true);
      }),
      { numRuns: runs() },
    );
  });
});

describe("a text holds a query", () => {
  it.each([
    ["下午在会议室开会", "会议 开会", true],
    ["下午在会议室开会", "会", true],
    ["下午在会议室开会", "会议 晚上", false],
    ["By nat.add_comm", "add comm*", true],
    ["By nat.add_comm", '"nat comm"', false],
    ["", "x", false],
  ])("%j, %j: %s", (given, query, expected) => expect(holds(given, parseQuery(query))).toBe(expected));

  it("where each of its units is shown in it", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (given, other, inside) => {
        let units;
        try {
          units = parseQuery(inside ? given.slice(0, 40) : other);
        } catch {
          return;
        }
        const shown = units.every((unit) => highlight(given, [unit]).some(({ hit }) => hit));
        expect(holds(given, units)).toBe(shown);
      }),
      { numRuns: runs() },
    );
  });
});
