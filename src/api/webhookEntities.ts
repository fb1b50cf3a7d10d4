import { viewsAt } from "../commands/authorise.ts";
import type { Done } from "../commands/commands.ts";
import type { Context } from "./context.ts";
import type { WebhookEntity } from "./entities.ts";

/** A webhook, for the scope admin. */
export async function webhookEntity({ services }: Context, id: string): Promise<WebhookEntity | null> {
  const row = await services.views.webhooks.webhook(id);
  return row ? { __typename: "Webhook", id, row } : null;
}

/** A webhook as a command left it. */
export async function webhookPayload(context: Context, id: string, { position }: Done, secret: string | null) {
  await viewsAt(context.services.watermark, position);
  return { cursor: position, webhook: await webhookEntity(context, id), secret };
}
