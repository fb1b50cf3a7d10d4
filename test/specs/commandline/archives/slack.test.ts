import { describe, expect, test } from "vitest";
import { making } from "../../../../src/commandline/archives/making.ts";
import { slackLines } from "../../../../src/commandline/archives/slack.ts";
import { admin, newKey } from "../../../support/cast.ts";
import { dataOf, filesOf, readAll } from "../../../support/readArchive.ts";
import { readFact } from "../../../../src/domain/archive.ts";
import { world } from "../../../support/world.ts";

const { userId, groupId, directId, messageId } = making("slack");

const users = [
  {
    id: "U1",
    name: "ann",
    real_name: "Ann Lee",
    profile: { display_name: "Annie", title: "baker", image_192: "https://example.org/a.png" },
  },
  { id: "U2", name: "bob", deleted: true, profile: { real_name: "Bob" } },
  { id: "B1", name: "robot", is_bot: true, profile: {} },
];
const general = {
  id: "C1",
  name: "general",
  created: 1_500_000_000,
  creator: "U1",
  members: ["U1", "U2"],
  topic: { value: "all &amp; sundry" },
  purpose: { value: "talk" },
};
const day = (messages: object[], more: Record<string, unknown> = {}) =>
  filesOf({ "users.json": users, "channels.json": [general], "general/2017-07-14.json": messages, ...more });
const said = (ts: string, text: string, more: object = {}) => ({ type: "message", user: "U1", ts, text, ...more });
const read = (messages: object[], more: Record<string, unknown> = {}) => readAll(slackLines(day(messages, more)));

