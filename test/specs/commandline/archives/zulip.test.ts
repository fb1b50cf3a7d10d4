import { describe, expect, test } from "vitest";
import { making } from "../../../../src/commandline/archives/making.ts";
import { zulipLines } from "../../../../src/commandline/archives/zulip.ts";
import { dataOf, filesOf, readAll } from "../../../support/readArchive.ts";

const { userId, groupId, directId } = making("zulip/acme");

const realm = {
  zerver_realm: [{ string_id: "acme" }],
  zerver_userprofile: [
    { id: 1, full_name: "Ann Lee", is_active: true, is_bot: false, role: 400, date_joined: 1_500_000_000.25 },
    { id: 2, full_name: "Bob", is_active: false, is_bot: false, role: 200, date_joined: 1 },
  ],
  zerver_userprofile_crossrealm: [{ id: 3, full_name: "Welcome Bot", is_bot: true }],
  zerver_stream: [
    { id: 10, name: "town", description: "talk", invite_only: false, date_created: 5 },
    { id: 11, name: "den", invite_only: true, deactivated: true, creator: 1 },
  ],
  zerver_recipient: [
    { id: 100, type: 2, type_id: 10 },
    { id: 101, type: 2, type_id: 11 },
    { id: 102, type: 1, type_id: 2 },
    { id: 103, type: 3, type_id: 50 },
    { id: 104, type: 1, type_id: 1 },
    { id: 105, type: 3, type_id: 51 },
  ],
  zerver_subscription: [
    { user_profile: 1, recipient: 100, active: true, is_muted: true, pin_to_top: false },
    { user_profile: 2, recipient: 100, active: true },
    { user_profile: 1, recipient: 101, active: true },
    { user_profile: 2, recipient: 101, active: false },
    ...[1, 2, 3].map((user) => ({ user_profile: user, recipient: 103, active: true })),
    ...[1, 3].map((user) => ({ user_profile: user, recipient: 105, active: true })),
  ],
  zerver_reaction: [
    { user_profile: 2, message: 7, emoji_name: "tada", emoji_code: "1f389", reaction_type: "unicode_emoji" },
    { user_profile: 2, message: 7, emoji_name: "ours", emoji_code: "9", reaction_type: "realm_emoji" },
  ],
};
const sent = (id: number, recipient: number, content: string, more: object = {}) => ({
  id,
  sender: 1,
  recipient,
  subject: "a topic",
  content,
  date_sent: 1_600_000_000.5,
  ...more,
});

/** The realm stands behind the messages, as in the archive. */
const read = (messages: object[], marks: object[] = []) => {
  const files = filesOf({
    "messages-000001.json": { zerver_message: messages, zerver_usermessage: marks },
    "realm.json": realm,
  });
  return readAll(
    zulipLines(async function* (wanted) {
      for (const name of files.names) if (wanted(name)) yield { name, items: files.items(name) };
    }),
  );
};

