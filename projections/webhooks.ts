import type { EventData } from "../src/domain/events.ts";
import { del, type Projection, put, type Reader, type Rows } from "../src/projecting/projection.ts";

/**
 * `since`: it is told what is in the log after this place. `movedAt`: when it was given another address last (ISO 8601); absent:
 * never. `offBecause`: why it is told nothing.
 */
export type WebhookRow = Omit<EventData<"WebhookPut">, "webhookId"> & { since: string; movedAt?: string; offBecause?: string };
export type IncomingHookRow = Omit<EventData<"IncomingHookPut">, "hookId">;

/** The key of their stream: all of them lie under it. */
const PARTITION = "webhooks";
/** More than there may be. */
const ALL = 1_000;

/** The partition of the one row that says when they were changed last. No user has this id. */
const CHANGED = "~webhooks";

/** Whoever listens to this topic is woken when a webhook was put or deleted. */
export const WEBHOOKS_TOPIC = `users/${CHANGED}`;

const READS = ["hooks", "changed"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

const changed = (position: string) => put("changed", CHANGED, "", { position });

/**
 * What is told to other programs and what they are asked, where, and who posts from elsewhere. `changed`: for whoever keeps in
 * memory who is asked.
 */
export const webhooks: Projection<(typeof READS)[number]> = {
  name: "webhooks",
  version: 2,
  goesOnFrom: [1],
  reads: READS,
  topics: { changed: "users" },
  handlers: {
    WebhookPut: async ({ data: { webhookId, ...hook }, position, at }, rows: OwnRows) => {
      const before = await rows.get<WebhookRow>("hooks", PARTITION, webhookId);
      const since = before === undefined || before.offBecause !== undefined ? position : before.since;
      const movedAt = before === undefined || before.url === hook.url ? before?.movedAt : at;
      const row: WebhookRow = movedAt === undefined ? { ...hook, since } : { ...hook, since, movedAt };
      return [put("hooks", PARTITION, webhookId, row), changed(position)];
    },
    WebhookDeleted: ({ data, position }) => [del("hooks", PARTITION, data.webhookId), changed(position)],
    WebhookSwitchedOff: async ({ data: { webhookId, reason } }, rows: OwnRows) => {
      const hook = await rows.get<WebhookRow>("hooks", PARTITION, webhookId);
      return hook ? [put("hooks", PARTITION, webhookId, { ...hook, offBecause: reason } satisfies WebhookRow)] : [];
    },
    IncomingHookPut: ({ data: { hookId, ...hook } }) => [put("incoming", PARTITION, hookId, hook satisfies IncomingHookRow)],
    IncomingHookDeleted: ({ data }) => [del("incoming", PARTITION, data.hookId)],
  },
};

/** The only functions that read the webhooks' rows. */
export const webhookReads = (reader: Reader) => ({
  /** All, by id. */
  webhooks: async (): Promise<{ id: string; hook: WebhookRow }[]> =>
    (await reader.range<WebhookRow>("hooks", PARTITION, { limit: ALL })).map(({ sort, value }) => ({ id: sort, hook: value })),
  webhook: (id: string) => reader.get<WebhookRow>("hooks", PARTITION, id),
  incomingHooks: async (): Promise<{ id: string; hook: IncomingHookRow }[]> =>
    (await reader.range<IncomingHookRow>("incoming", PARTITION, { limit: ALL })).map(({ sort, value }) => ({
      id: sort,
      hook: value,
    })),
  incomingHook: (id: string) => reader.get<IncomingHookRow>("incoming", PARTITION, id),
});

/** Since when a webhook fails that was failing at a time, in milliseconds since 1970: not by what its former address did. */
export const failingAtItsAddress = (since: number, { movedAt }: Pick<WebhookRow, "movedAt">): number =>
  movedAt === undefined ? since : Math.max(since, Date.parse(movedAt));

export type WebhookReads = ReturnType<typeof webhookReads>;
