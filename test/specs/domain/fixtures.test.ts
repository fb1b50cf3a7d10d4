import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { type EventType, events } from "../../../src/domain/events.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";

type Fixture = { type: string; schema: number; data: Record<string, unknown> };

const folder = new URL("../../fixtures/events/", import.meta.url);
const fixtures = readdirSync(folder).map((name) => ({
  name,
  ...(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Fixture),
}));

/**
 * Every shape that was ever written to a log. One that no longer parses makes logs unreadable: heal the code, never the fixture.
 */
describe("events as they were released", () => {
  test.each(fixtures)("$name parses to the same data", ({ name, type, schema, data }) => {
    const metadata = { actorId: "alice", at: "2024-01-02T03:04:05.678Z", schema };
    const parsed = parseEvent({
      id: "id",
      stream: "stream",
      revision: 3,
      position: "memory00.00000000001",
      type,
      data,
      metadata,
    });
    expect(parsed).toStrictEqual({
      type,
      data,
      id: "id",
      stream: "stream",
      revision: 3,
      position: "memory00.00000000001",
      actorId: "alice",
      at: "2024-01-02T03:04:05.678Z",
    });
    expect(name.startsWith(`${type}-${schema}`)).toBe(true);
  });

  test.each(Object.keys(events) as EventType[])("%s has fixtures with and without each optional member", (type) => {
    const ofType = fixtures.filter((fixture) => fixture.type === type);
    expect(ofType).not.toEqual([]);
    for (const [member, schema] of Object.entries<z.ZodType>(events[type].shape)) {
      expect(ofType.some(({ data }) => member in data && data[member] !== null)).toBe(true);
      if (schema.safeParse(undefined).success) expect(ofType.some(({ data }) => !(member in data))).toBe(true);
      if (schema.safeParse(null).success) expect(ofType.some(({ data }) => data[member] === null)).toBe(true);
    }
  });

  test("a type of a later version is passed over", () => {
    const metadata = { actorId: "alice", at: "2024-01-02T03:04:05.678Z", schema: 1 };
    expect(parseEvent({ id: "id", stream: "s", revision: 0, position: "p", type: "GroupFrozen", data: {}, metadata })).toBeNull();
  });
});
