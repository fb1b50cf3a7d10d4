import { randomUUID } from "node:crypto";
import { Duplex } from "node:stream";
import { openDB } from "idb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type {
  Client,
  ClientOptions,
  ConversationHandle,
  Message,
  MessagesState,
  OutgoingMessage,
} from "../../src/client/index.ts";
import { PresenceOf, Register, Start, UnreadTotal } from "../../src/client/operations.ts";
import { apiServer, type ApiServer } from "../support/apiServer.ts";
import { until } from "../support/until.ts";
import { browser, delaying, losing } from "./support/browser.ts";
import { lineTo } from "./support/line.ts";
import { agrees, clientOf, live, registered, someone } from "./support/people.ts";

let server: ApiServer;
let count = 0;

beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const texts = (handle: ConversationHandle): (string | null | undefined)[] =>
  handle.messages
    .get()
    .items.map((item) => (item.type === "message" ? item.text : item.type === "outgoing" ? item.content.text : "…"));

const seqs = (handle: ConversationHandle): (number | string)[] =>
  handle.messages.get().items.map((item) => (item.type === "message" ? item.seq : item.type));

/** Two who have registered, and their conversation. */
async function two() {
  const run = ++count;
  const alice = await registered(server, `ann${run}`);
  const bob = await registered(server, `bob${run}`);
  const direct = `d:${alice.id}~${bob.id}`;
  const say = (text: string) => bob.do("sendMessage", { conversationId: direct, text });
  return { alice, bob, direct, say };
}

/** Two tabs, of which the first one leads. */
async function led(open: () => Client): Promise<[one: Client, other: Client]> {
  const one = open();
  await live(one);
  return [one, open()];
}

async function closing<T>(clients: readonly Client[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** As the browser's `WebSocket`, and how many are open. */
function countedSockets() {
  let open = 0;
  class Counted extends WebSocket {
    constructor(...of: ConstructorParameters<typeof WebSocket>) {
      super(...of);
      this.on("open", () => open++);
      this.on("close", () => open--);
    }
  }
  return { webSocket: Counted, open: () => open };
}

describe("a client", () => {
  it("shows what comes, and who is unknown may register", async () => {
    const { bob } = await two();
    const id = `new${++count}`;
    const client = clientOf(server, id);
    await closing([client], async () => {
      await until("it says that nobody has registered", () => client.connection.get().error?.code === "NOT_FOUND");
      // Nobody knows yet which conversations there are.
      expect(client.conversations.get()).toEqual({ items: [], complete: false });
      await client.request(Register, { input: { clientMutationId: randomUUID(), handle: id, name: "New" } });
      client.reconnect();
      await live(client);
      expect(client.me.get()).toMatchObject({ id, name: "New" });
      await bob.do("sendMessage", { userId: id, text: "Hello", mentions: [id] });
      await until("it is listed", () => client.conversations.get().items.length === 1);
      expect(client.conversations.get()).toMatchObject({
        complete: true,
        items: [{ title: `${bob.id}'s name`, unreadCount: 1, lastMessage: { text: "Hello" } }],
      });
      expect(client.unread.get()).toEqual({ total: 1, mentions: 1 });
      const handle = client.conversation(client.conversations.get().items[0]?.id ?? "");
      await until("it is shown", () => handle.messages.get().items.length === 1);
      const read = handle.markRead(1);
      // Before the server knows.
      expect(client.unread.get()).toEqual({ total: 0, mentions: 0 });
      await read;
      expect(client.unread.get()).toEqual({ total: 0, mentions: 0 });
      handle.release();
    });
  });

  it("tells listeners only of what changed, and keeps what did not change the same", async () => {
    const { alice, direct, say } = await two();
    for (const text of ["1", "2", "3"]) await say(text);
    await until("all can be read", async () => {
      const { viewer } = await alice.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
      return viewer.unreadTotal === 3;
    });
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      const handle = client.conversation(direct);
      await until("all are shown", () => handle.messages.get().items.length === 3);
      const before = handle.messages.get().items;
      await say("4");
      await until("one more is shown", () => handle.messages.get().items.length === 4);
      const after = handle.messages.get().items;
      for (const [index, item] of before.entries()) expect(after[index]).toBe(item);
    });
  });

  it("has all that there is at first before it loads more of it", async () => {
    const { alice, say } = await two();
    await say("1");
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await client.loadMoreConversations();
      expect(client.me.get()?.id).toBe(alice.id);
      expect(client.conversations.get().complete).toBe(true);
    });
  });

  it("says that its token is not good, and goes on once there is a good one", async () => {
    const { alice } = await two();
    let isGood = false;
    let asked = 0;
    const token = async (): Promise<string> => {
      asked++;
      return isGood ? server.token(alice.id) : "nonsense";
    };
    const client = clientOf(server, alice.id, { token });
    await closing([client], async () => {
      await until("it says so", () => client.connection.get().error?.code === "UNAUTHENTICATED");
      expect(client.connection.get().retryAt).toBeGreaterThan(0);
      isGood = true;
      client.reconnect();
      await live(client);
      expect(asked).toBeGreaterThan(1);
    });
  });

  it("says that the network is at fault, and not its token, where whoever gives tokens cannot be reached", async () => {
    using _ = browser();
    const { alice } = await two();
    let isThere = false;
    const token = async (): Promise<string> => {
      if (!isThere) throw Object.assign(new Error("cannot be reached"), { code: "NETWORK" });
      return server.token(alice.id);
    };
    // Where its store is named after the token's user, and where there is none.
    for (const more of [{}, { storage: "memory", tabs: false }] as const) {
      isThere = false;
      const client = clientOf(server, alice.id, { token, ...more });
      await closing([client], async () => {
        await until("it says so", () => client.connection.get().error?.code === "NETWORK");
        isThere = true;
        client.reconnect();
        await live(client);
      });
    }
  });

  it("renews a token that expires while it is connected, and misses nothing", async () => {
    const { alice, direct, say } = await two();
    let expiresInSeconds = 2;
    const token = (): Promise<string> => server.token(alice.id, { expiresInSeconds });
    let ended = 0;
    class Heard extends WebSocket {
      constructor(...of: ConstructorParameters<typeof WebSocket>) {
        super(...of);
        this.on("close", () => ended++);
      }
    }
    const client = clientOf(server, alice.id, { token, webSocket: Heard });
    await closing([client], async () => {
      await live(client);
      expiresInSeconds = 3_600;
      // It is live again soon.
      await until("the server ends the socket", () => ended > 0);
      await say("meanwhile");
      await live(client);
      const handle = client.conversation(direct);
      await until("it came", () => texts(handle).join() === "meanwhile");
    });
  });

  it("says that it is offline where the browser does, and comes back by itself", async () => {
    using page = browser();
    const { alice, say } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      page.online(false);
      await until("it is offline", () => client.connection.get().state === "offline");
      await say("while away");
      page.online(true);
      await live(client);
      await until("what came is counted", () => client.unread.get().total === 1);
    });
  });
});

