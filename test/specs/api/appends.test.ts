import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendedBy, declaredEvents } from "../../support/appended.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";
import { perform } from "../../support/scenes.ts";

/*
 * What a call may append at most is what its user pays for. These are the calls that append the most; that no other one appends
 * more than that is looked at in whoMay.test.ts.
 */

let world: ApiWorld;
beforeAll(async () => {
  world = await apiWorld();
  await world.register("ann", "bob", "cat", "dan");
  // The key of the log is made with the first group.
  await world.group("ann");
});
afterAll(() => world.close());

let people = 0;
async function newcomers(count: number): Promise<string[]> {
  const users = Array.from({ length: count }, () => `p${++people}`);
  await world.register(...users);
  return users;
}

const act = (user: string, name: string, input: Json) => perform(world, user, name, input);
const groupOf = async (members: string[], more: Json = {}) => world.group("ann", members, more);
const channelOf = async (staff: string[]) => groupOf(staff, { kind: "CHANNEL" });

type Most = { who: string; input: Json; events: string[]; admin?: true };

/** The call of each mutation that appends the most, and what it appends. */
const MOST: Readonly<Record<string, () => Promise<Most>>> = {
  // A handle that looks like another one holds that look, too.
  register: async () => ({
    who: "new",
    input: { handle: "аdа", name: "Ada" },
    events: ["HandleClaimed", "HandleClaimed", "UserRegistered"],
  }),
  updateProfile: async () => {
    await act("ann", "updateProfile", { handle: "оnе" });
    return {
      who: "ann",
      input: { handle: "twо" },
      events: ["HandleClaimed", "HandleClaimed", "ProfileUpdated", "HandleReleased", "HandleReleased"],
    };
  },
  createBot: async () => ({
    who: "operator",
    admin: true,
    input: { id: "robot", name: "Rоbot" },
    events: ["HandleClaimed", "HandleClaimed", "UserRegistered", "BotTokenMade"],
  }),
  putUser: async () => {
    await act("bob", "updateProfile", { handle: "thrее" });
    return {
      who: "operator",
      admin: true,
      input: { id: "bob", handle: "fоur", name: "Bob" },
      events: ["HandleClaimed", "HandleClaimed", "ProfileUpdated", "HandleReleased", "HandleReleased"],
    };
  },
  requestFriendship: async () => {
    const [one = "", other = ""] = await newcomers(2);
    await act(one, "requestFriendship", { userId: other, alias: "Other" });
    return {
      who: other,
      input: { userId: one, alias: "One" },
      events: ["FriendRequestAccepted", "FriendshipBegan", "FriendAliasChanged", "FriendAliasChanged"],
    };
  },
  answerFriendRequest: async () => {
    const [one = "", other = ""] = await newcomers(2);
    const { request } = await act(one, "requestFriendship", { userId: other, alias: "Other" });
    return {
      who: other,
      input: { id: (request as { id: string }).id, accept: true },
      events: ["FriendRequestAccepted", "FriendshipBegan", "FriendAliasChanged"],
    };
  },
  block: async () => {
    const [one = "", other = ""] = await newcomers(2);
    await act(one, "requestFriendship", { userId: other });
    return { who: other, input: { userId: one, on: true }, events: ["FriendRequestDeclined", "UserBlocked"] };
  },
  forwardMessages: async () => {
    const [from, to] = [await groupOf([]), await groupOf([])];
    for (const text of ["one", "two"]) await world.send("ann", from, text);
    return {
      who: "ann",
      input: { fromConversationId: from, seqs: [1, 2], toConversationId: to },
      events: ["MessageSent", "MessageSent"],
    };
  },
  markAllRead: async () => {
    const ids = [await groupOf(["bob"]), await groupOf(["bob"])];
    for (const id of ids) await world.send("ann", id);
    const reads = ids.map((conversationId) => ({ conversationId, seq: 1 }));
    return { who: "bob", input: { reads }, events: ["ReadUpTo", "ReadUpTo"] };
  },
  createConversation: async () => ({
    who: "ann",
    input: { kind: "GROUP", title: "Readers", memberIds: ["bob", "cat"] },
    events: ["GroupCreated", "MemberAdded", "MemberAdded"],
  }),
  join: async () => {
    const [user = ""] = await newcomers(1);
    const id = await groupOf([], { joinPolicy: "APPROVAL" });
    await act(user, "join", { id });
    const { invite } = await act("ann", "createInvite", { conversationId: id });
    return {
      who: user,
      input: { inviteCode: (invite as { code: string }).code },
      events: ["InviteUsed", "JoinRequestAccepted", "MemberJoined"],
    };
  },
  answerJoinRequest: async () => {
    const [user = ""] = await newcomers(1);
    const id = await groupOf([], { joinPolicy: "APPROVAL" });
    const { request } = await act(user, "join", { id });
    return {
      who: "ann",
      input: { id: (request as { id: string }).id, accept: true },
      events: ["JoinRequestAccepted", "MemberAdded"],
    };
  },
  addMembers: async () => {
    const userIds = await newcomers(3);
    const id = await groupOf([], { joinPolicy: "APPROVAL" });
    for (const user of userIds) await act(user, "join", { id });
    const each = ["JoinRequestAccepted", "MemberAdded"];
    return { who: "ann", input: { conversationId: id, userIds }, events: [...each, ...each, ...each] };
  },
  removeMembers: async () => {
    const userIds = await newcomers(3);
    const id = await channelOf([]);
    for (const user of userIds) await act(user, "join", { id });
    await act("ann", "addMembers", { conversationId: id, userIds });
    return {
      who: "ann",
      input: { conversationId: id, userIds },
      events: [...userIds.map(() => "MemberRemoved"), ...userIds.map(() => "ChannelUnfollowed")],
    };
  },
  leave: async () => {
    const id = await channelOf(["bob"]);
    return { who: "bob", input: { id }, events: ["NothingChanged", "MemberLeft"] };
  },
  transferOwnership: async () => {
    const conversationId = await groupOf(["bob"]);
    return { who: "ann", input: { conversationId, userId: "bob" }, events: ["OwnershipTransferred"] };
  },
};

describe("what its user pays for is what a call may append", () => {
  for (const [name, scene] of Object.entries(MOST))
    it(name, async () => {
      const { who, input, events, admin } = await scene();
      let cursor: unknown;
      const appended = await appendedBy(world, async () => ({ cursor } = await perform(world, who, name, input, admin)));
      expect(appended).toEqual(events);
      expect(declaredEvents(name, input)).toBe(events.length);
      // Who reads from the answer's cursor on reads all that the call did.
      expect(cursor).toBe(await world.log.end());
    });
});
