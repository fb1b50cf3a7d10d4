import type { GraphQLObjectType, GraphQLSchema } from "graphql";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { executor, type Executor, type Log } from "../../../src/transport/execution/execute.ts";
import { type TransportConfig, transportDefaults } from "../../../src/transport/limits.ts";
import { rateLimit } from "../../../src/transport/rateLimit.ts";
import { matching, SOME_NUMBER } from "../../support/matchers.ts";
import { admitted } from "../../support/rawClient.ts";
import { running } from "../../support/runningApp.ts";
import { contextOf, type SmallApi, smallApi } from "../../support/smallApi.ts";

const caller = { userId: "ann", admin: false, expiresAt: Number.MAX_SAFE_INTEGER };
const request = { transport: "http", correlationId: "1", address: "203.0.113.1" } as const;
const log: Log = { error: () => undefined, warn: () => undefined };

type Answered = { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };

/** Runs operations with no network between. */
function runner(config: Partial<TransportConfig> = {}, change: (schema: GraphQLSchema) => void = () => undefined) {
  const made: SmallApi = smallApi();
  change(made.schema);
  const limits = { ...transportDefaults, ...config };
  const executes: Executor = executor({ schema: made.schema, contextOf, limits, rate: rateLimit(limits), log });
  const ask = async (query: string, variables: Record<string, unknown> = {}, userId = caller.userId): Promise<Answered> => {
    const operation = await executes.prepare(query, undefined, { userId });
    if (!("id" in operation)) return { errors: [...operation] as Answered["errors"] & object };
    return JSON.parse((await executes.run(operation, variables, { ...caller, userId }, request)).text) as Answered;
  };
  return { ask, executes };
}

