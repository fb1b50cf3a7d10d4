import type { ReportDone } from "../../commands/commands.ts";
import type { BanRow } from "../../../projections/bans.ts";
import { reportIdOf, type Reporter } from "../../domain/ids.ts";
import { edgeCursor, edgeKey, pageSize } from "../arguments.ts";
import type { Area } from "../area.ts";
import { registered, requireAdmin } from "../callers.ts";
import { edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { conversationEntity, type ReportEntity, userEntity, visibleMessage } from "../entities.ts";
import { userPayload } from "../payloads.ts";
import { banInput, decideReportInput, reportInput } from "./inputs.ts";
import { allReports, reportedMessage, reportSeen, reportsOf } from "../reports.ts";

/** Reports, what is decided about them, and bans. */
export const moderation = {
  Mutation: {
    report: (_, { input }, context) =>
      registered(context, async ({ services, caller }) =>
        reportPayload(context, await services.commands.report(caller, reportInput(input))),
      ),

    decideReport: (_, { input }, context) => {
      const decide = async ({ services, caller }: Context) =>
        reportPayload(context, await services.commands.decideReport(caller, decideReportInput(input)));
      return context.caller.admin ? decide(context) : registered(context, decide);
    },

    banUser: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = banInput(input);
      return userPayload(parsed.userId, await services.commands.banUser(caller, parsed));
    },

    unbanUser: async (_, { input }, { services, caller }) => {
      requireAdmin(caller);
      const parsed = banInput(input);
      return userPayload(parsed.userId, await services.commands.unbanUser(caller, parsed));
    },
  },

  Conversation: {
    reports: (conversation, page, context) => reportsOf(context, conversation, page),
  },

  Admin: {
    reports: (_admin, page, context) => allReports(context, page),

    bans: async (_admin, { first, after }, { services }) => {
      const [size, place] = [pageSize(first, 50), edgeKey(after, 1)?.[0]];
      const found = await services.views.bans.banned({ after: place, limit: size + 1 });
      const edges = found.slice(0, size).map((ban) => ({ cursor: edgeCursor(ban.position), node: shownBan(ban) }));
      return edged(edges, found.length > size, place !== undefined);
    },
  },

  Report: {
    id: ({ row }) => reportIdOf(row.conversationId, row.seq, row as Reporter),
    message: ({ row, at }, _, context) => visibleMessage(context, conversationEntity(row.conversationId, at), row.seq),
    reported: ({ row, isDecider }, _, context) => (isDecider ? reportedMessage(context, row) : null),
    reporter: ({ row, at }) => (row.reporterId === null ? null : userEntity(row.reporterId, at)),
    rule: ({ row }) => row.rule,
    reason: ({ row }) => row.reason,
    reportedAt: ({ row }) => row.at,
    action: (report) => decisionOf(report)?.action ?? null,
    decidedBy: (report) => {
      const decision = decisionOf(report);
      return decision ? userEntity(decision.decidedBy) : null;
    },
    decidedAt: (report) => decisionOf(report)?.at ?? null,
    decisionReason: (report) => decisionOf(report)?.reason ?? null,
    silencedUntil: (report) => decisionOf(report)?.silencedUntil ?? null,
  },
} satisfies Area;

/** For those who decide. */
const decisionOf = ({ row, isDecider }: ReportEntity) => (isDecider ? row.decision : undefined);

const shownBan = ({ user, by, reason, at }: BanRow) => ({
  user: userEntity(user),
  bannedBy: userEntity(by),
  reason,
  bannedAt: at,
});

async function reportPayload(context: Context, { position, report }: ReportDone) {
  const seen = await reportSeen(context, report, position);
  if (!seen) throw new Error(`the views have no report ${reportIdOf(report.conversation, report.seq, report)}`);
  return { cursor: position, report: seen };
}
