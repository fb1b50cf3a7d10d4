import { buildSchema, type GraphQLObjectType, type GraphQLSchema } from "graphql";
import { z } from "zod";
import { Refusal } from "../../src/domain/refusal.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import type { Bearer } from "../../src/transport/auth.ts";
import type { RequestInfo } from "../../src/transport/execution/execute.ts";
import type { Delivery } from "../../src/transport/execution/rendering.ts";

const SDL = /* GraphQL */ `
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
  directive @appends(events: Int! = 1, each: [String!], apart: Boolean! = false) on FIELD_DEFINITION
  interface Node {
    id: ID!
  }
  type User implements Node {
    id: ID!
    name: String!
    isViewer: Boolean!
    friends(first: Int = 20): [User!]! @listSize(slicingArguments: ["first"])
    friend: User
  }
  type Note implements Node {
    id: ID!
    text: String!
    author: User!
  }
  interface Entry {
    cursor: String!
  }
  type CaughtUp implements Entry {
    cursor: String!
  }
  type Noted implements Entry {
    cursor: String!
    note: Note!
    hint: String
  }
  input NoopInput {
    clientMutationId: ID!
    text: String
    size: Int = 3
    tags: [TagInput!]
  }
  input TagInput {
    name: String!
    score: Float = 1
  }
  type Noop {
    clientMutationId: ID!
    text: String
    size: Int
    tags: [String!]! @listSize(assumedSize: 3)
  }
  type Query {
    hello(name: String = "world"): String!
    later(value: Int!): Int!
    viewer: User!
    node(id: ID!): Node
    nodes: [Node!]! @listSize(assumedSize: 2)
    untyped: Node
    untypedLater: Node
    users(first: Int, last: Int): [User!]! @listSize(slicingArguments: ["first", "last"], assumedSize: 30)
    boom: String
    boomRequired: String!
    refused: String
    limited: String
    away: String
    parsed: String
    never: String
    transport: String!
  }
  type Mutation {
    noop(input: NoopInput!): Noop! @appends(each: ["tags"])
    step(value: Int!): [Int!]! @appends @listSize(assumedSize: 3)
  }
  type Subscription {
    feed(topic: String!, after: String): Entry
    refusedFeed: Entry
    brokenFeed(after: Int!): Entry
    count(to: Int!): Int!
  }
`;

/** What the tests' resolvers get. */
export type TestContext = { caller: Bearer; request: RequestInfo };
export const contextOf = (caller: Bearer, request: RequestInfo): TestContext => ({ caller, request });

/** A place where deliveries come from, and how many listen. */
export type Feed = {
  publish(delivery: Delivery): void;
  end(): void;
  readonly listeners: number;
  iterator(): AsyncIterableIterator<Delivery>;
};

export function feed(): Feed {
  type Listener = { queue: Delivery[]; wake: (() => void) | undefined; over: boolean };
  const listeners = new Set<Listener>();
  return {
    publish(delivery) {
      for (const listener of listeners) {
        listener.queue.push(delivery);
        listener.wake?.();
      }
    },
    end() {
      for (const listener of listeners) {
        listener.over = true;
        listener.wake?.();
      }
    },
    get listeners() {
      return listeners.size;
    },
    iterator() {
      const listener: Listener = { queue: [], wake: undefined, over: false };
      listeners.add(listener);
      const done = { done: true, value: undefined } as const;
      const leave = () => {
        listener.over = true;
        listeners.delete(listener);
      };
      const step = (): IteratorResult<Delivery> | undefined => {
        const value = listener.queue.shift();
        if (value !== undefined) return { done: false, value };
        if (!listener.over) return undefined;
        leave();
        return done;
      };
      return {
        [Symbol.asyncIterator]() {
          return this;
        },
        next() {
          const now = step();
          if (now !== undefined) return Promise.resolve(now);
          return new Promise((resolve) => {
            listener.wake = () => {
              listener.wake = undefined;
              resolve(step() ?? done);
            };
          });
        },
        return() {
          leave();
          listener.wake?.();
          return Promise.resolve(done);
        },
      };
    },
  };
}

export type SmallApi = {
  schema: GraphQLSchema;
  feeds: Map<string, Feed>;
  feedOf(topic: string): Feed;
  executed: { count: number };
  steps: number[];
};