function fieldOf(schema: GraphQLSchema, type: string, name: string) {
  const field = (schema.getType(type) as GraphQLObjectType).getFields()[name];
  if (!field) throw new Error(`no ${type}.${name}`);
  return field;
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Ten thousand users, each with a friend. */
const LONG = "{ users(first: 100) { friends(first: 100) { id isViewer friend { id name } } } }";

describe("an answer", () => {
  test("that gets too large is given up while it is made", async () => {
    let asked = 0;
    const { ask } = runner({ answerBytesMax: 1_000_000 }, (schema) => {
      fieldOf(schema, "User", "friend").resolve = () => {
        asked += 1;
        return { id: "x", name: "y".repeat(1_000) };
      };
    });
    const { data, errors } = await ask(LONG);
    expect(data).toBeUndefined();
    expect(errors).toEqual([
      {
        message: matching(/more than 1000000 bytes: ask for smaller pages or fewer fields/),
        extensions: { code: "LIMIT_EXCEEDED" },
      },
    ]);
    expect(asked).toBeLessThan(5_000);
    expect(await ask("{ users(first: 3) { id } }")).toEqual({ data: { users: [{ id: "u0" }, { id: "u1" }, { id: "u2" }] } });
  });

  test("that grows by its quoting, or in UTF-8, is held to the bytes that it has", async () => {
    const { ask } = runner({ answerBytesMax: 65_536 });
    for (const character of ["\u0001", "語"]) {
      expect((await ask("query ($n: String) { hello(name: $n) }", { n: character.repeat(30_000) })).errors?.[0]).toMatchObject({
        extensions: { code: "LIMIT_EXCEEDED" },
      });
      expect((await ask("query ($n: String) { hello(name: $n) }", { n: character.repeat(5_000) })).errors).toBeUndefined();
    }
  });

  test("whose names alone are too long is not begun", async () => {
    const { ask } = runner({ answerBytesMax: 65_536 });
    const { errors } = await ask(`{ users(first: 100) { ${"x".repeat(5_000)}: id } }`);
    expect(errors?.[0]).toMatchObject({ message: matching(/names of the fields alone/), extensions: { code: "BAD_INPUT" } });
  });

  test("that is too dear for one argument's sake names it", async () => {
    const { ask } = runner();
    expect((await ask("query ($n: Int) { users(first: $n) { id name } }", { n: 100_000 })).errors).toEqual([
      { message: matching(/^first: /), extensions: { code: "BAD_INPUT", field: "first" } },
    ]);
  });

  test("of thousands of errors is given up too", async () => {
    const { ask } = runner({ answerBytesMax: 1_000_000 }, (schema) => {
      fieldOf(schema, "User", "friend").resolve = () => {
        throw new Error("no");
      };
    });
    expect((await ask("{ users(first: 100) { friends(first: 100) { friend { id } } } }")).errors).toMatchObject([
      { extensions: { code: "LIMIT_EXCEEDED" } },
    ]);
  });

  test("of a delivery is held to the same", async () => {
    await using server = await running({ answerBytesMax: 65_536 });
    const client = await admitted(server);
    client.send({
      id: "1",
      type: "subscribe",
      payload: { query: 'subscription { feed(topic: "a") { ... on Noted { note { text } } } }' },
    });
    await expect.poll(() => server.feedOf("a").listeners, { timeout: 20_000 }).toBe(1);
    server.feedOf("a").publish({
      root: { feed: { __typename: "Noted", cursor: "1", note: { __typename: "Note", id: "n", text: "x".repeat(70_000) } } },
    });
    const text = () => JSON.stringify(client.messages);
    await expect.poll(text, { timeout: 20_000 }).toContain("LIMIT_EXCEEDED");
    expect(text()).not.toContain("xxxxx");
    client.close();
  });
});

describe("an execution", () => {
  test("that takes too long is answered all the same", async () => {
    await using server = await running({ executionMs: 100 });
    const response = await server.post({ query: "{ hello never }" }, { accept: "application/graphql-response+json" });
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toEqual({
      errors: [{ message: matching(/took longer than 100 ms/), extensions: { code: "UNAVAILABLE", retryAfterMs: SOME_NUMBER } }],
    });
  });

  test("of a mutation that is given up does not go on to the next one, and says how to learn the outcome", async () => {
    const done: number[] = [];
    const { ask } = runner({ executionMs: 100 }, (schema) => {
      fieldOf(schema, "Mutation", "step").resolve = (_root, { value }: { value: number }) => {
        done.push(value);
        return value === 1 ? new Promise(() => undefined) : [value];
      };
    });
    const { errors } = await ask("mutation { step(value: 1) more: step(value: 2) }");
    expect(errors?.[0]?.message).toMatch(/the outcome is unknown, send the same clientMutationId again/);
    expect(done).toEqual([1]);
  });

  test("that is long gives way to others between its slices", async () => {
    const { ask } = runner();
    let isOver = false;
    const long = ask(LONG).finally(() => (isOver = true));
    let turns = 0;
    let answered = 0;
    while (!isOver) {
      await nextTurn();
      turns += 1;
      if (!isOver && (await ask("{ hello }")).data !== undefined && !isOver) answered += 1;
    }
    expect((await long).errors).toBeUndefined();
    // In one go it takes a turn or two.
    expect(turns).toBeGreaterThan(3);
    expect(answered).toBeGreaterThan(2);
  });

  test("gives the same answer in slices as in one go", async () => {
    const { ask } = runner();
    const [one, ...others] = await Promise.all([ask(LONG), ask(LONG), ask(LONG)]);
    expect((one?.data as { users: { friends: unknown[] }[] }).users[99]?.friends[99]).toEqual({
      id: "u9999",
      isViewer: false,
      friend: { id: "u9999f", name: "U9999F" },
    });
    for (const other of others) expect(other).toEqual(one);
  });

  test("reads few pages at a time, however many it asks for", async () => {
    let atOnce = 0;
    let most = 0;
    const { ask } = runner({}, (schema) => {
      const field = fieldOf(schema, "User", "friends");
      field.resolve = async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        await nextTurn();
        atOnce -= 1;
        return [];
      };
    });
    expect((await ask("{ users(first: 100) { friends(first: 3) { id } } }")).errors).toBeUndefined();
    expect(most).toBe(4);
  });

  test("of somebody who has many reads few pages at a time together with theirs, and others read theirs meanwhile", async () => {
    let atOnce = 0;
    let most = 0;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { ask } = runner({}, (schema) => {
      fieldOf(schema, "User", "friends").resolve = async (_user, _given, context) => {
        if ((context as { caller: { userId: string } }).caller.userId === "bob") return [];
        atOnce += 1;
        most = Math.max(most, atOnce);
        await held;
        await nextTurn();
        atOnce -= 1;
        return [];
      };
    });
    const query = "{ users(first: 10) { friends(first: 3) { id } } }";
    const all = Array.from({ length: 20 }, () => ask(query));
    await expect.poll(() => atOnce).toBe(16);
    expect((await ask(query, {}, "bob")).errors).toBeUndefined();
    goOn();
    for (const { errors } of await Promise.all(all)) expect(errors).toBeUndefined();
    expect(most).toBe(16);
    expect(atOnce).toBe(0);
  });

  test("is paid for by the rows of its pages, too", async () => {
    const { ask } = runner({ operationsPerSecond: 0.001, burst: 9 });
    const pages = "{ users(first: 50) { friends(first: 50) { id } } }";
    expect((await ask(pages)).errors).toBeUndefined();
    expect((await ask("{ users(first: 3) { id } }")).errors).toBeUndefined();
    expect((await ask(pages)).errors).toBeUndefined();
    expect((await ask(pages)).errors).toMatchObject([{ extensions: { code: "RATE_LIMITED" } }]);
  });

  test("whose pages never come does not keep its user from others for longer than it lasts", async () => {
    let comes = false;
    const { ask } = runner({ executionMs: 200 }, (schema) => {
      fieldOf(schema, "User", "friends").resolve = () => (comes ? [] : new Promise(() => undefined));
    });
    const query = "{ users(first: 10) { friends(first: 3) { id } } }";
    for (const { errors } of await Promise.all(Array.from({ length: 8 }, () => ask(query))))
      expect(errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
    comes = true;
    expect((await ask(query)).errors).toBeUndefined();
  });

  test("reads no more rows than a few times what it may answer", async () => {
    let read = 0;
    const { ask } = runner({ answerBytesMax: 65_536 }, (schema) => {
      fieldOf(schema, "User", "friends").resolve = async (_user, _given, context) => {
        read += 1;
        (context as { request: { readRows(bytes: number): void } }).request.readRows(50_000);
        return [];
      };
    });
    expect((await ask("{ users(first: 100) { friends(first: 3) { id } } }")).errors).toMatchObject([
      { message: matching(/would have to be read/), extensions: { code: "LIMIT_EXCEEDED" } },
    ]);
    expect(read).toBeLessThan(10);
  });
});

test("compiled code that throws where nobody awaits it ends its operation, and nothing else", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  onTestFinished(() => void process.off("unhandledRejection", unhandled));
  const unreadable = {
    id: "ann",
    get name(): string {
      throw new Error("it cannot be read");
    },
  };
  const { ask } = runner({}, (schema) => {
    fieldOf(schema, "Query", "viewer").resolve = async () => unreadable;
  });
  const internal = [{ extensions: { code: "INTERNAL" } }];
  expect((await ask("{ viewer { name } }")).errors).toMatchObject(internal);
  expect(await ask("{ hello }")).toEqual({ data: { hello: "hello world" } });
  await nextTurn();
  expect(unhandled).not.toHaveBeenCalled();
});
