import type { Open } from "../../ports/awaitable.ts";
import type { WebhookOutbox } from "../../ports/webhookOutbox.ts";
import { sqliteDatabase } from "../outbox/sqlite.ts";
import { webhookOutboxIn, WEBHOOKS } from "./outbox.ts";

/** In a file. Throws an `Error` that says what to do if it cannot be used. */
export const sqliteWebhookOutbox = (file: string): Open<WebhookOutbox> => webhookOutboxIn(sqliteDatabase(file, WEBHOOKS));
