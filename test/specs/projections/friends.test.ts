import { describe, test } from "vitest";
import { friends } from "../../../projections/friends.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import {
  aliasChanged,
  blocked,
  friendshipBegan,
  friendshipEnded,
  friendshipRequested,
  requestAccepted,
  requestDeclined,
  requestWithdrawn,
  unblocked,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const asked = friendshipRequested("bob", "ann", { note: "hello" });
const became = [asked, requestAccepted("bob", "ann"), friendshipBegan("ann", "bob")];
const request = {
  number: 1,
  from: "bob",
  to: "ann",
  note: "hello",
  status: "PENDING",
  requestedAt: AT,
  decidedAt: null,
  position: position(1),
};

describe("a request", () => {
  test("is in the lists of both, and how the two stand", async () => {
    const rows = given(friends, asked);
    await rows.holds("friendships", "ann~bob", { "": { aliases: {}, blocks: {}, request } });
    await rows.holds("requests", "ann~bob", { "00000001": request });
    await rows.holds("requestLists", "bob~OUTGOING~PENDING", { [position(1)]: { user: "ann", number: 1 } });
    await rows.holds("requestLists", "ann~INCOMING~PENDING", { [position(1)]: { user: "bob", number: 1 } });
  });

  test.each([
    ["ACCEPTED", requestAccepted("bob", "ann")],
    ["DECLINED", requestDeclined("bob", "ann")],
    ["WITHDRAWN", requestWithdrawn("bob", "ann")],
  ] as const)("goes from one list to another when it is %s", async (status, decided) => {
    const rows = given(friends, asked, decided);
    await rows.holds("requests", "ann~bob", { "00000001": { ...request, status, decidedAt: AT } });
    for (const [user, direction, other] of [
      ["bob", "OUTGOING", "ann"],
      ["ann", "INCOMING", "bob"],
    ] as const) {
      await rows.holds("requestLists", `${user}~${direction}~PENDING`, {});
      await rows.holds("requestLists", `${user}~${direction}~${status}`, { [position(1)]: { user: other, number: 1 } });
    }
  });

  test("that nobody made cannot be answered", () =>
    given(friends, asked)
      .when(requestDeclined("bob", "ann", 2))
      .fails(/not the newest/));
});

describe("a friendship", () => {
  test("is each one's, by the friend and by since when", async () => {
    const rows = given(friends, ...became);
    await rows.holds("friends", "ann", { bob: { since: AT, alias: null } });
    await rows.holds("friends", "bob", { ann: { since: AT, alias: null } });
    await rows.holds("friendsBySince", "ann", { [position(3)]: "bob" });
    await rows.holds("friendsBySince", "bob", { [position(3)]: "ann" });
  });

  test("that is over leaves nothing but its request", async () => {
    const rows = given(friends, ...became, aliasChanged("ann", "bob", "Bobby"), friendshipEnded("bob", "ann"));
    for (const user of ["ann", "bob"]) {
      await rows.holds("friends", user, {});
      await rows.holds("friendsBySince", user, {});
    }
    const accepted = { ...request, status: "ACCEPTED", decidedAt: AT };
    await rows.holds("friendships", "ann~bob", { "": { aliases: {}, blocks: {}, request: accepted } });
  });

  test("has an alias of each one's own", async () => {
    const rows = given(friends, ...became, aliasChanged("ann", "bob", "Bobby"));
    await rows.holds("friends", "ann", { bob: { since: AT, alias: "Bobby" } });
    await rows.holds("friends", "bob", { ann: { since: AT, alias: null } });
    await given(friends, ...became, aliasChanged("ann", "bob", "Bobby"), aliasChanged("ann", "bob", null)).holds(
      "friends",
      "ann",
      {
        bob: { since: AT, alias: null },
      },
    );
  });
});

describe("a block", () => {
  test("is in the list of who blocks alone", async () => {
    const rows = given(friends, blocked("bob", "ann"));
    await rows.holds("blocked", "bob", { [position(1)]: "ann" });
    await rows.holds("blocked", "ann", {});
    await rows.holds("friendships", "ann~bob", { "": { aliases: {}, blocks: { bob: position(1) } } });
  });

  test("that is over leaves nothing, but the other one's", async () => {
    const rows = given(friends, blocked("bob", "ann"), blocked("ann", "bob"), unblocked("bob", "ann"));
    await rows.holds("blocked", "bob", {});
    await rows.holds("friendships", "ann~bob", { "": { aliases: {}, blocks: { ann: position(2) } } });
  });
});

describe("in the inbox", () => {
  const entry = { kind: "request", users: ["bob", "ann"], number: 1, at: AT };

  test("both are told of a request, and of what becomes of it", async () => {
    for (const user of ["ann", "bob"])
      await given(inboxes, asked, requestDeclined("bob", "ann")).holds("entries", user, {
        [position(1)]: entry,
        [position(2)]: entry,
      });
  });

  test("each is told of the other when they become friends, and when it ends", async () => {
    const after = [friendshipBegan("ann", "bob"), friendshipEnded("ann", "bob")];
    const rows = (user: string) => ({
      [position(1)]: { kind: "friendship", user, at: AT },
      [position(2)]: { kind: "friendship", user, at: AT },
    });
    await given(inboxes, ...after).holds("entries", "ann", rows("bob"));
    await given(inboxes, ...after).holds("entries", "bob", rows("ann"));
  });

  test.each([
    ["an alias", aliasChanged("ann", "bob", "Bobby")],
    ["a block", blocked("ann", "bob")],
    ["the end of a block", unblocked("ann", "bob")],
  ])("%s is told to who makes it, and to nobody else", async (_, event) => {
    await given(inboxes, event).holds("entries", "ann", { [position(1)]: { kind: "friendship", user: "bob", at: AT } });
    await given(inboxes, event).holds("entries", "bob", {});
  });
});
