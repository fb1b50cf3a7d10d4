import { expect, it } from "vitest";
import { localSignals, interestIn } from "../../../src/adapters/signals/local.ts";

it("tells the thread that has news what somebody may listen to", () => {
  const { signals, interest } = localSignals();
  const wanted = interestIn(interest);
  const end = signals.listen(["users/a", "users/b"], () => undefined) as () => void;
  expect(["users/a", "users/b", "users/x"].map(wanted)).toEqual([true, true, false]);
  end();
  expect(wanted("users/a")).toBe(false);
});

it("forgets nobody: interest is nil again when all have ended, in whatever order", () => {
  const { signals, interest } = localSignals();
  const ends = Array.from({ length: 500 }, (_, i) =>
    signals.listen([`users/${i % 50}`, `conversations/${i}`, `users/${i % 50}`], () => undefined),
  ) as (() => void)[];
  expect(new Int32Array(interest).reduce((sum, count) => sum + count)).toBe(1_000);
  for (const end of [...ends.filter((_, i) => i % 2 === 0), ...ends]) end();
  expect(new Int32Array(interest).every((count) => count === 0)).toBe(true);
});

it("spreads topics over the counters", () => {
  const { signals, interest } = localSignals();
  for (let i = 0; i < 10_000; i++) void signals.listen([`users/u${i}`], () => undefined);
  const busy = new Int32Array(interest).filter((count) => count > 0).length;
  // A perfect hash of 10,000 topics into 65,536 counters meets about 9,270 of them.
  expect(busy).toBeGreaterThan(8_800);
});

it("wakes once for a topic that is published twice at once, and tells what a listener threw", () => {
  const errors: unknown[] = [];
  const { signals } = localSignals({ onError: (error) => errors.push(error) });
  const fault = new Error("a listener's own fault");
  let count = 0;
  void signals.listen(["users/a"], () => {
    throw fault;
  });
  void signals.listen(["users/a"], () => void count++);
  signals.publish(["users/a", "users/a"]);
  expect(count).toBe(1);
  expect(errors).toEqual([fault]);
});

it("knows whether anybody may be listening to some topics, or to anything", () => {
  const { signals, isHeard } = localSignals();
  expect(isHeard()).toBe(false);
  const end = signals.listen(["users/a"], () => undefined) as () => void;
  expect([isHeard(), isHeard(["users/x", "users/a"]), isHeard(["users/x", "users/y"])]).toEqual([true, true, false]);
  end();
  expect([isHeard(), isHeard(["users/a"])]).toEqual([false, false]);
});
