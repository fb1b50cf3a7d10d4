import { describe, expect, test } from "vitest";
import { devices } from "../../../projections/devices.ts";
import { viewProjections } from "../../../projections/index.ts";
import { deviceAdded, deviceRemoved, registered } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

const phone = { id: "phone", kind: "IOS", name: "Phone" };
const desk = { id: "desk", kind: "DESKTOP", name: "Desk" };

describe("the devices of a user", () => {
  test("stand in the order in which they were added, however often they changed", () =>
    given(
      devices,
      deviceAdded("ann", { deviceId: "phone", name: "Old" }),
      deviceAdded("ann", { deviceId: "desk", kind: "DESKTOP", name: "Desk" }),
      deviceAdded("ann", { deviceId: "phone" }),
    ).holds("devices", "ann", { "": [phone, desk] }));

  test("leave nothing once they are removed", async () => {
    const both = [deviceAdded("ann"), deviceAdded("ann", { deviceId: "desk", kind: "DESKTOP", name: "Desk" })];
    await given(devices, ...both, deviceRemoved("ann", "phone")).holds("devices", "ann", { "": [desk] });
    await given(devices, ...both, deviceRemoved("ann", "phone"), deviceRemoved("ann", "desk")).holds("devices", "ann", {});
  });
});

test("a push token is in no row of any view", async () => {
  const events = [registered("ann"), deviceAdded("ann", { pushService: "FCM", pushToken: "secret-token" })];
  for (const projection of viewProjections) {
    const handlers = projection.handlers as Record<string, unknown>;
    if (!("DeviceAdded" in handlers)) continue;
    const seen: string[] = [];
    await given(projection, ...events)
      .when(deviceAdded("ann", { pushService: "FCM", pushToken: "secret-token", name: "Other" }))
      .then(...([] as never[]))
      .catch((error: { actual?: unknown }) => void seen.push(JSON.stringify(error.actual)));
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toContain("secret-token");
  }
});
