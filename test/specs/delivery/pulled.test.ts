import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pulled, type Source } from "../../../src/delivery/pulled.ts";
import { gate } from "../../support/gate.ts";

type GrowingOptions = { pause?: (what: string) => Promise<unknown>; page?: number; isAtHand?: () => boolean };

/** A source over a list that grows; each of its steps takes as long as `pause` does, or no time where it is at hand. */
function growing({ pause = async () => {}, page = 3, isAtHand = () => false }: GrowingOptions = {}) {
  const list: number[] = [];
  let cursor = 0;
  let listener: (() => void) | undefined;
  const calls = { open: 0, pull: 0, close: 0, atOnce: 0 };
  let busy = 0;
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    calls.atOnce = Math.max(calls.atOnce, ++busy);
    try {
      return await work();
    } finally {
      busy--;
    }
  };
  const source: Source<number> = {
    open: (wake) =>
      alone(async () => {
        calls.open++;
        await pause("open");
        listener = wake;
      }),
    pull: () => {
      if (isAtHand()) {
        calls.atOnce = Math.max(calls.atOnce, busy + 1);
        const items = list.slice(cursor, cursor + page);
        cursor += items.length;
        return { items, more: list.length > cursor };
      }
      return alone(async () => {
        calls.pull++;
        // What a store answers is what it held at some moment of the call.
        await pause("before reading");
        const items = list.slice(cursor, cursor + page);
        const more = list.length > cursor + page;
        await pause("after reading");
        cursor += items.length;
        return { items, more };
      });
    },
    current: (item) => (isAtHand() ? item : alone(async () => (await pause("as it is now"), item))),
    close: () => {
      calls.close++;
      listener = undefined;
    },
  };
  const grow = () => {
    list.push(list.length);
    listener?.();
  };
  return { source, list, calls, grow, isListening: () => listener !== undefined };
}

