import { describe, expect, test } from "vitest";
import { messageFrom, timelines } from "../../../projections/timelines.ts";
import { put, seqKey } from "../../../src/projecting/projection.ts";
import { edited, GROUP, imported, recalled, sent } from "../../support/happened.ts";
import { AT, given, idOf, position } from "../../support/projected.ts";

const LATER = "2024-05-06T07:08:09.000Z";
const bare = (seq: number) => ({ senderId: "ann", clientMutationId: "call", seq, position: position(seq), sentAt: AT });
/** Ann's message as it was sent at a place of the log. */
const message = (seq: number) => ({ ...bare(seq), text: "hello" });

describe("a message", () => {
  test("is there by its seq and by its event's id, and is the conversation's head", () =>
    given(timelines, sent("ann"))
      .when(sent("ann"))
      .then(
        put("messages", GROUP, seqKey(2), message(2)),
        put("ids", GROUP, idOf(2), 2),
        put("heads", GROUP, "", { seq: 2, position: position(2), sentAt: AT }),
      ));

  test("of an archive has its own time", () =>
    given(timelines, imported("ann", "2019-01-02T03:04:05.000Z")).holds("heads", GROUP, {
      "": { seq: 1, position: position(1), sentAt: "2019-01-02T03:04:05.000Z" },
    }));

  test("that was edited says what it says now, and since when", () =>
    given(timelines, sent("ann"), edited("ann", 1, "good bye"))
      .when({ ...edited("ann", 1, "good-bye"), at: LATER })
      .then(put("messages", GROUP, seqKey(1), { ...message(1), text: "good-bye", editedAt: LATER, version: position(3) })));

  test("that was recalled keeps nothing of what it said, and cannot be edited any more", async () => {
    const mentioning = sent("ann", { mentions: ["bob"], mentionsAll: true });
    const gone = { ...bare(1), recalledAt: AT, version: position(2) };
    await given(timelines, mentioning, recalled("ann", 1)).holds("messages", GROUP, { [seqKey(1)]: gone });
    await given(timelines, mentioning, recalled("ann", 1))
      .when(edited("ann", 1, "again"))
      .nothing();
  });

  test("is kept without what nearly all have, which is there again where it is read", async () => {
    const more = { topic: "t", kind: "FILE" as const, replyTo: 1, mentions: ["bob"], mentionsAll: true };
    const attachments = [
      { url: "https://example.org/a", name: "a", mediaType: "text/plain", size: 1, width: null, height: null },
    ];
    const forwardedFrom = { conversationId: "d:ann~bob", seq: 2, count: 1 };
    const kept = { ...message(2), ...more, attachments, forwardedFrom };
    await given(timelines, sent("ann"), sent("ann", { ...more, attachments, forwardedFrom })).holds("messages", GROUP, {
      [seqKey(1)]: message(1),
      [seqKey(2)]: kept,
    });
    const never = { editedAt: null, recalledAt: null };
    expect(messageFrom(kept)).toStrictEqual({ ...kept, ...never });
    const plain = { kind: "TEXT", topic: null, attachments: [], replyTo: null, mentions: [], mentionsAll: false };
    expect(messageFrom(message(1))).toStrictEqual({ ...message(1), ...plain, ...never });
    expect(messageFrom(bare(1))).toStrictEqual({ ...bare(1), ...plain, ...never, text: null });
  });

  test("that was never sent is neither edited nor recalled", async () => {
    await given(timelines)
      .when(edited("ann", 1, "what?"))
      .fails(/edited before it was sent/);
    await given(timelines)
      .when(recalled("ann", 1))
      .fails(/recalled before it was sent/);
  });
});
