import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { postgresWebhookOutbox } from "../../src/adapters/webhookOutbox/postgres.ts";
import { sqliteWebhookOutbox } from "../../src/adapters/webhookOutbox/sqlite.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import {
  type Attempted,
  type Delivery,
  type PlannedDelivery,
  type WebhookOutbox,
  WebhooksLost,
} from "../../src/ports/webhookOutbox.ts";
import { realPostgres } from "../support/realPostgres.ts";
import { tempDir } from "../support/tempDir.ts";

/** Opens the same one as often as it is asked. */
type Opening = () => Promise<() => Open<WebhookOutbox>>;

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

const outboxes: Record<string, Opening> = {
  SQLite: async () => {
    const folder = await tempDir();
    closing.push(folder.remove);
    return () => sqliteWebhookOutbox(join(folder.path, "webhooks.db"));
  },
};
const real = realPostgres("the contract of the outbox of webhooks");
if (real)
  outboxes["PostgreSQL"] = async () => {
    const schema = real.newSchema();
    const store = await postgresViewStore(real.url, { schema });
    closing.push(() => store.close());
    return () => postgresWebhookOutbox(real.url, schema);
  };

/** Letters of both cases: positions are compared as bytes. */
const [FIRST, SECOND, THIRD, FOURTH] = ["log.0001", "log.000A", "log.000B", "log.000a"];
const HOOK = "w:a";
const told = (position: string, more: Partial<PlannedDelivery> = {}): PlannedDelivery => ({
  hook: HOOK,
  position,
  event: "MESSAGE_SENT",
  stream: "conversation-g:a",
  revision: 0,
  key: "g:a",
  ...more,
});
const failed = (at: number, more: Partial<Attempted> = {}): Attempted => ({
  at,
  status: 500,
  error: "answered 500",
  outcome: { due: at + 10 },
  ...more,
});
const delivered = (at: number): Attempted => ({ at, status: 204, error: undefined, outcome: "delivered" });

