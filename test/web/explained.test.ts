import type { TFunction } from "i18next";
import { expect, test } from "vitest";
import { explained } from "../../src/web/parts/explained.ts";

const t = ((key: string, { message }: { message: string }) => `${key} ${message}`) as unknown as TFunction;

test("whoever wrote what is refused is told why in the words of who refused it", () => {
  expect(explained(t, { code: "FORBIDDEN", field: "text", message: "No links here." })).toBe("No links here.");
  expect(explained(t, { code: "FORBIDDEN", field: "seq", message: "only the sender" })).toBe("error.FORBIDDEN only the sender");
  expect(explained(t, { code: "BAD_INPUT", field: "text", message: "too long" })).toBe("error.BAD_INPUT too long");
  expect(explained(t, new Error("gone"))).toBe("error.BROWSER gone");
});
