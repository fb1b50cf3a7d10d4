import fc from "fast-check";
import { expect, test } from "vitest";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import { type Event, memberCount, membersOf, requestOf, type Role, type State } from "../../../src/domain/groupState.ts";
import { Refusal } from "../../../src/domain/refusal.ts";

const CAP = 6;
const profile = {
  groupId: "g:1",
  title: "T",
  avatarUrl: null,
  description: null,
  announcement: null,
  category: null,
  tags: [],
  historyVisible: false,
};
const user = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
const users = fc.array(user, { maxLength: 5 });
const memberCap = fc.constant(CAP);
const invite = fc.constantFrom("i:1111111111111111111111", "i:2222222222222222222222");
const at = fc.constant("2026-01-01T00:00:00.000Z");
const policy = fc.constantFrom("OPEN" as const, "APPROVAL" as const, "INVITE" as const);
const create = fc.record({
  type: fc.constant("Create" as const),
  by: user,
  memberIds: users,
  memberCap,
  joinPolicy: policy,
  public: fc.boolean(),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  create.map((given): Command => ({ ...profile, ...given })),
  fc.record({ type: fc.constant("Join" as const), userId: user, note: fc.constant(null), memberCap }),
  fc.record({ type: fc.constant("Add" as const), by: user, userIds: users, asked: users, notAdded: users, memberCap }),
  fc.record({
    type: fc.constant("Answer" as const),
    by: user,
    userId: user,
    number: fc.integer({ min: 1, max: 3 }),
    accept: fc.boolean(),
    memberCap,
  }),
  fc.record({
    type: fc.constant("Invite" as const),
    by: user,
    inviteId: invite,
    expiresAt: fc.constantFrom(null, "2030-01-01T00:00:00.000Z"),
    uses: fc.constantFrom(null, 1, 2),
    at,
  }),
  fc.record({ type: fc.constant("UseInvite" as const), userId: user, inviteId: invite, memberCap, at }),
  fc.record({ type: fc.constant("Revoke" as const), by: user, inviteId: invite }),
  fc.record({
    type: fc.constant("Silence" as const),
    by: user,
    userId: user,
    until: fc.constantFrom(null, "2030-01-01T00:00:00.000Z"),
    at,
  }),
  fc.record({ type: fc.constant("Update" as const), by: user, change: fc.record({ joinPolicy: policy }) }),
  fc.record({ type: fc.constant("Remove" as const), by: user, userIds: users }),
  fc.record({ type: fc.constant("Leave" as const), userId: user }),
  fc.record({
    type: fc.constant("SetRole" as const),
    by: user,
    userId: user,
    role: fc.constantFrom<Role>("OWNER", "ADMIN", "MEMBER"),
  }),
  fc.record({ type: fc.constant("TransferOwnership" as const), by: user, to: user }),
  fc.record({ type: fc.constant("Dissolve" as const), by: user }),
);
const imports = fc.record({ type: fc.constant("Import" as const), userIds: users });

/** What the command makes happen, or nothing where it is refused. */
function decide(state: State, asked: Command): Event[] {
  try {
    return group.decide(state, asked);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** Events after which somebody else is a member, or has another role. */
const MOVING = new Set(["MemberJoined", "MemberAdded", "MembersImported", "MemberLeft", "MemberRemoved", "RoleChanged"]);

const snapshot = (state: State) => [...membersOf(state)].sort();

function hold(commands: readonly Command[], cap: number): void {
  let state = group.initial;
  for (const asked of commands) {
    const before = snapshot(state);
    const events = decide(state, asked);
    expect(decide(state, asked)).toEqual(events);
    const next = events.reduce(group.evolve, state);
    expect(snapshot(state)).toEqual(before);
    const members = snapshot(next);
    expect(members.filter(([, role]) => role === "OWNER")).toHaveLength(members.length > 0 ? 1 : 0);
    expect(new Set(members.map(([userId]) => userId)).size).toBe(memberCount(next));
    expect(memberCount(next)).toBeLessThanOrEqual(cap);
    if (events.some(({ type }) => MOVING.has(type))) expect(members).not.toEqual(before);
    for (const [userId] of members) expect(requestOf(next, userId)?.status, "a member waits for nothing").not.toBe("PENDING");
    state = next;
  }
}

test("whatever is asked for: one owner while anyone is in, roles for members only, never above the cap", () => {
  fc.assert(
    fc.property(create, fc.array(command, { maxLength: 60 }), (first, more) => hold([{ ...profile, ...first }, ...more], CAP)),
    { numRuns: 300 },
  );
});

test("with members imported among it, all but the cap holds", () => {
  fc.assert(
    fc.property(create, fc.array(fc.oneof(command, imports), { maxLength: 60 }), (first, more) =>
      hold([{ ...profile, ...first }, ...more], Infinity),
    ),
    { numRuns: 200 },
  );
});
