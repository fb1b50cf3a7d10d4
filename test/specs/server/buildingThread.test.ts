import type * as workerThreads from "node:worker_threads";
import type { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { apiServer } from "../../support/apiServer.ts";
import { clientOf, registered } from "../../support/client.ts";
import { until } from "../../support/until.ts";

/* The thread that builds views dies: what is read is followed on, and what it was building is built in the end. */

/** Every thread that was started, by its name. */
const threads = vi.hoisted(() => new Map<string, Worker[]>());

vi.mock("node:worker_threads", async (original) => {
  const actual = await original<typeof workerThreads>();
  return {
    ...actual,
    Worker: class extends actual.Worker {
      constructor(...[file, options]: ConstructorParameters<typeof actual.Worker>) {
        super(file, options);
        const name = options?.name ?? "";
        threads.set(name, [...(threads.get(name) ?? []), this]);
      }
    },
  };
});

const building = (): Worker[] => threads.get("building") ?? [];

test.each(["halt", "state"])("a building thread that dies as it says %s", async (kind) => {
  await using server = await apiServer({ LOG_LEVEL: "info" });
  const ann = await registered(server, "ann");
  await registered(server, "bob");
  const send = (text: string) => ann.act("sendMessage", { userId: "bob", text });
  const { message } = await send("before");
  const operator = await clientOf(server, "operator", { admin: true });
  const known = building().length;
  const replay = operator.ask(`mutation { replayProjection(name: "timelines") { state } }`);
  const thread = await until("there is a thread", () => building()[known]);
  let isDead = false;
  thread.on("message", (said: { kind: string }) => {
    if (said.kind === kind && !isDead) void thread.terminate();
    isDead ||= said.kind === kind;
  });
  await replay.catch((error: { code?: string }) => expect(error.code).toBe("UNAVAILABLE"));
  await until("it is dead", () => isDead);
  const { cursor } = await send("after");
  const { edges } = await ann.messages(message.conversation.id, { atLeast: cursor });
  expect(edges.map(({ node }) => node.text)).toEqual(["before", "after"]);
  const said = (text: string) => server.logged.some((line) => line.includes(text));
  await until("it is told", () => said("the building thread ended; what it was building is gone on with"));
  if (kind === "halt") {
    await until("another thread has built it", () =>
      server.logged.some((line) => /timelines@\d+#2 took the place of/.test(line)),
    );
    expect((await ann.messages(message.conversation.id, { atLeast: (await send("at last")).cursor })).edges).toHaveLength(3);
  }
  await until("nothing is under way", async () => (await server.tidings.operations.projection("timelines")).state === "LIVE");
  server.logged.length = 0;
});
