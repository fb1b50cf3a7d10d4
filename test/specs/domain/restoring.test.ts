import { describe, expect, test } from "vitest";
import { type Command as Annotating, decider as annotation, type Event as Annotated } from "../../../src/domain/annotation.ts";
import { readFact } from "../../../src/domain/archive.ts";
import { decider as friendship, type Event as Befriended } from "../../../src/domain/friendship.ts";
import { decider as group } from "../../../src/domain/group.ts";
import type { RestoredEvent } from "../../../src/domain/groupRestoring.ts";
import { eventParser, parseEvent } from "../../../src/domain/recorded.ts";
import { decider as user } from "../../../src/domain/user.ts";
import { given } from "../../support/given.ts";

const groupId = "g:walks";
const profile = {
  title: "Walks",
  avatarUrl: null,
  description: null,
  announcement: null,
  category: null,
  tags: [],
  joinPolicy: "OPEN" as const,
  public: false,
  historyVisible: false,
};
const created: RestoredEvent = { type: "GroupCreated", data: { groupId, ownerId: "ann", ...profile } };
const stored: RestoredEvent = { type: "GroupCreated", data: { groupId, ownerId: "ann", ...profile, imported: true } };
const added: RestoredEvent = { type: "MemberAdded", data: { groupId, userId: "bob" } };
const restore = <E>(event: E) => ({ type: "Restore" as const, event });

describe("a fact of an archive about whether somebody acts as a user", () => {
  const nothing = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
  const ann = { type: "UserRegistered" as const, data: { userId: "ann", handle: "ann", name: "Ann", ...nothing } };
  const gone = { type: "UserDeactivated" as const, data: { userId: "ann" } };
  const back = { type: "UserReactivated" as const, data: { userId: "ann" } };
  test("is stored where it is otherwise", () => {
    given(user, ann).when(restore(gone)).then(gone);
    given(user, ann, gone).when(restore(gone)).nothing();
    given(user, ann).when(restore(back)).nothing();
    given(user, ann, gone).when(restore(back)).then(back);
  });
  test("needs somebody", () => given(user).when(restore(gone)).refused("BAD_INPUT", { field: "userId" }));
  test("is one of a bot, too: that it is one comes with its first fact", () => {
    const robot = { ...ann, data: { ...ann.data, bot: true as const } };
    given(user).when(restore(robot)).then(robot);
  });
});

describe("a fact of an archive about a group", () => {
  test("makes the group, once, and nobody is told", () => {
    given(group).when(restore(created)).then(stored);
    given(group, stored).when(restore(created)).nothing();
  });
  test("takes people in and out whoever may, and not twice", () => {
    given(group, stored).when(restore(added)).then(added);
    given(group, stored, added).when(restore(added)).nothing();
    const left: RestoredEvent = { type: "MemberRemoved", data: { groupId, userId: "bob" } };
    given(group, stored, added).when(restore(left)).then(left);
    given(group, stored).when(restore(left)).nothing();
  });
  test("of many takes in those who are not there", () =>
    given(group, stored, added)
      .when(restore<RestoredEvent>({ type: "MembersImported", data: { groupId, userIds: ["bob", "cat"] } }))
      .then({ type: "MembersImported", data: { groupId, userIds: ["cat"] } }));
  test("changes what is otherwise", () => {
    given(group, stored)
      .when(restore<RestoredEvent>({ type: "GroupProfileChanged", data: { groupId, title: "Runs", public: false } }))
      .then({ type: "GroupProfileChanged", data: { groupId, title: "Runs" } });
    const role: RestoredEvent = { type: "RoleChanged", data: { groupId, userId: "bob", role: "ADMIN" } };
    given(group, stored, added).when(restore(role)).then(role);
    given(group, stored, added, role).when(restore(role)).nothing();
  });
  test("that cannot be is a conflict: views could not show it", () => {
    const left: RestoredEvent = { type: "MemberLeft", data: { groupId, userId: "ann" } };
    given(group, stored, added).when(restore(left)).refused("CONFLICT");
    given(group, stored)
      .when(restore<RestoredEvent>({ type: "RoleChanged", data: { groupId, userId: "bob", role: "ADMIN" } }))
      .refused("CONFLICT");
    given(group, stored, added)
      .when(restore<RestoredEvent>({ type: "OwnershipTransferred", data: { groupId, from: "bob", to: "bob" } }))
      .refused("CONFLICT");
    given(group).when(restore(added)).refused("BAD_INPUT");
    const dissolved: RestoredEvent = { type: "GroupDissolved", data: { groupId, userId: "ann" } };
    given(group, stored, dissolved).when(restore(added)).refused("CONFLICT");
    given(group, stored, dissolved).when(restore(dissolved)).nothing();
  });
});

describe("a fact of an archive about a message", () => {
  const of = { conversationId: groupId, seq: 1 };
  const recalled: Annotated = { type: "MessageRecalled", data: { ...of, senderId: "ann" } };
  const edited: Annotated = { type: "MessageEdited", data: { ...of, senderId: "ann", text: "better" } };
  const reacted: Annotated = { type: "ReactionAdded", data: { ...of, userId: "bob", emoji: "👍" } };
  const pinned: Annotated = { type: "MessagePinned", data: { ...of, userId: "bob" } };
  const again = (event: Annotated): Annotating => restore(event);

  test("is stored, also where its user may not do that here", () => {
    for (const event of [recalled, edited, reacted, pinned]) given(annotation).when(again(event)).then(event);
  });
  test("is nothing where it is so already, or nothing is left of the message", () => {
    for (const event of [recalled, reacted, pinned]) given(annotation, event).when(again(event)).nothing();
    for (const event of [edited, reacted, pinned]) given(annotation, recalled).when(again(event)).nothing();
  });
});

