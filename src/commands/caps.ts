import type { Decider } from "../domain/decider.ts";
import type { Event as DomainEvent } from "../domain/events.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { CommandContext } from "./context.ts";
import type { Handle } from "./handle.ts";

/** How many of something a user may have, where it is decided on many streams: friends, groups. */
export type Cap<State, Command, Event> = {
  /** The commands of its streams are held to the cap. */
  decider: Decider<State, Command, Event>;
  most: number;
  /** Who gets one more by these events of a command, and who must have room for one, but gets none yet. */
  wanted(events: readonly Event[], command: Command): { getting: readonly string[]; asking?: readonly string[] };
  /** How many a user has by the rows; `most` where they have more. */
  count(user: string): Promise<number>;
  /** What a command is refused with. `full`: who has as many as they may have. */
  refusal(full: readonly string[], command: Command, actorId: string): Refusal;
};

/** Users who are counted at a time. */
const AT_ONCE = 50;

/**
 * Handles commands, of which none brings a user above a cap. What a command would do is decided before it is handled, and those
 * who would get one more are counted by the rows, with those who are getting one on this server just now. So the cap is exact on
 * one server. Where several servers give the same user one within the lag of the rows, each may give one too many.
 */
export function withCap<State, Command, Event extends DomainEvent>(
  handle: Handle,
  cap: Cap<State, Command, Event>,
  { fresh, watermark }: Pick<CommandContext, "fresh" | "watermark">,
): Handle {
  const seats = takenSeats(watermark);

  /** Those of the users who have no room. `seat`: the one that they are to get. */
  const fullOf = async (wanting: readonly { user: string; seat?: Seat }[]): Promise<string[]> => {
    const full: string[] = [];
    for (let from = 0; from < wanting.length; from += AT_ONCE) {
      const some = wanting.slice(from, from + AT_ONCE);
      const taken = some.map(({ user, seat }) => seats.before(user, seat));
      const counts = await Promise.all(some.map(({ user }) => cap.count(user)));
      for (const [index, { user }] of some.entries()) if ((counts[index] ?? 0) + (taken[index] ?? 0) >= cap.most) full.push(user);
    }
    return full;
  };

  return (async (call: Call) => {
    if ((call.decider as unknown) !== cap.decider) return handle(call);
    let own: readonly Seat[] = [];
    const check = async (state: State, command: Command): Promise<void> => {
      seats.release(own);
      const { getting, asking = [] } = cap.wanted(cap.decider.decide(state, command), command);
      own = seats.take(getting);
      const wanting = [...own.map((seat) => ({ user: seat.user, seat })), ...asking.map((user) => ({ user }))];
      if (wanting.length === 0) return;
      await fresh(async () => {
        const full = await fullOf(wanting);
        if (full.length > 0) throw cap.refusal(full, command, call.actorId);
      });
    };
    try {
      const handled = await handle(checked(call, check as (state: unknown, command: unknown) => Promise<void>));
      seats.settle(own, handled.position);
      return handled;
    } catch (error) {
      seats.release(own);
      throw error;
    }
  }) as Handle;
}

type Call = Parameters<Handle>[0];

/** The same call, with a check of its command, which runs once for each decision, and not for a repeat. */
function checked(call: Call, check: (state: unknown, command: unknown) => Promise<void>): Call {
  if ("commandOf" in call) {
    const { commandOf } = call;
    return {
      ...call,
      commandOf: async (state: unknown) => {
        const command = await commandOf(state);
        await check(state, command);
        return command;
      },
    };
  }
  return {
    ...call,
    before: async (state: unknown) => {
      await call.before?.(state);
      await check(state, call.command);
    },
  };
}

/** One more for one user. `order`: the earlier one has it. */
type Seat = { readonly user: string; readonly order: number };

/** What users are getting, or have got, and the rows do not show yet. */
function takenSeats(watermark: Watermark) {
  const taken = new Map<string, Set<Seat>>();
  /** Those that are in the log, in the order in which that was known. */
  const stored: { seats: readonly Seat[]; position: Position }[] = [];
  let orders = 0;

  const release = (seats: readonly Seat[]): void => {
    for (const seat of seats) {
      const own = taken.get(seat.user);
      if (own?.delete(seat) && own.size === 0) taken.delete(seat.user);
    }
  };

  return {
    release,
    take: (users: readonly string[]): Seat[] =>
      users.map((user) => {
        const seat: Seat = { user, order: ++orders };
        const own = taken.get(user) ?? new Set();
        taken.set(user, own.add(seat));
        return seat;
      }),
    settle: (seats: readonly Seat[], position: Position): void => {
      if (seats.length > 0) stored.push({ seats, position });
    },
    /**
     * How many a user was given before a seat, or so far, that are not in the rows yet. Ask before the rows are read.
     */
    before: (user: string, seat?: Seat): number => {
      const seen = watermark.current();
      for (let first = stored[0]; first !== undefined && first.position <= seen; first = stored[0]) {
        release(first.seats);
        stored.shift();
      }
      const order = seat?.order ?? Number.POSITIVE_INFINITY;
      return [...(taken.get(user) ?? [])].filter((other) => other.order < order).length;
    },
  };
}
