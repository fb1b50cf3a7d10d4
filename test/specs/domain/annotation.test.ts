import { describe, expect, test } from "vitest";
import { type Command, decider as annotation, type Event } from "../../../src/domain/annotation.ts";
import { given } from "../../support/given.ts";

const target = { conversationId: "g:1", seq: 7, senderId: "alice" };
const edited = (text: string): Event => ({ type: "MessageEdited", data: { ...target, text } });
const recalled: Event = { type: "MessageRecalled", data: target };
/** A minute after it was sent. */
const timed = (windowMs: number) => ({ sentAt: "2024-05-31T12:00:00.000Z", at: "2024-05-31T12:01:00.000Z", windowMs });
const edit = (text: string, more: Partial<Extract<Command, { type: "Edit" }>> = {}): Command => ({
  type: "Edit",
  ...target,
  by: "alice",
  text,
  originalText: "helo",
  ...timed(0),
  ...more,
});
const recall = (by: string, byIsAdmin = false, windowMs = 0): Command => ({
  type: "Recall",
  ...target,
  by,
  byIsAdmin,
  ...timed(windowMs),
});

describe("editing", () => {
  test("is the sender's", () => given(annotation).when(edit("hello")).then(edited("hello")));
  test("is nobody else's", () =>
    given(annotation)
      .when(edit("hello", { by: "bob" }))
      .refused("FORBIDDEN"));
  test("to the same text is nothing", () => {
    given(annotation).when(edit("helo")).nothing();
    given(annotation, edited("hello")).when(edit("hello")).nothing();
  });
  test("back to the first text is an edit", () => given(annotation, edited("hello")).when(edit("helo")).then(edited("helo")));
  test("of a recalled message is refused", () =>
    given(annotation, edited("hello"), recalled).when(edit("x")).refused("CONFLICT"));
  test("of a recalled message by another says no more than that it is not theirs", () =>
    given(annotation, recalled)
      .when(edit("x", { by: "bob" }))
      .refused("FORBIDDEN"));
  test.each(["", "  ", "\0", "\ud800", "a".repeat(16_385)])("to what is no text is refused (%#)", (text) =>
    given(annotation).when(edit(text)).refused("BAD_INPUT", { field: "text" }),
  );
  test("gives a picture its caption", () => {
    const caption = edit("look", { originalText: null });
    given(annotation).when(caption).then(edited("look"));
    given(annotation, edited("look")).when(caption).nothing();
  });
  test("takes no caption away", () =>
    given(annotation)
      .when(edit(" ", { originalText: "look" }))
      .refused("BAD_INPUT", { field: "text" }));
});

describe("recalling", () => {
  test("is the sender's", () => given(annotation, edited("x")).when(recall("alice")).then(recalled));
  test("is an owner's or administrator's", () => given(annotation).when(recall("bob", true)).then(recalled));
  test("is nobody else's, once recalled neither", () => {
    given(annotation).when(recall("bob")).refused("FORBIDDEN");
    given(annotation, recalled).when(recall("bob")).refused("FORBIDDEN");
  });
  test("twice is nothing", () => {
    given(annotation, recalled).when(recall("alice")).nothing();
    given(annotation, recalled).when(recall("bob", true)).nothing();
  });
});

describe("a window", () => {
  test("is for editing", () => {
    given(annotation)
      .when(edit("hello", timed(60_000)))
      .then(edited("hello"));
    given(annotation)
      .when(edit("hello", timed(59_999)))
      .refused("FORBIDDEN", { field: "seq", saying: /59.999 s/ });
  });
  test("is for recalling one's own, unless one is an administrator", () => {
    given(annotation)
      .when(recall("alice", false, 60_000))
      .then(recalled);
    given(annotation)
      .when(recall("alice", false, 59_999))
      .refused("FORBIDDEN", { field: "seq" });
    given(annotation, recalled)
      .when(recall("alice", false, 59_999))
      .nothing();
    given(annotation)
      .when(recall("alice", true, 59_999))
      .then(recalled);
    given(annotation)
      .when(recall("bob", true, 59_999))
      .then(recalled);
  });
});

