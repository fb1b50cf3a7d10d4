import { describe, test } from "vitest";
import { type Command, decider as preferences, type Event } from "../../../src/domain/preferences.ts";
import { given } from "../../support/given.ts";

type Wanted = Omit<Command, "type" | "userId" | "conversationId">;

const of = { userId: "alice", conversationId: "g:chess" };
const set = (wanted: Wanted, conversationId = of.conversationId): Command => ({ type: "Set", ...of, conversationId, ...wanted });
const changed = (wanted: Wanted, conversationId = of.conversationId): Event => ({
  type: "PreferencesChanged",
  data: { ...of, conversationId, ...wanted },
});

describe("what a user wants of a conversation", () => {
  test("is stored as far as it is new", () => {
    given(preferences)
      .when(set({ muted: true, pinned: false }))
      .then(changed({ muted: true }));
    given(preferences, changed({ muted: true, nickname: "Ally" }))
      .when(set({ muted: true, pinned: true, nickname: " Ally " }))
      .then(changed({ pinned: true }));
    given(preferences, changed({ muted: true }))
      .when(set({ muted: false }))
      .then(changed({ muted: false }));
  });

  test("is nothing where nothing is given, or nothing new", () => {
    given(preferences).when(set({})).nothing();
    given(preferences, changed({ pinned: true }), changed({ nickname: "Ally" }))
      .when(set({ pinned: true, nickname: "Ally", hidden: false }))
      .nothing();
  });

  test("leaves the rest as it is", () =>
    given(preferences, changed({ muted: true, nickname: "Ally" }), changed({ pinned: true }))
      .when(set({ muted: true, pinned: true, nickname: "Ally" }))
      .nothing());

  test("may be hidden again and again: a message may have shown it since", () =>
    given(preferences, changed({ hidden: true }))
      .when(set({ hidden: true }))
      .then(changed({ hidden: true })));
});

describe("a nickname", () => {
  test("is taken away by null, and left by nothing", () => {
    given(preferences, changed({ nickname: "Ally" }))
      .when(set({ nickname: null }))
      .then(changed({ nickname: null }));
    given(preferences)
      .when(set({ nickname: null }))
      .nothing();
  });
  test("is for groups alone", () => {
    given(preferences)
      .when(set({ nickname: "Ally" }, "d:alice~bob"))
      .refused("BAD_INPUT", { field: "nickname" });
    given(preferences)
      .when(set({ muted: true, nickname: null }, "d:alice~bob"))
      .then(changed({ muted: true }, "d:alice~bob"));
  });
  test.each([" ", "\u200b", "x".repeat(129)])("can be seen, and is no longer than a name: %j", (nickname) =>
    given(preferences).when(set({ nickname })).refused("BAD_INPUT", { field: "nickname" }),
  );
});
