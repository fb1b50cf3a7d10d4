import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Fault } from "../../support/chokes.ts";
import { type Client, clientOf } from "../../support/client.ts";
import { followInbox, type InboxReader } from "../../support/followedInbox.ts";
import type { Answer } from "../../support/http.ts";
import { type Random } from "../../support/random.ts";
import type { Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { act, editMessage, type Group, makeGroup, register, type Sent } from "./calls.ts";
import { heldBy } from "./checks.ts";
import { sendAndNote } from "./load.ts";
import { people } from "./people.ts";
import { ENTRY, type Entry, sync } from "./reads.ts";
import type { Scene } from "./scene.ts";

/*
 * A few people beside the load, and what they do that projections choke on: an edit, a removal, a block, and a message that
 * inboxes and search cannot take.
 */

export type Stuck = {
  /** What the projections choke on, of what `happen` does. */
  faults: readonly Fault[];
  happen(): Promise<void>;
  /** While it is parked: what waits, what is refused, and what goes on. */
  checkParked(): Promise<void>;
  /** Once it is healed: all is as if it had never been parked, and no cursor from in between is of use. */
  checkHealed(): Promise<void>;
  /** How many messages they have sent. */
  sent(): number;
};

const SEND = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor } }";
const REMOVE = "mutation ($input: MembersInput!) { removeMembers(input: $input) { cursor } }";
const TEXTS = "query ($id: ID!) { conversation(id: $id) { messages(last: 10) { edges { node { text } } } } }";
const SYNC = "query ($after: Cursor) { viewer { sync(after: $after) { resetRequired entries { cursor } } } }";
const SEARCH = "query ($text: String!) { searchMessages(query: { text: $text }) { edges { node { message { text } } } } }";

