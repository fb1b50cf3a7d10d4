import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, expect, test } from "vitest";
import { sqliteOutbox } from "../../../src/adapters/pushOutbox/sqlite.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { PushOutbox } from "../../../src/ports/pushOutbox.ts";
import type { Push, PushOutcome, PushSender } from "../../../src/ports/pushService.ts";
import { createPusher } from "../../../src/processes/push/pusher.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const NAMES = ["ann", "bob", "cat"];

type More = {
  /** What the service says. */
  says?: (push: Push) => PushOutcome | Promise<PushOutcome>;
  sender?: Partial<PushSender>;
  counts?: PushOutbox["counts"];
  /** What keeping the outbox comes to instead. */
  keep?: () => Promise<void> | undefined;
};

/** A pusher over a log of which it is counted how often it was read, and a service that keeps what it is given. */
async function pushing({ says = () => ({ kind: "sent" }), ...more }: More = {}) {
  const clock = { aheadMs: 0 };
  const now = () => new Date(Date.now() + clock.aheadMs);
  const folder = await tempDir();
  const target = world({ lazy: false, now });
  for (const user of NAMES) await target.commands.register(caller(user), profile(user));
  await target.catchUp();
  const sent: Push[] = [];
  const sender: PushSender = {
    routeOf: () => "https://pushes.example.org",
    isWatched: () => true,
    send: async (_, push) => {
      const said = await says(push);
      if (said.kind === "sent") sent.push(push);
      return said;
    },
    close: async () => {},
    ...more.sender,
  };
  const file = join(folder.path, "pushes.db");
  const outbox = sqliteOutbox(file);
  const looks = { count: 0 };
  const due: PushOutbox["due"] = (...asked) => {
    looks.count += 1;
    return outbox.due(...asked);
  };
  const warned: string[] = [];
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
    outbox: { ...outbox, due, keep: () => more.keep?.() ?? outbox.keep(), counts: more.counts ?? outbox.counts },
    senders: { FCM: sender },
    rules: { graceMs: 0, maxAgeMs: 600_000, ttlMs: 600_000, content: "full" },
    holder: "here",
    opened: Promise.resolve(),
    now,
    warn: (...told) => void warned.push(told.join(": ")),
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
  /** A conversation of Ann's that Bob is in, or follows. */
  const annHas = async (kind: "GROUP" | "CHANNEL") => {
    const memberIds = kind === "GROUP" ? ["bob"] : [];
    const { conversationId } = await target.commands.createConversation(caller("ann"), group({ kind, memberIds }));
    await target.catchUp();
    if (kind === "CHANNEL") await target.commands.join(caller("bob"), { clientMutationId: newKey(), conversationId });
    await target.catchUp();
    return conversationId;
  };
  const annPosts = async (conversationId: string, what: string) => {
    await target.commands.sendMessage(caller("ann"), text({ conversationId }, { text: what }));
    await target.catchUp();
  };
  const told = () => sent.map(({ notice }) => notice?.body);
  return { target, clock, file, pusher, sent, told, reads, looks, warned, annSends, annHas, annPosts, bobAddsPhone };
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

/** From now on a read of a conversation fails. Gives how often it did. */
function failing<K extends string, T extends Record<K, (id: string, ...more: never[]) => unknown>>(
  reads: T,
  name: K,
  id: string,
  fault: () => Error,
): { count: number } {
  const failed = { count: 0 };
  const read = reads[name];
  reads[name] = ((asked: string, ...rest: never[]) => {
    if (asked !== id) return read(asked, ...rest);
    failed.count += 1;
    throw fault();
  }) as T[K];
  return failed;
}

test.each([
  ["is at fault", () => new TypeError("a row of it is none")],
  ["cannot be read, while all else can,", () => new Unavailable("a row of it cannot be read")],
])("an event of what %s is put aside, told of, and holds up no other", async (_, fault) => {
  const { target, pusher, told, warned, annSends, annHas, annPosts, bobAddsPhone } = await pushing();
  const conversation = await annHas("GROUP");
  await bobAddsPhone();
  failing(target.views.relations, "group", conversation, fault);
  // All of them are of one page.
  await Promise.all([annPosts(conversation, "to the group"), annSends("to Bob")]);
  await until("it is told", () => told().includes("to Bob"));
  expect(told()).toEqual(["to Bob"]);
  // Without a word of what it is about: that is in the log.
  const isTold = () => pusher.state().trouble === "1 could not be planned, and nobody is pushed about them: see the log";
  await until("operators are told", isTold);
  expect(warned).toEqual([
    expect.stringMatching(/^nobody is pushed about it any more: it cannot be planned: MessageSent at .*a row/),
  ]);
});

test("what cannot be planned while the outbox cannot be used either is not put aside", async () => {
  const away = { isAway: false };
  const { target, pusher, told, annSends, annHas, annPosts, bobAddsPhone } = await pushing({
    keep: () => (away.isAway ? Promise.reject(new Unavailable("the outbox is away")) : undefined),
  });
  const conversation = await annHas("GROUP");
  await bobAddsPhone();
  const { group: read } = target.views.relations;
  away.isAway = true;
  const failed = failing(target.views.relations, "group", conversation, () => new Unavailable("a row cannot be read"));
  await annPosts(conversation, "to the group");
  await until("it was tried as a whole, and one by one", () => failed.count >= 8);
  expect(pusher.state().trouble).not.toMatch(/could not be planned/);
  target.views.relations.group = read;
  away.isAway = false;
  await annSends("to Bob");
  await until("both are told", () => told().length >= 2);
  expect(told().sort()).toEqual([expect.stringMatching(/to the group$/), "to Bob"]);
  await until("all is well", () => pusher.state().trouble === undefined);
});

test("a conversation of many that cannot be gone through gives others their turn, and is put aside in the end", async () => {
  const { target, clock, pusher, told, warned, annHas, annPosts, bobAddsPhone } = await pushing();
  const [faulty, other] = [await annHas("CHANNEL"), await annHas("CHANNEL")];
  await bobAddsPhone();
  const failed = failing(target.views.relations, "membersByJoin", faulty, () => new TypeError("a row of it is none"));
  await annPosts(faulty, "to nobody");
  await until("it failed", () => failed.count === 1);
  await annPosts(other, "to the other one");
  await until("others are told", () => told().length > 0);
  expect(told()).toEqual([expect.stringMatching(/to the other one$/)]);
  for (let tries = 2; tries <= 6; tries++) {
    clock.aheadMs += 60_000;
    await until(`it was tried ${tries} times`, () => failed.count === tries);
  }
  await until("operators are told", () => pusher.state().trouble?.startsWith("1 could not be planned"));
  expect(pusher.state().trouble).not.toContain(faulty);
  expect(warned.filter((line) => line.includes(`message 1 of ${faulty}`))).toHaveLength(1);
  clock.aheadMs += 60_000;
  await annPosts(other, "to the other one again");
  await until("others are told", () => told().some((body) => body?.endsWith("again")));
  expect(failed.count).toBe(6);
});

test("who takes the outbox anew after another one had it begins where that one got to", async () => {
  const { target, file, told, annSends, bobAddsPhone } = await pushing();
  await bobAddsPhone();
  await annSends("by this one");
  await until("it is told", () => told().length === 1);
  // The views do not have it yet, so that it is not planned before another process has the outbox.
  await target.commands.sendMessage(caller("ann"), text({ userId: "bob" }, { text: "by the other one" }));
  const end = await target.log.end();
  const db = new DatabaseSync(file);
  db.exec("UPDATE push_state SET expires = 0");
  const other = sqliteOutbox(file);
  expect(await other.take("there")).not.toBe(false);
  await other.plan({ to: end, now: Date.now(), clearAt: Date.now(), news: [], reads: [], fans: [] });
  await other.release();
  const fence = db.prepare("SELECT fence FROM push_state WHERE holder = 'here'");
  await until("this one has it again", () => (fence.get() as { fence: number } | undefined)?.fence === 3);
  db.close();
  await other.close();
  await target.catchUp();
  await annSends("by this one again");
  await until("it is told", () => told().includes("by this one again"));
  expect(told()).toEqual(["by this one", "by this one again"]);
});

test("while pushes are on their way the outbox is looked at now and then, and at once when one ends", async () => {
  let release = (): void => undefined;
  const hanging = new Promise<PushOutcome>((resolve) => (release = () => resolve({ kind: "sent" })));
  const beats = { count: 0 };
  const { told, looks, annSends, bobAddsPhone } = await pushing({
    says: () => hanging,
    counts: async () => {
      beats.count += 1;
      return { waiting: 1, since: 0 };
    },
  });
  await bobAddsPhone();
  await annSends("slow");
  await until("it is on its way, and the lease was kept once", () => beats.count === 1);
  const [before, at] = [looks.count, performance.now()];
  await until("the lease was kept once more", () => beats.count === 2);
  // Two lanes, once a second.
  expect(looks.count - before).toBeLessThanOrEqual(2 * (Math.ceil((performance.now() - at) / 1_000) + 1));
  release();
  await until("it is told", () => told().length === 1);
});

test("operators hear of a server whose name a user may have made up once it has taken something", async () => {
  let says: PushOutcome = { kind: "away", why: "there is no such name" };
  const { pusher, told, annSends, bobAddsPhone } = await pushing({
    says: () => says,
    sender: { routeOf: () => "made-up.example.org", mayBeMadeUp: () => true },
  });
  await bobAddsPhone();
  await annSends("one");
  await until("it was tried", () => (pusher.state().counts.FCM?.failed ?? 0) > 0);
  expect(pusher.state().trouble).toBeUndefined();
  says = { kind: "sent" };
  await until("it is told", () => told().length === 1);
  says = { kind: "away", why: "it is away" };
  await annSends("two");
  await until("operators are told", () => pusher.state().trouble !== undefined);
  expect(pusher.state().trouble).toMatch(/^made-up\.example\.org: it is away/);
});
