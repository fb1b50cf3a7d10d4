import { describe, test } from "vitest";
import { annotations } from "../../../projections/annotations.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { seqKey } from "../../../src/projecting/projection.ts";
import { GROUP, groupCreated, joined, pinned, reacted, recalled, sent, unpinned, unreacted } from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

describe("reactions", () => {
  const past = [reacted("bob", 7, "🎉"), reacted("bob", 7, "👍"), reacted("ann", 7, "👍"), reacted("ann", 8, "👍")];

  test("are counted by message, and each user's are kept apart", async () => {
    const rows = given(annotations, ...past);
    await rows.holds("reactions", GROUP, {
      [seqKey(7)]: [
        { emoji: "🎉", count: 1 },
        { emoji: "👍", count: 2 },
      ],
      [seqKey(8)]: [{ emoji: "👍", count: 1 }],
    });
    await rows.holds("reactors", `${GROUP}:7`, { ann: ["👍"], bob: ["🎉", "👍"] });
  });

  test("that are taken back leave nothing", async () => {
    const rows = given(annotations, ...past, unreacted("bob", 7, "🎉"), unreacted("bob", 7, "👍"), unreacted("ann", 7, "👍"));
    await rows.holds("reactions", GROUP, { [seqKey(8)]: [{ emoji: "👍", count: 1 }] });
    await rows.holds("reactors", `${GROUP}:7`, {});
  });

  test("are gone with the message", () =>
    given(annotations, ...past, recalled("ann", 7)).holds("reactions", GROUP, { [seqKey(8)]: [{ emoji: "👍", count: 1 }] }));

  test("are told to those who may see the message", async () => {
    const rows = given(
      inboxes,
      groupCreated("ann"),
      sent("ann"),
      joined("bob"),
      reacted("ann", 1, "👍"),
      unreacted("ann", 1, "👍"),
    );
    const entry = { kind: "changed", conversation: GROUP, seq: 1, change: "REACTED", open: false, at: AT };
    await rows.holds("changes", GROUP, {
      [position(1)]: {
        kind: "membership",
        conversation: GROUP,
        user: "ann",
        actor: "ann",
        change: "JOINED",
        at: AT,
        fanned: true,
      },
      [position(2)]: { kind: "received", conversation: GROUP, seq: 1, at: AT, fanned: true },
      [position(3)]: {
        kind: "membership",
        conversation: GROUP,
        user: "bob",
        actor: "bob",
        change: "JOINED",
        at: AT,
        fanned: true,
      },
      [position(4)]: { ...entry, fanned: true },
      [position(5)]: { ...entry, fanned: true },
    });
    await rows.holds("entries", "bob", {
      [position(3)]: { kind: "membership", conversation: GROUP, user: "bob", actor: "bob", change: "JOINED", at: AT },
    });
  });
});

describe("pinned messages", () => {
  const past = [pinned("ann", 7), pinned("bob", 3), pinned("ann", 5)];

  test("are kept in the order in which they were pinned", () =>
    given(annotations, ...past, unpinned("ann", 7), pinned("ann", 7)).holds("pins", GROUP, {
      [position(2)]: 3,
      [position(3)]: 5,
      [position(5)]: 7,
    }));

  test("are none once unpinned or recalled", async () => {
    const rows = given(annotations, ...past, unpinned("ann", 3), recalled("ann", 5), unpinned("ann", 5));
    await rows.holds("pins", GROUP, { [position(1)]: 7 });
    await rows.holds("pinned", GROUP, { [seqKey(7)]: position(1) });
  });

  test("are told as what changed", async () => {
    const rows = given(inboxes, groupCreated("ann"), sent("ann"), pinned("ann", 1), unpinned("ann", 1));
    const entry = { kind: "changed", conversation: GROUP, seq: 1, open: false, at: AT };
    await rows.holds("entries", "ann", {
      [position(1)]: { kind: "membership", conversation: GROUP, user: "ann", actor: "ann", change: "JOINED", at: AT },
      [position(2)]: { kind: "received", conversation: GROUP, seq: 1, at: AT },
      [position(3)]: { ...entry, change: "PINNED" },
      [position(4)]: { ...entry, change: "UNPINNED" },
    });
  });
});
