import { message as composeMessage } from "../domain/conversation.ts";
import { streams } from "../domain/ids.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import { type Attachment, knownAs, UNATTACHED, withoutUploads } from "./attachments.ts";
import type { Caller, Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import type { MessageData, Outgoing, Stored } from "./outgoing.ts";
import { requireMember, requireNotBanned, requireVisible, requireWritable } from "./rights.ts";
import { targetOf } from "./target.ts";
import { attaching } from "./uploads.ts";

type MessageCommands = Pick<Commands, "sendMessage">;

/**
 * How members write. Rights are checked on the relation rows, which may be a moment old. A refusal never rests on old
 * rows.
 */
export function messageCommands(context: CommandContext): MessageCommands {
  const { granted, grants, messageRate, messages } = context;
  const attach = attaching(context);

  /** What the rows at hand grant is granted without a promise: this is asked for every message. */
  const requireRight = (caller: Caller, { conversationId, replyTo, mentions }: MessageData, field: string): Awaitable<void> =>
    andThen(context.registered.require(caller.userId), () =>
      andThen(requireMember(context, caller, conversationId, field), () =>
        andThen(requireNotBanned(context, caller), () => {
          const isWritable = requireWritable(context, caller, conversationId, field);
          if (replyTo === null && mentions.length === 0) return isWritable;
          return andThen(isWritable, async () => {
            if (replyTo !== null) await requireVisible(context, caller, conversationId, replyTo, "replyTo");
            await context.registered.requireAll(mentions, "mentions");
          });
        }),
      ),
    );

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { conversationId, field } = targetOf(caller, input);
      const attachments = withoutUploads(input.attachments) ?? knownAs(input.attachments);
      const data = composeMessage({ ...input, attachments, conversationId, senderId: caller.userId });
      const id = eventId(streams.conversation(conversationId), caller.userId, input.clientMutationId, 0);
      const judged = context.judging.ofMessages([data]);
      const pay = messageRate.paying(caller.userId, 1);
      const allowed = (): void => {
        judged?.require();
        pay();
      };
      const authorise = () =>
        andThen(
          granted(() => requireRight(caller, data, field)),
          allowed,
        );
      const outgoing = { id, data, stamp: by };
      const { message, position } = await (attachments === input.attachments
        ? grants.holding(conversationId, caller.userId, () => messages.store(outgoing, authorise))
        : storeWithUploads());
      if (judged) context.judging.report({ conversationId, seq: message.seq }, judged.reporting(0));
      return { conversationId, message, position };

      /**
       * What the uploads are is found out once it is known that the message is new, and may be sent. That may take long: nobody
       * waits for it who takes rights away or writes to the conversation, and rights are asked again afterwards.
       */
      function storeWithUploads(): Promise<Stored> {
        const store = (attached: Attachment[] | undefined) =>
          grants.holding(conversationId, caller.userId, async () => {
            const whole = async (): Promise<Outgoing[]> => {
              await authorise();
              if (attached === undefined) throw UNATTACHED;
              const made = composeMessage({ ...input, attachments: attached, conversationId, senderId: caller.userId });
              return [{ ...outgoing, data: made }];
            };
            const [outcome] = await messages.storeAll([outgoing], whole);
            if (outcome?.status === "rejected") throw outcome.reason;
            if (outcome === undefined) throw new Error(`nothing was stored of ${id}`);
            return outcome.value;
          });
        return store(undefined).catch(async (error: unknown) => {
          if (error !== UNATTACHED) throw error;
          return store(await attach(caller, input.attachments, id));
        });
      }
    },
  };
}
