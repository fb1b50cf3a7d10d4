import { expect, test } from "vitest";
import { ownBytes } from "../../../src/transport/bytes.ts";

test("bytes that are kept have memory of their own", () => {
  for (const text of ["", "a", "語", "x".repeat(5_000)]) {
    const bytes = ownBytes(text);
    expect(bytes.toString()).toBe(text);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
});
