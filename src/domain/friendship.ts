import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { nameText } from "./text.ts";

/** A request of one of the two. `number` counts the requests of the pair, from 1. */
export type Request = { number: number; from: string; to: string; alias: string | null; status: RequestStatus };
export type RequestStatus = "PENDING" | "ACCEPTED" | "DECLINED" | "WITHDRAWN";

/** How two users stand. Requests that were decided are kept by their number, so that the same answer again changes nothing. */
export type State = {
  areFriends: boolean;
  /** What each calls the other, by who calls. */
  aliases: Readonly<Record<string, string>>;
  /** Who of the two has blocked the other. */
  blockedBy: readonly string[];
  /** The newest one. */
  request: Request | undefined;
};

export type Command =
  | { type: "Request"; from: string; to: string; note: string | null; alias: string | null }
  | { type: "Answer"; number: number; by: string; accept: boolean }
  | { type: "Withdraw"; number: number; by: string }
  | { type: "End"; by: string; friendId: string }
  | { type: "SetAlias"; by: string; friendId: string; alias: string | null }
  | { type: "Block"; by: string; userId: string; on: boolean }
  /** A fact of an archive. */
  | { type: "Restore"; event: Event };

export type Event = AnyEvent<
  | "FriendshipRequested"
  | "FriendRequestAccepted"
  | "FriendRequestDeclined"
  | "FriendRequestWithdrawn"
  | "FriendshipBegan"
  | "FriendshipEnded"
  | "FriendAliasChanged"
  | "UserBlocked"
  | "UserUnblocked"
>;

const NOBODY: State = { areFriends: false, aliases: {}, blockedBy: [], request: undefined };

/**
 * How two users stand: one asks and the other answers, both are friends until one ends it, and each may block the other. Being
 * friends and being blocked do not depend on each other.
 */
