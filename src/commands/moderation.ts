import { type Command as AnnotationCommand, decider as annotationDecider } from "../domain/annotation.ts";
import { decider as banDecider } from "../domain/ban.ts";
import type { EventData } from "../domain/events.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { isDirect, type Reporter, reportIdOf, streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider, isDecidedAs, noReport, requireOpen } from "../domain/report.ts";
import type { ReportRef } from "../../projections/reports.ts";
import type { Position } from "../ports/eventStore.ts";
import { buckets } from "../ports/buckets.ts";
import type { Stamp } from "./append.ts";
import type { Caller, Commands, DecideReportInput, ModerationSteps } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { requireKnown, requireVisible } from "./rights.ts";

/** So many reports of a user are taken at once, and then one in so many seconds. */
const REPORTS_AT_ONCE = 20;
const REPORT_EVERY_S = 10;

/** The actor of what rules report. It is no user id. */
const RULE = "~rule";

const READ_PAGE = 500;

type Reported = EventData<"MessageReported">;

/**
 * Reports, what is decided about them, and bans. What was decided is done first, on the streams that it is about, and then the
 * report's own stream says so: a repeat finds done what was done.
 */
export function moderationCommands(
  context: CommandContext,
): Pick<Commands, "report" | "decideReport" | "banUser" | "unbanUser"> & ModerationSteps {
  const { handle, fresh, granted, grants, inForce, log, views, banned } = context;
  const rate = context.limitsReports ? buckets(1 / REPORT_EVERY_S, REPORTS_AT_ONCE) : undefined;

  /** The revision of a message's newest edit. Recalls and reactions may have come since. */
  const newestEdit = async (conversation: string, seq: number): Promise<number | null> => {
    for (let from = Number.MAX_SAFE_INTEGER; ;) {
      const page = await log.read(streams.annotation(conversation, seq), from, "backwards", READ_PAGE);
      const edit = page.find(({ type }) => type === "MessageEdited");
      if (edit) return edit.revision;
      const last = page.at(-1);
      if (page.length < READ_PAGE || last === undefined || last.revision === 0) return null;
      from = last.revision - 1;
    }
  };

  const pay = (userId: string): void => {
    const retryAfterMs = rate?.take(userId, 1) ?? 0;
    if (retryAfterMs > 0)
      throw new Refusal("RATE_LIMITED", `too many reports: try again in ${Math.ceil(retryAfterMs / 1_000)} s`, { retryAfterMs });
  };

  const report = async (by: Stamp, place: { conversationId: string; seq: number }, who: Reporter, reason: string) => {
    const { conversationId, seq } = place;
    const { position } = await handle({
      ...by,
      stream: streams.report(conversationId, seq, who),
      decider,
      commandOf: async ({ report: known }) => {
        if (!known && who.reporterId !== null) pay(who.reporterId);
        const row = await views.timelines.message(conversationId, seq);
        const edit = row?.editedAt == null ? null : await newestEdit(conversationId, seq);
        const senderId = row?.senderId ?? (await senderIn(conversationId, seq));
        return { type: "Report" as const, conversationId, seq, ...who, senderId, reason, edit };
      },
    });
    return { position, report: { conversation: conversationId, seq, ...who } };
  };

  const senderIn = async (conversation: string, seq: number): Promise<string> => {
    const [stored] = await log.read(streams.conversation(conversation), seq - 1, "forwards", 1);
    const event = stored && parseEvent(stored);
    if (event?.type === "MessageSent") return event.data.senderId;
    throw new Refusal("NOT_FOUND", `there is no message ${seq} in this conversation that you may see`, { field: "seq" });
  };

  /**
   * Throws NOT_FOUND, as for a report that is not there, if the caller may not decide it. Whoever wrote the message learns
   * nothing of it, whatever they are in the group. The same rows are read for all.
   */
  const requireDecider = async (caller: Caller, ref: ReportRef): Promise<void> => {
    const row = await views.reports.report(ref);
    const isOfPair = isDirect(ref.conversation);
    const member = isOfPair ? undefined : await views.relations.member(ref.conversation, caller.userId);
    if (row && caller.admin) return;
    const isStaff = member?.role === "OWNER" || member?.role === "ADMIN";
    if (!row || !isStaff || row.senderId === caller.userId) throw noReport();
  };

  type Effect = { by: Stamp; caller: Caller; input: DecideReportInput; report: Reported; until: string };

  /** Does what is decided. Resolves with the place from which on it is so; undefined where nothing was to be done. */
  const done = async ({
    by,
    caller,
    input: { action, reason },
    report: reported,
    until,
  }: Effect): Promise<Position | undefined> => {
    const { conversationId, seq, senderId } = reported;
    switch (action) {
      case "DISMISS":
        return undefined;
      case "RECALL": {
        const command: AnnotationCommand = {
          type: "Recall",
          conversationId,
          seq,
          senderId,
          by: caller.userId,
          byIsAdmin: true,
          sentAt: by.at,
          at: by.at,
          windowMs: 0,
        };
        const stream = streams.annotation(conversationId, seq);
        return (await handle({ ...by, stream, decider: annotationDecider, command })).position;
      }
      case "SILENCE":
      case "REMOVE": {
        if (isDirect(conversationId))
          throw new Refusal("BAD_INPUT", "a direct conversation always has the same two members: decide otherwise", {
            field: "action",
          });
        const who = { type: "Moderate" as const, by: caller.userId, isOfServer: caller.admin, userId: senderId };
        const command = action === "REMOVE" ? { ...who, action } : { ...who, action, until };
        return (await handle({ ...by, stream: streams.group(conversationId), decider: groupDecider, command })).position;
      }
      case "BAN":
        requireAdmin(caller, "action");
        return ban(caller, by, "Ban", senderId, reason);
    }
  };

  const requireAdmin = ({ admin }: Caller, field?: string): void => {
    if (!admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin", field === undefined ? {} : { field });
  };

  const ban = async (
    caller: Caller,
    by: Stamp,
    type: "Ban" | "Unban",
    userId: string,
    reason: string | null,
  ): Promise<Position> => {
    const { position } = await handle({
      ...by,
      stream: streams.ban(userId),
      decider: banDecider,
      command: { type, userId, by: caller.userId, reason },
      reversible: true,
      before: () => fresh(() => context.registered.requireAll([userId], "userId")),
    });
    return position;
  };

  /** Resolves once a ban, or its end, holds on this server: nothing that the user began goes on. */
  const banInForce = async (position: Position, userId: string): Promise<void> => {
    await inForce(position, () => false, []);
    await banned.look();
    await inForce(position, () => true, [userId]);
  };

  const settled = async (position: Position, action: DecideReportInput["action"], { conversationId, senderId }: Reported) => {
    if (action === "BAN") return banInForce(position, senderId);
    if (action !== "DISMISS") await inForce(position, conversationId, action === "RECALL" ? [] : [senderId]);
  };

  return {
    report: async (caller, { conversationId, seq, reason, clientMutationId }) => {
      await fresh(async () => {
        await context.registered.require(caller.userId);
        await requireKnown(context, caller, conversationId, "conversationId");
        await requireVisible(context, caller, conversationId, seq, "seq");
      });
      const who = { reporterId: caller.userId, rule: null };
      return report(stamp(context, caller, { clientMutationId }), { conversationId, seq }, who, reason);
    },

    reportByRule: async ({ conversationId, seq, rule, reason }) => {
      const by = { actorId: RULE, clientMutationId: rule, at: context.now().toISOString() };
      return report(by, { conversationId, seq }, { reporterId: null, rule }, reason);
    },

    decideReport: async (caller, input) => {
      const { clientMutationId, report: ref, action, reason, silenceSeconds } = input;
      if (!caller.admin) await fresh(() => context.registered.require(caller.userId));
      await fresh(() => requireDecider(caller, ref));
      const by = stamp(context, caller, { clientMutationId });
      // One call may name several reports that act on the same stream.
      const acting = { ...by, clientMutationId: `${reportIdOf(ref.conversation, ref.seq, ref)}/${clientMutationId}` };
      const until = new Date(Date.parse(by.at) + silenceSeconds * 1_000).toISOString();
      const { position, state } = await handle({
        ...by,
        stream: streams.report(ref.conversation, ref.seq, ref),
        decider,
        commandOf: async (before) => {
          if (!isDecidedAs(before, { action, reason })) {
            const reported = requireOpen(before);
            await granted(() => requireDecider(caller, ref));
            await grants.holding(ref.conversation, caller.userId, () =>
              done({ by: acting, caller, input, report: reported, until }),
            );
          }
          const silencedUntil = action === "SILENCE" ? until : null;
          return { type: "Decide" as const, action, reason, decidedBy: caller.userId, silencedUntil };
        },
      });
      if (state.report) await settled(position, action, state.report);
      return { position, report: ref };
    },

    banUser: async (caller, { clientMutationId, userId, reason }) => {
      requireAdmin(caller);
      const position = await ban(caller, stamp(context, caller, { clientMutationId }), "Ban", userId, reason);
      await banInForce(position, userId);
      return { position };
    },

    unbanUser: async (caller, { clientMutationId, userId, reason }) => {
      requireAdmin(caller);
      const position = await ban(caller, stamp(context, caller, { clientMutationId }), "Unban", userId, reason);
      await banInForce(position, userId);
      return { position };
    },
  };
}
