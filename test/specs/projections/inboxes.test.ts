import { describe, test } from "vitest";
import { inboxes } from "../../../projections/inboxes.ts";
import { put, putEach } from "../../../src/projecting/projection.ts";
import {
  edited,
  fanoutLimitSet,
  GROUP,
  groupCreated,
  imported,
  joined,
  left,
  membersImported,
  preferencesChanged,
  readUpTo,
  recalled,
  roleChanged,
  sent,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const received = (seq: number) => ({ kind: "received", conversation: GROUP, seq, at: AT });
const changed = (seq: number, change: string, open = false) => ({
  kind: "changed",
  conversation: GROUP,
  seq,
  change,
  open,
  at: AT,
});
const membership = (user: string, change: string, actor = user) => ({
  kind: "membership",
  conversation: GROUP,
  user,
  actor,
  change,
  at: AT,
});
const group = (memberCount: number, more: object = {}) => ({
  memberCount,
  historyVisible: false,
  public: false,
  wide: false,
  ...more,
});
const three = [groupCreated("ann"), joined("bob"), joined("cat")];

describe("a message", () => {
  test("is told to every member, its sender too, and moves the sender's mark", () =>
    given(inboxes, ...three)
      .when(sent("bob"))
      .then(
        put("heads", GROUP, "", 1),
        put("marks", "bob", GROUP, 1),
        put("changes", GROUP, position(4), { ...received(1), fanned: true }),
        putEach("entries", ["ann", "bob", "cat"], position(4), received(1)),
      ));

  test("between two is told to both, before either did anything", () => {
    const entry = { ...received(1), conversation: "d:ann~bob" };
    return given(inboxes)
      .when(sent("ann", { conversationId: "d:ann~bob" }))
      .then(
        put("heads", "d:ann~bob", "", 1),
        put("marks", "ann", "d:ann~bob", 1),
        put("changes", "d:ann~bob", position(1), { ...entry, fanned: true }),
        putEach("entries", ["ann", "bob"], position(1), entry),
      );
  });

  test("of an archive is told to nobody", () =>
    given(inboxes, groupCreated("ann", { imported: true }), membersImported("bob"))
      .when(imported("bob"))
      .then(put("heads", GROUP, "", 1)));

  test("that changes is told to those in whose stays it is", async () => {
    const history = [groupCreated("ann"), joined("bob"), sent("ann"), joined("cat")];
    await given(inboxes, ...history)
      .when(edited("ann", 1, "other"))
      .then(
        put("changes", GROUP, position(5), { ...changed(1, "EDITED"), fanned: true }),
        putEach("entries", ["ann", "bob"], position(5), changed(1, "EDITED")),
      );
    const open = [groupCreated("ann", { historyVisible: true }), ...history.slice(1)];
    await given(inboxes, ...open)
      .when(recalled("ann", 1))
      .then(
        put("changes", GROUP, position(5), { ...changed(1, "RECALLED", true), fanned: true }),
        putEach("entries", ["ann", "bob", "cat"], position(5), changed(1, "RECALLED", true)),
      );
  });
});

describe("above the fan-out limit", () => {
  const wide = [fanoutLimitSet(2), ...three];

  test("what happens is told by the conversation, which its members find among their wide ones", async () => {
    await given(inboxes, ...wide).holds("conversations", GROUP, { "": group(3, { wide: true }) });
    await given(inboxes, ...wide).holds("wide", "bob", { [GROUP]: { from: position(3), fromSeq: 1 } });
    await given(inboxes, ...wide)
      .when(sent("bob"))
      .then(
        put("heads", GROUP, "", 1),
        put("marks", "bob", GROUP, 1),
        put("changes", GROUP, position(5), { ...received(1), fanned: false }),
        put("newest", GROUP, "", position(5)),
      );
  });

  test("who leaves finds it among those that they left", async () => {
    const stay = { from: position(4), fromSeq: 1, to: position(5), toSeq: 0 };
    await given(inboxes, ...wide, left("cat")).holds("wide", "cat", {});
    await given(inboxes, ...wide, left("cat")).holds("wideLeft", "cat", {
      [`${position(5)}~${GROUP}`]: { conversation: GROUP, stay },
    });
  });

  test("the newest limit before an event counts", () =>
    given(inboxes, fanoutLimitSet(2), groupCreated("ann"), fanoutLimitSet(100), joined("bob"), joined("cat")).holds(
      "conversations",
      GROUP,
      { "": group(3) },
    ));
});

describe("coming and going", () => {
  test("is told to the members and to whom it is about", async () => {
    await given(inboxes, groupCreated("ann"), joined("bob")).holds("entries", "bob", {
      [position(2)]: membership("bob", "JOINED"),
    });
    await given(inboxes, groupCreated("ann"), joined("bob"), left("bob")).holds("entries", "bob", {
      [position(2)]: membership("bob", "JOINED"),
      [position(3)]: membership("bob", "LEFT"),
    });
  });

  test("and roles are told to the members of now", () =>
    given(inboxes, ...three, left("cat"))
      .when(roleChanged("bob", "ADMIN", "ann"))
      .then(
        put("admins", GROUP, "bob", null),
        put("changes", GROUP, position(5), { ...membership("bob", "ROLE_CHANGED", "ann"), fanned: true }),
        putEach("entries", ["ann", "bob"], position(5), membership("bob", "ROLE_CHANGED", "ann")),
      ));
});

describe("a read mark", () => {
  test("is told to its user alone, no further than the head", () =>
    given(inboxes, ...three, sent("ann"))
      .when(readUpTo("bob", 9))
      .then(
        put("marks", "bob", GROUP, 1),
        put("entries", "bob", position(5), { kind: "read", conversation: GROUP, seq: 1, at: AT }),
      ));

  test("that does not move is told to nobody", () =>
    given(inboxes, ...three, sent("ann"), readUpTo("bob", 1))
      .when(readUpTo("bob", 1))
      .nothing());
});

test("what a user wants of a conversation is told to them alone", () =>
  given(inboxes, groupCreated("ann"), joined("bob"))
    .when(preferencesChanged("ann", { muted: true }))
    .then(put("entries", "ann", position(3), { kind: "conversation", conversation: GROUP, at: AT })));
