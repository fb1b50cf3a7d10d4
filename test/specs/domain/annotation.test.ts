import { describe, test } from "vitest";
import { type Command, decider as annotation, type Event } from "../../../src/domain/annotation.ts";
import { given } from "../../support/given.ts";

const target = { conversationId: "g:1", seq: 7, senderId: "alice" };
const edited = (text: string): Event => ({ type: "MessageEdited", data: { ...target, text } });
const recalled: Event = { type: "MessageRecalled", data: target };
const edit = (text: string, more: Partial<Extract<Command, { type: "Edit" }>> = {}): Command => ({
  type: "Edit",
  ...target,
  by: "alice",
  text,
  originalText: "helo",
  ...more,
});
const recall = (by: string, byIsAdmin = false): Command => ({ type: "Recall", ...target, by, byIsAdmin });

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
