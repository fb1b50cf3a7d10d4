import { expect, it } from "vitest";
import { clientError } from "../../src/client/errors.ts";
import { createReading } from "../../src/client/reading.ts";
import type { Settled } from "../../src/client/state.ts";
import { until } from "../support/until.ts";

/** Says what is read; `answer` may refuse it, `settled` is told what became of it. */
function world(answer: (seq: number) => void, settled: (settled: Settled) => void) {
  const said: number[] = [];
  const reading = createReading({
    ask: (async (_: string, { input }: { input: { seq: number } }) => {
      said.push(input.seq);
      answer(input.seq);
      return { markRead: null };
    }) as never,
    settled,
    random: () => 0,
  });
  return { reading, said };
}

it("says also what is read in the very moment in which nothing more was to be said", async () => {
  const { reading, said } = world(
    () => undefined,
    // As listeners do, which are told after the step that changed something.
    ({ seq }) => seq === 1 && queueMicrotask(() => void reading.markRead("g:1", 2)),
  );
  await reading.markRead("g:1", 1);
  await until("that is said too", () => said.length === 2);
  expect(said).toEqual([1, 2]);
  reading.close();
});

it("says also what is read in the moment in which something was refused", async () => {
  const { reading, said } = world(
    (seq) => {
      if (seq === 1) throw clientError("FORBIDDEN", "no");
    },
    ({ seq }) => seq === 1 && void reading.markRead("g:1", 2),
  );
  await reading.markRead("g:1", 1);
  expect(said).toEqual([1, 2]);
  await reading.markRead("g:1", 3);
  expect(said).toEqual([1, 2, 3]);
  reading.close();
});