describe("reacting", () => {
  const added = (userId: string, emoji: string): Event => ({
    type: "ReactionAdded",
    data: { conversationId: "g:1", seq: 7, userId, emoji },
  });
  const taken = (userId: string, emoji: string): Event => ({
    type: "ReactionRemoved",
    data: { conversationId: "g:1", seq: 7, userId, emoji },
  });
  const react = (by: string, emoji: string, on = true): Command => ({ type: "React", ...target, by, emoji, on });

  test("is everyone's, also with several emoji", () => {
    given(annotation).when(react("bob", "👍")).then(added("bob", "👍"));
    given(annotation, added("bob", "👍")).when(react("bob", "🎉")).then(added("bob", "🎉"));
    given(annotation, added("bob", "👍")).when(react("alice", "👍")).then(added("alice", "👍"));
  });
  test("twice with one emoji is nothing, however it is written", () => {
    given(annotation, added("bob", "❤️")).when(react("bob", "❤️")).nothing();
    given(annotation, added("bob", "❤️")).when(react("bob", "❤")).nothing();
  });
  test("is taken back by who did it", () => {
    given(annotation, added("bob", "👍"), added("bob", "🎉"))
      .when(react("bob", "👍", false))
      .then(taken("bob", "👍"));
    given(annotation, added("bob", "👍"))
      .when(react("alice", "👍", false))
      .nothing();
    given(annotation, added("bob", "👍"), taken("bob", "👍"))
      .when(react("bob", "👍", false))
      .nothing();
  });
  test("is with exactly one emoji", () => {
    for (const emoji of ["", "a", "1", "👍👍", "👍 ", "\ud83d", "❤\u0301", "👍\u200d", "❤\u200d".repeat(31) + "❤"])
      for (const on of [true, false])
        given(annotation)
          .when(react("bob", emoji, on))
          .refused("BAD_INPUT", { field: "emoji" });
  });
  test("to a recalled message is refused, and none is left to take back", () => {
    given(annotation, recalled).when(react("bob", "👍")).refused("CONFLICT", { field: "seq" });
    given(annotation, added("bob", "👍"), recalled)
      .when(react("bob", "👍", false))
      .nothing();
  });

  const emoji = (index: number) => String.fromCodePoint(0x1f400 + index);
  test("has 10 emoji for each user", () => {
    const ten = [...Array(10).keys()].map((index) => added("bob", emoji(index)));
    given(annotation, ...ten)
      .when(react("bob", emoji(10)))
      .refused("LIMIT_EXCEEDED", { field: "emoji" });
    given(annotation, ...ten)
      .when(react("bob", emoji(9)))
      .nothing();
    given(annotation, ...ten, taken("bob", emoji(3)))
      .when(react("bob", emoji(10)))
      .then(added("bob", emoji(10)));
    given(annotation, ...ten)
      .when(react("alice", emoji(10)))
      .then(added("alice", emoji(10)));
  });
  test("has 50 emoji for each message", () => {
    const fifty = [...Array(50).keys()].map((index) => added(`user${Math.floor(index / 10)}`, emoji(index)));
    given(annotation, ...fifty)
      .when(react("bob", emoji(50)))
      .refused("LIMIT_EXCEEDED", { field: "emoji" });
    given(annotation, ...fifty)
      .when(react("bob", emoji(49)))
      .then(added("bob", emoji(49)));
    given(annotation, ...fifty, taken("user0", emoji(0)))
      .when(react("bob", emoji(50)))
      .then(added("bob", emoji(50)));
  });
  test("counts each emoji, in the order in which they came", () => {
    const { state } = given(annotation, added("bob", "🎉"), added("bob", "👍"), added("alice", "🎉"), taken("bob", "👍"));
    expect(state.counts).toEqual([{ emoji: "🎉", count: 2 }]);
  });
});

describe("pinning", () => {
  const pinned: Event = { type: "MessagePinned", data: { conversationId: "g:1", seq: 7, userId: "bob" } };
  const unpinned: Event = { type: "MessageUnpinned", data: { conversationId: "g:1", seq: 7, userId: "bob" } };
  const pin = (on: boolean, more: Partial<Extract<Command, { type: "Pin" }>> = {}): Command => ({
    type: "Pin",
    ...target,
    by: "bob",
    on,
    mayPin: true,
    pins: 0,
    ...more,
  });

  test("is for those who may", () => {
    given(annotation).when(pin(true)).then(pinned);
    given(annotation, pinned).when(pin(false)).then(unpinned);
    for (const on of [true, false])
      given(annotation, pinned)
        .when(pin(on, { mayPin: false }))
        .refused("FORBIDDEN", { field: "conversationId" });
  });
  test("twice is nothing, and so is ending it twice", () => {
    given(annotation, pinned)
      .when(pin(true, { pins: 50 }))
      .nothing();
    given(annotation).when(pin(false)).nothing();
    given(annotation, pinned, unpinned).when(pin(false)).nothing();
    given(annotation, pinned, unpinned).when(pin(true)).then(pinned);
  });
  test("is over with a recall", () => {
    given(annotation, pinned, recalled).when(pin(false)).nothing();
    given(annotation, recalled).when(pin(true)).refused("CONFLICT", { field: "seq" });
  });
  test("is for 50 messages of a conversation", () => {
    given(annotation)
      .when(pin(true, { pins: 49 }))
      .then(pinned);
    given(annotation)
      .when(pin(true, { pins: 50 }))
      .refused("LIMIT_EXCEEDED", { field: "seq" });
  });
});

describe("expiring", () => {
  const expire: Command = { type: "Expire", conversationId: target.conversationId, seq: target.seq };
  const react: Command = { type: "React", ...target, by: "bob", emoji: "👍", on: true };
  const expired: Event = { type: "MessageExpired", data: { conversationId: target.conversationId, seq: target.seq } };

  test("happens once", () => {
    given(annotation).when(expire).then(expired);
    given(annotation, edited("x")).when(expire).then(expired);
    given(annotation, expired).when(expire).nothing();
  });
  test("is over where the message was recalled", () => given(annotation, recalled).when(expire).nothing());
  test("leaves nothing to edit or to react to", () => {
    given(annotation, edited("x"), expired)
      .when(edit("y"))
      .refused("CONFLICT", { field: "seq", saying: /expired/ });
    given(annotation, expired)
      .when(react)
      .refused("CONFLICT", { field: "seq", saying: /expired/ });
    expect(given(annotation, edited("x"), expired).state).toEqual({ recalled: false, expired: true });
  });
  test("does not keep its sender from taking it back", () => given(annotation, expired).when(recall("alice")).then(recalled));
});
