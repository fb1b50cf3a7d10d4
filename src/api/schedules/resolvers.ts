import type { Done } from "../../commands/commands.ts";
import { scheduleIdOf } from "../../domain/ids.ts";
import { membersInOrder } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registered } from "../callers.ts";
import type { Context } from "../context.ts";
import { conversationEntity, readAt, type ScheduledMessageEntity, scheduledMessageEntity } from "../entities.ts";
import { scheduledInput, scheduleMessageInput } from "./inputs.ts";

/** Messages that wait for their time. */
export const schedules = {
  Mutation: {
    scheduleMessage: (_, { input }, context) =>
      registered(context, async ({ services, caller }) => {
        membersInOrder(caller, "conversationId", input.conversationId);
        return payload(await services.commands.scheduleMessage(caller, scheduleMessageInput(input)));
      }),

    cancelScheduled: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        payload(await services.commands.cancelScheduled(caller, scheduledInput(input))),
      ),
  },

  ScheduledPayload: {
    scheduled: ({ cursor }, _, context) => readAt(context, cursor, () => scheduledOf(context, false)),
  },

  Viewer: {
    scheduled: (_, { failed }, context) => scheduledOf(context, failed ?? false),
  },

  ScheduledMessage: {
    id: ({ user, row }) => scheduleIdOf(user, row.id),
    conversation: ({ row }) => conversationEntity(row.conversationId),
    kind: ({ row }) => row.kind,
    topic: ({ row }) => row.topic,
    text: ({ row }) => row.text,
    attachments: ({ row }) => row.attachments,
    sendAt: ({ row }) => row.sendAt,
    failure: ({ row }) => row.failure?.code ?? null,
  },
} satisfies Area;

const payload = ({ position }: Done) => ({ cursor: position });

async function scheduledOf(context: Context, failed: boolean): Promise<ScheduledMessageEntity[]> {
  const { services, caller } = context;
  const rows = await services.views.schedules.scheduledOf(caller.userId, failed);
  return rows.map((row) => scheduledMessageEntity(context, caller.userId, row));
}