describe("a reader that is signalled, then pulls", () => {
  test("gets everything once and in order, however signals and readings fall", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.nat(12), fc.nat(4), fc.infiniteStream(fc.boolean()), async (s, live, missed, flips) => {
        const flip = () => flips.next().value as boolean;
        const pause = (what: string) => s.schedule(Promise.resolve(), what);
        const { source, list, calls, grow } = growing({ pause, isAtHand: flip });
        for (let count = 0; count < missed; count++) grow();
        const stream = pulled(source);
        const got: number[] = [];
        const reading = (async () => {
          while (got.length < missed + live) {
            const atHand = flip() ? stream.atHand() : undefined;
            if (atHand !== undefined) {
              got.push(atHand);
              continue;
            }
            if (flip()) {
              let come = () => {};
              const coming = new Promise<void>((resolve) => (come = resolve));
              if (stream.onNews(come)) {
                await coming;
                continue;
              }
            }
            const { value, done } = await stream.next();
            if (done === true) return;
            got.push(value);
          }
        })();
        for (let count = 0; count < live; count++) void s.schedule(Promise.resolve(), "grows").then(grow);
        await s.waitFor(reading);
        expect(got).toStrictEqual(list);
        expect(calls.atOnce).toBeLessThanOrEqual(1);
        await stream.return?.();
        expect(calls).toMatchObject({ open: list.length > 0 ? 1 : 0, close: 1 });
      }),
      { numRuns: 300 },
    );
  });

  test("reads again after a signal that comes while it reads", async () => {
    const reading = gate();
    const held = gate();
    let pulls = 0;
    let wake = () => {};
    const stream = pulled<string>({
      open: (waker) => void (wake = waker),
      pull: async () => {
        if (++pulls > 1) return { items: ["news"], more: false };
        reading.open();
        await held.passed;
        return { items: [], more: false };
      },
      current: (item) => item,
      close: () => {},
    });
    const next = stream.next();
    await reading.passed;
    wake();
    held.open();
    expect(await next).toStrictEqual({ done: false, value: "news" });
    expect(pulls).toBe(2);
  });

  test("reads nothing ahead while nobody asks", async () => {
    const { source, calls, grow } = growing({ page: 2 });
    for (let count = 0; count < 10; count++) grow();
    const stream = pulled(source);
    expect((await stream.next()).value).toBe(0);
    for (let count = 0; count < 100; count++) grow();
    expect((await stream.next()).value).toBe(1);
    expect(calls.pull).toBe(1);
  });

  test("gives what was kept as it is once it is asked for, passes over what is not to be told any more, and ends with a fault in that", async () => {
    const { source, grow } = growing({ page: 5 });
    const now = new Map<number, number | undefined>([
      [0, -1],
      [1, 10],
      [2, undefined],
    ]);
    const stream = pulled({
      ...source,
      current: (item) => {
        if (item === 4) throw new Error("cannot be read");
        return now.has(item) ? now.get(item) : item;
      },
    });
    for (let count = 0; count < 5; count++) grow();
    // The first has just been read.
    expect((await stream.next()).value).toBe(0);
    expect((await stream.next()).value).toBe(10);
    expect((await stream.next()).value).toBe(3);
    await expect(stream.next()).rejects.toThrow("cannot be read");
    expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
  });

  test("answers calls of next in their order", async () => {
    const { source, grow } = growing();
    const stream = pulled(source);
    const three = Promise.all([stream.next(), stream.next(), stream.next()]);
    for (let count = 0; count < 3; count++) grow();
    expect((await three).map(({ value }) => value)).toStrictEqual([0, 1, 2]);
  });

  test("is waked and let go of by return, whatever it is at", async () => {
    for (const at of ["open", "before reading", "after reading", "waiting"]) {
      const here = gate();
      const held = gate();
      const pause = async (what: string) => {
        if (what !== at) return;
        here.open();
        await held.passed;
      };
      const { source, calls, isListening } = growing({ pause });
      const stream = pulled(source);
      const next = stream.next();
      if (at !== "waiting") await here.passed;
      else while (!isListening()) await Promise.resolve();
      expect(await stream.return?.()).toStrictEqual({ done: true, value: undefined });
      held.open();
      expect(await next, at).toStrictEqual({ done: true, value: undefined });
      expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
      expect(calls.close, at).toBe(1);
      if (at === "waiting") expect(isListening()).toBe(false);
      await stream.return?.();
      expect(calls.close, "once").toBe(1);
    }
  });

  test("never listens where it was returned before it was read", async () => {
    const { source, calls } = growing();
    const stream = pulled(source);
    await stream.return?.();
    expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
    expect(calls).toMatchObject({ open: 0, pull: 0, close: 1 });
  });

  test("is called once at the next news and at the end, where nothing is to be done before", async () => {
    const { source, grow } = growing({ isAtHand: () => true });
    const stream = pulled(source);
    let calls = 0;
    const come = () => void calls++;
    expect(stream.onNews(come), "it does not listen yet").toBe(false);
    grow();
    expect((await stream.next()).value).toBe(0);
    expect(stream.atHand()).toBeUndefined();
    expect(stream.onNews(come)).toBe(true);
    grow();
    grow();
    expect(calls).toBe(1);
    expect(stream.onNews(come), "there is news").toBe(false);
    expect([stream.atHand(), stream.atHand(), stream.atHand()]).toStrictEqual([1, 2, undefined]);
    expect(stream.onNews(come)).toBe(true);
    await stream.return?.();
    expect(calls).toBe(2);
    expect(stream.onNews(come), "it is over").toBe(false);
  });

  test("gets a fault of what was at hand where it waits for more", async () => {
    for (const fault of [() => Promise.reject(new Error("away")), () => expect.unreachable("away")]) {
      const { source } = growing();
      let pulls = 0;
      const stream = pulled({ ...source, pull: () => (++pulls === 1 ? { items: [1], more: true } : fault()) });
      expect((await stream.next()).value).toBe(1);
      expect(stream.atHand()).toBeUndefined();
      await expect(stream.next()).rejects.toThrow("away");
      expect(stream.atHand()).toBeUndefined();
      expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
      expect(pulls).toBe(2);
    }
  });

  test("ends with a fault once what was read is given, and lets go", async () => {
    const { source, calls, grow } = growing();
    grow();
    const fault = new Error("no longer yours");
    const ending = { ...source, pull: async () => ({ ...(await source.pull()), end: fault }) };
    const stream = pulled(ending);
    expect(await stream.next()).toStrictEqual({ done: false, value: 0 });
    await expect(stream.next()).rejects.toBe(fault);
    expect(calls.close).toBe(1);
    expect(await stream.next()).toStrictEqual({ done: true, value: undefined });
  });

  test("lets go where reading or listening fails, and tells nobody who has gone", async () => {
    for (const step of ["open", "pull"] as const) {
      const failing = growing();
      const stream = pulled({ ...failing.source, [step]: () => Promise.reject(new Error("away")) });
      await expect(stream.next()).rejects.toThrow("away");
      expect(failing.calls.close).toBe(1);

      const held = gate();
      const left = growing();
      const gone = pulled({ ...left.source, [step]: () => held.passed.then(() => Promise.reject(new Error("away"))) });
      const next = gone.next();
      await gone.return?.();
      held.open();
      expect(await next).toStrictEqual({ done: true, value: undefined });
      expect(left.calls.close).toBe(1);
    }
  });

  test.each(["next", "atHand"] as const)("holds nothing of what was read by %s while it waits for news", async (how) => {
    const held: WeakRef<object>[] = [];
    const items = () =>
      Array.from({ length: 5 }, () => {
        const item = {};
        held.push(new WeakRef(item));
        return item;
      });
    let signalled = (): void => undefined;
    let isRead = false;
    const stream = pulled<object>({
      open: (wake) => void (signalled = wake),
      pull: () => {
        const page = isRead ? [] : items();
        isRead = true;
        return { items: page, more: false };
      },
      current: (item) => item,
      close: () => undefined,
    });
    // It opens.
    const first = stream.next();
    await first;
    if (how === "next") for (let count = 1; count < 5; count++) await stream.next();
    else while (stream.atHand() !== undefined);
    const waiting = how === "next" ? stream.next() : undefined;
    await new Promise((resolve) => setImmediate(resolve));
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    // The first one is the value of a promise that is held here.
    expect(held.slice(1).filter((one) => one.deref() !== undefined)).toHaveLength(0);
    signalled();
    await stream.return?.();
    await waiting;
  });
});
