import type { EventData } from "../src/domain/events.ts";
import { del, type Projection, put, type Reader, type Rows } from "../src/projecting/projection.ts";

/**
 * `since`: it is told what is in the log after this place. `offBecause`: why it is told nothing.
 */
export type WebhookRow = Omit<EventData<"WebhookPut">, "webhookId"> & { since: string; offBecause?: string };
export type IncomingHookRow = Omit<EventData<"IncomingHookPut">, "hookId">;

/** The key of their stream: all of them lie under it. */
const PARTITION = "webhooks";
/** More than there may be. */
const ALL = 1_000;

const READS = ["hooks"] as const;
type OwnRows = Rows<(typeof READS)[number]>;

/** What is told to other programs, where, and who posts from elsewhere. */
export const webhooks: Projection<(typeof READS)[number]> = {
  name: "webhooks",
  version: 1,
  reads: READS,
  handlers: {
    WebhookPut: async ({ data: { webhookId, ...hook }, position }, rows: OwnRows) => {
      const before = await rows.get<WebhookRow>("hooks", PARTITION, webhookId);
      const since = before === undefined || before.offBecause !== undefined ? position : before.since;
      return [put("hooks", PARTITION, webhookId, { ...hook, since } satisfies WebhookRow)];
    },
    WebhookDeleted: ({ data }) => [del("hooks", PARTITION, data.webhookId)],
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

export type WebhookReads = ReturnType<typeof webhookReads>;
