import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { isBlank } from "./text.ts";

export type Action = EventData<"ReportDecided">["action"];

/** What was reported, and what was decided about it. */
export type State = { report?: EventData<"MessageReported">; decision?: EventData<"ReportDecided"> };

export type Command =
  | ({ type: "Report" } & EventData<"MessageReported">)
  /** Rights are checked before, and what is decided is done before. */
  | ({ type: "Decide" } & Pick<EventData<"ReportDecided">, "action" | "reason" | "decidedBy" | "silencedUntil">);

export type Event = AnyEvent<"MessageReported" | "ReportDecided">;

/** One report: of one message, by one user or rule. It is made once and decided once. */
export const decider: Decider<State, Command, Event> = {
  initial: {},

  evolve(state, event) {
    switch (event.type) {
      case "MessageReported":
        return { ...state, report: event.data };
      case "ReportDecided":
        return { ...state, decision: event.data };
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    if (command.type === "Report") {
      if (state.report) return [];
      const { type: _, ...data } = command;
      if (data.reporterId === data.senderId)
        throw new Refusal("BAD_INPUT", "this message is yours: recall it (recallMessage)", { field: "seq" });
      if (isBlank(data.reason)) throw new Refusal("BAD_INPUT", "say why: at least one character", { field: "reason" });
      return [checked("MessageReported", data)];
    }
    if (isDecidedAs(state, command)) return [];
    const { conversationId, seq, reporterId, rule, senderId } = requireOpen(state);
    const { action, reason, decidedBy, silencedUntil } = command;
    const of = { conversationId, seq, reporterId, rule, senderId };
    return [checked("ReportDecided", { ...of, action, reason, decidedBy, silencedUntil })];
  },
};

/** Whether it is decided so already: for the same reason. */
export const isDecidedAs = (
  { decision }: State,
  { action, reason }: Pick<EventData<"ReportDecided">, "action" | "reason">,
): boolean => decision !== undefined && decision.action === action && decision.reason === reason;

/** The report, if it is there and nothing was decided. */
export function requireOpen({ report, decision }: State): EventData<"MessageReported"> {
  if (!report) throw noReport();
  if (!decision) return report;
  throw new Refusal("CONFLICT", `the report was decided already: ${decision.action}, by ${decision.decidedBy}`, { field: "id" });
}

/** Those who may not know of it are answered alike. */
export const noReport = () => new Refusal("NOT_FOUND", "there is no such report that you may decide", { field: "id" });
