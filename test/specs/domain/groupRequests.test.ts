import { describe, test } from "vitest";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import { WAITING_MAX } from "../../../src/domain/groupRequests.ts";
import type { Event } from "../../../src/domain/groupState.ts";
import { given } from "../../support/given.ts";

const groupId = "g:1";
const AT = "2026-01-02T03:04:05.678Z";
const LATER = "2026-02-02T03:04:05.678Z";
const INVITE = "i:0123456789abcdefghijklmnop";
const created = (joinPolicy: "OPEN" | "APPROVAL" | "INVITE" = "APPROVAL", id = groupId): Event => ({
  type: "GroupCreated",
  data: {
    groupId: id,
    ownerId: "owner",
    title: "Readers",
    avatarUrl: null,
    description: null,
    announcement: null,
    category: null,
    tags: [],
    joinPolicy,
    public: true,
    historyVisible: false,
  },
});
const added = (userId: string): Event => ({ type: "MemberAdded", data: { groupId, userId } });
const joined = (userId: string): Event => ({ type: "MemberJoined", data: { groupId, userId } });
const asked = (userId: string, number = 1, note: string | null = null): Event => ({
  type: "JoinRequested",
  data: { groupId, userId, number, note },
});
const invited = (userId: string, invitedBy: string, number = 1): Event => ({
  type: "MemberInvited",
  data: { groupId, userId, number, invitedBy },
});
const decided = (what: "Accepted" | "Declined" | "Withdrawn", userId: string, number = 1): Event => ({
  type: `JoinRequest${what}`,
  data: { groupId, userId, number },
});
const madeInvite = (more: { expiresAt?: string; uses?: number } = {}): Event => ({
  type: "InviteCreated",
  data: { groupId, inviteId: INVITE, createdBy: "owner", expiresAt: null, uses: null, ...more },
});
const used = (userId: string): Event => ({ type: "InviteUsed", data: { groupId, inviteId: INVITE, userId } });
const revoked: Event = { type: "InviteRevoked", data: { groupId, inviteId: INVITE } };
const silenced = (userId: string, until: string | null): Event => ({ type: "MemberSilenced", data: { groupId, userId, until } });
const dissolved: Event = { type: "GroupDissolved", data: { groupId, userId: "owner" } };
const admin = (userId: string): Event => ({ type: "RoleChanged", data: { groupId, userId, role: "ADMIN" } });

const join = (userId: string, note: string | null = null, memberCap = 5): Command => ({ type: "Join", userId, note, memberCap });
const answer = (by: string, userId: string, accept: boolean, number = 1, memberCap = 5): Command => ({
  type: "Answer",
  by,
  userId,
  number,
  accept,
  memberCap,
});
const use = (userId: string, at = AT, memberCap = 5): Command => ({ type: "UseInvite", userId, inviteId: INVITE, memberCap, at });

describe("asking to join", () => {
  test("makes a request, with its note", () =>
    given(group, created())
      .when(join("mia", " hi "))
      .then(asked("mia", 1, "hi")));
  test("again while one waits is nothing", () => given(group, created(), asked("mia")).when(join("mia", "again")).nothing());
  test("again after an answer makes the next one", () =>
    given(group, created(), asked("mia"), decided("Declined", "mia")).when(join("mia")).then(asked("mia", 2)));
  test("is needed in an open group no more: what waits is accepted", () =>
    given(group, created(), asked("mia"), { type: "GroupProfileChanged", data: { groupId, joinPolicy: "OPEN" } })
      .when(join("mia"))
      .then(decided("Accepted", "mia"), joined("mia")));
  test("is refused while as many wait as may wait, until one is answered; whoever waits already waits on", () => {
    const full = [created(), ...Array.from({ length: WAITING_MAX }, (_, index) => asked(`u${index}`))];
    const refusal = ["LIMIT_EXCEEDED", { field: "conversationId" }] as const;
    given(group, ...full)
      .when(join("mia"))
      .refused(...refusal);
    given(group, ...full)
      .when(join("u7"))
      .nothing();
    for (const what of ["Accepted", "Declined", "Withdrawn"] as const)
      given(group, ...full, decided(what, "u7"), decided(what, "u7"))
        .when(join("mia"))
        .then(asked("mia"));
    given(group, ...full, decided("Declined", "u7"), asked("u7", 2))
      .when(join("mia"))
      .refused(...refusal);
    const adding = { type: "Add", by: "owner", userIds: ["u7", "mia"], memberCap: 5 } as const;
    given(group, ...full)
      .when({ ...adding, asked: ["u7", "mia"] })
      .refused("LIMIT_EXCEEDED", { field: "userIds" });
    given(group, ...full)
      .when(adding)
      .then(decided("Accepted", "u7"), added("u7"), added("mia"));
  });
  test("as who was asked in is the answer yes, whatever the policy", () =>
    given(group, created("INVITE"), invited("mia", "owner")).when(join("mia")).then(decided("Accepted", "mia"), joined("mia")));
});