describe("a fact of an archive about two users", () => {
  const of = { number: 1, from: "ann", to: "bob" };
  const asked: Befriended = { type: "FriendshipRequested", data: { ...of, note: null, alias: null } };
  const accepted: Befriended = { type: "FriendRequestAccepted", data: of };
  const began: Befriended = { type: "FriendshipBegan", data: { userIds: ["ann", "bob"] } };
  const blocked: Befriended = { type: "UserBlocked", data: { userId: "ann", blockedId: "bob" } };

  test("is stored once, in its order", () => {
    const all = [asked, accepted, began, blocked];
    for (const [index, event] of all.entries()) {
      given(friendship, ...all.slice(0, index))
        .when(restore(event))
        .then(event);
      given(friendship, ...all)
        .when(restore(event))
        .nothing();
    }
  });
});

describe("a fact of an archive about a user", () => {
  const data = {
    userId: "ann",
    handle: "ann",
    name: "Ann",
    avatarUrl: null,
    gender: null,
    birthday: null,
    signature: null,
    tags: [],
  };
  const registered = { type: "UserRegistered" as const, data };

  test("registers them, and changes what is otherwise", () => {
    given(user).when(restore(registered)).then(registered);
    given(user, registered).when(restore(registered)).nothing();
    given(user, registered)
      .when(restore({ type: "ProfileUpdated" as const, data: { userId: "ann", name: "Ann Lee", signature: null } }))
      .then({ type: "ProfileUpdated", data: { userId: "ann", name: "Ann Lee" } });
    given(user)
      .when(restore({ type: "ProfileUpdated" as const, data: { userId: "ann", name: "Ann Lee" } }))
      .refused("BAD_INPUT");
  });
});

describe("an event that comes from an archive", () => {
  const event = {
    id: "id",
    stream: "user-ann",
    revision: 0,
    position: "p",
    type: "FriendRequestAccepted",
    data: { number: 1, from: "ann", to: "bob" },
    metadata: { actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema: 1, imported: { at: "2001-01-01T00:00:00.000Z" } },
  };
  test("happened at its own time", () =>
    expect(parseEvent(event)).toMatchObject({ at: "2001-01-01T00:00:00.000Z", imported: true }));
  test("and others when they were stored", () => {
    const { imported: _, ...metadata } = event.metadata;
    expect(eventParser({}, {}, 1)({ ...event, metadata })).toBeNull();
    expect(parseEvent({ ...event, metadata })).toMatchObject({ at: "2024-01-02T03:04:05.678Z" });
    expect(parseEvent({ ...event, metadata })).not.toHaveProperty("imported");
  });
});

describe("a line of an archive", () => {
  const line = { fact: "MessageRecalled", id: crypto.randomUUID(), at: "2024-01-02T03:04:05+01:00", by: null };
  const data = { conversationId: groupId, message: crypto.randomUUID(), senderId: "ann" };

  test("is a fact, at its time in UTC", () =>
    expect(readFact({ ...line, data })).toEqual({ fact: { ...line, at: "2024-01-02T02:04:05.000Z", data } }));

  test.each([
    [{ ...line, fact: "LogKeyMade", data }, 'no fact is called "LogKeyMade" in this version'],
    [{ ...line, id: "1", data }, "id: "],
    [{ ...line, at: "yesterday", data }, "at: a time as"],
    [{ ...line, data: { ...data, conversationId: "walks" } }, "MessageRecalled: conversationId: a conversation's id is"],
    [{ ...line, data: { ...data, message: 7 } }, "MessageRecalled: message: "],
    [null, ""],
  ])("that is none says what is wrong", (given, why) => {
    const read = readFact(given);
    expect("fault" in read && read.fault).toContain(why);
  });
});

describe("a fact as it is read", () => {
  const fact = { id: "0b5c7a10-0000-4000-8000-00000000000a", at: "2024-05-01T12:00:00Z", by: "ann" };
  const message = "0b5c7a10-0000-4000-8000-00000000000b";
  const edited = (text: string) => ({
    ...fact,
    fact: "MessageEdited",
    data: { conversationId: "d:ann~bob", senderId: "ann", text, message },
  });

  test("has its ids in small letters, as every log tells them", () => {
    const written = edited("hello");
    const shouted = { ...written, id: fact.id.toUpperCase(), data: { ...written.data, message: message.toUpperCase() } };
    expect(readFact(shouted)).toEqual(readFact(written));
    expect(readFact(written)).toMatchObject({ fact: { id: fact.id, data: { message } } });
  });

  test.each([
    ["an edit", (text: string) => edited(text)],
    [
      "a request",
      (note: string) => ({
        ...fact,
        fact: "FriendshipRequested",
        data: { number: 1, from: "ann", to: "bob", note, alias: null },
      }),
    ],
    ["an alias", (alias: string) => ({ ...fact, fact: "FriendAliasChanged", data: { userId: "ann", friendId: "bob", alias } })],
  ])("holds no text that a store cannot keep: %s", (_, of) => {
    expect(readFact(of("good"))).toHaveProperty("fact");
    for (const bad of ["cut\0off", "half \ud83d"]) expect(readFact(of(bad))).toHaveProperty("fault");
  });

  test.each([
    ["FriendshipRequested", { number: 1, from: "ann", to: "ann", note: null, alias: null }],
    ["FriendshipBegan", { userIds: ["ann", "ann"] }],
    ["FriendAliasChanged", { userId: "ann", friendId: "ann", alias: "me" }],
    ["UserBlocked", { userId: "ann", blockedId: "ann" }],
  ])("is about two users where it is about two: %s", (type, data) => {
    expect(readFact({ ...fact, fact: type, data })).toEqual({ fault: `${type}: ann and themselves are no two users` });
  });
});
