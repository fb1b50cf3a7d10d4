import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createConversationInput, groupInput, memberInput, membersInput, setRoleInput } from "../../../src/api/groups/inputs.ts";
import { joinInput } from "../../../src/api/groups/joiningInputs.ts";
import { importInput } from "../../../src/api/imports/inputs.ts";
import { editMessageInput, messageInput, sendMessageInput } from "../../../src/api/messages/inputs.ts";
import { registerInput, updateProfileInput } from "../../../src/api/users/inputs.ts";
import { refusedWith } from "../../support/given.ts";

const clientMutationId = "k";
const register = { clientMutationId, handle: "Ann", name: "Ann" };
const group = { clientMutationId, kind: "GROUP", title: "Chess" } as const;
const message = { clientMutationId, conversationId: "g:a", text: "hi" };
const attachment = { url: "https://x.example/a.png", name: "a.png", mediaType: "image/png", size: 3 };

describe("what is left out", () => {
  test("of a registration is null or empty", () => {
    expect(registerInput({ ...register, handle: " @Ann ", tags: [{ name: "go" }, { name: "tea", score: null }] })).toStrictEqual({
      clientMutationId,
      handle: "ann",
      name: "Ann",
      avatarUrl: null,
      gender: null,
      birthday: null,
      signature: null,
      tags: [
        { name: "go", score: 1 },
        { name: "tea", score: 1 },
      ],
    });
  });

  test("of a profile stays as it is, null takes it away", () => {
    expect(updateProfileInput({ clientMutationId, signature: null, name: " Anna " })).toStrictEqual({
      clientMutationId,
      signature: null,
      name: "Anna",
    });
  });

  test("of a group is as the contract says", () => {
    expect(createConversationInput({ ...group, joinPolicy: null, public: null })).toStrictEqual({
      clientMutationId,
      kind: "GROUP",
      title: "Chess",
      memberIds: [],
      avatarUrl: null,
      description: null,
      announcement: null,
      category: null,
      tags: [],
      joinPolicy: "APPROVAL",
      public: false,
      historyVisible: false,
    });
  });

  test("of a message is null or empty", () => {
    expect(sendMessageInput({ ...message, attachments: [attachment], mentions: ["b", "b"] })).toStrictEqual({
      clientMutationId,
      conversationId: "g:a",
      userId: null,
      kind: "TEXT",
      topic: null,
      text: "hi",
      attachments: [{ ...attachment, width: null, height: null }],
      replyTo: null,
      mentions: ["b"],
      mentionsAll: false,
    });
  });
});

describe("a conversation is called", () => {
  test("`id` where the contract calls it so", () => {
    expect(joinInput({ clientMutationId, id: "g:a" })).toStrictEqual({ clientMutationId, conversationId: "g:a", note: null });
    expect(groupInput({ clientMutationId, id: "g:a" })).toStrictEqual({ clientMutationId, conversationId: "g:a" });
  });
});

const call = { clientMutationId, conversationId: "g:a" };