/** `name`: of these people; nobody else begins so. */
export async function stuckPeople(server: Server, scene: Scene, rng: Random, name: string): Promise<Stuck> {
  const all = await people(server, name, 4, scene.repeats);
  const [ann, bob, cay, dan] = all as [Client, Client, Client, Client];
  await Promise.all(all.map(register));
  const [edited, left, unheard] = (await Promise.all([1, 2, 3].map(() => makeGroup([ann, bob, cay])))) as [Group, Group, Group];
  const start = [edited, left, unheard].map(({ cursor }) => cursor).reduce((one, other) => (one > other ? one : other));
  const words = `chokes${name}`;

  /** Impatient ones: they take the first answer. */
  const once = new Map(await Promise.all(all.map(async ({ id }) => [id, await clientOf(server, id)] as const)));
  const post = (by: Client, query: string, variables: object): Promise<Answer<unknown>> =>
    (once.get(by.id) as Client).post(query, { ...variables });
  const codeOf = async (by: Client, query: string, variables: object): Promise<string | undefined> =>
    (await post(by, query, variables)).errors?.[0]?.extensions.code;
  const trySend = (by: Client, to: object): Promise<string | undefined> =>
    codeOf(by, SEND, { input: { clientMutationId: randomUUID(), text: "tried", ...to } });
  let sent = 0;
  const say = (by: Client, to: object, text: string): Promise<Sent> => {
    sent++;
    return sendAndNote(scene, { by, ...to, clientMutationId: randomUUID(), text });
  };

  let first: { call: Parameters<typeof sendAndNote>[1]; answer: Sent };
  let between = "";
  let reader: InboxReader<Entry>;
  /** What bob is told late: the place from which on `unheard` waits. */
  let unheardFrom = "";

  return {
    faults: [
      { projection: "timelines", type: "MessageEdited", words: edited.id },
      { projection: "relations", type: "MemberRemoved", words: left.id },
      { projection: "friends", type: "UserBlocked", words: dan.id },
      { projection: "inboxes", type: "MessageSent", words },
      { projection: "search", type: "MessageSent", words },
    ],

    happen: async () => {
      reader = followInbox<Entry>({
        address: server.address,
        token: bob.token,
        after: start,
        selection: ENTRY,
        keepCaughtUp: () => rng.chance(0.5),
      });
      const call = { by: ann, conversationId: edited.id, clientMutationId: randomUUID(), text: "first" };
      first = { call, answer: await sendAndNote(scene, call) };
      sent++;
      scene.ledger.claim(edited.id, 1);
      await editMessage(ann, edited.id, 1, `edited ${edited.id}:1`);
      await act(ann, "removeMembers", "MembersInput", { conversationId: left.id, userIds: [bob.id] });
      await act(ann, "block", "BlockInput", { userId: dan.id, on: true });
      unheardFrom = (await say(ann, { conversationId: unheard.id }, words)).cursor;
      between = (await say(cay, { conversationId: unheard.id }, "waits behind it")).cursor;
      await say(cay, { userId: bob.id }, "goes on");
    },

    checkParked: async () => {
      // What was sent is told again, and nothing new is sent.
      expect(await sendAndNote(scene, first.call)).toEqual(first.answer);
      const refused = await post(cay, SEND, { input: { clientMutationId: "new", conversationId: edited.id, text: "new" } });
      expect(refused.errors?.[0]?.extensions).toMatchObject({ code: "UNAVAILABLE", retryAfterMs: 5_000 });
      // Nobody can tell who is a member, or who is blocked.
      for (const by of [ann, bob, cay]) expect(await trySend(by, { conversationId: left.id }), by.id).toBe("UNAVAILABLE");
      expect(await codeOf(bob, TEXTS, { id: left.id })).toBe("UNAVAILABLE");
      const removal = { clientMutationId: randomUUID(), conversationId: left.id, userIds: [cay.id] };
      expect(await codeOf(ann, REMOVE, { input: removal })).toBe("UNAVAILABLE");
      expect(await trySend(dan, { userId: ann.id })).toBe("UNAVAILABLE");
      // Who is outside learns nothing of it.
      expect(await trySend(dan, { conversationId: left.id })).toBe(await trySend(dan, { conversationId: "g:none" }));
      expect(await trySend(dan, { conversationId: edited.id })).toBe(await trySend(dan, { conversationId: "g:none" }));
      // In the same groups, what does not need those rows goes on.
      expect(await textsOf(cay, unheard.id)).toEqual([words, "waits behind it"]);
      await until("bob is told of what goes on", () => reader.entries.some(({ message }) => isDirect(message)));
      expect(reader.entries.filter(({ message }) => message?.conversation.id === unheard.id)).toEqual([]);
    },

    checkHealed: async () => {
      const { viewer } = await cay.ask<{ viewer: { sync: { resetRequired: boolean; entries: unknown[] } } }>(SYNC, {
        after: between,
      });
      expect(viewer.sync).toEqual({ resetRequired: true, entries: [] });
      await until("search is healed", async () => (await found(cay)).length > 0);
      expect(await textsOf(cay, edited.id)).toEqual([`edited ${edited.id}:1`]);
      await say(cay, { conversationId: edited.id }, "sent now");
      expect(await trySend(bob, { conversationId: left.id })).toBe("FORBIDDEN");
      await say(ann, { conversationId: left.id }, "without bob");
      expect(await trySend(dan, { userId: ann.id })).toBe("FORBIDDEN");
      const { cursor } = await say(cay, { userId: bob.id }, "the last");
      await until("bob is told of the last", () => reader.entries.some(({ message }) => message?.cursor === cursor));
      const synced = await sync(bob, start, cursor, rng);
      expect(reader.fault).toBeUndefined();
      expect(reader.entries.some(({ __typename }) => __typename === "InboxReset")).toBe(true);
      const isLate = (entry: Entry): boolean =>
        (entry.message?.conversation.id === unheard.id && entry.cursor >= unheardFrom) || entry.conversation?.id === unheard.id;
      expect(heldBy(reader.entries, synced, bob.id, isLate)).toEqual(synced);
      const heard = synced.filter(({ message }) => message?.conversation.id === unheard.id);
      expect(heard).toHaveLength(2);
      await reader.close();
    },

    sent: () => sent,
  };

  function isDirect(message: Entry["message"]): boolean {
    return message?.conversation.id.startsWith("d:") ?? false;
  }

  async function textsOf(by: Client, id: string): Promise<(string | null)[]> {
    type Told = { conversation: { messages: { edges: { node: { text: string | null } }[] } } };
    return (await by.ask<Told>(TEXTS, { id })).conversation.messages.edges.map(({ node }) => node.text);
  }

  async function found(by: Client): Promise<unknown[]> {
    return (await by.ask<{ searchMessages: { edges: unknown[] } }>(SEARCH, { text: words })).searchMessages.edges;
  }
}
