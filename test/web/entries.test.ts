import { describe, expect, it } from "vitest";
import type { Gap, Message, OutgoingMessage } from "../../src/client/types.ts";
import { createEntries } from "../../src/web/messages/entries.ts";
import { mentionsIn } from "../../src/web/messages/mentions.ts";

const MINUTE_MS = 60_000;

/** Of ann and bob in turn, three each, a minute apart. */
const message = (seq: number): Message =>
  ({
    type: "message",
    seq,
    clientMutationId: String(seq),
    sentAt: new Date(Date.UTC(2026, 0, 1, 12) + seq * MINUTE_MS).toISOString(),
    sender: { id: Math.floor(seq / 3) % 2 === 0 ? "ann" : "bob" },
  }) as Message;
const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

describe("entries", () => {
  it("stay the same objects when older ones come above them, and when nothing changes", () => {
    const entriesOf = createEntries("ann");
    const newer = messages(31, 60);
    const before = entriesOf(newer, undefined, false);
    const after = entriesOf([...messages(1, 30), ...newer], undefined, true);
    expect(before).toHaveLength(29);
    expect(after).toHaveLength(60);
    expect(after.slice(-29).every((entry, index) => entry === before[index])).toBe(true);
  });

  it("keep the key of what one sends when it has come; several of one call have one each", () => {
    const entriesOf = createEntries("ann");
    const keys = (...items: (Message | OutgoingMessage)[]) => entriesOf(items, undefined, true).map(({ key }) => key);
    const sent = { type: "outgoing", id: "1", createdAt: Date.UTC(2026, 0, 1, 12) } as OutgoingMessage;
    const [before] = keys(sent);
    const after = keys(message(1), { ...message(2), clientMutationId: "2" }, { ...message(6), clientMutationId: "2" });
    expect(after[0]).toBe(before);
    expect(new Set(after).size).toBe(3);
  });

  it("begin runs and days", () => {
    const entries = createEntries("ann")(messages(3, 9), undefined, true);
    expect(entries.map(({ isFirst }) => isFirst)).toEqual([true, false, false, true, false, false, true]);
    expect(entries.map(({ begins }) => begins !== undefined)).toEqual([true, ...Array<boolean>(6).fill(false)]);
  });

  it("have the unread line where all from there on is loaded, above the first message of another", () => {
    const unread = (items: (Message | Gap)[], readTo: number | undefined, isFromStart: boolean): (number | undefined)[] =>
      createEntries("ann")(items, readTo, isFromStart).flatMap(({ isFirstUnread, item }) =>
        isFirstUnread && item.type === "message" ? [item.seq] : [],
      );
    expect(unread(messages(1, 20), 5, true)).toEqual([9]);
    expect(unread(messages(1, 20), 9, true)).toEqual([10]);
    expect(unread(messages(1, 20), undefined, true)).toEqual([]);
    // What is before the first one is not known.
    expect(unread(messages(8, 20), 5, false)).toEqual([]);
    expect(unread(messages(5, 20), 5, false)).toEqual([9]);
    expect(unread([...messages(1, 4), { type: "gap", from: 5, to: 12 }, ...messages(13, 20)], 5, true)).toEqual([]);
  });
});

describe("mentions", () => {
  it("are of the longest name that stands there, each once, also behind a Chinese character", () => {
    const known = new Map([
      ["Ann", "1"],
      ["Ann Lee", "2"],
      ["李雷", "3"],
    ]);
    expect(mentionsIn("@Ann Lee and @Ann and @Ann", known)).toEqual(["2", "1"]);
    expect(mentionsIn("你好@李雷，在吗？@李雷你好", known)).toEqual(["3"]);
    expect(mentionsIn("@Anna", known)).toEqual([]);
    expect(mentionsIn("ann@example.org, @Anybody", new Map([["Bob", "4"]]))).toEqual([]);
  });
});
