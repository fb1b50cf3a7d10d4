import fc from "fast-check";
import { expect, test } from "vitest";
import { json, metadataIn } from "../../../src/adapters/eventStore/texts.ts";

const text = fc.oneof(fc.constantFrom("", '"', "\\", "\n", "\0", "\ud83d", "é中𝄞", '","at":"'), fc.string({ maxLength: 8 }));
const metadata = fc.record(
  { $correlationId: text, $causationId: text, actorId: text, deviceId: text, at: text, schema: fc.nat(120), more: text },
  { requiredKeys: ["$correlationId", "$causationId", "actorId", "at", "schema"] },
);

test("metadata is read as JSON, whatever it holds, with its members in their order", () => {
  fc.assert(
    fc.property(metadata, (value) => {
      expect(JSON.stringify(metadataIn(json(value)))).toBe(json(value));
    }),
    { numRuns: 2_000 },
  );
});

test("metadata in another order is read as it is", () => {
  const stored = '{"schema":1,"at":"now","actorId":"a","$causationId":"c","$correlationId":"d"}';
  expect(json(metadataIn(stored))).toBe(stored);
});

test.each(["", "{", '{"$correlationId":"a\nb","$causationId":"c","actorId":"a","at":"t","schema":1}'])(
  "what is no JSON is refused: %j",
  (stored) => expect(() => metadataIn(stored)).toThrow(SyntaxError),
);
