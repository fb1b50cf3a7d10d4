import { randomUUID } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { RecordedEvent } from "../../src/ports/eventStore.ts";
import { type Message } from "../support/answers.ts";
import { followInbox } from "../support/followedInbox.ts";
import { seed } from "../support/property.ts";
import { until } from "../support/until.ts";
import { difference, NONE } from "./harness/difference.ts";
import { EVENTSTORE_RESTART, EVENTSTORE_URL, isMark, restartEventStoreDb, tellsOfAnOutage } from "./harness/eventStoreDb.ts";
import { createOutages, type Outages } from "./harness/outages.ts";
import { ask, askBoth, codeOf, oneWins, type Pair, sameOfBoth, seen, startPair, type Twin, twinOf } from "./harness/pair.ts";
import { ENTRY, type Entry } from "./harness/reads.ts";
import { skipped } from "./harness/restart.ts";
import { outagesOr } from "./harness/scenario.ts";
import { checkOrder, wholeLog } from "./harness/wholeLog.ts";
import { type Random, randomOf } from "../support/random.ts";

/*
 * Two servers, each with its own DATA_DIR, on one EventStoreDB, told the same at the same time: it happens once, and both say the
 * same of it. Among the kills are some of EventStoreDB where EVENTSTORE_RESTART does that.
 */

const SENDS = Number(process.env.FAULT_SENDS ?? 3_000);
const KILLS = outagesOr(6);
const PEOPLE = 14;
const READERS = 3;
const MOVERS = 3;
/** Of a group. */
const MEMBERS_MAX = PEOPLE + READERS + MOVERS;
const FANOUT_LIMIT = 6;

const EDITS = 0.05;
const RECALLS = 0.03;
/** A call that comes again, to either server, long after. */
const REPEATS = 0.05;
const CONFLICTS = 0.05;

if (EVENTSTORE_URL === "") skipped("no two servers on one log: it takes EVENTSTORE_URL");

const settings = () => ({
  EVENTSTORE_URL,
  EVENTSTORE_PREFIX: `two-${randomUUID().slice(0, 18)}`,
  FANOUT_LIMIT: String(FANOUT_LIMIT),
  GROUP_MEMBERS_MAX: String(MEMBERS_MAX),
});

describe.skipIf(EVENTSTORE_URL === "")("two servers on one log, told the same at the same time,", () => {
  test.each([0, KILLS])(
    "do it once and say the same of it; %i kills",
    { timeout: 120_000 + SENDS * 30 + KILLS * 30_000 },
    (kills) => sameOnBoth(kills),
  );

  test("register one user once, and give a handle to one", { timeout: 120_000 }, registrations);

  test("make a group once, of one input", { timeout: 120_000 }, groups);

  test("do not let more into a group than it holds", { timeout: 120_000 }, lastPlaces);
});

type Place = { conversationId: string } | { userId: string };
type Sent = { by: Twin; message: Message; input: object; isChanged: boolean };