describe("a connection", () => {
  it("is tried where the browser says that there is no network: it may be wrong", async () => {
    using page = browser();
    page.online(false);
    const { alice } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], () => live(client));
  });

  it("is not ended by a listener that throws", async () => {
    const { alice, bob, say } = await two();
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      const seen: string[] = [];
      client.connection.subscribe(() => seen.push(client.connection.get().state));
      const { cursor: at } = await bob.do("requestFriendship", { userId: alice.id });
      const { viewer } = await alice.ask<{ viewer: { friendRequests: { edges: { node: { id: string } }[] } } }>(
        "query ($at: Cursor) { viewer(atLeast: $at) { friendRequests { edges { node { id } } } } }",
        { at },
      );
      await alice.do("answerFriendRequest", { id: viewer.friendRequests.edges[0]?.node.id, accept: true });
      client.watch(PresenceOf, { userIds: [bob.id] }, () => {
        throw new Error("a fault of the page");
      });
      await until("it has thrown", () => told.mock.calls.length > 0);
      await say("and on");
      await until("what comes is counted", () => client.unread.get().total === 1);
      expect(seen).toEqual([]);
    });
    told.mockRestore();
  });

  it("that never opens does not keep the client from closing", async () => {
    const { alice } = await two();
    let made = 0;
    class Silent extends WebSocket {
      constructor() {
        super("ws://127.0.0.1:1", { createConnection: () => new Duplex({ read: () => undefined, write: () => undefined }) });
        made++;
      }
    }
    const client = clientOf(server, alice.id, { webSocket: Silent });
    await until("it tries to connect", () => made > 0);
    await client.close();
  });

  it("pauses where the server says again and again that all must be fetched anew", async () => {
    const { alice } = await two();
    let sockets = 0;
    class Foreign extends WebSocket {
      override send(data: never): void {
        if (String(data).includes('"after":')) sockets++;
        super.send(String(data).replace(/"after":"[^"]*"/, '"after":"aaaaaaaa.00000000001"'));
      }
    }
    const client = clientOf(server, alice.id, { webSocket: Foreign });
    await closing([client], async () => {
      await until("it waits", () => client.connection.get().state === "waiting");
      expect(sockets).toBe(2);
      expect(client.connection.get().error?.code).toBe("UNAVAILABLE");
    });
  });

  it("begins anew where the server takes no such cursor as was kept", async () => {
    using _ = browser();
    const { alice, say } = await two();
    const open = (): Client => clientOf(server, alice.id, { tabs: false, name: "one" });
    const first = open();
    await live(first);
    await first.close();
    const database = await openDB("tidings one");
    await database.put("kept", { ...((await database.get("kept", "state")) as object), cursor: "no cursor" }, "state");
    database.close();
    await say("meanwhile");
    const second = open();
    await closing([second], async () => {
      await until("it is live", () => {
        second.reconnect();
        return second.connection.get().state === "live";
      });
      expect(second.unread.get().total).toBe(1);
    });
  });

  it("is there also where the browser's store fails", async () => {
    using _ = browser();
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new DOMException("no store here", "SecurityError");
      },
    });
    const { alice } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], () => live(client));
    expect(told).toHaveBeenCalledTimes(1);
    told.mockRestore();
  });

  it("is there also where the browser's store opens, and never says what it has", async () => {
    using _ = browser();
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { getAll } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.getAll = () => new IDBRequest() as IDBRequest<unknown[]>;
    try {
      const { alice } = await two();
      const client = clientOf(server, alice.id);
      await closing([client], () => live(client));
    } finally {
      IDBObjectStore.prototype.getAll = getAll;
    }
    expect(told).toHaveBeenCalledTimes(1);
    told.mockRestore();
  });

  it("that waits for a token ends at once when the client is closed", async () => {
    using _ = browser();
    const tokens = vi.fn(() => new Promise<string>(() => undefined));
    const client = clientOf(server, "nobody", { token: tokens });
    await until("it asks", () => tokens.mock.calls.length > 0);
    const more = client.loadMoreConversations();
    await client.close();
    await expect(more).rejects.toMatchObject({ code: "NETWORK" });
    await expect(client.loadMoreConversations()).rejects.toMatchObject({ code: "NETWORK" });
  });
});

