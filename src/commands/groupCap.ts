import { type Command, decider } from "../domain/group.ts";
import type { Event, State } from "../domain/groupState.ts";
import { isChannel } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { CommandContext } from "./context.ts";
import type { Handle } from "./handle.ts";

/** How many ids a refusal names at most. */
const NAMED = 10;
/** Users whose groups are counted at a time. */
const AT_ONCE = 50;

type GroupCapOptions = Pick<CommandContext, "handle" | "fresh" | "views" | "watermark"> & {
  /** How many groups a user may be in. */
  groupCap: number;
};

/**
 * Handles commands, of which none lets a user into more groups than they may be in. What a command would do is decided before it
 * is handled, and those who would enter are counted by the rows, with those who are entering on this server just now. So the cap
 * is exact on one server. Where several servers let the same user into groups within the lag of the rows, each may let one more
 * in. Channels are not counted. Circles and imports are a business's own, and are not held to it.
 */
export function withGroupCap({ handle, fresh, views, watermark, groupCap }: GroupCapOptions): Handle {
  const entering = enteringUsers(watermark);

  /** Throws LIMIT_EXCEEDED if one of the users is in as many groups as they may be in. */
  const requireRoom = async (actor: string, command: Command, reserved: readonly Reservation[]): Promise<void> => {
    const full: string[] = [];
    for (let from = 0; from < reserved.length; from += AT_ONCE) {
      const some = reserved.slice(from, from + AT_ONCE);
      const others = some.map((each) => entering.before(each));
      const counts = await Promise.all(some.map(({ user }) => views.relations.groupCount(user, groupCap)));
      for (const [index, { user }] of some.entries())
        if ((counts[index] ?? 0) + (others[index] ?? 0) >= groupCap) full.push(user);
    }
    if (full.length === 0) return;
    if (full.includes(actor))
      throw new Refusal("LIMIT_EXCEEDED", `you are in as many groups as one may be in (${groupCap}): leave one first`);
    const named = `${full.slice(0, NAMED).join(", ")}${full.length > NAMED ? " …" : ""}`;
    throw new Refusal("LIMIT_EXCEEDED", `as many groups as one may be in (${groupCap}) already have ${named}`, {
      field: FIELDS[command.type] ?? "id",
    });
  };

  return (async (call: Call) => {
    if ((call.decider as unknown) !== decider) return handle(call);
    let reserved: readonly Reservation[] = [];
    const check = async (state: State, command: Command): Promise<void> => {
      entering.release(reserved);
      reserved = entering.reserve(EXEMPT.has(command.type) ? [] : enteredBy(decider.decide(state, command)));
      if (reserved.length > 0) await fresh(() => requireRoom(call.actorId, command, reserved));
    };
    try {
      const handled = await handle(checked(call, check as (state: unknown, command: unknown) => Promise<void>));
      entering.settle(reserved, handled.position);
      return handled;
    } catch (error) {
      entering.release(reserved);
      throw error;
    }
  }) as Handle;
}

/** Commands of a business's own. */
const EXEMPT: ReadonlySet<Command["type"]> = new Set(["Equal", "Import"]);
/** The input that names those who enter, by the command. */
const FIELDS: { readonly [Type in Command["type"]]?: string } = { Create: "memberIds", Add: "userIds" };

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

/** Who is a member of a group, and not of a channel's staff, after these events and was not before. */
const enteredBy = (events: readonly Event[]): string[] =>
  events.flatMap((event) => {
    if (event.type !== "GroupCreated" && event.type !== "MemberJoined" && event.type !== "MemberAdded") return [];
    if (isChannel(event.data.groupId) || ("imported" in event.data && event.data.imported)) return [];
    return "ownerId" in event.data ? event.data.ownerId : event.data.userId;
  });

/** A seat in one more group, for one user. `order`: the earlier one has it. */
type Reservation = { readonly user: string; readonly order: number };

/** Users who enter groups and whom the rows do not show there yet. */
function enteringUsers(watermark: Watermark) {
  const held = new Map<string, Set<Reservation>>();
  /** Those that are in the log, in the order in which that was known. */
  const stored: { reserved: readonly Reservation[]; position: Position }[] = [];
  let orders = 0;

  const release = (reserved: readonly Reservation[]): void => {
    for (const each of reserved) {
      const own = held.get(each.user);
      if (own?.delete(each) && own.size === 0) held.delete(each.user);
    }
  };

  return {
    release,
    reserve: (users: readonly string[]): Reservation[] =>
      users.map((user) => {
        const made: Reservation = { user, order: ++orders };
        const own = held.get(user) ?? new Set();
        held.set(user, own.add(made));
        return made;
      }),
    settle: (reserved: readonly Reservation[], position: Position): void => {
      if (reserved.length > 0) stored.push({ reserved, position });
    },
    /** How many others of the same user come before a reservation and are not in the rows yet. Ask before the rows are read. */
    before: ({ user, order }: Reservation): number => {
      const seen = watermark.current();
      for (let first = stored[0]; first !== undefined && first.position <= seen; first = stored[0]) {
        release(first.reserved);
        stored.shift();
      }
      return [...(held.get(user) ?? [])].filter((other) => other.order < order).length;
    },
  };
}
