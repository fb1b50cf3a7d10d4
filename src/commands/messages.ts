import { message as composeMessage } from "../domain/conversation.ts";
import { streams } from "../domain/ids.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { requireMember, requireVisible, requireWritable } from "./rights.ts";
import { targetOf } from "./target.ts";

type MessageCommands = Pick<Commands, "sendMessage">;

/**
 * How members write. Rights are checked on the relation rows, which may be a moment old. A refusal never rests on old
 * rows.
 */
export function messageCommands(context: CommandContext): MessageCommands {
  const { granted, grants, messageRate, messages } = context;

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { conversationId, field } = targetOf(caller, input);
      const data = composeMessage({ ...input, conversationId, senderId: caller.userId });
      const id = eventId(streams.conversation(conversationId), caller.userId, input.clientMutationId, 0);
      const pay = messageRate.paying(caller.userId, 1);
      const authorise = async () => {
        await granted(async () => {
          await context.registered.require(caller.userId);
          await requireMember(context, caller, conversationId, field);
          await requireWritable(context, caller, conversationId, field);
          if (data.replyTo !== null) await requireVisible(context, caller, conversationId, data.replyTo, "replyTo");
          await context.registered.requireAll(data.mentions, "mentions");
        });
        pay();
      };
      const { message, position } = await grants.holding(conversationId, caller.userId, () =>
        messages.store({ id, data, stamp: by }, authorise),
      );
      return { conversationId, message, position };
    },
  };
}