async function sameOnBoth(kills: number): Promise<void> {
  const began = performance.now();
  const rng = randomOf(seed(`two servers, ${kills} kills`));
  const pair = await startPair(settings());
  const [writers, readers, movers] = await Promise.all([
    people(pair, "w", PEOPLE),
    people(pair, "r", READERS),
    people(pair, "m", MOVERS),
  ]);
  const everyone = [...writers, ...readers, ...movers];
  const { groups: rooms, start } = await makeGroups(writers, readers, rng);

  const followed = [...writers.slice(0, 3), ...readers, ...movers];
  const inboxes = followed.flatMap((twin) =>
    ([pair.one, pair.other] as const).map((server) => ({
      twin,
      reader: followInbox<Entry>({ address: server.address, token: twin.one.token, after: start, selection: ENTRY }),
    })),
  );
  onTestFinished(async () => void (await Promise.all(inboxes.map(({ reader }) => reader.close()))));

  const outages = createOutages({
    sends: SENDS,
    count: kills,
    inFlight: 4,
    rng,
    happen: async (nth) => {
      if (nth % 3 === 0 && EVENTSTORE_RESTART !== "") return restartEventStoreDb();
      const server = nth % 2 === 0 ? pair.one : pair.other;
      await server.kill();
      await server.start();
    },
  });
  const { sent, counts } = await load({ writers, readers, movers, rooms, rng, outages });
  expect(outages.happened).toBe(kills);
  const end = (await lastWords(everyone)).reduce((one, two) => (one > two ? one : two));

  // ---- the same views
  let told = 0;
  for (const { id } of everyone) {
    const [one, other] = await Promise.all([seen(pair.one, id, end), seen(pair.other, id, end)]);
    expect(other.conversations, `conversations of ${id}`).toEqual(one.conversations);
    for (const [conversation, messages] of Object.entries(one.messages)) {
      expect(other.messages[conversation], `what ${id} sees of ${conversation}`).toEqual(messages);
      // Who comes and goes sees what was sent while they were there.
      if (movers.some((mover) => mover.id === id)) continue;
      expect(
        messages.map(({ seq }) => seq),
        `seqs of ${conversation}`,
      ).toEqual(messages.map((_, index) => index + 1));
    }
    expect(other, `all that ${id} sees`).toEqual(one);
    const heard = inboxes.filter(({ twin }) => twin.id === id);
    const synced = one.entries.filter(({ cursor }) => cursor > start);
    for (const { reader } of heard) {
      const last = synced.at(-1)?.cursor ?? "";
      await until(`${id} is told the last`, () => reader.fault !== undefined || (reader.entries.at(-1)?.cursor ?? "") >= last);
      expect(reader.fault).toBeUndefined();
      expect(
        reader.entries.map(({ __typename, cursor }) => `${cursor} ${__typename}`),
        `what ${id} was told`,
      ).toEqual(synced.map(({ __typename, cursor }) => `${cursor} ${__typename}`));
      told += reader.entries.length;
    }
  }

  // ---- and the log itself
  const events = await wholeLog(readConfig({ ...pair.one.environment }));
  const logKilled = kills > 2 && EVENTSTORE_RESTART !== "";
  checkOrder(events, logKilled ? isMark : undefined);
  checkSends(events, sent);
  const faults = [...pair.one.faults(), ...pair.other.faults()];
  expect(logKilled ? faults.filter((line) => !tellsOfAnOutage(line)) : faults).toEqual([]);

  process.stdout.write(
    [
      `two servers: ${sent.size} messages sent to both, ${counts.conflicts} keys with two contents, ${counts.edits} edits and recalls,`,
      `${counts.marks} marks, ${counts.moves} joins and leaves, ${kills} kills; ${events.length} events; ${told} entries told;`,
      `${((performance.now() - began) / 1_000).toFixed(1)} s\n`,
    ].join(" "),
  );
}

type Load = { writers: Twin[]; readers: Twin[]; movers: Twin[]; rooms: string[]; rng: Random; outages: Outages };

