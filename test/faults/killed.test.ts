import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { type Client, followInbox, httpClient, type InboxReader } from "../support/client.ts";
import { seed } from "../support/property.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { random } from "./random.ts";

/*
 * A server that is killed again and again while users write, read, join and leave, on real connections that are cut as well. What is then read of
 * it must be what its users were told, and what a second look says: nothing lost, nothing twice, nothing out of order.
 */

const SENDS = Number(process.env.FAULT_SENDS ?? 20_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 5);
/** A run that hangs ends, too. */
const AT_MOST_MS = 240_000 + SENDS * 15 + KILLS * 20_000;

const WRITERS = 36;
/** Sends of one writer at the same time. */
const LANES = 2;
const MOVERS = 6;
const SUBSCRIBERS = 18;
const FANOUT_LIMIT = 8;
/** Sends that come twice: half of them at once, half later. */
const REPEATED = 0.05;
const MARKS = 0.03;
const ANNOTATIONS = 0.01;
/** Connections cut, by acknowledgements. */
const CUTS = 0.02;

type Sent = { cursor: string; message: { id: string; seq: number; cursor: string; clientMutationId: string; sentAt: string } };
type Call = { by: User; conversationId?: string; userId?: string; clientMutationId: string; text: string };
type Message = {
  id: string;
  seq: number;
  cursor: string;
  clientMutationId: string;
  text: string | null;
  sender: { id: string };
  editedAt: string | null;
  recalledAt: string | null;
};
type Entry = {
  __typename: string;
  cursor: string;
  message?: { id: string; seq: number; clientMutationId: string; cursor: string; conversation: { id: string } };
  conversation?: { id: string };
  user?: { id: string };
  change?: string;
  membership?: string;
  readSeq?: number;
};
/** From and to, as cursors; open where there is no `to`. */
type Stay = { from: string; to?: string };

const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) {
      cursor
      message {
        id
        seq
        cursor
        clientMutationId
        sentAt
      }
    }
  }
`;

const ENTRY = /* GraphQL */ `
  ... on MessageReceived {
    message {
      ...Told
    }
  }
  ... on MessageChanged {
    change
    message {
      ...Told
    }
  }
  ... on ReadMoved {
    readSeq
    conversation {
      id
    }
  }
  ... on MembershipChanged {
    membership: change
    conversation {
      id
    }
    user {
      id
    }
  }
