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

  it("asks again what is unread in all where a conversation that was not known has been read elsewhere", () => {
    const state = stateOf([conversation("g:2")], { nextPage: "more" });
    const entry = { __typename: "ReadMoved", cursor: "c000001", at: "", readSeq: 1 };
    state.apply({
      type: "entry",
      entry: { ...entry, conversation: counts({ lastSeq: 1, readSeq: 1 }) } as unknown as InboxEntry,
    });
    expect(state.takeWanted()).toMatchObject({ conversations: ["g:1"] });
    const read = conversation("g:1", { lastSeq: 1, readSeq: 1, unreadCount: 0 });
    state.apply({ type: "conversations", conversations: [read], gone: [], asOf: "c000001" });
    expect(state.takeWanted().total).toBe(true);
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

  it("lists the same after a restart, also where the last one that was loaded is the newest by then", () => {
    const active = (id: string, minute: number) => conversation(id, { lastActivityAt: `2026-01-01T00:0${minute}:00.000Z` });
    const state = stateOf([active("g:3", 3), active("g:2", 2), active("g:1", 1)], { nextPage: "more" });
    state.apply({
      type: "entry",
      entry: received(1, person("bob"), { lastActivityAt: "2026-01-01T00:09:00.000Z" }),
    });
    const ids = state.conversations.map(({ id }) => id);
    expect(ids).toEqual(["g:1", "g:3", "g:2"]);
    const again = stateOf([]);
    again.restore(structuredClone(state.snapshot()) as never);
    expect(again.conversations.map(({ id }) => id)).toEqual(ids);
  });

  it("knows what was asked for before all was fetched anew, and cannot be brought up to date", () => {
    const state = stateOf([conversation("g:1")]);
    const { moment } = state;
    state.apply({ type: "entry", entry: received(1) });
    expect(state.reaches(moment)).toBe(true);
    state.restore(state.snapshot() as never);
    expect(state.reaches(moment)).toBe(true);
    const snapshot = { ...(state.snapshot() as object), cursor: "c000009" };
    state.apply({ type: "start", start: snapshot as never });
    expect(state.reaches(moment)).toBe(false);
    expect(state.reaches(state.moment)).toBe(true);
    // Of another tab, which asked before this one had its state.
    const step = { type: "conversations", conversations: [], gone: [] } as const;
    expect(state.mayTake({ ...step, asOf: "c000008" })).toBe(false);
    expect(state.mayTake({ ...step, asOf: "c000009" })).toBe(true);
    // The answer to what was read before that.
    state.read("g:1", 1);
    const late = counts({ lastSeq: 0 });
    state.apply({ type: "settled", settled: { conversationId: "g:1", seq: 1, counts: late, cursor: "c000002" } });
    expect(state.conversation("g:1")?.lastSeq).toBe(1);
    expect(state.takeWanted().conversations).toEqual(["g:1"]);
  });

  it("reaches back over the newest thousand entries", () => {
    const state = stateOf([conversation("g:1")]);
    const moments = [];
    for (let index = 1; index <= 2_001; index++) {
      moments.push(state.moment);
      state.apply({ type: "entry", entry: received(index) });
    }
    expect(moments.map((moment) => state.reaches(moment)).indexOf(true)).toBe(1_001);
  });

  it("tells those who look of a page of the list, and lets go of messages that the viewer may see no more", () => {
    const told: string[] = [];
    const listener = {
      conversation: (id: string) => void told.push(id),
      cleared: (id: string) => void told.push(`${id} cleared`),
    };
    const state = stateOf([conversation("g:3")], { nextPage: "more", listener });
    for (const id of ["g:1", "g:2"]) state.open(id);
    const before = conversation("g:1", { membership: null, public: true });
    state.loaded(before, { messages: [messageFields(1, person("bob"))] as never, from: 1, to: 1 }, "c000000");
    told.length = 0;
    const now = conversation("g:1", { public: true });
    state.apply({ type: "page", conversations: [now, conversation("g:2")], nextPage: null, asOf: "c000000" });
    expect(told).toEqual(["g:1", "g:1 cleared", "g:2"]);
    expect(state.timeline("g:1").has(1)).toBe(false);
  });

  it("asks for people again where the viewer's role changed meanwhile, and does nothing else again", () => {
    const cleared: string[] = [];
    const state = stateOf([conversation("g:1")], { listener: { cleared: (id) => cleared.push(id) } });
    state.open("g:1");
    const changed = (cursor: string, joinedSeq: number) => ({
      ...{ __typename: "MembershipChanged", cursor, at: "", user: person("me"), actor: person("bob") },
      conversation: conversation("g:1", { membership: { role: "ADMIN", joinedSeq } as never }),
    });
    state.apply({ type: "entry", entry: changed("c000001", 1) as never });
    state.apply({ type: "entry", entry: changed("c000002", 2) as never });
    cleared.length = 0;
    const people = { ...state.people, loaded: true };
    state.apply({ type: "people", people, asOf: "c000000" });
    expect(cleared).toEqual([]);
    expect(state.takeWanted().people).toBe(true);
    state.apply({ type: "people", people, asOf: "c000002" });
    expect(state.takeWanted().people).toBe(false);
  });

  it("tells where it becomes another user's, and has what that one has read", () => {
    let others = 0;
    const mine = stateOf([conversation("g:1", { lastSeq: 3, unreadCount: 3 })], { listener: { another: () => others++ } });
    const theirs = stateOf([conversation("g:1", { lastSeq: 3, unreadCount: 3 })]);
    theirs.read("g:1", 2);
    mine.restore({ ...(theirs.snapshot() as object), me: person("other") } as never);
    expect(others).toBe(1);
    expect(mine.reading).toEqual([["g:1", 2]]);
    mine.restore(mine.snapshot() as never);
    expect(others).toBe(1);
  });

  it("keeps no messages of a conversation that nobody looks at", () => {
    const state = stateOf([conversation("g:1")]);
    state.timeline("g:1").merge({ messages: [messageFields(1, person("bob"))] as never, from: 1, to: 1 });
    expect(state.timeline("g:1").has(1)).toBe(false);
  });
});
