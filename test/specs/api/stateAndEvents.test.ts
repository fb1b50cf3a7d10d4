import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Connection,
  type Conversation,
  type Entry,
  type Member,
  MEMBER,
  type Message,
  PAGE_INFO,
} from "../../support/answers.ts";
import { type Client, pages, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { followInbox } from "../../support/followedInbox.ts";
import { Refused } from "../../support/http.ts";
import { seed } from "../../support/property.ts";
import { randomOf } from "../../support/random.ts";
import { until } from "../../support/until.ts";

/*
 * What a client lives by: the state that it fetched and the events that it missed are what it would fetch now. Many do at random
 * whatever may be done, while clients come, fetch what there is, and follow by sync, by sync in small pages, and over sockets
 * that are cut again and again.
 */

const NAMES = ["ann", "bob", "cat", "dan", "eve", "fay"];
const STEPS = 500;
const AT_ONCE = 4;

/** What a client shows of one conversation. */
type Shown = {
  members: Set<string>;
  messages: Map<number, Pick<Message, "seq" | "text" | "recalledAt" | "editedAt"> & { sender: string }>;
  readSeq: number;
  joinedSeq: number;
};
type State = Map<string, Shown>;

const MEMBERS = `query ($id: ID!, $after: String) { conversation(id: $id) { members(first: 100, after: $after) {
  edges { cursor node { ...MemberParts } } pageInfo { ...PageParts } } } } ${MEMBER} ${PAGE_INFO}`;

const membersOf = (client: Client, id: string) =>
  pages<Member>(async (after) => {
    const { conversation } = await client.ask<{ conversation: { members: Connection<Member> } }>(MEMBERS, { id, after });
    return conversation.members;
  });

const shownMessage = ({ seq, text, recalledAt, editedAt, sender }: Message) => ({
  seq,
  text,
  recalledAt,
  editedAt,
  sender: sender.id,
});

async function show(client: Client, { id, readSeq, membership }: Conversation): Promise<Shown> {
  const [members, messages] = await Promise.all([
    membersOf(client, id),
    pages((after) => client.messages(id, { first: 100, after })),
  ]);
  return {
    members: new Set(members.map(({ user }) => user.id)),
    messages: new Map(messages.map((message) => [message.seq, shownMessage(message)])),
    readSeq,
    joinedSeq: membership?.joinedSeq ?? 0,
  };
}

/** All conversations with all that is in them, true as of the cursor, or a little later. */
async function fetchAll(client: Client, atLeast?: string): Promise<{ state: State; cursor: string }> {
  const first = await client.conversations({ first: 2, ...(atLeast === undefined ? {} : { atLeast }) });
  const rest = first.pageInfo.hasNextPage
    ? await pages((after) => client.conversations({ first: 2, after: after ?? first.pageInfo.endCursor }))
    : [];
  const state: State = new Map();
  for (const conversation of [...first.edges.map(({ node }) => node), ...rest])
    state.set(conversation.id, await show(client, conversation));
  return { state, cursor: first.cursor };
}

/** Lets one entry change the state, as a client would: what has just been joined is fetched. */
async function apply(state: State, client: Client, entry: Entry): Promise<void> {
  switch (entry.__typename) {
    case "MessageReceived": {
      const { conversation, seq, sender } = entry.message;
      const shown = state.get(conversation.id);
      if (!shown) {
        const fetched = await client.conversation(conversation.id);
        if (fetched?.membership) state.set(conversation.id, await show(client, fetched));
        return;
      }
      shown.messages.set(seq, shownMessage(entry.message));
      if (sender.id === client.id) shown.readSeq = Math.max(shown.readSeq, seq);
      return;
    }
    case "MessageChanged":
      state.get(entry.message.conversation.id)?.messages.set(entry.message.seq, shownMessage(entry.message));
      return;
    case "ReadMoved": {
      const shown = state.get(entry.conversation.id);
      if (shown) shown.readSeq = Math.max(shown.readSeq, entry.readSeq);
      return;
    }
    case "MembershipChanged": {
      const { conversation, user, membershipChange } = entry;
      if (user.id === client.id && membershipChange === "JOINED") {
        const fetched = await client.conversation(conversation.id);
        if (fetched?.membership) state.set(conversation.id, await show(client, fetched));
      } else if (user.id === client.id && membershipChange !== "ROLE_CHANGED") {
        state.delete(conversation.id);
      } else if (membershipChange === "JOINED") {
        state.get(conversation.id)?.members.add(user.id);
      } else if (membershipChange !== "ROLE_CHANGED") {
        state.get(conversation.id)?.members.delete(user.id);
      }
      return;
    }
    default:
      throw new Error(`${entry.__typename} among the entries`);
  }
}

/**
 * Whether an entry is told for ever to whom it was told once. The one that is not: that an old message changed, which is seen
 * only because the history is open to members, is told to none but those who are members when they ask.
 */
function lasting(client: Client, open: ReadonlySet<string>, entries: readonly Entry[]): (entry: Told) => boolean {
  const left = new Set(
    entries.flatMap((entry) =>
      entry.__typename === "MembershipChanged" && entry.user.id === client.id && entry.membershipChange !== "ROLE_CHANGED"
        ? [entry.conversation.id]
        : [],
    ),
  );
  return ({ __typename, message }) => {
    const conversation = message?.conversation.id ?? "";
    return !(__typename === "MessageChanged" && open.has(conversation) && left.has(conversation));
  };
}

type Told = { __typename: string; cursor: string; message?: { conversation: { id: string } } };

/** As plain data, with what a client counts itself. */
const plain = (state: State, user: string) =>
  Object.fromEntries(
    [...state]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, { members, messages, readSeq, joinedSeq }]) => {
        const unread = [...messages.values()].filter(
          ({ seq, sender, recalledAt }) => seq > Math.max(readSeq, joinedSeq) && sender !== user && recalledAt === null,
        );
        const sorted = [...messages.values()].sort((one, other) => one.seq - other.seq);
        return [id, { members: [...members].sort(), messages: sorted, readSeq, unread: unread.length }];
      }),
  );

