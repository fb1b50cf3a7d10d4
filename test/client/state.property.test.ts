import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Client, ConversationHandle } from "../../src/client/index.ts";
import { apiServer, type ApiServer } from "../support/apiServer.ts";
import { runs, seed } from "../support/property.ts";
import { browser } from "./support/browser.ts";
import { type Line, lineTo } from "./support/line.ts";
import { clientOf, fetched, registered, shown, type Someone } from "./support/people.ts";
import { copied, putBack } from "./support/store.ts";

/*
 * Whatever happens, what a client shows is what a fresh fetch gives, after every few steps: others write, edit, recall, react,
 * come and go; the line is cut; answers are lost; the page is loaded again, crashes, or is opened in a second tab; the server
 * says that all must be fetched anew.
 */

type Who = "bob" | "carol";
/** `second` is a group that nobody looks at. */
type Where = "direct" | "group" | "second";

type Step =
  | { do: "send"; who: Who; where: Where; count: number; mention: boolean; reply: boolean }
  | { do: "edit" | "recall" | "react" | "pin"; who: Who; where: Where; back: number }
  | { do: "own" | "elsewhere"; where: Where }
  | { do: "read"; where: Where; back: number; elsewhere: boolean }
  | { do: "prefer"; where: Where; what: "muted" | "pinned" | "hidden"; on: boolean }
  | { do: "change"; what: "title" | "historyVisible"; on: boolean }
  | { do: "member"; who: Who | "alice"; on: boolean }
  | { do: "role" | "join" | "answer"; on: boolean }
  | { do: "friend"; who: Who; what: "ask" | "answer" | "end" | "alias" | "block" | "unblock" }
  | { do: "older" | "newer" | "jump" | "end"; where: "direct" | "group"; back: number }
  | { do: "failed"; what: "retry" | "discard" }
  | { do: "more" | "lose" | "slow" | "cut" | "mend" | "reload" | "crash" | "reset" | "tab" };

const who = fc.constantFrom<Who>("bob", "carol");
const where = fc.constantFrom<Where>("direct", "group", "second");
const opened = fc.constantFrom<"direct" | "group">("direct", "group");
const back = fc.nat({ max: 40 });
const of = <T extends string>(...names: T[]) => fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: of("send"),
      who,
      where,
      count: fc.oneof({ weight: 6, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 40 }) }),
      mention: fc.boolean(),
      reply: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: of("edit", "recall", "react", "pin"), who, where, back }) },
  { weight: 3, arbitrary: fc.record({ do: of("own", "own", "elsewhere"), where }) },
  { weight: 3, arbitrary: fc.record({ do: of("read"), where, back, elsewhere: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: of("prefer"), where, what: of("muted", "pinned", "hidden"), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: of("change"), what: of("title", "historyVisible"), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: of("member"), who: of<Who | "alice">("carol", "alice"), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: of("role", "join", "answer"), on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of("friend"), who, what: of("ask", "answer", "end", "alias", "block", "unblock") }),
  },
  { weight: 3, arbitrary: fc.record({ do: of("older", "newer", "jump", "end"), where: opened, back }) },
  { weight: 1, arbitrary: fc.record({ do: of("failed"), what: of("retry", "discard") }) },
  { weight: 5, arbitrary: fc.record({ do: of("more", "lose", "slow", "cut", "mend", "reload", "crash", "reset", "tab") }) },
);

/** So many runs go on at a time, each with people of its own: most of a run is waiting. */
const LANES = 4;

/** How many conversations a page of the list has: few, so that most lists are not all loaded. */
const PAGE = 2;

/** How long a busy machine may take until all is shown, in milliseconds. */
const AGREES_MS = 60_000;

/** How late an answer is at most where answers are slow, in milliseconds. */
const SLOWEST_MS = 100;

let server: ApiServer;
let page: ReturnType<typeof browser>;
let count = 0;

