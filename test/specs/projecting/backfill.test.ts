import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { mentions } from "../../../projections/mentions.ts";
import { readViews } from "../../../projections/views.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { createBuilder } from "../../../src/projecting/generations/builder.ts";
import { comparing } from "../../../src/projecting/generations/comparing.ts";
import { createFollower } from "../../../src/projecting/generations/follower.ts";
import { mending } from "../../../src/projecting/generations/mending.ts";
import { viewOf } from "../../../src/projecting/generations/store.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { createReading } from "../../../src/projecting/reading.ts";
import { caller, group, profile, text } from "../../support/cast.ts";
import { type Client, clientOf, refusal } from "../../support/client.ts";
import { gate } from "../../support/gate.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { runTidings, type Server, type Settings, startServer } from "../../support/server.ts";
import { withViews } from "../../support/serverViews.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

/*
 * A view that nobody thought of when the events were written: the messages that mention me. A log was written, and its views were
 * folded, by a version that did not have it.
 */

const MENTIONS = "{ viewer { mentions { edges { node { text } } } } }";

const without = viewProjections.filter(({ name }) => name !== mentions.name);

describe("a new view over old history", () => {
  test("is built while all others are read, is never read in part, and then has what happened before it", async () => {
    const target = world();
    const { commands } = target;
    for (const user of ["ann", "bob"]) await commands.register(caller(user), profile(user));
    const { conversationId } = await commands.createConversation(caller("ann"), group({ memberIds: ["bob"] }));
    const say = (more: object = {}) => commands.sendMessage(caller("ann"), text({ conversationId }, more));
    const named = [await say({ mentions: ["bob"] }), await say({ mentions: ["bob"] })];
    await say();
    const recalled = await say({ mentions: ["bob"] });
    await commands.recallMessage(caller("ann"), { clientMutationId: "r", conversationId, seq: recalled.message.seq });

    const store = memoryViews();
    const older = serving(store, without, target);
    await older.opened;
    await older.stop();
    expect(await store.checkpoint("mentions@1#1")).toBeUndefined();

    const { passed, open } = gate();
    const newer = serving(store, viewProjections, target, () => passed);
    await newer.opened;
    const { views } = newer;
    await expect(Promise.resolve(views.mentions.mentionsOf("bob", undefined, 10))).rejects.toThrow(Unavailable);
    expect(await views.timelines.head(conversationId)).toMatchObject({ seq: 4 });
    // What is sent meanwhile is folded by the others at once, and is not missed by the new one.
    const late = await say({ mentions: ["bob"] });
    await until("the others have it", async () => (await views.timelines.head(conversationId))?.seq === 5);
    await expect(Promise.resolve(views.mentions.mentionsOf("bob", undefined, 10))).rejects.toThrow(Unavailable);
    open();
    await until("it is built", async () =>
      Promise.resolve(views.mentions.mentionsOf("bob", undefined, 10)).catch(() => undefined),
    );
    const positions = [...named, late].map(({ position }) => position).reverse();
    expect((await views.mentions.mentionsOf("bob", undefined, 10)).map(({ position }) => position)).toEqual(positions);
    const next = await say({ mentions: ["bob"] });
    await until("it follows the log", async () => {
      const [newest] = await views.mentions.mentionsOf("bob", undefined, 1);
      return newest?.position === next.position;
    });
  });

  let folder: Awaited<ReturnType<typeof tempDir>>;
  let server: Server | undefined;
  beforeAll(async () => {
    folder = await tempDir();
  });
  afterAll(async () => {
    await server?.stop();
    await folder.remove();
  });

  test("is there after an upgrade, and a comparison finds nothing wrong with it", { timeout: 120_000 }, async () => {
    const dataDir = join(folder.path, "data");
    const settings: Settings = { DATA_DIR: dataDir };
    server = await startServer({ dataDir, settings });
    const reached = (user: string): Promise<Client> =>
      clientOf({ address: server?.url ?? "", token: (server as Server).token }, user);
    for (const user of ["ann", "bob"]) await (await reached(user)).act("register", { handle: user, name: user });
    const ann = await reached("ann");
    for (const said of ["one", "two", "three"]) await ann.act("sendMessage", { userId: "bob", text: said, mentions: ["bob"] });
    await server.stop();
    await forget(settings);

    server = await startServer({ dataDir, settings, ready: false });
    const bob = await reached("bob");
    await until("the mentions are there", async () => {
      const answer = await bob.ask<{ viewer: { mentions: { edges: { node: { text: string } }[] } } }>(MENTIONS).then(
        ({ viewer }) => viewer.mentions.edges.map(({ node }) => node.text),
        async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
      );
      // All of them, or a pause: never some.
      expect([["three", "two", "one"], "UNAVAILABLE"]).toContainEqual(answer);
      return answer !== "UNAVAILABLE";
    });
    const { code, out } = await runTidings(["verify", "mentions"], settings);
    expect({ code, said: out.trim().split("\n").at(-1) }).toEqual({ code: 0, said: "mentions: 0 differences" });
    expect(await server.stop()).toBe(0);
    server = undefined;
  });
});

/** Takes a view out of a store, as if no server had ever had it. */
const forget = (settings: Settings): Promise<void> =>
  withViews(settings, async (store) => {
    const generations = viewGenerations(store);
    const view = viewOf(mentions);
    for (const { name } of await generations.list(view)) await generations.drop(name);
    await store.commit([{ op: "del", table: "generations", partition: view, sort: "" }]);
  });

/** What folds and builds in one server, with these projections. `read`: awaited before the builder reads the log. */
function serving(
  store: ViewStore,
  projections: typeof viewProjections,
  { log }: Pick<ReturnType<typeof world>, "log">,
  read: () => Promise<void> = async () => {},
) {
  const stop = new AbortController();
  const reading = createReading(() => undefined);
  const generations = viewGenerations(store);
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const follower = createFollower({
    log,
    store,
    generations,
    projections,
    reading: (now, unfinished) => {
      reading.change(now);
      if (unfinished) void builder.goOn();
    },
    opened: () => {
      reading.open();
      open();
    },
  });
  const slowed = {
    ...log,
    readAll: async (...of: Parameters<typeof log.readAll>) => {
      await read();
      return log.readAll(...of);
    },
  };
  const builder = createBuilder(
    {
      log: slowed,
      store: generations,
      projections,
      follower,
      verify: (projection) => comparing({ log: slowed, store, projection }),
      mend: (projection, readGeneration) => mending({ log: slowed, store, projection, follower, readGeneration }),
      stateChanged: (name, { progress }) => reading.building(name, progress),
      info: () => {},
      warn: () => {},
    },
    stop.signal,
  );
  const ended = follower.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await ended;
    await builder.ended();
  };
  onTestFinished(end);
  return { opened, views: readViews(store, reading.generation), stop: end };
}
