import fc from "fast-check";
import { importedGroupId } from "../../src/commands/imports.ts";
import { commandHandler } from "../../src/commands/handle.ts";
import { eventId } from "../../src/commands/eventId.ts";
import { decider as groups } from "../../src/domain/group.ts";
import { membersOf } from "../../src/domain/groupState.ts";
import { streams } from "../../src/domain/ids.ts";
import { SCHEMA } from "../../src/domain/recorded.ts";
import { Refusal } from "../../src/domain/refusal.ts";
import type { NewEvent, RecordedEvent } from "../../src/ports/eventStore.ts";
import { admin, caller, group, profile, text } from "./cast.ts";
import { type World } from "./world.ts";

/** What users do, told by numbers: each picks one of what there is by then, so that every program means something. */
const pick = fc.nat({ max: 1_000 });
const someone = fc.nat({ max: 7 });
const some = fc.array(someone, { maxLength: 5 });
/** Mostly a member of what it is about. */
const who = fc.record({ index: someone, inside: fc.nat({ max: 3 }).map((n) => n > 0) });

const create = fc.record({
  do: fc.constant("create" as const),
  by: someone,
  members: some,
  policy: fc.constantFrom("OPEN" as const, "OPEN" as const, "APPROVAL" as const, "INVITE" as const),
  public: fc.boolean(),
  historyVisible: fc.boolean(),
});

const join = fc.record({ do: fc.constant("join" as const), by: someone, group: pick });
const leave = fc.record({ do: fc.constant("leave" as const), by: who, group: pick });
const remove = fc.record({
  do: fc.constant("remove" as const),
  byOwner: fc.boolean(),
  by: who,
  group: pick,
  users: fc.array(who, { minLength: 1, maxLength: 3 }),
});
const add = fc.record({ do: fc.constant("add" as const), by: who, group: pick, users: some });
const role = fc.record({
  do: fc.constant("role" as const),
  group: pick,
  user: who,
  role: fc.constantFrom("ADMIN" as const, "MEMBER" as const),
});
const transfer = fc.record({ do: fc.constant("transfer" as const), group: pick, user: who });
const send = fc.record({
  do: fc.constant("send" as const),
  by: who,
  group: pick,
  mentions: fc.array(someone, { maxLength: 2 }),
  mentionsAll: fc.nat({ max: 3 }).map((n) => n === 0),
  replyTo: fc.option(pick),
});
/** Several at the same moment. */
const burst = fc.record({
  do: fc.constant("burst" as const),
  group: pick,
  by: fc.array(who, { minLength: 2, maxLength: 6 }),
});
const direct = fc.record({ do: fc.constant("direct" as const), by: someone, to: someone });
const edit = fc.record({ do: fc.constant("edit" as const), bySender: fc.boolean(), by: who, message: pick, words: pick });
const recall = fc.record({ do: fc.constant("recall" as const), bySender: fc.boolean(), by: who, message: pick });
const read = fc.record({
  do: fc.constant("read" as const),
  by: who,
  conversation: pick,
  seq: fc.integer({ min: 1, max: 12 }),
});
const importRoom = fc.record({
  do: fc.constant("importRoom" as const),
  room: fc.nat({ max: 1 }),
  senders: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 }),
});
/** History from elsewhere that comes into a group of here. */
const importInto = fc.record({
  do: fc.constant("importInto" as const),
  group: pick,
  users: fc.array(someone, { minLength: 1, maxLength: 3 }),
});
const limit = fc.record({ do: fc.constant("limit" as const), limit: fc.nat({ max: 8 }) });
const catchUp = fc.record({ do: fc.constant("catchUp" as const) });
const restart = fc.record({
  do: fc.constant("restart" as const),
  pageEvents: fc.integer({ min: 1, max: 20 }),
  pageRows: fc.integer({ min: 1, max: 40 }),
});

