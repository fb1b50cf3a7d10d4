import { expect, test } from "vitest";
import { batched } from "../../../src/api/loaders.ts";

test("a store that now and then does not answer at once is asked key by key again", async () => {
  let isSlow = false;
  const calls = { one: 0, many: 0 };
  const load = batched<number, number>({
    name: String,
    one: (key) => {
      calls.one += 1;
      return isSlow ? Promise.resolve(key) : key;
    },
    many: (keys) => {
      calls.many += 1;
      return keys;
    },
  });

  expect(load(1)).toBe(1);
  isSlow = true;
  expect(await load(2)).toBe(2);
  isSlow = false;
  const together = await Promise.all(Array.from({ length: 1_000 }, async (_, key) => load(key)));

  expect(together).toHaveLength(1_000);
  expect(calls).toEqual({ one: 2, many: 1 });
  expect(load(3)).toBe(3);
});
