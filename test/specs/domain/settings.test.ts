import { test } from "vitest";
import { decider as settings, type Event } from "../../../src/domain/settings.ts";
import { given } from "../../support/given.ts";

const set = (limit: number): Event => ({ type: "FanoutLimitSet", data: { limit } });

test("the fan-out limit is set where it differs", () => {
  given(settings).when({ type: "SetFanoutLimit", limit: 0 }).then(set(0));
  given(settings, set(500)).when({ type: "SetFanoutLimit", limit: 500 }).nothing();
  given(settings, set(500), set(200)).when({ type: "SetFanoutLimit", limit: 500 }).then(set(500));
});

test("the number of slices is set where it differs", () => {
  const slices = (count: number): Event => ({ type: "ProjectionSlicesSet", data: { slices: count } });
  given(settings, set(500)).when({ type: "SetProjectionSlices", slices: 8 }).then(slices(8));
  given(settings, slices(8), set(500)).when({ type: "SetProjectionSlices", slices: 8 }).nothing();
  given(settings, slices(8)).when({ type: "SetProjectionSlices", slices: 1 }).then(slices(1));
  for (const wrong of [0, 65, 1.5])
    given(settings).when({ type: "SetProjectionSlices", slices: wrong }).refused("BAD_INPUT", { field: "slices" });
});

test("sealing is begun once, by whoever is first", () => {
  const begun = (key: string): Event => ({ type: "EncryptionBegan", data: { key } });
  given(settings, set(500)).when({ type: "BeginEncryption", key: "b3Vyc2VjcmV0a2V5" }).then(begun("b3Vyc2VjcmV0a2V5"));
  given(settings, begun("b3Vyc2VjcmV0a2V5")).when({ type: "BeginEncryption", key: "YW5vdGhlcm9uZTEy" }).nothing();
});

test("it is a whole number, not below 0", () => {
  given(settings).when({ type: "SetFanoutLimit", limit: -1 }).refused("BAD_INPUT", { field: "limit" });
  given(settings).when({ type: "SetFanoutLimit", limit: 1.5 }).refused("BAD_INPUT", { field: "limit" });
});
