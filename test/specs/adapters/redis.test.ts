import { afterEach, describe, expect, test } from "vitest";
import { redisCommits } from "../../../src/adapters/signals/redis/commits.ts";
import { type Redis, redisAt } from "../../../src/adapters/signals/redis/connection.ts";
import { redisElsewhere } from "../../../src/adapters/signals/redis/elsewhere.ts";
import { redisOrders } from "../../../src/adapters/signals/redis/orders.ts";
import { redisTurn } from "../../../src/adapters/signals/redis/turn.ts";
import { realRedis } from "../../support/realRedis.ts";
import { type Relay, relay } from "../../support/relay.ts";
import { until } from "../../support/until.ts";

/* What servers tell each other by Redis. Contracts of signals and of what is told for a moment are in test/contracts. */

const real = realRedis("what servers tell each other by it");
const ignored = () => undefined;

describe.skipIf(!real)("by Redis", () => {
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });
  const prefix = (): string => real?.newPrefix() ?? "";
  const connected = async (url = real?.url ?? ""): Promise<Redis> => {
    const redis = redisAt(url, { warn: ignored, info: ignored, onError: ignored });
    ending.push(redis.close);
    await until("it is connected", redis.isUp);
    return redis;
  };
  const servers = async (own: string, ...ids: string[]) =>
    Promise.all(
      ids.map(async (id) => {
        const redis = await connected();
        let changes = 0;
        const changed = () => void changes++;
        const elsewhere = redisElsewhere({ redis, prefix: own, id, changed, warn: ignored, beatMs: 50, aliveMs: 600 });
        ending.push(elsewhere.close);
        return { redis, elsewhere, changes: () => changes };
      }),
    );
  const cut = async (): Promise<{ between: Relay; url: string }> => {
    const url = new URL(real?.url ?? "");
    const between = await relay(`http://${url.host}`);
    ending.push(async () => between[Symbol.asyncDispose]());
    url.host = between.host;
    return { between, url: url.href };
  };

  test("who is connected at one server is seen at the others, until that ends", async () => {
    const [one, other] = await servers(prefix(), "one", "other");
    const seen = async () => [...((await other?.elsewhere.devicesOf(["ann"])) ?? [])].map((devices) => [...devices].sort());
    one?.elsewhere.note("ann", "phone", true);
    one?.elsewhere.note("ann", "", true);
    other?.elsewhere.note("ann", "watch", true);
    await until("both are seen", async () => (await seen())[0]?.length === 2);
    expect(await seen()).toEqual([["", "phone"]]);
    one?.elsewhere.note("ann", "phone", false);
    await until("one is gone", async () => (await seen())[0]?.length === 1);
    expect(await seen()).toEqual([[""]]);
  });

  test("a server that ends without a word is forgotten, with all who were connected to it", async () => {
    const [one, other] = await servers(prefix(), "one", "other");
    one?.elsewhere.note("ann", "phone", true);
    const count = async () => (await other?.elsewhere.devicesOf(["ann"]))?.[0]?.size;
    await until("she is seen", async () => (await count()) === 1);
    const before = other?.changes() ?? 0;
    await one?.elsewhere.close();
    await until("she is not", async () => (await count()) === 0);
    expect(other?.changes()).toBeGreaterThan(before);
  });

  test("after Redis has lost everything, it is said again", async () => {
    const own = prefix();
    const { between, url } = await cut();
    const redis = await connected(url);
    const elsewhere = redisElsewhere({ redis, prefix: own, id: "one", changed: ignored, warn: ignored, beatMs: 50 });
    ending.push(elsewhere.close);
    elsewhere.note("ann", "phone", true);
    const [other] = await servers(own, "other");
    const count = async () => (await other?.elsewhere.devicesOf(["ann"]))?.[0]?.size;
    await until("she is seen", async () => (await count()) === 1);
    between.interrupt();
    await until("it is away", () => !redis.isUp());
    await other?.redis.ask("DEL", `${own}:at:ann`);
    expect(await count()).toBe(0);
    between.restore();
    await until("she is seen again", async () => (await count()) === 1);
  });

  test("who types at one server is known at the others for a while", async () => {
    const [one, other] = await servers(prefix(), "one", "other");
    const typing = async () => other?.elsewhere.typingIn("g:tea");
    one?.elsewhere.noteTyping("g:tea", "ann", 60_000);
    one?.elsewhere.noteTyping("g:tea", "bob", 200);
    await until("both type", async () => (await typing())?.length === 2);
    await until("one does no longer", async () => (await typing())?.length === 1);
    expect(await typing()).toEqual(["ann"]);
    one?.elsewhere.noteTyping("g:tea", "ann", 0);
    await until("nobody does", async () => (await typing())?.length === 0);
  });

  test("an order is taken by one server, and who gave it learns what came of it", async () => {
    const own = prefix();
    const [one, two, asking] = await Promise.all(
      ["one", "two", "asking"].map(async (id) => redisOrders(await connected(), own, id)),
    );
    expect(await asking?.give("views", { what: "replay", projection: "inboxes" })).toBeUndefined();
    const taken: string[] = [];
    const ends = [one, two].map((orders) =>
      orders?.take(
        "search",
        async ({ projection }) => {
          taken.push(projection);
          if (projection === "folds") throw new Error("not now");
          return { state: { of: projection } };
        },
        () => ({ said: true }),
      ),
    );
    await until("somebody takes it", async () => {
      const outcome = await asking?.give("search", { what: "verify", projection: "inboxes" });
      return outcome !== undefined;
    });
    expect(taken).toEqual(["inboxes"]);
    expect(await asking?.give("search", { what: "replay", projection: "folds" })).toEqual({ fault: "not now" });
    for (const end of ends) end?.();
  });

  test("an order is left to the server that is nearer to it, if there is one", async () => {
    const own = prefix();
    const [one, two, asking] = await Promise.all(
      ["one", "two", "asking"].map(async (id) => redisOrders(await connected(), own, id)),
    );
    let near = "";
    let taken = "";
    const take = (orders: typeof one, name: string) =>
      orders?.take(
        "views",
        async () => {
          taken = name;
          return { state: {} };
        },
        () => ({}),
        () => near === name,
      );
    const ends = [take(one, "one"), take(two, "two")];
    const order = { what: "verify", projection: "inboxes" } as const;
    await until("somebody takes it, although nobody is near", async () => (await asking?.give("views", order)) !== undefined);
    for (near of ["one", "two", "one"]) {
      expect(await asking?.give("views", order)).toEqual({ state: {} });
      expect(taken).toBe(near);
    }
    for (const end of ends) end?.();
  });

  test("what is parked is tried again by every server, since any may have it", async () => {
    const own = prefix();
    const [one, two, asking] = await Promise.all(
      ["one", "two", "asking"].map(async (id) => redisOrders(await connected(), own, id)),
    );
    const asked: string[] = [];
    const take = (orders: typeof one, name: string, isThere: boolean) =>
      orders?.take(
        "views",
        async () => {
          asked.push(name);
          return { isThere, state: {} };
        },
        () => ({}),
      );
    const ends = [take(one, "one", false), take(two, "two", true)];
    await until("both hear it", async () => {
      asked.length = 0;
      const outcome = await asking?.give("views", { what: "retryParked", projection: "inboxes" });
      return asked.length === 2 && JSON.stringify(outcome) === JSON.stringify({ isThere: true, state: {} });
    });
    for (const end of ends) end?.();
  });

  test("a turn is one server's, and another one's once that has closed it", async () => {
    const own = prefix();
    const [first, second] = await Promise.all([connected(), connected()]);
    const one = redisTurn(first, own, "work", "one");
    await until("it has the turn", () => one.isMine());
    const two = redisTurn(second, own, "work", "two");
    ending.push(two.close);
    await until("it is told", async () => (await second.ask("GET", `${own}:turn:work`)) === "one");
    expect(two.isMine()).toBe(false);
    await one.close();
    await until("the other has it", () => two.isMine());
  });

  test("a connection that is lost comes back, and hears what was asked for meanwhile; nothing is kept for later", async () => {
    const own = prefix();
    const { between, url } = await cut();
    const away = await connected(url);
    const there = await connected();
    const heard: string[] = [];
    await away.hear(`${own}:before`, (text) => void heard.push(text));
    between.interrupt();
    await until("it is away", () => !away.isUp());
    expect(away.status().trouble).toMatch(/cannot be reached/);
    // Neither waits for it.
    await away.hear(`${own}:meanwhile`, (text) => void heard.push(text));
    away.say("PUBLISH", `${own}:before`, "lost");
    await expect(away.ask("PING")).rejects.toMatchObject({ name: "Unavailable" });
    between.restore();
    await until("it is back", away.isUp);
    for (const channel of ["before", "meanwhile"]) there.say("PUBLISH", `${own}:${channel}`, channel);
    await until("both are heard", () => heard.length === 2);
    expect(heard.sort()).toEqual(["before", "meanwhile"]);
  });

  test("how far a commit goes is told after its topics, by whom", async () => {
    const own = prefix();
    const [one, other] = [redisCommits(await connected(), own, "one"), redisCommits(await connected(), own, "other")];
    const heard: unknown[] = [];
    const commit = { slices: [0, 3], from: "log.1", to: "log.2", isAll: false };
    const end = other.hear((told, by) => void heard.push([told, by]));
    await until("it is heard", () => {
      one.tell(commit);
      return heard.length > 0;
    });
    expect(heard[0]).toEqual([commit, "one"]);
    end();
  });
});

test("a password is neither logged nor told", async () => {
  const warned: string[] = [];
  const redis = redisAt("redis://user:very-secret@127.0.0.1:1", {
    warn: (text) => void warned.push(text),
    info: ignored,
    onError: ignored,
  });
  await until("it says that it waits", () => warned.length > 0);
  expect(warned.join()).toMatch(/waiting for Redis at 127\.0\.0\.1:1/);
  expect(JSON.stringify([warned, redis.status()])).not.toContain("secret");
  expect(JSON.stringify(redis.status())).not.toContain("127.0.0.1");
  await redis.close();
});
