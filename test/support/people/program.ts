import fc from "fast-check";
import { type Json } from "../apiWorld.ts";
import * as friends from "./friends.ts";
import * as groups from "./groups.ts";
import * as messages from "./messages.ts";
import { directOf, type Model, newModel, ok, type Outcome, pairOf, type Policy } from "./model.ts";

/** How often each command comes, among those of a program. */
const WEIGHTS = {
  requestFriendship: 5,
  answerFriendRequest: 5,
  withdrawFriendRequest: 2,
  endFriendship: 2,
  setAlias: 2,
  block: 3,
  createConversation: 2,
  updateConversation: 4,
  join: 6,
  answerJoinRequest: 6,
  leave: 5,
  silence: 3,
  dissolve: 1,
  addMembers: 5,
  removeMembers: 4,
  setRole: 4,
  transferOwnership: 2,
  sendMessage: 18,
  sendDirect: 6,
  editMessage: 5,
  recallMessage: 5,
  react: 8,
  pinMessage: 4,
  setPreferences: 6,
  markRead: 8,
  setFanoutLimit: 2,
} as const;
export type Command = keyof typeof WEIGHTS;

/** A command, and numbers that choose whom and what it is about, of what there is by then. */
export type Step = { command: Command; by: number; at: number; other: number; some: number[]; flag: boolean };
export type Program = { users: number; steps: Step[] };

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

/** Programs of at least so many commands. */
export const programs = (least: number): fc.Arbitrary<Program> =>
  fc.record({
    users: fc.integer({ min: 3, max: 7 }),
    steps: fc.array(step, { minLength: least, maxLength: least + 20, size: "max" }),
  });

/** What a server does with the commands: it answers with what the client gets, or with the code of its refusal. */
export type Asked = (by: string, mutation: string, input: Json) => Promise<{ data: Json } | { code: string }>;

/** A command as it is asked, what it must be answered, and what the model makes of it if it is done. */
type Call = { by: string; mutation: string; input: Json; expected: Outcome; done?: (data: Json) => void };

const POLICIES: readonly Policy[] = ["OPEN", "OPEN", "APPROVAL", "INVITE"];

/** Gives the commands to the server and to the model. Throws where they do not agree. Returns the model. */
export async function play(
  { users: count, steps }: Program,
  { ask, setFanoutLimit }: { ask: Asked; setFanoutLimit: (limit: number) => Promise<unknown> },
): Promise<{ model: Model; history: string[] }> {
  const users = Array.from({ length: count }, (_, index) => `u${index}`);
  const model = newModel(users);
  const history: string[] = [];
  for (const [index, of] of steps.entries()) {
    if (of.command === "setFanoutLimit") {
      await setFanoutLimit(of.at % 8);
      continue;
    }
    const call = callOf(model, of, index);
    if (!call) continue;
    const { by, mutation, input, expected, done } = call;
    const answer = await ask(by, mutation, { clientMutationId: `call-${index}`, ...input });
    const outcome = "code" in answer ? answer.code : ok;
    history.push(`${by} ${mutation} ${JSON.stringify(input)}: ${outcome}`);
    if (outcome !== expected) throw new Error(`expected ${expected} of the last of\n${history.join("\n")}`);
    if ("data" in answer) done?.(answer.data);
  }
  return { model, history };
}

