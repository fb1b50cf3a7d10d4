import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sqliteWebhookOutbox } from "../../../src/adapters/webhookOutbox/sqlite.ts";
import type { PutWebhookInput } from "../../../src/commands/commands.ts";
import { streams } from "../../../src/domain/ids.ts";
import type { HookPost, Posted } from "../../../src/ports/webhookPost.ts";
import { webhookProcess } from "../../../src/processes/webhooks.ts";
import { admin, caller, newKey, profile, text } from "../../support/cast.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { type World, world } from "../../support/world.ts";

const DAY_MS = 86_400_000;
const ID = "w:crm";
const URL = "https://crm.example.org/";

type Outbox = ReturnType<typeof sqliteWebhookOutbox>;
/** What was told: where, and the text of the message. */
type Told = { url: string; id: string; text: unknown };

/** A clock of the test's own. */
const clock = { ms: Date.UTC(2026, 4, 4, 10) };

async function newOutbox(): Promise<Outbox> {
  const folder = await tempDir();
  const outbox = sqliteWebhookOutbox(join(folder.path, "webhooks.db"));
  onTestFinished(async () => {
    await outbox.close();
    await folder.remove();
  });
  return outbox;
}

const newWorld = (of: Parameters<typeof world>[0] = {}): World => world({ now: () => new Date(clock.ms), ...of });

/** Tells what the log of a world holds. `answer`: of whoever is told. */
function telling(of: World, outbox: Outbox, answer: (post: HookPost) => Posted) {
  const told: Told[] = [];
  const stop = new AbortController();
  const { run } = webhookProcess({
    log: of.log,
    webhooks: of.views.webhooks,
    timelines: of.views.timelines,
    watermark: of.watermark,
    outbox,
    post: async (post) => {
      const { data } = JSON.parse(post.body) as { data: { text?: unknown } };
      told.push({ url: post.url, id: post.id, text: data.text });
      return answer(post);
    },
    commands: of.commands,
    now: () => new Date(clock.ms),
    warn: () => undefined,
    info: () => undefined,
    retryMs: 5_000,
    giveUpMs: 3 * DAY_MS,
  });
  const running = run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  onTestFinished(end);
  return { told, end };
}

const well = (): Posted => ({ status: 204 });

async function setUp(): Promise<World> {
  const of = newWorld();
  for (const id of ["ann", "ben"]) await of.commands.register(caller(id), profile(id));
  await of.catchUp();
  return of;
}

async function put(of: World, more: Partial<PutWebhookInput> = {}): Promise<void> {
  const input = { clientMutationId: newKey(), webhookId: ID, url: URL, events: ["MESSAGE_SENT" as const], conversationId: null };
  await of.commands.putWebhook(admin, { ...input, ...more });
  await of.catchUp();
}

async function send(of: World, said: string): Promise<void> {
  await of.commands.sendMessage(caller("ann"), text({ userId: "ben" }, { text: said }));
  await of.catchUp();
}

/** The process looks again: something is in the log that nobody is told of. */
async function nudge(of: World): Promise<void> {
  await of.commands.setPreferences(caller("ann"), { clientMutationId: newKey(), conversationId: "d:ann~ben", muted: true });
  await of.catchUp();
}

const waiting = async (outbox: Outbox) => (await outbox.deliveries(ID, 100)).filter(({ due }) => due !== undefined);
const texts = (told: readonly Told[]) => told.map((each) => each.text);

