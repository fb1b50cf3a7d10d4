import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Commander, createCommander } from "../../examples/devices/commander.ts";
import { runDevice, topicOf } from "../../examples/devices/device.ts";
import { createFeed } from "../../examples/feed/feed.ts";
import { inFile } from "../../examples/inFile.ts";
import { signIn } from "../../examples/signIn.ts";
import { chat } from "../../examples/terminal/chat.ts";
import type { Client } from "../../src/client/index.ts";
import { Join, Leave } from "../../src/client/operations.ts";
import { foldedGenerations } from "../../src/server/views.ts";
import { lineTo } from "../client/support/line.ts";
import { live, registered, someone, type Someone } from "../client/support/people.ts";
import { apiServer, type ApiServer } from "../support/apiServer.ts";
import { withViews } from "../support/serverViews.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";

/* What examples/ has, against a server. One file, so that one server is enough. */

let server: ApiServer;
let folder: Awaited<ReturnType<typeof tempDir>>;
let bob: Someone;
let editor: Someone;

beforeAll(async () => {
  folder = await tempDir();
  server = await apiServer({ DATA_DIR: join(folder.path, "data") });
  [bob, editor] = await Promise.all([registered(server, "bob"), registered(server, "editor")]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

// ------------------------------------------------------------------------------------------------------------- terminal

/** What is shown, without what moves the cursor. `shows` waits for something after what the last one waited for. */
function screenOf(...outputs: NodeJS.ReadableStream[]) {
  let text = "";
  for (const output of outputs) output.on("data", (data) => (text += stripVTControlCharacters(String(data))));
  return {
    shows: async (what: string): Promise<void> => {
      await until(`it shows "${what}"`, () => text.includes(what)).catch(() => expect(text).toContain(what));
      text = text.slice(text.indexOf(what) + what.length);
    },
  };
}

/** A terminal, and somebody who sits in front of it. */
function sitting(user: string, address: string, file: string) {
  const client = signIn(user, { server: address, storage: inFile(join(folder.path, file)) });
  const input = new PassThrough();
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const ended = chat(client, input, output);
  return { client, ended, type: (keys: string) => void input.write(keys), ...screenOf(output) };
}

/** What is stored of a conversation, as Bob reads it. */
const textsIn = async (id: string): Promise<(string | null)[]> => {
  const { conversation } = await bob.ask<{ conversation: { messages: { edges: { node: { text: string | null } }[] } } }>(
    "query ($id: ID!) { conversation(id: $id) { messages(last: 100) { edges { node { text } } } } }",
    { id },
  );
  return conversation.messages.edges.map(({ node }) => node.text);
};

describe("the chat in a terminal", () => {
  it("shows a list, history, what comes, who types and what is unread", async () => {
    const { client, ended, type, shows } = sitting("ann", server.address, "ann.json");
    await live(client);
    for (let number = 1; number <= 55; number++) await bob.do("sendMessage", { userId: "ann", text: `number ${number}.` });
    await shows("55 unread");
    type("/list\r");
    await shows("1 bob's name (55 unread): number 55.");
    type("/open 1\r");
    await shows("bob's name: number 6.");
    await shows("bob's name: number 55.");
    await until("all is read", () => client.unread.get().total === 0);
    type("/older\r");
    await shows("bob's name: number 1.");
    await shows("bob's name: number 5.");

    await bob.do("sendMessage", { userId: "ann", text: "Still there?" });
    await shows("bob's name: Still there?");
    await bob.ask('mutation { setTyping(conversationId: "d:ann~bob", typing: true) }');
    await shows("bob's name types");
    type("Hello");
    await until("Bob is told that Ann types", async () => {
      const { conversation } = await bob.ask<{ conversation: { typing: { id: string }[] } }>(
        '{ conversation(id: "d:ann~bob") { typing { id } } }',
      );
      return conversation.typing[0]?.id === "ann";
    });
    type(" Bob\r");
    await shows("ann: Hello Bob");
    const cat = await registered(server, "cat");
    await cat.do("sendMessage", { userId: "ann", text: "Good morning" });
    await shows("1 unread");
    type("/with nobody\r");
    await shows('there is nobody and nothing called "nobody"');
    type("/quit\r");
    await ended;
  });

  it("keeps what was written offline, also when it ends, and sends it once, in order", async () => {
    await using line = await lineTo(server.address);
    const before = sitting("dan", line.address, "dan.json");
    await live(before.client);
    before.type("/with bob\r");
    await before.shows("bob's name> ");
    before.type("zero\r");
    await before.shows("dan: zero");
    line.cut();
    await before.shows("waiting");
    before.type("one\r");
    before.type("two\r");
    await before.shows("2 to send");
    // Ctrl-C.
    before.type("\x03");
    await before.ended;
    expect(await textsIn("d:bob~dan")).toEqual(["zero"]);

    line.mend();
    const after = sitting("dan", line.address, "dan.json");
    await until("it knows the conversation", () => after.client.conversations.get().items.length > 0);
    after.type("/open 1\r");
    await after.shows("dan: zero");
    await after.shows("dan: one");
    await after.shows("dan: two");
    await until("nothing is to be sent any more", () => after.client.outbox.get().length === 0);
    after.type("\x03");
    await after.ended;
    expect(await textsIn("d:bob~dan")).toEqual(["zero", "one", "two"]);
  });

  it("runs by its command, and Ctrl-C ends it", async () => {
    const run = fileURLToPath(new URL("../../examples/run.mjs", import.meta.url));
    const env = { ...process.env, HOME: folder.path, TIDINGS_URL: server.address };
    const child = spawn(process.execPath, [run, "terminal", "eve"], { env });
    const closed = once(child, "close");
    const { shows } = screenOf(child.stdout, child.stderr);
    await shows("anything else is sent");
    // Nothing more to say: it is connected.
    await shows("> > ");
    child.stdin.write("/with bob\n");
    await shows("bob's name");
    child.stdin.write("Hello from a process\n");
    await shows("eve: Hello from a process");
    child.kill("SIGINT");
    expect(await closed).toEqual([0, null]);
  });
});

// -------------------------------------------------------------------------------------------------------------- devices

/** A device that is switched on, and what it did. */
async function device(name: string, run: (command: string) => string | Promise<string> = (command) => `${command} of ${name}`) {
  const own = signIn(name, { server: server.address });
  const did: string[] = [];
  const end = runDevice(own, topicOf("fleet", name), (command) => {
    did.push(command);
    return run(command);
  });
  await live(own);
  return {
    did,
    off: async (): Promise<void> => {
      end();
      await own.close();
    },
  };
}

/** How many messages a topic has, as one of its two sees it; undefined to others. */
const lengthOf = async (one: Someone, name: string): Promise<number | undefined> => {
  const query = "query ($id: ID!) { conversation(id: $id) { lastSeq } }";
  const { conversation } = await one.ask<{ conversation: { lastSeq: number } | null }>(query, { id: topicOf("fleet", name) });
  return conversation?.lastSeq;
};

describe("devices", () => {
  const DEVICES = 20;
  let client: Client;
  let commander: Commander;
  beforeAll(async () => {
    client = signIn("fleet", { server: server.address });
    await live(client);
    commander = createCommander(client, "fleet");
  });
  afterAll(async () => {
    commander.close();
    await client.close();
  });

  it("get commands, each over a topic of its own, and answer", async () => {
    const names = Array.from({ length: DEVICES }, (_, number) => `sensor-${number}`);
    const devices = await Promise.all(names.map((name) => device(name)));
    const answers = await Promise.all(names.map((name) => commander.ask(name, "temperature")));
    expect(answers).toEqual(names.map((name) => `temperature of ${name}`));
    expect(devices.map(({ did }) => did)).toEqual(names.map(() => ["temperature"]));
    const stranger = await registered(server, "stranger");
    await expect(lengthOf(stranger, "sensor-0")).resolves.toBeFalsy();
    await Promise.all(devices.map(({ off }) => off()));
  });

  it("do what came while they were away, in order and once, however often they start", async () => {
    const name = "pump";
    const first = await device(name);
    expect(await commander.ask(name, "start")).toBe("start of pump");
    await first.off();

    // More than a page of them.
    const commands = Array.from({ length: 60 }, (_, number) => `step ${number}`);
    const answers = Promise.all(commands.map((command) => commander.ask(name, command)));
    const fleet = await someone(server, "fleet");
    await until("all of them wait", async () => (await lengthOf(fleet, name)) === 62);
    const second = await device(name);
    expect(await answers).toEqual(commands.map((command) => `${command} of pump`));
    expect(second.did).toEqual(commands);
    await second.off();

    const third = await device(name, () => {
      throw new Error("no power");
    });
    expect(await commander.ask(name, "stop")).toBe("failed: no power");
    expect(third.did).toEqual(["stop"]);
    await third.off();
  });

  it("do a command again that was cut off; what is refused or takes too long is told", async () => {
    const name = "valve";
    const cut = await device(name, () => new Promise(() => undefined));
    const answer = commander.ask(name, "open");
    await until("it has begun", () => cut.did.length === 1);
    await cut.off();
    await expect(commander.ask(name, "close", 1)).rejects.toThrow("valve has not answered yet");
    const again = await device(name);
    expect(await answer).toBe("open of valve");
    await until("it does what nobody waits for any more", () => again.did.length === 2);
    expect(again.did).toEqual(["open", "close"]);
    await again.off();
    await expect(commander.ask("nobody", "start")).rejects.toThrow("there is no user");
  });
});

// ----------------------------------------------------------------------------------------------------------------- feed

type Post = { id: string; text: string; sentAt: string; cursor: string };

const channel = async (title: string): Promise<string> => {
  const input = { kind: "CHANNEL", title, public: true, joinPolicy: "OPEN" };
  const { conversation } = await editor.do("createConversation", input, "conversation { id }");
  return (conversation as { id: string }).id;
};
const post = (id: string, text: string) => editor.do("sendMessage", { conversationId: id, text });

/** What was posted in these channels, the newest first: as the server has it. */
async function merged(...ids: string[]): Promise<string[]> {
  const all: Post[] = [];
  for (const id of ids) {
    const { conversation } = await editor.ask<{ conversation: { messages: { edges: { node: Post }[] } } }>(
      "query ($id: ID!) { conversation(id: $id) { messages(last: 100) { edges { node { id text sentAt cursor } } } } }",
      { id },
    );
    all.push(...conversation.messages.edges.map(({ node }) => node));
  }
  const key = ({ sentAt, cursor }: Post): string => `${sentAt} ${cursor}`;
  return all.sort((one, other) => (key(one) > key(other) ? -1 : 1)).map(({ text }) => text);
}

// The last one: it ends the server, and looks at what that has stored.
describe("the feed", () => {
  it("merges the channels that somebody follows, page by page, and copies nothing", async () => {
    const [news, sport, quiet, other] = (await Promise.all(["News", "Sport", "Quiet", "Other"].map(channel))) as [
      string,
      string,
      string,
      string,
    ];
    await post(quiet, "quiet 1");
    // One of them posts more than a page at a stretch.
    for (let number = 1; number <= 70; number++) await post(news, `news ${number}`);
    for (let number = 1; number <= 30; number++) {
      await post(sport, `sport ${number}`);
      if (number % 3 === 0) await post(news, `news late ${number}`);
      if (number % 10 === 0) await post(other, `other ${number}`);
    }

    const asked: string[] = [];
    const client = signIn("reader", {
      server: server.address,
      fetch: (url, init) => {
        asked.push(init?.body as string);
        return fetch(url, init);
      },
    });
    const askedFor = (id: string): number => asked.filter((body) => body.includes("MessagePage") && body.includes(id)).length;
    const feed = createFeed(client, () => undefined);
    const texts = (): (string | null)[] => feed.posts().map(({ text }) => text);
    try {
      await feed.more();
      expect(texts()).toEqual([]);
      const input = (id: string) => ({ input: { clientMutationId: crypto.randomUUID(), id } });
      for (const id of [news, sport, quiet]) await client.request(Join, input(id));
      await until("it has a page", () => feed.posts().length >= 20);
      const all = await merged(news, sport, quiet);
      const [first] = [texts()];
      expect(first).toEqual(all.slice(0, first.length));
      // It has not come down to this one.
      expect([askedFor(news), askedFor(sport), askedFor(quiet)]).toEqual([1, 1, 0]);

      await post(quiet, "quiet 2");
      await until("what was posted is at the top", () => texts()[0] === "quiet 2");
      await post(sport, "sport 31");
      await until("what was posted is at the top", () => texts()[0] === "sport 31");
      expect(texts()).toEqual((await merged(news, sport, quiet)).slice(0, texts().length));

      for (let pages = 0; texts().at(-1) !== "quiet 1"; pages++) {
        const { length } = texts();
        await feed.more();
        expect(texts().length).toBeGreaterThan(length);
        expect(texts()).toEqual((await merged(news, sport, quiet)).slice(0, texts().length));
        expect(pages).toBeLessThan(6);
      }
      expect(texts()).toEqual(await merged(news, sport, quiet));

      await client.request(Join, input(other));
      const expected = await merged(news, sport, quiet, other);
      await until("the posts of another channel are among them", () => texts().length === expected.length);
      expect(texts()).toEqual(expected);
      await client.request(Leave, input(news));
      await until("those of one that was left are gone", () => !texts().some((text) => text?.startsWith("news")));
      expect(texts()).toEqual(await merged(sport, quiet, other));
    } finally {
      feed.close();
      await client.close();
    }

    await server.stop();
    const holding = await withViews({ DATA_DIR: server.config.dataDir }, async (store) => {
      const found: string[] = [];
      for (const { name } of await foldedGenerations(store)) {
        const snapshot = await store.snapshot();
        for (const { table, partition, text } of await snapshot.rows(name, undefined, 10_000))
          if (text.includes("sport 17")) found.push(`${table} ${partition}`);
        await snapshot.close();
      }
      return found;
    });
    expect(holding).toEqual([`messages ${sport}`]);
  });
});
