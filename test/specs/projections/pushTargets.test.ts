import { describe, test } from "vitest";
import { pushTargets } from "../../../projections/pushTargets.ts";
import { deviceAdded, deviceRemoved, pushTokenClaimed, pushTokenReleased } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

const added = deviceAdded("ann", { pushService: "FCM", pushToken: "a-token" });

const TOKEN = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

test("a token is the device's that claimed it last, and nobody's once it is dead", async () => {
  const bobs = [pushTokenClaimed("ann", TOKEN), pushTokenClaimed("bob", TOKEN, "tab")];
  await given(pushTargets, ...bobs).holds("owners", TOKEN, { "": { user: "bob", device: "tab" } });
  await given(pushTargets, ...bobs, pushTokenReleased("bob", TOKEN, "tab")).holds("owners", TOKEN, { "": null });
});

describe("whom pushes reach", () => {
  test("are devices with a token, by the event that has it", async () => {
    await given(pushTargets, deviceAdded("ann")).holds("targets", "ann", {});
    await given(pushTargets, added).holds("targets", "ann", { phone: { service: "FCM", revision: 0 } });
    await given(pushTargets, added, deviceAdded("ann")).holds("targets", "ann", {});
    await given(pushTargets, added, deviceRemoved("ann", "phone")).holds("targets", "ann", {});
  });
});
