import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { giving, newHands, taking } from "../../../src/adapters/eventStore/sqlite/handing.ts";
import type { Append, Outcome } from "../../../src/adapters/eventStore/sqlite/messages.ts";

/** Longer than a test may take. */
const NEVER_MS = 3_600_000;

const group: Append[] = [{ stream: "s", expected: -1, events: [[randomUUID(), "Said", "{}", "{}"]] }];

test("who is called does not begin to wait before it has read its messages", () => {
  const hands = newHands();
  const [giver, taker] = [giving(hands), taking(hands)];
  giver.call();
  expect(taker.take(NEVER_MS)).toBeUndefined();
  expect(taker.take(NEVER_MS)).toBeUndefined();
  taker.called();
  expect(taker.take(0)).toBeUndefined();
});

test("a group goes as a message to who does not wait, and then that one does not wait past it", () => {
  const hands = newHands();
  const [giver, taker] = [giving(hands), taking(hands)];
  expect(giver.give(group)).toBe(false);
  expect(taker.take(NEVER_MS)).toBeUndefined();
  taker.called();
  // Its time is over.
  expect(taker.take(0)).toBeUndefined();
  expect(giver.give(group)).toBe(false);
  expect(taker.take(NEVER_MS)).toBeUndefined();
});

test("outcomes come back as they were", () => {
  const hands = newHands();
  const outcomes: Outcome[] = [{ revision: 3, place: 2 ** 40 }, { actual: -1 }, { revision: 0, place: 7, found: true }];
  taking(hands).note(outcomes, 1.5);
  expect(giving(hands).told(3)).toEqual({ outcomes, commitMs: 1.5 });
  expect(giving(hands).told(1).outcomes).toEqual(outcomes.slice(0, 1));
});