const step = fc.oneof(
  { weight: 1, arbitrary: create },
  { weight: 5, arbitrary: join },
  { weight: 5, arbitrary: leave },
  { weight: 4, arbitrary: remove },
  { weight: 4, arbitrary: add },
  { weight: 3, arbitrary: role },
  { weight: 2, arbitrary: transfer },
  { weight: 12, arbitrary: send },
  { weight: 3, arbitrary: burst },
  { weight: 5, arbitrary: direct },
  { weight: 5, arbitrary: edit },
  { weight: 5, arbitrary: recall },
  { weight: 8, arbitrary: read },
  { weight: 2, arbitrary: importRoom },
  { weight: 2, arbitrary: importInto },
  { weight: 4, arbitrary: limit },
  { weight: 8, arbitrary: catchUp },
  { weight: 1, arbitrary: restart },
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
export type Program = { users: number; steps: Step[] };

/** Some groups at first, for what follows to happen in few places. */
export const program = (maxSteps = 100): fc.Arbitrary<Program> =>
  fc
    .record({
      users: fc.integer({ min: 2, max: 8 }),
      first: fc.array(create, { minLength: 1, maxLength: 2 }),
      then: fc.array(step, { minLength: 10, maxLength: maxSteps, size: "max" }),
    })
    .map(({ users, first, then }) => ({ users, steps: [...first, ...then] }));

const IMPORTED_AT = "2024-02-01T00:00:00.000Z";

type Message = { conversation: string; seq: number; sender: string };

/** What a program made that later steps choose from. */
export type Played = { users: string[]; groups: string[]; messages: Message[] };

/** A command of a program, who gave it and on which group, and its refusal, if it was refused. */
export type Seen = { step: Step; by: string | undefined; group: string | undefined; refusal: Refusal | undefined };

/** Runs a program, and folds what it made. Refusals are no faults, except that nothing is to be away. */
export async function play(
  { users: count, steps }: Program,
  target: Omit<World, "store">,
  watch: (seen: Seen) => Promise<void> | void = () => {},
): Promise<Played> {
  const { commands, log } = target;
  const handle = commandHandler({ log });
  const users = Array.from({ length: count }, (_, index) => `u${index}`);
  const played: Played = { users, groups: [], messages: [] };
  const user = (index: number): string => users[index % count] as string;
  const chosen = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(1, from.length)];
  const sent = (conversation: string, seq: number, sender: string) => played.messages.push({ conversation, seq, sender });
  // Counted here, so that the same program makes the same log.
  let keys = 0;
  const newKey = () => ({ clientMutationId: `k${++keys}` });

  const conversations = () => [...new Set([...played.groups, ...played.messages.map(({ conversation }) => conversation)])];
  const membersNow = async (id: string): Promise<[string, string][]> => {
    if (id.startsWith("d:"))
      return id
        .slice(2)
        .split("~")
        .map((member) => [member, "MEMBER"]);
    const events = await log.read(streams.group(id), 0, "forwards", 10_000);
    return [...membersOf(events.reduce((state, event) => groups.evolve(state, event as never), groups.initial))].sort();
  };
  const ownerOf = async (id: string) => (await membersNow(id)).find(([, role]) => role === "OWNER")?.[0] ?? user(0);
  const one = async (id: string, { index, inside }: { index: number; inside: boolean }): Promise<string> =>
    chosen(inside ? (await membersNow(id)).map(([member]) => member) : users, index) ?? user(index);

  /** Who gave the command at hand. */
  let actor: string | undefined;
  const by = (id: string) => caller((actor = id));

  const onGroup = async (step: Extract<Step, { group: number }>, id: string): Promise<unknown> => {
    const key = newKey();
    const on = { ...key, conversationId: id };
    switch (step.do) {
      case "join":
        return commands.join(by(user(step.by)), on);
      case "leave":
        return commands.leave(by(await one(id, step.by)), on);
      case "remove": {
        const remover = step.byOwner ? await ownerOf(id) : await one(id, step.by);
        const removed = await Promise.all(step.users.map((member) => one(id, member)));
        return commands.removeMembers(by(remover), { ...on, userIds: removed.filter((member) => member !== remover) });
      }
      case "add":
        return commands.addMembers(by(await one(id, step.by)), { ...on, userIds: step.users.map(user) });
      case "role":
        return commands.setRole(by(await ownerOf(id)), { ...on, userId: await one(id, step.user), role: step.role });
      case "transfer":
        return commands.transferOwnership(by(await ownerOf(id)), { ...on, userId: await one(id, step.user) });
      case "send": {
        const { mentions, mentionsAll, replyTo } = step;
        const sender = await one(id, step.by);
        const head = played.messages.filter(({ conversation }) => conversation === id).length;
        const more = {
          mentions: mentions.map(user),
          mentionsAll,
          replyTo: replyTo === null || head === 0 ? null : 1 + (replyTo % head),
        };
        const { message } = await commands.sendMessage(by(sender), text({ conversationId: id }, { ...key, ...more }));
        return sent(id, message.seq, sender);
      }
      case "burst": {
        const senders = await Promise.all(step.by.map((sender) => one(id, sender)));
        const inputs = senders.map((sender) => ({ sender, input: text({ conversationId: id }, newKey()) }));
        const all = await Promise.allSettled(inputs.map(({ sender, input }) => commands.sendMessage(caller(sender), input)));
        for (const outcome of all) {
          if (outcome.status === "rejected") expected(outcome.reason);
          else sent(id, outcome.value.message.seq, outcome.value.message.senderId);
        }
        return;
      }
      case "importInto": {
        const senders = step.users.map(user);
        const command = { type: "Import" as const, userIds: senders };
        await handle({ ...key, actorId: "archive", at: IMPORTED_AT, stream: streams.group(id), decider: groups, command });
        const events = senders.map((sender, index) => importedMessage(id, sender, key.clientMutationId, index));
        const { revision } = await log.append(streams.conversation(id), events, "any");
        for (const [index, sender] of senders.entries()) sent(id, revision + 2 - senders.length + index, sender);
      }
    }
  };

  const run = async (step: Step): Promise<unknown> => {
    switch (step.do) {
      case "create": {
        const { policy, members, public: isPublic, historyVisible } = step;
        const input = group({ ...newKey(), joinPolicy: policy, memberIds: members.map(user), public: isPublic, historyVisible });
        return played.groups.push((await commands.createConversation(by(user(step.by)), input)).conversationId);
      }
      case "direct": {
        const input = text({ userId: user(step.to) }, newKey());
        const { conversationId, message } = await commands.sendMessage(by(user(step.by)), input);
        return sent(conversationId, message.seq, user(step.by));
      }
      case "edit":
      case "recall": {
        const message = chosen(played.messages, step.message);
        if (!message) return;
        const annotator = step.bySender ? message.sender : await one(message.conversation, step.by);
        const input = { ...newKey(), conversationId: message.conversation, seq: message.seq };
        if (step.do === "recall") return commands.recallMessage(by(annotator), input);
        return commands.editMessage(by(annotator), { ...input, text: `edited ${step.words}` });
      }
      case "read": {
        const id = chosen(conversations(), step.conversation);
        if (id === undefined) return;
        return commands.markRead(by(await one(id, step.by)), { ...newKey(), conversationId: id, seq: step.seq });
      }
      case "importRoom": {
        const key = newKey();
        const room = `room ${step.room}`;
        const id = importedGroupId(room);
        const messages = step.senders.map((sender, line) => ({
          key: `${key.clientMutationId}/${line}`,
          conversation: room,
          sender: `sender ${sender}`,
          sentAt: "2001-02-03T04:05:06.789Z",
          text: `line ${line}`,
          topic: null,
        }));
        await commands.importMessages(admin, { ...key, messages });
        if (!played.groups.includes(id)) played.groups.push(id);
        played.messages = played.messages.filter(({ conversation }) => conversation !== id);
        for (const event of await log.read(streams.conversation(id), 0, "forwards", 10_000))
          sent(id, event.revision + 1, (event.data as { senderId: string }).senderId);
        return;
      }
      case "limit":
        return target.setFanoutLimit(step.limit);
      case "catchUp":
        return target.catchUp();
      case "restart":
        return target.restart(step);
      default: {
        const id = chosen(played.groups, step.group);
        return id === undefined ? undefined : onGroup(step, id);
      }
    }
  };

  for (const id of users) await commands.register(caller(id), profile(id, `register-${id}`));
  for (const step of steps) {
    const where = "group" in step ? chosen(played.groups, step.group) : undefined;
    let refusal: Refusal | undefined;
    actor = undefined;
    try {
      await run(step);
    } catch (error) {
      refusal = expected(error);
    }
    await watch({ step, by: actor, group: where, refusal });
  }
  await target.catchUp();
  return played;
}

function expected(error: unknown): Refusal {
  if (error instanceof Refusal && error.code !== "UNAVAILABLE" && error.code !== "RATE_LIMITED") return error;
  throw error;
}

/** A message of an archive in a group that is not an archive's. */
function importedMessage(conversationId: string, senderId: string, key: string, index: number): NewEvent {
  const id = eventId(streams.conversation(conversationId), "archive", key, index);
  return {
    id,
    type: "MessageSent",
    data: {
      conversationId,
      senderId,
      clientMutationId: `${key}/${index}`,
      kind: "TEXT",
      topic: null,
      text: "from long ago",
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
      imported: { sentAt: "1999-12-31T23:59:59.999Z" },
    },
    metadata: { $correlationId: id, $causationId: key, actorId: senderId, at: IMPORTED_AT, schema: SCHEMA },
  };
}

/** A program in words, for a failure's report. */
export const inWords = (events: readonly RecordedEvent[]): string =>
  events
    .filter(({ type }) => type !== "UserRegistered" && type !== "HandleClaimed")
    .map(({ position, type, data, metadata }) => `${position.slice(-4)} ${metadata.actorId}: ${type} ${JSON.stringify(data)}`)
    .join("\n");