describe.each(Object.entries(outboxes))("%s", (_, opening) => {
  const opened = async () => {
    const open = await opening();
    const another = () => {
      const outbox = open();
      closing.push(() => outbox.close());
      return outbox;
    };
    const outbox = another();
    expect(await outbox.take("me")).toBe(true);
    await outbox.begin(HOOK, FIRST, 1);
    const only = async (now = 99): Promise<Delivery> => {
      const due = await outbox.due(HOOK, now, 10);
      if (due[0] === undefined || due.length > 1) throw new Error(`${due.length} are due`);
      return due[0];
    };
    return { outbox, another, only };
  };

  test("stores deliveries with how far the log was looked through, and gives both back", async () => {
    const { outbox, another } = await opened();
    await outbox.plan([HOOK], THIRD, [told(SECOND), told(THIRD, { key: "g:b", revision: 7 })], 5);
    await outbox.release();
    const next = another();
    expect(await next.take("you")).toBe(true);
    expect(await next.progress()).toEqual([{ hook: HOOK, since: FIRST, cursor: THIRD, failingSince: undefined, waiting: 2 }]);
    const waiting = { planned: 5, attempts: 0, status: undefined, error: undefined, deliveredAt: undefined, due: 5 };
    expect(await next.due(HOOK, 5, 10)).toEqual([
      { ...told(SECOND), ...waiting },
      { ...told(THIRD, { key: "g:b", revision: 7 }), ...waiting },
    ]);
    expect(await next.due(HOOK, 4, 10)).toEqual([]);
    expect(await next.due(HOOK, 5, 1)).toHaveLength(1);
  });

  test("plans what was planned before once, and goes back nowhere", async () => {
    const { outbox } = await opened();
    await outbox.plan([HOOK], FOURTH, [told(SECOND)], 5);
    await outbox.plan([HOOK], THIRD, [told(SECOND)], 6);
    expect(await outbox.progress()).toMatchObject([{ cursor: FOURTH, waiting: 1 }]);
    expect(await outbox.due(HOOK, 5, 10)).toHaveLength(1);
  });

  test("of one key the next one is due once the one before is settled, and others are not held up", async () => {
    const { outbox, only } = await opened();
    await outbox.plan([HOOK], FOURTH, [told(SECOND), told(THIRD, { key: "g:b" }), told(FOURTH)], 5);
    const [first, other] = await outbox.due(HOOK, 5, 10);
    expect([first?.position, other?.position]).toEqual([SECOND, THIRD]);
    if (!first || !other) throw new Error("two are due");
    expect(await outbox.settle(first, failed(6))).toBe(6);
    await outbox.settle(other, delivered(7));
    expect(await outbox.due(HOOK, 15, 10)).toEqual([]);
    expect((await only(16)).position).toBe(SECOND);
    await outbox.settle(await only(16), delivered(17));
    expect((await only(17)).position).toBe(FOURTH);
  });

  test("knows since when a hook fails, and that it does not any more", async () => {
    const { outbox, only } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    expect(await outbox.settle(await only(), failed(6))).toBe(6);
    expect(await outbox.settle(await only(), failed(20))).toBe(6);
    expect(await outbox.progress()).toMatchObject([{ failingSince: 6, waiting: 1 }]);
    await outbox.settle(await only(), delivered(40));
    expect(await outbox.progress()).toMatchObject([{ failingSince: undefined, waiting: 0 }]);
    expect(await outbox.deliveries(HOOK, 10)).toMatchObject([{ attempts: 3, status: 204, deliveredAt: 40, due: undefined }]);
  });

  test("gives one up, and does not blame a hook for what it needs not be told", async () => {
    const { outbox, only } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    await outbox.settle(await only(), { at: 3, status: undefined, error: "there is nothing to tell", outcome: "nothing" });
    expect(await outbox.progress()).toMatchObject([{ waiting: 0, failingSince: undefined }]);
    await outbox.plan([HOOK], THIRD, [told(THIRD)], 6);
    await outbox.settle(await only(), failed(7, { outcome: "never" }));
    expect(await outbox.progress()).toMatchObject([{ waiting: 0, failingSince: 7 }]);
  });

  test("does not try again what was given up during an attempt", async () => {
    const { outbox, only } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    const delivery = await only();
    await outbox.giveUp(HOOK, "put anew");
    await outbox.settle(delivery, failed(3));
    expect(await outbox.due(HOOK, 99, 1)).toEqual([]);
    expect(await outbox.deliveries(HOOK, 1)).toMatchObject([{ attempts: 1, status: 500, due: undefined }]);
  });

  test("delivers once more what is asked for, in its turn", async () => {
    const { outbox, another, only } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    await outbox.settle(await only(), delivered(6));
    // Whoever asks needs not have the right to deliver.
    expect(await another().again(HOOK, SECOND, 50)).toBe(true);
    expect(await another().again(HOOK, THIRD, 50)).toBe(false);
    expect(await outbox.due(HOOK, 49, 1)).toEqual([]);
    expect(await only(50)).toMatchObject({ attempts: 1, planned: 50, due: 50, deliveredAt: 6 });
  });

  test("a hook that is put anew is told what comes after, and one that is forgotten has nothing", async () => {
    const { outbox } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    await outbox.begin(HOOK, THIRD, 6);
    expect(await outbox.progress()).toMatchObject([{ since: THIRD, cursor: THIRD, waiting: 0 }]);
    expect(await outbox.deliveries(HOOK, 10)).toMatchObject([{ position: SECOND, due: undefined }]);
    await outbox.forget(HOOK);
    expect(await outbox.progress()).toEqual([]);
    expect(await outbox.deliveries(HOOK, 10)).toEqual([]);
  });

  test("gives the newest deliveries first, page by page, in the order of bytes", async () => {
    const { outbox } = await opened();
    const positions = [SECOND, THIRD, FOURTH];
    await outbox.plan(
      [HOOK],
      FOURTH,
      positions.map((position) => told(position)),
      5,
    );
    await outbox.plan(["w:b"], FOURTH, [told(SECOND, { hook: "w:b" })], 5);
    const page = await outbox.deliveries(HOOK, 2);
    expect(page.map(({ position }) => position)).toEqual([FOURTH, THIRD]);
    expect((await outbox.deliveries(HOOK, 2, THIRD)).map(({ position }) => position)).toEqual([SECOND]);
  });

  test("forgets what is settled and old, or too much, and nothing that waits", async () => {
    const { outbox, only } = await opened();
    await outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    await outbox.settle(await only(), delivered(6));
    await outbox.plan([HOOK], THIRD, [told(THIRD)], 10);
    await outbox.settle(await only(), delivered(11));
    await outbox.plan([HOOK], FOURTH, [told(FOURTH)], 10);
    const left = async () => (await outbox.deliveries(HOOK, 10)).map(({ position }) => position);
    await outbox.sweep(6, 10);
    expect(await left()).toEqual([FOURTH, THIRD]);
    await outbox.sweep(6, 1);
    expect(await left()).toEqual([FOURTH]);
    await outbox.sweep(99, 0);
    expect(await left()).toEqual([FOURTH]);
  });

  test("is one holder's at a time, and whoever lost it changes nothing", async () => {
    const { outbox, another } = await opened();
    const other = another();
    expect(await other.take("you")).toBe(false);
    await expect(other.plan([HOOK], SECOND, [told(SECOND)], 5)).rejects.toThrow(WebhooksLost);
    await outbox.release();
    expect(await other.take("you")).toBe(true);
    await expect(outbox.plan([HOOK], SECOND, [told(SECOND)], 5)).rejects.toThrow(WebhooksLost);
    expect(await other.progress()).toMatchObject([{ cursor: FIRST, waiting: 0 }]);
    // What it does not have it lets go of without a fault.
    await outbox.release();
    await other.plan([HOOK], SECOND, [], 5);
  });

  test("is closed after what was asked before, and says so from then on", async () => {
    const { outbox, another } = await opened();
    const planned = outbox.plan([HOOK], SECOND, [told(SECOND)], 5);
    await outbox.close();
    await planned;
    await expect(outbox.progress()).rejects.toThrow(Unavailable);
    expect(await another().progress()).toMatchObject([{ cursor: SECOND, waiting: 1 }]);
  });
});