describe("what was read", () => {
  it("without a network outlives the page, and is said later", async () => {
    using _ = browser();
    const { alice, direct, say } = await two();
    for (const text of ["1", "2", "3"]) await say(text);
    await using line = await lineTo(server.address);
    const open = (): Client => clientOf(server, alice.id, { address: line.address, tabs: false });
    const first = open();
    await live(first);
    await until("it knows", () => first.unread.get().total === 3);
    line.cut();
    const read = first.conversation(direct).markRead(2);
    expect(first.unread.get().total).toBe(1);
    await first.close();
    await expect(read).rejects.toMatchObject({ code: "NETWORK" });

    const second = open();
    await closing([second], async () => {
      await until("it shows what it had", () => second.unread.get().total === 1);
      line.mend();
      second.reconnect();
      await until("the server knows", async () => {
        const { viewer } = await alice.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
        return viewer.unreadTotal === 1;
      });
      await agrees(alice, second, []);
    });
  });

  it("is shown as unread again where the server refuses it, and nobody need listen to that", async () => {
    const { alice, direct, say } = await two();
    await say("1");
    const refusing: ClientOptions["fetch"] = (url, init) =>
      fetch(url, { ...init, body: (init?.body as string).replace(/"seq":1\b/, '"seq":-1') });
    const client = clientOf(server, alice.id, { fetch: refusing });
    await closing([client], async () => {
      await live(client);
      await until("it is counted", () => client.unread.get().total === 1);
      void client.conversation(direct).markRead(1);
      expect(client.unread.get().total).toBe(0);
      await until("it is unread", () => client.unread.get().total === 1);
    });
  });
});

describe("what is unread in all", () => {
  it("is asked for a tenth of the time at most, where not all conversations are loaded, and is right in the end", async () => {
    const { alice, bob } = await two();
    const groups: string[] = [];
    for (let number = 1; number <= 53; number++) {
      const input = { kind: "GROUP", title: `Group ${number}`, memberIds: [alice.id] };
      const { conversation } = await bob.do("createConversation", input, "conversation { id }");
      groups.push((conversation as { id: string }).id);
    }
    // Else the client may begin before there are more than it loads at first: what is read without a cursor is a moment old.
    await until("the views have them", async () => {
      const { viewer } = await alice.ask<{ viewer: { conversations: { edges: unknown[] } } }>(
        "{ viewer { conversations(first: 100) { edges { cursor } } } }",
      );
      return viewer.conversations.edges.length >= groups.length;
    });
    const asked: { at: number; took: number }[] = [];
    const slow: ClientOptions["fetch"] = async (...of) => {
      const isTotal = (of[1]?.body as string).includes("query UnreadTotal(");
      const at = performance.now();
      const answer = await fetch(...of);
      if (isTotal) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        asked.push({ at, took: performance.now() - at });
      }
      return answer;
    };
    const client = clientOf(server, alice.id, { fetch: slow });
    await closing([client], async () => {
      await live(client);
      // Those at the end are not loaded: what is unread there only the total tells.
      for (const conversationId of groups) await bob.do("sendMessage", { conversationId, text: "news" });
      await until("it is right", () => client.unread.get().total === groups.length);
      await agrees(alice, client, []);
    });
    expect(asked.length).toBeGreaterThan(1);
    for (const [index, { at }] of asked.entries()) {
      const before = asked[index - 1];
      if (before) expect(at - before.at).toBeGreaterThan(9.5 * before.took);
    }
  });
});

