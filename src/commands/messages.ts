import { message as composeMessage } from "../domain/conversation.ts";
import { streams } from "../domain/ids.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import { type Attachment, knownAs, UNPREPARED, withoutUploads } from "./attachments.ts";
import type { Caller, Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { digestOfText, type MessageData, type Outgoing, type Stored } from "./outgoing.ts";
import { questionOf } from "./questions.ts";
import { requireMember, requireNotBanned, requireVisible, requireWritable } from "./rights.ts";
import { targetOf } from "./target.ts";
import { turns } from "./turns.ts";
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

  /** What one sends to a conversation is stored in the order in which it came, also where others are asked about it. */
  const inOrder = turns();

  return {
    sendMessage: async (caller, input) => {
      const by = stamp(context, caller, input);
      const { conversationId, field } = targetOf(caller, input);
      const attachments = withoutUploads(input.attachments) ?? knownAs(input.attachments);
      const hasUploads = attachments !== input.attachments;
      const composed = (attached: Attachment[]): MessageData =>
        composeMessage({ ...input, attachments: attached, conversationId, senderId: caller.userId });
      const data = composed(attachments);
      const id = eventId(streams.conversation(conversationId), caller.userId, input.clientMutationId, 0);
      const hooks = context.sendHooks.of(conversationId);
      const asking = hooks instanceof Promise ? await hooks : hooks;
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
      const { message, position } = await (hasUploads || asking !== undefined
        ? storePrepared()
        : grants.holding(conversationId, caller.userId, () => messages.store(outgoing, authorise)));
      if (judged) context.judging.report({ conversationId, seq: message.seq }, judged.reporting(0));
      return { conversationId, message, position };

      /**
       * What the uploads are is found out, and others are asked, once it is known that the message is new, and may be sent. That
       * may take long: nobody waits for it who takes rights away or writes to the conversation, and rights are asked again
       * afterwards.
       */
      async function storePrepared(): Promise<Stored> {
        const prepared = store(undefined).catch((error: unknown) => {
          if (error !== UNPREPARED) throw error;
          return prepare();
        });
        const settled = async (): Promise<Stored> => {
          const made = await prepared;
          return "message" in made ? made : store(made);
        };
        if (!asking) return settled();
        const stored = inOrder(`${conversationId} ${caller.userId}`, settled);
        // What is refused, or was stored before, waits for no turn.
        return prepared.then((made) => ("message" in made ? made : stored));
      }

      /** `made`: the message as it is to be stored. Without it, one that is new throws `UNPREPARED`. */
      function store(made: MessageData | undefined): Promise<Stored> {
        return grants.holding(conversationId, caller.userId, async () => {
          const whole = async (): Promise<Outgoing[]> => {
            await authorise();
            if (made === undefined) throw UNPREPARED;
            return [{ ...outgoing, data: made }];
          };
          const [outcome] = await messages.storeAll([outgoing], whole);
          if (outcome?.status === "rejected") throw outcome.reason;
          if (outcome === undefined) throw new Error(`nothing was stored of ${id}`);
          return outcome.value;
        });
      }

      /** Others are asked before an upload belongs to the message: one that is refused takes none. */
      async function prepare(): Promise<MessageData> {
        let { text } = data;
        const ask = async (attached: Attachment[]): Promise<void> => {
          if (asking) [text = null] = await asking.ask(caller.userId, [questionOf(id, "SEND", composed(attached))]);
        };
        if (!hasUploads) await ask(attachments);
        const attached = hasUploads ? await attach(caller, input.attachments, id, asking && ask) : attachments;
        const whole = composed(attached);
        return text === whole.text ? whole : { ...whole, text, textGiven: digestOfText(id, whole.text) };
      }
    },
  };
}
