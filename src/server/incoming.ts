import { randomUUID } from "node:crypto";
import { incomingHookOf } from "../commands/botTokens.ts";
import { messageIdOf } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Incoming } from "../transport/incoming.ts";
import type { Tidings } from "./compose.ts";

/** Posts as the bot of an incoming webhook, with the rights that the bot has. */
export function incomingOf({ views, commands, fresh }: Pick<Tidings, "views" | "commands" | "fresh">): Incoming {
  const known = async (token: string) => {
    try {
      return await fresh(async () => {
        const found = await incomingHookOf(views.webhooks, token);
        if (found === undefined) throw UNKNOWN;
        return found;
      });
    } catch (error) {
      if (error === UNKNOWN) return undefined;
      throw error;
    }
  };
  return async (token) => {
    const hook = await known(token);
    if (hook === undefined) return undefined;
    const { id, botId, conversationId } = hook;
    return {
      bot: botId,
      send: async ({ text, topic, key }, correlationId) => {
        const { message } = await commands.sendMessage(
          { userId: botId, admin: false, bot: true, correlationId },
          {
            clientMutationId: key === null ? randomUUID() : `${id}/${key}`,
            conversationId,
            userId: null,
            kind: "TEXT",
            topic,
            text,
            attachments: [],
            replyTo: null,
            mentions: [],
            mentionsAll: false,
          },
        );
        return messageIdOf(conversationId, message.seq);
      },
    };
  };
}

const UNKNOWN = new Refusal("NOT_FOUND", "there is no such webhook");
