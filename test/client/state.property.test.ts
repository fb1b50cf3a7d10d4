import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Client, ConversationHandle } from "../../src/client/index.ts";
import { apiServer, type ApiServer } from "../support/apiServer.ts";
import { runs, seed } from "../support/property.ts";
import { until } from "../support/until.ts";
import { browser } from "./support/browser.ts";
import { type Line, lineTo } from "./support/line.ts";
import { clientOf, fetched, registered, shown, type Someone } from "./support/people.ts";

/*
 * Whatever happens, what a client shows is what a fresh fetch gives, after every step: others write, edit, recall, react, come
 * and go; the line is cut; the page is loaded again; the server says that all must be fetched anew.
 */

type Who = "bob" | "carol";
type Where = "direct" | "group";

type Step =
  | { do: "send"; who: Who; where: Where; count: number; mention: boolean; reply: boolean }
  | { do: "edit" | "recall" | "react"; who: Who; where: Where; back: number }
  | { do: "own"; where: Where }
  | { do: "read"; where: Where; back: number; elsewhere: boolean }
  | { do: "prefer"; where: Where; what: "muted" | "pinned" | "hidden"; on: boolean }
  | { do: "title" }
  | { do: "member"; who: Who | "alice"; on: boolean }
  | { do: "friend"; who: Who; what: "ask" | "answer" | "end" | "block" | "unblock" }
  | { do: "older" | "jump" | "end"; where: Where; back: number }
  | { do: "cut" | "mend" | "reload" | "reset" };

const who = fc.constantFrom<Who>("bob", "carol");
const where = fc.constantFrom<Where>("direct", "group");
const back = fc.nat({ max: 40 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      who,
      where,
      count: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 40 }) }),
      mention: fc.boolean(),
      reply: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("edit" as const, "recall" as const, "react" as const), who, where, back }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("own" as const), where }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read" as const), where, back, elsewhere: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("prefer" as const),
      where,
      what: fc.constantFrom("muted" as const, "pinned" as const, "hidden" as const),
      on: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("title" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("member" as const),
      who: fc.constantFrom<Who | "alice">("carol", "alice"),
      on: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("friend" as const),
      who,
      what: fc.constantFrom("ask" as const, "answer" as const, "end" as const, "block" as const, "unblock" as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("older" as const, "jump" as const, "end" as const), where, back }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("cut" as const, "mend" as const, "reload" as const, "reset" as const) }),
  },
);

let server: ApiServer;
let line: Line;
let count = 0;

