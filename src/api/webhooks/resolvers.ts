import { failingAtItsAddress } from "../../../projections/webhooks.ts";
import type { WebhookEvent } from "../generated.ts";
import { Refusal } from "../../domain/refusal.ts";
import { isPosition } from "../../ports/eventStore.ts";
import type { Delivery } from "../../ports/webhookOutbox.ts";
import { viewsAt } from "../../commands/authorise.ts";
import { edgeCursor, edgeKey, pageSize } from "../arguments.ts";
import type { Area } from "../area.ts";
import { badInput } from "../badInput.ts";
import { requireAdmin } from "../callers.ts";
import { edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { conversationEntity, userEntity, type WebhookEntity } from "../entities.ts";
import { webhookEntity, webhookPayload } from "../webhookEntities.ts";
import { deliveryInput, incomingInput, putIncomingInput, putWebhookInput, webhookInput } from "./inputs.ts";

const USUAL_PAGE = 50;

/** What other programs are told, and what they post: what operators see and do of it. */
export const webhooks = {
  Admin: {
    webhooks: async (_admin, _, { services }) =>
      (await services.views.webhooks.webhooks()).map(({ id, hook }): WebhookEntity => ({ __typename: "Webhook", id, row: hook })),
    incomingWebhooks: async (_admin, _, { services }) =>
      (await services.views.webhooks.incomingHooks()).map(({ id, hook }) => incomingShown(id, hook)),
  },

  Mutation: {
    putWebhook: async (_, { input }, context) => {
      requireAdmin(context.caller);
      const given = putWebhookInput(input);
      const { secret, ...done } = await context.services.commands.putWebhook(context.caller, given);
      return webhookPayload(context, given.webhookId, done, secret);
    },
    deleteWebhook: async (_, { input }, context) => {
      requireAdmin(context.caller);
      const { id, clientMutationId } = webhookInput(input);
      const { position } = await context.services.commands.deleteWebhook(context.caller, { clientMutationId, webhookId: id });
      await viewsAt(context.services.watermark, position);
      return { cursor: position, webhook: null, secret: null };
    },
    redeliverWebhook: async (_, { input }, context) => {
      requireAdmin(context.caller);
      const { hook, position } = deliveryInput(input);
      const { webhookLog, watermark, now } = context.services;
      if (!(await webhookLog.again(hook, position, now().getTime())))
        throw new Refusal("NOT_FOUND", "there is no such delivery, or not any more", { field: "id" });
      return { cursor: watermark.current(), webhook: await webhookEntity(context, hook), secret: null };
    },
    putIncomingWebhook: async (_, { input }, context) => {
      requireAdmin(context.caller);
      const given = putIncomingInput(input);
      const { token, position } = await context.services.commands.putIncomingWebhook(context.caller, given);
      await viewsAt(context.services.watermark, position);
      const hook = await context.services.views.webhooks.incomingHook(given.hookId);
      return {
        cursor: position,
        webhook: hook ? incomingShown(given.hookId, hook) : null,
        path: token === null ? null : `/hooks/${token}`,
      };
    },
    deleteIncomingWebhook: async (_, { input }, context) => {
      requireAdmin(context.caller);
      const { position } = await context.services.commands.deleteIncomingWebhook(context.caller, incomingInput(input));
      // From then on nothing is posted through it here.
      await viewsAt(context.services.watermark, position);
      return { cursor: position, webhook: null, path: null };
    },
  },

  Webhook: {
    url: ({ row }) => row.url,
    events: ({ row }) => row.events,
    conversation: ({ row }) => (row.conversationId === null ? null : conversationEntity(row.conversationId)),
    active: ({ row }) => row.offBecause === undefined,
    failingSince: async ({ id, row }, _, { services }) => {
      const progress = (await services.webhookLog.progress()).find(({ hook }) => hook === id);
      return progress?.failingSince === undefined ? null : timeOf(failingAtItsAddress(progress.failingSince, row));
    },
    beforeSend: ({ id, row: { beforeSend } }, _, { services }) => {
      if (beforeSend === undefined) return null;
      const state = services.sendHooks.states().find((each) => each.id === id);
      const failingSince = state?.failingSince === undefined ? null : timeOf(state.failingSince);
      return { ...beforeSend, failingSince, error: state?.error ?? null };
    },
    deliveries: async (webhook, { first, after }, context) => deliveriesOf(context, webhook, pageSize(first, USUAL_PAGE), after),
  },
} satisfies Area;

const incomingShown = (id: string, { botId, conversationId }: { botId: string; conversationId: string }) => ({
  id,
  bot: userEntity(botId),
  conversation: conversationEntity(conversationId),
});

const timeOf = (ms: number): string => new Date(ms).toISOString();

async function deliveriesOf({ services }: Context, { id }: WebhookEntity, size: number, after: string | null | undefined) {
  const [before] = edgeKey(after, 1) ?? [];
  if (before !== undefined && !isPosition(before)) throw badInput("after", "the cursor of an edge");
  const found = await services.webhookLog.deliveries(id, size + 1, before);
  const edges = found.slice(0, size).map((delivery) => ({ cursor: edgeCursor(delivery.position), node: shown(delivery) }));
  return edged(edges, found.length > size, before !== undefined);
}

const shown = ({ hook, position, event, attempts, status, deliveredAt, due, error }: Delivery) => ({
  id: `${hook}~${position}`,
  event: event as WebhookEvent,
  cursor: position,
  attempts,
  status: status ?? null,
  deliveredAt: deliveredAt === undefined ? null : timeOf(deliveredAt),
  nextAttemptAt: due === undefined ? null : timeOf(due),
  error: error ?? null,
});
