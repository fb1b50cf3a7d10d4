import type { MessageRow } from "../../projections/timelines.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { UNPREPARED } from "./attachments.ts";
import { viewsAt } from "./authorise.ts";
import type { Caller, Commands, ForwardInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { type MessageData, NO_CONTENT, type Outgoing } from "./outgoing.ts";
import { questionOf } from "./questions.ts";
import { requireKnown, requireMember, requireWritable } from "./rights.ts";

/** Copies messages that the caller may see into another conversation, with the rights that sending there needs. */
export function forwardCommands(context: CommandContext): Pick<Commands, "forwardMessages"> {
  const { granted, grants, messages, views } = context;

  /**
   * The messages as they are now. Throws NOT_FOUND if the caller may not see one of them, CONFLICT if one was recalled or
   * expires.
   */
  const originals = async (caller: Caller, { fromConversationId: from, seqs }: ForwardInput): Promise<MessageRow[]> => {
    await requireKnown(context, caller, from, "fromConversationId");
    // What was edited or recalled a moment ago is not copied as it was before.
    await viewsAt(context.watermark, await context.log.end());
    const sight = await views.relations.sight(from, caller.userId);
    const rows = await views.timelines.messages(seqs.map((seq) => ({ conversation: from, seq })));
    const seen = await Promise.all(
      seqs.map(async (seq, index) =>
        rows[index] && sight && (await views.relations.sees(sight, seq)) ? rows[index] : undefined,
      ),
    );
    // In their order: which fault is told does not depend on which row came first.
    return seqs.map((seq, index) => {
      const row = seen[index];
      if (!row)
        throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field: "seqs" });
      if (row.recalledAt !== null) throw new Refusal("CONFLICT", `the message ${seq} was recalled`, { field: "seqs" });
      // A copy would outlast it.
      if (row.expiresAt !== undefined)
        throw new Refusal("CONFLICT", `the message ${seq} expires: it cannot be forwarded`, { field: "seqs" });
      return row;
    });
  };

  return {
    forwardMessages: async (caller, input) => {
      const { fromConversationId, seqs, toConversationId, clientMutationId } = input;
      const by = stamp(context, caller, input);
      const stream = streams.conversation(toConversationId);
      const outgoing = (seq: number, index: number, content: Pick<MessageData, keyof typeof NO_CONTENT>): Outgoing => ({
        id: eventId(stream, caller.userId, clientMutationId, index),
        stamp: by,
        data: {
          conversationId: toConversationId,
          senderId: caller.userId,
          clientMutationId,
          kind: content.kind,
          topic: null,
          text: content.text,
          attachments: content.attachments,
          replyTo: null,
          mentions: [],
          mentionsAll: false,
          forwardedFrom: { conversationId: fromConversationId, seq, count: seqs.length },
        },
      });
      const hooks = context.sendHooks.of(toConversationId);
      const asking = hooks instanceof Promise ? await hooks : hooks;
      /** The messages, and what is stored of them once others were asked. An edit that comes meanwhile is not copied. */
      let found: readonly Outgoing[] = [];
      let asked: readonly Outgoing[] | undefined;
      const judged = context.judging.ofMessages([]);
      const pay = context.messageRate.paying(caller.userId, seqs.length);
      const authorise = async () => {
        const allowed = await granted(async () => {
          await context.registered.require(caller.userId);
          await requireMember(context, caller, toConversationId, "toConversationId");
          await requireWritable(context, caller, toConversationId, "toConversationId");
          const rows = await originals(caller, input);
          return rows.map((row, index) => outgoing(row.seq, index, row));
        });
        judged?.require(allowed.map(({ data }) => data));
        pay();
        if (asking === undefined) return allowed;
        if (asked !== undefined) return asked;
        found = allowed;
        throw UNPREPARED;
      };
      const known = seqs.map((seq, index) => outgoing(seq, index, NO_CONTENT));
      const storeAll = () => grants.holding(toConversationId, caller.userId, () => messages.storeAll(known, authorise));
      // As of what is sent: nobody waits while others are asked, and rights are asked again afterwards.
      const outcomes = await storeAll().catch(async (error: unknown) => {
        if (error !== UNPREPARED || asking === undefined) throw error;
        const questions = found.map(({ id, data }) => questionOf(id, "FORWARD", data));
        const texts = await asking.ask(caller.userId, questions);
        asked = found.map((each, index) => ({ ...each, data: { ...each.data, text: texts[index] ?? null } }));
        return storeAll();
      });
      const stored = outcomes.map((outcome) => {
        if (outcome.status === "rejected") throw outcome.reason;
        return outcome.value;
      });
      if (judged)
        for (const [index, { message }] of stored.entries())
          context.judging.report({ conversationId: toConversationId, seq: message.seq }, judged.reporting(index));
      const position = stored.reduce((last, each) => (each.position > last ? each.position : last), "");
      return { position, conversationId: toConversationId, messages: stored.map(({ message }) => message) };
    },
  };
}