describe("an export of Slack", () => {
  test("tells its people, with bots and the deactivated", async () => {
    const { facts } = await read([]);
    expect(dataOf(facts, "UserRegistered")).toMatchObject([
      {
        userId: userId("U1"),
        name: "Annie",
        handle: "ann",
        signature: "baker",
        avatarUrl: "https://example.org/a.png",
        tags: [],
      },
      { name: "Bob", handle: "bob", tags: [] },
      { name: "robot", tags: [], bot: true },
    ]);
    expect(dataOf(facts, "UserDeactivated")).toEqual([{ userId: userId("U2") }]);
  });

  test("tells public and private groups, with who is in them", async () => {
    const { facts } = await read([], {
      "groups.json": [{ ...general, id: "G1", name: "secret", members: ["U2", "U1"], creator: "U9" }],
    });
    expect(dataOf(facts, "GroupCreated")).toMatchObject([
      { groupId: groupId("C1"), ownerId: userId("U1"), title: "general", public: true, joinPolicy: "OPEN", description: "talk" },
      { groupId: groupId("G1"), ownerId: userId("U2"), title: "secret", public: false, joinPolicy: "INVITE" },
    ]);
    expect(dataOf(facts, "MembersImported")).toEqual([
      { groupId: groupId("C1"), userIds: [userId("U2")] },
      { groupId: groupId("G1"), userIds: [userId("U1")] },
    ]);
    expect(facts.find(({ fact }) => fact === "GroupCreated")?.at).toBe("2017-07-14T02:40:00.000Z");
  });

  test("tells messages at their times, with the markup as text, and whom they name", async () => {
    const { facts } = await read([
      said("1500000001.000200", "hi <@U2>, see <https://example.org|here> &amp; <#C1|general> <!channel>"),
      said("1500000002.5", "<https://example.org/?a=1&amp;b=2>"),
    ]);
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      {
        conversationId: groupId("C1"),
        senderId: userId("U1"),
        text: "hi @Bob, see here (https://example.org) & #general @channel",
        mentions: [userId("U2")],
        mentionsAll: true,
      },
      { text: "https://example.org/?a=1&b=2", mentionsAll: false },
    ]);
    expect(facts.filter(({ fact }) => fact === "MessageSent").map(({ at }) => at)).toEqual([
      "2017-07-14T02:40:01.000Z",
      "2017-07-14T02:40:02.500Z",
    ]);
  });

  test("of which something is called as what all objects have is told as any other", async () => {
    const { facts, notes } = await read([
      said("1500000001.1", "hello", {
        subtype: "constructor",
        reactions: ["constructor", "constructor::skin-tone-3", "__proto__", "tada"].map((name) => ({ name, users: ["U2"] })),
      }),
    ]);
    expect(dataOf(facts, "MessageSent")).toMatchObject([{ text: "hello" }]);
    expect(dataOf(facts, "ReactionAdded").map(({ emoji }) => emoji)).toEqual(["🎉"]);
    expect(notes).toEqual({
      "messages of the kind constructor: kept as text": 1,
      "reactions with an emoji that people made themselves: left out": 3,
    });
  });

  test("tells threads, edits, reactions, pins and what was deleted", async () => {
    const { facts, notes } = await read(
      [
        said("1.1", "root", { thread_ts: "1.1", edited: { user: "U1", ts: "2.1" } }),
        said("3.1", "answer", {
          user: "U2",
          thread_ts: "1.1",
          reactions: [
            { name: "+1::skin-tone-3", users: ["U1", "U2"] },
            { name: "ours", users: ["U1"] },
          ],
        }),
        said("4.1", "This message was deleted.", { subtype: "tombstone" }),
      ],
      { "channels.json": [{ ...general, pins: [{ id: "1.1", user: "U2", created: 9 }] }] },
    );
    const root = messageId(groupId("C1"), "1.1");
    const answer = messageId(groupId("C1"), "3.1");
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { text: "root" },
      { text: "answer", replyTo: root },
      { senderId: userId("U1") },
    ]);
    expect(dataOf(facts, "MessageSent")[2]).not.toHaveProperty("text");
    expect(dataOf(facts, "MessageEdited")).toMatchObject([{ message: root, text: "root" }]);
    expect(dataOf(facts, "ReactionAdded")).toMatchObject([
      { message: answer, userId: userId("U1"), emoji: "👍🏼" },
      { message: answer, userId: userId("U2"), emoji: "👍🏼" },
    ]);
    expect(dataOf(facts, "MessageRecalled")).toMatchObject([{ message: messageId(groupId("C1"), "4.1") }]);
    expect(dataOf(facts, "MessagePinned")).toMatchObject([{ message: root, userId: userId("U2") }]);
    expect(notes).toEqual({ "reactions with an emoji that people made themselves: left out": 1 });
  });

  test("tells files by their addresses", async () => {
    const photo = {
      name: "a.png",
      mimetype: "image/png",
      size: 9,
      url_private: "https://files.example.org/a.png",
      original_w: 4,
      original_h: 3,
    };
    const { facts, notes } = await read([
      said("1.1", "", { files: [photo] }),
      said("2.1", "gone", { files: [{ id: "F1", mode: "tombstone" }] }),
    ]);
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      {
        kind: "IMAGE",
        text: null,
        attachments: [{ url: photo.url_private, name: "a.png", mediaType: "image/png", size: 9, width: 4, height: 3 }],
      },
      { text: "gone" },
    ]);
    expect(notes).toEqual({ "files without an address (deleted, or hidden by a limit): left out": 1 });
    const old = await read([said("1.1", "uploaded a file", { subtype: "file_share", file: photo })]);
    expect(dataOf(old.facts, "MessageSent")).toMatchObject([
      { text: "uploaded a file", attachments: [{ url: photo.url_private }] },
    ]);
  });

  test("tells direct conversations of two, of more, and notes to oneself", async () => {
    const { facts, notes } = await read([], {
      "dms.json": [
        { id: "D1", members: ["U1", "U2"] },
        { id: "D2", members: ["U1", "U1"] },
      ],
      "mpims.json": [{ id: "M1", name: "mpdm-1", creator: "U1", members: ["U1", "U2", "B1"] }],
      "D1/2017-07-14.json": [said("1.1", "hello")],
      "D2/2017-07-14.json": [said("1.1", "to do")],
      "mpdm-1/2017-07-14.json": [said("1.1", "all three")],
    });
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { conversationId: groupId("M1"), text: "all three" },
      { conversationId: directId("U1", "U2"), text: "hello" },
      { conversationId: groupId("D2"), text: "to do" },
    ]);
    expect(notes).toEqual({ "notes to oneself: kept as a group of one": 1 });
  });

  test("keeps what it does not know in some form, and counts it", async () => {
    const { facts, notes } = await read([
      {
        type: "message",
        subtype: "bot_message",
        bot_id: "B7",
        username: "Weather",
        ts: "1.1",
        attachments: [{ title: "Rain", text: "all day" }],
      },
      said("2.1", "by nobody we know", { user: "U404" }),
      said("3.1", "a reminder", { subtype: "reminder_add" }),
      said("4.1", "", {}),
      said("5.1", "<@U1> has joined", { subtype: "channel_join" }),
      { type: "message", user: "U1", text: "when?" },
      "nonsense" as never,
    ]);
    expect(dataOf(facts, "MessageSent").map(({ text }) => text)).toEqual(["Rain\nall day", "by nobody we know", "a reminder"]);
    expect(dataOf(facts, "UserRegistered").slice(3)).toMatchObject([
      { name: "Weather", tags: [], bot: true },
      { name: "U404", tags: [{ name: "unknown" }] },
    ]);
    expect(notes).toEqual({
      "people whom users.json does not name: kept by what is known of them": 1,
      "messages of the kind reminder_add: kept as text": 1,
      "messages in which nothing is left to see: left out": 1,
      "comings and goings: members are those of the lists": 1,
      "items of a day that are no messages: left out": 2,
    });
  });

  test("is stored once, however often it comes, and a later one adds what is new", async () => {
    const target = world();
    const messages = [
      said("1.1", "root", { thread_ts: "1.1" }),
      said("2.1", "answer", { thread_ts: "1.1", reactions: [{ name: "tada", users: ["U2"] }] }),
    ];
    const store = async (given: object[]) => {
      const { facts } = await read(given);
      const done = await target.commands.importFacts(admin, {
        clientMutationId: newKey(),
        facts: facts.map((fact) => {
          const told = readFact(JSON.parse(JSON.stringify(fact)));
          if ("fault" in told) throw new Error(told.fault);
          return told.fact;
        }),
      });
      await target.catchUp();
      return done;
    };
    expect(await store(messages)).toMatchObject({ stored: 9, alreadyThere: 0, loose: 0, refused: [] });
    expect(await store(messages)).toMatchObject({ stored: 0, alreadyThere: 9, refused: [] });
    const later = [{ ...messages[0], text: "root, better", edited: { ts: "9.1" } }, messages[1] as object, said("3.1", "third")];
    expect(await store(later)).toMatchObject({ stored: 2, alreadyThere: 9, refused: [] });
    const page = await target.views.timelines.page(groupId("C1"), { limit: 10, fromEnd: false });
    expect(page.map(({ text, replyTo }) => [text, replyTo])).toEqual([
      ["root, better", null],
      ["answer", 1],
      ["third", null],
    ]);
    expect(await target.views.annotations.reactions({ conversation: groupId("C1"), seq: 2 })).toEqual([
      { emoji: "🎉", count: 1 },
    ]);
  });
});
