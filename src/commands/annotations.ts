import { isStaff } from "../../projections/standing.ts";
import {
  type Command as AnnotationCommand,
  decider as annotationDecider,
  expiredAlready,
  isLate,
  type State as AnnotationState,
} from "../domain/annotation.ts";
import { expiryAt } from "../domain/conversation.ts";
import type { EventData } from "../domain/events.ts";
import { isChannel, isDirect, messageIdOf, streams } from "../domain/ids.ts";
import { parseEvent, type Recorded } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Rule } from "../domain/rules.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { UNPREPARED } from "./attachments.ts";
import { viewsAt } from "./authorise.ts";
import type { Caller, Commands, Done, ExpirySteps, MessageInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { questionOfEdit } from "./questions.ts";
import { requireKnown, requireMember, requireVisible, requireWritable } from "./rights.ts";
import { turns } from "./turns.ts";

type AnnotationCommands = Pick<Commands, "editMessage" | "recallMessage" | "react" | "pinMessage"> & ExpirySteps;

/** The actor of what time does. It is no user id, so that no user's events get the same ids. */
const TIME = "~time";

const NOT_ALLOWED = new Refusal("FORBIDDEN", "not allowed");

type Member = Awaited<ReturnType<CommandContext["views"]["relations"]["member"]>>;

const isAdmin = (_: string, member: Member): boolean => member?.role === "OWNER" || member?.role === "ADMIN";

/** In a direct conversation both pin messages, in a channel its staff, in a group its owner and administrators. */
const isPinner = (conversation: string, member: Member): boolean =>
  isDirect(conversation) || (isChannel(conversation) ? isStaff(member?.standing) : isAdmin(conversation, member));

/** What members do with a message that was sent. Rights are checked as for sending. */
export function annotationCommands(context: CommandContext): AnnotationCommands {
  const { handle, fresh, granted, grants, inForce, log, views } = context;

  /** A message as it was sent, read from the log. */
  const sentMessage = async (conversation: string, seq: number): Promise<Recorded<"MessageSent">> => {
    const [stored] = await log.read(streams.conversation(conversation), seq - 1, "forwards", 1);
    const event = stored && parseEvent(stored);
    if (event?.type === "MessageSent") return event;
    throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field: "seq" });
  };

  /**
   * One command on a message that was sent. Callers who may know nothing of its conversation are refused before anything is read.
   * A repeat is recognised before any other right is checked. `commandOf` gets the message as it was sent, after those checks.
   */
  const annotate = (
    caller: Caller,
    input: MessageInput,
    { mayWrite, ...more }: { reversible?: boolean; mayWrite?: boolean },
    commandOf: (
      original: EventData<"MessageSent">,
      times: { sentAt: string; at: string },
      state: AnnotationState,
    ) => Awaitable<AnnotationCommand>,
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
        commandOf: async (state) => {
          await granted(async () => {
            await requireMember(context, caller, conversationId, "conversationId");
            if (mayWrite) await requireWritable(context, caller, conversationId, "conversationId");
            await requireVisible(context, caller, conversationId, seq, "seq");
          });
          const original = await sentMessage(conversationId, seq);
          const expiresAt = expiryAt(original.at, original.data);
          // Nothing is done to a content that may not be shown any more, whether the event that says so is there yet or not.
          if (mayWrite && expiresAt !== undefined && expiresAt <= context.now().toISOString()) throw expiredAlready();
          const sentAt = original.data.imported?.sentAt ?? original.at;
          return commandOf(original.data, { sentAt, at: context.now().toISOString() }, state);
        },
      });
      return { position };
    });
  };

  /** Whether the caller has a right as a member. No is never said because of old rows. */
  const allowed = async (
    { userId }: Caller,
    conversation: string,
    isAllowed: (conversation: string, member: Member) => boolean,
  ): Promise<boolean> => {
    try {
      await granted(async () => {
        if (!isAllowed(conversation, await views.relations.member(conversation, userId))) throw NOT_ALLOWED;
      });
      return true;
    } catch (error) {
      if (error === NOT_ALLOWED) return false;
      throw error;
    }
  };

  /**
   * How many pinned messages a conversation has. Each message has a stream of its own, so they are counted in the rows, when
   * those hold all that is in the log by now.
   */
  const pinsNow = async (conversation: string): Promise<number> => {
    await viewsAt(context.watermark, await log.end());
    return views.annotations.pinCount(conversation);
  };

  const pinTurns = turns();
  /** What one makes of a message is the last of their edits as they came, also where others are asked about each. */
  const inOrder = turns();
  /** Who pins in a conversation waits here for who pinned before, until that one is done. */
  const pinTurn = (conversation: string): { taken: () => Promise<void>; done: () => void } => {
    let taking: Promise<void> | undefined;
    let done = (): void => {};
    const take = (): Promise<void> =>
      new Promise((taken) => {
        void pinTurns(conversation, () => {
          taken();
          return new Promise<void>((over) => (done = over));
        });
      });
    return { taken: () => (taking ??= take()), done: () => done() };
  };

  return {
    editMessage: async (caller, input) => {
      const { conversationId, seq } = input;
      const hooks = context.sendHooks.of(conversationId);
      const asking = hooks instanceof Promise ? await hooks : hooks;
      let reporting: readonly Rule[] = [];
      /** The text as it is to be stored, once others were asked. */
      let asked: string | undefined;
      const edit = () =>
        annotate(
          caller,
          input,
          { reversible: true, mayWrite: true },
          ({ senderId, text: originalText }, times, state): AnnotationCommand => {
            const { text } = input;
            // What others may not do is refused by who they are, and not by what they say.
            if (senderId === caller.userId && asked === undefined)
              reporting = context.judging.edit({ conversationId, senderId, text });
            const command: AnnotationCommand = {
              type: "Edit",
              ...times,
              windowMs: context.editWindowMs,
              conversationId,
              seq,
              senderId,
              by: caller.userId,
              text: asked ?? text,
              originalText,
            };
            // Nobody is asked about what is refused anyway, or changes nothing.
            if (asking && asked === undefined && annotationDecider.decide(state, command).length > 0) throw UNPREPARED;
            return command;
          },
        );
      // As of what is sent: nobody waits while others are asked, and rights are asked again afterwards.
      const prepared = edit().catch(async (error: unknown) => {
        if (error !== UNPREPARED || asking === undefined) throw error;
        const { userId } = caller;
        const id = eventId(streams.annotation(conversationId, seq), userId, input.clientMutationId, 0);
        const [text] = await asking.ask(userId, [questionOfEdit(id, { ...input, senderId: userId })]);
        asked = text ?? input.text;
        return undefined;
      });
      const settled = async (): Promise<Done> => (await prepared) ?? edit();
      const turn = asking && inOrder(`${conversationId} ${seq} ${caller.userId}`, settled);
      // What is refused, or was done before, waits for no turn.
      const done = turn ? await prepared.then((made) => made ?? turn) : await settled();
      context.judging.report({ conversationId, seq }, reporting);
      return done;
    },

    recallMessage: async (caller, input) => {
      const { conversationId, seq } = input;
      const { userId } = caller;
      const done = await annotate(caller, input, {}, async ({ senderId }, times) => {
        const timed = { ...times, windowMs: context.recallWindowMs };
        // Who sent it needs no other right in time.
        const asAdmin = !isDirect(conversationId) && (senderId !== userId || isLate(timed));
        const byIsAdmin = asAdmin && (await allowed(caller, conversationId, isAdmin));
        return { type: "Recall", conversationId, seq, senderId, by: userId, byIsAdmin, ...timed };
      });
      // From here on, this server shows the recalled content to nobody.
      await inForce(done.position, conversationId, []);
      return done;
    },

    pinMessage: async (caller, input) => {
      const { conversationId, seq, on } = input;
      const turn = pinTurn(conversationId);
      try {
        return await annotate(caller, input, { reversible: true, mayWrite: on }, async ({ senderId }) => {
          const mayPin = await allowed(caller, conversationId, isPinner);
          const isCounted = on && mayPin;
          if (isCounted) await turn.taken();
          const pins = isCounted ? await pinsNow(conversationId) : 0;
          return { type: "Pin", conversationId, seq, senderId, by: caller.userId, on, mayPin, pins };
        });
      } finally {
        turn.done();
      }
    },

    react: (caller, input) => {
      const { conversationId, seq, emoji, on } = input;
      // What one has said one may take back, also where one may say nothing more.
      return annotate(caller, input, { reversible: true, mayWrite: on }, ({ senderId }) => ({
        type: "React",
        conversationId,
        seq,
        senderId,
        by: caller.userId,
        emoji,
        on,
      }));
    },

    expireMessage: async ({ conversation, seq }) => {
      const { position } = await handle({
        actorId: TIME,
        clientMutationId: "expire",
        at: context.now().toISOString(),
        correlationId: messageIdOf(conversation, seq),
        stream: streams.annotation(conversation, seq),
        decider: annotationDecider,
        command: { type: "Expire", conversationId: conversation, seq },
      });
      return { position };
    },
  };
}
