import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf, readCode } from "../../../src/domain/code.ts";
import { normaliseHandle } from "../../../src/domain/handleForm.ts";
import { groupId, userId } from "../../../src/domain/ids.ts";
import { parseQuery } from "../../../src/domain/words.ts";
import { runs } from "../../support/property.ts";

const users = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const groups = fc.stringMatching(/^g:[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/).filter((id) => groupId.safeParse(id).success);

describe("the text of a QR code", () => {
  test("says whose it is", () => {
    fc.assert(fc.property(users, (id) => void expect(readCode(codeOf(id))).toStrictEqual({ kind: "user", id })));
    fc.assert(fc.property(groups, (id) => void expect(readCode(codeOf(id))).toStrictEqual({ kind: "group", id })));
  });

  test("may have spaces around it", () => expect(readCode(" tidings:ann\n")).toStrictEqual({ kind: "user", id: "ann" }));

  test.each([
    "",
    "ann",
    "tidings:",
    "tidings: ann",
    "TIDINGS:ann",
    "tidings:d:ann~bob",
    "tidings:g:a:1",
    "tidings:tidings:ann",
    "https://example.org/ann",
    "tidings:ann\0",
    "tidings:\ud800",
    `tidings:${"a".repeat(65)}`,
    "tidings:".repeat(10_000),
  ])("%j is none", (text) => expect(readCode(text)).toBeUndefined());
});

/** So a search for people by one text takes nothing for ill formed that could be an id, a handle or a code. */
test("ids, handles and codes are searches for words, too", () => {
  const handles = fc.string({ unit: "binary", minLength: 1, maxLength: 64 }).filter((text) => {
    try {
      return normaliseHandle(text) !== "";
    } catch {
      return false;
    }
  });
  const legal = (text: string) => void expect(parseQuery(text).length).toBeGreaterThan(0);
  fc.assert(
    fc.property(users, (id) => {
      expect(userId.safeParse(id).success).toBe(true);
      legal(id);
      legal(codeOf(id));
    }),
    { numRuns: runs() },
  );
  fc.assert(
    fc.property(groups, (id) => {
      legal(id);
      legal(codeOf(id));
    }),
    { numRuns: runs() },
  );
  fc.assert(fc.property(handles, legal), { numRuns: runs() });
});