`.replaceAll("...Told", "id seq clientMutationId cursor conversation { id }");

const directOf = (one: string, other: string): string => `d:${[one, other].sort().join("~")}`;

type User = { id: string; client: Client; token: string };

test(`${SENDS} sends and ${KILLS} kills`, { timeout: AT_MOST_MS }, async () => {
  const began = performance.now();
  const chosen = seed("killed servers");
  const rng = random(chosen);
  const server = await startServer({ settings: { FANOUT_LIMIT: String(FANOUT_LIMIT), LOG_LEVEL: "warn" }, ready: false });
  onTestFinished(() => server.remove());
  const lost = { noAnswer: 0, notNow: 0 };

  const userOf = async (id: string): Promise<User> => {
    const token = await server.token(id);
    const retried = (fault: unknown) => void (fault === undefined ? lost.noAnswer++ : lost.notNow++);
    return { id, token, client: httpClient({ address: server.address, token, retried }) };
  };
  const named = (name: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => userOf(`${name}${String(index).padStart(2, "0")}`)));
  const writers = await named("w", WRITERS);
  const movers = await named("m", MOVERS);
  const everyone = [...writers, ...movers];
  await Promise.all(everyone.map(register));

  // ---- where they write: groups of few, who are each told on write, of many, who are told on read, and of just about as many as the limit
  const groups = await Promise.all([
    ...[3, 4, 5, 6, 8, 8].map((size) => makeGroup(rng.some(writers, size))),
    ...[FANOUT_LIMIT - 1, FANOUT_LIMIT - 1, FANOUT_LIMIT].map((size) => makeGroup(rng.some(writers, size))),
    ...[12, 20, WRITERS].map((size) => makeGroup(rng.some(writers, size))),
  ]);
  const start = groups.map(({ cursor }) => cursor).reduce((one, other) => (one > other ? one : other));
  /** Everyone's stays in each group, by user. */
  const stays = new Map(
    groups.map(({ id, members }) => [id, new Map(members.map((member): [string, Stay[]] => [member, [{ from: start }]]))]),
  );
  const pairs = Array.from({ length: WRITERS * 2 }, () => rng.some(writers, 2) as [User, User]);

  /** What each writer may write to. */
  const places = new Map(
    writers.map((writer) => [
      writer.id,
      [
        ...groups.filter(({ members }) => members.includes(writer.id)).map(({ id }) => ({ conversationId: id })),
        ...pairs.filter((pair) => pair.includes(writer)).map(([one, other]) => toPeer(one === writer ? other : one)),
      ],
    ]),
  );
  for (const writer of writers) if (places.get(writer.id)?.length === 0) places.set(writer.id, [toPeer(rng.pick(movers))]);

  // ---- who listens
  const subscribers = [...rng.some(writers, SUBSCRIBERS), ...movers];
  const readers = new Map<string, InboxReader<Entry>>(
    subscribers.map((user) => [
      user.id,
      followInbox<Entry>({
        address: server.address,
        token: user.token,
        after: start,
        selection: ENTRY,
        keepCaughtUp: () => rng.chance(0.3),
      }),
    ]),
  );
  onTestFinished(async () => void (await Promise.all([...readers.values()].map((reader) => reader.close()))));

  // ---- what was acknowledged
  const acknowledged = new Map<string, { call: Call; answer: Sent }>();
  const byConversation = new Map<string, { seq: number; call: Call }[]>();
  const marks = new Map<string, number>();
  const recalled = new Map<string, Set<number>>();
  const changed = new Set<string>();
  const later: Call[] = [];
  const killPoints = Array.from({ length: KILLS }, () => rng.int(Math.ceil(SENDS * 0.03), Math.floor(SENDS * 0.97))).sort(
    (a, b) => a - b,
  );
  let inFlight = 0;
  let kills = 0;
  let repeats = 0;
  let restarts: Promise<void> = Promise.resolve();

  const send = async (call: Call): Promise<Sent> => {
    const { by, ...input } = call;
    inFlight++;
    try {
      const { sendMessage: answer } = await by.client.ask<{ sendMessage: Sent }>(SEND, { input });
      const before = acknowledged.get(call.clientMutationId);
      if (before) expect(answer, `a repeat of ${call.clientMutationId}`).toEqual(before.answer);
      else acknowledge(call, answer);
      return answer;
    } finally {
      inFlight--;
    }
  };

  const acknowledge = (call: Call, answer: Sent): void => {
    acknowledged.set(call.clientMutationId, { call, answer });
    const conversation = conversationOf(call);
    const list = byConversation.get(conversation) ?? [];
    byConversation.set(conversation, list);
    list.push({ seq: answer.message.seq, call });
    mark(call.by, conversation, answer.message.seq);
    if (rng.chance(CUTS)) readers.get(rng.pick(subscribers).id)?.cut();
    while (killPoints.length > 0 && acknowledged.size >= (killPoints[0] ?? 0)) {
      killPoints.shift();
      restarts = restarts.then(killAndRestart);
    }
  };

  const killAndRestart = async (): Promise<void> => {
    await until("sends are in flight", () => inFlight > LANES);
    kills++;
    await server.kill();
    // Every third time it is killed while it starts, too.
    if (kills % 3 === 0) {
      await server.start();
      await server.kill();
    }
    await server.start();
  };

  const mark = (user: User, conversation: string, seq: number): void => {
    const key = `${user.id} ${conversation}`;
    marks.set(key, Math.max(marks.get(key) ?? 0, seq));
  };

  const readUpTo = async (user: User, conversationId: string, seq: number): Promise<void> => {
    await user.client.ask(
      /* GraphQL */ `
        mutation Read($input: MarkReadInput!) {
          markRead(input: $input) {
            cursor
          }
        }
      `,
      { input: { clientMutationId: randomUUID(), conversationId, seq } },
    );
    mark(user, conversationId, seq);
  };

  const annotate = async (user: User, conversationId: string, seq: number): Promise<void> => {
    const key = `${conversationId}:${seq}`;
    if (changed.has(key)) return;
    changed.add(key);
    const input = { clientMutationId: randomUUID(), conversationId, seq };
    if (rng.chance(0.5)) {
      await user.client.ask(`mutation Edit($input: EditMessageInput!) { editMessage(input: $input) { cursor } }`, {
        input: { ...input, text: `edited ${key}` },
      });
    } else {
      await user.client.ask(`mutation Recall($input: MessageInput!) { recallMessage(input: $input) { cursor } }`, { input });
      recalled.set(conversationId, (recalled.get(conversationId) ?? new Set()).add(seq));
    }
  };

  // ---- writing
  let begun = 0;
  const write = async (writer: User): Promise<void> => {
    while (begun < SENDS) {
      begun++;
      const to = rng.pick(places.get(writer.id) ?? []);
      const call: Call = { by: writer, ...to, clientMutationId: randomUUID(), text: `${begun} of ${writer.id}` };
      const repeated = rng.chance(REPEATED);
      if (repeated) repeats++;
      if (repeated && rng.chance(0.5)) {
        const [one, other] = await Promise.all([send(call), send(call)]);
        expect(other).toEqual(one);
      } else {
        await send(call);
        if (repeated) later.push(call);
      }
      if (later.length > 20 && rng.chance(0.3)) await send(later.splice(rng.int(0, later.length - 1), 1)[0] as Call);
      const conversation = conversationOf(call);
      const known = byConversation.get(conversation) ?? [];
      if (rng.chance(MARKS)) await readUpTo(writer, conversation, rng.pick(known).seq);
      const own = known.filter(({ call: { by } }) => by === writer);
      if (rng.chance(ANNOTATIONS) && own.length > 0) await annotate(writer, conversation, rng.pick(own).seq);
    }
  };

  // ---- joining and leaving meanwhile
  let moves = 0;
  const move = async (mover: User): Promise<void> => {
    const inside = new Set<string>();
    while (begun < SENDS) {
      const { id } = rng.pick(groups);
      const of = stays.get(id) as Map<string, Stay[]>;
      const mine = of.get(mover.id) ?? [];
      of.set(mover.id, mine);
      moves++;
      if (inside.has(id)) {
        const { leave } = await mover.client.ask<{ leave: { cursor: string } }>(
          `mutation Leave($input: NodeInput!) { leave(input: $input) { cursor } }`,
          { input: { clientMutationId: randomUUID(), id } },
        );
        inside.delete(id);
        const last = mine.at(-1);
        if (last) last.to = leave.cursor;
      } else {
        const { join } = await mover.client.ask<{ join: { cursor: string } }>(
          `mutation Join($input: JoinInput!) { join(input: $input) { cursor } }`,
          { input: { clientMutationId: randomUUID(), id } },
        );
        inside.add(id);
        mine.push({ from: join.cursor });
      }
      for (let count = rng.int(0, 6); count > 0 && begun < SENDS && inside.has(id); count--) {
        begun++;
        await send({ by: mover, conversationId: id, clientMutationId: randomUUID(), text: `${begun} of ${mover.id}` });
      }
    }
  };

  const lanes = writers.flatMap((writer) => Array.from({ length: LANES }, () => write(writer)));
  const finished = Promise.all([...lanes, ...movers.map(move)]);
  // A fault of one must not wait for the others.
  finished.catch(() => undefined);
  await finished;
  await restarts;
  await Promise.all(later.map(send));
  expect(kills).toBe(KILLS);
  expect(acknowledged.size).toBe(SENDS);
  const wrote = performance.now();

  // ---- a last word to each subscriber: all before it has been told once it comes
  const lastWords = new Map<string, string>();
  const say = async (user: User): Promise<void> => {
    const by = writers.find((writer) => writer !== user) as User;
    const answer = await send({ by, userId: user.id, clientMutationId: randomUUID(), text: "the last word" });
    lastWords.set(user.id, answer.message.cursor);
  };
  await Promise.all(subscribers.map(say));
  const end = [...lastWords.values()].reduce((one, other) => (one > other ? one : other));

  // ---- the conversations: dense, and what was acknowledged at the place that was acknowledged
  const timelines = new Map<string, Message[]>();
  for (const [conversation, list] of byConversation) {
    // A mover sees only what was sent while they were there.
    const owner = groups.find(({ id }) => id === conversation)?.members[0];
    const reader = writers.find(({ id }) => id === owner) ?? list[0]?.call.by;
    if (reader) timelines.set(conversation, await timeline(reader, conversation, end));
  }
  const everyMessage = [...timelines].flatMap(([conversation, list]) => list.map((message) => ({ conversation, ...message })));
  for (const [conversation, list] of timelines) {
    expect(
      list.map(({ seq }) => seq),
      `seqs of ${conversation}`,
    ).toEqual(list.map((_, index) => index + 1));
    expect(
      [...list].sort((one, other) => (one.cursor < other.cursor ? -1 : 1)),
      `order of ${conversation}`,
    ).toEqual(list);
  }
  expect(new Set(everyMessage.map(({ clientMutationId }) => clientMutationId)).size).toBe(everyMessage.length);
  for (const [conversation, list] of byConversation) {
    const expected = list.sort((one, other) => one.seq - other.seq).map(({ seq, call }) => `${seq} ${call.clientMutationId}`);
    const found = timelines.get(conversation)?.map(({ seq, clientMutationId }) => `${seq} ${clientMutationId}`);
    expect(found, `messages of ${conversation}`).toEqual(expected);
  }
  for (const { conversation, ...message } of everyMessage) {
    const told = acknowledged.get(message.clientMutationId);
    expect(told, `an unknown message ${message.id}`).toBeDefined();
    if (!told) continue;
    const { answer, call } = told;
    expect(conversation).toBe(conversationOf(call));
    expect({ id: message.id, seq: message.seq, cursor: message.cursor }).toEqual({
      id: answer.message.id,
      seq: answer.message.seq,
      cursor: answer.message.cursor,
    });
    expect(message.sender.id).toBe(call.by.id);
    const isRecalled = recalled.get(conversation)?.has(message.seq) ?? false;
    expect(message.recalledAt !== null).toBe(isRecalled);
    if (!changed.has(`${conversation}:${message.seq}`)) expect(message.text).toBe(call.text);
    else if (!isRecalled) expect(message.text).toBe(`edited ${conversation}:${message.seq}`);
  }

  // ---- who came and went sees what was sent while they were there, and nothing else
  for (const mover of movers) {
    for (const { id } of groups) {
      if (!stays.get(id)?.has(mover.id)) continue;
      const list = timelines.get(id) ?? [];
      const seen = list.filter(({ cursor }) => wasThere(mover, id, cursor));
      expect(await timeline(mover, id, end), `what ${mover.id} sees of ${id}`).toEqual(seen);
    }
  }

  // ---- what each subscriber was told: what `sync` says, and, of messages, what was sent while they were there
  let told = 0;
  for (const user of subscribers) {
    const reader = readers.get(user.id) as InboxReader<Entry>;
    const lastWord = lastWords.get(user.id) ?? "";
    await until(
      `${user.id} is told the last word`,
      () => reader.fault !== undefined || (reader.entries.at(-1)?.cursor ?? "") >= lastWord,
      60_000,
    );
    expect(reader.fault).toBeUndefined();
    await reader.close();
    const synced = await sync(user, start, end);
    const heard = [...reader.entries];
    expect(
      heard.map(({ cursor }) => cursor),
      `cursors of ${user.id}`,
    ).toEqual(synced.map(({ cursor }) => cursor));
    expect(heard, `entries of ${user.id}`).toEqual(synced);
    const messages = everyMessage
      .filter(({ conversation, cursor }) => wasThere(user, conversation, cursor))
      .sort((one, other) => (one.cursor < other.cursor ? -1 : 1));
    expect(
      heard.flatMap(({ __typename, message }) => (__typename === "MessageReceived" ? (message?.id ?? "?") : [])),
      `messages of ${user.id}`,
    ).toEqual(messages.map(({ id }) => id));
    told += heard.length;
  }

  // ---- and what is unread, of everyone everywhere
  let counted = 0;
  for (const user of everyone) {
    for (const conversation of await conversations(user, end)) {
      const list = timelines.get(conversation.id) ?? [];
      const joined = stays.get(conversation.id)?.get(user.id)?.at(-1);
      const mine = marks.get(`${user.id} ${conversation.id}`) ?? 0;
      const gone = recalled.get(conversation.id);
      const unread = list.filter(({ seq, cursor }) => seq > mine && cursor > (joined?.from ?? "") && !gone?.has(seq));
      expect(conversation, `${conversation.id} of ${user.id}`).toMatchObject({
        lastSeq: list.length,
        readSeq: mine,
        unreadCount: unread.length,
      });
      counted++;
    }
  }

  // ---- the same after an orderly end
  const some = subscribers[0] as User;
  const before = await sync(some, start, end);
  expect(await server.stop()).toBe(0);
  await server.start();
  expect(await sync(some, start, end)).toEqual(before);
  expect(server.faults()).toEqual([]);

  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const connections = [...readers.values()].reduce((sum, { counts }) => sum + counts.connections, 0);
  process.stdout.write(
    [
      `${acknowledged.size} messages in ${timelines.size} conversations, ${repeats} repeated, ${kills} kills, ${moves} joins and leaves;`,
      `${lost.noAnswer} calls without an answer and ${lost.notNow} told to wait, all made again;`,
      `${told} entries to ${subscribers.length} subscribers over ${connections} connections; ${counted} unread counts;`,
      `${seconds(wrote - began)} writing, ${seconds(performance.now() - began)} in all\n`,
    ].join(" "),
  );

  function toPeer({ id }: User) {
    return { userId: id };
  }

  function conversationOf({ by, conversationId, userId = "" }: Call): string {
    return conversationId ?? directOf(by.id, userId);
  }

  /** Whether someone is to be told of a message at that place of the log. */
  function wasThere({ id }: User, conversation: string, cursor: string): boolean {
    if (conversation.startsWith("d:")) return conversation.slice(2).split("~").includes(id);
    return (stays.get(conversation)?.get(id) ?? []).some(({ from, to }) => cursor > from && (to === undefined || cursor < to));
  }

  async function register({ id, client }: User): Promise<void> {
    await client.ask(`mutation Register($input: RegisterInput!) { register(input: $input) { cursor } }`, {
      input: { clientMutationId: randomUUID(), handle: id, name: id },
    });
  }

  async function makeGroup(members: readonly User[]) {
    const [owner, ...others] = members as [User, ...User[]];
    const { createConversation } = await owner.client.ask<{
      createConversation: { cursor: string; conversation: { id: string } };
    }>(
      /* GraphQL */ `
        mutation Create($input: CreateConversationInput!) {
          createConversation(input: $input) {
            cursor
            conversation {
              id
            }
          }
        }
      `,
      {
        input: {
          clientMutationId: randomUUID(),
          kind: "GROUP",
          title: `Of ${members.length}`,
          joinPolicy: "OPEN",
          memberIds: others.map(({ id }) => id),
        },
      },
    );
    const { cursor, conversation } = createConversation;
    return { id: conversation.id, cursor, members: members.map(({ id }) => id) };
  }

  async function timeline(reader: User, conversation: string, atLeast: string): Promise<Message[]> {
    const all: Message[] = [];
    for (let before: string | null = null; ;) {
      type Page = {
        edges: { cursor: string; node: Message }[];
        pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
      };
      const page: Page = await messagesOf(before);
      expect(page.edges.map(({ cursor }) => cursor)).toEqual(page.edges.map(({ node }) => String(node.seq)));
      all.unshift(...page.edges.map(({ node }) => node));
      if (!page.pageInfo.hasPreviousPage) return all;
      before = page.pageInfo.startCursor;

      async function messagesOf(upTo: string | null): Promise<Page> {
        const answer = await reader.client.ask<{ conversation: { messages: Page } }>(
          /* GraphQL */ `
            query Timeline($id: ID!, $before: String, $last: Int, $atLeast: Cursor) {
              conversation(id: $id, atLeast: $atLeast) {
                messages(last: $last, before: $before) {
                  edges {
                    cursor
                    node {
                      id
                      seq
                      cursor
                      clientMutationId
                      text
                      editedAt
                      recalledAt
                      sender {
                        id
                      }
                    }
                  }
                  pageInfo {
                    hasPreviousPage
                    startCursor
                  }
                }
              }
            }
          `,
          { id: conversation, before: upTo, last: rng.int(90, 100), atLeast },
        );
        return answer.conversation.messages;
      }
    }
  }

  async function sync({ client }: User, from: string, atLeast: string): Promise<Entry[]> {
    type Page = { entries: Entry[]; cursor: string; hasMore: boolean; resetRequired: boolean };
    const all: Entry[] = [];
    for (let after = from; ;) {
      const { viewer } = await client.ask<{ viewer: { sync: Page } }>(
        `query Sync($after: Cursor, $limit: Int, $atLeast: Cursor) {
          viewer { sync(after: $after, limit: $limit, atLeast: $atLeast) { entries { __typename cursor ${ENTRY} } cursor hasMore resetRequired } }
        }`,
        { after, limit: rng.int(100, 500), atLeast },
      );
      expect(viewer.sync.resetRequired).toBe(false);
      all.push(...viewer.sync.entries);
      after = viewer.sync.cursor;
      if (!viewer.sync.hasMore) return all;
    }
  }

  async function conversations({ client }: User, atLeast: string) {
    type Conversation = { id: string; lastSeq: number; readSeq: number; unreadCount: number };
    type Page = { edges: { node: Conversation }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    const all: Conversation[] = [];
    for (let after: string | null = null; ;) {
      const answer: { viewer: { conversations: Page } } = await client.ask(
        /* GraphQL */ `
          query List($after: String, $atLeast: Cursor) {
            viewer {
              conversations(first: 50, after: $after, atLeast: $atLeast) {
                edges {
                  node {
                    id
                    lastSeq
                    readSeq
                    unreadCount
                  }
                }
                pageInfo {
                  hasNextPage
                  endCursor
                }
              }
            }
          }
        `,
        { after, atLeast },
      );
      const { edges, pageInfo } = answer.viewer.conversations;
      all.push(...edges.map(({ node }) => node));
      if (!pageInfo.hasNextPage) return all;
      after = pageInfo.endCursor;
    }
  }
});
