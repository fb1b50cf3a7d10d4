import { describe, expect, it, vi } from "vitest";
import { createPublisher } from "../../src/client/watched.ts";

function publisher() {
  const report = vi.fn();
  let flush: (() => void) | undefined;
  const made = createPublisher((later) => {
    flush = later;
  }, report);
  return {
    ...made,
    report,
    flush: () => {
      const now = flush;
      flush = undefined;
      now?.();
    },
  };
}

describe("a watched value", () => {
  it("gives the same object until it changes, and tells its listeners once for many changes", () => {
    const { value, flush } = publisher();
    const watched = value<readonly number[]>([1]);
    const told = vi.fn();
    watched.subscribe(told);
    expect(watched.get()).toBe(watched.get());
    watched.set([2]);
    watched.set([3]);
    expect(watched.get()).toEqual([3]);
    expect(told).not.toHaveBeenCalled();
    flush();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("tells nobody who has ended it, and the same function once for each subscription", () => {
    const { value, flush } = publisher();
    const watched = value(1);
    const told = vi.fn();
    const end = watched.subscribe(told);
    watched.subscribe(told);
    end();
    end();
    watched.set(2);
    flush();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("tells nobody whom another listener has ended", () => {
    const { value, flush } = publisher();
    const watched = value(1);
    const told = vi.fn();
    watched.subscribe(() => end());
    const end = watched.subscribe(told);
    watched.set(2);
    flush();
    expect(told).not.toHaveBeenCalled();
  });

  it("tells the others where one listener throws", () => {
    const { value, flush, report } = publisher();
    const watched = value(1);
    const told = vi.fn();
    watched.subscribe(() => {
      throw new Error("a fault of the page");
    });
    watched.subscribe(told);
    watched.set(2);
    flush();
    expect(told).toHaveBeenCalledTimes(1);
    expect(report).toHaveBeenCalledWith(new Error("a fault of the page"));
  });

  it("is made of others when somebody asks, and once", () => {
    const { derived } = publisher();
    const make = vi.fn(() => ({}));
    const watched = derived(make);
    expect(make).not.toHaveBeenCalled();
    expect(watched.get()).toBe(watched.get());
    const before = watched.get();
    watched.invalidate();
    expect(watched.get()).not.toBe(before);
    expect(make).toHaveBeenCalledTimes(2);
  });

  it("may give again what it gave before", () => {
    const { derived } = publisher();
    const watched = derived<number[]>((before) => before ?? []);
    const before = watched.get();
    watched.invalidate();
    expect(watched.get()).toBe(before);
  });
});