describe("what nobody waits for", () => {
  it("is no rejection that ends a program of Node", async () => {
    const { alice, direct, say } = await two();
    for (const text of ["1", "2"]) await say(text);
    const isRefused = { now: false };
    const refusing: ClientOptions["fetch"] = async (...of) =>
      isRefused.now ? Response.json({ errors: [{ message: "no", extensions: { code: "FORBIDDEN" } }] }) : fetch(...of);
    const client = clientOf(server, alice.id, { fetch: refusing });
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    await closing([client], async () => {
      const handle = client.conversation(direct);
      await until("they are shown", () => seqs(handle).join() === "1,2");
      isRefused.now = true;
      void handle.markRead(1);
      await expect(handle.markRead(2)).rejects.toMatchObject({ code: "FORBIDDEN" });
      isRefused.now = false;
      await until("it is shown as it was", () => client.unread.get().total === 2);
    });
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("is many questions at once without a warning", async () => {
    const { alice } = await two();
    const warned = vi.fn();
    process.on("warning", warned);
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await Promise.all(Array.from({ length: 30 }, () => client.request(UnreadTotal, {})));
    });
    process.off("warning", warned);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe("messages on their way", () => {
  it("are shown at once, outlive the page, and arrive in order and once after a time without a network", async () => {
    using _ = browser();
    const { alice, bob, direct } = await two();
    await using line = await lineTo(server.address);
    const open = (): Client => clientOf(server, alice.id, { address: line.address, tabs: false });
    const first = open();
    await live(first);
    line.cut();
    const outgoing = ["1", "2", "3"].map((text) => first.send(direct, text));
    const handle = first.conversation(direct);
    expect(texts(handle)).toEqual(["1", "2", "3"]);
    await first.close();

    const second = open();
    await closing([second], async () => {
      const again = second.conversation(direct);
      await until("they are shown again", () => texts(again).length === 3);
      expect(again.messages.get().items.map((item) => (item as OutgoingMessage).id)).toEqual(outgoing.map(({ id }) => id));
      second.send(direct, "4");
      line.mend();
      second.reconnect();
      await until("all have come", () => seqs(again).join() === "1,2,3,4");
      expect(texts(again)).toEqual(["1", "2", "3", "4"]);
      expect(second.outbox.get()).toEqual([]);
    });
    const theirs = clientOf(server, bob.id, { storage: "memory" });
    await closing([theirs], async () => {
      const read = theirs.conversation(direct);
      await until("they are there", () => read.messages.get().items.length > 0);
      expect(texts(read)).toEqual(["1", "2", "3", "4"]);
    });
  });

  it("outlive the page also where they were written before its store was open", async () => {
    using _ = browser();
    const { alice, direct } = await two();
    await using line = await lineTo(server.address);
    line.cut();
    const open = (): Client => clientOf(server, alice.id, { address: line.address, tabs: false });
    const first = open();
    first.send(direct, "early");
    first.conversation(direct).setDraft("a draft");
    await first.close();
    const second = open();
    await closing([second], async () => {
      await until("it is there", () => second.outbox.get().length === 1);
      expect(second.conversation(direct).draft.get()).toBe("a draft");
      line.mend();
      await until("it has come", () => {
        second.reconnect();
        return second.outbox.get().length === 0;
      });
    });
  });

  it("are stored once, and in order, where answers are lost", async () => {
    const { alice, direct } = await two();
    let calls = 0;
    const losing: ClientOptions["fetch"] = async (...of) => {
      const response = await fetch(...of);
      const isSend = (of[1]?.body as string).includes("sendMessage(");
      if (isSend && calls++ % 2 === 0) throw new TypeError("the answer is lost");
      return response;
    };
    const client = clientOf(server, alice.id, { fetch: losing });
    await closing([client], async () => {
      await live(client);
      const handle = client.conversation(direct);
      const sent = ["1", "2", "3", "4"];
      for (const text of sent) client.send(direct, text);
      await until("all have come", () => seqs(handle).join() === "1,2,3,4" && client.outbox.get().length === 0);
      expect(texts(handle)).toEqual(sent);
      expect(calls).toBeGreaterThanOrEqual(4);
    });
  });

  it("are failed where the server refuses them, with what it said, until they are sent again or forgotten", async () => {
    const { alice, bob, direct } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      await bob.do("block", { userId: alice.id, on: true });
      const handle = client.conversation(direct);
      const [one, other] = [client.send(direct, "one"), client.send(direct, "other")];
      const failed = () => client.outbox.get().filter(({ state }) => state === "failed");
      await until("both have failed", () => failed().length === 2);
      expect(failed()[0]?.error?.code).toBe("FORBIDDEN");
      expect(texts(handle)).toEqual(["one", "other"]);
      await bob.do("block", { userId: alice.id, on: false });
      client.retry(one.id);
      client.discard(other.id);
      await until("it has come", () => seqs(handle).join() === "1");
      expect(texts(handle)).toEqual(["one"]);
      expect(client.outbox.get()).toEqual([]);
    });
  });
});

describe("the history", () => {
  it("is loaded in pages, jumped into, and joined where pages meet", async () => {
    const { alice, direct, say } = await two();
    for (let index = 1; index <= 130; index++) await say(String(index));
    await until("all can be read", async () => {
      const { viewer } = await alice.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
      return viewer.unreadTotal === 130;
    });
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      const handle = client.conversation(direct);
      const view = () => {
        const { items, reachedStart, reachedEnd } = handle.messages.get();
        const numbers = items.map((item) => (item as Message).seq);
        expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
        return { from: numbers[0], to: numbers.at(-1), reachedStart, reachedEnd };
      };
      await until("the newest are shown", () => handle.messages.get().items.length === 50);
      expect(view()).toEqual({ from: 81, to: 130, reachedStart: false, reachedEnd: true });
      const told: MessagesState[] = [];
      const end = handle.messages.subscribe(() => {
        const now = handle.messages.get();
        if (told.at(-1) !== now) told.push(now);
      });
      await handle.loadOlder(10);
      await until("it is told", () => told.length > 0);
      end();
      // Whoever draws them draws once.
      expect(told.map(({ items }) => items.length)).toEqual([60]);
      expect(view()).toEqual({ from: 71, to: 130, reachedStart: false, reachedEnd: true });
      await handle.jumpTo(20);
      expect(view()).toMatchObject({ reachedEnd: false });
      expect(view().from).toBeLessThanOrEqual(20);
      await say("131");
      await until("it is known", () => handle.conversation.get()?.lastSeq === 131);
      expect(view().to).toBeLessThan(131);
      while (!handle.messages.get().reachedEnd) await handle.loadNewer(100);
      while (!handle.messages.get().reachedStart) await handle.loadOlder(100);
      expect(view()).toEqual({ from: 1, to: 131, reachedStart: true, reachedEnd: true });
      await handle.jumpTo(60);
      await handle.jumpToEnd();
      expect(view()).toMatchObject({ to: 131, reachedEnd: true });
      const opened = [direct];
      await agrees(alice, client, opened);
    });
  });

  it("shows what comes in a conversation that was empty when it was opened", async () => {
    const { alice, direct, say } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      const handle = client.conversation(direct);
      await until("it is known to be empty", () => handle.messages.get().reachedEnd);
      await say("1");
      await until("it is shown", () => texts(handle).join() === "1");
    });
  });

  it("is there once a conversation is that was refused before: the other one had not registered", async () => {
    const { alice } = await two();
    const late = `late${count}`;
    const direct = `d:${alice.id}~${late}`;
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      const handle = client.conversation(direct);
      await until("it is refused", () => handle.messages.get().error?.code === "NOT_FOUND");
      const one = await registered(server, late);
      await one.do("sendMessage", { conversationId: direct, text: "Here I am" });
      await until("it is shown", () => texts(handle).join() === "Here I am");
      await agrees(alice, client, [direct]);
      expect(handle.messages.get().error).toBeUndefined();
    });
  });

  it("is there without a network, as it was, with a gap where something came meanwhile", async () => {
    using _ = browser();
    const { alice, direct, say } = await two();
    for (const text of ["1", "2", "3"]) await say(text);
    await using line = await lineTo(server.address);
    const open = (): Client => clientOf(server, alice.id, { address: line.address, tabs: false });
    const first = open();
    const handle = first.conversation(direct);
    await until("they are shown", () => seqs(handle).join() === "1,2,3" && first.conversations.get().items.length === 1);
    handle.release();
    await first.close();
    line.cut();

    const second = open();
    await closing([second], async () => {
      const again = second.conversation(direct);
      await until("they are shown", () => seqs(again).join() === "1,2,3");
      await until("the conversation is listed", () => second.conversations.get().items.length === 1);
      expect(second.me.get()?.id).toBe(alice.id);
      await say("4");
      line.mend();
      second.reconnect();
      await until("what came is shown", () => seqs(again).join() === "1,2,3,4");
    });
  });
});

