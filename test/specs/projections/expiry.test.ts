import { describe, test } from "vitest";
import { annotations } from "../../../projections/annotations.ts";
import { dueLists } from "../../../projections/dueLists.ts";
import { expiries } from "../../../projections/expiries.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { readMarks } from "../../../projections/readMarks.ts";
import { search } from "../../../projections/search/search.ts";
import { threads } from "../../../projections/threads.ts";
import { timelines } from "../../../projections/timelines.ts";
import { del, put, seqKey } from "../../../src/projecting/projection.ts";
import { sliceOf } from "../../../src/projecting/slices.ts";
import { edited, expired, GROUP, reacted, recalled, sent } from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

/* What each view makes of a message that expires. */

const EXPIRES_AT = "2024-01-02T03:05:05.000Z";
const expiring = (more: Parameters<typeof sent>[1] = {}) => sent("ann", { expiresAfterSeconds: 60, ...more });
const LIST = dueLists[sliceOf(GROUP, dueLists.length)] ?? "";
const NAME = `${EXPIRES_AT}~${GROUP}~${seqKey(1)}`;

describe("when it expires", () => {
  test("is in a list by time, until it has", async () => {
    await given(expiries, expiring()).holds("due", LIST, { [NAME]: { conversation: GROUP, seq: 1 } });
    await given(expiries, expiring()).holds("expiring", GROUP, { [seqKey(1)]: EXPIRES_AT });
    for (const over of [expired(1), recalled("ann", 1)]) {
      await given(expiries, expiring(), over).holds("due", LIST, {});
      await given(expiries, expiring(), over).holds("expiring", GROUP, {});
    }
  });
  test("is nowhere of one that does not", async () => {
    await given(expiries).when(sent("ann")).nothing();
    await given(expiries, sent("ann")).when(recalled("ann", 1)).nothing();
  });
});

describe("a timeline", () => {
  const emptied = {
    senderId: "ann",
    clientMutationId: "call",
    seq: 1,
    position: position(1),
    sentAt: AT,
    expiresAt: EXPIRES_AT,
  };
  const message = { ...emptied, text: "hello", mentions: ["bob"], mentionsAll: true };
  const mentioning = expiring({ mentions: ["bob"], mentionsAll: true });

  test("says when it expires", () => given(timelines, mentioning).holds("messages", GROUP, { [seqKey(1)]: message }));
  test("keeps nothing of what it said once it has", async () => {
    const gone = { ...emptied, expired: true, version: position(2) };
    await given(timelines, mentioning, expired(1)).holds("messages", GROUP, { [seqKey(1)]: gone });
    await given(timelines, mentioning, expired(1))
      .when(edited("ann", 1, "again"))
      .nothing();
  });
  test("says too that it was recalled after that", () =>
    given(timelines, mentioning, expired(1), recalled("ann", 1)).holds("messages", GROUP, {
      [seqKey(1)]: { ...emptied, expired: true, recalledAt: AT, version: position(3) },
    }));
  test("does not let expire what was never sent", () =>
    given(timelines)
      .when(expired(1))
      .fails(/expired before it was sent/));
});

/** The counts of a node in which one seq is so often, and no other one. */
const oneOf = (count: number, of = 1): number[] => Array.from({ length: 32 }, (_, seq) => (seq === of ? count : 0));

test("it is not unread, and names nobody any more", () =>
  given(readMarks, expiring({ mentions: ["bob"] }))
    .when(expired(1))
    .then(
      put("counts", GROUP, "", { head: 1, lastRecalled: 1, importedFrom: 0, importedTo: 0 }),
      put("recalled", GROUP, seqKey(1), 1),
      put("ranks", GROUP, `recalled~0~${seqKey(0)}`, oneOf(1)),
      del("mentioned", GROUP, seqKey(1)),
      put("ranks", `bob~${GROUP}`, `named~0~${seqKey(0)}`, oneOf(0)),
    ));

test("both sides of a direct conversation are told", async () => {
  const conversationId = "d:ann~bob";
  const rows = given(inboxes, expiring({ conversationId }), expired(1, conversationId));
  const entry = { kind: "changed", conversation: conversationId, seq: 1, change: "EXPIRED", open: false, at: AT };
  for (const user of ["ann", "bob"])
    await rows.holds("entries", user, {
      [position(1)]: { kind: "received", conversation: conversationId, seq: 1, at: AT },
      [position(2)]: entry,
    });
});

test("no search finds it", () =>
  given(search, expiring())
    .when(expired(1))
    .then(put("messages", GROUP, seqKey(1), { conversationId: GROUP, seq: 1, version: position(2), recalled: true })));

test("it has no reactions", () =>
  given(annotations, expiring(), reacted("bob", 1, "👍"), expired(1)).holds("reactions", GROUP, {}));

test("an answer counts as one that was recalled", async () => {
  const rows = given(threads, sent("ann"), expiring({ replyTo: 1 }), expired(2));
  await rows.holds("threads", GROUP, { [seqKey(1)]: { count: 1, lastSeq: 2, lastAt: AT, lastRecalled: 2 } });
  await rows.holds("ranks", `${GROUP}:1`, { [`recalled~0~${seqKey(0)}`]: oneOf(1, 2) });
});