/** Undefined where there is nothing yet that the command could be about. */
function callOf(model: Model, step: Step, index: number): Call | undefined {
  const { users } = model;
  const { command, flag } = step;
  const by = pick(users, step.by);
  const other = pick(users, step.other);
  const some = step.some.map((one) => pick(users, one));
  switch (command) {
    case "requestFriendship": {
      const alias = flag ? `alias ${step.at % 5}` : null;
      return call(by, command, { userId: other, alias }, friends.requestFriendship(model, by, other, alias));
    }
    case "answerFriendRequest":
    case "withdrawFriendRequest": {
      if (by === other) return undefined;
      const { requests } = pairOf(model, by, other);
      const request = requests[requests.length - 1];
      // Mostly by the one who may.
      const wanted = command === "answerFriendRequest" ? request?.to : request?.from;
      const actor = step.at % 4 > 0 && wanted !== undefined ? wanted : by;
      const peer = actor === by ? other : by;
      const number = Math.max(1, requests.length + (step.at % 7 === 0 ? -1 : 0));
      const id = `f:${[by, other].sort().join("~")}:${number}`;
      if (command === "withdrawFriendRequest")
        return call(actor, command, { id }, friends.withdrawRequest(model, actor, peer, number));
      return call(actor, command, { id, accept: flag }, friends.answerRequest(model, actor, peer, number, flag));
    }
    case "endFriendship":
      return by === other ? undefined : call(by, command, { userId: other }, friends.endFriendship(model, by, other));
    case "setAlias": {
      const alias = flag ? `alias ${step.at % 5}` : null;
      return by === other ? undefined : call(by, command, { userId: other, alias }, friends.setAlias(model, by, other, alias));
    }
    case "block": {
      const on = step.at % 3 === 0;
      return call(by, command, { userId: other, on }, friends.block(model, by, other, on));
    }
    case "createConversation": {
      const profile = {
        title: `group ${index}`,
        policy: pick(POLICIES, step.at),
        public: step.other % 3 === 0,
        historyVisible: flag,
      };
      const { policy: joinPolicy, ...more } = profile;
      return {
        by,
        mutation: command,
        input: { kind: "GROUP", memberIds: some, joinPolicy, ...more },
        expected: ok,
        done: (data) => groups.createGroup(model, (data["conversation"] as { id: string }).id, by, some, profile),
      };
    }
    case "sendDirect": {
      if (by === other) return undefined;
      const text = `direct ${index}`;
      const expected = messages.sendMessage(model, directOf(model, by, other), by, { text, replyTo: null, mentions: [] });
      return call(by, "sendMessage", { userId: other, text }, expected);
    }
    default:
      return inConversation(model, step, index, by, other, some);
  }
}

