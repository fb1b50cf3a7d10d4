import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { events, type EventType } from "../../../src/domain/events.ts";
import { normaliseHandle } from "../../../src/domain/handleForm.ts";
import { divided, personalOf, SEALED, united } from "../../../src/domain/personal.ts";

const folder = new URL("../../fixtures/events/", import.meta.url);
const fixtures = readdirSync(folder).map((name) => ({
  name,
  ...(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { type: EventType; data: Record<string, unknown> }),
}));

/** Members that hold a text of their own: not one of a few, not an id, a time or a hash. */
function freeTexts(data: unknown, path = ""): string[] {
  if (typeof data === "string") return [path];
  if (Array.isArray(data)) return [...new Set(data.flatMap((each) => freeTexts(each, `${path}[]`)))];
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => freeTexts(value, path === "" ? name : `${path}.${name}`));
}

/** Members of events that say nothing of a person but who, when and of what kind. */
const PLAIN =
  /(?:^|\.)(?:\w*[iI]ds?(?:\[\])?|kind|role|number|emoji|rule|action|code|joinPolicy|mentions\[\]|senderId|reporterId|decidedBy|bannedBy|unbannedBy|invitedBy|createdBy|from|to|until|\w*At|\w+Until|hash|key|token|mediaType|notAdded\[\]|point\w*|limit|slices|clientMutationId|events\[\]|sender\w*)$/;
/** Of those who run the place. */
const OPERATORS = new Set([
  "WebhookPut.url",
  "WebhookPut.secret",
  "WebhookPut.beforeSend.otherwise",
  "WebhookSwitchedOff.reason",
]);

describe("what is personal in an event", () => {
  test.each(fixtures)("comes back as it was: $name", ({ type, data }) => {
    const personal = personalOf(type);
    const parts = personal && divided(personal, data);
    if (!personal || !parts) return;
    expect(united(personal, { ...parts.rest, [SEALED]: "sealed" }, JSON.parse(JSON.stringify(parts.part)), "handle-0f")).toEqual(
      data,
    );
    for (const owner of personal.owners(data as never)) expect(owner.id).toMatch(/^[^\s!]+$/);
    expect(personal.owners(data as never).length).toBeGreaterThan(0);
  });

  test.each(fixtures)("is all texts of their own: $name", ({ type, data }) => {
    const personal = personalOf(type);
    const rest = (personal && divided(personal, data)?.rest) ?? data;
    const left = freeTexts(rest).filter((path) => !PLAIN.test(path) && !OPERATORS.has(`${type}.${path}`));
    expect(left).toEqual([]);
  });

  test.each(fixtures)("is read as erased, in a shape that there is: $name", ({ type, data }) => {
    const personal = personalOf(type);
    const parts = personal && divided(personal, data);
    if (!personal || !parts) return;
    const erased = united(personal, { ...parts.rest, [SEALED]: "sealed" }, undefined, "handle-0f");
    expect(events[type].safeParse(erased).error).toBeUndefined();
    for (const text of Object.values(parts.part))
      if (typeof text === "string" && personal.fields.has("text")) expect(JSON.stringify(erased)).not.toContain(text);
  });

  test("of two handles is not the same text, and none that a handle may be", () => {
    const personal = personalOf("HandleClaimed");
    const erased = ["handle-0f", "handle-a1"].map(
      (stream) => personal && united(personal, { userId: "ann" }, undefined, stream)["handle"],
    );
    expect(new Set(erased).size).toBe(2);
    for (const handle of erased) expect(() => normaliseHandle(String(handle))).toThrow("a handle is");
  });

  test("is nothing where nothing is said", () => {
    const muted = { userId: "ann", conversationId: "g:chess", muted: true };
    const personal = personalOf("PreferencesChanged");
    expect(personal && divided(personal, muted)).toBeUndefined();
    expect(personal && divided(personal, { ...muted, nickname: null })).toBeUndefined();
    expect(personal && divided(personal, { ...muted, nickname: "A." })).toEqual({ part: { nickname: "A." }, rest: muted });
    for (const wrong of [null, undefined, 1, "text", []]) expect(personal && divided(personal, wrong)).toBeUndefined();
    expect(personalOf("MemberJoined")).toBeUndefined();
    expect(personalOf("constructor")).toBeUndefined();
  });

  test("of a message that waits is what lies in it", () => {
    const personal = personalOf("MessageScheduled");
    const message = { conversationId: "g:chess", kind: "TEXT", topic: null, text: "later", attachments: [] };
    const data = { userId: "ann", id: "x", sendAt: "2026-12-01T00:00:00.000Z", message };
    const parts = personal && divided(personal, data);
    expect(parts).toEqual({
      part: { topic: null, text: "later", attachments: [] },
      rest: { ...data, message: { conversationId: "g:chess", kind: "TEXT" } },
    });
    expect(personal && parts && united(personal, parts.rest, undefined, "schedule-ann")).toEqual({
      ...data,
      message: { ...message, text: null },
    });
  });
});
