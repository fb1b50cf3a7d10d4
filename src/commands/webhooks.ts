import { randomBytes } from "node:crypto";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import { type Command, decider } from "../domain/webhooks.ts";
import { hashOfToken, incomingTokenFor } from "./botTokens.ts";
import type { Caller, Commands, WebhookSteps } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";

/** As Standard Webhooks has it: 24 to 64 bytes, in base64. */
const SECRET_BYTES = 32;

/** Who switches a hook off. It is no user id, so that no user's events get the same ids. */
const DELIVERY = "~webhooks";

type WebhookCommands = Pick<Commands, "putWebhook" | "deleteWebhook" | "putIncomingWebhook" | "deleteIncomingWebhook">;

/** What other programs are told, and what they post: for operators alone. */
export function webhookCommands(context: CommandContext): WebhookCommands & WebhookSteps {
  const { handle, fresh, inForce, sendHooks, webhookUrl } = context;

  const decided = (caller: Caller, input: { clientMutationId: string }, command: Command, before?: () => Promise<void>) => {
    if (!caller.admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
    return handle({
      ...stamp(context, caller, input),
      stream: streams.webhooks,
      decider,
      command,
      reversible: true,
      ...(before ? { before } : {}),
    });
  };

  /** Resolves once what is stored on this server was asked about as the webhooks are now; after a while in any case. */
  const askedAsPut = async (position: Position, conversationId: string | null): Promise<void> => {
    try {
      await inForce(position, () => false, []);
      await sendHooks.look();
      await inForce(position, conversationId ?? (() => true), "everyone");
    } catch {
      // It is stored, and its secret is told once: a late answer is better than none. From now on it is as on other servers.
    }
  };

  const requireGroup = async (id: string): Promise<void> => {
    await fresh(async () => {
      if ((await context.views.directory.group(id)) === undefined)
        throw new Refusal("NOT_FOUND", "there is no such group or channel", { field: "conversationId" });
    });
  };

  return {
    putWebhook: async (caller, { clientMutationId, ...hook }) => {
      const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
      const { position, events, repeated } = await decided(
        caller,
        { clientMutationId },
        { type: "Put", ...hook, secret },
        async () => {
          await webhookUrl(hook.url);
          if (hook.conversationId !== null) await requireGroup(hook.conversationId);
        },
      );
      if (hook.beforeSend) await askedAsPut(position, hook.conversationId);
      const isNew = !repeated && events.some((event) => event.type === "WebhookPut" && event.data.secret === secret);
      return { position, secret: isNew ? secret : null };
    },

    deleteWebhook: async (caller, { clientMutationId, webhookId }) => {
      const { position } = await decided(caller, { clientMutationId }, { type: "Delete", webhookId });
      return { position };
    },

    putIncomingWebhook: async (caller, { clientMutationId, ...hook }) => {
      const token = incomingTokenFor(hook.hookId);
      const { position, repeated } = await decided(
        caller,
        { clientMutationId },
        { type: "PutIncoming", ...hook, hash: hashOfToken(token) },
        async () => {
          await requireGroup(hook.conversationId);
          await fresh(async () => {
            if ((await context.views.directory.user(hook.botId))?.bot) return;
            throw new Refusal("NOT_FOUND", "there is no such bot: make one (createBot)", { field: "botId" });
          });
        },
      );
      return { position, token: repeated ? null : token };
    },

    deleteIncomingWebhook: async (caller, { clientMutationId, hookId }) => {
      const { position } = await decided(caller, { clientMutationId }, { type: "DeleteIncoming", hookId });
      return { position };
    },

    switchOffWebhook: async ({ id, since, reason }) => {
      const { position } = await handle({
        actorId: DELIVERY,
        clientMutationId: `${id}/${since}`,
        at: context.now().toISOString(),
        stream: streams.webhooks,
        decider,
        command: { type: "SwitchOff", webhookId: id, reason },
      });
      return { position };
    },
  };
}