function inConversation(
  model: Model,
  { command, by: chosen, at, flag, other: nth }: Step,
  index: number,
  anyone: string,
  other: string,
  some: string[],
): Call | undefined {
  const all = [...model.conversations.values()];
  const conversation = pick(all, at);
  if (!conversation) return undefined;
  const { id } = conversation;
  const members = [...conversation.members.keys()];
  // Mostly a member of it, or who leads it.
  const lead = members.find((user) => conversation.members.get(user)?.role !== "MEMBER");
  const by = (chosen % 5 === 0 ? anyone : chosen % 5 < 3 ? pick(members, chosen) : lead) ?? anyone;
  const target = (flag ? pick(members, nth) : other) ?? other;
  const seq = 1 + (nth % Math.max(1, conversation.messages.length));
  if (conversation.direct && GROUP_COMMANDS.has(command)) return undefined;
  switch (command) {
    case "updateConversation": {
      const change: groups.Change = {
        ...(nth % 2 === 0 && { title: `title ${nth % 3}` }),
        ...(nth % 3 === 0 && { public: flag }),
        ...(nth % 5 < 2 && { historyVisible: flag }),
        ...(nth % 7 < 2 && { policy: pick(POLICIES, chosen) }),
      };
      const { policy, ...more } = change;
      const input = { id, ...more, ...(policy && { joinPolicy: policy }) };
      return call(by, command, input, groups.updateConversation(model, conversation, by, change));
    }
    case "join":
      return call(anyone, command, { id }, groups.join(model, conversation, anyone));
    case "answerJoinRequest": {
      const user = pick([...conversation.requests.keys()], nth) ?? other;
      const answer = { user, number: conversation.requests.get(user)?.number ?? 1, accept: flag };
      const actor = chosen % 6 === 0 ? user : by;
      const expected = groups.answerJoinRequest(model, conversation, actor, answer);
      return call(actor, command, { id: `j:${id}~${user}:${answer.number}`, accept: flag }, expected);
    }
    case "silence": {
      const until = flag ? LATER : null;
      const expected = groups.silence(model, conversation, by, target, flag);
      return call(by, command, { conversationId: id, userId: target, until }, expected);
    }
    case "dissolve":
      return call(by, command, { id }, groups.dissolve(model, conversation, by));
    case "leave":
      return call(by, command, { id }, groups.leave(model, conversation, by));
    case "addMembers": {
      const userIds = [other, ...some];
      return call(by, command, { conversationId: id, userIds }, groups.addMembers(model, conversation, by, userIds));
    }
    case "removeMembers": {
      const userIds = [target, ...some];
      return call(by, command, { conversationId: id, userIds }, groups.removeMembers(model, conversation, by, userIds));
    }
    case "setRole": {
      const role = some.length % 2 === 0 ? "ADMIN" : "MEMBER";
      const expected = groups.setRole(model, conversation, by, target, role);
      return call(by, command, { conversationId: id, userId: target, role }, expected);
    }
    case "transferOwnership":
      return call(by, command, { conversationId: id, userId: target }, groups.transferOwnership(model, conversation, by, target));
    case "sendMessage": {
      const more = { text: `text ${index}`, replyTo: flag && nth % 3 === 0 ? seq : null, mentions: nth % 4 === 0 ? some : [] };
      return call(by, command, { conversationId: id, ...more }, messages.sendMessage(model, conversation, by, more));
    }
    case "editMessage": {
      const actor = flag ? (conversation.messages[seq - 1]?.sender ?? by) : by;
      const text = `edited ${nth % 3}`;
      const expected = messages.editMessage(model, conversation, actor, seq, text);
      return call(actor, command, { conversationId: id, seq, text }, expected);
    }
    case "recallMessage": {
      const actor = flag ? (conversation.messages[seq - 1]?.sender ?? by) : by;
      return call(actor, command, { conversationId: id, seq }, messages.recallMessage(model, conversation, actor, seq));
    }
    case "react": {
      const more = { seq, emoji: pick(EMOJI, nth), on: flag || chosen % 2 === 0 };
      return call(by, command, { conversationId: id, ...more }, messages.react(model, conversation, by, more));
    }
    case "pinMessage": {
      const more = { seq, on: flag || chosen % 3 === 0 };
      return call(by, command, { conversationId: id, ...more }, messages.pinMessage(model, conversation, by, more));
    }
    case "setPreferences": {
      const wanted: messages.Wanted = {
        ...(nth % 3 === 0 && { muted: flag }),
        ...(nth % 4 === 0 && { pinned: flag }),
        ...(nth % 5 < 3 && { hidden: flag }),
        ...(nth % 7 < 2 && { nickname: flag ? `nickname ${nth % 3}` : null }),
      };
      return call(by, command, { conversationId: id, ...wanted }, messages.setPreferences(model, conversation, by, wanted));
    }
    case "markRead":
      return call(by, command, { conversationId: id, seq }, messages.markRead(model, conversation, by, seq));
    default:
      throw new Error(`no such command in a conversation: ${command}`);
  }
}

/** Nobody may write until long after the program. */
const LATER = "2099-01-01T00:00:00.000Z";

const EMOJI = ["👍", "❤️", "😀"];

const GROUP_COMMANDS: ReadonlySet<Command> = new Set([
  "updateConversation",
  "join",
  "answerJoinRequest",
  "silence",
  "dissolve",
  "leave",
  "addMembers",
  "removeMembers",
  "setRole",
  "transferOwnership",
]);

const call = (by: string, mutation: string, input: Json, expected: Outcome): Call => ({ by, mutation, input, expected });

function pick<T>(from: readonly [T, ...T[]], index: number): T;
function pick<T>(from: readonly T[], index: number): T;
function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)];
}
