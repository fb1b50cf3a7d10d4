import { describe, test } from "vitest";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import type { Event } from "../../../src/domain/groupState.ts";
import { given } from "../../support/given.ts";

const id = "c:news";
const created: Extract<Event, { type: "GroupCreated" }> = {
  type: "GroupCreated",
  data: {
    groupId: id,
    ownerId: "owner",
    title: "News",
    avatarUrl: null,
    description: null,
    announcement: null,
    category: null,
    tags: [],
    joinPolicy: "OPEN",
    public: true,
    historyVisible: true,
  },
};
const added = (userId: string): Event => ({ type: "MemberAdded", data: { groupId: id, userId } });
const add = (by: string): Command => ({ type: "Add", by, userIds: ["zoe"], memberCap: 8, asked: [], notAdded: [] });

describe("the staff of a channel", () => {
  test("is added to by the owner", () => given(group, created).when(add("owner")).then(added("zoe")));
  test("is not added to by its members, whoever may follow the channel", () =>
    given(group, created, added("mia")).when(add("mia")).refused("FORBIDDEN"));
  test("keeps its posts open to the followers", () =>
    given(group, created)
      .when({ type: "Update", by: "owner", change: { historyVisible: false } })
      .refused("BAD_INPUT", { field: "historyVisible" }));
});

describe("who comes to a channel by themselves", () => {
  const policy = (joinPolicy: "OPEN" | "APPROVAL" | "INVITE"): Event => ({
    ...created,
    data: { ...created.data, joinPolicy, public: false },
  });
  const admitted: Event = { type: "FollowerAdmitted", data: { groupId: id, userId: "zoe" } };
  const asked: Event = { type: "JoinRequested", data: { groupId: id, userId: "zoe", number: 1, note: null } };
  const invited: Event = { type: "MemberInvited", data: { groupId: id, userId: "zoe", number: 1, invitedBy: "owner" } };
  const accepted: Event = { type: "JoinRequestAccepted", data: { groupId: id, userId: "zoe", number: 1 } };
  const joined: Event = { type: "MemberJoined", data: { groupId: id, userId: "zoe" } };
  /** The staff is complete: followers have no cap. */
  const join: Command = { type: "Join", userId: "zoe", note: null, memberCap: 1 };
  const answer = (by: string, memberCap = 1): Command => ({
    type: "Answer",
    by,
    userId: "zoe",
    number: 1,
    accept: true,
    memberCap,
  });

  test("follows it where it is open", () => given(group, policy("OPEN")).when(join).then(admitted));
  test("asks where it is not, and follows it when the staff says yes", () => {
    given(group, policy("APPROVAL")).when(join).then(asked);
    given(group, policy("APPROVAL"), asked).when(answer("owner")).then(accepted, admitted);
  });
  test("follows it with an invitation", () => {
    const inviteId = "i:one";
    const made: Event = {
      type: "InviteCreated",
      data: { groupId: id, inviteId, createdBy: "owner", expiresAt: null, uses: 1 },
    };
    const use: Command = { type: "UseInvite", userId: "zoe", inviteId, memberCap: 1, at: "2026-01-01T00:00:00.000Z" };
    const used: Event = { type: "InviteUsed", data: { groupId: id, inviteId, userId: "zoe" } };
    given(group, policy("INVITE"), made).when(use).then(used, admitted);
    given(group, policy("APPROVAL"), made, asked).when(use).then(used, accepted, admitted);
    // To be of the staff is another question.
    given(group, policy("INVITE"), made, invited).when(use).then(used, admitted);
  });
  test("is of the staff when they were asked in", () => {
    given(group, policy("INVITE"), invited)
      .when({ ...join, memberCap: 2 })
      .then(accepted, joined);
    given(group, policy("INVITE"), invited).when(answer("zoe", 2)).then(accepted, joined);
    given(group, policy("INVITE"), invited).when(answer("zoe", 1)).refused("LIMIT_EXCEEDED");
  });
});
