import type { ScheduledRef, ScheduledRow, ScheduleReads } from "../../projections/schedules.ts";
import type { Commands, SendingSteps } from "../commands/commands.ts";
import type { EventData } from "../domain/events.ts";
import { Refusal } from "../domain/refusal.ts";
import type { DueWork } from "./dueProcess.ts";

export type ScheduledSendsOptions = {
  schedules: Pick<ScheduleReads, "due" | "scheduled">;
  commands: Pick<Commands, "sendMessage"> & SendingSteps;
  /** Told of a message that may not be sent: its id, and the code. */
  failed: (id: string, code: string) => void;
};

type FinalCode = EventData<"ScheduleFailed">["code"];

/** Refusals that stay, however often it is tried. */
const FINAL: Readonly<Record<FinalCode, true>> = {
  FORBIDDEN: true,
  NOT_FOUND: true,
  BAD_INPUT: true,
  CONFLICT: true,
  LIMIT_EXCEEDED: true,
};

const isFinal = (code: string): code is FinalCode => Object.hasOwn(FINAL, code);

/**
 * Sends scheduled messages whose time has come. First the stream of the schedule says that sending has begun: from there on no
 * cancelling succeeds. Then the message is sent as its sender would send it now, with the id of the schedule as its
 * `clientMutationId`, so that it is stored once. Then the stream says what came of it. A crash in between leaves a message that
 * was begun, and the same steps are taken again.
 */
export function scheduledSends({ schedules, commands, failed }: ScheduledSendsOptions): DueWork<ScheduledRef> {
  const send = async (ref: ScheduledRef, row: ScheduledRow) => {
    const { conversationId, kind, topic, text, attachments } = row;
    const { message } = await commands.sendMessage(
      { userId: ref.user, admin: false, correlationId: ref.id },
      {
        clientMutationId: ref.id,
        conversationId,
        userId: null,
        kind,
        topic,
        text,
        attachments,
        replyTo: null,
        mentions: [],
        mentionsAll: false,
        scheduled: true,
      },
    );
    return { conversationId, seq: message.seq };
  };

  return {
    name: "scheduled sends",
    due: schedules.due,
    turnOf: ({ user }) => user,
    act: async (ref) => {
      const row = await schedules.scheduled(ref.user, ref.id);
      if (row === undefined) return undefined;
      const begun = await commands.beginSending(ref);
      if (!begun.isToBeSent) return begun.position;
      const outcome = await send(ref, row).catch((error: unknown) => {
        if (error instanceof Refusal && isFinal(error.code)) return error.code;
        throw error;
      });
      if (typeof outcome !== "string") return (await commands.noteSent(ref, outcome)).position;
      failed(ref.id, outcome);
      return (await commands.noteFailed(ref, outcome)).position;
    },
  };
}
