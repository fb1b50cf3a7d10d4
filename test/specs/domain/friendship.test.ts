import { describe, test } from "vitest";
import { type Command, decider as friendship, type Event } from "../../../src/domain/friendship.ts";
import { given } from "../../support/given.ts";

const ask = (from: string, to: string, more: Partial<Extract<Command, { type: "Request" }>> = {}): Command => ({
  type: "Request",
  from,
  to,
  note: null,
  alias: null,
  ...more,
});
const answer = (by: string, accept: boolean, more: Partial<Extract<Command, { type: "Answer" }>> = {}): Command => ({
  type: "Answer",
  number: 1,
  by,
  accept,
  ...more,
});
const withdraw = (by: string, number = 1): Command => ({ type: "Withdraw", number, by });
const end = (by: string, friendId: string): Command => ({ type: "End", by, friendId });
const name = (by: string, friendId: string, alias: string | null): Command => ({ type: "SetAlias", by, friendId, alias });
const block = (by: string, userId: string, on = true): Command => ({ type: "Block", by, userId, on });

const request = (number = 1, alias: string | null = null): Event => ({
  type: "FriendshipRequested",
  data: { number, from: "alice", to: "bob", note: null, alias },
});
const of = { number: 1, from: "alice", to: "bob" };
const accepted: Event = { type: "FriendRequestAccepted", data: of };
const declined: Event = { type: "FriendRequestDeclined", data: of };
const withdrawn: Event = { type: "FriendRequestWithdrawn", data: of };
const began: Event = { type: "FriendshipBegan", data: { userIds: ["alice", "bob"] } };
const ended: Event = { type: "FriendshipEnded", data: { userId: "bob", friendId: "alice" } };
const named = (userId: string, friendId: string, alias: string | null): Event => ({
  type: "FriendAliasChanged",
  data: { userId, friendId, alias },
});
const blocked = (userId: string, blockedId: string): Event => ({ type: "UserBlocked", data: { userId, blockedId } });
const unblocked = (userId: string, blockedId: string): Event => ({ type: "UserUnblocked", data: { userId, blockedId } });
const friends = [request(), accepted, began];

describe("asking", () => {
  test("makes a request that waits", () => given(friendship).when(ask("alice", "bob")).then(request()));
  test("with a note and an alias keeps both, without the blanks around them", () =>
    given(friendship)
      .when(ask("alice", "bob", { note: " hello ", alias: " Bobby " }))
      .then({ type: "FriendshipRequested", data: { ...of, note: "hello", alias: "Bobby" } }));
  test("with a blank note has none", () =>
    given(friendship)
      .when(ask("alice", "bob", { note: "  " }))
      .then(request()));
  test("again while it waits is nothing", () => given(friendship, request()).when(ask("alice", "bob")).nothing());
  test.each([
    ["declined", declined],
    ["withdrawn", withdrawn],
  ])("again after it was %s makes another one", (_, over) =>
    given(friendship, request(), over).when(ask("alice", "bob")).then(request(2)),
  );
  test("one who has asked makes a friendship, with both aliases", () =>
    given(friendship, request(1, "Bobby"))
      .when(ask("bob", "alice", { alias: "Ali" }))
      .then(accepted, began, named("alice", "bob", "Bobby"), named("bob", "alice", "Ali")));
  test("a friend is refused", () =>
    given(friendship, ...friends)
      .when(ask("bob", "alice"))
      .refused("CONFLICT"));
  test("a former friend is a request again", () =>
    given(friendship, ...friends, ended)
      .when(ask("alice", "bob"))
      .then(request(2)));
  test("oneself is refused", () => given(friendship).when(ask("alice", "alice")).refused("BAD_INPUT", { field: "userId" }));
  test("is refused where one has blocked the other", () => {
    given(friendship, blocked("bob", "alice")).when(ask("alice", "bob")).refused("FORBIDDEN", { field: "userId" });
    given(friendship, blocked("alice", "bob"))
      .when(ask("alice", "bob"))
      .refused("FORBIDDEN", { saying: /unblock/ });
  });
  test("is possible once the block is over", () =>
    given(friendship, blocked("bob", "alice"), unblocked("bob", "alice")).when(ask("alice", "bob")).then(request()));
  test.each(["", "​", "a".repeat(129)])("with what is no alias is refused (%#)", (alias) =>
    given(friendship)
      .when(ask("alice", "bob", { alias }))
      .refused("BAD_INPUT", { field: "alias" }),
  );
  test("with a note that is too long is refused", () =>
    given(friendship)
      .when(ask("alice", "bob", { note: "a".repeat(1_025) }))
      .refused("BAD_INPUT", { field: "note" }));
});