describe("an answer", () => {
  const waits = [created(), added("ann"), admin("ann"), added("max"), asked("mia")] as const;
  test.each(["owner", "ann"])("yes by %s makes a member", (by) =>
    given(group, ...waits)
      .when(answer(by, "mia", true))
      .then(decided("Accepted", "mia"), added("mia")),
  );
  test("no declines", () =>
    given(group, ...waits)
      .when(answer("ann", "mia", false))
      .then(decided("Declined", "mia")));
  test("no by who asked withdraws", () =>
    given(group, ...waits)
      .when(answer("mia", "mia", false))
      .then(decided("Withdrawn", "mia")));
  test("yes by who asked is refused", () =>
    given(group, ...waits)
      .when(answer("mia", "mia", true))
      .refused("FORBIDDEN", { field: "id" }));
  test.each(["max", "zoe"])("by %s, who may not know of it, is refused as of none", (by) => {
    given(group, ...waits)
      .when(answer(by, "mia", true))
      .refused("NOT_FOUND", { field: "id", saying: /no such request/ });
    given(group, ...waits)
      .when(answer(by, "max", true))
      .refused("NOT_FOUND", { field: "id", saying: /no such request/ });
  });
  test("that was given already is nothing, and the other one a conflict", () => {
    given(group, ...waits, decided("Declined", "mia"))
      .when(answer("owner", "mia", false))
      .nothing();
    given(group, ...waits, decided("Declined", "mia"))
      .when(answer("owner", "mia", true))
      .refused("CONFLICT", { field: "id" });
  });
  test("to an older one is a conflict", () =>
    given(group, ...waits, decided("Withdrawn", "mia"), asked("mia", 2))
      .when(answer("owner", "mia", true, 1))
      .refused("CONFLICT", { field: "id", saying: /newer/ }));
  test("yes where the group is full is refused, and the request waits on", () =>
    given(group, ...waits)
      .when(answer("owner", "mia", true, 1, 3))
      .refused("LIMIT_EXCEEDED"));
  test("to an invitation is given by who was asked", () => {
    const history = [created(), added("ann"), admin("ann"), invited("mia", "owner")];
    given(group, ...history)
      .when(answer("mia", "mia", true))
      .then(decided("Accepted", "mia"), joined("mia"));
    given(group, ...history)
      .when(answer("mia", "mia", false))
      .then(decided("Declined", "mia"));
    given(group, ...history)
      .when(answer("ann", "mia", true))
      .refused("FORBIDDEN", { field: "id" });
    for (const by of ["owner", "ann"])
      given(group, ...history)
        .when(answer(by, "mia", false))
        .then(decided("Withdrawn", "mia"));
  });
});

describe("adding", () => {
  const add = (userIds: string[], asking: string[] = [], notAdded: string[] = []): Command => ({
    type: "Add",
    by: "owner",
    userIds,
    asked: asking,
    notAdded,
    memberCap: 3,
  });
  test("asks those who are to be asked, and leaves out those who are to be left alone", () =>
    given(group, created())
      .when(add(["mia", "max", "zoe"], ["max"], ["zoe"]))
      .then(added("mia"), invited("max", "owner")));
  test("asks nobody twice", () =>
    given(group, created(), invited("max", "owner"))
      .when(add(["max"], ["max"]))
      .nothing());
  test("takes in at once who has asked to join", () =>
    given(group, created(), asked("max"))
      .when(add(["max"], ["max"]))
      .then(decided("Accepted", "max"), added("max")));
  test("counts only those who are added", () => {
    given(group, created())
      .when(add(["a", "b", "c", "d"], ["c", "d"]))
      .then(added("a"), added("b"), invited("c", "owner"), invited("d", "owner"));
    given(group, created())
      .when(add(["a", "b", "c"]))
      .refused("LIMIT_EXCEEDED");
  });
});