describe.each(["100", "3"])("state and events, with a fan-out limit of %s", (limit) => {
  let server: ApiServer;
  let everyone: Client[];
  beforeAll(async () => {
    server = await apiServer({ FANOUT_LIMIT: limit });
    everyone = await registeredAll(server, ...NAMES);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("what was fetched and what was missed is what would be fetched now", { timeout: 120_000 }, async () => {
    const { next, below, pick } = randomOf(seed(`state and events, fan-out limit ${limit}`));

    const groups: string[] = [];
    const open = new Set<string>();
    for (const [index, more] of [{}, {}, { historyVisible: true }, { public: true }].entries()) {
      const { conversation } = await pick(everyone).act("createConversation", {
        kind: "GROUP",
        title: `Group ${index}`,
        joinPolicy: "OPEN",
        memberIds: NAMES.filter(() => next() < 0.5),
        ...more,
      });
      groups.push(conversation.id);
      if (conversation.historyVisible) open.add(conversation.id);
    }
    const heads = new Map<string, number>();
    let newest = "";

    const step = async (): Promise<void> => {
      const [client, other] = [pick(everyone), pick(everyone)];
      const conversationId = next() < 0.2 && client !== other ? `d:${[client.id, other.id].sort().join("~")}` : pick(groups);
      const inGroup = { conversationId: conversationId.startsWith("g:") ? conversationId : pick(groups) };
      const seq = 1 + below(heads.get(conversationId) ?? 1);
      const text = `text ${below(1_000_000)}`;
      const what = next();
      const call =
        what < 0.45
          ? client.act("sendMessage", { conversationId, text, ...(next() < 0.2 ? { replyTo: seq } : {}) })
          : what < 0.55
            ? client.act("editMessage", { conversationId, seq, text })
            : what < 0.62
              ? client.act("recallMessage", { conversationId, seq })
              : what < 0.74
                ? client.act("markRead", { conversationId, seq })
                : what < 0.82
                  ? client.act("join", { id: inGroup.conversationId })
                  : what < 0.89
                    ? client.act("leave", { id: inGroup.conversationId })
                    : what < 0.93
                      ? client.act("addMembers", { ...inGroup, userIds: [other.id] })
                      : what < 0.97
                        ? client.act("removeMembers", { ...inGroup, userIds: [other.id] })
                        : client.act("setRole", { ...inGroup, userId: other.id, role: pick(["ADMIN", "MEMBER"]) });
      try {
        const answer = await call;
        if (answer.cursor > newest) newest = answer.cursor;
        if ("message" in answer) {
          const { conversation, seq: sent } = answer.message;
          heads.set(conversation.id, Math.max(sent, heads.get(conversation.id) ?? 0));
        }
      } catch (error) {
        // Many may not do what chance has them do.
        if (!(error instanceof Refused) || !["FORBIDDEN", "NOT_FOUND", "CONFLICT", "BAD_INPUT"].includes(error.code ?? ""))
          throw error;
      }
    };

    type Follower = {
      client: Client;
      state: State;
      cursor: string;
      paged: Entry[];
      socket: ReturnType<typeof followInbox<Told>>;
    };
    const followers: Follower[] = [];
    let isOver = false;
    const paging: Promise<void>[] = [];
    const follow = async (client: Client): Promise<void> => {
      const { state, cursor } = await fetchAll(client);
      const socket = followInbox<Told>({
        address: () => server.address,
        token: client.token,
        after: cursor,
        selection:
          "... on MessageReceived { message { conversation { id } } } ... on MessageChanged { message { conversation { id } } }",
        keepCaughtUp: () => next() < 0.5,
      });
      const follower: Follower = { client, state, cursor, paged: [], socket };
      followers.push(follower);
      paging.push(
        (async () => {
          for (let after = cursor; ;) {
            const wasOver = isOver;
            const page = await client.sync(after, { limit: 1 + below(5), ...(wasOver ? { atLeast: newest } : {}) });
            expect(page.resetRequired).toBe(false);
            follower.paged.push(...page.entries);
            after = page.cursor;
            if (wasOver && !page.hasMore) return;
            // Asked all the time, they would leave nothing of the processors to those who write.
            if (!page.hasMore) await until("there is more", () => isOver || newest > after);
          }
        })(),
      );
    };

    let done = 0;
    const worker = async (): Promise<void> => {
      while (done < STEPS) {
        done += 1;
        if (done % (STEPS / 10) === 0) await follow(pick(everyone));
        if (next() < 0.05 && followers.length > 0) pick(followers).socket.cut();
        await step();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    isOver = true;
    await Promise.all(paging);

    expect(followers).toHaveLength(10);
    for (const { client, state, cursor, paged, socket } of followers) {
      const missed = (await client.syncAll(cursor, { atLeast: newest })).entries;
      const isLasting = lasting(client, open, missed);
      const expected = missed.filter(isLasting).map((entry) => entry.cursor);
      const places = (entries: readonly Told[]) => entries.filter(isLasting).map((entry) => entry.cursor);
      expect(places(paged)).toEqual(expected);
      await until("the socket has told all", () => {
        if (socket.fault) throw socket.fault;
        return expected.length === 0 || socket.entries.some((entry) => entry.cursor === expected[expected.length - 1]);
      });
      await socket.close();
      expect(places(socket.entries)).toEqual(expected);
      for (const entry of missed) await apply(state, client, entry);
      const { state: now } = await fetchAll(client, newest);
      expect(plain(state, client.id)).toEqual(plain(now, client.id));
      // And what the server counts is what the client counts.
      for (const { node } of (await client.conversations({ first: 100 })).edges) {
        const counted = plain(now, client.id)[node.id];
        expect({ id: node.id, unread: node.unreadCount, members: node.memberCount }).toEqual({
          id: node.id,
          unread: counted?.unread,
          members: counted?.members.length,
        });
      }
    }
  });
});