describe("a client that starts again", () => {
  it("goes on from the cursor that it had, and fetches nothing else anew", async () => {
    using _ = browser();
    const { alice, say } = await two();
    await say("1");
    const asked: string[] = [];
    const watching: ClientOptions["fetch"] = (...of) => {
      asked.push((JSON.parse(of[1]?.body as string) as { query: string }).query);
      return fetch(...of);
    };
    const open = (): Client => clientOf(server, alice.id, { fetch: watching, tabs: false });
    const first = open();
    await live(first);
    await first.close();
    await say("2");
    asked.length = 0;
    const second = open();
    await closing([second], async () => {
      await until("it shows what it had", () => second.conversations.get().items.length === 1);
      await live(second);
      await until("what came meanwhile is counted", () => second.unread.get().total === 2);
      expect(asked).not.toContain(Start);
    });
  });

  it("fetches what it had no time to fetch before it ended", async () => {
    using _ = browser();
    const { alice, direct, say } = await two();
    let refused = 0;
    const failing: ClientOptions["fetch"] = async (...of) => {
      if (!(of[1]?.body as string).includes("query Conversations(")) return fetch(...of);
      refused += 1;
      throw new TypeError("there is no network");
    };
    const first = clientOf(server, alice.id, { fetch: failing, tabs: false });
    await live(first);
    await say("the first message of all");
    await until("it wants to know where that came", () => refused > 0);
    expect(first.conversations.get().items).toEqual([]);
    await first.close();
    const second = clientOf(server, alice.id, { tabs: false });
    await closing([second], async () => {
      await until("it lists where that came", () => second.conversations.get().items[0]?.id === direct);
    });
  });

  it("shows nothing of somebody else's", async () => {
    using _ = browser();
    const [{ alice, say }, other] = [await two(), await two()];
    await say("a secret");
    const first = clientOf(server, alice.id, { tabs: false, name: "one store" });
    await live(first);
    await first.close();
    const second = clientOf(server, other.alice.id, { tabs: false, name: "one store" });
    await closing([second], async () => {
      await until("it is theirs", () => second.me.get()?.id === other.alice.id);
      expect(second.conversations.get().items).toEqual([]);
    });
  });

  it("has the drafts that were written", async () => {
    using _ = browser();
    const { alice, direct } = await two();
    const first = clientOf(server, alice.id, { tabs: false });
    await live(first);
    first.conversation(direct).setDraft("half a sent");
    await first.close();
    const second = clientOf(server, alice.id, { tabs: false });
    await closing([second], async () => {
      const { draft, setDraft } = second.conversation(direct);
      await until("it is there", () => draft.get() === "half a sent");
      setDraft("");
    });
  });
});

