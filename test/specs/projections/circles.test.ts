import { describe, test } from "vitest";
import { circles } from "../../../projections/circles.ts";
import { circlePut } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

describe("circles", () => {
  test("have their members, and users their circles, as they were put last", async () => {
    const put = circlePut("o:acme", ["ann", "bob"], { conversationId: "g:circle.acme" });
    const rows = given(circles, put, circlePut("o:smiths", ["bob"]), circlePut("o:acme", ["bob", "cat"], { name: "Acme & Co" }));
    await rows.holds("circles", "o:acme", { "": { kind: "company", name: "Acme & Co", conversation: null } });
    await rows.holds("members", "o:acme", { bob: 1, cat: 1 });
    await rows.holds("circlesOf", "ann", {});
    await rows.holds("circlesOf", "bob", { "o:acme": 1, "o:smiths": 1 });
    await rows.holds("circlesOf", "cat", { "o:acme": 1 });
  });
});