describe("an export of Zulip", () => {
  test("tells its people, and its channels with who is in them", async () => {
    const { facts, notes } = await read([]);
    expect(dataOf(facts, "UserRegistered")).toMatchObject([
      { userId: userId("1"), name: "Ann Lee", handle: "ann.lee", tags: [] },
      { name: "Bob", tags: [] },
      { name: "Welcome Bot", tags: [], bot: true },
    ]);
    expect(dataOf(facts, "UserDeactivated")).toEqual([{ userId: userId("2") }]);
    expect(facts[0]?.at).toBe("2017-07-14T02:40:00.250Z");
    expect(dataOf(facts, "GroupCreated")).toMatchObject([
      { groupId: groupId("stream 10"), ownerId: userId("2"), title: "town", description: "talk", public: true },
      { groupId: groupId("stream 11"), ownerId: userId("1"), title: "den", public: false, tags: [{ name: "archived" }] },
      { groupId: groupId("direct 50"), title: "Ann Lee, Bob, Welcome Bot", public: false },
    ]);
    expect(dataOf(facts, "MembersImported")[0]).toEqual({ groupId: groupId("stream 10"), userIds: [userId("1")] });
    expect(dataOf(facts, "PreferencesChanged")).toEqual([
      { userId: userId("1"), conversationId: groupId("stream 10"), muted: true },
    ]);
    expect(notes).toEqual({});
  });

  test("tells messages with their topics, mentions, edits, reactions, and what was read", async () => {
    const { facts, notes } = await read(
      [
        sent(7, 100, "hi @**Bob** and @**Ann Lee|1**, not @_**Bob**, but @**all**", { last_edit_time: 1_600_000_001 }),
        sent(8, 100, "more"),
      ],
      [
        { user_profile: 2, message: 7, flags_mask: 1 },
        { user_profile: 2, message: 8, flags_mask: 8 },
      ],
    );
    const [first] = facts.filter(({ fact }) => fact === "MessageSent");
    expect(first).toMatchObject({
      at: "2020-09-13T12:26:40.500Z",
      data: {
        conversationId: groupId("stream 10"),
        topic: "a topic",
        text: "hi @Bob and @Ann Lee, not @Bob, but @all",
        mentions: [userId("2"), userId("1")],
        mentionsAll: true,
      },
    });
    expect(dataOf(facts, "MessageEdited")).toMatchObject([{ message: first?.id }]);
    expect(dataOf(facts, "ReactionAdded")).toMatchObject([{ message: first?.id, userId: userId("2"), emoji: "🎉" }]);
    expect(dataOf(facts, "ReadUpTo")).toEqual([
      { userId: userId("2"), conversationId: groupId("stream 10"), message: first?.id },
    ]);
    expect(notes).toEqual({ "reactions with an emoji that people made themselves: left out": 1 });
  });

  test("tells direct conversations of two, of more, and notes to oneself", async () => {
    const { facts } = await read([sent(1, 102, "two"), sent(2, 103, "three"), sent(3, 104, "one"), sent(4, 105, "with a bot")]);
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { conversationId: directId("1", "2"), text: "two", topic: null },
      { conversationId: groupId("direct 50"), text: "three" },
      { conversationId: groupId("notes 1"), text: "one" },
      { conversationId: directId("1", "3"), text: "with a bot" },
    ]);
  });

  test("keeps what others write to somebody apart from their notes, although both have one recipient", async () => {
    const { facts } = await read([sent(1, 104, "a note"), sent(2, 104, "to ann", { sender: 2 }), sent(3, 104, "another note")]);
    expect(dataOf(facts, "MessageSent").map(({ conversationId }) => conversationId)).toEqual([
      groupId("notes 1"),
      directId("1", "2"),
      groupId("notes 1"),
    ]);
    expect(dataOf(facts, "GroupCreated").filter(({ title }) => title === "Notes")).toHaveLength(1);
  });

  test("keeps what it does not know in some form, and counts it", async () => {
    const { facts, notes } = await read([
      sent(1, 100, "see [plan](/user_uploads/2/ab/plan.pdf)", { sender: 404 }),
      sent(2, 999, "to whom?"),
      sent(3, 100, " "),
      { id: "nonsense" },
    ]);
    expect(dataOf(facts, "MessageSent").map(({ text }) => text)).toEqual(["see [plan](/user_uploads/2/ab/plan.pdf)"]);
    expect(dataOf(facts, "UserRegistered").at(-1)).toMatchObject({ name: "user 404", tags: [{ name: "unknown" }] });
    expect(notes).toEqual({
      "people whom realm.json does not describe: kept by their numbers": 1,
      "messages with files that are not in the archive: kept with their paths": 1,
      "messages to somebody whom realm.json does not describe: left out": 1,
      "messages in which nothing is left to see: left out": 1,
      "messages that cannot be read: left out": 1,
    });
  });
});
