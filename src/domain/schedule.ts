import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";

/** How far ahead a message may be scheduled, in milliseconds: a year. */
export const AHEAD_MAX_MS = 366 * 86_400_000;

/** Messages of a user that could not be sent are kept until they are put away, the newest so many. */
export const FAILED_KEPT = 100;

/**
 * What a user's messages wait for, by id: their time, or the outcome of being sent. `failed`: those that failed, oldest first.
 */
export type State = { open: Readonly<Record<string, "WAITING" | "BEGUN">>; failed: readonly string[] };

export type Command =
  /** `cap`: how many may wait at a time. Whether `sendAt` is in the future is checked before. */
  | ({ type: "Schedule"; cap: number } & EventData<"MessageScheduled">)
  | { type: "Cancel"; userId: string; id: string }
  | { type: "Begin"; userId: string; id: string }
  | ({ type: "Sent" } & EventData<"ScheduleSent">)
  | ({ type: "Failed" } & EventData<"ScheduleFailed">)
  /** By itself, once what it held of uploaded files was looked at. */
  | { type: "ReleaseFiles"; userId: string; id: string };

export type Event = AnyEvent<
  "MessageScheduled" | "ScheduleCancelled" | "ScheduleBegun" | "ScheduleSent" | "ScheduleFailed" | "ScheduleFilesReleased"
>;

/**
 * The messages of a user that wait for their time. This stream decides between sending and cancelling: a message that was begun
 * cannot be cancelled, and one that was cancelled cannot be begun.
 */
export const decider: Decider<State, Command, Event> = {
  initial: { open: {}, failed: [] },

  evolve(state, event) {
    const { id } = event.data;
    switch (event.type) {
      case "MessageScheduled":
        return { ...state, open: { ...state.open, [id]: "WAITING" } };
      case "ScheduleBegun":
        return { ...state, open: { ...state.open, [id]: "BEGUN" } };
      case "ScheduleCancelled":
      case "ScheduleSent":
        return without(state, id);
      case "ScheduleFailed": {
        const { open, failed } = without(state, id);
        return { open, failed: [...failed, id].slice(-FAILED_KEPT) };
      }
      case "ScheduleFilesReleased":
        return state;
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    const { userId, id } = command;
    switch (command.type) {
      case "Schedule": {
        const { cap, sendAt, message } = command;
        if (Object.keys(state.open).length >= cap)
          throw new Refusal("LIMIT_EXCEEDED", `at most ${cap} messages wait for their time: cancel one, or wait for one`);
        return [checked("MessageScheduled", { userId, id, sendAt, message })];
      }
      case "Cancel":
        if (state.open[id] === "BEGUN")
          throw new Refusal("CONFLICT", "the message is being sent: it can no longer be cancelled", { field: "id" });
        if (state.open[id] === undefined && !state.failed.includes(id))
          throw new Refusal("NOT_FOUND", "no such message waits: it was sent or cancelled already, or there is none", {
            field: "id",
          });
        return [{ type: "ScheduleCancelled", data: { userId, id } }];
      case "Begin":
        return state.open[id] === "WAITING" ? [{ type: "ScheduleBegun", data: { userId, id } }] : [];
      case "Sent": {
        const { conversationId, seq } = command;
        // It is a fact, also where another server found meanwhile that it could not be sent.
        if (state.open[id] === undefined && !state.failed.includes(id)) return [];
        return [{ type: "ScheduleSent", data: { userId, id, conversationId, seq } }];
      }
      case "Failed":
        if (state.open[id] === undefined) return [];
        return [{ type: "ScheduleFailed", data: { userId, id, code: command.code } }];
      case "ReleaseFiles":
        return state.open[id] === undefined ? [{ type: "ScheduleFilesReleased", data: { userId, id } }] : [];
    }
  },
};

function without({ open, failed }: State, id: string): State {
  const { [id]: _, ...others } = open;
  return { open: others, failed: failed.filter((one) => one !== id) };
}