describe("an invitation", () => {
  const made = [created("INVITE"), madeInvite({ uses: 2, expiresAt: LATER })] as const;
  test("lets its holder in, counted", () => {
    given(group, ...made)
      .when(use("mia"))
      .then(used("mia"), joined("mia"));
    given(group, ...made, used("mia"), joined("mia"))
      .when(use("max"))
      .then(used("max"), joined("max"));
  });
  test("is not used by a member", () =>
    given(group, ...made)
      .when(use("owner"))
      .nothing());
  test("settles what waits", () =>
    given(group, ...made, invited("mia", "owner"))
      .when(use("mia"))
      .then(used("mia"), decided("Accepted", "mia"), joined("mia")));
  test("is not found once it is used up, over, revoked, or nobody is left", () => {
    const same = { field: "inviteCode", saying: /no such invitation/ };
    given(group, ...made, used("a"), joined("a"), used("b"), joined("b"))
      .when(use("mia"))
      .refused("NOT_FOUND", same);
    given(group, ...made)
      .when(use("mia", LATER))
      .refused("NOT_FOUND", same);
    given(group, ...made, revoked)
      .when(use("mia"))
      .refused("NOT_FOUND", same);
    given(group, created("INVITE")).when(use("mia")).refused("NOT_FOUND", same);
    given(group, ...made, dissolved)
      .when(use("mia"))
      .refused("NOT_FOUND", same);
  });
  test("keeps to the cap", () =>
    given(group, ...made)
      .when(use("mia", AT, 1))
      .refused("LIMIT_EXCEEDED"));
  test("to a channel is counted, and makes nobody a member of its staff", () => {
    const inviteId = INVITE;
    const of = { groupId: "c:1", inviteId };
    given(group, created("INVITE", "c:1"), {
      type: "InviteCreated",
      data: { ...of, createdBy: "owner", expiresAt: null, uses: null },
    })
      .when(use("mia"))
      .then(
        { type: "InviteUsed", data: { ...of, userId: "mia" } },
        { type: "FollowerAdmitted", data: { groupId: "c:1", userId: "mia" } },
      );
  });
  test("is made and revoked by owner and administrators, so many at a time", () => {
    const invite = (by: string, more: object = {}): Command => ({
      type: "Invite",
      by,
      inviteId: INVITE,
      expiresAt: null,
      uses: null,
      at: AT,
      ...more,
    });
    given(group, created()).when(invite("owner")).then(madeInvite());
    given(group, created(), added("mia")).when(invite("mia")).refused("FORBIDDEN", { field: "conversationId" });
    given(group, created())
      .when(invite("owner", { expiresAt: AT }))
      .refused("BAD_INPUT", { field: "expiresAt" });
    const many = Array.from({ length: 100 }, (_, index): Event => ({
      type: "InviteCreated",
      data: { groupId, inviteId: `i:${String(index).padStart(26, "0")}`, createdBy: "owner", expiresAt: LATER, uses: null },
    }));
    given(group, created(), ...many)
      .when(invite("owner"))
      .refused("LIMIT_EXCEEDED", { field: "conversationId" });
    // Those that are over leave room.
    given(group, created(), ...many)
      .when(invite("owner", { at: LATER }))
      .then(madeInvite());
    given(group, ...made)
      .when({ type: "Revoke", by: "owner", inviteId: INVITE })
      .then(revoked);
    given(group, ...made, revoked)
      .when({ type: "Revoke", by: "owner", inviteId: INVITE })
      .nothing();
    given(group, created()).when({ type: "Revoke", by: "owner", inviteId: INVITE }).refused("NOT_FOUND", { field: "code" });
  });
});

describe("silence", () => {
  const silence = (by: string, userId: string, until: string | null): Command => ({ type: "Silence", by, userId, until, at: AT });
  const staffed = [created(), added("ann"), admin("ann"), added("mia")] as const;
  test("is for those of a lower role", () => {
    given(group, ...staffed)
      .when(silence("ann", "mia", LATER))
      .then(silenced("mia", LATER));
    given(group, ...staffed)
      .when(silence("owner", "ann", LATER))
      .then(silenced("ann", LATER));
    for (const of of ["owner"])
      given(group, ...staffed)
        .when(silence("ann", of, LATER))
        .refused("FORBIDDEN", { field: "userId" });
    given(group, ...staffed)
      .when(silence("mia", "ann", LATER))
      .refused("FORBIDDEN", { field: "conversationId" });
  });
  test("that is so already is nothing", () => {
    given(group, ...staffed, silenced("mia", LATER))
      .when(silence("ann", "mia", LATER))
      .nothing();
    given(group, ...staffed)
      .when(silence("ann", "mia", null))
      .nothing();
    given(group, ...staffed, silenced("mia", LATER))
      .when(silence("ann", "mia", null))
      .then(silenced("mia", null));
  });
  test("needs a time to come", () =>
    given(group, ...staffed)
      .when(silence("ann", "mia", AT))
      .refused("BAD_INPUT", { field: "until" }));
  test("ends for who becomes the owner", () =>
    given(group, ...staffed, silenced("mia", LATER), {
      type: "OwnershipTransferred",
      data: { groupId, from: "owner", to: "mia" },
    })
      .when({ type: "Silence", by: "mia", userId: "owner", until: LATER, at: AT })
      .then(silenced("owner", LATER)));
});

describe("dissolving", () => {
  test("is the owner's", () => {
    given(group, created()).when({ type: "Dissolve", by: "owner" }).then(dissolved);
    given(group, created(), added("mia")).when({ type: "Dissolve", by: "mia" }).refused("FORBIDDEN", { field: "conversationId" });
  });
  test("again is nothing, and nobody comes any more", () => {
    given(group, created(), dissolved).when({ type: "Dissolve", by: "owner" }).nothing();
    given(group, created("OPEN"), dissolved)
      .when(join("mia"))
      .refused("CONFLICT", { saying: /dissolved/ });
    given(group, created(), asked("mia"), dissolved)
      .when(answer("mia", "mia", false))
      .refused("CONFLICT", { field: "id" });
    // What waited is over: who asked somebody in takes it back once more.
    given(group, created(), invited("mia", "ann"), dissolved)
      .when(answer("ann", "mia", false))
      .nothing();
    given(group, created(), invited("mia", "ann"), dissolved)
      .when(answer("mia", "mia", true))
      .refused("CONFLICT", { field: "id" });
    given(group, created(), dissolved)
      .when({ type: "Import", userIds: ["mia"] })
      .refused("CONFLICT");
  });
});
