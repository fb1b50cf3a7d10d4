import { decider as annotationDecider } from "../domain/annotation.ts";
import { message as composeMessage } from "../domain/conversation.ts";
import type { EventData } from "../domain/events.ts";
import { directConversationOf, isDirect, peerOf, streams } from "../domain/ids.ts";
import { parseEvent, SCHEMA } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Caller, Commands, MessageInput } from "./commands.ts";
import { type CommandContext, isRegistered, requireRegistered, requireUsers, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";

const READ_PAGE = 500;

type MessageCommands = Pick<Commands, "sendMessage" | "editMessage" | "recallMessage" | "markRead">;

/** What members do with messages. Rights are decided on the relation rows, a moment old at most; a refusal never rests on old ones. */
export function messageCommands(context: CommandContext): MessageCommands {
  const { handle, fresh, log, messages, views } = context;

  /** Throws where the caller may not write to, or act in, a conversation: NOT_FOUND, FORBIDDEN. */
  const requireMember = async (caller: Caller, conversation: string, field: string): Promise<void> => {
    if (isDirect(conversation)) {
      const peer = peerOf(conversation, caller.userId);
      if (peer === undefined) throw new Refusal("NOT_FOUND", "there is no such conversation of yours", { field });
      if (await isRegistered(context, peer)) return;
      throw new Refusal("NOT_FOUND", `there is no user ${peer}`, { field });
    }
    if (await views.relations.member(conversation, caller.userId)) return;
    if (!(await views.relations.group(conversation))) throw new Refusal("NOT_FOUND", "there is no such conversation", { field });
    throw new Refusal("FORBIDDEN", "you are not a member of this conversation: join it, or ask a member to add you", { field });
  };

  const requireVisible = async (caller: Caller, conversation: string, seq: number, field: string): Promise<void> => {
    const sight = await views.relations.sight(conversation, caller.userId);
    const row = await views.timelines.message(conversation, seq);
    if (sight && row && (await views.relations.sees(sight, seq))) return;
    throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field });
  };

  /** A message as it was sent, from the log itself. */
  const sentMessage = async (conversation: string, seq: number): Promise<EventData<"MessageSent">> => {
    const [stored] = await log.read(streams.conversation(conversation), seq - 1, "forwards", 1);
    const event = stored && parseEvent(stored);
    if (event?.type === "MessageSent") return event.data;
    throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field: "seq" });
  };

  /** Where the log holds an event, the newest of its stream looked at first. */
  const placeOf = async (stream: string, id: string): Promise<Position | undefined> => {
    for (let from = Number.MAX_SAFE_INTEGER; ;) {
      const page = await log.read(stream, from, "backwards", READ_PAGE);
      const found = page.find((event) => event.id === id);
      if (found) return found.position;
      const oldest = page[page.length - 1];
      if (oldest === undefined || oldest.revision === 0) return undefined;
      from = oldest.revision - 1;
    }
  };

  const mayAnnotate = (caller: Caller, { conversationId, seq }: MessageInput) =>
    fresh(async () => {
      await requireRegistered(context, caller);
      await requireMember(caller, conversationId, "conversationId");
      await requireVisible(caller, conversationId, seq, "seq");
    });

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { userId } = input;
      const field = userId === null ? "conversationId" : "userId";
      const conversationId = userId === null ? (input.conversationId ?? "") : directConversationOf(caller.userId, userId);
      const data = composeMessage({ ...input, conversationId, senderId: caller.userId });
      const id = eventId(streams.conversation(conversationId), caller.userId, input.clientMutationId, 0);
      const { message, position } = await messages.store({ id, data, ...by }, () =>
        fresh(async () => {
          await requireRegistered(context, caller);
          await requireMember(caller, conversationId, field);
          if (data.replyTo !== null) await requireVisible(caller, conversationId, data.replyTo, "replyTo");
          await requireUsers(context, data.mentions, "mentions");
        }),
      );
      return { conversationId, message, position };
    },

    editMessage: async (caller, input) => {
      const { conversationId, seq, text } = input;
      const original = await sentMessage(conversationId, seq);
      const { position } = await handle({
        ...stamp(context, caller, input),
        stream: streams.annotation(conversationId, seq),
        decider: annotationDecider,
        command: {
          type: "Edit",
          conversationId,
          seq,
          senderId: original.senderId,
          by: caller.userId,
          text,
          originalText: original.text,
          kind: original.kind,
        },
        before: () => mayAnnotate(caller, input),
      });
      return { position };
    },

    recallMessage: async (caller, input) => {
      const { conversationId, seq } = input;
      const { senderId } = await sentMessage(conversationId, seq);
      const command = { type: "Recall" as const, conversationId, seq, senderId, by: caller.userId, byIsAdmin: false };
      const { position } = await handle({
        ...stamp(context, caller, input),
        stream: streams.annotation(conversationId, seq),
        decider: annotationDecider,
        command,
        before: async () => {
          await mayAnnotate(caller, input);
          if (isDirect(conversationId) || senderId === caller.userId) return undefined;
          const byIsAdmin = await fresh(async () => {
            const member = await views.relations.member(conversationId, caller.userId);
            if (member?.role === "OWNER" || member?.role === "ADMIN") return true;
            throw new Refusal("FORBIDDEN", "only the sender, or the group's owner or an administrator, recalls a message");
          });
          return { ...command, byIsAdmin };
        },
      });
      return { position };
    },

    markRead: async (caller, input) => {
      const { conversationId, seq } = input;
      const { actorId, clientMutationId, at, deviceId } = stamp(context, caller, input);
      const stream = streams.reader(caller.userId, conversationId);
      const id = eventId(stream, actorId, clientMutationId, 0);
      try {
        await fresh(async () => {
          await requireRegistered(context, caller);
          await requireMember(caller, conversationId, "conversationId");
        });
      } catch (error) {
        // Nothing was loaded: whether it is a repeat is looked for only where it would be refused.
        const first = error instanceof Refusal && error.code !== "UNAVAILABLE" ? await placeOf(stream, id) : undefined;
        if (first === undefined) throw error;
        return { position: first };
      }
      // Marks only rise: one that the rows hold already need not be said again.
      const seen = context.watermark.current();
      if ((await views.readMarks.mark(caller.userId, conversationId)) >= seq) return { position: seen };
      const event = {
        id,
        type: "ReadUpTo",
        data: { userId: caller.userId, conversationId, seq } satisfies EventData<"ReadUpTo">,
        metadata: {
          $correlationId: clientMutationId,
          $causationId: clientMutationId,
          actorId,
          ...(deviceId === undefined ? {} : { deviceId }),
          at,
          schema: SCHEMA,
        },
      };
      try {
        // Without loading: the highest wins in every fold, so that one stored twice does nothing.
        const { position } = await log.append(stream, [event], "any");
        context.backpressure.appended(position, 1);
        return { position };
      } catch (error) {
        throw error instanceof Unavailable ? unavailable(error) : error;
      }
    },
  };
}
