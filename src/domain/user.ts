import { checked, distinctTags, namedTags } from "./checked.ts";
import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import {
  type AddDevice,
  addDevice,
  type Devices,
  type RemoveDevice,
  removeDevice,
  withDevice,
  withoutDevice,
} from "./devices.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { normaliseHandle } from "./handleForm.ts";
import { ERASED } from "./personal.ts";
import { Refusal } from "./refusal.ts";
import { nameText } from "./text.ts";

export type Profile = EventData<"UserRegistered">;

/**
 * The profile as it is now; where the user may be found (null: nowhere, undefined: at a place that is not known here); the
 * handles that they had before, newest first; their devices. `undefined` before the user registered.
 */
export type State =
  | (Profile & {
      point: Point | null | undefined;
      formerHandles?: readonly string[];
      devices?: Devices;
      deactivated?: true;
    })
  | undefined;

/** How many former handles are remembered: a fault may have kept them from being released. */
const FORMER_HANDLES = 3;

type Point = NonNullable<EventData<"LocationChanged">["point"]>;

type Given = Omit<Profile, "userId" | "bot">;

/** `today` (YYYY-MM-DD): a birthday after this day is in the future. */
export type Command =
  | ({ type: "Register"; userId: string; today: string } & Given)
  /** Registers, or replaces the whole profile. */
  | ({ type: "Put"; userId: string; today: string } & Given)
  /** What is absent stays; null takes away. */
  | ({ type: "UpdateProfile"; userId: string; today: string } & { [Member in keyof Given]?: Given[Member] | null })
  /** Null takes the user off the map. */
  | ({ type: "SetLocation" } & EventData<"LocationChanged">)
  | AddDevice
  | RemoveDevice
  /** A bot, and its token by the hash. One that is there gets the name, and the token in the place of its former one. */
  | { type: "MakeBot"; userId: string; handle: string; name: string; hash: string }
  /** A fact of an archive. */
  | { type: "Restore"; event: Restored };

type Restored = AnyEvent<"UserRegistered" | "ProfileUpdated" | "UserDeactivated" | "UserReactivated">;

export type Event = AnyEvent<
  | "UserRegistered"
  | "ProfileUpdated"
  | "LocationChanged"
  | "DeviceAdded"
  | "DeviceRemoved"
  | "UserDeactivated"
  | "UserReactivated"
  | "BotTokenMade"
>;

/** What a user says about themselves. The handle must be theirs already: its own stream decides that. */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,

  evolve(state, event) {
    switch (event.type) {
      case "UserRegistered":
        return { ...event.data, point: null };
      case "ProfileUpdated":
        return state && { ...state, ...event.data, ...formerOf(state, event.data.handle) };
      case "LocationChanged":
        return state && { ...state, point: event.data.point };
      case "DeviceAdded":
        return state && { ...state, devices: withDevice(state.devices ?? {}, event.data) };
      case "DeviceRemoved":
        return state && { ...state, devices: withoutDevice(state.devices ?? {}, event.data.deviceId) };
      case "UserDeactivated":
        return state && { ...state, deactivated: true };
      case "UserReactivated":
        return state && reactivated(state);
      case "BotTokenMade":
        return state;
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    switch (command.type) {
      case "Register":
        if (state) throw new Refusal("CONFLICT", "already registered: use updateProfile");
        return [registered(command)];
      case "Put":
        return state ? updated(state, command) : [registered(command)];
      case "UpdateProfile":
        if (!state) throw new Refusal("NOT_FOUND", "not registered yet: use register");
        return updated(state, command);
      case "SetLocation": {
        if (!state) throw new Refusal("NOT_FOUND", "not registered yet: use register");
        const event = checked("LocationChanged", { userId: state.userId, point: command.point });
        return same(event.data.point, state.point) ? [] : [event];
      }
      case "AddDevice":
        if (!state) throw new Refusal("NOT_FOUND", "not registered yet: use register");
        return addDevice(state.devices ?? {}, command);
      case "RemoveDevice":
        if (!state) throw new Refusal("NOT_FOUND", "not registered yet: use register");
        return removeDevice(state.devices ?? {}, command);
      case "MakeBot":
        return bot(state, command);
      case "Restore":
        return restored(state, command.event);
    }
  },
};

