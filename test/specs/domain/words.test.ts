import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  highlight,
  hitsOf,
  holds,
  MAX_QUERY,
  MAX_UNITS,
  parseQuery,
  separatedWords,
  tokensOf,
  type Unit,
  wordsOf,
} from "../../../src/domain/words.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { runs, seed } from "../../support/property.ts";

const tokens = (text: string): string => wordsOf(text).join(" ");

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
    ["下午三点开会", "下午 午三 三点 点开 开会 会"],
    ["会", "会"],
    ["会 议", "会 议"],
    // The pairs that Elastic documents for cjk_bigram, and the end of each run.
    ["東京都は、日本の首都であり", "东京 京都 都は は 日本 本の の首 首都 都で であ あり り"],
    ["らーめん カレー", "らー ーめ めん ん カレ レー ー"],
    ["한국어 검색", "한국 국어 어 검색 색"],
    ["佐々木さん", "佐々 々木 木さ さん ん"],
    ["𠮷野家", "𠮷野 野家 家"],
    ["abc会议123", "abc 会议 议 123"],
    ["iPhone手机", "iphone 手机 机"],
    ["购物满100减20活动", "购物 物满 满 100 减 20 活动 动"],
    ["nat.add_comm", "nat add comm"],
    ["don't can’t a:b x-y", "don t can t a b x y"],
    ["ＡＢＣ１２３　ｄ", "abc123 d"],
    ["e\u0301te\u0301 naïve", "ete naive"],
    ["h₁ x² ℕ≥0", "h₁ x² ℕ ≥ 0"],
    ["👋👋🏽 ❤️", "👋 👋 ❤"],
    ["🇨🇳🇺🇸 ★☆ 5€ a→b", "🇨🇳 🇺🇸 ★ ☆ 5 € a → b"],
    ["`a` <b> a+b=c $x ~y~ a|b ^z", "a b a b c x y a b z"],
    ["İstanbul IĞDIR ısı", "istanbul igdir isi"],
    ["Straße STRASSE Łódź Ærø þorn", "strasse strasse lodz aero thorn"],
    ["Ёлка ёлка Йод", "елка елка йод"],
    ["ﾊﾝｶｸ ｶﾞｷﾞ ﾊﾟﾝ", "ハン ンカ カク ク ガギ ギ パン ン"],
    ["か\u3099く か\u3099", "がく く が"],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한글 글"],
    ["會議 会议", "会议 议 会议 议"],
    ["exam\u00adple in\u2060side zero\u200bwidth", "example inside zero width"],
    ["葛\u{e0100}城", "葛城 城"],
    ["ﬁn ﬂow", "fin flow"],
    ["שָׁלוֹם مَرْحَبًا كتـــاب", "שלום مرحبا كتاب"],
    ["ΟΔΟΣ οδος", "οδοσ οδοσ"],
    ["\u0000\u0007\ud800", ""],
    ["", ""],
    ["!?.,;\"'*()", ""],
  ])("%j", (given, expected) => expect(tokens(given)).toBe(expected));

  it("of a long word are several", () => {
    expect(wordsOf("x".repeat(300)).map((token) => token.length)).toEqual([127, 127, 46]);
  });

  it("are those that an engine finds which separates words by itself", () => {
    const separated = (given: string) => separatedWords(given).match(/[a-z0-9\u0080-\uffff]+/g) ?? [];
    const joined = fc.array(fc.oneof(text, fc.constantFrom("\0", " ", "x".repeat(300), "会议", "“a”", "b-c", "\n")));
    fc.assert(
      fc.property(joined, (parts) => {
        const given = parts.join("");
        expect(separated(given)).toEqual(wordsOf(given));
        expect(separatedWords(given)).not.toContain("\0");
      }),
      { numRuns: runs(2_000), seed: seed("separated") },
    );
  });

  it("stand where they say, in order", () => {
    fc.assert(
      fc.property(text, (given) => {
        const found = tokensOf(given);
        expect(found.map((token) => token.text)).toEqual(wordsOf(given));
        let before = 0;
        for (const { text: token, start, end, first } of found) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(given.length);
          expect(first).toBeGreaterThan(start);
          expect(first).toBeLessThanOrEqual(end);
          expect(wordsOf(given.slice(start, end)).join("")).toContain(token);
          before = start;
        }
      }),
      { numRuns: runs() },
    );
  });

  it("are those of the parts, where a space parts them, and hold neither spaces nor quotes", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(wordsOf(`${one} ${other}`)).toEqual([...wordsOf(one), ...wordsOf(other)]);
        for (const token of wordsOf(one)) {
          expect(token).not.toMatch(/[\s"*\0]|^$/u);
          expect(token.length).toBeLessThan(255);
          expect(wordsOf(token)[0]).toBe(token);
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
    ["会", [["prefix", "会"]]],
    ["会*", [["prefix", "会"]]],
    ["会议*", [["phrase", "会议"]]],
    ["满100", [["phrase", "满", "100"]]],
    ["用iPhone", [["phrase", "用", "iphone"]]],
    ["会议2点", [["prefix", "会议", "议", "2", "点"]]],
    ["★", [["phrase", "★"]]],
    ["🇨🇳", [["phrase", "🇨🇳"]]],
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
    ["＂全角　引号＂", [["phrase", "全角", "角", "引号"]]],
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
    ["marks", '*** "" !? ()'],
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
    ["İİ İstanbul'da", "istanbul", "İİ [İstanbul]'da"],
    ["购物满100减20活动", "满100", "购物[满100]减20活动"],
    ["购物满100减20活动", "0减20活 减", "购物满100[减]20活动"],
    ["购物满100减20活动", "减20活", "购物满100[减20活]动"],
    ["我用iPhone手机", "用iPhone", "我[用iPhone]手机"],
    ["Die Straße; eine STRASSE", "strasse", "Die [Straße]; eine [STRASSE]"],
    ["ß e\u0301 café cafe\u0301s", "cafe*", "ß e\u0301 [café] [cafe\u0301s]"],
    ["か\u3099っこう のガ", "がっこ", "[か\u3099っこ]う のガ"],
    ["か\u3099っこう", "が", "[か\u3099]っこう"],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af이다", "한글", "[\u1112\u1161\u11ab\u1100\u1173\u11af]이다"],
    ["㗲會議室", "会议", "㗲[會議]室"],
    ["a ★★ 🇨🇳b", "★ 🇨🇳", "a [★★] [🇨🇳]b"],
    ["so\u00adft hy\u200dphen", "soft", "[so\u00adft] hy\u200dphen"],
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

  it.each([
    ["café", "cafe\u0301"],
    ["한글", "한글".normalize("NFD")],
    ["ガギグ学校", "ガギグ学校".normalize("NFD")],
    ["ﾊﾟｿｺﾝ", "パソコン"],
    ["İstanbul", "istanbul"],
    ["STRASSE", "straße"],
    ["師傅", "师傅"],
    ["naïve", "naive"],
    ["ΟΔΥΣΣΕΥΣ", "Ὀδυσσεύς"],
    ["🇨🇳", "🇨🇳"],
    ["★", "★"],
  ])("%j and %j are found by each other", (one, other) => {
    expect(holds(`x ${one} y`, parseQuery(other))).toBe(true);
    expect(holds(`x ${other} y`, parseQuery(one))).toBe(true);
  });

  it.each([
    // What is looked for with a voiced mark is another character.
    ["かっこう", "がっこう"],
    ["йод", "иод"],
    ["x", "ℕ"],
    ["n", "ℕ"],
    ["1,000", "1000"],
    ["我用iPhone", "机iPhone"],
    ["满 意100", "满100"],
  ])("%j is not found by %j", (given, query) => expect(holds(given, parseQuery(query))).toBe(false));

  it("that is a piece of it, cut out anywhere but inside of a word", () => {
    const scripts = fc.array(
      fc.constantFrom(
        ..."会议室開購物滿減",
        "か\u3099",
        "ｶﾞ",
        "한",
        "글".normalize("NFD"),
        "𠮷",
        "iPhone",
        "100",
        "ß",
        "é",
        "e\u0301",
        " ",
        ", ",
        "★",
        "🇨🇳",
        "İ",
      ),
      { minLength: 1, maxLength: 14 },
    );
    fc.assert(
      fc.property(scripts, fc.nat(), fc.nat(), fc.constantFrom("NFC", "NFD", "NFKC" as const), (parts, from, length, form) => {
        const isWord = (part: string | undefined) => part !== undefined && /^[\p{Script=Latin}\p{N}]/u.test(part);
        let start = from % parts.length;
        let end = start + 1 + (length % (parts.length - start));
        while (start > 0 && isWord(parts[start]) && isWord(parts[start - 1])) start--;
        while (end < parts.length && isWord(parts[end]) && isWord(parts[end - 1])) end++;
        const text = parts.join("");
        const query = parts.slice(start, end).join("");
        if (wordsOf(query).length === 0) return;
        const written = form === "NFKC" ? query : query.normalize(form);
        expect(holds(text, parseQuery(`"${written}"`)), `${text} by ${written}`).toBe(true);
        expect(holds(text.normalize(form), parseQuery(written)), `${text} by ${written}`).toBe(true);
      }),
      { numRuns: runs(500), seed: seed("a piece of a text") },
    );
  });

  it("where tokens that follow each other are those of a unit, and nowhere else", () => {
    const everywhere = (given: string, { tokens: wanted, match }: Unit) => {
      const found = tokensOf(given);
      const isOne = match === "prefix" && /^\p{Script=Han}$/u.test(wanted.at(-1) ?? "");
      return found.flatMap(({ start }, at) => {
        const ends = found[at + wanted.length - 1];
        const fits = wanted.every((want, index) => {
          const token = found[at + index]?.text;
          return match === "prefix" && index === wanted.length - 1 ? token?.startsWith(want) : token === want;
        });
        return fits && ends ? [{ start, end: isOne ? ends.first : ends.end }] : [];
      });
    };
    const part = fc.constantFrom(
      "a",
      "b",
      "ab",
      "会议",
      "会",
      "议会",
      "é",
      "…",
      "“",
      " ",
      " ",
      "-",
      "a b",
      "a".repeat(130),
      "😀",
    );
    const parts = fc.array(part, { maxLength: 14 }).map((list) => list.join(""));
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (given, query, isPrefix) => {
        const wanted = tokensOf(query).map((token) => token.text);
        if (wanted.length === 0) return;
        for (const unit of [
          { tokens: wanted, match: isPrefix ? "prefix" : "phrase" },
          { tokens: wanted.slice(0, 1), match: "phrase" },
          { tokens: [(wanted[0] ?? "").slice(0, 1)], match: "prefix" },
        ] satisfies Unit[])
          expect(hitsOf(given, [unit]) ?? []).toEqual(everywhere(given, unit));
      }),
      { numRuns: runs(3_000), seed: seed("everywhere") },
    );
  });

  it("as soon as not, where both are of one word again and again", () => {
    const given = "会 ".repeat(5_000);
    const unit: Unit = { tokens: Array.from({ length: 400 }, () => "会"), match: "phrase" };
    expect(hitsOf(given, [unit])).toHaveLength(4_601);
    expect(hitsOf(given, [{ ...unit, tokens: [...unit.tokens, "议"] }])).toBeUndefined();
  });

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
