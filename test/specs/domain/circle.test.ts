import { describe, expect, test } from "vitest";
import { type Command, decider as circle, type Event } from "../../../src/domain/circle.ts";
import { decider as group, type Command as GroupCommand } from "../../../src/domain/group.ts";
import { type Event as GroupEvent, membersOf } from "../../../src/domain/groupState.ts";
import type { EventData } from "../../../src/domain/events.ts";
import { given } from "../../support/given.ts";

const put = (change: Partial<Extract<Command, { type: "Put" }>> = {}): Command => ({
  type: "Put",
  circleId: "o:acme",
  kind: "company",
  name: "Acme",
  memberIds: ["ann", "bob"],
  withConversation: false,
  ...change,
});
const was = (change: Partial<EventData<"CirclePut">> = {}): Event => ({
  type: "CirclePut",
  data: { circleId: "o:acme", kind: "company", name: "Acme", memberIds: ["ann", "bob"], conversationId: null, ...change },
});
const conversationId = "g:circle.acme";
const equalise: Command = { type: "Equalised", circleId: "o:acme" };
const equalisedOnce: Event = { type: "CircleEqualised", data: { circleId: "o:acme" } };

describe("a circle", () => {
  test("is what was put last, each member once", () => {
    given(circle)
      .when(put({ memberIds: ["ann", "bob", "ann"] }))
      .then(was());
    given(circle, was())
      .when(put({ name: "Acme & Co", memberIds: [] }))
      .then(was({ name: "Acme & Co", memberIds: [] }));
    given(circle, was()).when(put()).nothing();
  });

  test("has a conversation from the time that one is asked for, and keeps it", () => {
    given(circle, was())
      .when(put({ withConversation: true }))
      .then(was({ conversationId }));
    given(circle, was({ conversationId })).when(put()).nothing();
    given(circle, was({ conversationId }))
      .when(put({ memberIds: [] }))
      .refused("BAD_INPUT", { field: "memberIds" });
    given(circle)
      .when(put({ memberIds: [], withConversation: true }))
      .refused("BAD_INPUT", { field: "memberIds" });
  });

  test("says once of each time that it was put that its conversation is equal to it", () => {
    given(circle, was({ conversationId })).when(equalise).then(equalisedOnce);
    given(circle, was({ conversationId }), equalisedOnce).when(equalise).nothing();
    given(circle, was({ conversationId }), equalisedOnce, was({ conversationId, memberIds: ["bob"] }))
      .when(equalise)
      .then(equalisedOnce);
    given(circle, was({ conversationId }), equalisedOnce).when(put()).nothing();
    // It has none.
    given(circle, was()).when(equalise).nothing();
    given(circle).when(equalise).nothing();
  });

  test("has names in which something can be seen", () => {
    given(circle)
      .when(put({ name: "\u200b" }))
      .refused("BAD_INPUT", { field: "name" });
    given(circle)
      .when(put({ kind: " " }))
      .refused("BAD_INPUT", { field: "kind" });
  });
});

describe("the conversation of a circle", () => {
  const equal = (memberIds: string[], title = "Acme", category = "company"): GroupCommand => ({
    type: "Equal",
    groupId: conversationId,
    title,
    category,
    memberIds,
  });
  /** Everything that it takes, call by call. */
  const equalised = (past: GroupEvent[], command: GroupCommand): GroupEvent[] => {
    const events = [...past];
    let state = events.reduce(group.evolve, group.initial);
    for (let calls = 0; calls < 50; calls++) {
      const more = group.decide(state, command);
      expect(more.length).toBeLessThanOrEqual(500);
      if (more.length === 0) return events;
      for (const event of more) {
        events.push(event);
        state = group.evolve(state, event);
        // After each of the first ones, and at the end of each call, there is one owner.
        if (events.length > 50 && event !== more.at(-1)) continue;
        expect([...membersOf(state)].filter(([, role]) => role === "OWNER")).toHaveLength(1);
      }
    }
    throw new Error("it never is equal");
  };
  const rolesOf = (events: GroupEvent[]) => Object.fromEntries(membersOf(events.reduce(group.evolve, group.initial)));

  test("is made with the first member as its owner, closed to all others", () => {
    const events = equalised([], equal(["ann", "bob"]));
    expect(rolesOf(events)).toEqual({ ann: "OWNER", bob: "MEMBER" });
    expect(events[0]).toMatchObject({
      type: "GroupCreated",
      data: { title: "Acme", category: "company", joinPolicy: "INVITE", public: false },
    });
  });

  test("gets and loses members and takes the name, and has another owner once the owner goes", () => {
    const made = equalised([], equal(["ann", "bob"]));
    const next = equalised(made, equal(["bob", "cat"], "Acme & Co"));
    expect(rolesOf(next)).toEqual({ bob: "OWNER", cat: "MEMBER" });
    expect(next.slice(made.length)).toEqual([
      { type: "MemberAdded", data: { groupId: conversationId, userId: "cat" } },
      { type: "OwnershipTransferred", data: { groupId: conversationId, from: "ann", to: "bob" } },
      { type: "MemberRemoved", data: { groupId: conversationId, userId: "ann" } },
      { type: "GroupProfileChanged", data: { groupId: conversationId, title: "Acme & Co" } },
    ]);
    // It is another kind of circle now.
    expect(equalised(next, equal(["bob", "cat"], "Acme & Co", "department")).slice(next.length)).toEqual([
      { type: "GroupProfileChanged", data: { groupId: conversationId, category: "department" } },
    ]);
    // Wholly other people.
    expect(rolesOf(equalised(next, equal(["dan", "eve"])))).toEqual({ dan: "OWNER", eve: "MEMBER" });
    expect(equalised(next, equal(["bob", "cat"], "Acme & Co"))).toEqual(next);
  });

  test("is made equal in several steps where many come and go", () => {
    const many = Array.from({ length: 1_200 }, (_, index) => `u${index}`);
    const made = equalised([], equal(many));
    expect(Object.keys(rolesOf(made))).toHaveLength(1_200);
    expect(Object.keys(rolesOf(equalised(made, equal(["x"]))))).toEqual(["x"]);
  });

  const made = equalised([], equal(["ann", "bob"]));
  const refused: [string, GroupCommand][] = [
    ["join", { type: "Join", userId: "cat", note: null, memberCap: 9 }],
    ["add", { type: "Add", by: "ann", userIds: ["cat"], memberCap: 9 }],
    ["remove", { type: "Remove", by: "ann", userIds: ["bob"] }],
    ["leave", { type: "Leave", userId: "bob" }],
    ["open it", { type: "Update", by: "ann", change: { public: true } }],
    ["let others join", { type: "Update", by: "ann", change: { joinPolicy: "OPEN" } }],
  ];
  test.each(refused)("lets nobody %s", (_, command) =>
    given(group, ...made)
      .when(command)
      .refused("FORBIDDEN", { field: "conversationId" }),
  );

  test("lets its owner change what it says, and give roles", () => {
    given(group, ...made)
      .when({ type: "Update", by: "ann", change: { announcement: "hello" } })
      .then({ type: "GroupProfileChanged", data: { groupId: conversationId, announcement: "hello" } });
    given(group, ...made)
      .when({ type: "SetRole", by: "ann", userId: "bob", role: "ADMIN" })
      .then({ type: "RoleChanged", data: { groupId: conversationId, userId: "bob", role: "ADMIN" } });
  });
});
