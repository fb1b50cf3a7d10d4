import { describe, expect, it, vi } from "vitest";
import { clientError } from "../../src/client/errors.ts";
import { createOutbox, type Outgoing } from "../../src/client/outbox.ts";
import { until } from "../support/until.ts";

const message = (id: string, conversationId = "d:a~b"): Outgoing => ({
  type: "outgoing",
  id,
  conversationId,
  content: { text: id },
  createdAt: 0,
  state: "waiting",
  order: id,
  tried: false,
});

type Call = { id: string; answer: (cursor?: string) => void; fail: (error: Error) => void };

function world({ hasCome = () => false }: { hasCome?: (cursor: string) => boolean } = {}) {
  const calls: Call[] = [];
  const kept = new Map<string, Outgoing>();
  const ask = vi.fn(
    (_: string, { input }: { input: { clientMutationId: string } }) =>
      new Promise((resolve, reject) => {
        const answer = (cursor = "c1"): void => resolve({ sendMessage: { cursor, message: {} } });
        calls.push({ id: input.clientMutationId, answer, fail: reject });
      }),
  );
  const told: [string, Outgoing | undefined][] = [];
  const outbox = createOutbox({
    ask: ask as never,
    keep: async (id, one) => void (one ? kept.set(id, one) : kept.delete(id)),
    tell: (id, one) => void told.push([id, one]),
    changed: () => undefined,
    hasCome,
    random: () => 0,
  });
  const called = (count: number): Promise<unknown> => until(`${count} calls`, () => calls.length === count);
  return { outbox, calls, kept, told, called };
}

const states = (outbox: { items: readonly Outgoing[] }): string[] => outbox.items.map(({ id, state }) => `${id} ${state}`);

