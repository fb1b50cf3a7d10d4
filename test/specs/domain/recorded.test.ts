import { describe, expect, test } from "vitest";
import { z } from "zod";
import { streams } from "../../../src/domain/ids.ts";
import { eventParser, parseEvent, routingKey, Unreadable, UnknownStream } from "../../../src/domain/recorded.ts";

const direct = "d:alice~bob";
const named = {
  user: [streams.user("alice"), "alice"],
  handle: [streams.handle("0f"), "handle-0f"],
  schedule: [streams.schedule("bob"), "bob"],
  uploads: [streams.uploads("alice"), "alice"],
  pushtoken: [streams.pushtoken("n4bQgYhMfWWaL"), "n4bQgYhMfWWaL"],
  friendship: [streams.friendship("bob", "alice"), "alice~bob"],
  group: [streams.group("g:chess"), "g:chess"],
  subscription: [streams.subscription("c:news", "alice"), "c:news"],
  conversation: [streams.conversation(direct), direct],
  annotation: [streams.annotation("g:chess", 7), "g:chess"],
  report: [streams.report(direct, 7, { reporterId: "bob", rule: null }), direct],
  ban: [streams.ban("alice"), "alice"],
  reader: [streams.reader("alice", direct), direct],
  preferences: [streams.preferences("alice", direct), direct],
  circle: [streams.circle("o:acme"), "o:acme"],
  webhooks: [streams.webhooks, "webhooks"],
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

/** A type that was invented here: `LampLit` had a `colour` in schema 1, a list of them in 2, and a `watt` beside it since 3. */
const lamps = { LampLit: z.object({ colours: z.array(z.string()), watt: z.number() }), LampBroken: z.object({}) };
const upcasters = {
  "LampLit@1": (data: unknown) => ({ colours: [(data as { colour: string }).colour] }),
  "LampLit@2": (data: unknown) => ({ ...(data as { colours: string[] }), watt: 40 }),
};
const stored = (type: string, schema: number, data: unknown) => ({
  id: "id",
  stream: "lamp-1",
  revision: 0,
  position: "p",
  type,
  data,
  metadata: { actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema },
});

describe("an event of an older shape", () => {
  const parse = eventParser(lamps, upcasters, 3);

  test.each([
    [1, { colour: "red" }, { colours: ["red"], watt: 40 }],
    [2, { colours: ["red", "blue"] }, { colours: ["red", "blue"], watt: 40 }],
    [3, { colours: [], watt: 60 }, { colours: [], watt: 60 }],
  ])("of schema %i is brought to the newest one, step by step, and is stored as it was", (schema, data, newest) => {
    const event = stored("LampLit", schema, data);
    const before = JSON.stringify(event);
    expect(parse(event)?.data).toEqual(newest);
    // Asked again, as a replay does, it says the same.
    expect(parse(event)).toEqual(parse(JSON.parse(before) as typeof event));
    expect(JSON.stringify(event)).toBe(before);
  });

  test("whose type has the same shape in both needs no upcaster", () =>
    expect(parse(stored("LampBroken", 1, {}))).toMatchObject({ type: "LampBroken", data: {}, actorId: "ann" }));

  test.each([
    ["an upcaster cannot take", stored("LampLit", 1, null)],
    ["no upcaster brings to the newest shape", stored("LampLit", 3, { colour: "red" })],
  ])("that %s is unreadable, and so is parked", (_, event) => expect(() => parse(event)).toThrow(Unreadable));

  test("of a type that only others know is passed over", () => expect(parse(stored("LampSold", 1, {}))).toBeNull());
});

test("events of every type are parsed by their own shapes alone: nothing that is inherited is one", () =>
  expect(parseEvent(stored("constructor", 1, {}))).toBeNull());
