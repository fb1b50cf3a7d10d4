import { describe, expect, test } from "vitest";
import { jsonItems } from "../../../../src/commandline/archives/json.ts";
import { making } from "../../../../src/commandline/archives/making.ts";
import { elementLines } from "../../../../src/commandline/archives/matrix.ts";
import { dataOf, readAll } from "../../../support/readArchive.ts";

const { userId, groupId, messageId } = making("matrix");
const [ann, bob] = ["@ann:example.org", "@bob:example.org"];
const room = "!room:example.org";

let at = 0;
const event = (type: string, sender: string, content: object, more: object = {}) => ({
  type,
  sender,
  content,
  room_id: room,
  event_id: `$${++at}`,
  origin_server_ts: at * 1_000,
  ...more,
});
const said = (sender: string, body: string, more: object = {}, event_id = `$${at + 1}`) =>
  event("m.room.message", sender, { msgtype: "m.text", body, ...more }, { event_id });
const read = (...messages: object[]) => {
  const text = JSON.stringify({
    room_name: "Town",
    room_creator: ann,
    topic: "talk",
    export_date: "today",
    exported_by: bob,
    messages,
  });
  return readAll(
    elementLines(
      jsonItems(
        (async function* () {
          yield Buffer.from(text);
        })(),
      ),
    ),
  );
};

describe("Element's export of a Matrix room", () => {
  test("tells the room, who is in it, and who left", async () => {
    const { facts, notes } = await read(
      event("m.room.member", ann, { membership: "join", displayname: "Ann Lee" }, { state_key: ann }),
      event("m.room.member", bob, { membership: "join", displayname: "Bob" }, { state_key: bob }),
      event("m.room.member", bob, { membership: "leave" }, { state_key: bob }),
      event("m.room.member", bob, { membership: "join" }, { state_key: bob }),
    );
    expect(dataOf(facts, "UserRegistered")).toMatchObject([
      { userId: userId(ann), name: "Ann Lee", handle: "ann" },
      { userId: userId(bob), name: "Bob" },
    ]);
    expect(dataOf(facts, "GroupCreated")).toMatchObject([
      { groupId: groupId(room), ownerId: userId(ann), title: "Town", announcement: "talk", public: false },
    ]);
    const entered = { groupId: groupId(room), userIds: [userId(bob)] };
    expect(dataOf(facts, "MembersImported")).toEqual([entered, entered]);
    expect(new Set(facts.map(({ id }) => id)).size).toBe(facts.length);
    expect(dataOf(facts, "MemberLeft")).toEqual([{ groupId: groupId(room), userId: userId(bob) }]);
    expect(notes).toEqual({});
  });

  test("tells messages with answers, threads, edits, reactions, mentions, files and what was taken back", async () => {
    const { facts } = await read(
      said(ann, "root", {}, "$root"),
      said(bob, "answer", {
        "m.relates_to": { "m.in_reply_to": { event_id: "$root" } },
        "m.mentions": { user_ids: [ann], room: true },
      }),
      said(bob, "in the thread", { "m.relates_to": { rel_type: "m.thread", event_id: "$root" } }),
      said(ann, "* better", {
        "m.new_content": { body: "better" },
        "m.relates_to": { rel_type: "m.replace", event_id: "$root" },
      }),
      event("m.reaction", bob, { "m.relates_to": { rel_type: "m.annotation", event_id: "$root", key: "👍" } }),
      said(ann, "photo.png", {
        msgtype: "m.image",
        url: "mxc://example.org/abc",
        info: { mimetype: "image/png", size: 9, w: 2, h: 3 },
      }),
      event("m.room.message", ann, {}, { event_id: "$gone", unsigned: { redacted_because: {} } }),
    );
    const root = messageId(groupId(room), "$root");
    expect(dataOf(facts, "MessageSent")).toMatchObject([
      { text: "root", senderId: userId(ann) },
      { text: "answer", replyTo: root, mentions: [userId(ann)], mentionsAll: true },
      { text: "in the thread", replyTo: root },
      {
        kind: "IMAGE",
        text: null,
        attachments: [
          {
            url: "https://example.org/_matrix/media/v3/download/example.org/abc",
            name: "photo.png",
            mediaType: "image/png",
            size: 9,
            width: 2,
            height: 3,
          },
        ],
      },
      { senderId: userId(ann) },
    ]);
    expect(dataOf(facts, "MessageEdited")).toMatchObject([{ message: root, text: "better" }]);
    expect(dataOf(facts, "ReactionAdded")).toMatchObject([{ message: root, userId: userId(bob), emoji: "👍" }]);
    expect(dataOf(facts, "MessageRecalled")).toMatchObject([{ message: messageId(groupId(room), "$gone") }]);
  });

  test("counts what it leaves out", async () => {
    const { notes } = await read(
      said(ann, "hello"),
      event("m.room.encrypted", ann, {}),
      event("m.reaction", bob, { "m.relates_to": { rel_type: "m.annotation", event_id: "$1", key: "lol" } }),
      said(ann, " "),
      { type: "m.room.message" },
    );
    expect(notes).toEqual({
      "events of the kind m.room.encrypted: left out": 1,
      "reactions that are no emoji: left out": 1,
      "messages in which nothing is left to see (encrypted ones, too): left out": 1,
      "events that cannot be read: left out": 1,
    });
  });
});
