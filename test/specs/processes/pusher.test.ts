import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sqliteOutbox } from "../../../src/adapters/pushOutbox/sqlite.ts";
import type { Push, PushSender } from "../../../src/ports/pushService.ts";
import { createPusher } from "../../../src/processes/push/pusher.ts";
import { caller, newKey, profile, text } from "../../support/cast.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const now = () => new Date();

/** A pusher over a log of which it is counted how often it was read, and a service that keeps what it is given. */
async function pushing() {
  const folder = await tempDir();
  const target = world({ lazy: false, now });
  for (const user of ["ann", "bob"]) await target.commands.register(caller(user), profile(user));
  await target.catchUp();
  const sent: Push[] = [];
  const sender: PushSender = {
    routeOf: () => "https://pushes.example.org",
    isWatched: () => true,
    send: async (_, push) => {
      sent.push(push);
      return { kind: "sent" };
    },
    close: async () => {},
  };
  const outbox = sqliteOutbox(join(folder.path, "pushes.db"));
  const reads = { count: 0 };
  const log = {
    ...target.log,
    readAll: (...asked: Parameters<typeof target.log.readAll>) => {
      reads.count += 1;
      return target.log.readAll(...asked);
    },
  };
  const pusher = createPusher({
    ...target,
    log,
    areOnline: async (users) => users.map(() => false),
    outbox,
    senders: { FCM: sender },
    rules: { graceMs: 0, maxAgeMs: 600_000, ttlMs: 600_000, content: "full" },
    holder: "here",
    opened: Promise.resolve(),
    now,
    warn: () => {},
  });
  const stop = new AbortController();
  const ended = pusher.run(stop.signal);
  closing.push(folder.remove, outbox.close, async () => {
    stop.abort();
    await ended;
  });
  await until("the pusher has the outbox", () => pusher.state().isMine);
  const annSends = async (what: string) => {
    await target.commands.sendMessage(caller("ann"), text({ userId: "bob" }, { text: what }));
    await target.catchUp();
  };
  const bobAddsPhone = async () => {
    const device = { deviceId: "phone", kind: "ANDROID", name: "phone", pushService: "FCM", pushToken: "a-token" } as const;
    await target.commands.addDevice(caller("bob"), { clientMutationId: newKey(), ...device });
    await target.catchUp();
  };
  return { target, sent, reads, annSends, bobAddsPhone };
}

test("while no device has a token the log is not read", async () => {
  const { sent, reads, annSends, bobAddsPhone, target } = await pushing();
  const asked = { count: 0 };
  const areAny = target.views.pushTargets.areAny;
  target.views.pushTargets.areAny = () => {
    asked.count += 1;
    return areAny();
  };
  await annSends("before there was a token");
  await until("it is asked twice more whether there is a token", () => asked.count >= 2);
  expect(reads.count).toBe(0);
  await bobAddsPhone();
  await annSends("since");
  await until("it is told", () => sent.length > 0);
  expect(sent.map(({ notice }) => notice?.body)).toEqual(["since"]);
});
