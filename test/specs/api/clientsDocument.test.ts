import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApolloClient } from "@apollo/client";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import * as introspection from "@graphql-codegen/introspection";
import type { Client as UrqlClient } from "@urql/core";
import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  type IntrospectionQuery,
  parse,
  printSchema,
} from "graphql";
import type { Client as SocketClient } from "graphql-ws";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Relay, relay } from "../../support/relay.ts";
import { until } from "../../support/until.ts";

/*
 * The code of docs/clients.md as it stands there: its types are made from a server's schema, it is type-checked, and it is run
 * against that server, over connections that break.
 */

const SECRET = "a secret that is shared with nobody at all";
const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Beside the build, where packages are found; what is here is no part of the project. */
const folder = join(root, "dist", `clients-${randomUUID()}`);

type Place = { cursor: string | null };
type Code = {
  config: {
    schema: [Record<string, { headers: Record<string, string> }>];
    documents: string[];
    generates: Record<string, { config: object } & ({ preset: string; presetConfig: object } | { plugins: string[] })>;
  };
  operations: Record<"LIST" | "UNREAD" | "CONVERSATION" | "MESSAGES" | "SEND", never> & {
    possibleTypes: Record<string, string[]>;
    keyless: string[];
  };
  tokenOf(user: string): Promise<string>;
  socketOf(url: string, token: () => Promise<string>, place: Place): SocketClient;
  apollo: {
    apolloOf(url: string, token: () => Promise<string>, socket: SocketClient): ApolloClient;
    begin(client: ApolloClient, place: Place, failed: (fault: unknown) => void): Promise<{ unsubscribe(): void }>;
  };
  urql: {
    urqlOf(url: string, token: () => Promise<string>, socket: SocketClient): UrqlClient;
    begin(
      client: UrqlClient,
      place: Place,
      failed: (fault: unknown) => void,
      reset: () => void,
    ): Promise<{ unsubscribe(): void }>;
  };
};

let server: ApiServer;
let code: Code;
let files: Map<string, string>;

const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ join(folder, name));

/** The blocks of the document that begin with the name of a file. */
async function blocks(): Promise<Map<string, string>> {
  const document = await readFile(join(root, "docs/clients.md"), "utf8");
  const found = new Map(
    [...document.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = "", text = ""]) => [name, text]),
  );
  const fences = document.match(/^```ts$/gm)?.length;
  if (found.size !== fences) throw new Error(`of ${fences} blocks of code, ${found.size} have a name of their own`);
  return found;
}

/** The schema as the document's codegen asks a server for it. */
async function schemaBy({ schema: [source] }: Code["config"]): Promise<GraphQLSchema> {
  const [[url, { headers }]] = Object.entries(source) as [[string, { headers: Record<string, string> }]];
  const answer = await fetch(url.replace("http://localhost:4000", server.address), {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery() }),
  });
  const { data } = (await answer.json()) as { data: IntrospectionQuery };
  return buildClientSchema(data);
}

/** What `graphql-codegen` does by the document's configuration. */
async function generate(config: Code["config"]): Promise<void> {
  const schemaAst = await schemaBy(config);
  const documents = config.documents.flatMap((location) =>
    [...(files.get(location) ?? "").matchAll(/graphql\(`([^`]*)`\)/g)].map(([, rawSDL = ""]) => ({
      location,
      rawSDL,
      document: parse(rawSDL),
    })),
  );
  for (const [output, { config: settings, ...made }] of Object.entries(config.generates)) {
    const target = { schema: parse(printSchema(schemaAst)), schemaAst, config: settings, plugins: [], pluginMap: {} };
    if ("preset" in made) {
      expect(made.preset).toBe("client");
      const { presetConfig } = made;
      const options = { ...target, presetConfig, baseOutputDir: `${folder}/${output}`, documents };
      for (const section of await preset.buildGeneratesSection(options)) await write({ ...section, schemaAst });
    } else {
      expect(made.plugins).toEqual(["introspection"]);
      await write({
        ...target,
        filename: join(folder, output),
        documents: [],
        plugins: [{ introspection: {} }],
        pluginMap: { introspection },
      });
    }
  }
}