test.each<[string, () => unknown, string, RegExp]>([
  ["a blank key", () => registerInput({ ...register, clientMutationId: "  " }), "clientMutationId", /1 to 128/],
  ["a long key", () => sendMessageInput({ ...message, clientMutationId: "k".repeat(129) }), "clientMutationId", /1 to 128/],
  ["half a character in a key", () => joinInput({ clientMutationId: "\ud800", id: "g:a" }), "clientMutationId", /1 to 128/],
  ["a bad handle", () => registerInput({ ...register, handle: "a b" }), "handle", /letters, digits/],
  ["an empty name", () => registerInput({ ...register, name: " " }), "name", /1/],
  ["an address that is none", () => registerInput({ ...register, avatarUrl: "ftp://x" }), "avatarUrl", /http or https/],
  ["a birthday that is none", () => registerInput({ ...register, birthday: "yesterday" }), "birthday", /YYYY-MM-DD/],
  ["a tag without a name", () => registerInput({ ...register, tags: [{ name: "a" }, { name: "" }] }), "tags.1.name", /1/],
  ["a handle taken away", () => updateProfileInput({ clientMutationId, handle: null }), "handle", /cannot be removed/],
  ["tags taken away", () => updateProfileInput({ clientMutationId, tags: null }), "tags", /cannot be removed/],
  ["a direct conversation made", () => createConversationInput({ ...group, kind: "DIRECT" }), "kind", /sendMessage/],
  ["a channel without a title", () => createConversationInput({ ...group, kind: "CHANNEL", title: " " }), "title", /1/],
  ["a title too long", () => createConversationInput({ ...group, title: "x".repeat(129) }), "title", /128/],
  ["a member with no id", () => createConversationInput({ ...group, memberIds: ["b", "a~b"] }), "memberIds.1", /A-Z/],
  ["too many members", () => createConversationInput({ ...group, memberIds: Array<string>(501).fill("b") }), "memberIds", /500/],
  ["a user joined", () => joinInput({ clientMutationId, id: "ann" }), "id", /g:/],
  ["a direct conversation left", () => groupInput({ clientMutationId, id: "d:a~b" }), "id", /direct conversation/],
  ["nobody added", () => membersInput({ ...call, userIds: [] }), "userIds", /1/],
  ["too many added", () => membersInput({ ...call, userIds: Array<string>(501).fill("b") }), "userIds", /500/],
  ["an owner with no id", () => memberInput({ ...call, userId: "" }), "userId", /A-Z/],
  [
    "roles in a direct conversation",
    () => setRoleInput({ ...call, conversationId: "d:a~b", userId: "a", role: "ADMIN" }),
    "conversationId",
    /direct/,
  ],
  ["a message to nobody", () => sendMessageInput({ clientMutationId, text: "hi" }), "conversationId", /one of/],
  ["a message to both", () => sendMessageInput({ ...message, userId: "b" }), "userId", /one of/],
  [
    "a message to a pair out of order",
    () => sendMessageInput({ ...message, conversationId: "d:b~a" }),
    "conversationId",
    /in order/,
  ],
  ["a reply to nothing", () => sendMessageInput({ ...message, replyTo: 0 }), "replyTo", /1 to 2147483647/],
  [
    "an attachment of no size",
    () => sendMessageInput({ ...message, attachments: [{ ...attachment, size: -1 }] }),
    "attachments.0.size",
    /0/,
  ],
  [
    "too many mentions",
    () => sendMessageInput({ ...message, mentions: Array.from({ length: 129 }, (_, n) => `u${n}`) }),
    "mentions",
    /128/,
  ],
  ["the message 0", () => messageInput({ ...call, seq: 0 }), "seq", /1 to 2147483647/],
  ["an edit of nothing", () => editMessageInput({ ...call, seq: -1, text: "x" }), "seq", /1 to/],
  ["an empty import", () => importInput({ clientMutationId, messages: [] }), "messages", /1/],
])("%s is refused by the name of the input", (_, parse, field, saying) => refusedWith(parse, "BAD_INPUT", { field, saying }));

test("lines of an archive are refused one by one", () => {
  const line = { key: "1", conversation: "room", sender: "Ann Lee", text: "hi" };
  const { input, places, faults } = importInput({
    clientMutationId,
    messages: [
      line,
      { ...line, sentAt: "yesterday" },
      { ...line, key: "" },
      { ...line, key: "4", sentAt: "2020-02-01T12:00:00+02:00" },
    ],
  });
  expect(input.messages).toStrictEqual([
    { ...line, sentAt: null, topic: null },
    { ...line, key: "4", sentAt: "2020-02-01T10:00:00.000Z", topic: null },
  ]);
  expect(places).toStrictEqual([0, 3]);
  expect(faults).toStrictEqual([
    { index: 1, code: "BAD_INPUT", message: "sentAt: a time as 2024-05-31T12:00:00Z" },
    { index: 2, code: "BAD_INPUT", message: "key: 1 to 256 characters, not all blank" },
  ]);
});

describe("a message that is nothing but a text", () => {
  /** What comes of an input: the command's, or why there is none. */
  const outcomeOf = (input: Parameters<typeof sendMessageInput>[0]): unknown => {
    try {
      return { ...sendMessageInput(input), topic: null };
    } catch (fault) {
      return String(fault);
    }
  };
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", " ", "\u0000", "\ud800", "a".repeat(129)),
  );
  const or = (...values: unknown[]) => fc.constantFrom(undefined, null, ...values);
  const inputs = fc.record(
    {
      clientMutationId: text,
      conversationId: fc.oneof(or("d:a~b", "d:b~a", "d:a~a", "g:x", "c:x", "x:y", "d:a"), text),
      text: fc.oneof(or("hi"), text),
      userId: or("bob", "no user"),
      kind: or("TEXT", "IMAGE"),
      topic: or(),
      attachments: or([], [attachment]),
      replyTo: or(1, 0),
      mentions: or([], ["ann", "ann"]),
      mentionsAll: or(true, false),
      expiresAfterSeconds: or(5, 0.5),
    },
    { requiredKeys: ["clientMutationId"] },
  );

  test("is what the schema makes of it, whether it asks the schema or not", () => {
    fc.assert(
      fc.property(
        fc.oneof({ weight: 1, arbitrary: inputs }, { weight: 1, arbitrary: inputs.map((all) => ({ ...all, ...message })) }),
        (all) => {
          const input = all as Parameters<typeof sendMessageInput>[0];
          // A topic is nothing that only a text has: then the schema is asked.
          expect(outcomeOf(input)).toEqual(outcomeOf({ ...input, topic: " " }));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
