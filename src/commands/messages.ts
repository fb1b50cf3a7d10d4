import { type Command as AnnotationCommand, decider as annotationDecider } from "../domain/annotation.ts";
import { message as composeMessage } from "../domain/conversation.ts";
import type { EventData } from "../domain/events.ts";
import { directConversationOf, isDirect, streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { Unavailable } from "../ports/faults.ts";
import { newEvent } from "./append.ts";
import type { Caller, Commands, Done, MessageInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";
import { requireKnown, requireMember, requireVisible, requireWritable } from "./rights.ts";

const READ_PAGE = 500;

type MessageCommands = Pick<Commands, "sendMessage" | "editMessage" | "recallMessage" | "markRead">;

/**
 * What members do with messages. Rights are checked on the relation rows, which may be a moment old. A refusal never rests on old
 * rows.
 */
export function messageCommands(context: CommandContext): MessageCommands {
  const { append, handle, fresh, granted, grants, inForce, log, messages, views } = context;

  /** A message as it was sent, read from the log. */
  const sentMessage = async (conversation: string, seq: number): Promise<EventData<"MessageSent">> => {
    const [stored] = await log.read(streams.conversation(conversation), seq - 1, "forwards", 1);
    const event = stored && parseEvent(stored);
    if (event?.type === "MessageSent") return event.data;
    throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field: "seq" });
  };

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

  /**
   * One command on a message that was sent. Callers who may know nothing of its conversation are refused before anything is read.
   * A repeat is recognised before any other right is checked. `commandOf` gets the message as it was sent, after those checks.
   */
  const annotate = (
    caller: Caller,
    input: MessageInput,
    { mayWrite, ...more }: { reversible?: boolean; mayWrite?: boolean },
    commandOf: (original: EventData<"MessageSent">) => Awaitable<AnnotationCommand>,
  ): Promise<Done> => {
    const { conversationId, seq } = input;
    return grants.holding(conversationId, caller.userId, async () => {
      await fresh(async () => {
        await context.registered.require(caller.userId);
        await requireKnown(context, caller, conversationId, "conversationId");
      });
      const { position } = await handle({
        ...stamp(context, caller, input),
        ...more,
        stream: streams.annotation(conversationId, seq),
        decider: annotationDecider,
        commandOf: async () => {
          await granted(async () => {
            await requireMember(context, caller, conversationId, "conversationId");
            if (mayWrite) await requireWritable(context, caller, conversationId, "conversationId");
            await requireVisible(context, caller, conversationId, seq, "seq");
          });
          return commandOf(await sentMessage(conversationId, seq));
        },
      });
      return { position };
    });
  };

  const requireAdmin = async ({ userId }: Caller, conversation: string): Promise<true> => {
    const member = await views.relations.member(conversation, userId);
    if (member?.role === "OWNER" || member?.role === "ADMIN") return true;
    throw new Refusal("FORBIDDEN", "only the sender, or an owner or administrator of the group, can recall a message");
  };

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { userId } = input;
      const field = userId === null ? "conversationId" : "userId";
      const conversationId = userId === null ? (input.conversationId ?? "") : directConversationOf(caller.userId, userId);
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

    editMessage: (caller, input) => {
      const { conversationId, seq, text } = input;
      return annotate(caller, input, { reversible: true, mayWrite: true }, ({ senderId, text: originalText }) => ({
        type: "Edit",
        conversationId,
        seq,
        senderId,
        by: caller.userId,
        text,
        originalText,
      }));
    },

    recallMessage: async (caller, input) => {
      const { conversationId, seq } = input;
      const { userId } = caller;
      const done = await annotate(caller, input, {}, async ({ senderId }) => {
        const mayRecallOthers = senderId !== userId && !isDirect(conversationId);
        const byIsAdmin = mayRecallOthers && (await granted(() => requireAdmin(caller, conversationId)));
        return { type: "Recall", conversationId, seq, senderId, by: userId, byIsAdmin };
      });
      // From here on, this server shows the recalled content to nobody.
      await inForce(done.position, conversationId, []);
      return done;
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
