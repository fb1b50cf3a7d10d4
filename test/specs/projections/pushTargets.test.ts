import { describe, test } from "vitest";
import { pushTargets } from "../../../projections/pushTargets.ts";
import { deviceAdded, deviceRemoved } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

const added = deviceAdded("ann", { pushService: "FCM", pushToken: "a-token" });

describe("whom pushes reach", () => {
  test("are devices with a token, by the event that has it", async () => {
    await given(pushTargets, deviceAdded("ann")).holds("targets", "ann", {});
    await given(pushTargets, added).holds("targets", "ann", { phone: { service: "FCM", revision: 0 } });
    await given(pushTargets, added, deviceAdded("ann")).holds("targets", "ann", {});
    await given(pushTargets, added, deviceRemoved("ann", "phone")).holds("targets", "ann", {});
  });
});
