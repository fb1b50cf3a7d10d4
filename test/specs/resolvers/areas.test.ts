import { describe, expect, it } from "vitest";
import type { Area } from "../../../src/api/area.ts";
import { areas, resolvedFields } from "../../../src/api/resolvers.ts";
import { buildSchema } from "../../../src/api/schema.ts";

const viewer: Area = { Query: { viewer: () => ({ userId: "alice" }) } };

describe("the areas of the API", () => {
  it("resolve each field once", () => {
    const names = resolvedFields(areas).map(({ type, field }) => `${type}.${field}`);
    expect(names).toContain("Conversation.messages");
    expect(new Set(names).size).toBe(names.length);
  });

  it("may add fields to a type of another", () => {
    const ofConversation = resolvedFields(areas).filter(({ type }) => type === "Conversation");
    expect(new Set(ofConversation.map(({ area }) => area))).toEqual(
      new Set(["conversations", "messages", "moderation", "typing"]),
    );
  });

  it("are refused where two of them resolve the same field", () => {
    expect(() => buildSchema({ ...areas, again: viewer })).toThrow("two areas of the API resolve Query.viewer: users and again");
  });

  it("are refused where one resolves what the schema does not have", () => {
    const later = { Query: { friends: () => [] } } as Area;
    expect(() => buildSchema({ ...areas, later })).toThrow("schema.graphql has no Query.friends");
  });

  it.each([
    ["search", "Query.searchMessages"],
    ["groups", "Mutation.createConversation"],
    ["inbox", "Subscription.inbox"],
  ])("are refused without %s: nobody resolves %s", (missing, field) => {
    const others = Object.fromEntries(Object.entries(areas).filter(([area]) => area !== missing));
    expect(() => buildSchema(others)).toThrow(`nobody resolves ${field}`);
  });
});
