import { describe, expect, test } from "vitest";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import { type Event, memberCount, membersOf, roleOf } from "../../../src/domain/groupState.ts";
import { given } from "../../support/given.ts";

const groupId = "g:1";
const cap = { memberCap: 5 };
const profile = {
  groupId,
  title: "Readers",
  avatarUrl: null,
  description: "books",
  announcement: null,
  category: null,
  tags: [{ name: "books", score: 1 }],
  joinPolicy: "APPROVAL",
  public: false,
  historyVisible: false,
} as const satisfies Partial<Command>;
type Change = Partial<Omit<Extract<Command, { type: "Create" }>, "type">>;
const create = (change: Change = {}): Command => ({
  type: "Create",
  by: "owner",
  memberIds: [],
  ...cap,
  ...profile,
  tags: [...profile.tags],
  ...change,
});
const created = (change: Partial<Extract<Event, { type: "GroupCreated" }>["data"]> = {}): Event => ({
  type: "GroupCreated",
  data: { ...profile, tags: [...profile.tags], ownerId: "owner", ...change },
});
const open = created({ joinPolicy: "OPEN" });
const joined = (userId: string): Event => ({ type: "MemberJoined", data: { groupId, userId } });
const added = (userId: string): Event => ({ type: "MemberAdded", data: { groupId, userId } });
const left = (userId: string): Event => ({ type: "MemberLeft", data: { groupId, userId } });
const removed = (userId: string): Event => ({ type: "MemberRemoved", data: { groupId, userId } });
const imported = (...userIds: string[]): Event => ({ type: "MembersImported", data: { groupId, userIds } });
const role = (userId: string, to: "ADMIN" | "MEMBER"): Event => ({ type: "RoleChanged", data: { groupId, userId, role: to } });
const transferred = (from: string, to: string): Event => ({ type: "OwnershipTransferred", data: { groupId, from, to } });
/** owner; ann and abe administer; mia and max are members. */
const staffed = (first: Event = created()) =>
  [first, added("ann"), added("abe"), added("mia"), added("max"), role("ann", "ADMIN"), role("abe", "ADMIN")] as const;

describe("creating", () => {
  test("makes the owner its first member", () => {
    given(group).when(create()).then(created());
    expect(roleOf(given(group, created()).state, "owner")).toBe("OWNER");
  });
  test("adds each of the others once", () =>
    given(group)
      .when(create({ memberIds: ["mia", "owner", "max", "mia"] }))
      .then(created(), added("mia"), added("max")));
  test("an id that is taken is refused", () =>
    given(group, created())
      .when(create({ by: "mia" }))
      .refused("CONFLICT"));
  test("keeps to the cap, the owner counted in", () => {
    given(group)
      .when(create({ memberIds: ["a", "b", "c", "d", "owner"] }))
      .then(created(), ...["a", "b", "c", "d"].map(added));
    given(group)
      .when(create({ memberIds: ["a", "b", "c", "d", "e"] }))
      .refused("LIMIT_EXCEEDED", { saying: /5 members/ });
  });
  test.each([
    ["title", { title: "  " }],
    ["title", { title: "a\0" }],
    ["announcement", { announcement: "\ud800" }],
    ["description", { description: "d".repeat(4_097) }],
    ["tags", { tags: [0, 1].map((score) => ({ name: "t", score })) }],
  ])("with a %s that is none is refused", (field, change) => given(group).when(create(change)).refused("BAD_INPUT", { field }));
  test("takes a title in its trimmed form", () =>
    given(group)
      .when(create({ title: " Readers " }))
      .then(created()));
});

describe("joining", () => {
  const join: Command = { type: "Join", userId: "mia", note: null, ...cap };
  test("an open group makes a member", () => given(group, open).when(join).then(joined("mia")));
  test("again is nothing, also where the group is not open or full", () => {
    given(group, open, joined("mia")).when(join).nothing();
    given(group, created(), added("mia")).when(join).nothing();
    given(group, open, joined("mia"))
      .when({ ...join, memberCap: 2 })
      .nothing();
  });
  test("by invitations only is refused to who has none", () =>
    given(group, created({ joinPolicy: "INVITE" }))
      .when(join)
      .refused("FORBIDDEN", { field: "conversationId", saying: /ask a member for an invitation/ }));
  test("what does not exist is not found", () => given(group).when(join).refused("NOT_FOUND"));
  test("a full group is refused", () =>
    given(group, open, ...["a", "b", "c", "d"].map(joined))
      .when(join)
      .refused("LIMIT_EXCEEDED", { saying: /5 members/ }));
  test("a group that all have left is refused: nobody would own it", () =>
    given(group, open, left("owner")).when(join).refused("CONFLICT"));
});