beforeAll(async () => {
  server = await apiServer();
  line = await lineTo(server.address);
});
afterAll(async () => {
  await line[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** The next inbox begins at a place of another log: the server answers that all must be fetched anew. */
function resettingSocket() {
  let isNext = false;
  class Socket extends WebSocket {
    override send(data: never): void {
      const text = String(data);
      if (isNext && text.includes('"after":"')) {
        isNext = false;
        super.send(text.replace(/"after":"[^"]*"/, '"after":"aaaaaaaa.00000000001"'));
        return;
      }
      super.send(text);
    }
  }
  return {
    Socket,
    next: () => {
      isNext = true;
    },
  };
}

async function play(steps: readonly Step[]): Promise<void> {
  using _ = browser();
  line.mend();
  const run = ++count;
  const named = (name: string): string => `${name}${run}`;
  const alice = await registered(server, named("alice"));
  const people: Record<Who, Someone> = {
    bob: await registered(server, named("bob")),
    carol: await registered(server, named("carol")),
  };
  const made = await people.bob.do(
    "createConversation",
    { kind: "GROUP", title: "group", memberIds: [alice.id, people.carol.id], historyVisible: run % 2 === 0, joinPolicy: "OPEN" },
    "conversation { id }",
  );
  const group = (made["conversation"] as { id: string }).id;
  const direct = `d:${alice.id}~${people.bob.id}`;
  const idOf = (place: Where): string => (place === "group" ? group : direct);
  const socket = resettingSocket();
  const resetting = socket.Socket as never;
  const open = () => clientOf(server, alice.id, { address: line.address, webSocket: resetting, tabs: false, name: `run ${run}` });
  let client: Client = open();
  let handles: Record<Where, ConversationHandle> = { direct: client.conversation(direct), group: client.conversation(group) };
  let isWatched = client.people.subscribe(() => undefined);

  const lastSeq = async (of: Someone, place: Where): Promise<number> => {
    const { conversation } = await of.ask<{ conversation: { lastSeq: number } | null }>(
      "query ($id: ID!) { conversation(id: $id) { lastSeq } }",
      { id: idOf(place) },
    );
    return conversation?.lastSeq ?? 0;
  };
  /** What the server refuses changes nothing. */
  const maybe = async (doing: Promise<unknown>): Promise<void> => {
    await doing.catch((error: { code?: string }) => {
      if (!["FORBIDDEN", "NOT_FOUND", "CONFLICT", "BAD_INPUT", "LIMIT_EXCEEDED"].includes(error.code ?? "")) throw error;
    });
  };

  const take = async (one: Step): Promise<void> => {
    switch (one.do) {
      case "send": {
        const to = one.where === "direct" ? people.bob : people[one.who];
        const reply = one.reply ? await lastSeq(to, one.where) : 0;
        for (let index = 0; index < one.count; index++) {
          const more = { ...(one.mention ? { mentions: [alice.id] } : {}), ...(reply > 0 ? { replyTo: reply } : {}) };
          await maybe(to.do("sendMessage", { conversationId: idOf(one.where), text: `text ${index}`, ...more }));
        }
        break;
      }
      case "edit":
      case "recall":
      case "react": {
        const by = one.where === "direct" ? people.bob : people[one.who];
        const seq = Math.max(1, (await lastSeq(by, one.where)) - one.back);
        const target = { conversationId: idOf(one.where), seq };
        if (one.do === "edit") await maybe(by.do("editMessage", { ...target, text: `edited ${randomUUID()}` }));
        else if (one.do === "recall") await maybe(by.do("recallMessage", target));
        else await maybe(by.do("react", { ...target, emoji: "👍", on: one.back % 3 !== 0 }));
        break;
      }
      case "own":
        client.send(idOf(one.where), `own ${randomUUID()}`);
        break;
      case "read": {
        const seq = Math.max(1, (await lastSeq(alice, one.where)) - one.back);
        if (one.elsewhere) await maybe(alice.do("markRead", { conversationId: idOf(one.where), seq }));
        else handles[one.where].markRead(seq).catch(() => undefined);
        break;
      }
      case "prefer":
        await maybe(alice.do("setPreferences", { conversationId: idOf(one.where), [one.what]: one.on }));
        break;
      case "title":
        await maybe(people.bob.do("updateConversation", { id: group, title: `title ${randomUUID()}` }));
        break;
      case "member": {
        const userId = one.who === "alice" ? alice.id : people[one.who].id;
        await maybe(people.bob.do(one.on ? "addMembers" : "removeMembers", { conversationId: group, userIds: [userId] }));
        break;
      }
      case "friend": {
        const them = people[one.who];
        if (one.what === "ask") await maybe(them.do("requestFriendship", { userId: alice.id }));
        else if (one.what === "end") await maybe(alice.do("endFriendship", { userId: them.id }));
        else if (one.what === "answer") {
          const { viewer } = await alice.ask<{ viewer: { friendRequests: { edges: { node: { id: string } }[] } } }>(
            "{ viewer { friendRequests { edges { node { id } } } } }",
          );
          const [request] = viewer.friendRequests.edges;
          if (request) await maybe(alice.do("answerFriendRequest", { id: request.node.id, accept: true }));
        } else await maybe(alice.do("block", { userId: them.id, on: one.what === "block" }));
        break;
      }
      case "older":
        await handles[one.where].loadOlder(10).catch(() => undefined);
        break;
      case "jump":
        await handles[one.where].jumpTo(1 + one.back).catch(() => undefined);
        break;
      case "end":
        await handles[one.where].jumpToEnd().catch(() => undefined);
        break;
      case "cut":
        line.cut();
        break;
      case "mend":
        line.mend();
        client.reconnect();
        break;
      case "reload": {
        isWatched();
        await client.close();
        client = open();
        handles = { direct: client.conversation(direct), group: client.conversation(group) };
        isWatched = client.people.subscribe(() => undefined);
        break;
      }
      case "reset":
        socket.next();
        line.cut();
        line.mend();
        client.reconnect();
        break;
    }
  };

  const agrees = async (): Promise<void> => {
    const opened = [direct, group];
    let difference: unknown;
    const isSame = async (): Promise<boolean> => {
      if (client.connection.get().state !== "live") {
        client.reconnect();
        return false;
      }
      if (client.outbox.get().some(({ state }) => state !== "failed")) return false;
      if (!client.people.get().loaded || opened.some((id) => isLoading(client, id))) return false;
      try {
        const now = shown(client, opened);
        expect(now).toEqual(await fetched(alice, client, opened));
        return true;
      } catch (error) {
        difference = error;
        return false;
      }
    };
    await until("what is shown is what a fresh fetch gives", isSame, 10_000).catch((error: unknown) => {
      throw difference ?? error;
    });
  };

  try {
    await agrees();
    for (const one of steps) {
      await take(one);
      if (!line.isCut) await agrees();
    }
    line.mend();
    await agrees();
  } finally {
    isWatched();
    await client.close();
  }
}

/** Nothing of a conversation that the viewer may see is shown yet. */
function isLoading(client: Client, id: string): boolean {
  const handle = client.conversation(id);
  const { items, reachedStart, reachedEnd, error } = handle.messages.get();
  handle.release();
  return items.length === 0 && !reachedStart && !reachedEnd && error === undefined;
}

it("shows what a fresh fetch gives, whatever happens", { timeout: 4 * 60 * 60_000 }, async () => {
  const numRuns = runs(4);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => play(steps)),
    { numRuns, seed: seed("the client's state"), endOnFailure: numRuns === 4 },
  );
});
