import { expect, test } from "vitest";
import { difference, NONE } from "./difference.ts";

test("the same things in another order do not differ", () => {
  expect(difference(["a", "b"], ["b", "a"])).toEqual(NONE);
});

test("what is missing, unknown or there twice is named", () => {
  expect(difference(["a", "b", "c"], ["c", "d", "a", "c"])).toEqual({ missing: ["b"], unknown: ["d"], twice: ["c"] });
});

test("of very many the first are named", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => `m${index}`);
  const { missing } = difference(many, []);
  expect(missing.slice(0, 2)).toEqual(["m0", "m1"]);
  expect(missing.at(-1)).toBe("and 980 more");
});
