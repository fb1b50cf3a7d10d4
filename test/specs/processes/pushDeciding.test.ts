import { describe, expect, test } from "vitest";
import type { MessageRow } from "../../../projections/timelines.ts";
import type { PushRow } from "../../../src/ports/pushOutbox.ts";
import type { PushContent } from "../../../src/ports/pushService.ts";
import { cut, decidePush, type PushFacts } from "../../../src/processes/push/deciding.ts";

const NOW = Date.UTC(2024, 0, 2, 12);
const HOUR_MS = 3_600_000;

const row = (more: Partial<PushRow> = {}): PushRow => ({
  user: "bob",
  conversation: "d:ann~bob",
  device: "phone",
  lane: 0,
  first: 1,
  seq: 3,
  mentionSeq: 0,
  since: NOW,
  shown: 0,
  clear: false,
  tries: 0,
  ...more,
});

const message = (seq: number, more: Partial<MessageRow> = {}): MessageRow => ({
  senderId: "ann",
  clientMutationId: String(seq),
  kind: "TEXT",
  topic: null,
  text: `text ${seq}`,
  attachments: [],
  replyTo: null,
  mentions: [],
  mentionsAll: false,
  seq,
  position: `p${seq}`,
  sentAt: new Date(NOW - 1_000).toISOString(),
  editedAt: null,
  recalledAt: null,
  ...more,
});

const facts = (more: Partial<PushFacts> = {}): PushFacts => ({
  membership: { joinedSeq: 0 },
  preferences: undefined,
  unread: { readSeq: 0, unreadCount: 3 },
  messages: [message(1), message(2), message(3)],
  friendships: new Map(),
  names: new Map([["ann", "Ann"]]),
  title: undefined,
  isOnline: false,
  isShutOut: false,
  ...more,
});

/** What a device is told, given these rows. */
const given = (of: Partial<PushFacts>, at: Partial<PushRow> = {}) => ({
  when: (content: PushContent = "full", now = NOW) =>
    decidePush(row(at), facts(of), { content, maxAgeMs: HOUR_MS, graceMs: 5_000 }, now),
});
const DROP = { what: "drop" };
const told = (seq: number) => ({ what: "push", notice: { seq } });
const gone = { text: null, recalledAt: new Date(NOW).toISOString() };

describe("a device is told", () => {
  test("the newest of many messages, and how many there are", () => {
    expect(given({}).when()).toEqual({
      what: "push",
      notice: { title: "Ann", body: "text 3", unread: 3, mention: false, conversationId: "d:ann~bob", seq: 3 },
    });
  });

  test("the newest that is there still", () => {
    expect(given({ messages: [message(1), message(2), message(3, gone)] }).when()).toMatchObject(told(2));
    expect(given({ messages: [message(2), message(3, { expired: true })] }).when()).toMatchObject(told(2));
    const expiring = message(3, { expiresAt: new Date(NOW).toISOString() });
    expect(given({ messages: [message(2), expiring] }).when()).toMatchObject(told(2));
  });

  test("in a group, who wrote and where", () => {
    const group = { conversation: "g:crew" };
    expect(given({ title: "Crew" }, group).when()).toMatchObject({ notice: { title: "Crew", body: "Ann: text 3" } });
    const friendships = new Map([["ann", { aliases: { bob: "Sis" }, blocks: {} }]]);
    expect(given({ title: "Crew", friendships }, group).when()).toMatchObject({ notice: { body: "Sis: text 3" } });
  });

  test("of a muted conversation what names the user, or everyone", () => {
    const preferences = { muted: true };
    expect(given({ preferences }).when()).toEqual(DROP);
    const messages = [message(1), message(2, { mentions: ["bob"] }), message(3)];
    expect(given({ preferences, messages }).when()).toMatchObject({ notice: { seq: 2, mention: true } });
    expect(given({ preferences, messages: [message(3, { mentionsAll: true })] }).when()).toMatchObject(told(3));
  });

  test("no more than the settings allow", () => {
    expect(given({}).when("sender")).toMatchObject({ notice: { title: "Ann", body: "" } });
    expect(given({ title: "Crew" }, { conversation: "g:crew" }).when("sender")).toMatchObject({
      notice: { title: "Crew", body: "Ann" },
    });
    expect(given({}).when("none")).toEqual({ what: "push", notice: { title: "💬", body: "", unread: 3, mention: false } });
  });

  test("what else than text there is, as a sign", () => {
    const attachments = [{ name: "sea.png" }] as unknown as MessageRow["attachments"];
    const picture = message(3, { kind: "IMAGE", text: null, attachments });
    expect(given({ messages: [picture] }).when()).toMatchObject({ notice: { body: "📷 sea.png" } });
    expect(given({ messages: [{ ...picture, text: "look" }] }).when()).toMatchObject({ notice: { body: "📷 look" } });
  });

  test("after a grace, if the user is connected", () => {
    expect(given({ isOnline: true }).when()).toEqual({ what: "wait", until: NOW + 5_000 });
    expect(given({ isOnline: true }).when("full", NOW + 5_000)).toMatchObject(told(3));
  });
});

describe("a device is not told", () => {
  test.each<[string, Partial<PushFacts>, Partial<PushRow>?]>([
    ["what was read elsewhere", { unread: { readSeq: 3, unreadCount: 0 } }],
    ["what is below the mark", { unread: { readSeq: 3, unreadCount: 1 } }],
    ["anything once the user is no member", { membership: undefined }],
    ["anything once the user is deactivated or banned", { isShutOut: true }],
    ["what is from before they joined", { membership: { joinedSeq: 3 } }],
    ["of messages that are recalled", { messages: [message(3, gone)] }],
    ["of their own", { messages: [message(3, { senderId: "bob" })] }],
    ["what somebody wrote whom they have blocked", { friendships: new Map([["ann", { aliases: {}, blocks: { bob: "p" } }]]) }],
    ["what is too old", { messages: [message(3, { sentAt: new Date(NOW - HOUR_MS).toISOString() })] }],
    ["what it was told before", {}, { shown: 3 }],
  ])("%s", (_, of, at) => {
    expect(given(of, at).when()).toEqual(DROP);
  });

  test("of what the blocked wrote, and of what others wrote it is", () => {
    const friendships = new Map([["eve", { aliases: {}, blocks: { bob: "p" } }]]);
    expect(given({ friendships, messages: [message(2), message(3, { senderId: "eve" })] }).when()).toMatchObject(told(2));
    const blockedBy = new Map([["ann", { aliases: {}, blocks: { ann: "p" } }]]);
    expect(given({ friendships: blockedBy }).when()).toMatchObject(told(3));
  });
});

describe("a text is cut", () => {
  const family = "👨‍👩‍👧‍👦";
  test("between characters as people see them, and in bytes as they are sent", () => {
    expect(cut("hello", 5)).toBe("hello");
    expect(cut("hello!", 5)).toBe("he…");
    expect(cut(family.repeat(2), 30)).toBe(`${family}…`);
    expect(cut(family, 20)).toBe("…");
    // A quotation mark takes two bytes, and a control six.
    expect(cut('""""', 7)).toBe('""…');
  });

  test("so that a whole push is no larger than the services take", () => {
    const hard = "\u0001".repeat(8_000);
    const decision = given(
      { title: hard, names: new Map([["ann", hard]]), messages: [message(3, { text: hard })] },
      { conversation: "g:crew" },
    ).when();
    expect(decision.what).toBe("push");
    expect(Buffer.byteLength(JSON.stringify(decision))).toBeLessThan(3_700);
  });
});