/** A small schema of all that the transport has to do with. */
export function smallApi(): SmallApi {
  const schema = buildSchema(SDL);
  const feeds = new Map<string, Feed>();
  const feedOf = (topic: string): Feed => {
    const known = feeds.get(topic) ?? feed();
    feeds.set(topic, known);
    return known;
  };
  const executed = { count: 0 };
  const steps: number[] = [];
  const user = (id: string) => ({ __typename: "User", id, name: id.toUpperCase() });
  const later = () => new Promise<void>((resolve) => setImmediate(resolve));
  const awayFault = () => new Unavailable("connect ECONNREFUSED 10.1.2.3:2113", "unknown");

  resolve(schema, "Query", {
    hello: (_root, { name }: { name: string }) => `hello ${name}`,
    later: async (_root, { value }: { value: number }) => {
      await later();
      return value;
    },
    viewer: (_root, _args, { caller }) => user(caller.userId),
    node: (_root, { id }: Person) =>
      id === "none"
        ? null
        : id.startsWith("n")
          ? { __typename: "Note", id, text: `text of ${id}`, author: user("ann") }
          : user(id),
    nodes: async () => [user("ann"), { __typename: "Note", id: "n1", text: "one", author: user("bob") }],
    untyped: () => ({ id: "x" }),
    untypedLater: async () => ({ id: "x" }),
    users: (_root, { first, last }: Partial<Page>) =>
      Array.from({ length: Math.min(first ?? last ?? 2, 100) }, (_, index) => user(`u${index}`)),
    boom: () => {
      throw new Error("password of the database: hunter2");
    },
    boomRequired: async () => {
      throw new Error("password of the database: hunter2");
    },
    refused: () => {
      throw new Refusal("CONFLICT", "it is so already", { field: "handle" });
    },
    limited: () => {
      throw new Refusal("RATE_LIMITED", "not so fast", { retryAfterMs: 1_500 });
    },
    away: () => {
      throw awayFault();
    },
    parsed: () => z.object({ input: z.object({ name: z.string().min(3) }) }).parse({ input: { name: "x" } }).input.name,
    never: () => new Promise(() => undefined),
    transport: (_root, _args, { request }) => request.transport,
  });
  resolve(schema, "User", {
    isViewer: ({ id }: Person, _args, { caller }) => id === caller.userId,
    friends: async ({ id }: Person, { first }: Page) =>
      Array.from({ length: Math.min(first, 100) }, (_, index) => user(`${id}${index}`)),
    friend: ({ id }: Person) => user(`${id}f`),
  });
  resolve(schema, "Noted", {
    note: async ({ note }: { note: unknown }) => {
      executed.count += 1;
      await later();
      return note;
    },
  });
  resolve(schema, "Mutation", {
    noop: (_root, { input }: { input: { tags?: { name: string; score: number }[] } }) => ({
      ...input,
      tags: (input.tags ?? []).map((tag) => `${tag.name}:${tag.score}`),
    }),
    step: async (_root, { value }: { value: number }) => {
      await later();
      steps.push(value);
      return [...steps];
    },
  });
  const { feed: feedField, refusedFeed, brokenFeed, count } = schema.getSubscriptionType()?.getFields() ?? {};
  if (!feedField || !refusedFeed || !brokenFeed || !count) throw new Error("the schema lacks a subscription");
  feedField.subscribe = (_root, { topic }: { topic: string }) => feedOf(topic).iterator();
  refusedFeed.subscribe = async () => {
    throw new Refusal("FORBIDDEN", "not for you", { field: "id" });
  };
  brokenFeed.subscribe = async function* (_root, { after }: { after: number }) {
    for (let index = 0; index < after; index += 1)
      yield { root: { brokenFeed: { __typename: "CaughtUp", cursor: String(index) } } };
    throw awayFault();
  };
  count.subscribe = async function* (_root, { to }: { to: number }) {
    for (let index = 1; index <= to; index += 1) yield { root: { count: index } };
  };
  return { schema, feeds, feedOf, executed, steps };
}

/** Each says itself what it is given. */
type Resolver = (parent: never, args: never, context: TestContext) => unknown;
type Person = { id: string };
type Page = { first: number; last?: number };

function resolve(schema: GraphQLSchema, typeName: string, resolvers: Record<string, Resolver>): void {
  const fields = (schema.getType(typeName) as GraphQLObjectType).getFields();
  for (const [name, resolver] of Object.entries(resolvers)) {
    const field = fields[name];
    if (!field) throw new Error(`${typeName} has no ${name}`);
    field.resolve = resolver as never;
  }
}

export const noted = (cursor: string, id = "n1", text = "a note"): Delivery => ({
  root: {
    feed: {
      __typename: "Noted",
      cursor,
      note: { __typename: "Note", id, text, author: { __typename: "User", id: "ann", name: "Ann" } },
    },
  },
});

/** Everything of an entry but who looks. */
export const SHARED: ReadonlySet<string> = new Set([
  "CaughtUp.cursor",
  "Noted.cursor",
  "Noted.note",
  "Note.id",
  "Note.text",
  "Note.author",
  "User.id",
  "User.name",
]);