describe("what webhooks are told", () => {
  test("is not what is imported", async () => {
    const of = await setUp();
    await put(of);
    const { told } = telling(of, await newOutbox(), well);
    const line = {
      key: "1",
      conversation: "Salon",
      sender: "Anna",
      sentAt: "2001-01-01T00:00:00.000Z",
      text: "old",
      topic: null,
    };
    expect(await of.commands.importMessages(admin, { clientMutationId: newKey(), messages: [line] })).toMatchObject({
      stored: 1,
    });
    await of.catchUp();
    await send(of, "new");
    await until("it is told", () => told.length > 0);
    expect(texts(told)).toEqual(["new"]);
  });

  test("is not told again when the views are folded anew, and what comes meanwhile is told once", async () => {
    const of = await setUp();
    const outbox = await newOutbox();
    await put(of);
    const first = telling(of, outbox, well);
    await send(of, "one");
    await until("it is settled", async () => first.told.length === 1 && (await waiting(outbox)).length === 0);
    await first.end();
    // Other rows, of the same log: none yet.
    const anew = newWorld({ log: of.log });
    const second = telling(anew, outbox, well);
    await of.commands.sendMessage(caller("ann"), text({ userId: "ben" }, { text: "two" }));
    expect(second.told).toEqual([]);
    await anew.catchUp();
    await until("it is told", () => second.told.length > 0);
    await send(anew, "three");
    await until("all is told", () => second.told.length > 1);
    expect(texts(second.told)).toEqual(["two", "three"]);
    expect(await outbox.progress()).toMatchObject([{ hook: ID, failingSince: undefined }]);
  });

  test("waits as long as whoever is told asks for", async () => {
    const of = await setUp();
    const outbox = await newOutbox();
    await put(of);
    let answer: Posted = { status: 429, retryAfterMs: 3_600_000 };
    const { told } = telling(of, outbox, () => answer);
    for (const status of [429, 503, 500]) {
      answer = { status, retryAfterMs: 3_600_000 };
      const before = told.length;
      await send(of, `${status}`);
      await until("it was tried", async () => (await waiting(outbox)).some(({ attempts }) => attempts === 1));
      const [delivery] = await waiting(outbox);
      const waits = (delivery?.due ?? 0) - clock.ms;
      // Of other answers it means nothing.
      if (status === 500) expect(waits).toBeLessThan(10_000);
      else expect(waits).toBe(3_600_000);
      answer = well();
      clock.ms += waits;
      await nudge(of);
      await until("it is told", async () => told.length > before + 1 && (await waiting(outbox)).length === 0);
    }
    expect(texts(told)).toEqual(["429", "429", "503", "503", "500", "500"]);
  });

  test("ends after days of failure, and begins again where the webhook is put", async () => {
    const of = await setUp();
    const outbox = await newOutbox();
    await put(of);
    let answer: Posted = { status: 500 };
    const { told } = telling(of, outbox, () => answer);
    const began = clock.ms;
    await send(of, "lost");
    for (let attempts = 1; (await of.views.webhooks.webhook(ID))?.offBecause === undefined; attempts++) {
      expect(attempts).toBeLessThan(50);
      await until("it was tried", async () => {
        await of.catchUp();
        const [delivery] = await outbox.deliveries(ID, 1);
        const isOff = (await of.views.webhooks.webhook(ID))?.offBecause !== undefined;
        return isOff || (delivery?.attempts ?? 0) >= attempts;
      });
      clock.ms = Math.max(clock.ms, (await waiting(outbox))[0]?.due ?? clock.ms);
      await nudge(of);
    }
    // Not sooner, and not much later: the last pause is of twelve hours at most.
    expect(clock.ms - began).toBeGreaterThanOrEqual(3 * DAY_MS);
    expect(clock.ms - began).toBeLessThan(4 * DAY_MS);
    expect((await of.views.webhooks.webhook(ID))?.offBecause).toContain("answered 500");
    const types = (await of.log.read(streams.webhooks, 0, "forwards", 100)).map(({ type }) => type);
    expect(types).toEqual(["WebhookPut", "WebhookSwitchedOff"]);
    answer = well();
    const before = told.length;
    await send(of, "while it is off");
    await put(of);
    await send(of, "after that");
    await until("it is told", () => told.length > before);
    expect(texts(told.slice(before))).toEqual(["after that"]);
  });

  test("and waits is told at once where the webhook is given another address, which has not failed yet", async () => {
    const of = await setUp();
    const outbox = await newOutbox();
    await put(of);
    const other = "https://crm.example.net/";
    const { told } = telling(of, outbox, ({ url }) => (url === URL ? { status: 500 } : well()));
    await send(of, "one");
    await send(of, "two");
    for (let attempts = 1; attempts <= 6; attempts++) {
      await until("it was tried", async () => (await waiting(outbox)).some((each) => each.attempts >= attempts));
      clock.ms = Math.max(clock.ms, ...(await waiting(outbox)).map(({ due }) => due ?? 0));
      await nudge(of);
    }
    await put(of, { url: other });
    await until("all is told there", async () => (await waiting(outbox)).length === 0);
    expect(told.filter(({ url }) => url === other).map((each) => each.text)).toEqual(["one", "two"]);
    expect(await outbox.progress()).toMatchObject([{ failingSince: undefined }]);
  });
});
