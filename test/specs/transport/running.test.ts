import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { buffered } from "../../../src/transport/buffered.ts";
import type { Executor } from "../../../src/transport/execution/execute.ts";
import type { Answer, Delivery, Stream } from "../../../src/transport/execution/rendering.ts";
import { end, flush, isFull, outbox, sendText } from "../../../src/transport/socket/outbox.ts";
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
  const box = outbox(new PassThrough(), 1, buffered(1_000_000), () => undefined);
  const work = {
    executor: { explain, ...executor },
    box,
    id: "1",
    opening: () => "",
    operation: { kind },
    variables: {},
    caller: {},
    request: {},
  };
  return { running: runningOperation(work as never, ends), ends, explain, box };
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

/** A stream whose deliveries are at hand when they come, and that is never asked to wait. */
function news(render: Stream["render"] = ({ root }) => Buffer.from(String(root))) {
  const waiting: Delivery[] = [];
  let come: (() => void) | undefined;
  let asked = 0;
  return {
    stream: {
      deliveries: {
        next: () => expect.unreachable("nothing is to be waited for"),
        atHand: () => (asked++, waiting.shift()),
        onNews: (called: () => void) => (waiting.length > 0 ? false : ((come = called), true)),
      },
      render,
      delivered: () => 0,
    } satisfies Stream,
    asked: () => asked,
    listens: () => come !== undefined,
    bring: (...roots: unknown[]) => {
      waiting.push(...roots.map((root) => ({ root })));
      const called = come;
      come = undefined;
      called?.();
    },
  };
}

test("what comes to a subscription that waits for news is sent in the very call that brings it, in order", async () => {
  const { stream: opened, bring, listens } = news();
  const { running, box } = operation("subscription", { subscribe: async () => opened });
  void running.next();
  await until("it listens", listens);
  bring(1, 2);
  bring(3);
  expect([box.payload, box.more?.[1], box.more?.[3]].map(String)).toStrictEqual(["1", "2", "3"]);
  void running.return();
  bring(4);
  expect(box.more, "nothing is sent once it was given up").toHaveLength(4);
});

test("a reader who is slow is not read for until there is room, and then gets all in order", async () => {
  const long = (root: unknown) => Buffer.alloc(70_000, String(root));
  const { stream: opened, bring, listens, asked } = news(({ root }) => long(root));
  const { running, box } = operation("subscription", { subscribe: async () => opened });
  void running.next();
  await until("it listens", listens);
  const before = asked();
  bring(1, 2, 3);
  expect(asked() - before, "what is full is not filled further").toBe(1);
  const got: string[] = [];
  (box.raw as unknown as PassThrough).on("data", (bytes: Buffer) => got.push(bytes.toString("latin1")));
  await until("all are sent", () => got.join("").includes("3".repeat(70_000)));
  expect(
    got
      .join("")
      .match(/1{9}|2{9}|3{9}/g)
      ?.filter((found, index, all) => found !== all[index - 1]),
  ).toStrictEqual(["1".repeat(9), "2".repeat(9), "3".repeat(9)]);
  void running.return();
});

test("a subscription that begins where nothing is sent any more, and much was waiting, holds up nobody", async () => {
  const { stream: opened, listens } = news();
  const { running, box } = operation("subscription", { subscribe: async () => opened });
  sendText(box, "x".repeat(200_000));
  flush(box);
  expect(isFull(box), "nobody reads").toBe(true);
  end(box);
  void running.next();
  // The event loop turns.
  await new Promise((resolve) => setImmediate(resolve));
  await until("it listens", listens);
  void running.return();
});

test("a fault while news is told ends that subscription, and not whoever brings the news", async () => {
  const {
    stream: opened,
    bring,
    listens,
  } = news(() => {
    throw new Error("no");
  });
  const { running, explain } = operation("subscription", { subscribe: async () => opened });
  const ended = running.next();
  await until("it listens", listens);
  expect(() => bring(1)).not.toThrow();
  await expect(ended).rejects.toThrow("not executed");
  expect(explain).toHaveBeenCalledTimes(1);
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
