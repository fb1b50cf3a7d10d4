import { describe, test } from "vitest";
import { folds } from "../../../projections/folds.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { relations } from "../../../projections/relations.ts";
import { del, put, seqKey } from "../../../src/projecting/projection.ts";
import {
  added,
  admitted,
  CHANNEL,
  channelCreated,
  dissolved,
  edited,
  expired,
  fanoutLimitSet,
  followed,
  invited,
  left,
  removed,
  roleChanged,
  sent,
  unfollowed,
} from "../../support/happened.ts";
import { AT, given, idOf, position } from "../../support/projected.ts";

const stay = (number: number, fromSeq: number, more: object = {}) => ({ from: position(number), fromSeq, ...more });
const over = (number: number, fromSeq: number, to: number, toSeq: number) => stay(number, fromSeq, { to: position(to), toSeq });
const post = (by: string) => sent(by, { conversationId: CHANNEL });
const channel = (memberCount: number) => ({ memberCount, public: false, historyVisible: true });
const row = (number: number, standing: string, more: object = {}) => ({
  role: "MEMBER",
  joinedAt: AT,
  joinedSeq: 0,
  stay: stay(number, 1),
  standing,
  ...more,
});

describe("who is in a channel", () => {
  const created = channelCreated("ann");

  test("are its staff, each with a role, and its followers in a list of their own", async () => {
    const history = [created, added("bob", "ann", CHANNEL), followed("cat"), followed("dan")];
    await given(relations, ...history).holds("members", CHANNEL, {
      ann: row(1, "STAFF", { role: "OWNER" }),
      bob: row(2, "STAFF"),
      cat: row(3, "FOLLOWER"),
      dan: row(4, "FOLLOWER"),
    });
    await given(relations, ...history).holds("membersByJoin", `${CHANNEL}~OWNER`, { [`${position(1)}~ann`]: "ann" });
    await given(relations, ...history).holds("membersByJoin", `${CHANNEL}~MEMBER`, { [`${position(2)}~bob`]: "bob" });
    await given(relations, ...history).holds("membersByJoin", `${CHANNEL}~FOLLOWER`, {
      [`${position(3)}~cat`]: "cat",
      [`${position(4)}~dan`]: "dan",
    });
    await given(relations, ...history).holds("groups", CHANNEL, { "": channel(4) });
  });

  test("follow it by writing rows of their own, and the count", () =>
    given(relations, created, followed("bob"), post("ann"))
      .when(followed("cat"))
      .then(
        put("members", CHANNEL, "cat", row(4, "FOLLOWER", { joinedSeq: 1, stay: stay(4, 2) })),
        put("membersByJoin", `${CHANNEL}~FOLLOWER`, `${position(4)}~cat`, "cat"),
        put("groups", CHANNEL, "", channel(3)),
        put("conversations", "cat", CHANNEL, { joinPosition: position(4), joinedAt: AT, joinedSeq: 1 }),
        put("sights", "cat", CHANNEL, stay(4, 2)),
      ));

  test("are counted once, whatever they are", async () => {
    const both = [created, followed("bob"), added("bob", "ann", CHANNEL)];
    await given(relations, ...both).holds("groups", CHANNEL, { "": channel(2) });
    await given(relations, ...both).holds("members", CHANNEL, {
      ann: row(1, "STAFF", { role: "OWNER" }),
      bob: row(2, "BOTH"),
    });
    await given(relations, ...both).holds("membersByJoin", `${CHANNEL}~FOLLOWER`, {});
    await given(relations, ...both, unfollowed("bob")).holds("groups", CHANNEL, { "": channel(2) });
    await given(relations, ...both, removed("bob", "ann", CHANNEL)).holds("membersByJoin", `${CHANNEL}~FOLLOWER`, {
      [`${position(2)}~bob`]: "bob",
    });
    await given(relations, ...both, unfollowed("bob"), removed("bob", "ann", CHANNEL)).holds("groups", CHANNEL, {
      "": channel(1),
    });
  });

  test("lose their role with their place in the staff", () =>
    given(
      relations,
      created,
      followed("bob"),
      added("bob", "ann", CHANNEL),
      roleChanged("bob", "ADMIN", "ann", CHANNEL),
      removed("bob", "ann", CHANNEL),
    ).holds("members", CHANNEL, { ann: row(1, "STAFF", { role: "OWNER" }), bob: row(2, "FOLLOWER") }));

  test("keep what they saw, and how many there were, when they go", async () => {
    const history = [created, followed("bob"), post("ann"), unfollowed("bob"), post("ann"), followed("bob")];
    const gone = history.slice(0, 4);
    await given(relations, ...gone).holds("members", CHANNEL, {
      ann: row(1, "STAFF", { role: "OWNER" }),
      bob: { role: "MEMBER", joinedAt: AT, joinedSeq: 0, stay: over(2, 1, 4, 1), leftCount: 1 },
    });
    await given(relations, ...gone).holds("conversations", "bob", {});
    await given(relations, ...gone).holds("membersByJoin", `${CHANNEL}~FOLLOWER`, {});
    await given(relations, ...history).holds("ranges", `${CHANNEL}~bob`, { [seqKey(1)]: 1 });
    await given(relations, ...history).holds("groups", CHANNEL, { "": channel(2) });
  });

  test("are let in by the staff as by themselves", async () => {
    const history = [created, admitted("bob", "ann")];
    await given(relations, ...history).holds("members", CHANNEL, {
      ann: row(1, "STAFF", { role: "OWNER" }),
      bob: row(2, "FOLLOWER"),
    });
    await given(relations, ...history, followed("bob")).holds("groups", CHANNEL, { "": channel(2) });
    await given(relations, ...history, unfollowed("bob")).holds("groups", CHANNEL, { "": channel(1) });
  });

  test("are nobody once it is dissolved, without a row for each", async () => {
    const gone = { ...channel(0), dissolved: { position: position(4), seq: 1 } };
    const history = [created, followed("bob"), post("ann")];
    await given(relations, ...history, dissolved("ann", CHANNEL)).holds("groups", CHANNEL, { "": gone });
    await given(relations, ...history, dissolved("ann", CHANNEL)).holds("staffOf", "ann", {});
    for (const late of [followed("cat"), unfollowed("bob"), admitted("cat", "ann")])
      await given(relations, ...history, dissolved("ann", CHANNEL))
        .when(late)
        .nothing();
    await given(inboxes, ...history, dissolved("ann", CHANNEL))
      .when(followed("cat"))
      .nothing();
  });

  test("are found by whose staff they are", async () => {
    await given(relations, created, added("bob", "ann", CHANNEL), followed("cat")).holds("staffOf", "bob", { [CHANNEL]: null });
    await given(relations, created, added("bob", "ann", CHANNEL), left("bob", CHANNEL)).holds("staffOf", "bob", {});
    await given(relations, created, followed("cat")).holds("staffOf", "cat", {});
  });
});