async function load({ writers, readers, movers, rooms, rng, outages }: Load) {
  const sent = new Map<string, Sent>();
  const heads = new Map<string, number>();
  const counts = { sends: 0, conflicts: 0, edits: 0, marks: 0, moves: 0 };
  const goesOn = () => counts.sends < SENDS || !outages.areOver;
  const [hot = ""] = rooms;

  const note = (by: Twin, message: Message, input: object): void => {
    expect(sent.has(message.clientMutationId)).toBe(false);
    sent.set(message.clientMutationId, { by, message, input, isChanged: false });
    heads.set(message.conversation.id, Math.max(heads.get(message.conversation.id) ?? 0, message.seq));
    outages.acknowledged();
  };

  const sendTo = async (by: Twin, place: Place): Promise<void> => {
    const clientMutationId = randomUUID();
    const input = { ...place, clientMutationId, text: `${counts.sends} of ${by.id}` };
    if (rng.chance(CONFLICTS)) {
      counts.conflicts++;
      const { payload, input: done } = await oneWins(by, "sendMessage", [input, { ...input, text: `not ${input.text}` }]);
      note(by, payload.message, done);
    } else {
      const { message, cursor } = await sameOfBoth(by, "sendMessage", input);
      expect({ text: message.text, key: message.clientMutationId, cursor }).toEqual({
        text: input.text,
        key: clientMutationId,
        cursor: message.cursor,
      });
      note(by, message, input);
    }
  };

  const write = async (by: Twin): Promise<void> => {
    const peers = rng.some(
      writers.filter((writer) => writer !== by),
      3,
    );
    // Half of all goes to where everyone writes.
    const places: Place[] = [
      ...rooms.slice(1).map((conversationId) => ({ conversationId })),
      ...peers.map(({ id }) => ({ userId: id })),
    ];
    while (goesOn()) {
      counts.sends++;
      await outages.pass(() => sendTo(by, rng.chance(0.5) ? { conversationId: hot } : rng.pick(places)));
      const own = [...sent.values()].filter((message) => message.by === by && !message.isChanged);
      const some = own.length === 0 ? undefined : rng.pick(own);
      if (!some) continue;
      const { conversation, seq } = some.message;
      if (rng.chance(REPEATS)) {
        const { message } = await ask(rng.pick([by.one, by.other]), "sendMessage", { ...some.input });
        expect(message, "a repeat long after").toEqual(some.message);
      }
      if (rng.chance(EDITS)) {
        some.isChanged = true;
        counts.edits++;
        const { message } = await sameOfBoth(by, "editMessage", { conversationId: conversation.id, seq, text: `edited ${seq}` });
        expect(message.text).toBe(`edited ${seq}`);
      } else if (rng.chance(RECALLS)) {
        some.isChanged = true;
        counts.edits++;
        const { message } = await sameOfBoth(by, "recallMessage", { conversationId: conversation.id, seq });
        expect(message.recalledAt).not.toBeNull();
      }
    }
  };

  // Their unread counts move all the time: only what the mark itself says is the same.
  const read = async (by: Twin): Promise<void> => {
    while (goesOn()) {
      const seq = await until("there is something to read", () => heads.get(hot));
      const [one, other] = await askBoth(by, "markRead", { conversationId: hot, seq });
      counts.marks++;
      expect([one.conversation.readSeq, other.conversation.readSeq]).toEqual([seq, seq]);
      await until("there is more to read", () => !goesOn() || (heads.get(hot) ?? 0) > seq + 5);
    }
  };

  const move = async (by: Twin): Promise<void> => {
    for (let isInside = false; goesOn(); isInside = !isInside) {
      counts.moves++;
      const [one, other] = await askBoth(by, isInside ? "leave" : "join", { id: hot });
      expect(other.cursor, `joining or leaving of ${by.id}`).toBe(one.cursor);
      expect(other.conversation.membership).toEqual(one.conversation.membership);
      expect(one.conversation.membership === null).toBe(isInside);
      const at = counts.sends;
      await until("others wrote meanwhile", () => !goesOn() || counts.sends > at + 10);
    }
  };

  await Promise.all([...writers.map(write), ...readers.map(read), ...movers.map(move)]);
  await outages.over;
  expect(sent.size).toBe(counts.sends);
  return { sent, counts };
}

/** Each message is in the log once, where both servers said, and nothing else is. */
function checkSends(events: readonly RecordedEvent[], sent: ReadonlyMap<string, Sent>): void {
  const stored = events
    .filter(({ type }) => type === "MessageSent")
    .map(({ data, stream, revision, position }) => {
      const { conversationId, clientMutationId, text } = data as {
        conversationId: string;
        clientMutationId: string;
        text: string;
      };
      expect(stream).toBe(`conversation-${conversationId}`);
      return { key: clientMutationId, line: `${conversationId} ${revision + 1} ${position} ${clientMutationId} ${text}` };
    })
    .filter(({ key }) => !key.startsWith(LAST_WORD));
  expect(
    difference(
      [...sent.values()].map(
        ({ message: { conversation, seq, cursor, clientMutationId, text } }) =>
          `${conversation.id} ${seq} ${cursor} ${clientMutationId} ${text}`,
      ),
      stored.map(({ line }) => line),
    ),
    "what both servers said, and what is in the log",
  ).toEqual(NONE);
}

const LAST_WORD = "last-word-";

/** All before them is in the views once they are. */
const lastWords = (everyone: readonly Twin[]): Promise<string[]> =>
  Promise.all(
    everyone.map(async (twin, index) => {
      const { id } = everyone[(index + 1) % everyone.length] as Twin;
      const input = { userId: id, text: "the last word", clientMutationId: `${LAST_WORD}${randomUUID()}` };
      return (await sameOfBoth(twin, "sendMessage", input)).message.cursor;
    }),
  );

/** They register on both servers at once. */
const people = async (pair: Pair, name: string, count: number): Promise<Twin[]> => {
  const twins = await Promise.all(Array.from({ length: count }, (_, index) => twinOf(pair, `${name}${index}`)));
  await Promise.all(
    twins.map(async (twin) => {
      const { user } = await sameOfBoth(twin, "register", { handle: `of-${twin.id}`, name: twin.id });
      expect(user).toMatchObject({ id: twin.id, handle: `of-${twin.id}` });
    }),
  );
  return twins;
};