type Registering = Extract<Command, { type: "Register" | "Put" }>;

function registered({ userId, avatarUrl, gender, birthday, signature, ...command }: Registering): Event {
  const [name, tags] = [nameText(command.name, "name"), namedTags(command.tags)];
  const handle = normaliseHandle(command.handle);
  const event = checked("UserRegistered", { userId, handle, name, avatarUrl, gender, birthday, signature, tags });
  sensible(event.data, command.today);
  return event;
}

function bot(state: State, { userId, handle, name, hash }: Extract<Command, { type: "MakeBot" }>): Event[] {
  const token = checked("BotTokenMade", { userId, hash });
  const shown = nameText(name, "name");
  if (state && state.bot !== true) throw new Refusal("CONFLICT", "this is the id of a user who is no bot", { field: "id" });
  if (state?.deactivated) throw new Refusal("CONFLICT", "this bot is deactivated", { field: "id" });
  if (state) return state.name === shown ? [token] : [token, checked("ProfileUpdated", { userId, name: shown })];
  const nothing = { avatarUrl: null, gender: null, birthday: null, signature: null, tags: [] };
  const made = { userId, handle: normaliseHandle(handle), name: shown, ...nothing, bot: true } as const;
  return [checked("UserRegistered", made), token];
}

function reactivated({ deactivated: _, ...state }: NonNullable<State>): State {
  return state;
}

function restored(state: State, event: Restored): Event[] {
  if (event.type === "UserRegistered") return state ? [] : [checked(event.type, event.data)];
  if (!state) throw new Refusal("BAD_INPUT", "the archive does not tell of the user before this", { field: "userId" });
  if (event.type === "UserDeactivated" || event.type === "UserReactivated")
    return (state.deactivated === true) === (event.type === "UserDeactivated") ? [] : [checked(event.type, event.data)];
  const { userId, ...wanted } = checked(event.type, event.data).data;
  const changes = Object.entries(wanted).filter(([member, value]) => !same(value, state[member as keyof Profile]));
  return changes.length === 0 ? [] : [{ type: event.type, data: { userId, ...Object.fromEntries(changes) } }];
}

function updated(state: Profile, command: Extract<Command, { type: "UpdateProfile" | "Put" }>): Event[] {
  const { data } = checked("ProfileUpdated", { userId: state.userId, ...given(command) });
  sensible(data, command.today);
  const changes = Object.entries(data).filter(([member, value]) => !same(value, state[member as keyof Profile]));
  if (changes.length === 0) return [];
  return [{ type: "ProfileUpdated", data: { userId: state.userId, ...Object.fromEntries(changes) } }];
}

function formerOf({ handle, formerHandles = [] }: NonNullable<State>, next: string | undefined) {
  // What is erased cannot be released.
  if (next === undefined || next === handle || handle === ERASED) return {};
  return { formerHandles: [handle, ...formerHandles.filter((former) => former !== next)].slice(0, FORMER_HANDLES) };
}

/** The members of the command that are given. */
function given(command: Extract<Command, { type: "UpdateProfile" | "Put" }>): Partial<Given> {
  const { handle, name, avatarUrl, gender, birthday, signature, tags } = command;
  if (handle === null) throw nothingLeft("handle");
  if (name === null) throw nothingLeft("name");
  if (tags === null) throw nothingLeft("tags");
  const normalised = handle === undefined ? undefined : normaliseHandle(handle);
  const members = {
    handle: normalised,
    name: name === undefined ? undefined : nameText(name, "name"),
    avatarUrl,
    gender,
    birthday,
    signature,
    tags: tags && namedTags(tags),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

const nothingLeft = (field: string) => new Refusal("BAD_INPUT", `${field} cannot be removed`, { field });

function sensible({ birthday, tags }: Partial<Given>, today: string): void {
  if (birthday && birthday > today) throw new Refusal("BAD_INPUT", "the birthday is in the future", { field: "birthday" });
  if (tags) distinctTags(tags);
}

/** Both come from the same schema, so equal values have the same text. */
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
