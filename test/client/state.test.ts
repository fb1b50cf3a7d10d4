import { describe, expect, it } from "vitest";
import type { InboxEntry } from "../../src/client/entries.ts";
import type { ConversationCountsFragment } from "../../src/client/operations.ts";
import { conversation, messageFields, person, received, stateOf } from "./support/facts.ts";

const counts = (more: Partial<ConversationCountsFragment>): ConversationCountsFragment => ({
  id: "g:1",
  lastSeq: 0,
  lastActivityAt: null,
  readSeq: 0,
  unreadCount: 0,
  unreadMentions: 0,
  unreadReplies: 0,
  ...more,
});

describe("the state", () => {
  it("takes no answer for newer than what came before it", () => {
    const state = stateOf([conversation("g:1")]);
    state.apply({ type: "entry", entry: received(1) });
    state.apply({ type: "read", conversationId: "g:1", seq: 1 });
    expect(state.unread.total).toBe(0);
    // Somebody writes before the answer to what was read arrives, which does not know of it.
    state.apply({ type: "entry", entry: received(2, person("bob"), { readSeq: 1, unreadCount: 1 }) });
    const answer = counts({ lastSeq: 1, readSeq: 1 });
    state.apply({ type: "settled", settled: { conversationId: "g:1", seq: 1, counts: answer, cursor: "c000001" } });
    expect(state.conversation("g:1")).toMatchObject({ lastSeq: 2, readSeq: 1, unreadCount: 1 });
    expect(state.unread.total).toBe(1);
  });

  it("keeps what was read and not said yet, also where all is fetched anew, and asks for what was refused", () => {
    let wanted = 0;
    const state = stateOf([conversation("g:1", { lastSeq: 3, unreadCount: 3 })], { listener: { wanted: () => wanted++ } });
    expect(state.read("g:1", 2)).toBe(true);
    expect(state.read("g:1", 2)).toBe(false);
    expect(state.unread.total).toBe(1);
    const [again] = [state.snapshot()];
    expect(again?.reading).toEqual([["g:1", 2]]);
    const start = { ...again, conversations: [conversation("g:1", { lastSeq: 4, unreadCount: 4 })] } as never;
    state.apply({ type: "start", start });
    expect(state.conversation("g:1")).toMatchObject({ readSeq: 2, unreadCount: 2 });
    const other = stateOf([]);
    other.restore(again as never);
    expect(other.conversation("g:1")).toMatchObject({ readSeq: 2, unreadCount: 1 });
    expect(other.reading).toEqual([["g:1", 2]]);
    state.apply({ type: "settled", settled: { conversationId: "g:1", seq: 2 } });
    expect(state.reading).toEqual([]);
    expect(state.takeWanted().conversations).toEqual(["g:1"]);
    expect(wanted).toBe(1);
  });

  it("knows after a restart what was to be fetched, also what was being fetched", () => {
    const state = stateOf([conversation("g:2")], { nextPage: "more" });
    state.apply({ type: "entry", entry: received(1) });
    const isWanted = { conversations: ["g:1"] };
    expect(state.snapshot()?.wanted).toMatchObject(isWanted);
    state.takeWanted();
    const snapshot = state.snapshot();
    expect(snapshot?.wanted).toMatchObject(isWanted);
    const other = stateOf([]);
    other.restore(snapshot as never);
    expect(other.takeWanted()).toMatchObject(isWanted);
    state.notFetched({ conversations: [], total: true, people: false });
    expect(state.snapshot()?.wanted).toEqual({ conversations: [], total: true, people: false });
    expect(state.isWantingOnlyTotal).toBe(true);
  });

  it("shows somebody else nothing of what was read", () => {
    const state = stateOf([conversation("g:1", { lastSeq: 3, unreadCount: 3 })]);
    state.read("g:1", 2);
    const start = { ...state.snapshot(), me: person("other"), conversations: [conversation("g:1", { lastSeq: 3 })] } as never;
    state.apply({ type: "start", start });
    expect(state.conversation("g:1")?.readSeq).toBe(0);
  });

  it("knows of a conversation that came back while it was not found", () => {
    const state = stateOf([conversation("g:1")]);
    const entry = { __typename: "MembershipChanged", cursor: "c000001", at: "", user: person("me"), actor: person("bob") };
    state.apply({ type: "entry", entry: { ...entry, conversation: conversation("g:1") } as unknown as InboxEntry });
    // Asked for before that.
    state.apply({ type: "conversations", conversations: [], gone: ["g:1"], asOf: "c000000" });
    expect(state.conversations.map(({ id }) => id)).toEqual(["g:1"]);
  });

  it("shows the new name also of somebody who was forgotten among very many", () => {
    const direct = conversation("d:bob~me", { title: "Bob", peer: person("bob", "Bob") as never });
    const state = stateOf([conversation("g:1"), direct]);
    for (let index = 1; index <= 10_001; index++) state.apply({ type: "entry", entry: received(index, person(`user${index}`)) });
    state.apply({ type: "entry", entry: received(10_002, person("bob", "Robert")) });
    expect(state.conversation("d:bob~me")).toMatchObject({ title: "Robert", peer: { name: "Robert" } });
  });

  it("keeps messages that are loaded where it goes on from what another tab has as of the same moment, and no others", () => {
    const cleared: string[] = [];
    const state = stateOf([conversation("g:1")], { listener: { cleared: (id) => cleared.push(id) } });
    state.open("g:1");
    const more = { messages: [messageFields(1, person("bob"))] as never, from: 1, to: 1 };
    state.loaded(conversation("g:1", { lastSeq: 1 }), more, "");
    const snapshot = state.snapshot();
    state.restore(snapshot as never);
    expect(state.timeline("g:1").has(1)).toBe(true);
    expect(cleared).toEqual([]);
    state.restore({ ...snapshot, cursor: "c000009" } as never);
    expect(state.timeline("g:1").has(1)).toBe(false);
    expect(cleared).toEqual(["g:1"]);
  });

  it("tells nobody of a conversation that was fetched and is as it was known, and of any other", () => {
    const told: string[] = [];
    const say = (what: string) => () => void told.push(what);
    const listener = { conversation: say("conversation"), conversations: say("list"), unread: say("unread") };
    const last = messageFields(2, person("bob"));
    const known = conversation("g:1", { lastSeq: 2, unreadCount: 2, lastMessage: last as never });
    const state = stateOf([known], { listener });
    state.open("g:1");
    state.read("g:1", 1);
    const before = state.conversation("g:1");
    told.length = 0;
    // The server does not know yet what was read.
    const fetched = () => structuredClone(known);
    state.loaded(fetched(), { messages: [last] as never, from: 1, to: 2 }, "c000000");
    state.apply({ type: "conversations", conversations: [fetched()], gone: [], asOf: "c000000" });
    expect(told).toEqual([]);
    expect(state.conversation("g:1")).toBe(before);
    expect(state.timeline("g:1").has(2)).toBe(true);
    state.loaded({ ...fetched(), memberCount: 9 }, { messages: [], from: 1, to: 0 }, "c000000");
    state.loaded({ ...fetched(), memberCount: 9, lastMessage: null }, { messages: [], from: 1, to: 0 }, "c000000");
    expect(told).toEqual(["conversation", "list", "unread", "conversation", "list", "unread"]);
  });

  it("keeps no messages of a conversation that nobody looks at", () => {
    const state = stateOf([conversation("g:1")]);
    state.timeline("g:1").merge({ messages: [messageFields(1, person("bob"))] as never, from: 1, to: 1 });
    expect(state.timeline("g:1").has(1)).toBe(false);
  });
});