describe("what a channel tells", () => {
  const entry = (seq: number) => ({ kind: "received", conversation: CHANNEL, seq, at: AT });
  const membership = (user: string, change: string, actor = user) => ({
    kind: "membership",
    conversation: CHANNEL,
    user,
    actor,
    change,
    at: AT,
  });

  test.each([0, 100, 10_000_000])("is one row a post, however many may be fanned out to (%i)", (limit) =>
    given(inboxes, fanoutLimitSet(limit), channelCreated("ann"), followed("bob"), followed("cat"))
      .when(post("ann"))
      .then(
        put("heads", CHANNEL, "", 1),
        put("marks", "ann", CHANNEL, 1),
        put("changes", CHANNEL, position(5), { ...entry(1), fanned: false }),
        put("newest", CHANNEL, "", position(5)),
      ),
  );

  test("of a changed post too", () =>
    given(inboxes, channelCreated("ann"), post("ann"), followed("bob"))
      .when(edited("ann", 1, "other", CHANNEL))
      .then(
        put("changes", CHANNEL, position(4), {
          kind: "changed",
          conversation: CHANNEL,
          seq: 1,
          change: "EDITED",
          open: true,
          at: AT,
          fanned: false,
        }),
        put("newest", CHANNEL, "", position(4)),
      ));

  test("is told to nobody once it is dissolved, also where a post expires later", async () => {
    const history = [channelCreated("ann"), followed("bob"), post("ann"), dissolved("ann", CHANNEL)];
    const change = { kind: "changed", conversation: CHANNEL, seq: 1, change: "EXPIRED", open: false, at: AT };
    await given(inboxes, ...history)
      .when(expired(1, CHANNEL))
      .then(put("changes", CHANNEL, position(5), { ...change, fanned: true }));
  });

  test("of its end is one entry for a follower who was asked to be of its staff", async () => {
    const history = [channelCreated("ann"), followed("bob"), invited("bob", "ann", 1, CHANNEL), dissolved("ann", CHANNEL)];
    await given(inboxes, ...history).holds("entries", "bob", {
      [position(2)]: membership("bob", "JOINED"),
      [position(3)]: { kind: "joinRequest", group: CHANNEL, user: "bob", number: 1, at: AT },
    });
    await given(inboxes, ...history).holds("pending", CHANNEL, {});
  });

  test("of a follower is told to that one alone", async () => {
    await given(inboxes, channelCreated("ann"), followed("bob"))
      .when(followed("cat"))
      .then(
        put("stays", CHANNEL, "cat", stay(3, 1, { standing: "FOLLOWER" })),
        put("wide", "cat", CHANNEL, stay(3, 1, { standing: "FOLLOWER" })),
        put("entries", "cat", position(3), membership("cat", "JOINED")),
      );
    await given(inboxes, channelCreated("ann"), followed("bob"), followed("cat"))
      .when(unfollowed("cat"))
      .then(
        put("stays", CHANNEL, "cat", over(3, 1, 4, 0)),
        del("wide", "cat", CHANNEL),
        put("wideLeft", "cat", `${position(4)}~${CHANNEL}`, { conversation: CHANNEL, stay: over(3, 1, 4, 0) }),
        put("entries", "cat", position(4), membership("cat", "LEFT")),
      );
  });

  test("of a follower who was let in names who did it", () =>
    given(inboxes, channelCreated("ann"), admitted("bob", "ann")).holds("entries", "bob", {
      [position(2)]: membership("bob", "JOINED", "ann"),
    }));

  test("of a follower who was sent away names who did it", () =>
    given(inboxes, channelCreated("ann"), followed("bob"), unfollowed("bob", "ann")).holds("entries", "bob", {
      [position(2)]: membership("bob", "JOINED"),
      [position(3)]: membership("bob", "REMOVED", "ann"),
    }));

  test("of its staff is told to all", () =>
    given(inboxes, channelCreated("ann"), followed("bob"), added("cat", "ann", CHANNEL), left("cat", CHANNEL)).holds(
      "changes",
      CHANNEL,
      {
        [position(1)]: { ...membership("ann", "JOINED"), fanned: false },
        [position(3)]: { ...membership("cat", "JOINED", "ann"), fanned: false },
        [position(4)]: { ...membership("cat", "LEFT"), fanned: false },
      },
    ));

  test("is not told again to those who are in it as something else", async () => {
    const both = [channelCreated("ann"), followed("bob"), added("bob", "ann", CHANNEL)];
    await given(inboxes, ...both)
      .when(unfollowed("bob"))
      .then(
        put("stays", CHANNEL, "bob", stay(2, 1, { standing: "STAFF" })),
        put("wide", "bob", CHANNEL, stay(2, 1, { standing: "STAFF" })),
      );
    await given(inboxes, ...both, unfollowed("bob"), left("bob", CHANNEL)).holds("wide", "bob", {});
  });
});

test("a follow is one small state", () => {
  const follow = followed("bob");
  return given(folds)
    .when(follow)
    .then(
      put("states", follow.stream, "", { state: { follows: true }, revision: 0, position: position(1) }),
      put("ids", follow.stream, idOf(1), 0),
    );
});
