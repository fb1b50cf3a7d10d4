import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalise, normaliseWhole, placesOf } from "../../../src/domain/folding.ts";
import { runs, seed } from "../../support/property.ts";

/** Texts of what is folded, in any order: marks before anything, halves of syllables, other widths, what is not seen. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.string({ unit: "grapheme", maxLength: 3 }),
      fc.constantFrom(
        ..."eEéßẞİıIςΣœﬁはハﾊﾞﾟ゙゚ａ　ー會会語𠮷㗲學한ё",
        "\u0301",
        "\u0307",
        "\u0308",
        "\u0327",
        "\u0338",
        "\u3099",
        "\u309a",
      ),
      fc.constantFrom(
        "\u1112",
        "\u1161",
        "\u11ab",
        "가",
        "\u200b",
        "\u200d",
        "\u00ad",
        "\ufe0f",
        "\u{e0100}",
        "\u0640",
        "\ud800",
        "\udc00",
        "👩‍👧",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("text as it is compared", () => {
  it("is the same however it is encoded, and stays as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 12 }), (given) => {
        const compared = normalise(given);
        for (const form of ["NFC", "NFD"] as const) expect(normalise(given.normalize(form))).toBe(compared);
        expect(normalise(compared)).toBe(compared);
      }),
      { numRuns: runs(2_000), seed: seed("compared") },
    );
  });

  it.each(["naïve café", "パソコン", "한국어", "Ελλάδα", "Ąžuolas", "Việt Nam"])(
    "%s has the same encodings everywhere",
    (given) => {
      for (const form of ["NFC", "NFD"] as const) expect(normalise(given.normalize(form))).toBe(normalise(given));
    },
  );

  it("of a word does not depend on the words beside it", () => {
    // Marks of every script that join a Latin letter, those that nobody writes too.
    for (const mark of ["\u0301", "\ufe20", "\u{10ae5}", "\u0951"])
      for (const other of ["ΟΔΟΣ", "café", "会议"])
        expect(normalise(`x${mark} ${other}`)).toBe(`${normalise(`x${mark}`)} ${normalise(other)}`);
  });

  it("is the same part by part as at once", () => {
    const singles = fc.constantFrom(..."aZ 会會ハＡ。“a\u0301é\u200dΣ한👋ﾊﾞ\u3099");
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: singles, maxLength: 20 })), (given) => {
        expect(normalise(given)).toBe(/^\p{ASCII}*$/u.test(given) ? given.toLowerCase() : normaliseWhole(given));
      }),
      { numRuns: runs(5_000), seed: seed("parts") },
    );
  });

  it("is the same of characters that are normalised one by one", () => {
    const other = "👋";
    const units = [
      [0, 0x7f],
      [0x2010, 0x2027],
      [0x3000, 0x30ff],
      [0x4e00, 0x9fff],
      [0xff01, 0xff9f],
    ] as const;
    const character = fc.oneof(...units.map(([min, max]) => fc.integer({ min, max }).map((unit) => String.fromCharCode(unit))));
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 40 }), (given) => {
        expect(normalise(given) + other).toBe(normaliseWhole(given + other));
        const [alone, joined] = [placesOf(given), placesOf(given + other)];
        for (let unit = 0; unit < normalise(given).length; unit++)
          expect([alone.startOf(unit), alone.endOf(unit)]).toEqual([joined.startOf(unit), joined.endOf(unit)]);
      }),
      { numRuns: runs(2_000), seed: seed("one by one") },
    );
    for (const [min, max] of units)
      for (let unit = min; unit <= max; unit++) {
        const one = String.fromCharCode(unit);
        expect(normalise(`会${one}字`) + other).toBe(normaliseWhole(`会${one}字${other}`));
      }
    const long = "會議ＡＢＣ".repeat(5_000);
    expect(normalise(long)).toBe("会议abc".repeat(5_000));
  });

  it("has as many places as units, each inside of the text and none before another", () => {
    fc.assert(
      fc.property(text, (given) => {
        const compared = normalise(given);
        const { startOf, endOf } = placesOf(given);
        let before = 0;
        for (let unit = 0; unit < compared.length; unit++) {
          expect(startOf(unit)).toBeGreaterThanOrEqual(before);
          expect(endOf(unit)).toBeGreaterThan(startOf(unit));
          expect(endOf(unit)).toBeLessThanOrEqual(given.length);
          // Each comes from where it says, whatever stands around it.
          expect(normalise(given.slice(startOf(unit), endOf(unit)))).toContain(compared[unit]);
          before = startOf(unit);
        }
        expect(startOf(compared.length)).toBe(given.length);
      }),
      { numRuns: runs(3_000), seed: seed("places") },
    );
  });
});
