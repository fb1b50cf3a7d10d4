import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { createConfirming } from "../../../../src/adapters/eventStore/eventstoredb/confirming.ts";
import type { Outcome } from "../../../../src/adapters/eventStore/eventstoredb/messages.ts";
import type { Place } from "../../../../src/adapters/eventStore/eventstoredb/position.ts";
import { type Layout, layoutOf } from "../../../../src/adapters/eventStore/eventstoredb/wire.ts";
import type { EventTexts } from "../../../../src/adapters/eventStore/texts.ts";
import { recordResponse, type Sent } from "../../../support/readResponses.ts";
import { until } from "../../../support/until.ts";

const at = (place: number): Place => ({ commit: BigInt(place), prepare: BigInt(place) });
const event = (text: string): EventTexts => [randomUUID(), "MessageSent", JSON.stringify({ text }), '{"at":"now"}'];

function begun() {
  const answers = new Map<number, Outcome>();
  let reached = 0;
  let isOpen = true;
  const confirming = createConfirming(
    { isOpen: () => isOpen, hasPassed: ({ commit }) => commit <= BigInt(reached) },
    (number, outcome) => {
      expect(answers.has(number)).toBe(false);
      answers.set(number, outcome);
    },
  );
  onTestFinished(() => confirming.close());
  const come = (place: number, [id, type, data, metadata]: EventTexts, other: Partial<Sent> = {}): void => {
    reached = place;
    const bytes = recordResponse({ id, stream: "s", place: at(place), type, data, metadata, ...other });
    confirming.came(bytes, layoutOf(bytes) as Layout);
  };
  const send = (number: number, events: EventTexts[], expected: number | "any" = 4): void =>
    confirming.sent({ number, stream: "s", expected, events });
  const stored = (number: number, place: number | undefined): void =>
    confirming.stored(number, { revision: 5, place: place === undefined ? undefined : at(place) });
  return { answers, come, send, stored, failed: confirming.failed, shut: () => void (isOpen = false) };
}

const outcome = (place: number, seen?: number[]) => ({
  kind: "stored",
  revision: 5,
  place: at(place),
  ...(seen ? { seen: seen.map(at) } : {}),
});

test("what the feed shows as it was sent is seen, whichever comes first", () => {
  const { answers, come, send, stored } = begun();
  const [a, b, c] = [event("a"), event("b"), event("größe 👋")];
  send(1, [a, b]);
  send(2, [c]);
  come(10, a);
  come(20, b);
  expect(answers.size).toBe(0);
  stored(1, 20);
  expect(answers.get(1)).toEqual(outcome(20, [10, 20]));
  stored(2, 30);
  expect(answers.has(2)).toBe(false);
  come(30, c);
  expect(answers.get(2)).toEqual(outcome(30, [30]));
});

test.each<[string, Partial<Sent>]>([
  ["other data", { data: '{"text":"z"}' }],
  ["another time", { metadata: '{"at":"then"}' }],
  ["another type", { type: "Said" }],
  ["another stream", { stream: "t" }],
])("what the feed shows with %s is not", (_, other) => {
  const { answers, come, send, stored } = begun();
  const [a, b] = [event("a"), event("b")];
  send(1, [a]);
  come(10, a, other);
  stored(1, 10);
  send(2, [b]);
  stored(2, 20);
  come(20, b, other);
  expect([answers.get(1), answers.get(2)]).toEqual([outcome(10), outcome(20)]);
});

test("a part of what was sent is not enough, nor what has passed before", () => {
  const { answers, come, send, stored } = begun();
  const [a, b, c] = [event("a"), event("b"), event("c")];
  send(1, [a, b]);
  come(10, a);
  come(20, c);
  stored(1, 20);
  send(2, [c]);
  stored(2, 20);
  expect([answers.get(1), answers.get(2)]).toEqual([outcome(20), outcome(20)]);
});

test("nothing waits without a feed, without an explicit revision, or without a place", () => {
  const { answers, send, stored, shut } = begun();
  send(1, [event("a")], "any");
  stored(1, 10);
  send(2, [event("b")]);
  stored(2, undefined);
  shut();
  send(3, [event("c")]);
  stored(3, 30);
  expect([...answers.values()]).toEqual([outcome(10), { ...outcome(0), place: undefined }, outcome(30)]);
});

test("an append that failed is answered by nobody else", () => {
  const { answers, come, send, failed } = begun();
  const a = event("a");
  send(1, [a]);
  failed(1);
  come(10, a);
  expect(answers.size).toBe(0);
});

test("where the feed is late, an outcome waits for a moment, and others do not until it has come so far", async () => {
  const { answers, come, send, stored } = begun();
  const [a, b, c] = [event("a"), event("b"), event("c")];
  send(1, [a]);
  stored(1, 10);
  await until("it is answered", () => answers.has(1));
  expect(answers.get(1)).toEqual(outcome(10));
  send(2, [b]);
  stored(2, 20);
  expect(answers.get(2)).toEqual(outcome(20));
  come(10, a);
  come(20, b);
  send(3, [c]);
  stored(3, 30);
  expect(answers.has(3)).toBe(false);
  come(30, c);
  expect(answers.get(3)).toEqual(outcome(30, [30]));
});

test("the same append again, while the first is under way, is seen too", () => {
  const { answers, come, send, stored, failed } = begun();
  const a = event("a");
  send(1, [a]);
  send(2, [a]);
  failed(1);
  stored(2, 10);
  come(10, a);
  expect(answers.get(2)).toEqual(outcome(10, [10]));
});