/** The first is one that everyone writes to and anyone may join. */
async function makeGroups(writers: readonly Twin[], readers: readonly Twin[], rng: Random) {
  const [first] = writers as [Twin];
  const made = await Promise.all([
    make(first, [...writers.slice(1), ...readers]),
    ...[3, 5, 8].map(() => make(first, writers.slice(1))),
    make(rng.pick(writers), writers),
  ]);
  return {
    groups: made.map(({ id }) => id),
    start: made.map(({ cursor }) => cursor).reduce((one, two) => (one > two ? one : two)),
  };
}

async function make(by: Twin, members: readonly Twin[]): Promise<{ id: string; cursor: string }> {
  const { conversation, cursor } = await sameOfBoth(by, "createConversation", {
    kind: "GROUP",
    title: `Of ${by.id}`,
    joinPolicy: "OPEN",
    memberIds: members.filter((member) => member !== by).map(({ id }) => id),
  });
  expect(conversation.memberCount).toBe(new Set([by, ...members]).size);
  return { id: conversation.id, cursor };
}

const ROUNDS = 12;
const rounds = Array.from({ length: ROUNDS }, (_, index) => index);

async function registrations(): Promise<void> {
  const pair = await startPair(settings());
  await Promise.all(
    rounds.map(async (round) => {
      // One key, two handles: the one that lost is free again.
      const [twin, next, rival, last] = (await Promise.all(
        ["a", "b", "c", "d"].map((name) => twinOf(pair, `${name}${round}`)),
      )) as [Twin, Twin, Twin, Twin];
      const { lost } = await oneWins(twin, "register", [
        { handle: `left-${round}`, name: "Left" },
        { handle: `right-${round}`, name: "Right" },
      ]);
      await sameOfBoth(next, "register", { handle: lost.handle, name: "Next" });
      // One handle, two users.
      const wanted = { handle: `wanted-${round}`, name: "Wanted" };
      const outcomes = await Promise.allSettled([
        ask(rival.one, "register", { ...wanted, clientMutationId: randomUUID() }),
        ask(last.other, "register", { ...wanted, clientMutationId: randomUUID() }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const loser = outcomes[0].status === "rejected" ? rival : last;
      expect(await codeOf(ask(loser.one, "register", { ...wanted, clientMutationId: randomUUID() }))).toBe("CONFLICT");
      await sameOfBoth(loser, "register", { handle: `other-${round}`, name: "Other" });
    }),
  );
  const events = await wholeLog(readConfig({ ...pair.one.environment }));
  checkOrder(events);
  expect(events.filter(({ type }) => type === "UserRegistered")).toHaveLength(4 * ROUNDS);
}

async function groups(): Promise<void> {
  const pair = await startPair(settings());
  const [ann, bob, cat, dan] = (await people(pair, "p", 4)) as [Twin, Twin, Twin, Twin];
  const group = { kind: "GROUP", title: "Left", memberIds: [bob.id, cat.id] };
  await Promise.all(
    rounds.map(async () => {
      const inputs: [object, object][] = [
        [group, { ...group, title: "Right" }],
        [group, { ...group, memberIds: [bob.id] }],
        [{ ...group, memberIds: [bob.id] }, group],
        [group, { ...group, memberIds: [cat.id, dan.id] }],
      ];
      for (const [left, right] of inputs) {
        const { payload, input } = await oneWins(ann, "createConversation", [{ ...left }, { ...right }]);
        expect(payload.conversation).toMatchObject({
          title: input.title,
          memberCount: 1 + (input.memberIds as string[]).length,
        });
      }
    }),
  );
  const events = await wholeLog(readConfig({ ...pair.one.environment }));
  checkOrder(events);
  expect(events.filter(({ type }) => type === "GroupCreated")).toHaveLength(4 * ROUNDS);
}

async function lastPlaces(): Promise<void> {
  const pair = await startPair({ ...settings(), GROUP_MEMBERS_MAX: "3" });
  const [ann, bob, cat, dan] = (await people(pair, "p", 4)) as [Twin, Twin, Twin, Twin];
  await Promise.all(
    rounds.map(async () => {
      const { id } = await make(ann, [bob]);
      const outcomes = await Promise.allSettled([
        ask(cat.one, "join", { id, clientMutationId: randomUUID() }),
        ask(dan.other, "join", { id, clientMutationId: randomUUID() }),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const refused = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
      expect(refused.reason).toMatchObject({ code: "LIMIT_EXCEEDED" });
    }),
  );
}
