import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { buffered } from "../../../src/transport/buffered.ts";
import type { Executor } from "../../../src/transport/execution/execute.ts";
import type { Answer, Stream } from "../../../src/transport/execution/rendering.ts";
import { outbox } from "../../../src/transport/socket/outbox.ts";
import { runningOperation } from "../../../src/transport/socket/running.ts";
import { until } from "../../support/until.ts";

/** A promise to be kept from outside. */
function pending<T>(): { promise: Promise<T>; keep: (value: T) => void } {
  let keep!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (keep = resolve));
  return { promise, keep };
}

/** An operation, and what becomes of it. */
function operation(kind: "query" | "subscription", executor: Partial<Executor>) {
  const ends = { released: vi.fn(), executed: vi.fn() };
  const explain = vi.fn((fault: unknown) => ({ message: String(fault), extensions: { code: "INTERNAL" as const } }));
  const box = outbox(new PassThrough() as never, 1, buffered(1_000_000), () => undefined);
  const work = { executor: { explain, ...executor }, box, id: "1", operation: { kind }, variables: {}, caller: {}, request: {} };
  return { running: runningOperation(work as never, ends), ends, explain };
}

const stream = (deliveries: Partial<Stream["deliveries"]>): Stream => ({
  deliveries: { next: () => new Promise(() => undefined), ...deliveries },
  render: () => Buffer.from("{}"),
  delivered: () => 0,
});

test("a subscription that is given up while it is opened is counted out once, and its source is let go of", async () => {
  const opened = pending<Stream>();
  const { running, ends } = operation("subscription", { subscribe: () => opened.promise });
  void running.next();
  void running.return();
  void running.return();
  expect(ends.released).toHaveBeenCalledTimes(1);
  const left = vi.fn(async () => ({ done: true as const, value: undefined }));
  opened.keep(stream({ return: left }));
  await until("its source is let go of", () => left.mock.calls.length > 0);
  expect(left).toHaveBeenCalledTimes(1);
  expect(ends.released).toHaveBeenCalledTimes(1);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no"))],
])("a source that %s when it is let go of ends nothing else", async (_how, fails) => {
  const { running, ends, explain } = operation("subscription", { subscribe: async () => stream({ return: fails }) });
  void running.next();
  await until("it is open", async () => true);
  expect(() => running.return()).not.toThrow();
  await until("it is told", () => explain.mock.calls.length > 0);
  expect(ends.released).toHaveBeenCalledTimes(1);
});

test("a query that is given up counts as running until it has ended", async () => {
  const answered = pending<Answer>();
  const { running, ends } = operation("query", { run: () => answered.promise });
  void running.next();
  void running.return();
  expect([ends.released.mock.calls.length, ends.executed.mock.calls.length]).toEqual([1, 0]);
  answered.keep({ text: "{}", executed: true });
  await until("it has ended", () => ends.executed.mock.calls.length > 0);
  const never = operation("query", {});
  void never.running.return();
  void never.running.next();
  expect(never.ends.executed).toHaveBeenCalledTimes(1);
});
