import { checked } from "./checked.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { nameText } from "./text.ts";

/**
 * A device as its user added it. The kept state of a user has no push token: then it is undefined, and compares as another one
 * would.
 */
export type Device = Omit<EventData<"DeviceAdded">, "userId" | "deviceId" | "pushToken"> & {
  pushToken: string | null | undefined;
};

/** A user's devices by their ids. */
export type Devices = Readonly<Record<string, Device>>;

/** `cap`: how many devices a user may have. */
export type AddDevice = { type: "AddDevice"; cap: number } & EventData<"DeviceAdded">;
export type RemoveDevice = { type: "RemoveDevice" } & EventData<"DeviceRemoved">;

type Event = AnyEvent<"DeviceAdded" | "DeviceRemoved">;

/** An id may be the name of a member that every object has. */
export const deviceOf = (devices: Devices, id: string): Device | undefined =>
  Object.hasOwn(devices, id) ? devices[id] : undefined;

export function withDevice(devices: Devices, { userId: _, deviceId, ...device }: EventData<"DeviceAdded">): Devices {
  return { ...devices, [deviceId]: device };
}

export const withoutDevice = (devices: Devices, id: string): Devices =>
  Object.fromEntries(Object.entries(devices).filter(([other]) => other !== id));

/** The same without what only the user's own stream may hold. */
export const withoutTokens = (devices: Devices): Devices =>
  Object.fromEntries(Object.entries(devices).map(([id, device]) => [id, { ...device, pushToken: undefined }]));

/** The same id again replaces what was said of the device. */
export function addDevice(devices: Devices, { cap, type: _, ...given }: AddDevice): Event[] {
  const { userId, deviceId, kind, pushService, pushToken } = given;
  if ((pushService === null) !== (pushToken === null))
    throw new Refusal("BAD_INPUT", "give both of pushService and pushToken, or neither", {
      field: pushService === null ? "pushService" : "pushToken",
    });
  const name = nameText(given.name, "name");
  const event = checked("DeviceAdded", { userId, deviceId, kind, name, pushService, pushToken });
  const before = deviceOf(devices, deviceId);
  if (before === undefined && Object.keys(devices).length >= cap)
    throw new Refusal("LIMIT_EXCEEDED", `a user has at most ${cap} devices: remove one first (removeDevice)`, { field: "id" });
  return before !== undefined && isSame(before, event.data) ? [] : [event];
}

export function removeDevice(devices: Devices, { userId, deviceId }: RemoveDevice): Event[] {
  if (deviceOf(devices, deviceId) === undefined) throw new Refusal("NOT_FOUND", "you have no such device", { field: "id" });
  return [{ type: "DeviceRemoved", data: { userId, deviceId } }];
}

const isSame = (one: Device, other: Device): boolean =>
  one.kind === other.kind &&
  one.name === other.name &&
  one.pushService === other.pushService &&
  one.pushToken === other.pushToken;
