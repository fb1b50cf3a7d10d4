import { test } from "vitest";
import { decider as settings, type Event } from "../../../src/domain/settings.ts";
import { given } from "../../support/given.ts";

const set = (limit: number): Event => ({ type: "FanoutLimitSet", data: { limit } });

test("the fan-out limit is set where it differs", () => {
  given(settings).when({ type: "SetFanoutLimit", limit: 0 }).then(set(0));
  given(settings, set(500)).when({ type: "SetFanoutLimit", limit: 500 }).nothing();
  given(settings, set(500), set(200)).when({ type: "SetFanoutLimit", limit: 500 }).then(set(500));
});

test("it is a whole number, not below 0", () => {
  given(settings).when({ type: "SetFanoutLimit", limit: -1 }).refused("BAD_INPUT", { field: "limit" });
  given(settings).when({ type: "SetFanoutLimit", limit: 1.5 }).refused("BAD_INPUT", { field: "limit" });
});
