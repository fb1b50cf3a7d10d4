import { describe, expect, test } from "vitest";
import { making } from "../../../../src/commandline/archives/making.ts";
import { rocketChatLines } from "../../../../src/commandline/archives/rocketChat.ts";
import { dataOf, readAll } from "../../../support/readArchive.ts";

const { userId, groupId, directId } = making("rocket.chat");

const read = (files: Readonly<Record<string, readonly string[][]>>) => {
  const all: Readonly<Record<string, readonly string[][]>> = {
    "users.csv": [
      ["username", "email", "name"],
      ["ann", "ann@example.org", "Ann Lee"],
      ["bob", "bob@example.org", ""],
    ],
    "channels.csv": [
      ["town", "ann", "public", "ann;bob"],
      ["den", "bob", "private", ""],
    ],
    ...files,
  };
  return readAll(
    rocketChatLines({
      names: Object.keys(all),
      rows: async function* (name) {
        yield* all[name] ?? [];
      },
    }),
  );
};

describe("a CSV zip of Rocket.Chat", () => {
  test("tells its people, and its channels with who is in them", async () => {
    const { facts, notes } = await read({});
    expect(dataOf(facts, "UserRegistered")).toMatchObject([
      { userId: userId("ann"), name: "Ann Lee", handle: "ann" },
      { name: "bob", handle: "bob" },
    ]);
    expect(dataOf(facts, "GroupCreated")).toMatchObject([
      { groupId: groupId("town"), ownerId: userId("ann"), title: "town", public: true },
      { groupId: groupId("den"), ownerId: userId("bob"), public: false },
    ]);
    expect(dataOf(facts, "MembersImported")).toEqual([{ groupId: groupId("town"), userIds: [userId("bob")] }]);
    expect(notes).toEqual({});
  });

  test("tells messages of channels and of two, at their times", async () => {
    const { facts } = await read({
      "town/messages.csv": [["ann", "1500000000123", 'hello, "all"']],
      "directmessages/messages.csv": [["bob", "ann", "1500000001000", "between us"]],
    });
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { conversationId: directId("ann", "bob"), senderId: userId("bob"), text: "between us" },
      { conversationId: groupId("town"), senderId: userId("ann"), text: 'hello, "all"' },
    ]);
    expect(facts.at(-1)?.at).toBe("2017-07-14T02:40:00.123Z");
  });

  test("keeps what it does not know in some form, and counts it", async () => {
    const { facts, notes } = await read({
      "attic/1.csv": [
        ["zoe", "1", "from the attic"],
        ["zoe", "yesterday", "when?"],
        ["zoe", "2", " "],
      ],
      "directmessages/1.csv": [["ann", "ann", "3", "to do"]],
    });
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { conversationId: groupId("attic"), text: "from the attic" },
      { conversationId: groupId("notes of ann"), text: "to do" },
    ]);
    expect(notes).toEqual({
      "people whom users.csv does not name: kept by their names": 1,
      "channels that channels.csv does not name: kept as private groups": 1,
      "rows without a sender or a time: left out": 1,
      "messages in which nothing is left to see: left out": 1,
      "notes to oneself: kept as a group of one": 1,
    });
  });
});
