import { describe, expect, test } from "vitest";
import { making } from "../../../../src/commandline/archives/making.ts";
import { mattermostLines } from "../../../../src/commandline/archives/mattermost.ts";
import { dataOf, readAll } from "../../../support/readArchive.ts";

const { userId, groupId, directId } = making("mattermost");

const line = (type: string, data: object) => ({ type, [type]: data });
const CHANNELS = [
  { type: "version", version: 1 },
  line("team", { name: "t", display_name: "Team" }),
  line("channel", { team: "t", name: "town", display_name: "Town", type: "O", header: "head", purpose: "talk" }),
  line("channel", { team: "t", name: "den", display_name: "Den", type: "P" }),
];
const inChannels = (...channels: object[]) => [{ name: "t", channels }];
const PEOPLE = [
  line("user", {
    username: "ann",
    first_name: "Ann",
    last_name: "Lee",
    position: "baker",
    teams: inChannels({ name: "town" }, { name: "den" }),
  }),
  line("user", {
    username: "bob",
    nickname: "Bobby",
    delete_at: 5,
    teams: inChannels({ name: "town", roles: "channel_user channel_admin", favorite: true }),
  }),
  line("bot", { username: "robot", display_name: "Robot" }),
];
const post = (user: string, message: string, at: number, more: object = {}) =>
  line("post", { team: "t", channel: "town", user, message, create_at: at, ...more });
const read = (...lines: object[]) =>
  readAll(
    mattermostLines(
      (async function* () {
        for (const [index, json] of [...CHANNELS, ...PEOPLE, ...lines].entries()) yield { place: `line ${index + 1}`, json };
      })(),
    ),
  );

describe("a bulk export of Mattermost", () => {
  test("tells as named those whom it knows, and nobody else", async () => {
    const { facts } = await read(post("ann", "hello @bob, and @everyone.else: mail to @example", 5));
    expect(dataOf(facts, "MessageSent")).toMatchObject([{ mentions: [userId("bob")] }]);
  });

  test("tells its people, with bots and the deactivated, and its channels with members and roles", async () => {
    const { facts, notes } = await read();
    expect(dataOf(facts, "UserRegistered")).toMatchObject([
      { userId: userId("ann"), name: "Ann Lee", handle: "ann", signature: "baker", tags: [] },
      { name: "Bobby", handle: "bob", tags: [] },
      { name: "Robot", tags: [], bot: true },
    ]);
    expect(dataOf(facts, "UserDeactivated")).toEqual([{ userId: userId("bob") }]);
    expect(dataOf(facts, "GroupCreated")).toMatchObject([
      {
        groupId: groupId("t/town"),
        ownerId: userId("ann"),
        title: "Town",
        announcement: "head",
        description: "talk",
        public: true,
      },
      { groupId: groupId("t/den"), title: "Den", public: false },
    ]);
    expect(dataOf(facts, "MembersImported")).toEqual([{ groupId: groupId("t/town"), userIds: [userId("bob")] }]);
    expect(dataOf(facts, "RoleChanged")).toEqual([{ groupId: groupId("t/town"), userId: userId("bob"), role: "ADMIN" }]);
    expect(dataOf(facts, "PreferencesChanged")).toEqual([
      { conversationId: groupId("t/town"), userId: userId("bob"), pinned: true },
    ]);
    expect(notes).toEqual({});
  });

  test("tells posts with their answers, reactions, edits, pins, and whom they name", async () => {
    const { facts } = await read(
      post("ann", "hello @bob and @all", 1_000, {
        edit_at: 5_000,
        is_pinned: true,
        reactions: [
          { user: "bob", emoji_name: "tada", create_at: 3_000 },
          { user: "bob", emoji_name: "ours", create_at: 3_000 },
        ],
        replies: [{ user: "bob", message: "yes", create_at: 2_000 }],
      }),
    );
    const [root, answer] = facts.filter(({ fact }) => fact === "MessageSent");
    expect(root).toMatchObject({
      at: "1970-01-01T00:00:01.000Z",
      data: { conversationId: groupId("t/town"), text: "hello @bob and @all", mentions: [userId("bob")], mentionsAll: true },
    });
    expect(answer).toMatchObject({ data: { senderId: userId("bob"), text: "yes", replyTo: root?.id } });
    expect(dataOf(facts, "MessageEdited")).toMatchObject([{ message: root?.id, text: "hello @bob and @all" }]);
    expect(dataOf(facts, "ReactionAdded")).toMatchObject([{ message: root?.id, userId: userId("bob"), emoji: "🎉" }]);
    expect(dataOf(facts, "MessagePinned")).toMatchObject([{ message: root?.id }]);
  });

  test("tells posts in the order of time, whatever order they have in the file", async () => {
    const { facts } = await read(
      post("ann", "third", 3_000),
      line("direct_channel", { members: ["ann", "bob"] }),
      line("direct_post", { channel_members: ["ann", "bob"], user: "ann", message: "second", create_at: 2_000 }),
      post("ann", "first", 1_000),
    );
    expect(dataOf(facts, "MessageSent").map(({ text }) => text)).toEqual(["first", "second", "third"]);
  });

  test("tells direct conversations of two, of more, and notes to oneself", async () => {
    const direct = (members: string[], message: string) =>
      line("direct_post", { channel_members: members, user: "ann", message, create_at: 1_000 });
    const { facts } = await read(
      line("direct_channel", { members: ["ann", "bob"] }),
      direct(["bob", "ann"], "two"),
      direct(["ann", "bob", "robot"], "three"),
      direct(["ann", "ann"], "one"),
    );
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { conversationId: directId("ann", "bob"), text: "two" },
      { conversationId: groupId("direct/ann,bob,robot"), text: "three" },
      { conversationId: groupId("direct/ann"), text: "one" },
    ]);
  });

  test("keeps what it does not know in some form, and counts it", async () => {
    const { facts, notes } = await read(
      post("zoe", "from outside", 1_000, { attachments: [{ path: "data/a/photo.png" }] }),
      post("ann", "ann joined", 2_000, { type: "system_join_channel" }),
      post("ann", "", 3_000),
      line("emoji", { name: "ours" }),
      line("post", { team: "t" }),
    );
    expect(dataOf(facts, "MessageSent").map(({ text }) => text)).toEqual(["from outside\n📎 photo.png"]);
    expect(dataOf(facts, "UserRegistered")[3]).toMatchObject({ name: "zoe", tags: [{ name: "unknown" }] });
    expect(notes).toEqual({
      "people whom the export does not describe: kept by their names": 1,
      "files that are not beside the export: kept by their names": 1,
      "what the server said itself (who came, what a channel is called): left out": 1,
      "messages in which nothing is left to see: left out": 1,
      "lines of the kind emoji: left out": 1,
      "lines of the kind post that cannot be read: left out": 1,
    });
  });
});
