import { isDeepStrictEqual } from "node:util";
import { message as composeMessage } from "../domain/conversation.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { AHEAD_MAX_MS, type Command, decider } from "../domain/schedule.ts";
import type { Stamp } from "./append.ts";
import { type Attachment, knownAs, UNPREPARED, withoutUploads } from "./attachments.ts";
import type { Commands, SendingSteps } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import type { MessageData } from "./outgoing.ts";
import { requireMember, requireWritable } from "./rights.ts";
import { targetOf } from "./target.ts";
import { attaching } from "./uploads.ts";

const scheduledOf = ({ conversationId, kind, topic, text, attachments }: MessageData) => ({
  conversationId,
  kind,
  topic,
  text,
  attachments,
});

/** The actor of what happens when a message's time has come. It is no user id, so that no user's events get the same ids. */
const SCHEDULE = "~schedule";

type ScheduleCommands = Pick<Commands, "scheduleMessage" | "cancelScheduled">;

/**
 * Messages that wait for their time. The caller must be allowed to send them now, and again when their time has come. What is
 * decided is exact: on the stream of the user's own schedule.
 */
export function scheduleCommands(context: CommandContext): ScheduleCommands & SendingSteps {
  const { handle, fresh, granted, scheduledCap: cap, now } = context;
  const attach = attaching(context);

  const inFuture = (sendAt: string): void => {
    const ahead = Date.parse(sendAt) - now().getTime();
    if (ahead <= 0) throw new Refusal("BAD_INPUT", "this time is over: give one in the future", { field: "sendAt" });
    if (ahead > AHEAD_MAX_MS) throw new Refusal("BAD_INPUT", "a message is scheduled at most a year ahead", { field: "sendAt" });
  };

  /** A step of sending, done once whoever takes it how often. */
  const step = (name: string, command: Extract<Command, { type: "Begin" | "Sent" | "Failed" }>) => {
    const { userId, id } = command;
    const by: Stamp = { actorId: SCHEDULE, clientMutationId: `${id}/${name}`, at: now().toISOString(), correlationId: id };
    return handle({ ...by, stream: streams.schedule(userId), decider, command });
  };

  return {
    scheduleMessage: async (caller, input) => {
      const { userId } = caller;
      const { clientMutationId, sendAt } = input;
      const { conversationId, field } = targetOf(caller, input);
      const given = knownAs(input.attachments);
      const known = composeMessage({ ...input, attachments: given, conversationId, senderId: userId });
      const stream = streams.schedule(userId);
      const id = eventId(stream, userId, clientMutationId, 0);
      await fresh(() => context.registered.require(userId));
      const scheduling = (attached: Attachment[] | undefined) =>
        handle({
          ...stamp(context, caller, input),
          stream,
          decider,
          commandOf: async () => {
            inFuture(sendAt);
            await granted(async () => {
              await requireMember(context, caller, conversationId, field);
              await requireWritable(context, caller, conversationId, field);
            });
            if (attached === undefined) throw UNPREPARED;
            const whole = composeMessage({ ...input, attachments: attached, conversationId, senderId: userId });
            return { type: "Schedule" as const, cap, userId, id, sendAt, message: scheduledOf(whole) };
          },
          isSame: ([event]) =>
            event?.type === "MessageScheduled" &&
            event.data.sendAt === sendAt &&
            isDeepStrictEqual(
              { ...event.data.message, attachments: knownAs(event.data.message.attachments) },
              { ...scheduledOf(known), attachments: knownAs(known.attachments) },
            ),
        });
      // A look at a file may take long. Nothing else of the schedule waits for it, least of all what is to be sent now.
      const { position } = await scheduling(withoutUploads(input.attachments)).catch(async (error: unknown) => {
        if (error !== UNPREPARED) throw error;
        return scheduling(await attach(caller, input.attachments, id));
      });
      return { position };
    },

    cancelScheduled: async (caller, input) => {
      const { userId } = caller;
      await fresh(() => context.registered.require(userId));
      if (input.user !== userId)
        throw new Refusal("NOT_FOUND", "no such message waits: it was sent or cancelled already, or there is none", {
          field: "id",
        });
      const { position } = await handle({
        ...stamp(context, caller, input),
        stream: streams.schedule(userId),
        decider,
        command: { type: "Cancel", userId, id: input.id },
      });
      return { position };
    },

    beginSending: async ({ user: userId, id }) => {
      const { state, position } = await step("begin", { type: "Begin", userId, id });
      return { position, isToBeSent: state.open[id] === "BEGUN" };
    },
    noteSent: async ({ user: userId, id }, { conversationId, seq }) => {
      const { position } = await step("sent", { type: "Sent", userId, id, conversationId, seq });
      return { position };
    },
    noteFailed: async ({ user: userId, id }, code) => {
      const { position } = await step("failed", { type: "Failed", userId, id, code });
      return { position };
    },
  };
}