export const decider: Decider<State, Command, Event> = {
  initial: NOBODY,

  evolve(state, event) {
    switch (event.type) {
      case "FriendshipRequested": {
        const { number, from, to, alias } = event.data;
        return { ...state, request: { number, from, to, alias, status: "PENDING" } };
      }
      case "FriendRequestAccepted":
        return decided(state, event.data.number, "ACCEPTED");
      case "FriendRequestDeclined":
        return decided(state, event.data.number, "DECLINED");
      case "FriendRequestWithdrawn":
        return decided(state, event.data.number, "WITHDRAWN");
      case "FriendshipBegan":
        return { ...state, areFriends: true };
      case "FriendshipEnded":
        return { ...state, areFriends: false, aliases: {} };
      case "FriendAliasChanged": {
        const { userId, alias } = event.data;
        const { [userId]: _, ...others } = state.aliases;
        return { ...state, aliases: alias === null ? others : { ...others, [userId]: alias } };
      }
      case "UserBlocked":
        return { ...state, blockedBy: [...state.blockedBy.filter((user) => user !== event.data.userId), event.data.userId] };
      case "UserUnblocked":
        return { ...state, blockedBy: state.blockedBy.filter((user) => user !== event.data.userId) };
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    switch (command.type) {
      case "Request":
        return request(state, command);
      case "Answer":
        return answer(state, command);
      case "Withdraw":
        return withdraw(state, command);
      case "End": {
        const { by: userId, friendId } = command;
        return state.areFriends ? [{ type: "FriendshipEnded", data: { userId, friendId } }] : [];
      }
      case "SetAlias":
        return setAlias(state, command);
      case "Block":
        return block(state, command);
      case "Restore":
        return isNew(state, command.event) ? [command.event] : [];
    }
  },
};

type Ask<Type extends Command["type"]> = Extract<Command, { type: Type }>;

function decided(state: State, number: number, status: RequestStatus): State {
  return state.request?.number === number ? { ...state, request: { ...state.request, status } } : state;
}

/** Two requests that cross make a friendship: the second one is the answer to the first. */
function request(state: State, command: Ask<"Request">): Event[] {
  const { from, to, note } = command;
  if (from === to) throw new Refusal("BAD_INPUT", "you cannot be a friend of yourself", { field: "userId" });
  if (state.blockedBy.includes(from))
    throw new Refusal("FORBIDDEN", "you have blocked this user: unblock them first (block)", { field: "userId" });
  if (state.areFriends) throw new Refusal("CONFLICT", "you are friends already", { field: "userId" });
  const alias = aliasOf(command.alias);
  const pending = state.request?.status === "PENDING" ? state.request : undefined;
  if (pending?.from === from) return [];
  if (state.blockedBy.includes(to)) throw new Refusal("FORBIDDEN", "this user takes no requests from you", { field: "userId" });
  if (pending) return begin(pending, alias);
  const number = (state.request?.number ?? 0) + 1;
  return [checked("FriendshipRequested", { number, from, to, note: noteOf(note), alias })];
}

function answer(state: State, command: Ask<"Answer">): Event[] {
  const { number, by, accept } = command;
  const asked = requestOf(state, number, by);
  if (asked.to !== by) throw new Refusal("FORBIDDEN", "only the one who was asked can answer a request", { field: "id" });
  if (asked.status === (accept ? "ACCEPTED" : "DECLINED")) return [];
  if (asked.status !== "PENDING") throw over(asked);
  if (accept) return begin(asked, null);
  return [{ type: "FriendRequestDeclined", data: { number, from: asked.from, to: asked.to } }];
}

function withdraw(state: State, { number, by }: Ask<"Withdraw">): Event[] {
  const asked = requestOf(state, number, by);
  if (asked.from !== by) throw new Refusal("FORBIDDEN", "only the one who asked can withdraw a request", { field: "id" });
  if (asked.status === "WITHDRAWN") return [];
  if (asked.status !== "PENDING") throw over(asked);
  return [{ type: "FriendRequestWithdrawn", data: { number, from: asked.from, to: asked.to } }];
}

/** Whether a fact of an archive changes how the two stand. */
function isNew({ areFriends, aliases, blockedBy, request: newest }: State, { type, data }: Event): boolean {
  switch (type) {
    case "FriendshipRequested":
      return data.number > (newest?.number ?? 0);
    case "FriendRequestAccepted":
    case "FriendRequestDeclined":
    case "FriendRequestWithdrawn":
      return newest?.number === data.number && newest.status === "PENDING";
    case "FriendshipBegan":
      return !areFriends;
    case "FriendshipEnded":
      return areFriends;
    case "FriendAliasChanged":
      return areFriends && (aliases[data.userId] ?? null) !== data.alias;
    case "UserBlocked":
      return !blockedBy.includes(data.userId);
    case "UserUnblocked":
      return blockedBy.includes(data.userId);
  }
}

function setAlias({ areFriends, aliases }: State, { by: userId, friendId, alias }: Ask<"SetAlias">): Event[] {
  if (!areFriends) throw new Refusal("CONFLICT", "you are not friends: only a friend has an alias");
  const event = checked("FriendAliasChanged", { userId, friendId, alias: aliasOf(alias) });
  return event.data.alias === (aliases[userId] ?? null) ? [] : [event];
}

/** A block ends the requests between the two: there is nobody left to answer. */
function block({ blockedBy, request: newest }: State, { by: userId, userId: blockedId, on }: Ask<"Block">): Event[] {
  if (userId === blockedId) throw new Refusal("BAD_INPUT", "you cannot block yourself", { field: "userId" });
  if (blockedBy.includes(userId) === on) return [];
  if (!on) return [{ type: "UserUnblocked", data: { userId, blockedId } }];
  const blocked: Event = { type: "UserBlocked", data: { userId, blockedId } };
  if (newest?.status !== "PENDING") return [blocked];
  const { number, from, to } = newest;
  const type = from === userId ? "FriendRequestWithdrawn" : "FriendRequestDeclined";
  return [{ type, data: { number, from, to } }, blocked];
}

/** The request is accepted, and both are friends. Each has the alias for the other that they asked with. */
function begin({ number, from, to, alias }: Request, ofTo: string | null): Event[] {
  const named = [
    { userId: from, friendId: to, alias },
    { userId: to, friendId: from, alias: ofTo },
  ].filter((each) => each.alias !== null);
  return [
    { type: "FriendRequestAccepted", data: { number, from, to } },
    { type: "FriendshipBegan", data: { userIds: from < to ? [from, to] : [to, from] } },
    ...named.map((data): Event => ({ type: "FriendAliasChanged", data })),
  ];
}

/** Of older requests no more is known than that they are over. */
function requestOf({ request: newest }: State, number: number, by: string): Request {
  if (newest === undefined || number > newest.number || (by !== newest.from && by !== newest.to))
    throw new Refusal("NOT_FOUND", "no such request", { field: "id" });
  if (number === newest.number) return newest;
  throw new Refusal("CONFLICT", "this request is over, and there is a newer one", { field: "id" });
}

const over = ({ status }: Request) =>
  new Refusal("CONFLICT", `this request was ${status.toLowerCase()} already`, { field: "id" });

const aliasOf = (alias: string | null): string | null => (alias === null ? null : nameText(alias, "alias"));
const noteOf = (note: string | null): string | null => (note === null || note.trim() === "" ? null : note.trim());
