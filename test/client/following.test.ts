import { describe, expect, it } from "vitest";
import { follow, onChange, onFailed } from "../../src/client/following.ts";
import type { Client, ConversationHandle, MessageItem, MessagesState, OutgoingMessage } from "../../src/client/types.ts";
import { createPublisher } from "../../src/client/watched.ts";

/** Listeners are told at once. */
const publisher = createPublisher((flush) => flush(), console.error);

const message = (seq: number) => ({ type: "message", seq }) as MessageItem;

describe("who follows a conversation", () => {
  it("is told of each message once, in order, and of none that comes after a gap", () => {
    const messages = publisher.value({ items: [] as readonly MessageItem[] } as MessagesState);
    const show = (...items: MessageItem[]): void => messages.set({ ...messages.get(), items });
    const told: number[][] = [];
    const end = follow({ messages } as unknown as ConversationHandle, (some) => void told.push(some.map(({ seq }) => seq)));
    expect(told).toEqual([]);
    const gap: MessageItem = { type: "gap", from: 6, to: 7 };
    show(message(4), message(5), gap, message(8));
    expect(told).toEqual([[4, 5]]);
    show(message(4), message(5), message(6), message(7), message(8));
    show(message(2), message(3), message(4), message(5), message(6), message(7), message(8), message(9), {
      type: "outgoing",
    } as MessageItem);
    show(message(8), message(9));
    expect(told).toEqual([[4, 5], [6, 7, 8], [2, 3], [9]]);
    end();
    show(message(10));
    expect(told).toHaveLength(4);
  });
});

describe("who listens to what fails", () => {
  it("is told of each message once, and again where it was sent again in vain", () => {
    const one = (id: string, state: OutgoingMessage["state"]) => ({ id, state }) as OutgoingMessage;
    const outbox = publisher.value<readonly OutgoingMessage[]>([one("1", "failed"), one("2", "waiting")]);
    const told: string[] = [];
    const end = onFailed({ outbox } as unknown as Client, ({ id }) => void told.push(id));
    outbox.set([one("1", "failed"), one("2", "failed")]);
    outbox.set([one("1", "waiting"), one("2", "failed")]);
    outbox.set([one("1", "failed")]);
    expect(told).toEqual(["1", "2", "1"]);
    end();
    outbox.set([one("3", "failed")]);
    expect(told).toHaveLength(3);
  });
});

describe("who listens to several values", () => {
  it("is told of a change of any, until it ends that", () => {
    const values = [publisher.value(1), publisher.value(2)];
    let told = 0;
    const end = onChange(values, () => told++);
    for (const value of values) value.set(3);
    expect(told).toBe(2);
    end();
    for (const value of values) value.set(4);
    expect(told).toBe(2);
  });
});
