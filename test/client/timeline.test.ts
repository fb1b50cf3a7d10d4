import { describe, expect, it } from "vitest";
import { createTimeline, messageOf, SHOWN } from "../../src/client/timeline.ts";
import type { MessageFieldsFragment } from "../../src/client/operations.ts";
import { messageFields, person } from "./support/facts.ts";

const fields = (seq: number, more: object = {}) => messageFields(seq, person("bob"), more) as MessageFieldsFragment;
const page = (from: number, to: number) => ({
  messages: Array.from({ length: to - from + 1 }, (_, index) => fields(from + index)),
  from,
  to,
});

describe("the messages of a conversation", () => {
  it("are shown up to a number: beyond it those at the other end leave", () => {
    const timeline = createTimeline("g:1");
    timeline.merge(page(1, SHOWN + 100));
    timeline.look({ from: 1, to: SHOWN + 100 }, true);
    expect(timeline).toMatchObject({ view: { from: 101, to: SHOWN + 100 }, isFollowing: true });
    timeline.received(messageOf("g:1", fields(SHOWN + 101)));
    expect(timeline).toMatchObject({ view: { from: 102, to: SHOWN + 101 }, isFollowing: true });
    expect(timeline.items()).toHaveLength(SHOWN);
    timeline.look({ from: 50, to: SHOWN + 101 }, true, "from");
    expect(timeline).toMatchObject({ view: { from: 50, to: SHOWN + 49 }, isFollowing: false });
    // They are there still.
    expect(timeline.has(1)).toBe(true);
    expect(timeline.has(SHOWN + 101)).toBe(true);
  });

  it("are let go of beyond some thousands, but for those that are shown", () => {
    const timeline = createTimeline("g:1");
    for (let from = 1; from <= 4_000; from += 100) timeline.merge(page(from, from + 99));
    timeline.look({ from: 1_001, to: 1_050 }, false);
    expect(timeline.has(4_000)).toBe(true);
    timeline.received(messageOf("g:1", fields(4_001)));
    expect(timeline.ranges).toEqual([{ from: 1_001, to: 1_050 }]);
    expect(timeline.message(1_000)).toBeUndefined();
    expect(timeline.items()).toHaveLength(50);
  });

  it("show what they answer as it is now", () => {
    const timeline = createTimeline("g:1");
    const replyTo = { id: "g:1:1", seq: 1, kind: "TEXT", text: "before", recalledAt: null, sender: person("bob") };
    timeline.merge({ messages: [fields(2, { replyTo })], from: 2, to: 2 });
    timeline.look({ from: 2, to: 2 }, true);
    expect(timeline.replace(messageOf("g:1", fields(1, { text: "after" })))).toBe(true);
    expect(timeline.message(2)?.replyTo?.text).toBe("after");
    timeline.clear();
    expect(timeline.replace(messageOf("g:1", fields(1)))).toBe(false);
    expect(timeline.items()).toEqual([]);
  });
});
