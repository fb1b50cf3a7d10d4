import { message as composeMessage } from "../domain/conversation.ts";
import type { EventData } from "../domain/events.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { Unavailable } from "../ports/faults.ts";
import { newEvent } from "./append.ts";
import type { Caller, Commands, MessageInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";
import { requireMember, requireVisible, requireWritable } from "./rights.ts";
import { targetOf } from "./target.ts";

const READ_PAGE = 500;

type MessageCommands = Pick<Commands, "sendMessage" | "markRead">;

/**
 * How members write and read. Rights are checked on the relation rows, which may be a moment old. A refusal never rests on old
 * rows.
 */
export function messageCommands(context: CommandContext): MessageCommands {
  const { append, granted, grants, log, messages, views } = context;

  /**
   * The position of a mark that the same call set before. It is searched for among the newest marks. For an older mark, it is
   * enough that the rows hold at least what it asked for, because marks only rise.
   */
  const firstMark = async (stream: string, id: string, { userId }: Caller, { conversationId, seq }: MessageInput) => {
    const seen = context.watermark.current();
    const newest = await log.read(stream, Number.MAX_SAFE_INTEGER, "backwards", READ_PAGE);
    const found = newest.find((event) => event.id === id);
    if (found || newest.length < READ_PAGE) return found?.position;
    return (await views.readMarks.mark(userId, conversationId)) >= seq ? seen : undefined;
  };

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { conversationId, field } = targetOf(caller, input);
      const data = composeMessage({ ...input, conversationId, senderId: caller.userId });
      const id = eventId(streams.conversation(conversationId), caller.userId, input.clientMutationId, 0);
      const authorise = () =>
        granted(async () => {
          await context.registered.require(caller.userId);
          await requireMember(context, caller, conversationId, field);
          await requireWritable(context, caller, conversationId, field);
          if (data.replyTo !== null) await requireVisible(context, caller, conversationId, data.replyTo, "replyTo");
          await context.registered.requireAll(data.mentions, "mentions");
        });
      const { message, position } = await grants.holding(conversationId, caller.userId, () =>
        messages.store({ id, data, stamp: by }, authorise),
      );
      return { conversationId, message, position };
    },

    markRead: (caller, input) =>
      context.backpressure.held(() =>
        grants.holding(input.conversationId, caller.userId, async () => {
          const { conversationId, seq } = input;
          const by = stamp(context, caller, input);
          const stream = streams.reader(caller.userId, conversationId);
          const id = eventId(stream, by.actorId, by.clientMutationId, 0);
          try {
            await granted(async () => {
              await context.registered.require(caller.userId);
              await requireMember(context, caller, conversationId, "conversationId");
            });
          } catch (error) {
            // The stream was not loaded. So a repeat is searched for only if the call would be refused otherwise.
            const first =
              error instanceof Refusal && error.code !== "UNAVAILABLE" ? await firstMark(stream, id, caller, input) : undefined;
            if (first === undefined) throw error;
            return { position: first };
          }
          // Marks only rise: a mark that the rows hold already need not be stored again.
          const seen = context.watermark.current();
          if ((await views.readMarks.mark(caller.userId, conversationId)) >= seq) return { position: seen };
          const data: EventData<"ReadUpTo"> = { userId: caller.userId, conversationId, seq };
          try {
            // Appended without loading the stream: the highest mark wins in every fold, so a mark that is stored twice does no
            // harm.
            const { position } = await append(stream, [newEvent(id, "ReadUpTo", data, by)], "any");
            return { position };
          } catch (error) {
            throw error instanceof Unavailable ? unavailable(error) : error;
          }
        }),
      ),
  };
}
