import { describe, test } from "vitest";
import { mentions } from "../../../projections/mentions.ts";
import { seqKey } from "../../../src/projecting/projection.ts";
import { expired, GROUP, recalled, sent } from "../../support/happened.ts";
import { given, position } from "../../support/projected.ts";

describe("mentions", () => {
  const past = [
    sent("ann", { mentions: ["bob", "cat"] }),
    sent("ann", { mentionsAll: true }),
    sent("bob", { mentions: ["cat"] }),
  ];

  test("are kept for each who is named, and for everyone in one row", async () => {
    const rows = given(mentions, ...past);
    await rows.holds("mentions", "bob", { [position(1)]: { conversation: GROUP, seq: 1 } });
    await rows.holds("mentions", "cat", {
      [position(1)]: { conversation: GROUP, seq: 1 },
      [position(3)]: { conversation: GROUP, seq: 3 },
    });
    await rows.holds("everyone", GROUP, { [position(2)]: 2 });
    await rows.holds("newest", GROUP, { "": position(2) });
  });

  test("are gone with the message", async () => {
    const rows = given(mentions, ...past, recalled("ann", 1), recalled("ann", 2));
    await rows.holds("mentions", "bob", {});
    await rows.holds("mentions", "cat", { [position(3)]: { conversation: GROUP, seq: 3 } });
    await rows.holds("everyone", GROUP, {});
    await rows.holds("named", GROUP, { [seqKey(3)]: { users: ["cat"], everyone: false, position: position(3) } });
  });

  test("are gone with a message that expires", () => given(mentions, ...past, expired(1)).holds("mentions", "bob", {}));

  test("are none of a message that names nobody", () => given(mentions).when(sent("ann")).nothing());
});
