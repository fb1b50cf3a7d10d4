import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { localEphemeral } from "../../../src/adapters/signals/localEphemeral.ts";
import { createTyping, type Typing, typingTopic } from "../../../src/presence/typing.ts";

const HERE = "g:here";

let typing: Typing;
let told: string[];
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  told = [];
  const ephemeral = localEphemeral();
  void ephemeral.listen([typingTopic(HERE)], ({ user, typing: is }) => void told.push(`${String(user)} ${String(is)}`));
  typing = createTyping({ ephemeral, clock: Date.now });
});
afterEach(() => {
  typing.close();
  vi.useRealTimers();
});

describe("who types", () => {
  test("is told once, however often it is said, and ends by itself", async () => {
    for (let second = 0; second < 10; second++) {
      typing.set(HERE, "ann", true);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(told).toEqual(["ann true"]);
    expect(typing.in(HERE)).toEqual(["ann"]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(told).toEqual(["ann true", "ann false"]);
    expect(typing.in(HERE)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends when they say so", async () => {
    typing.set(HERE, "ann", true);
    await vi.advanceTimersByTimeAsync(1_000);
    typing.set(HERE, "ann", false);
    expect(told).toEqual(["ann true", "ann false"]);
    typing.set(HERE, "ann", false);
    typing.set(HERE, "bob", false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toHaveLength(2);
  });

  test("is told no more than once a second, and what is so in the end", async () => {
    for (let step = 0; step < 99; step++) {
      typing.set(HERE, "ann", step % 2 === 0);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(told.length).toBeLessThanOrEqual(10);
    typing.set(HERE, "ann", false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told.at(-1)).toBe("ann false");
    expect(told.filter((text, index) => text === told[index - 1])).toEqual([]);
  });

  test("whoever begins to listen hears the end of each whom they know to be typing", async () => {
    typing.set(HERE, "ann", true);
    await vi.advanceTimersByTimeAsync(1_000);
    typing.set(HERE, "ann", false);
    typing.set(HERE, "ann", true);
    // She types, and whoever listened before does not know it yet: she was told of a moment ago.
    expect([typing.in(HERE), typing.known(HERE)]).toEqual([["ann"], []]);
    typing.set(HERE, "ann", false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(["ann true", "ann false"]);
    typing.set(HERE, "ann", true);
    expect(typing.known(HERE)).toEqual(["ann"]);
    typing.set(HERE, "ann", false);
    expect(typing.known(HERE)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told.at(-1)).toBe("ann false");
  });

  test("is each one's, in each conversation: at most fifty are noticed, and twenty shown", async () => {
    typing.set("g:other", "bob", true);
    for (let index = 0; index < 60; index++) typing.set(HERE, `u${index}`, true);
    expect(told).toHaveLength(50);
    const shown = await typing.in(HERE);
    expect(shown).toHaveLength(20);
    expect(shown[0]).toBe("u49");
    expect(typing.in("g:other")).toEqual(["bob"]);
  });
});

test("who types at another server is known too, and is told of once", async () => {
  const noted: string[] = [];
  const shared = createTyping({
    ephemeral: localEphemeral(),
    elsewhere: {
      noteTyping: (conversation, user, ms) => void noted.push(`${conversation} ${user} ${ms}`),
      typingIn: async () => ["ann", "bob"],
    },
    clock: Date.now,
  });
  shared.set(HERE, "ann", true);
  shared.set(HERE, "ann", false);
  shared.set(HERE, "ann", true);
  expect(noted).toEqual([`${HERE} ann 8000`, `${HERE} ann 0`, `${HERE} ann 8000`]);
  expect(await shared.in(HERE)).toEqual(["ann", "bob"]);
  shared.close();
});
