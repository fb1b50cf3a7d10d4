import { EventEmitter } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectionFeed } from "../../../src/api/admin/feed.ts";
import { pulled } from "../../../src/delivery/pulled.ts";
import type { ProjectionStatus } from "../../../src/projecting/status.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { follow } from "../../support/following.ts";
import { until } from "../../support/until.ts";

const LIVE: ProjectionStatus = {
  name: "one",
  version: 1,
  state: "LIVE",
  cursor: "memory00.00000000001",
  lag: 0,
  parked: 0,
  lastError: undefined,
};

/** A projection whose status is the test's, and who follows it. */
function followed() {
  let status = LIVE;
  const changes = new EventEmitter();
  let asked = 0;
  const stream = pulled(
    projectionFeed({
      operations: {
        projection: async () => {
          asked++;
          return status;
        },
        listen: (changed) => {
          changes.on("changed", changed);
          return () => changes.off("changed", changed);
        },
      },
      name: "one",
      shown: ({ state, progress }) => ({ state, progress }) as never,
      restMs: 1,
    }),
  );
  return {
    stream,
    asked: () => asked,
    listeners: () => changes.listenerCount("changed"),
    say: (change: Partial<ProjectionStatus>, name = "one") => {
      status = { ...status, progress: undefined, ...change };
      changes.emit("changed", name, status.state);
    },
    next: async () => {
      const { value, done } = await stream.next();
      return done === true ? "the end" : (value.root["projection"] as unknown);
    },
  };
}

describe("who follows a projection", () => {
  test("is told how it is, then each change, until the work that is under way is over", async () => {
    const { next, say, listeners } = followed();
    say({ state: "REPLAYING", progress: 0 });
    expect(await next()).toEqual({ state: "REPLAYING", progress: 0 });
    say({ state: "REPLAYING", progress: 0.5 });
    expect(await next()).toEqual({ state: "REPLAYING", progress: 0.5 });
    // A store that is away is trouble, and no end.
    say({ state: "RETRYING" });
    expect(await next()).toEqual({ state: "RETRYING" });
    say({ state: "REPLAYING", progress: 0.6 });
    expect(await next()).toEqual({ state: "REPLAYING", progress: 0.6 });
    say({ state: "LIVE" });
    expect([await next(), await next(), await next()]).toEqual([{ state: "LIVE" }, "the end", "the end"]);
    expect(listeners()).toBe(0);
  });

  test("where nothing is under way waits for what begins next, also if it is over before it could be told", async () => {
    const { next, say } = followed();
    expect(await next()).toEqual({ state: "LIVE" });
    const coming = next();
    say({ state: "VERIFYING", progress: 0 });
    say({ state: "LIVE" });
    expect([await coming, await next()]).toEqual([{ state: "LIVE" }, "the end"]);
  });

  test("is told of changes within a moment as one, and nothing twice", async () => {
    const { next, say, asked } = followed();
    say({ state: "REPLAYING", progress: 0 });
    await next();
    const coming = next();
    for (let part = 1; part <= 50; part++) say({ state: "REPLAYING", progress: part / 100 });
    say({ state: "REPLAYING", progress: 0.5 }, "another");
    expect(await coming).toEqual({ state: "REPLAYING", progress: 0.5 });
    expect(asked()).toBe(2);
    const last = next();
    // Nothing that is shown has changed.
    say({ state: "REPLAYING", progress: 0.5 });
    await until("it has looked", () => asked() === 3);
    say({ state: "LIVE" });
    expect(await last).toEqual({ state: "LIVE" });
  });

  test("who leaves listens no more, and is woken", async () => {
    const { stream, next, listeners } = followed();
    await next();
    const waiting = next();
    expect(listeners()).toBe(1);
    await stream.return?.();
    expect(await waiting).toBe("the end");
    expect(listeners()).toBe(0);
  });
});

describe("over a socket", () => {
  const FOLLOW = `subscription ($name: String!) {
    projection(name: $name) { name version state cursor lag progress eventsPerSecond differences parked lastError }
  }`;
  type Told = { name: string; state: string; progress: number | null; differences: number | null; lastError: string | null };
  let server: ApiServer;
  let operator: Client;
  let ann: Client;
  beforeAll(async () => {
    server = await apiServer();
    operator = await clientOf(server, "operator", { admin: true });
    ann = await registered(server, "ann");
    for (let index = 0; index < 50; index++) await ann.act("sendMessage", { userId: "ann", text: `${index}` }).catch(() => {});
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each(["timelines", "search"])("a replay and then a verification of %s are told to their ends", async (name) => {
    await until("it is live", async () => (await server.tidings.operations.projection(name)).state === "LIVE");
    for (const [mutation, during] of [
      ["replayProjection", "REPLAYING"],
      ["verifyProjection", "VERIFYING"],
    ] as const) {
      const following = follow<Told>(server.address, operator, FOLLOW, { name });
      await following.until("it is told how it is", ({ state }) => state === "LIVE");
      await operator.ask(`mutation ($name: String!) { ${mutation}(name: $name) { state } }`, { name });
      await until("it is over", () => following.isOver());
      const states = following.said.map(({ state }) => state);
      expect(states[0]).toBe("LIVE");
      expect(states.at(-1)).toBe("LIVE");
      expect(states.slice(1, -1).every((state) => state === during)).toBe(true);
      expect(following.said.every((told) => told.name === name && told.lastError === null)).toBe(true);
      if (mutation === "verifyProjection") expect(following.said.at(-1)?.differences).toBe(0);
      await following.close();
    }
  });

  test("is for the scope admin, and for a projection that there is; who may not learns nothing of which there are", async () => {
    for (const name of ["timelines", "none"]) {
      const following = follow(server.address, ann, FOLLOW, { name });
      expect(await following.refused()).toEqual({ code: "FORBIDDEN" });
      await following.close();
    }
    const following = follow(server.address, operator, FOLLOW, { name: "none" });
    expect(await following.refused()).toEqual({ code: "BAD_INPUT", field: "name" });
    await following.close();
  });
});