describe("the outbox", () => {
  it("sends those of one conversation one after the other, and others beside them", async () => {
    const { outbox, calls, called } = world();
    outbox.lead();
    for (const id of ["1", "2"]) outbox.add(message(id));
    outbox.add(message("3", "d:a~c"));
    await called(2);
    expect(calls.map(({ id }) => id)).toEqual(["1", "3"]);
    calls[0]?.answer();
    await called(3);
    expect(calls[2]?.id).toBe("2");
    expect(states(outbox)).toEqual(["1 sent", "2 waiting", "3 waiting"]);
    outbox.close();
  });

  it("sends nothing before it leads", async () => {
    const { outbox, calls, called } = world();
    outbox.add(message("1"));
    await Promise.resolve();
    expect(calls).toEqual([]);
    outbox.lead();
    await called(1);
    outbox.close();
  });

  it("sends the same message again after a lost answer, and nothing after it before", async () => {
    const { outbox, calls, called } = world();
    outbox.lead();
    for (const id of ["1", "2"]) outbox.add(message(id));
    await called(1);
    calls[0]?.fail(clientError("NETWORK", "lost"));
    await until("it is tried again", () => calls.length === 2);
    expect(calls.map(({ id }) => id)).toEqual(["1", "1"]);
    calls[1]?.answer();
    await called(3);
    expect(calls[2]?.id).toBe("2");
    outbox.close();
  });

  it("shows a refused one as failed, goes on with the next, and sends it again after those when asked to", async () => {
    const { outbox, calls, called, kept } = world();
    outbox.lead();
    for (const id of ["1", "2"]) outbox.add(message(id));
    await called(1);
    calls[0]?.fail(clientError("FORBIDDEN", "silenced", { field: "conversationId" }));
    await called(2);
    expect(outbox.items[0]).toMatchObject({
      state: "failed",
      error: { code: "FORBIDDEN", message: "silenced", field: "conversationId" },
    });
    expect(kept.get("1")?.state).toBe("failed");
    calls[1]?.answer();
    outbox.retry("1", "9");
    await called(3);
    expect(calls[2]?.id).toBe("1");
    expect(states(outbox)).toEqual(["2 sent", "1 waiting"]);
    outbox.close();
  });

  it("forgets a failed one, and one that was never on its way, and no other", async () => {
    const { outbox, calls, called, kept } = world();
    outbox.lead();
    for (const id of ["1", "2", "3"]) outbox.add(message(id));
    await called(1);
    expect(outbox.discard("1")).toBe(false);
    expect(outbox.discard("3")).toBe(true);
    calls[0]?.fail(clientError("BAD_INPUT", "too long"));
    await called(2);
    expect(outbox.discard("1")).toBe(true);
    expect([...kept.keys()]).toEqual(["2"]);
    outbox.close();
  });

  it("shows a message as sent until it comes itself, whichever is first", async () => {
    const { outbox, calls, called, kept } = world();
    outbox.lead();
    for (const id of ["1", "2"]) outbox.add(message(id));
    await called(1);
    calls[0]?.answer();
    await called(2);
    expect(states(outbox)).toEqual(["1 sent", "2 waiting"]);
    outbox.confirmed("1");
    outbox.confirmed("2");
    calls[1]?.answer();
    await until("nothing is kept", () => kept.size === 0);
    expect(outbox.items).toEqual([]);
    // Another tab says so late.
    outbox.told("2", message("2"));
    expect(outbox.items).toEqual([]);
    outbox.close();
  });

  it("waits as long as it is told to, also where an earlier message comes meanwhile", async () => {
    const { outbox, calls, called } = world();
    outbox.lead();
    for (const id of ["1", "2"]) outbox.add(message(id));
    await called(1);
    calls[0]?.answer();
    await called(2);
    calls[1]?.fail(clientError("RATE_LIMITED", "too much", { retryAfterMs: 60_000 }));
    await new Promise((resolve) => setImmediate(resolve));
    outbox.confirmed("1");
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toHaveLength(2);
    // There is a connection again.
    outbox.pump();
    await called(3);
    outbox.close();
  });

  it("does not send what came while it was being kept: another tab had sent it", async () => {
    const { outbox, calls } = world();
    outbox.add(message("1"));
    outbox.lead();
    expect(outbox.items[0]?.tried).toBe(true);
    outbox.confirmed("1");
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([]);
    outbox.close();
  });

  it("shows nothing that was stored before all was fetched anew", async () => {
    const { outbox, calls, called, kept } = world({ hasCome: (cursor) => cursor <= "c5" });
    outbox.lead();
    outbox.add(message("1"));
    await called(1);
    calls[0]?.answer("c4");
    await until("it is gone", () => outbox.items.length === 0);
    outbox.add(message("2"));
    await called(2);
    calls[1]?.answer("c6");
    await until("it is sent", () => outbox.items[0]?.state === "sent");
    outbox.fetched("c5");
    expect(states(outbox)).toEqual(["2 sent"]);
    outbox.fetched("c6");
    expect(outbox.items).toEqual([]);
    expect(kept.size).toBe(0);
    outbox.close();
  });

  it("gives up on a fault of the server itself after a few tries", async () => {
    const { outbox, calls } = world();
    outbox.lead();
    outbox.add(message("1"));
    for (let index = 0; index < 5; index++) {
      await until("it is tried", () => calls.length === index + 1);
      calls[index]?.fail(clientError("INTERNAL", "a fault"));
      // Nothing waits for its time.
      await Promise.resolve();
      await until("it waits or failed", () => {
        outbox.pump();
        return calls.length > index + 1 || outbox.items[0]?.state === "failed";
      });
    }
    expect(states(outbox)).toEqual(["1 failed"]);
    outbox.close();
  });

  it("puts a new message after all others, also where the clock went back", async () => {
    const { outbox, calls, called } = world();
    const write = (id: string, now: number): void => outbox.add({ ...message(id), order: outbox.nextOrder(now) });
    write("1", 5_000);
    write("2", 5_000);
    write("3", 10);
    expect(outbox.items.map(({ id }) => id)).toEqual(["1", "2", "3"]);
    outbox.lead();
    await called(1);
    expect(calls[0]?.id).toBe("1");
    outbox.close();
  });

  it("sends what was kept before what was written while that was being read", async () => {
    const { outbox, kept } = world();
    outbox.add({ ...message("new"), order: outbox.nextOrder(10) });
    const old = { ...message("old"), order: createOutbox({} as never).nextOrder(5_000) };
    outbox.kept([old]);
    expect(outbox.items.map(({ id }) => id)).toEqual(["old", "new"]);
    await until("that is kept", () => (kept.get("new")?.order ?? "") > old.order);
    outbox.close();
  });

  it("takes from another tab what is new or to be sent again, and says what became of the rest", async () => {
    const { outbox, calls, called, told, kept } = world();
    outbox.lead();
    outbox.asked("1", message("1"));
    await called(1);
    // The other tab missed that it is on its way.
    outbox.asked("1", message("1"));
    expect(outbox.discard("1")).toBe(false);
    expect(told.at(-1)).toEqual(["1", expect.objectContaining({ tried: true })]);
    calls[0]?.fail(clientError("FORBIDDEN", "silenced"));
    await until("it failed", () => outbox.items[0]?.state === "failed");
    outbox.asked("1", { ...message("1"), order: "2" });
    await called(2);
    calls[1]?.fail(clientError("FORBIDDEN", "silenced"));
    await until("it failed", () => outbox.items[0]?.state === "failed");
    outbox.asked("1", undefined);
    expect(outbox.items).toEqual([]);
    // It missed that it was discarded.
    outbox.asked("1", message("1"));
    expect(outbox.items).toEqual([]);
    expect(told.at(-1)).toEqual(["1", undefined]);
    await until("nothing is kept", () => kept.size === 0);
    expect(calls).toHaveLength(2);
    outbox.close();
  });

  it("tells the leading tab what that lacks", () => {
    const { outbox, told } = world();
    outbox.told("1", message("1"));
    outbox.told("2", message("2"));
    outbox.allTold([{ ...message("1"), state: "failed" }]);
    expect(states(outbox)).toEqual(["1 failed", "2 waiting"]);
    expect(told).toEqual([["2", message("2")]]);
  });
});
