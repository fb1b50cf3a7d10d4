import { describe, expect, it, vi } from "vitest";
import type { Connection } from "../../src/client/connection.ts";
import type { Told } from "../../src/client/tabs.ts";
import { createWatches } from "../../src/client/watches.ts";

function world() {
  const told: Told[] = [];
  const gone = new Map<string, () => void>();
  const report = vi.fn();
  const watches = createWatches({
    tab: () => "this",
    post: (one) => void told.push(one),
    whenGone: (tab, then) => void gone.set(tab, then),
    report,
  });
  const running = new Set<(data: unknown) => void>();
  const connection = {
    watch: (_document: string, _variables: unknown, sink: (data: unknown) => void) => {
      running.add(sink);
      return () => void running.delete(sink);
    },
  } as unknown as Connection;
  const deliver = (data: unknown): void => {
    for (const sink of [...running]) sink(data);
  };
  return { watches, told, gone, report, running, connection, deliver };
}

const watch = (from: string): Extract<Told, { type: "watch" }> => ({
  type: "watch",
  from,
  key: "{} subscription",
  document: "subscription",
  variables: {},
});

describe("subscriptions of several tabs", () => {
  it("run once, and end with the last tab that watches, also where it crashed", () => {
    const { watches, told, gone, running, connection, deliver } = world();
    watches.lead(connection);
    const end = watches.watch("subscription", {}, () => undefined);
    watches.took(watch("other"));
    watches.took(watch("third"));
    expect(running.size).toBe(1);
    deliver(1);
    expect(told.at(-1)).toMatchObject({ type: "watched", data: 1 });
    end();
    expect(running.size).toBe(1);
    watches.took({ type: "unwatch", from: "third", key: watch("third").key });
    expect(running.size).toBe(1);
    gone.get("other")?.();
    expect(running.size).toBe(0);
    expect([...gone.keys()]).toEqual(["other", "third"]);
  });

  it("reach all who watch where one of them throws", () => {
    const { watches, report, connection, deliver } = world();
    const sink = vi.fn();
    watches.lead(connection);
    watches.watch("subscription", {}, () => {
      throw new Error("a fault of the page");
    });
    watches.watch("subscription", {}, sink);
    deliver(1);
    expect(sink).toHaveBeenCalledExactlyOnceWith(1);
    expect(report).toHaveBeenCalledExactlyOnceWith(new Error("a fault of the page"));
  });

  it("go on where another tab leads after this one did", () => {
    const { watches, told, running, connection } = world();
    const sink = vi.fn();
    watches.lead(connection);
    watches.watch("subscription", {}, sink);
    watches.took(watch("other"));
    watches.follow();
    expect(running.size).toBe(0);
    watches.led();
    expect(told.at(-1)).toMatchObject({ type: "watch", from: "this" });
    watches.took({ type: "watched", key: watch("this").key, data: 2 });
    expect(sink).toHaveBeenCalledExactlyOnceWith(2);
  });
});
