import { describe, test } from "vitest";
import { relations } from "../../../projections/relations.ts";
import { del, put, seqKey } from "../../../src/projecting/projection.ts";
import {
  added,
  GROUP,
  groupChanged,
  groupCreated,
  joined,
  left,
  membersImported,
  removed,
  roleChanged,
  sent,
  transferred,
} from "../../support/happened.ts";
import { AT, given, position } from "../../support/projected.ts";

const group = (memberCount: number, more: object = {}) => ({ memberCount, public: false, historyVisible: false, ...more });
const stay = (number: number, fromSeq: number, more: object = {}) => ({ from: position(number), fromSeq, ...more });
const member = (number: number, role: string, joinedSeq = 0, more: object = {}) => ({
  role,
  joinedAt: AT,
  joinedSeq,
  stay: stay(number, joinedSeq + 1),
  ...more,
});

describe("a group", () => {
  test("begins with its owner", () =>
    given(relations)
      .when(groupCreated("ann"))
      .then(
        put("groups", GROUP, "", group(1)),
        put("members", GROUP, "ann", member(1, "OWNER")),
        put("membersByJoin", `${GROUP}~OWNER`, `${position(1)}~ann`, "ann"),
        put("conversations", "ann", GROUP, { joinPosition: position(1), joinedAt: AT, joinedSeq: 0 }),
        put("sights", "ann", GROUP, stay(1, 1)),
        put("decides", "ann", GROUP, null),
      ));

  test("that is public is listed for everyone", async () => {
    await given(relations, groupCreated("ann", { public: true })).holds("publicGroups", "", { [GROUP]: null });
    await given(relations, groupCreated("ann")).holds("publicGroups", "", {});
  });

  test("whose history is opened or closed costs one row, however many are in it", () =>
    given(relations, groupCreated("ann"), joined("bob"), joined("cat"))
      .when(groupChanged({ historyVisible: true, title: "Books" }, "ann"))
      .then(put("groups", GROUP, "", group(3, { historyVisible: true }))));

  test("is listed for everyone as long as it is public", async () => {
    const opened = [groupCreated("ann"), groupChanged({ public: true }, "ann")];
    await given(relations, ...opened).holds("publicGroups", "", { [GROUP]: null });
    await given(relations, ...opened)
      .when(groupChanged({ public: false }, "ann"))
      .then(put("groups", GROUP, "", group(1)), del("publicGroups", "", GROUP));
  });

  test("counts who is in it now", () =>
    given(
      relations,
      groupCreated("ann"),
      joined("bob"),
      added("cat", "ann"),
      left("bob"),
      removed("cat", "ann"),
      joined("bob"),
    ).holds("groups", GROUP, { "": group(2) }));

  test("of an archive takes in many at once", () =>
    given(relations, groupCreated("ann", { imported: true }), membersImported("bob", "cat")).holds(
      "membersByJoin",
      `${GROUP}~MEMBER`,
      {
        [`${position(2)}~bob`]: "bob",
        [`${position(2)}~cat`]: "cat",
      },
    ));

  test("that was never created has no members", () =>
    given(relations)
      .when(joined("bob"))
      .fails(/was never created/));
});

describe("a member", () => {
  test("knows which message was the newest on joining", () =>
    given(relations, groupCreated("ann"), sent("ann"), sent("ann"), joined("bob")).holds("conversations", "bob", {
      [GROUP]: { joinPosition: position(4), joinedAt: AT, joinedSeq: 2 },
    }));

  test("who leaves is one no longer, and keeps what they saw and how many there were", async () => {
    const history = [groupCreated("ann"), joined("bob"), sent("ann"), left("bob")];
    const over = stay(2, 1, { to: position(4), toSeq: 1 });
    await given(relations, ...history).holds("conversations", "bob", {});
    await given(relations, ...history).holds("membersByJoin", `${GROUP}~MEMBER`, {});
    await given(relations, ...history).holds("sights", "bob", { [GROUP]: over });
    await given(relations, ...history).holds("members", GROUP, {
      ann: member(1, "OWNER"),
      bob: member(2, "MEMBER", 0, { stay: over, leftCount: 1 }),
    });
  });

  test("who comes back has a stay beside the one before", async () => {
    const history = [groupCreated("ann"), joined("bob"), sent("ann"), left("bob"), sent("ann"), joined("bob")];
    await given(relations, ...history).holds("ranges", `${GROUP}~bob`, { [seqKey(1)]: 1 });
    await given(relations, ...history).holds("spans", `${GROUP}~bob`, { [position(2)]: position(4) });
    await given(relations, ...history).holds("sights", "bob", {
      [GROUP]: stay(6, 3, { earlier: `${GROUP}~bob` }),
    });
  });

  test("with another role is listed among those who have it, as of when they joined", async () => {
    const history = [groupCreated("ann"), joined("bob"), roleChanged("bob", "ADMIN", "ann")];
    await given(relations, ...history).holds("membersByJoin", `${GROUP}~ADMIN`, { [`${position(2)}~bob`]: "bob" });
    await given(relations, ...history).holds("membersByJoin", `${GROUP}~MEMBER`, {});
    await given(relations, ...history, transferred("ann", "bob")).holds("members", GROUP, {
      ann: member(1, "ADMIN"),
      bob: member(2, "OWNER"),
    });
  });

  test("who never was one neither leaves nor gets a role", async () => {
    await given(relations, groupCreated("ann"))
      .when(left("bob"))
      .fails(/was never a member/);
    await given(relations, groupCreated("ann"))
      .when(roleChanged("bob", "ADMIN", "ann"))
      .fails(/was never a member/);
  });
});

test("a direct conversation is both members' from its first message on", async () => {
  const direct = { conversationId: "d:ann~bob" };
  const begun = { joinPosition: position(1), joinedAt: AT, joinedSeq: 0 };
  for (const user of ["ann", "bob"])
    await given(relations, sent("bob", direct)).holds("conversations", user, { "d:ann~bob": begun });
  await given(relations, sent("bob", direct)).when(sent("ann", direct)).nothing();
});
