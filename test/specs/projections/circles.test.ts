import { describe, test } from "vitest";
import { circles } from "../../../projections/circles.ts";
import { dueLists } from "../../../projections/dueLists.ts";
import { sliceOf } from "../../../src/projecting/slices.ts";
import { circleEqualised, circlePut } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

const LIST = dueLists[sliceOf("o:acme", dueLists.length)] ?? "";
const equalised = circleEqualised("o:acme");

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

  test("are to be made equal to their conversations two seconds after they were put, until they are", async () => {
    const withConversation = { conversationId: "g:circle.acme" };
    const [first, again] = [["ann"], ["ann", "bob"]].map((members) => ({
      ...circlePut("o:acme", members, withConversation),
      at: "2026-05-04T10:00:00.000Z",
    }));
    if (!first || !again) throw new Error("none");
    const due = "2026-05-04T10:00:02.000Z";
    const row = (revision: number) => ({ [`${due}~o:acme`]: { circle: "o:acme", revision, by: "operator" } });
    await given(circles, first).holds("due", LIST, row(0));
    await given(circles, first, again).holds("due", LIST, row(1));
    await given(circles, first, equalised).holds("due", LIST, {});
    await given(circles, first, equalised, again).holds("due", LIST, row(2));
    await given(circles, circlePut("o:acme", ["ann"])).holds("due", LIST, {});
  });
});
