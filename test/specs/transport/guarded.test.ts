import { Writable } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { buffered } from "../../../src/transport/buffered.ts";
import { deadlines } from "../../../src/transport/execution/deadlines.ts";
import { outbox, sendText } from "../../../src/transport/socket/outbox.ts";
import { until } from "../../support/until.ts";
import { running } from "../../support/runningApp.ts";

/*
 * What a listener, a timer or a promise throws that nobody awaits would end the process: each is caught, told, and ends no more
 * than what it is about.
 */

afterEach(() => void vi.useRealTimers());

test("a connection that cannot be taken is told of, and the server goes on", async () => {
  await using server = await running();
  const fault = Object.assign(new Error("accept EMFILE"), { code: "EMFILE" });
  server.app.server.emit("error", fault);
  expect(server.faults).toMatchObject([{ level: "error", fields: { err: fault }, message: "a connection could not be taken" }]);
  expect(await server.ask("{ hello }")).toEqual({ data: { hello: "hello world" } });
});

test("work that cannot be told that it is late keeps no other from being told", () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const failed = vi.fn();
  const fault = new Error("no");
  const { begin } = deadlines<string>(
    1_000,
    (work) => {
      told.push(work);
      if (work === "one") throw fault;
    },
    failed,
  );
  for (const work of ["one", "two"]) begin(work);
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual(["one", "two"]);
  expect(failed.mock.calls).toEqual([[fault]]);
});

test("work that has ended is not told that it is late, whichever of those under way it was; the others are, in their order", () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const { begin, end } = deadlines<string>(1_000, (work) => told.push(work), vi.fn());
  const [first, , third] = ["first", "second", "third", "fourth"].map(begin);
  vi.advanceTimersByTime(500);
  const [last] = ["last", "one more"].map(begin);
  for (const timed of [third, first, third]) if (timed) end(timed);
  vi.advanceTimersByTime(500);
  expect(told).toEqual(["second", "fourth"]);
  if (last) end(last);
  vi.advanceTimersByTime(499);
  expect(told).toEqual(["second", "fourth"]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(["second", "fourth", "one more"]);
  begin("after all");
  vi.advanceTimersByTime(1_000);
  expect(told.at(-1)).toBe("after all");
});

test("a reader that cannot be written to when it has drained is let go of", async () => {
  let drain = (): void => undefined;
  const raw = new Writable({ write: (_chunk, _encoding, done) => void (drain = done), highWaterMark: 1 });
  const gone = vi.fn();
  raw.on("error", gone);
  const all = buffered(1_000_000);
  const box = outbox(raw, 1_000_000, all, () => undefined);
  sendText(box, "hello");
  await until("it is stuck", () => box.stuck);
  const fault = new Error("no memory");
  vi.spyOn(all, "add").mockImplementation(() => {
    throw fault;
  });
  drain();
  await until("it is let go of", () => gone.mock.calls.length > 0);
  expect(gone.mock.calls).toEqual([[fault]]);
});
