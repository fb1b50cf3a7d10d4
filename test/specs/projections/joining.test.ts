import { describe, test } from "vitest";
import { folds } from "../../../projections/folds.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { joining } from "../../../projections/joining.ts";
import { relations } from "../../../projections/relations.ts";
import { streams } from "../../../src/domain/ids.ts";
import { del, put, putEach, seqKey } from "../../../src/projecting/projection.ts";
import {
  added,
  dissolved,
  GROUP,
  groupCreated,
  inviteCreated,
  inviteRevoked,
  invited,
  inviteUsed,
  joinAccepted,
  joinDeclined,
  joined,
  joinRequested,
  joinWithdrawn,
  left,
  roleChanged,
  sent,
  silenced,
  transferred,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const INVITE = "i:0123456789abcdefghijklmnop";
const request = (number: number, more: object = {}) => ({
  group: GROUP,
  user: "eve",
  number,
  invitedBy: null,
  note: null,
  status: "PENDING",
  requestedAt: AT,
  decidedAt: null,
  decidedBy: null,
  ...more,
});
const listed = (number = 1) => ({ group: GROUP, user: "eve", number });

describe("a request to join", () => {
  const asked = [groupCreated("ann"), joinRequested("eve")];
  const made = { madeAt: position(2), position: position(2) };

  test("is listed for who asks, and for those who decide", async () => {
    await given(joining, groupCreated("ann"))
      .when(joinRequested("eve"))
      .then(
        put("requests", `${GROUP}~eve`, seqKey(1), request(1, made)),
        put("pending", GROUP, "eve", 1),
        put("counts", GROUP, "", { PENDING: 1, newest: { PENDING: position(2) } }),
        put("requestLists", "eve~OUTGOING~PENDING", position(2), listed()),
        put("requestLists", `${GROUP}~INCOMING~PENDING`, position(2), listed()),
      );
  });

  test("moves to the list of its outcome, where it was made", async () => {
    for (const [decision, status] of [
      [joinAccepted("eve", "ann"), "ACCEPTED"],
      [joinDeclined("eve", "ann"), "DECLINED"],
      [joinWithdrawn("eve", "ann"), "WITHDRAWN"],
    ] as const) {
      const history = [...asked, decision];
      const now = { ...made, status, decidedAt: AT, decidedBy: "ann", position: position(3) };
      await given(joining, ...history).holds("requests", `${GROUP}~eve`, { [seqKey(1)]: request(1, now) });
      await given(joining, ...history).holds("pending", GROUP, {});
      await given(joining, ...history).holds("requestLists", `${GROUP}~INCOMING~PENDING`, {});
      await given(joining, ...history).holds("requestLists", `eve~OUTGOING~${status}`, { [position(2)]: listed() });
      const newest = { PENDING: position(2), [status]: position(2) };
      await given(joining, ...history).holds("counts", GROUP, { "": { PENDING: 0, [status]: 1, newest } });
    }
  });

  test("of a member who asks somebody in is listed for the two", async () => {
    const history = [groupCreated("ann"), invited("eve", "ann")];
    await given(joining, ...history).holds("requestLists", "ann~OUTGOING~PENDING", { [position(2)]: listed() });
    await given(joining, ...history).holds("requestLists", "eve~INCOMING~PENDING", { [position(2)]: listed() });
    await given(joining, ...history).holds("requestLists", `${GROUP}~INCOMING~PENDING`, {});
  });

  test("is told to who asks, and to owner and administrators of now", async () => {
    const entry = { kind: "joinRequest", group: GROUP, user: "eve", number: 1, at: AT };
    const staff = [groupCreated("ann"), joined("bob"), joined("cat"), roleChanged("bob", "ADMIN", "ann")];
    await given(inboxes, ...staff)
      .when(joinRequested("eve"))
      .then(
        put("pending", GROUP, "eve", { number: 1, invitedBy: null }),
        putEach("entries", ["eve", "ann", "bob"], position(5), entry),
      );
    await given(inboxes, ...staff, joinRequested("eve"), roleChanged("bob", "MEMBER", "ann"), transferred("ann", "cat"))
      .when(joinDeclined("eve", "cat"))
      .then(del("pending", GROUP, "eve"), putEach("entries", ["eve", "ann", "cat"], position(8), entry));
    await given(inboxes, ...staff, left("bob"))
      .when(invited("eve", "cat"))
      .then(
        put("pending", GROUP, "eve", { number: 1, invitedBy: "cat" }),
        putEach("entries", ["eve", "cat"], position(6), entry),
      );
  });
});

describe("an invitation", () => {
  const invite = (more: object = {}) => ({
    group: GROUP,
    createdBy: "ann",
    madeAt: position(2),
    expiresAt: null,
    usesLeft: null,
    revoked: false,
    ...more,
  });

  test("counts its uses, and is listed as long as somebody can use it", async () => {
    const history = [groupCreated("ann"), inviteCreated(INVITE, "ann", { uses: 2 }), inviteUsed(INVITE, "bob")];
    await given(joining, ...history).holds("invites", INVITE, { "": invite({ usesLeft: 1 }) });
    await given(joining, ...history).holds("groupInvites", GROUP, { [position(2)]: INVITE });
    await given(joining, ...history, inviteUsed(INVITE, "cat")).holds("groupInvites", GROUP, {});
    await given(joining, ...history, inviteRevoked(INVITE, "ann")).holds("groupInvites", GROUP, {});
    await given(joining, ...history, inviteRevoked(INVITE, "ann")).holds("invites", INVITE, {
      "": invite({ usesLeft: 1, revoked: true }),
    });
  });

  test("that is over leaves the list when the next one is made", async () => {
    const other = "i:abcdefghijklmnop0123456789";
    await given(joining, groupCreated("ann"), inviteCreated(INVITE, "ann", { expiresAt: AT }), inviteCreated(other, "ann")).holds(
      "groupInvites",
      GROUP,
      { [position(3)]: other },
    );
  });
});

describe("a group that is dissolved", () => {
  const history = [
    groupCreated("ann", { public: true }),
    added("bob", "ann"),
    sent("ann"),
    joinRequested("eve"),
    inviteCreated(INVITE, "ann"),
    dissolved("ann"),
  ];

  test("ends what waits", async () => {
    await given(joining, ...history).holds("requestLists", "eve~OUTGOING~DECLINED", { [position(4)]: listed() });
    await given(joining, ...history).holds("pending", GROUP, {});
    await given(joining, ...history).holds("groupInvites", GROUP, {});
    const newest = { PENDING: position(4), DECLINED: position(4) };
    await given(joining, ...history).holds("counts", GROUP, { "": { PENDING: 0, DECLINED: 1, newest } });
  });

  test("ends what waits of each kind, in the same rows whatever came in one page", async () => {
    const both = [groupCreated("ann"), joinRequested("eve"), invited("dan", "ann"), dissolved("ann")];
    const newest = { PENDING: position(3), WITHDRAWN: position(3), DECLINED: position(2) };
    await given(joining, ...both).holds("counts", GROUP, { "": { PENDING: 0, WITHDRAWN: 1, DECLINED: 1, newest } });
  });

  test("ends everyone's stay at its place", async () => {
    const stay = (from: number) => ({ from: position(from), fromSeq: 1, to: position(6), toSeq: 1 });
    await given(relations, ...history).holds("sights", "bob", { [GROUP]: stay(2) });
    await given(relations, ...history).holds("conversations", "bob", {});
    await given(relations, ...history).holds("decides", "ann", {});
    await given(relations, ...history).holds("publicGroups", "", {});
    await given(relations, ...history).holds("membersByJoin", `${GROUP}~MEMBER`, {});
    await given(relations, ...history).holds("groups", GROUP, {
      "": { memberCount: 0, public: false, historyVisible: false, dissolved: { position: position(6), seq: 1 } },
    });
  });

  test("is told to its members, and to those who asked to become some", async () => {
    const membership = { kind: "membership", conversation: GROUP, user: "ann", actor: "ann", change: "DISSOLVED", at: AT };
    await given(inboxes, ...history).holds("entries", "bob", {
      [position(2)]: { ...membership, user: "bob", change: "JOINED" },
      [position(3)]: { kind: "received", conversation: GROUP, seq: 1, at: AT },
      [position(6)]: membership,
    });
    const entry = { kind: "joinRequest", group: GROUP, user: "eve", number: 1, at: AT };
    await given(inboxes, ...history).holds("entries", "eve", { [position(4)]: entry, [position(6)]: entry });
    await given(inboxes, ...history).holds("present", GROUP, {});
  });
});

test("a silence stays in the member's row when they leave and come back, until it is ended", async () => {
  const until = "2999-01-01T00:00:00.000Z";
  const history = [groupCreated("ann"), joined("bob"), silenced("bob", until, "ann"), left("bob"), joined("bob")];
  const row = {
    role: "MEMBER",
    joinedAt: AT,
    joinedSeq: 0,
    stay: { from: position(5), fromSeq: 1, earlier: `${GROUP}~bob` },
    silencedUntil: until,
  };
  const { silencedUntil: _, ...speaking } = row;
  const owner = { role: "OWNER", joinedAt: AT, joinedSeq: 0, stay: { from: position(1), fromSeq: 1 } };
  await given(relations, ...history).holds("members", GROUP, { ann: owner, bob: row });
  await given(relations, ...history, silenced("bob", null, "ann")).holds("members", GROUP, { ann: owner, bob: speaking });
});

test("a group's state in rows: what an event names is all that it writes", async () => {
  const stream = streams.group(GROUP);
  const history = [
    groupCreated("ann"),
    joinRequested("eve"),
    inviteCreated(INVITE, "ann", { uses: 2 }),
    silenced("ann", null, "ann"),
  ];
  await given(folds, ...history).holds("requests", stream, { eve: { number: 1, status: "PENDING", invitedBy: null } });
  await given(folds, ...history, inviteUsed(INVITE, "eve")).holds("invites", stream, {
    [INVITE]: { expiresAt: null, usesLeft: 1, revoked: false },
  });
  await given(folds, ...history, dissolved("ann")).holds("members", stream, { ann: "OWNER" });
});
