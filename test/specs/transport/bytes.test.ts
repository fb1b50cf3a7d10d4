import { expect, test } from "vitest";
import { ownBytes, sentText } from "../../../src/transport/bytes.ts";

test("bytes that are kept have memory of their own", () => {
  for (const text of ["", "a", "語", "x".repeat(5_000)]) {
    const bytes = ownBytes(text);
    expect(bytes.toString()).toBe(text);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
});

test("an answer is sent as it is, however long and in whatever script", () => {
  for (const given of ["", "a", "é", "語", "👋", "\u2028", "\ud800", "\0"])
    for (const times of [1, 1_500, 50_000]) {
      const text = JSON.stringify({ text: given.repeat(times) });
      const sent = sentText(text);
      expect(Buffer.isBuffer(sent) ? sent.toString() : sent).toBe(text);
    }
});
