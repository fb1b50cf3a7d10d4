import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Command,
  decider as group,
  type Event,
  memberCount,
  membersOf,
  type Role,
  type State,
} from "../../../src/domain/group.ts";
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
const create = fc.record({
  type: fc.constant("Create" as const),
  by: user,
  memberIds: users,
  memberCap,
  joinPolicy: fc.constantFrom("OPEN" as const, "APPROVAL" as const, "INVITE" as const),
  public: fc.boolean(),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  create.map((given): Command => ({ ...profile, ...given })),
  fc.record({ type: fc.constant("Join" as const), userId: user, memberCap }),
  fc.record({ type: fc.constant("Add" as const), by: user, userIds: users, memberCap }),
  fc.record({ type: fc.constant("Remove" as const), by: user, userIds: users }),
  fc.record({ type: fc.constant("Leave" as const), userId: user }),
  fc.record({
    type: fc.constant("SetRole" as const),
    by: user,
    userId: user,
    role: fc.constantFrom<Role>("OWNER", "ADMIN", "MEMBER"),
  }),
  fc.record({ type: fc.constant("TransferOwnership" as const), by: user, to: user }),
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
    if (events.length > 0) expect(members).not.toEqual(before);
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