describe("answering", () => {
  test("yes makes a friendship", () => given(friendship, request()).when(answer("bob", true)).then(accepted, began));
  test("no declines", () => given(friendship, request()).when(answer("bob", false)).then(declined));
  test("the same again is nothing, also once they are no longer friends", () => {
    given(friendship, ...friends)
      .when(answer("bob", true))
      .nothing();
    given(friendship, ...friends, ended)
      .when(answer("bob", true))
      .nothing();
    given(friendship, request(), declined).when(answer("bob", false)).nothing();
  });
  test("the other way is refused", () => {
    given(friendship, request(), declined).when(answer("bob", true)).refused("CONFLICT", { field: "id" });
    given(friendship, ...friends)
      .when(answer("bob", false))
      .refused("CONFLICT", { field: "id" });
  });
  test("what was withdrawn is refused", () =>
    given(friendship, request(), withdrawn).when(answer("bob", true)).refused("CONFLICT", { field: "id" }));
  test("one's own request is refused", () =>
    given(friendship, request()).when(answer("alice", true)).refused("FORBIDDEN", { field: "id" }));
  test("an older request is refused", () =>
    given(friendship, request(), withdrawn, request(2)).when(answer("bob", true)).refused("CONFLICT", { field: "id" }));
  test("what was never asked, or others were, is not there", () => {
    given(friendship).when(answer("bob", true)).refused("NOT_FOUND", { field: "id" });
    given(friendship, request())
      .when(answer("bob", true, { number: 2 }))
      .refused("NOT_FOUND", { field: "id" });
    given(friendship, request()).when(answer("carol", true)).refused("NOT_FOUND", { field: "id" });
  });
});

describe("withdrawing", () => {
  test("is for who asked", () => given(friendship, request()).when(withdraw("alice")).then(withdrawn));
  test("is for nobody else", () => given(friendship, request()).when(withdraw("bob")).refused("FORBIDDEN", { field: "id" }));
  test("again is nothing", () => given(friendship, request(), withdrawn).when(withdraw("alice")).nothing());
  test("what was answered is refused", () =>
    given(friendship, request(), declined).when(withdraw("alice")).refused("CONFLICT", { field: "id" }));
});

describe("ending", () => {
  test.each([
    ["alice", "bob"],
    ["bob", "alice"],
  ])("is for %s", (by, friendId) =>
    given(friendship, ...friends)
      .when(end(by, friendId))
      .then({ type: "FriendshipEnded", data: { userId: by, friendId } }),
  );
  test("what is over is nothing", () => {
    given(friendship).when(end("alice", "bob")).nothing();
    given(friendship, ...friends, ended)
      .when(end("alice", "bob"))
      .nothing();
  });
  test("takes the aliases away", () =>
    given(friendship, ...friends, named("alice", "bob", "Bobby"), ended, request(2), began)
      .when(name("alice", "bob", null))
      .nothing());
});

describe("an alias", () => {
  test("is each one's own", () =>
    given(friendship, ...friends, named("alice", "bob", "Bobby"))
      .when(name("bob", "alice", "Ali"))
      .then(named("bob", "alice", "Ali")));
  test("is taken away with null", () =>
    given(friendship, ...friends, named("alice", "bob", "Bobby"))
      .when(name("alice", "bob", null))
      .then(named("alice", "bob", null)));
  test("that is the same is nothing", () =>
    given(friendship, ...friends, named("alice", "bob", "Bobby"))
      .when(name("alice", "bob", "Bobby"))
      .nothing());
  test("is for friends", () =>
    given(friendship, request())
      .when(name("alice", "bob", "Bobby"))
      .refused("CONFLICT"));
});

describe("blocking", () => {
  test("does not end a friendship", () =>
    given(friendship, ...friends)
      .when(block("alice", "bob"))
      .then(blocked("alice", "bob")));
  test("is each one's own", () =>
    given(friendship, blocked("alice", "bob")).when(block("bob", "alice")).then(blocked("bob", "alice")));
  test("ends the request that waits", () => {
    given(friendship, request()).when(block("bob", "alice")).then(declined, blocked("bob", "alice"));
    given(friendship, request()).when(block("alice", "bob")).then(withdrawn, blocked("alice", "bob"));
  });
  test("again is nothing, and so is the end of none", () => {
    given(friendship, blocked("alice", "bob")).when(block("alice", "bob")).nothing();
    given(friendship)
      .when(block("alice", "bob", false))
      .nothing();
  });
  test("is over when it is ended", () =>
    given(friendship, blocked("alice", "bob"))
      .when(block("alice", "bob", false))
      .then(unblocked("alice", "bob")));
  test("oneself is refused", () => given(friendship).when(block("alice", "alice")).refused("BAD_INPUT", { field: "userId" }));
});
