import type { Open } from "../../ports/awaitable.ts";
import type { WebhookOutbox } from "../../ports/webhookOutbox.ts";
import { postgresDatabase } from "../outbox/postgres.ts";
import { webhookOutboxIn, WEBHOOKS } from "./outbox.ts";

/** In a schema of PostgreSQL, for all processes that share it. */
export const postgresWebhookOutbox = (url: string, schema: string): Open<WebhookOutbox> =>
  webhookOutboxIn(postgresDatabase(url, schema, WEBHOOKS));