beforeAll(async () => {
  server = await apiServer();
  page = browser();
});
afterAll(async () => {
  page[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** What a client asks over, by order of the test. */
function wires() {
  let isResetNext = false;
  let isLostNext = false;
  let isSlow = false;
  let asked = 0;
  let asking = 0;
  let starts = 0;
  /** The next inbox begins at a place of another log: the server answers that all must be fetched anew. */
  class Socket extends WebSocket {
    override send(data: never): void {
      const text = String(data);
      const isReset = isResetNext && text.includes('"after":"');
      if (isReset) isResetNext = false;
      super.send(isReset ? text.replace(/"after":"[^"]*"/, '"after":"aaaaaaaa.00000000001"') : text);
    }
  }
  const ask: typeof fetch = async (url, init) => {
    const body = (init?.body as string).replace('"variables":{"first":50', `"variables":{"first":${PAGE}`);
    asking++;
    if (body.includes("query Start(")) starts++;
    try {
      const response = await fetch(url, { ...init, body });
      // Entries overtake answers, and answers each other.
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, (++asked * 37) % SLOWEST_MS));
      if (!isLostNext || !body.startsWith('{"query":"mutation')) return response;
      isLostNext = false;
      throw new TypeError("the answer is lost");
    } finally {
      asking--;
    }
  };
  return {
    webSocket: Socket as never,
    fetch: ask,
    reset: () => {
      isResetNext = true;
    },
    lose: () => {
      isLostNext = true;
    },
    slow: () => {
      isSlow = !isSlow;
    },
    isQuiet: () => asking === 0,
    /** How often all was fetched anew. */
    starts: () => starts,
  };
}

type Tab = {
  client: Client;
  handles: Record<"direct" | "group", ConversationHandle>;
  /** Resolves at the next change of anything that is shown, or after a moment: what was asked for may be there now. */
  changed(): Promise<void>;
  close(): Promise<void>;
};

function tabOf(client: Client, ids: Record<"direct" | "group", string>): Tab {
  const handles = { direct: client.conversation(ids.direct), group: client.conversation(ids.group) };
  let wake = (): void => undefined;
  const shownThere = [
    ...[client.connection, client.me, client.conversations, client.unread, client.people, client.outbox],
    ...Object.values(handles).flatMap(({ conversation, messages }) => [conversation, messages]),
  ];
  const ends = shownThere.map((watched) => watched.subscribe(() => wake()));
  return {
    client,
    handles,
    changed: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, 40);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close: async () => {
      for (const end of ends) end();
      await client.close();
    },
  };
}

type People = Record<Who, Someone>;

/** Those up to the last one of some are taken at once: what one asks for is on its way still when the next one happens. */
type Taken = { step: Step; isLast: boolean };

type World = { isHistoryVisible: boolean; isSlow: boolean };

async function play({ bob, carol }: People, steps: readonly Taken[], { isHistoryVisible, isSlow }: World): Promise<void> {
  const run = ++count;
  const alice = await registered(server, `alice${run}`);
  const people: People = { bob, carol };
  /** The place of the last change. */
  let changedAt = "";
  const done = (cursor: string): void => {
    if (cursor > changedAt) changedAt = cursor;
  };
  const groupOf = async (by: Someone, title: string, memberIds: string[]): Promise<string> => {
    const more = { historyVisible: isHistoryVisible, joinPolicy: "APPROVAL" };
    const made = await by.do("createConversation", { kind: "GROUP", title, memberIds, ...more }, "conversation { id }");
    done(made.cursor);
    return (made["conversation"] as { id: string }).id;
  };
  const ids: Record<Where, string> = {
    direct: `d:${[alice.id, bob.id].sort().join("~")}`,
    group: await groupOf(bob, "group", [alice.id, carol.id]),
    second: await groupOf(carol, "second", [alice.id, bob.id]),
  };
  await groupOf(carol, "third", [alice.id]);

  await using line: Line = await lineTo(server.address);
  const wire = wires();
  if (isSlow) wire.slow();
  const { webSocket } = wire;
  const name = `run ${run}`;
  const open = (): Tab => tabOf(clientOf(server, alice.id, { address: line.address, webSocket, fetch: wire.fetch, name }), ids);
  let tabs: Tab[] = [open()];
  /** All is shown as it is since the last step. */
  let isAgreed = true;
  const tab = (): Tab => tabs.at(-1) as Tab;
  const reopen = async (between: () => Promise<void> = async () => undefined): Promise<void> => {
    await Promise.all(tabs.map((one) => one.close()));
    await between();
    tabs = tabs.map(open);
  };

  const lastSeq = async (by: Someone, place: Where): Promise<number> => {
    const { conversation } = await by.ask<{ conversation: { lastSeq: number } | null }>(
      "query ($id: ID!) { conversation(id: $id) { lastSeq } }",
      { id: ids[place] },
    );
    return conversation?.lastSeq ?? 0;
  };
  const isMember = async (): Promise<boolean> => {
    const { conversation } = await alice.ask<{ conversation: { membership: object | null } | null }>(
      "query ($id: ID!, $atLeast: Cursor) { conversation(id: $id, atLeast: $atLeast) { membership { id } } }",
      { id: ids.group, atLeast: changedAt },
    );
    return Boolean(conversation?.membership);
  };
  /** What the server refuses changes nothing. */
  const maybe = async (doing: Promise<{ cursor: string }>): Promise<void> => {
    try {
      done((await doing).cursor);
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (!["FORBIDDEN", "NOT_FOUND", "CONFLICT", "BAD_INPUT", "LIMIT_EXCEEDED"].includes(code)) throw error;
    }
  };

  const take = async (one: Step): Promise<void> => {
    const { client } = tab();
    switch (one.do) {
      case "send": {
        const by = one.where === "direct" ? bob : people[one.who];
        const reply = one.reply ? await lastSeq(by, one.where) : 0;
        for (let index = 0; index < one.count; index++) {
          const more = { ...(one.mention ? { mentions: [alice.id] } : {}), ...(reply > 0 ? { replyTo: reply } : {}) };
          await maybe(by.do("sendMessage", { conversationId: ids[one.where], text: `text ${index}`, ...more }));
        }
        break;
      }
      case "edit":
      case "recall":
      case "react":
      case "pin": {
        const by = one.where === "direct" ? bob : people[one.who];
        // Nobody tells those who left what becomes of messages that they may still see.
        if (one.where === "group" && !(await isMember())) break;
        const seq = Math.max(1, (await lastSeq(by, one.where)) - one.back);
        const target = { conversationId: ids[one.where], seq };
        const on = one.back % 3 !== 0;
        if (one.do === "edit") await maybe(by.do("editMessage", { ...target, text: `edited ${randomUUID()}` }));
        else if (one.do === "recall") await maybe(by.do("recallMessage", target));
        else if (one.do === "react") await maybe(by.do("react", { ...target, emoji: "👍", on }));
        else await maybe(by.do("pinMessage", { ...target, on }));
        break;
      }
      case "own":
        client.send(ids[one.where], `own ${randomUUID()}`);
        break;
      case "elsewhere":
        await maybe(alice.do("sendMessage", { conversationId: ids[one.where], text: `own ${randomUUID()}` }));
        break;
      case "read": {
        const seq = Math.max(1, (await lastSeq(alice, one.where)) - one.back);
        if (one.elsewhere) await maybe(alice.do("markRead", { conversationId: ids[one.where], seq }));
        else {
          const handle = client.conversation(ids[one.where]);
          handle.markRead(seq).catch(() => undefined);
          handle.release();
        }
        break;
      }
      case "prefer":
        await maybe(alice.do("setPreferences", { conversationId: ids[one.where], [one.what]: one.on }));
        break;
      case "change": {
        const what = one.what === "title" ? { title: `title ${randomUUID()}` } : { historyVisible: one.on };
        await maybe(bob.do("updateConversation", { id: ids.group, ...what }));
        break;
      }
      case "member": {
        const userId = one.who === "alice" ? alice.id : people[one.who].id;
        await maybe(bob.do(one.on ? "addMembers" : "removeMembers", { conversationId: ids.group, userIds: [userId] }));
        break;
      }
      case "role":
        await maybe(bob.do("setRole", { conversationId: ids.group, userId: alice.id, role: one.on ? "ADMIN" : "MEMBER" }));
        break;
      case "join":
        // Carol, where she was removed.
        if (one.on) await maybe(carol.do("join", { id: ids.group }));
        else await maybe(bob.do("removeMembers", { conversationId: ids.group, userIds: [carol.id] }));
        break;
      case "answer": {
        const { viewer } = await bob.ask<{ viewer: { joinRequests: { edges: { node: { id: string } }[] } } }>(
          "{ viewer { joinRequests { edges { node { id conversation { id } } } } } }",
        );
        const [request] = viewer.joinRequests.edges.filter(({ node }) => node.id.startsWith(`j:${ids.group}~`));
        if (request) await maybe(bob.do("answerJoinRequest", { id: request.node.id, accept: one.on }));
        break;
      }
      case "friend": {
        const them = people[one.who];
        if (one.what === "ask") await maybe(them.do("requestFriendship", { userId: alice.id }));
        else if (one.what === "end") await maybe(alice.do("endFriendship", { userId: them.id }));
        else if (one.what === "alias") await maybe(alice.do("setAlias", { userId: them.id, alias: `alias ${randomUUID()}` }));
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
        void tab().handles[one.where].loadOlder(10);
        break;
      case "newer":
        void tab().handles[one.where].loadNewer(10);
        break;
      case "jump":
        void tab().handles[one.where].jumpTo(1 + one.back);
        break;
      case "end":
        void tab().handles[one.where].jumpToEnd();
        break;
      case "failed": {
        const failed = client.outbox.get().find(({ state }) => state === "failed");
        if (failed && one.what === "retry") client.retry(failed.id);
        else if (failed) client.discard(failed.id);
        break;
      }
      case "more":
        void client.loadMoreConversations();
        break;
      case "slow":
        wire.slow();
        break;
      case "lose":
        wire.lose();
        break;
      case "cut":
        line.cut();
        break;
      case "mend":
        line.mend();
        break;
      case "reload": {
        const { length } = client.conversations.get().items;
        const starts = wire.starts();
        await reopen();
        if (line.isCut || !isAgreed) break;
        await agrees();
        // Else it could be shorter, and the beginning of all conversations still.
        if (wire.starts() === starts) expect(tab().client.conversations.get().items.length).toBeGreaterThanOrEqual(length);
        break;
      }
      case "crash": {
        const left = await copied(`tidings ${name}`);
        await reopen(() => putBack(`tidings ${name}`, left));
        break;
      }
      case "reset":
        wire.reset();
        line.cut();
        line.mend();
        break;
      case "tab":
        // The one that leads goes: the other one goes on from where it was.
        if (tabs.length > 1) await tabs.shift()?.close();
        else tabs.push(open());
        break;
    }
  };

  const isSettled = ({ client, handles }: Tab): boolean =>
    client.connection.get().state === "live" &&
    !client.outbox.get().some(({ state }) => state !== "failed") &&
    client.people.get().loaded &&
    !Object.values(handles).some(isLoading);

  /** What keeps it from rest. */
  const unrest = (): string =>
    JSON.stringify({
      isQuiet: wire.isQuiet(),
      tabs: tabs.map(({ client, handles }) => ({
        connection: client.connection.get().state,
        outbox: client.outbox.get().map(({ state }) => state),
        people: client.people.get().loaded,
        loading: Object.values(handles).map(isLoading),
      })),
    });

  const agrees = async (): Promise<void> => {
    let difference: unknown;
    /** How often it was not at rest, differed, or asked for more. */
    const seen = { moving: 0, different: 0, asking: 0 };
    for (const end = performance.now() + AGREES_MS; ;) {
      for (const { client } of tabs) if (client.connection.get().state === "waiting") client.reconnect();
      if (tabs.every(isSettled)) {
        try {
          for (const { client } of tabs) {
            const now = shown(client, [ids.direct, ids.group]);
            expect(now.conversations.length).toBe(tab().client.conversations.get().items.length);
            expect(now).toEqual(await fetched(alice, client, [ids.direct, ids.group], changedAt));
          }
          difference = undefined;
          if (wire.isQuiet()) return;
          seen.asking++;
        } catch (error) {
          difference = error;
          seen.different++;
        }
      } else seen.moving++;
      if (performance.now() > end)
        throw new Error(`it does not agree: ${JSON.stringify(seen)} ${unrest()}`, { cause: difference });
      await Promise.race(tabs.map((one) => one.changed()));
    }
  };

  try {
    await agrees();
    for (const { step: one, isLast } of steps) {
      await take(one);
      isAgreed = isLast && !line.isCut;
      if (isAgreed) await agrees();
    }
    line.mend();
    await agrees();
    while (!tab().client.conversations.get().complete) await tab().client.loadMoreConversations();
    await agrees();
  } finally {
    await Promise.all(tabs.map((one) => one.close()));
  }
}

/** Nothing of a conversation that the viewer may see is shown yet. */
function isLoading(handle: ConversationHandle): boolean {
  const { items, reachedStart, reachedEnd, error } = handle.messages.get();
  return items.length === 0 && !reachedStart && !reachedEnd && error === undefined;
}

it("shows what a fresh fetch gives, whatever happens", { timeout: 4 * 60 * 60_000 }, async () => {
  const numRuns = runs(LANES);
  const first = seed("the client's state");
  const lane = async (index: number): Promise<void> => {
    const people = { bob: await registered(server, `bob${index}`), carol: await registered(server, `carol${index}`) };
    const world = fc.record({ isHistoryVisible: fc.boolean(), isSlow: fc.boolean() });
    const steps = fc.array(fc.record({ step, isLast: fc.boolean() }), { minLength: 4, maxLength: 18 });
    await fc.assert(
      fc.asyncProperty(steps, world, (taken, given) => play(people, taken, given)),
      // What fails is waited for in vain: to look for a shorter way to it would take hours.
      { numRuns: Math.ceil((numRuns - index) / LANES), seed: first + index, endOnFailure: true },
    );
  };
  const began = performance.now();
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, (_, index) => lane(index)));
  process.stdout.write(`the client's state: ${numRuns} runs in ${Math.round((performance.now() - began) / 1_000)} s\n`);
  const failed = lanes.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
});