describe("tabs of one browser", () => {
  it("share one connection, one store and what is on its way; another one goes on where the leading one ends", async () => {
    using _ = browser();
    const { alice, bob, direct, say } = await two();
    const sockets = countedSockets();
    const open = (): Client => clientOf(server, alice.id, { webSocket: sockets.webSocket });
    const [one, other] = await led(open);
    await closing([one, other], async () => {
      await Promise.all([live(one), live(other)]);
      expect(sockets.open()).toBe(1);
      const handles = [one, other].map((client) => client.conversation(direct));
      await say("hello");
      await until("both show it", () => handles.every((handle) => texts(handle).join() === "hello"));
      other.send(direct, "from the other tab");
      await until("both show that", () => handles.every((handle) => seqs(handle).join() === "1,2"));
      const told: (string | undefined)[][] = [[], []];
      const ends = [one, other].map((client, index) => client.onEntry((entry) => told[index]?.push(entry?.__typename)));
      await bob.do("pinMessage", { conversationId: direct, seq: 1, on: true });
      await until("both are told of what they do not hold", () => told.every((types) => types.includes("MessageChanged")));
      for (const end of ends) end();
      handles[1]?.setDraft("a draft");
      await until("both have the draft", () => handles[0]?.draft.get() === "a draft");

      await one.close();
      await say("to the one that is left");
      await until("it shows it", () => seqs(handles[1] as ConversationHandle).join() === "1,2,3");
      expect(sockets.open()).toBe(1);
      await agrees(alice, other, [direct]);
      const third = open();
      await closing([third], async () => {
        await until("a new one shows the same", () => third.conversations.get().items.length === 1);
        await live(third);
        await agrees(alice, third, []);
        expect(sockets.open()).toBe(1);
        const typed = third.conversation(direct);
        const end = typed.typing.subscribe(() => undefined);
        await until("a tab without a connection is told who types", async () => {
          await bob.ask("mutation ($id: ID!) { setTyping(conversationId: $id, typing: true) }", { id: direct });
          return typed.typing.get().some(({ id }) => id === bob.id);
        });
        end();
      });
    });
  });

  it("send each message once where the leading tab ends in the middle", async () => {
    using _ = browser();
    const { alice, direct } = await two();
    const open = (): Client => clientOf(server, alice.id);
    const [one, other] = [open(), open()];
    await Promise.all([live(one), live(other)]);
    const sent = Array.from({ length: 12 }, (_, index) => String(index));
    for (const [index, text] of sent.entries()) (index % 2 === 0 ? one : other).send(direct, text);
    await until("some are stored", () => other.outbox.get().length < 11);
    await one.close();
    await closing([other], async () => {
      const handle = other.conversation(direct);
      await until("all have come", () => other.outbox.get().length === 0 && handle.messages.get().items.length === 12);
      const arrived = texts(handle);
      expect([...arrived].sort()).toEqual([...sent].sort());
      for (const half of [0, 1]) {
        const isOfHalf = (text: unknown): boolean => Number(text) % 2 === half;
        expect(arrived.filter(isOfHalf)).toEqual(sent.filter(isOfHalf));
      }
    });
  });

  it("have what one of them did not hear, said again", async () => {
    using _ = browser();
    const lost = new Set<string>();
    losing(({ type }) => lost.delete(type));
    const { alice, bob, direct, say } = await two();
    const open = (): Client => clientOf(server, alice.id);
    const [one, other] = await led(open);
    await closing([one, other], async () => {
      await Promise.all([live(one), live(other)]);
      await say("0");
      await until("both show it", () => [one, other].every((client) => client.unread.get().total === 1));
      lost.add("step");
      await say("1");
      await until("the leading tab shows it", () => one.unread.get().total === 2);
      expect(other.unread.get().total).toBe(1);
      await say("2");
      await until("the other shows all", () => other.unread.get().total === 3);
      // What it asks for, and the answer.
      lost.add("call");
      await other.conversation(direct).markRead(3);
      expect(one.unread.get().total).toBe(0);
      lost.add("answer");
      await other.loadMoreConversations();
      lost.add("call");
      other.send(direct, "3");
      await until("it has come", () => other.outbox.get().length === 0);
      const theirs = await someone(server, bob.id);
      const { viewer } = await theirs.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
      expect(viewer.unreadTotal).toBe(1);
      await agrees(alice, other, []);
    });
  });

  it("go on where another tab takes the lead away, and back", async () => {
    using page = browser();
    const { alice, say } = await two();
    const sockets = countedSockets();
    const client = clientOf(server, alice.id, { name: "one", webSocket: sockets.webSocket });
    await closing([client], async () => {
      await live(client);
      const release = page.steal("tidings one");
      await until("it has no connection", () => sockets.open() === 0);
      await say("meanwhile");
      release();
      await until("it is told", () => client.unread.get().total === 1);
      expect(sockets.open()).toBe(1);
    });
  });

  it("take nothing that was fetched before another tab led", async () => {
    using page = browser();
    const { alice, say } = await two();
    let isHeld = true;
    let answered = 0;
    let release = (): void => undefined;
    const held: ClientOptions["fetch"] = async (...of) => {
      const answer = await fetch(...of);
      if (isHeld && (of[1]?.body as string).includes("query Start(")) {
        isHeld = false;
        answered++;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return answer;
    };
    const client = clientOf(server, alice.id, { name: "one", fetch: held });
    await closing([client], async () => {
      await until("all is being fetched", () => answered === 1);
      const back = page.steal("tidings one");
      await say("meanwhile");
      back();
      await live(client);
      await until("it is told", () => client.unread.get().total === 1);
      release();
      // By the time that this is answered, that has been taken.
      for (let asked = 0; asked < 2; asked++) await client.request(UnreadTotal, {});
      expect(client.unread.get().total).toBe(1);
      await agrees(alice, client, []);
    });
  });

  it("send what the leading tab wrote last, also where they hear of it after its end", async () => {
    using _ = browser();
    const letGo = delaying("outgoing");
    const { alice, bob, direct } = await two();
    await using line = await lineTo(server.address);
    const open = (): Client => clientOf(server, alice.id, { address: line.address });
    const [one, other] = await led(open);
    await closing([one, other], async () => {
      await Promise.all([live(one), live(other)]);
      line.cut();
      await until("it knows that there is no connection", () => one.connection.get().state !== "live");
      one.send(direct, "last words");
      await one.close();
      line.mend();
      other.reconnect();
      await live(other);
      letGo();
      await until("they have come", async () => {
        const { viewer } = await bob.ask<{ viewer: { unreadTotal: number } }>("{ viewer { unreadTotal } }");
        return viewer.unreadTotal === 1;
      });
      await until("they are not on their way any more", () => other.outbox.get().length === 0);
    });
  });

  it("have the same, also where one of them came while something was fetched", async () => {
    using _ = browser();
    const { alice, bob } = await two();
    let answered = 0;
    let release = (): void => undefined;
    const held: ClientOptions["fetch"] = async (...of) => {
      const answer = await fetch(...of);
      if (!(of[1]?.body as string).includes("query People(") || answered++ > 0) return answer;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return answer;
    };
    const one = clientOf(server, alice.id, { fetch: held });
    await live(one);
    const end = one.people.subscribe(() => undefined);
    await until("people are being fetched", () => answered === 1);
    const told: (string | undefined)[] = [];
    one.onEntry((entry) => told.push(entry?.__typename));
    await bob.do("requestFriendship", { userId: alice.id });
    await until("it is told", () => told.includes("FriendRequestChanged"));
    const other = clientOf(server, alice.id);
    await closing([one, other], async () => {
      await live(other);
      release();
      for (const client of [one, other])
        await until("the request is there", () => client.people.get().incomingRequests.length === 1);
      expect(answered).toBe(1);
      end();
    });
  });

  it("ask what is unread in all where the leading one may have ended while it asked", async () => {
    using _ = browser();
    const { alice, bob } = await two();
    for (const title of ["1", "2", "3"]) await bob.do("createConversation", { kind: "GROUP", title, memberIds: [alice.id] });
    await until("the views have them", async () => {
      const { viewer } = await alice.ask<{ viewer: { conversations: { edges: unknown[] } } }>(
        "{ viewer { conversations { edges { cursor } } } }",
      );
      return viewer.conversations.edges.length === 3;
    });
    let totals = 0;
    const few: ClientOptions["fetch"] = (url, init) => {
      const body = (init?.body as string).replace('"variables":{"first":50', '"variables":{"first":2');
      if (body.includes("query UnreadTotal(")) totals++;
      return fetch(url, { ...init, body });
    };
    const open = (): Client => clientOf(server, alice.id, { fetch: few });
    const [one, other] = await led(open);
    await closing([one, other], async () => {
      await Promise.all([live(one), live(other)]);
      expect(other.conversations.get().items).toHaveLength(2);
      expect(totals).toBe(0);
      await one.close();
      await until("it asks", () => totals === 1);
    });
  });

  it("are answered once, however often they ask meanwhile", async () => {
    using _ = browser();
    const posted: string[] = [];
    losing(({ type }) => {
      posted.push(type);
      return false;
    });
    const { alice, direct, say } = await two();
    await say("1");
    await using line = await lineTo(server.address);
    const open = (): Client => clientOf(server, alice.id, { address: line.address });
    const [one, other] = await led(open);
    const count = (type: string): number => posted.filter((said) => said === type).length;
    await closing([one, other], async () => {
      await Promise.all([live(one), live(other)]);
      await until("it is counted", () => other.unread.get().total === 1);
      line.cut();
      posted.length = 0;
      const read = other.conversation(direct).markRead(1);
      await until("it has asked again", () => count("call") >= 3);
      line.mend();
      one.reconnect();
      await read;
      await live(other);
      expect(posted.filter((type) => type === "call" || type === "answer").join()).not.toContain("answer,answer");
    });
  });

  it("all know why there is no connection, and all are told by subscriptions that began before there was one", async () => {
    using _ = browser();
    const { alice, bob, direct } = await two();
    let isGood = false;
    const token = async (): Promise<string> => (isGood ? server.token(alice.id) : "nonsense");
    const open = (): Client => clientOf(server, alice.id, { token, name: "one" });
    const [one, other] = [open(), open()];
    await closing([one, other], async () => {
      const end = other.conversation(direct).typing.subscribe(() => undefined);
      for (const client of [one, other])
        await until("it says so", () => client.connection.get().error?.code === "UNAUTHENTICATED");
      isGood = true;
      other.reconnect();
      await Promise.all([live(one), live(other)]);
      await until("it is told who types", async () => {
        await bob.ask("mutation ($id: ID!) { setTyping(conversationId: $id, typing: true) }", { id: direct });
        return other.conversation(direct).typing.get().length === 1;
      });
      end();
    });
  });
});

describe("people", () => {
  it("are loaded when somebody looks, and follow what happens; a new name is shown everywhere", async () => {
    const { alice, bob, direct, say } = await two();
    const client = clientOf(server, alice.id);
    await closing([client], async () => {
      await live(client);
      expect(client.people.get().loaded).toBe(false);
      const end = client.people.subscribe(() => undefined);
      await until("they are loaded", () => client.people.get().loaded);
      await bob.do("requestFriendship", { userId: alice.id, note: "It is me" });
      await until("the request is there", () => client.people.get().incomingRequests.length === 1);
      await alice.do("answerFriendRequest", { id: client.people.get().incomingRequests[0]?.id, accept: true });
      await until("they are friends", () => client.people.get().friends.length === 1);
      expect(client.people.get().incomingRequests).toEqual([]);
      const handle = client.conversation(direct);
      await say("hello");
      await until("it is shown", () => texts(handle).length === 1);
      await bob.do("updateProfile", { name: "Robert" });
      await say("I have a new name");
      await until("it is shown", () => texts(handle).length === 2);
      expect(handle.messages.get().items.map((item) => (item as Message).sender.name)).toEqual(["Robert", "Robert"]);
      expect(client.people.get().friends[0]?.name).toBe("Robert");
      expect(handle.conversation.get()?.title).toBe("Robert");
      const me = await someone(server, alice.id);
      await agrees(me, client, [direct]);
      end();
    });
  });
});
