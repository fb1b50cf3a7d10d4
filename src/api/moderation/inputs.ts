import { z } from "zod";
import type { BanInput, DecideReportInput, ReportInput } from "../../commands/commands.ts";
import { events, MAX_REASON, moderationAction } from "../../domain/events.ts";
import { conversationId, parseReportId, userId } from "../../domain/ids.ts";
import { isLonger } from "../../domain/text.ts";
import type * as Api from "../generated.ts";
import { isWellFormed, keyed, nameOf, optional, parsed, withUsual } from "../inputs.ts";

/** How long a silence lasts if nothing is said of it, and may last, in seconds. */
const DAY_S = 86_400;
const SILENCE_MIN_S = 60;
const SILENCE_MAX_S = 366 * DAY_S;

const reason = optional(
  z
    .string()
    .refine((text) => !isLonger(text, MAX_REASON), `at most ${MAX_REASON} characters`)
    .refine(isWellFormed, "it holds half of a surrogate pair, or the character U+0000"),
);

const reporting = z.object({ ...keyed, conversationId, seq: events.ReadUpTo.shape.seq, reason: nameOf(MAX_REASON) });
const deciding = z.object({
  ...keyed,
  id: z.string().transform((id, context) => {
    const report = parseReportId(id);
    if (report) return report;
    context.addIssue({ code: "custom", message: "the id of a report: r:<conversation>:<seq>~<who reported it>" });
    return z.NEVER;
  }),
  action: moderationAction,
  reason,
  silenceSeconds: withUsual(z.int().min(SILENCE_MIN_S).max(SILENCE_MAX_S), DAY_S),
});
const banning = z.object({ ...keyed, userId, reason });

export const reportInput = (input: Api.ReportInput): ReportInput => parsed(reporting, input);

export function decideReportInput(input: Api.DecideReportInput): DecideReportInput {
  const { id: report, ...given } = parsed(deciding, input);
  return { report, ...given };
}

export const banInput = (input: Api.BanInput): BanInput => parsed(banning, input);
