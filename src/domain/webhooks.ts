import { checked } from "./checked.ts";
import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";

/** Webhooks that there may be, and incoming ones. */
export const WEBHOOKS_MAX = 100;
export const INCOMING_HOOKS_MAX = 1_000;
/** Webhooks that are asked before a message of one conversation is stored, one after the other. */
export const ASKED_MAX = 3;

type Hook = Omit<EventData<"WebhookPut">, "webhookId"> & { active: boolean };
type Incoming = Omit<EventData<"IncomingHookPut">, "hookId">;

export type State = { readonly hooks: Readonly<Record<string, Hook>>; readonly incoming: Readonly<Record<string, Incoming>> };

/** `secret`, `hash`: made for the call; a hook that is there keeps its secret. */
export type Command =
  | ({ type: "Put" } & EventData<"WebhookPut">)
  | { type: "Delete"; webhookId: string }
  | { type: "SwitchOff"; webhookId: string; reason: string }
  | ({ type: "PutIncoming" } & EventData<"IncomingHookPut">)
  | { type: "DeleteIncoming"; hookId: string };

export type Event = AnyEvent<"WebhookPut" | "WebhookDeleted" | "WebhookSwitchedOff" | "IncomingHookPut" | "IncomingHookDeleted">;

/** How many others would be asked about messages of a conversation that this one is asked about: of the one with the most. */
function askedBeside(hooks: State["hooks"], id: string, conversationId: string | null): number {
  let ofAll = 0;
  const own = new Map<string, number>();
  for (const [other, { beforeSend, conversationId: of }] of Object.entries(hooks)) {
    if (beforeSend === undefined || other === id) continue;
    if (of === null) ofAll++;
    else own.set(of, (own.get(of) ?? 0) + 1);
  }
  return ofAll + (conversationId === null ? Math.max(0, ...own.values()) : (own.get(conversationId) ?? 0));
}

const without = <Value>(all: Readonly<Record<string, Value>>, id: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(all).filter(([key]) => key !== id));

/** All webhooks of a server, those that it calls and those that call it: they are few, and share one stream. */
export const decider: Decider<State, Command, Event> = {
  initial: { hooks: {}, incoming: {} },

  evolve(state, event) {
    switch (event.type) {
      case "WebhookPut": {
        const { webhookId, ...hook } = event.data;
        return { ...state, hooks: { ...state.hooks, [webhookId]: { ...hook, active: true } } };
      }
      case "WebhookDeleted":
        return { ...state, hooks: without(state.hooks, event.data.webhookId) };
      case "WebhookSwitchedOff": {
        const hook = state.hooks[event.data.webhookId];
        return hook ? { ...state, hooks: { ...state.hooks, [event.data.webhookId]: { ...hook, active: false } } } : state;
      }
      case "IncomingHookPut": {
        const { hookId, ...hook } = event.data;
        return { ...state, incoming: { ...state.incoming, [hookId]: hook } };
      }
      case "IncomingHookDeleted":
        return { ...state, incoming: without(state.incoming, event.data.hookId) };
      default:
        unreachable(event);
        return state;
    }
  },

  decide({ hooks, incoming }, command) {
    switch (command.type) {
      case "Put": {
        const { type: _, ...wanted } = command;
        const known = hooks[command.webhookId];
        if (wanted.events.length === 0 && wanted.beforeSend === undefined)
          throw new Refusal("BAD_INPUT", "events: at least one, unless it is asked before messages are sent (beforeSend)", {
            field: "events",
          });
        if (!known && Object.keys(hooks).length >= WEBHOOKS_MAX)
          throw new Refusal("LIMIT_EXCEEDED", `there are ${WEBHOOKS_MAX} webhooks already: delete one`, { field: "id" });
        if (wanted.beforeSend && askedBeside(hooks, command.webhookId, command.conversationId) >= ASKED_MAX)
          throw new Refusal("LIMIT_EXCEEDED", `${ASKED_MAX} webhooks are asked before messages are sent there already`, {
            field: "beforeSend",
          });
        const event = checked("WebhookPut", { ...wanted, secret: known?.secret ?? wanted.secret });
        const { webhookId: __, ...hook } = event.data;
        return known && JSON.stringify({ ...hook, active: true }) === JSON.stringify(inOrder(known)) ? [] : [event];
      }
      case "Delete":
        if (!hooks[command.webhookId]) throw new Refusal("NOT_FOUND", "there is no such webhook", { field: "id" });
        return [checked("WebhookDeleted", { webhookId: command.webhookId })];
      case "SwitchOff":
        if (!hooks[command.webhookId]?.active) return [];
        return [checked("WebhookSwitchedOff", { webhookId: command.webhookId, reason: command.reason })];
      case "PutIncoming": {
        const { type: _, ...wanted } = command;
        if (!incoming[command.hookId] && Object.keys(incoming).length >= INCOMING_HOOKS_MAX)
          throw new Refusal("LIMIT_EXCEEDED", `there are ${INCOMING_HOOKS_MAX} incoming webhooks already: delete one`, {
            field: "id",
          });
        return [checked("IncomingHookPut", wanted)];
      }
      case "DeleteIncoming":
        if (!incoming[command.hookId]) throw new Refusal("NOT_FOUND", "there is no such webhook", { field: "id" });
        return [checked("IncomingHookDeleted", { hookId: command.hookId })];
    }
  },
};

/** The members in the order of a parsed event. */
const inOrder = ({ url, events, conversationId, secret, beforeSend, active }: Hook): Hook => ({
  url,
  events,
  conversationId,
  secret,
  ...(beforeSend ? { beforeSend: { timeoutMs: beforeSend.timeoutMs, otherwise: beforeSend.otherwise } } : {}),
  active,
});