async function write(options: Parameters<typeof codegen>[0]): Promise<void> {
  await mkdir(dirname(options.filename), { recursive: true });
  await writeFile(options.filename, await codegen(options));
}

/** What a compiler finds wrong with files of the folder. */
function typeFaults(names: readonly string[]): string[] {
  const program = ts.createProgram(
    names.map((name) => join(folder, name)),
    {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      resolveJsonModule: true,
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.slice(folder.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
    );
}

const globals = globalThis as { WebSocket?: unknown };
const itsOwn = globals.WebSocket;

beforeAll(async () => {
  server = await apiServer({ AUTH_SECRET: SECRET });
  // As in browsers, and in every Node but 20.
  globals.WebSocket = WebSocket;
  process.env["AUTH_SECRET"] = SECRET;
  process.env["TOKEN"] = await server.token("operator");
  files = await blocks();
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  const { config } = (await load("codegen.ts")) as Pick<Code, "config">;
  await generate(config);
  const operations = (await load("operations.ts")) as Code["operations"];
  const { tokenOf } = (await load("token.ts")) as Pick<Code, "tokenOf">;
  const { socketOf } = (await load("socket.ts")) as Pick<Code, "socketOf">;
  const apollo = (await load("apollo.ts")) as Code["apollo"];
  const urql = (await load("urql.ts")) as Code["urql"];
  code = { config, operations, tokenOf, socketOf, apollo, urql };
});
afterAll(async () => {
  globals.WebSocket = itsOwn;
  delete process.env["AUTH_SECRET"];
  delete process.env["TOKEN"];
  await rm(folder, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

type Message = { id: string; seq: number; text: string | null };
type Shown = {
  conversations: { id: string; unreadCount: number; lastMessage: { text: string | null } | null }[];
  unread: number;
  texts: (string | null)[];
};
type List = { viewer: { conversations: { cursor: string; edges: { node: Shown["conversations"][number] }[] } } };
type Unread = { viewer: { unreadTotal: number } };
type Page = { conversation: { messages: { edges: { node: Message }[]; pageInfo: { startCursor: string } } } | null };

type Read = { conversation: Shown["conversations"][number] | null };

/** What a program that is made of the document's code shows, by what it has asked for. */
type Program = {
  shown(): Shown;
  faults: unknown[];
  /** How often it was told to begin anew. */
  resets(): number;
  older(): Promise<void>;
  send(text: string): Promise<string>;
  /** A read of what a mutation did. */
  lastText(atLeast: string): Promise<string | null | undefined>;
  /** Any query, through the cache. */
  ask(query: string): Promise<unknown>;
  close(): Promise<void>;
};

/** What has no id, in one query. */
const EVERYTHING = /* GraphQL */ `
  fragment Who on User {
    id
  }
  {
    viewer {
      user {
        ...Who
        tags {
          name
          score
        }
      }
      groups(first: 5) {
        edges {
          node {
            id
            tags {
              name
            }
            membership {
              id
              role
              user {
                ...Who
              }
            }
            members(first: 5) {
              edges {
                node {
                  id
                  role
                  user {
                    ...Who
                  }
                }
              }
            }
            message(seq: 1) {
              id
              attachments {
                name
                size
              }
            }
          }
        }
      }
      sync(limit: 5) {
        cursor
        entries {
          __typename
          cursor
        }
      }
    }
    searchMessages(query: { text: "text" }, first: 5) {
      edges {
        node {
          message {
            id
          }
          highlights {
            text
            hit
          }
        }
      }
      bySender {
        key
        count
      }
    }
    searchUsers(query: { name: "bob*" }) {
      edges {
        node {
          score
          user {
            ...Who
          }
        }
      }
    }
    searchConversations(query: { name: "new" }) {
      edges {
        node {
          score
          conversation {
            id
          }
        }
      }
    }
  }
`;

type Given = { conversation: string; place: Place; token: () => Promise<string>; ws: string };

const shownOf = (list: List | undefined, unread: Unread | undefined, page: Page | undefined): Shown => ({
  conversations: list?.viewer.conversations.edges.map(({ node }) => node) ?? [],
  unread: unread?.viewer.unreadTotal ?? -1,
  texts: page?.conversation?.messages.edges.map(({ node }) => node.text) ?? [],
});

async function apolloProgram({ conversation, place, token, ws }: Given): Promise<Program> {
  const { LIST, UNREAD, CONVERSATION, MESSAGES, SEND } = code.operations;
  const socket = code.socketOf(ws, token, place);
  const client = code.apollo.apolloOf(`${server.address}/graphql`, token, socket);
  const faults: unknown[] = [];
  const inbox = await code.apollo.begin(client, place, (fault) => faults.push(fault));
  let [list, unread, page]: [List?, Unread?, Page?] = [];
  let resets = 0;
  client.onResetStore(async () => void (resets += 1));
  const messages = client.watchQuery<Page>({ query: MESSAGES, variables: { id: conversation } });
  const watched = [
    client.watchQuery<List>({ query: LIST }).subscribe(({ data }) => (list = data as List | undefined)),
    client.watchQuery<Unread>({ query: UNREAD }).subscribe(({ data }) => (unread = data as Unread | undefined)),
    messages.subscribe(({ data }) => (page = data as Page | undefined)),
  ];
  return {
    shown: () => shownOf(list, unread, page),
    faults,
    resets: () => resets,
    older: async () => {
      await messages.fetchMore({ variables: { before: page?.conversation?.messages.pageInfo.startCursor } });
    },
    send: async (text) => {
      const input = { clientMutationId: randomUUID(), conversationId: conversation, text };
      const { data } = await client.mutate<{ sendMessage: { cursor: string } }>({ mutation: SEND, variables: { input } });
      return data?.sendMessage.cursor ?? "";
    },
    lastText: async (atLeast) => {
      const variables = { id: conversation, atLeast };
      const { data } = await client.query<Read>({ query: CONVERSATION, variables, fetchPolicy: "network-only" });
      return data?.conversation?.lastMessage?.text;
    },
    ask: async (query) => (await client.query({ query: parse(query) })).data,
    close: async () => {
      for (const each of [inbox, ...watched]) each.unsubscribe();
      client.stop();
      await socket.dispose();
    },
  };
}

async function urqlProgram({ conversation, place, token, ws }: Given): Promise<Program> {
  const { LIST, UNREAD, CONVERSATION, MESSAGES, SEND } = code.operations;
  const socket = code.socketOf(ws, token, place);
  const client = code.urql.urqlOf(`${server.address}/graphql`, token, socket);
  const faults: unknown[] = [];
  let resets = 0;
  const inbox = await code.urql.begin(
    client,
    place,
    (fault) => faults.push(fault),
    () => void (resets += 1),
  );
  let [list, unread, page]: [List?, Unread?, Page?] = [];
  const watched = [
    client.query<List>(LIST, {}).subscribe(({ data }) => (list = data)),
    client.query<Unread>(UNREAD, {}).subscribe(({ data }) => (unread = data)),
    client.query<Page>(MESSAGES, { id: conversation }).subscribe(({ data }) => (page = data)),
  ];
  return {
    shown: () => shownOf(list, unread, page),
    faults,
    resets: () => resets,
    older: async () => {
      await client.query(MESSAGES, { id: conversation, before: page?.conversation?.messages.pageInfo.startCursor }).toPromise();
    },
    send: async (text) => {
      const input = { clientMutationId: randomUUID(), conversationId: conversation, text };
      const { data } = await client.mutation<{ sendMessage: { cursor: string } }>(SEND, { input }).toPromise();
      return data?.sendMessage.cursor ?? "";
    },
    lastText: async (atLeast) => {
      const variables = { id: conversation, atLeast };
      const { data } = await client.query<Read>(CONVERSATION, variables, { requestPolicy: "network-only" }).toPromise();
      return data?.conversation?.lastMessage?.text;
    },
    ask: async (query) => (await client.query<unknown>(query, {}).toPromise()).data,
    close: async () => {
      for (const each of [inbox, ...watched]) each.unsubscribe();
      await socket.dispose();
    },
  };
}

describe("the code of docs/clients.md", () => {
  it("has no fault of types, with what codegen makes of its operations", async () => {
    const wrong = `import type { ListQuery } from "./gql/graphql";\nexport const wrong = (list: ListQuery) => list.viewer.nothing;\n`;
    await writeFile(join(folder, "wrong.ts"), wrong);
    const faults = typeFaults([...files.keys(), "wrong.ts"]);
    expect(faults.filter((fault) => !fault.startsWith("wrong.ts"))).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  it("names all types that caches must be told of", async () => {
    const schema = await schemaBy(code.config);
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
    const possible = types.flatMap((type) => (isAbstractType(type) ? [[type.name, schema.getPossibleTypes(type)] as const] : []));
    expect(code.operations.possibleTypes).toEqual(
      Object.fromEntries(possible.map(([name, all]) => [name, all.map((each) => each.name)])),
    );
    const roots = ["Query", "Mutation", "Subscription", "Viewer"];
    const withoutId = types
      .filter((type) => isObjectType(type) && !("id" in type.getFields()) && !roots.includes(type.name))
      .map(({ name }) => name)
      // They are known by their names, and payloads are in nothing else.
      .filter((name) => !/PageInfo$|Connection$|Edge$|Payload$/.test(name));
    expect([...code.operations.keyless].sort()).toEqual(withoutId.sort());
  });

  it("makes a token by which a user is known", async () => {
    const person = await registered(server, "someone");
    const token = await code.tokenOf("someone");
    const answer = await fetch(`${server.address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: "{ viewer { user { id } } }" }),
    });
    expect(await answer.json()).toEqual({ data: { viewer: { user: { id: person.id } } } });
  });
});

describe.each(Object.entries({ "Apollo Client": apolloProgram, "urql with graphcache": urqlProgram }))(
  "with %s",
  (name, open) => {
    const [ann, bob] = [`ann-${name.slice(0, 2)}`, `bob-${name.slice(0, 2)}`];
    let sender: Client;
    let between: Relay;
    let place: Place;
    let program: Program;
    let tokens = 0;
    const conversation = `d:${ann}~${bob}`;
    const say = async (text: string) => (await sender.act("sendMessage", { conversationId: conversation, text })).message;
    const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `text ${from + index}`);

    beforeAll(async () => {
      vi.spyOn(console, "warn");
      vi.spyOn(console, "error");
      sender = await registered(server, ann);
      await registered(server, bob);
      for (const text of numbered(1, 35)) await say(text);
      between = await relay(server.address);
      place = { cursor: null };
      const token = async () => {
        tokens += 1;
        return code.tokenOf(bob);
      };
      program = await open({ conversation, place, token, ws: `ws://${between.host}/graphql` });
    });
    afterAll(async () => {
      vi.restoreAllMocks();
      await program.close();
      await between[Symbol.asyncDispose]();
    });

    it("shows the list and the newest messages, and older ones before them", async () => {
      const newest = () => program.shown().conversations[0]?.lastMessage?.text;
      // The list may have been read before the newest message was in the views: then the subscription brings it.
      await until(
        "all is shown",
        () => program.shown().texts.length === 30 && program.shown().unread === 35 && newest() === "text 35",
      );
      expect(program.shown().texts).toEqual(numbered(6, 35));
      expect(program.shown().conversations).toMatchObject([
        { id: conversation, unreadCount: 35, lastMessage: { text: "text 35" } },
      ]);
      await program.older();
      await until("the older ones are shown", () => program.shown().texts.length === 35);
      expect(program.shown().texts).toEqual(numbered(1, 35));
    });

    it("shows what comes, in the list of messages, in that of conversations and in the counts", async () => {
      await say("text 36");
      await until("it is shown", () => program.shown().texts.length === 36 && program.shown().unread === 36);
      expect(program.shown().texts).toEqual(numbered(1, 36));
      expect(program.shown().conversations).toMatchObject([{ unreadCount: 36, lastMessage: { text: "text 36" } }]);
    });

    it("shows what was edited and recalled", async () => {
      await sender.act("editMessage", { conversationId: conversation, seq: 2, text: "another text" });
      await sender.act("recallMessage", { conversationId: conversation, seq: 3 });
      await until("both are shown", () => program.shown().texts[1] === "another text" && program.shown().texts[2] === null);
      await until(
        "it counts no more",
        () => program.shown().conversations[0]?.unreadCount === 35 && program.shown().unread === 35,
      );
    });

    it("has all that happened while its connection was lost, once, and asks for a token again", async () => {
      const [before, connections] = [tokens, between.count];
      between.interrupt();
      for (const text of numbered(37, 39)) await say(text);
      between.restore();
      await until("it is back", () => program.shown().texts.length >= 39);
      expect(program.shown().texts.slice(3)).toEqual(numbered(4, 39));
      expect(between.count).toBe(connections + 1);
      expect(tokens).toBeGreaterThan(before);
      await say("text 40");
      await until("it goes on", () => program.shown().texts.length >= 40);
      expect(program.shown().texts.slice(3)).toEqual(numbered(4, 40));
      expect(program.faults).toEqual([]);
    });

    it("shows a conversation that is new", async () => {
      const { conversation: group } = await sender.act("createConversation", { kind: "GROUP", title: "new", memberIds: [bob] });
      await until("it is in the list", () => program.shown().conversations.some(({ id }) => id === group.id));
      expect(program.shown().conversations).toHaveLength(2);
    });

    it("reads what it wrote, and shows it once", async () => {
      const cursor = await program.send("text 41");
      expect(await program.lastText(cursor)).toBe("text 41");
      await until("it is shown", () => program.shown().texts.length >= 41);
      await say("text 42");
      await until("the next one is shown", () => program.shown().texts.length >= 42);
      expect(program.shown().texts.slice(3)).toEqual(numbered(4, 42));
    });

    it("puts whatever is asked for into its cache without a warning", async () => {
      expect(await program.ask(EVERYTHING)).toMatchObject({ viewer: { user: { id: bob } } });
      expect(console.warn).not.toHaveBeenCalled();
      expect(console.error).not.toHaveBeenCalled();
    });

    it("is told to read all anew where its cursor cannot be gone on from", async () => {
      await until("all was told", () => place.cursor !== null);
      between.interrupt();
      place.cursor = `zzzzzzzz.${place.cursor?.split(".")[1]}`;
      between.restore();
      await until("it begins anew", () => program.resets() === 1);
      await say("text 43");
      await until("it goes on from there", () => (place.cursor ?? "").startsWith(server.tidings.log.id));
      expect(program.faults).toEqual([]);
    });
  },
);

describe("a socket of docs/clients.md", () => {
  it("ends where it is of no use to try again", async () => {
    const stranger = await clientOf(server, "stranger");
    const socket = code.socketOf(server.address.replace("http", "ws") + "/graphql", async () => stranger.token, { cursor: null });
    const end = (query: string) =>
      new Promise((resolve) =>
        socket.subscribe({ query }, { next: () => undefined, error: resolve, complete: () => resolve("complete") }),
      );
    expect(await end("subscription ($after: Cursor) { inbox(after: $after) { cursor } }")).toMatchObject([
      { extensions: { code: "NOT_FOUND" } },
    ]);
    const closed = code.socketOf(server.address.replace("http", "ws") + "/graphql", async () => "no token", { cursor: null });
    const fault = await new Promise((resolve) =>
      closed.subscribe(
        { query: "{ viewer { user { id } } }" },
        { next: () => undefined, error: resolve, complete: () => undefined },
      ),
    );
    expect(fault).toMatchObject({ code: 4401 });
    await socket.dispose();
  });
});
