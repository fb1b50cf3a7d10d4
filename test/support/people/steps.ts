import fc from "fast-check";
import type { Settings } from "./model.ts";

/** How often each command comes, among those of a program. */
const WEIGHTS = {
  requestFriendship: 6,
  answerFriendRequest: 6,
  withdrawFriendRequest: 2,
  endFriendship: 2,
  setAlias: 2,
  block: 3,
  createConversation: 3,
  updateConversation: 5,
  join: 10,
  answerJoinRequest: 8,
  createInvite: 4,
  joinByInvite: 7,
  revokeInvite: 1,
  leave: 6,
  silence: 3,
  dissolve: 1,
  addMembers: 6,
  removeMembers: 4,
  setRole: 4,
  transferOwnership: 2,
  sendMessage: 20,
  sendDirect: 6,
  editMessage: 5,
  recallMessage: 5,
  react: 8,
  pinMessage: 4,
  forwardMessages: 7,
  scheduleMessage: 7,
  cancelScheduled: 2,
  setPreferences: 6,
  markRead: 8,
  setFanoutLimit: 2,
  pass: 5,
} as const;
export type Command = keyof typeof WEIGHTS;

/** A command, and numbers that choose whom and what it is about, of what there is by then. */
export type Step = { command: Command; by: number; at: number; other: number; some: number[]; flag: boolean };
export type Program = { users: number; settings: Settings; steps: Step[] };

const number = fc.nat({ max: 1_000 });
const step: fc.Arbitrary<Step> = fc.record({
  command: fc.oneof(
    ...Object.entries(WEIGHTS).map(([command, weight]) => ({ weight, arbitrary: fc.constant(command as Command) })),
  ),
  by: number,
  at: number,
  other: number,
  some: fc.array(number, { maxLength: 3 }),
  flag: fc.boolean(),
});

const anyone = fc.oneof(
  { weight: 3, arbitrary: fc.constant("anyone" as const) },
  { weight: 1, arbitrary: fc.constant("friends" as const) },
);

/** Programs of at least so many commands. */
export const programs = (least: number): fc.Arbitrary<Program> =>
  fc.record({
    users: fc.integer({ min: 3, max: 7 }),
    settings: fc.record({ directMessages: anyone, addToGroups: anyone }),
    steps: fc.array(step, { minLength: least, maxLength: least + 20, size: "max" }),
  });