describe("adding", () => {
  const add = (by: string, ...userIds: string[]): Command => ({ type: "Add", by, userIds, memberCap: 8 });
  test.each(["owner", "ann"])("%s may", (by) =>
    given(group, ...staffed())
      .when(add(by, "zoe"))
      .then(added("zoe")),
  );
  test("a member may where the group is open", () =>
    given(group, ...staffed(open))
      .when(add("mia", "zoe"))
      .then(added("zoe")));
  test.each(["APPROVAL", "INVITE"] as const)("a member may not with the policy %s", (joinPolicy) =>
    given(group, ...staffed(created({ joinPolicy })))
      .when(add("mia", "zoe"))
      .refused("FORBIDDEN"),
  );
  test("those who are in already are passed over, and those named twice", () => {
    given(group, ...staffed())
      .when(add("ann", "mia", "zoe", "owner", "zoe"))
      .then(added("zoe"));
    given(group, ...staffed())
      .when(add("ann", "mia"))
      .nothing();
  });
  test("over the cap adds nobody", () =>
    given(group, ...staffed())
      .when(add("ann", "x1", "x2", "x3", "x4"))
      .refused("LIMIT_EXCEEDED", { saying: /8 members/ }));
  test("up to the cap adds all", () =>
    given(group, ...staffed())
      .when(add("ann", "x1", "mia", "x2", "x3"))
      .then(...["x1", "x2", "x3"].map(added)));
  test("above a cap that was lowered, nobody new is nothing", () =>
    given(group, ...staffed())
      .when({ type: "Add", by: "ann", userIds: ["mia"], memberCap: 2 })
      .nothing());
});

describe("a stranger", () => {
  const asks: Command[] = [
    { type: "Add", by: "eve", userIds: ["eve"], ...cap },
    { type: "Remove", by: "eve", userIds: ["mia"] },
    { type: "SetRole", by: "eve", userId: "mia", role: "ADMIN" },
    { type: "SetRole", by: "eve", userId: "mia", role: "OWNER" },
    { type: "TransferOwnership", by: "eve", to: "eve" },
  ];
  test.each(asks)("is forbidden ($type)", (command) => {
    for (const isPublic of [false, true])
      given(group, ...staffed(created({ public: isPublic, joinPolicy: "OPEN" })))
        .when(command)
        .refused("FORBIDDEN");
  });
  test("has been one who left", () =>
    given(group, ...staffed(), left("ann"))
      .when({ type: "Remove", by: "ann", userIds: ["mia"] })
      .refused("FORBIDDEN"));
});

describe("removing", () => {
  const remove = (by: string, ...userIds: string[]): Command => ({ type: "Remove", by, userIds });
  test("the owner removes anyone", () =>
    given(group, ...staffed())
      .when(remove("owner", "ann", "mia", "ann"))
      .then(removed("ann"), removed("mia")));
  test("but themselves", () =>
    given(group, ...staffed())
      .when(remove("owner", "mia", "owner"))
      .refused("BAD_INPUT", { field: "userIds", saying: /leave.*transferOwnership/ }));
  test("an administrator removes members", () =>
    given(group, ...staffed())
      .when(remove("ann", "mia", "max"))
      .then(removed("mia"), removed("max")));
  test.each(["owner", "abe"])("an administrator does not remove %s, nor anyone with them", (userId) =>
    given(group, ...staffed())
      .when(remove("ann", "mia", userId))
      .refused("FORBIDDEN"),
  );
  test("nor themselves", () =>
    given(group, ...staffed())
      .when(remove("ann", "ann"))
      .refused("BAD_INPUT", { saying: /leave/ }));
  test("a member removes nobody", () => {
    given(group, ...staffed(open))
      .when(remove("mia", "max"))
      .refused("FORBIDDEN");
    given(group, ...staffed(open))
      .when(remove("mia", "mia"))
      .refused("FORBIDDEN");
  });
  test("those who are not in are passed over", () => {
    given(group, ...staffed())
      .when(remove("ann", "zoe", "mia"))
      .then(removed("mia"));
    given(group, ...staffed())
      .when(remove("ann", "zoe"))
      .nothing();
  });
});

describe("leaving", () => {
  const leave = (userId: string): Command => ({ type: "Leave", userId });
  test.each(["mia", "ann"])("%s may", (userId) =>
    given(group, ...staffed())
      .when(leave(userId))
      .then(left(userId)),
  );
  test("who is not in has left already", () =>
    given(group, ...staffed())
      .when(leave("zoe"))
      .nothing());
  test("the owner hands over first", () =>
    given(group, ...staffed())
      .when(leave("owner"))
      .refused("CONFLICT", { saying: /transferOwnership/ }));
  test("the owner may, once alone", () =>
    given(group, created(), added("mia"), left("mia")).when(leave("owner")).then(left("owner")));
  test("what does not exist is not found", () => given(group).when(leave("mia")).refused("NOT_FOUND"));
  test("forgets the role", () => {
    for (const gone of [left("ann"), removed("ann")]) {
      const { state } = given(group, ...staffed(), gone, added("ann"));
      expect(roleOf(state, "ann")).toBe("MEMBER");
    }
  });
});

