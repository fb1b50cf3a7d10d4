import { join } from "node:path";
import { sqliteWebhookOutbox } from "../adapters/webhookOutbox/sqlite.ts";
import { postHook } from "../adapters/webhookPost/post.ts";
import { type Reach, reach } from "../adapters/webhookPost/reach.ts";
import type { Config } from "../config.ts";
import { ASK_MOST_MS } from "../domain/events.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Open } from "../ports/awaitable.ts";
import type { PostHook } from "../ports/webhookPost.ts";
import type { WebhookOutbox } from "../ports/webhookOutbox.ts";

/** In DATA_DIR. Deleted while no server runs: hooks are told again what is in the log since they were put. */
const OUTBOX = "webhooks.db";
const SCHEMA = "tidings";
/** How much of an answer to a question is read, in bytes: the longest text fits, however it is written. */
const ANSWER_BYTES = 262_144;

export type Webhooks = {
  outbox: Open<WebhookOutbox>;
  post: PostHook;
  /** Posts a question, and gives the answer. Whoever asks says how long it may take. */
  ask: PostHook;
  /** See `CommandContext`. */
  webhookUrl(url: string): Promise<void>;
};

/**
 * Opens what webhooks are told by: in PostgreSQL where the views are there, so that one of all servers delivers; else in
 * DATA_DIR.
 */
export async function openWebhooks(
  { dataDir, databaseUrl, databaseSchema = SCHEMA, webhookPrivate, webhookTimeoutMs }: Config,
  reached: Reach = reach({ private: webhookPrivate }),
): Promise<Webhooks> {
  const outbox =
    databaseUrl === undefined
      ? sqliteWebhookOutbox(join(dataDir, OUTBOX))
      : (await import("../adapters/webhookOutbox/postgres.ts")).postgresWebhookOutbox(databaseUrl, databaseSchema);
  return {
    outbox,
    post: postHook({ reach: reached, timeoutMs: webhookTimeoutMs }),
    ask: postHook({ reach: reached, timeoutMs: 2 * ASK_MOST_MS, answerBytes: ANSWER_BYTES, wantsAnswer: true }),
    webhookUrl: async (url) => {
      const fault = await reached.faultOf(url);
      if (fault !== undefined) throw new Refusal("BAD_INPUT", fault, { field: "url" });
    },
  };
}
