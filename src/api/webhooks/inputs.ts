import { z } from "zod";
import type { PutIncomingHookInput, PutWebhookInput } from "../../commands/commands.ts";
import { beforeSend, events } from "../../domain/events.ts";
import { incomingHookId, incomingHookIdOf, webhookId, webhookIdOf } from "../../domain/ids.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, optional, parsed, withUsual } from "../inputs.ts";

const { url, events: told } = events.WebhookPut.shape;
/** Unless the caller says otherwise, in milliseconds. */
const USUAL_TIMEOUT_MS = 3_000;
const { timeoutMs, otherwise } = beforeSend.shape;
const asking = z.object({ timeoutMs: withUsual(timeoutMs, USUAL_TIMEOUT_MS), otherwise });
const { botId, conversationId } = events.IncomingHookPut.shape;
const id = z.string().transform(webhookIdOf).pipe(webhookId);
const incomingId = z.string().transform(incomingHookIdOf).pipe(incomingHookId);

const hook = z.object({
  ...keyed,
  id,
  url,
  events: told,
  conversationId: optional(conversationId),
  beforeSend: optional(asking),
});
const incoming = z.object({ ...keyed, id: incomingId, botId, conversationId });

/** Each event once, in a fixed order. */
export function putWebhookInput(input: Api.PutWebhookInput): PutWebhookInput {
  const { id: named, beforeSend: asked, ...given } = parsed(hook, input);
  return {
    webhookId: named,
    ...given,
    events: told.element.options.filter((each) => given.events.includes(each)),
    ...(asked ? { beforeSend: asked } : {}),
  };
}

export const webhookInput = (input: Api.NodeInput): { clientMutationId: string; id: string } =>
  parsed(z.object({ ...keyed, id }), input);

export function putIncomingInput(input: Api.PutIncomingWebhookInput): PutIncomingHookInput {
  const { id: named, ...given } = parsed(incoming, input);
  return { hookId: named, ...given };
}

export function incomingInput(input: Api.NodeInput): { clientMutationId: string; hookId: string } {
  const { id: hookId, ...given } = parsed(z.object({ ...keyed, id: incomingId }), input);
  return { ...given, hookId };
}

/** The id of a delivery: the webhook's, and the event's place. */
export function deliveryInput(input: Api.NodeInput): { hook: string; position: string } {
  const { id: given } = parsed(z.object({ ...keyed, id: z.string() }), input);
  const [, named = "", position = ""] = /^(w:[A-Za-z0-9._-]{1,64})~([a-z0-9]{8}\.[0-9a-z]{11,40})$/.exec(given) ?? [];
  if (named === "") throw badInput("id", "the id of a delivery of a webhook");
  return { hook: named, position };
}