describe("roles", () => {
  const setRole = (by: string, userId: string, to: "OWNER" | "ADMIN" | "MEMBER"): Command => ({
    type: "SetRole",
    by,
    userId,
    role: to,
  });
  test("are set by the owner", () => {
    given(group, ...staffed())
      .when(setRole("owner", "mia", "ADMIN"))
      .then(role("mia", "ADMIN"));
    given(group, ...staffed())
      .when(setRole("owner", "ann", "MEMBER"))
      .then(role("ann", "MEMBER"));
  });
  test.each(["ann", "mia"])("not by %s", (by) =>
    given(group, ...staffed())
      .when(setRole(by, "max", "ADMIN"))
      .refused("FORBIDDEN"),
  );
  test("the same again is nothing", () => {
    given(group, ...staffed())
      .when(setRole("owner", "ann", "ADMIN"))
      .nothing();
    given(group, ...staffed())
      .when(setRole("owner", "mia", "MEMBER"))
      .nothing();
  });
  test("OWNER is not one of them", () =>
    given(group, ...staffed())
      .when(setRole("owner", "mia", "OWNER"))
      .refused("BAD_INPUT", { field: "role", saying: /transferOwnership/ }));
  test("of one who is not in: not found", () =>
    given(group, ...staffed())
      .when(setRole("owner", "zoe", "ADMIN"))
      .refused("NOT_FOUND", { field: "userId" }));
  test("the owner's own stays", () =>
    given(group, ...staffed())
      .when(setRole("owner", "owner", "MEMBER"))
      .refused("BAD_INPUT", { field: "userId" }));
  test("in no group: not found", () =>
    given(group)
      .when(setRole("owner", "mia", "ADMIN"))
      .refused("NOT_FOUND"));
});

describe("the ownership", () => {
  const transfer = (by: string, to: string): Command => ({ type: "TransferOwnership", by, to });
  test("goes to a member, and its owner becomes an administrator", () => {
    given(group, ...staffed())
      .when(transfer("owner", "mia"))
      .then(transferred("owner", "mia"));
    const { state } = given(group, ...staffed(), transferred("owner", "mia"));
    expect([roleOf(state, "mia"), roleOf(state, "owner"), roleOf(state, "ann")]).toEqual(["OWNER", "ADMIN", "ADMIN"]);
  });
  test.each(["ann", "mia"])("is not %s's to give", (by) =>
    given(group, ...staffed())
      .when(transfer(by, "max"))
      .refused("FORBIDDEN"),
  );
  test("goes to nobody outside", () =>
    given(group, ...staffed())
      .when(transfer("owner", "zoe"))
      .refused("NOT_FOUND", { field: "userId" }));
  test("to oneself is nothing", () =>
    given(group, ...staffed())
      .when(transfer("owner", "owner"))
      .nothing());
});

describe("importing members", () => {
  const bring = (userIds: string[]): Command => ({ type: "Import", userIds });
  test("brings those who are not in, once each, over any cap", () => {
    given(group, created(), added("mia"))
      .when(bring(["mia", "x1", "owner", "x2", "x1"]))
      .then(imported("x1", "x2"));
    given(group, created(), imported("x1", "x2"))
      .when(bring(["x2", "x1"]))
      .nothing();
  });
  test("in chunks of at most 1,000", () => {
    const ids = Array.from({ length: 2_001 }, (_, index) => `x${index}`);
    const chunks = [ids.slice(0, 1_000), ids.slice(1_000, 2_000), ids.slice(2_000)];
    given(group, created())
      .when(bring(ids))
      .then(...chunks.map((chunk) => imported(...chunk)));
    expect(memberCount(given(group, created(), ...chunks.map((chunk) => imported(...chunk))).state)).toBe(2_002);
  });
  test("into no group: not found; into one that all have left: refused", () => {
    given(group)
      .when(bring(["x"]))
      .refused("NOT_FOUND");
    given(group, created(), left("owner"))
      .when(bring(["x"]))
      .refused("CONFLICT");
  });
});

describe("the fold", () => {
  test("never rejects a fact", () => {
    const odd = [joined("a"), left("b"), role("c", "ADMIN"), transferred("d", "e"), imported("f")];
    expect(given(group, ...odd).state).toBeUndefined();
    const { state } = given(group, created(), role("nobody", "ADMIN"), left("nobody"), added("owner"), imported("owner"));
    expect([...membersOf(state)]).toEqual([["owner", "OWNER"]]);
  });
  test("leaves earlier states as they were, in a group of thousands", () => {
    const { state } = given(
      group,
      created(),
      ...Array.from({ length: 5 }, (_, chunk) => imported(...Array.from({ length: 1_000 }, (_, i) => `x${chunk}.${i}`))),
    );
    let later = state;
    for (let turn = 0; turn < 20_000; turn++) later = group.evolve(later, turn % 2 === 0 ? left("x0.0") : joined("x0.0"));
    const after = group.evolve(later, removed("x0.1"));
    expect([memberCount(state), memberCount(later), memberCount(after)]).toEqual([5_001, 5_001, 5_000]);
    expect([roleOf(state, "x0.1"), roleOf(after, "x0.1")]).toEqual(["MEMBER", undefined]);
  });
});
