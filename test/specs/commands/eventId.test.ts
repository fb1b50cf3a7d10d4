import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { eventId, uuidV5 } from "../../../src/commands/eventId.ts";
import { handleStream } from "../../../src/commands/handleStream.ts";
import { refusedWith } from "../../support/given.ts";

/** The first is that of RFC 9562, appendix A.4. */
test.each([
  ["www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"],
  ["python.org", "886313e1-3b8a-5372-9b90-0c9aee199e5d"],
  ["example.org", "aad03681-8b63-5304-89e0-8ca8f49461b5"],
])("the name-based UUID of %s is the one that everybody makes", (name, uuid) =>
  expect(uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", name)).toBe(uuid),
);

test.each([1, 676, 677, 678, 2_048, 100_000])("of %i characters of any script, it is the hash of the bytes", (length) => {
  for (const character of ["a", "é", "中", "\ud83d"]) {
    const name = character.repeat(length);
    const namespace = Buffer.from("6ba7b8109dad11d180b400c04fd430c8", "hex");
    const hex = createHash("sha1").update(namespace).update(name, "utf8").digest("hex");
    const uuid = uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", name);
    expect(uuid.replace(/-/g, "").slice(0, 12)).toBe(hex.slice(0, 12));
    expect(uuid.replace(/-/g, "").slice(17)).toBe(hex.slice(17, 32));
  }
});

test("an event's id stays the same for ever", () => {
  expect(eventId("group-g:1", "alice", "m1", 0)).toBe("a60b5c3b-3489-5a64-8dcd-6e588222f351");
  expect(eventId("group-g:1", "alice", "m1", 1)).toBe("04013e98-1c5a-5aa8-ba0a-53378c56f8ff");
});

test("another stream, actor, call or place gives another id, also where the texts join to the same", () => {
  const ids = [
    eventId("s", "a", "m", 0),
    eventId("s", "a", "m", 1),
    eventId("s", "am", "", 0),
    eventId("s", "", "am", 0),
    eventId("sa", "", "m", 0),
    eventId("s", "a", 'm",0', 0),
    eventId("s", "a", "m1", 0),
    eventId("s", "a", "m", 10),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("a handle has one stream, however it is typed", () => {
  expect(handleStream("ada")).toBe("handle-fdee430d40bd57deeac186cd9790033d");
  expect(handleStream(" @ADA ")).toBe(handleStream("ada"));
  expect(handleStream("ada1")).not.toBe(handleStream("ada"));
  refusedWith(() => handleStream("a b"), "BAD_INPUT", { field: "handle" });
});
