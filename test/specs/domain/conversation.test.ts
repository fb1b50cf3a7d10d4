import { describe, expect, test } from "vitest";
import { expiryAt, message, type MessageInput } from "../../../src/domain/conversation.ts";
import { events } from "../../../src/domain/events.ts";
import { refusedWith } from "../../support/given.ts";

const picture = { url: "https://example.org/p.png", name: "p.png", mediaType: "image/png", size: 1, width: 2, height: 3 };
const hello: MessageInput = {
  conversationId: "d:alice~bob",
  senderId: "alice",
  clientMutationId: "m1",
  kind: "TEXT",
  text: "hello",
};
const refused = (change: Partial<MessageInput>, field: string) =>
  refusedWith(() => message({ ...hello, ...change }), "BAD_INPUT", { field });

describe("a message", () => {
  test("is complete, whatever was left out", () =>
    expect(message(hello)).toStrictEqual({
      ...hello,
      topic: null,
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
    }));

  test("keeps what was given", () => {
    const given = { ...hello, topic: "t", attachments: [picture], replyTo: 3, mentions: ["bob"], mentionsAll: true };
    const imported = { sentAt: "2019-03-01T12:34:56.789Z" };
    expect(message({ ...given, imported })).toStrictEqual({ ...given, imported });
    expect(events.MessageSent.parse(message({ ...given, imported }))).toStrictEqual(message({ ...given, imported }));
  });

  test.each([5, 60, 366 * 86_400])("may expire after %i seconds", (expiresAfterSeconds) => {
    const expiring = message({ ...hello, expiresAfterSeconds });
    expect(expiring.expiresAfterSeconds).toBe(expiresAfterSeconds);
    expect(events.MessageSent.parse(expiring)).toStrictEqual(expiring);
    const at = new Date(Date.parse("2024-01-02T03:04:05.678Z") + expiresAfterSeconds * 1_000).toISOString();
    expect(expiryAt("2024-01-02T03:04:05.678Z", expiring)).toBe(at);
    expect(expiryAt("2024-01-02T03:04:05.678Z", message(hello))).toBeUndefined();
  });
  test.each([-1, 0, 4, 366 * 86_400 + 1])("does not expire after %i seconds", (expiresAfterSeconds) =>
    refused({ expiresAfterSeconds }, "expiresAfterSeconds"),
  );

  test("keeps its text as it was typed", () => expect(message({ ...hello, text: "  a\n b " }).text).toBe("  a\n b "));

  test.each([null, undefined, "", " \n\t\u3000"])("of kind TEXT needs a text, not %j", (text) =>
    refused({ text, attachments: [picture] }, "text"),
  );
  test.each(["IMAGE", "FILE", "AUDIO", "VIDEO"] as const)("of kind %s needs an attachment", (kind) => {
    refused({ kind }, "attachments");
    refused({ kind, attachments: null }, "attachments");
    expect(message({ ...hello, kind, text: null, attachments: [picture] }).text).toBeNull();
    expect(message({ ...hello, kind, text: " ", attachments: [picture] }).text).toBeNull();
    expect(message({ ...hello, kind, text: "look", attachments: [picture] }).text).toBe("look");
  });

  test("has at most 16,384 UTF-16 units of text", () => {
    expect(message({ ...hello, text: "😀".repeat(8_192) }).text).toHaveLength(16_384);
    refused({ text: "a".repeat(16_385) }, "text");
    refused({ kind: "IMAGE", attachments: [picture], text: "a".repeat(16_385) }, "text");
  });

  test("a blank topic is none; one of more than 128 is refused", () => {
    expect(message({ ...hello, topic: "  " }).topic).toBeNull();
    expect(message({ ...hello, topic: "t".repeat(128) }).topic).toHaveLength(128);
    refused({ topic: "t".repeat(129) }, "topic");
  });

  test("mentions each once, and at most 128", () => {
    const many = Array.from({ length: 128 }, (_, index) => `u${index}`);
    expect(message({ ...hello, mentions: ["bob", "carol", "bob"] }).mentions).toEqual(["bob", "carol"]);
    expect(message({ ...hello, mentions: [...many, ...many] }).mentions).toEqual(many);
    refused({ mentions: [...many, "one.more"] }, "mentions");
  });

  test("has at most 32 attachments", () => {
    expect(message({ ...hello, attachments: Array.from({ length: 32 }, () => picture) }).attachments).toHaveLength(32);
    refused({ attachments: Array.from({ length: 33 }, () => picture) }, "attachments");
  });

  test("to oneself is refused", () => refused({ conversationId: "d:alice~alice" }, "userId"));

  test.each(["\ud83d", "a\ude00b", "\0"])("%j is no text", (bad) => {
    refused({ text: bad }, "text");
    refused({ topic: bad }, "topic");
    refused({ kind: "FILE", text: bad, attachments: [picture] }, "text");
    refused({ attachments: [picture, { ...picture, name: bad }] }, "attachments.1.name");
    refused({ attachments: [{ ...picture, url: `https://example.org/${bad}` }] }, "attachments.0.url");
    refused({ clientMutationId: bad }, "clientMutationId");
  });
});
