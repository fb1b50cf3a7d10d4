import { describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { routingKey, UnknownStream } from "../../../src/domain/recorded.ts";

const direct = "d:alice~bob";
const named = {
  user: [streams.user("alice"), "alice"],
  handle: [streams.handle("0f"), "handle-0f"],
  schedule: [streams.schedule("bob"), "bob"],
  friendship: [streams.friendship("bob", "alice"), "alice~bob"],
  group: [streams.group("g:chess"), "g:chess"],
  subscription: [streams.subscription("c:news", "alice"), "c:news"],
  conversation: [streams.conversation(direct), direct],
  annotation: [streams.annotation("g:chess", 7), "g:chess"],
  reader: [streams.reader("alice", direct), direct],
  preferences: [streams.preferences("alice", direct), direct],
  circle: [streams.circle("o:acme"), "o:acme"],
  settings: [streams.settings, "*"],
  key: [streams.key, "key"],
} satisfies Record<keyof typeof streams, [stream: string, key: string]>;

describe("what the events of a stream belong to", () => {
  test.each(Object.entries(named))("follows from its name: %s", (_kind, [stream, key]) => expect(routingKey(stream)).toBe(key));

  test("is given for every kind that there is", () => expect(Object.keys(named).sort()).toEqual(Object.keys(streams).sort()));

  test.each(["nonsense-a~b", "", "-", "user2-a", "constructor", "__proto__-a", "toString-a"])(
    "is not made up for a kind that is not known: %j",
    (stream) => expect(() => routingKey(stream)).toThrow(UnknownStream),
  );
});
