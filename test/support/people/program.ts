import type { Json } from "../apiWorld.ts";
import { type Call, call, pick, type Scene } from "./calls.ts";
import { friendCall, isOfFriends } from "./friendCalls.ts";
import { groupCall, isOfGroups, POLICIES } from "./groupCalls.ts";
import * as groups from "./groups.ts";
import { cancelCall, isOfMessages, messageCall } from "./messageCalls.ts";
import * as messages from "./messages.ts";
import { type Conversation, directOf, leads, type Model, newModel, ok } from "./model.ts";
import { type Happening, pass } from "./schedules.ts";
import type { Program, Step } from "./steps.ts";

/** What a server does with the commands. */
export type Played = {
  /** Answers with what the client gets, or with the code of its refusal. */
  ask: (by: string, mutation: string, input: Json) => Promise<{ data: Json } | { code: string }>;
  setFanoutLimit: (limit: number) => Promise<unknown>;
  /** Lets days pass, and tells what happened by itself. */
  pass: (days: number) => Promise<Happening[]>;
};

/**
 * Gives the commands to the server and to the model. Throws where they do not agree. Returns the model. `after`: called after
 * each command that did something.
 */
export async function play(
  program: Program,
  server: Played,
  after: (model: Model) => void = () => {},
): Promise<{ model: Model; history: string[] }> {
  const users = Array.from({ length: program.users }, (_, index) => `u${index}`);
  const model = newModel(users, program.settings);
  const history: string[] = [JSON.stringify(program.settings)];
  for (const [index, of] of program.steps.entries()) {
    if (of.command === "setFanoutLimit") {
      await server.setFanoutLimit(of.at % 8);
      continue;
    }
    if (of.command === "pass") {
      await passed(model, history, server, 1 + (of.at % 2));
      after(model);
      continue;
    }
    const call = callOf(model, of, index);
    if (!call) continue;
    const { by, mutation, input, expected, done } = call;
    const answer = await server.ask(by, mutation, { clientMutationId: `call-${index}`, ...input });
    const outcome = "code" in answer ? answer.code : ok;
    history.push(`${by} ${mutation} ${JSON.stringify(input)}: ${outcome}`);
    if (outcome !== expected) throw new Error(`expected ${expected} of the last of\n${history.join("\n")}`);
    if ("data" in answer) done?.(answer.data);
    after(model);
  }
  return { model, history };
}

async function passed(model: Model, history: string[], server: Played, days: number): Promise<void> {
  const happenings = await server.pass(days);
  history.push(`${days} days pass: ${JSON.stringify(happenings)}`);
  try {
    pass(model, days, happenings);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}, at the end of\n${history.join("\n")}`, { cause: error });
  }
}

/** Undefined where there is nothing yet that the command could be about. */
function callOf(model: Model, step: Step, index: number): Call | undefined {
  const users = model.users as readonly [string, ...string[]];
  const { command } = step;
  const by = pick(users, step.by);
  const other = pick(users, step.other);
  const some = step.some.map((one) => pick(users, one));
  if (isOfFriends(command)) return friendCall(model, command, step, by, other);
  if (command === "createConversation") return createCall(model, step, index, by, some);
  if (command === "cancelScheduled") return cancelCall(model, step, by);
  if (command === "sendDirect") {
    if (by === other) return undefined;
    const content = { text: `direct ${index}`, replyTo: null, mentions: [], expires: null };
    const expected = messages.sendMessage(model, directOf(model, by, other), by, content);
    return call(by, "sendMessage", { userId: other, text: content.text }, expected);
  }
  const scene = sceneOf(model, step, by, other, some);
  if (!scene) return undefined;
  if (isOfMessages(command)) return messageCall(model, command, index, step, scene);
  if (!isOfGroups(command)) throw new Error(`no such command: ${command}`);
  return scene.conversation.kind === "DIRECT" ? undefined : groupCall(model, command, step, scene);
}

function createCall(model: Model, { at, other, flag }: Step, index: number, by: string, others: string[]): Call {
  const kind = other % 5 < 2 ? "CHANNEL" : "GROUP";
  const policy = pick(POLICIES, at);
  const profile = { title: `group ${index}`, policy, public: other % 3 === 0, historyVisible: flag };
  const { policy: joinPolicy, ...more } = profile;
  return call(by, "createConversation", { kind, memberIds: others, joinPolicy, ...more }, ok, ({ conversation }) =>
    groups.create(model, { id: (conversation as { id: string }).id, kind, by, others, profile }),
  );
}

function sceneOf(model: Model, step: Step, anyone: string, other: string, some: string[]): Scene | undefined {
  const conversation = pick([...model.conversations.values()], step.at);
  if (!conversation) return undefined;
  const { by: chosen, flag, other: nth } = step;
  const members = [...conversation.members.keys()];
  // Mostly a member of it, or who leads it.
  const by = (chosen % 5 === 0 ? anyone : chosen % 5 < 3 ? pick(members, chosen) : leadOf(conversation)) ?? anyone;
  const target = (flag ? pick(members, nth) : other) ?? other;
  const seq = 1 + (nth % Math.max(1, conversation.messages.length));
  return { conversation, by, anyone, other, target, some, seq };
}

const leadOf = (conversation: Conversation): string | undefined =>
  [...conversation.members.keys()].find((user) => leads(conversation, user));
