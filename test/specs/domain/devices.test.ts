import { describe, expect, test } from "vitest";
import type { EventData } from "../../../src/domain/events.ts";
import { deviceId } from "../../../src/domain/ids.ts";
import { type Command, decider as user, type Event } from "../../../src/domain/user.ts";
import { registered as happened } from "../../support/happened.ts";
import { given } from "../../support/given.ts";

type Given = EventData<"DeviceAdded">;

const registered: Event = { type: "UserRegistered", data: happened("alice").data };
const phone: Given = { userId: "alice", deviceId: "phone", kind: "IOS", name: "Phone", pushService: null, pushToken: null };
const add = (more: Partial<Given> = {}, cap = 2): Command => ({ type: "AddDevice", cap, ...phone, ...more });
const remove = (id: string): Command => ({ type: "RemoveDevice", userId: "alice", deviceId: id });
const added = (more: Partial<Given> = {}): Event => ({ type: "DeviceAdded", data: { ...phone, ...more } });
const removed = (id: string): Event => ({ type: "DeviceRemoved", data: { userId: "alice", deviceId: id } });

describe("a device", () => {
  test("is added, with where pushes go to", () => {
    given(user, registered)
      .when(add({ name: " My phone " }))
      .then(added({ name: "My phone" }));
    const push = { pushService: "APNS", pushToken: "t0" } as const;
    given(user, registered).when(add(push)).then(added(push));
  });

  test("is replaced by the same id again, and nothing where all is the same", () => {
    const before = added({ pushService: "FCM", pushToken: "t0" });
    given(user, registered, before)
      .when(add({ pushService: "FCM", pushToken: "t1" }, 1))
      .then(added({ pushService: "FCM", pushToken: "t1" }));
    given(user, registered, before)
      .when(add({ pushService: "FCM", pushToken: "t0" }))
      .nothing();
  });

  test.each(["constructor", "toString", "hasOwnProperty"])("may be called %s", (id) => {
    given(user, registered)
      .when(add({ deviceId: id }))
      .then(added({ deviceId: id }));
    given(user, registered).when(remove(id)).refused("NOT_FOUND", { field: "id" });
    given(user, registered, added({ deviceId: id }))
      .when(remove(id))
      .then(removed(id));
  });

  test("is removed, and then there is room for another", () => {
    const full = [registered, added(), added({ deviceId: "desk" })];
    given(user, ...full)
      .when(add({ deviceId: "web" }))
      .refused("LIMIT_EXCEEDED", { field: "id" });
    given(user, ...full, removed("phone"))
      .when(add({ deviceId: "web" }))
      .then(added({ deviceId: "web" }));
    given(user, registered, added(), removed("phone")).when(remove("phone")).refused("NOT_FOUND", { field: "id" });
  });

  test("has both a push service and its token, or neither", () => {
    given(user, registered)
      .when(add({ pushService: "FCM" }))
      .refused("BAD_INPUT", { field: "pushToken" });
    given(user, registered)
      .when(add({ pushToken: "t0" }))
      .refused("BAD_INPUT", { field: "pushService" });
    given(user, registered)
      .when(add({ pushService: "FCM", pushToken: "t".repeat(4_097) }))
      .refused("BAD_INPUT", { field: "pushToken" });
    given(user, registered)
      .when(add({ name: " " }))
      .refused("BAD_INPUT", { field: "name" });
  });

  test("is somebody's who registered", () => {
    given(user).when(add()).refused("NOT_FOUND");
    given(user).when(remove("phone")).refused("NOT_FOUND");
  });
});

test("an id of a device is none of another thing, but maybe a user's", () => {
  for (const id of ["phone", "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "desk:1", "a.b_c-d"])
    expect(deviceId.safeParse(id).success).toBe(true);
  for (const id of ["", "g:chess", "d:alice", "s:x", "-a", "a b", "a~b", "x".repeat(129)])
    expect(deviceId.safeParse(id).success).toBe(false);
});
