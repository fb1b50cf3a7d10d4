import { describe, expect, test } from "vitest";
import { decider as ban, type Command as BanCommand } from "../../../src/domain/ban.ts";
import { decider as group } from "../../../src/domain/group.ts";
import type { Event as GroupEvent } from "../../../src/domain/groupState.ts";
import { parseReportId, reportIdOf } from "../../../src/domain/ids.ts";
import { type Command, decider as report, type Event } from "../../../src/domain/report.ts";
import { given } from "../../support/given.ts";

const target = { conversationId: "g:readers", seq: 7, reporterId: "cay", rule: null, senderId: "bob" };
const reporting = (more: object = {}): Command => ({ type: "Report", ...target, reason: "rude", edit: null, ...more });
const wasReported = (more: object = {}): Event => ({
  type: "MessageReported",
  data: { ...target, reason: "rude", edit: null, ...more },
});
const deciding = (more: object = {}): Command => ({
  type: "Decide",
  action: "DISMISS",
  reason: null,
  decidedBy: "ann",
  silencedUntil: null,
  ...more,
});
const wasDecided = (more: object = {}): Event => ({
  type: "ReportDecided",
  data: { ...target, action: "DISMISS", reason: null, decidedBy: "ann", silencedUntil: null, ...more },
});

describe("a report", () => {
  test("is made once, whatever is said the second time", () => {
    given(report).when(reporting()).then(wasReported());
    given(report, wasReported())
      .when(reporting({ reason: "and again" }))
      .nothing();
    given(report)
      .when(reporting({ reporterId: null, rule: "links" }))
      .then(wasReported({ reporterId: null, rule: "links" }));
  });

  test("has a reason that can be seen and is not too long, and is not of one's own message", () => {
    for (const reason of ["", "  ", "\u200b", "a".repeat(1_025), "\ud800"])
      given(report).when(reporting({ reason })).refused("BAD_INPUT", { field: "reason" });
    given(report)
      .when(reporting({ reason: "\u{1f600}".repeat(1_024) }))
      .then(wasReported({ reason: "\u{1f600}".repeat(1_024) }));
    given(report)
      .when(reporting({ reporterId: "bob" }))
      .refused("BAD_INPUT", { field: "seq" });
  });

  test("is decided once; the same again is so already", () => {
    given(report).when(deciding()).refused("NOT_FOUND", { field: "id" });
    given(report, wasReported()).when(deciding()).then(wasDecided());
    given(report, wasReported(), wasDecided()).when(deciding()).nothing();
    given(report, wasReported(), wasDecided())
      .when(deciding({ decidedBy: "dan" }))
      .nothing();
    for (const other of [{ action: "RECALL" }, { reason: "no harm" }])
      given(report, wasReported(), wasDecided()).when(deciding(other)).refused("CONFLICT", { field: "id" });
  });

  test("has an id that names it", () => {
    for (const by of [
      { reporterId: "cay", rule: null },
      { reporterId: "auth0=7C123", rule: null },
      { reporterId: null, rule: "links.1" },
    ] as const)
      for (const conversation of ["g:readers", "c:news", "d:ann~bob"])
        expect(parseReportId(reportIdOf(conversation, 7, by))).toEqual({ conversation, seq: 7, ...by });
    for (const id of ["r:g:readers:7", "r:g:readers:0~cay", "r:x:7~cay", "g:readers:7~cay", "r:g:readers:7~@", "r:d:bob~ann:7~c"])
      expect(parseReportId(id)).toBeUndefined();
  });
});

describe("what is decided about a member", () => {
  const groupId = "g:readers";
  const profile = { avatarUrl: null, description: null, announcement: null, category: null, tags: [] };
  const past: GroupEvent[] = [
    {
      type: "GroupCreated",
      data: { groupId, ownerId: "ann", title: "Readers", ...profile, joinPolicy: "OPEN", public: false, historyVisible: true },
    },
    ...["bob", "cay", "dan"].map((userId): GroupEvent => ({ type: "MemberJoined", data: { groupId, userId } })),
    ...["cay", "dan"].map((userId): GroupEvent => ({ type: "RoleChanged", data: { groupId, userId, role: "ADMIN" } })),
  ];
  const [early, until] = ["2030-01-01T00:00:00.000Z", "2030-01-02T00:00:00.000Z"];
  const silence = (userId: string, by: string, isOfServer = false) =>
    ({ type: "Moderate", action: "SILENCE", by, isOfServer, userId, until }) as const;
  const remove = (userId: string, by: string, isOfServer = false) =>
    ({ type: "Moderate", action: "REMOVE", by, isOfServer, userId }) as const;
  const silenced = (userId: string, at = until): GroupEvent => ({ type: "MemberSilenced", data: { groupId, userId, until: at } });
  const removed = (userId: string): GroupEvent => ({ type: "MemberRemoved", data: { groupId, userId } });

  test("follows the roles of the group", () => {
    for (const by of ["ann", "cay"]) {
      given(group, ...past)
        .when(silence("bob", by))
        .then(silenced("bob"));
      given(group, ...past)
        .when(remove("bob", by))
        .then(removed("bob"));
    }
    given(group, ...past)
      .when(remove("cay", "ann"))
      .then(removed("cay"));
    for (const moderate of [silence, remove]) {
      given(group, ...past)
        .when(moderate("dan", "cay"))
        .refused("FORBIDDEN", { field: "action" });
      given(group, ...past)
        .when(moderate("ann", "cay"))
        .refused("FORBIDDEN", { field: "action" });
      given(group, ...past)
        .when(moderate("cay", "bob"))
        .refused("FORBIDDEN", { field: "conversationId" });
      given(group, ...past)
        .when(moderate("bob", "eve"))
        .refused("FORBIDDEN", { field: "conversationId" });
    }
  });

  test("may be done by whoever has the scope admin, who is not of the group, to all but its owner", () => {
    given(group, ...past)
      .when(silence("cay", "root", true))
      .then(silenced("cay"));
    given(group, ...past)
      .when(remove("cay", "root", true))
      .then(removed("cay"));
    given(group, ...past)
      .when(remove("ann", "root", true))
      .refused("CONFLICT", { field: "action" });
  });

  test("is impossible where the sender has left, and no silence becomes shorter", () => {
    const gone: GroupEvent[] = [...past, { type: "MemberLeft", data: { groupId, userId: "bob" } }];
    for (const moderate of [silence, remove])
      given(group, ...gone)
        .when(moderate("bob", "ann"))
        .refused("CONFLICT", { field: "action" });
    given(group, ...past, silenced("bob", "2031-01-01T00:00:00.000Z"))
      .when(silence("bob", "ann"))
      .nothing();
    given(group, ...past, silenced("bob", early))
      .when(silence("bob", "ann"))
      .then(silenced("bob"));
  });
});

describe("a ban", () => {
  const banning = (more: Partial<BanCommand> = {}): BanCommand => ({
    type: "Ban",
    userId: "bob",
    by: "root",
    reason: "spam",
    ...more,
  });
  const banned = { type: "UserBanned", data: { userId: "bob", bannedBy: "root", reason: "spam" } } as const;
  const unbanned = { type: "UserUnbanned", data: { userId: "bob", unbannedBy: "root", reason: null } } as const;

  test("holds until it is ended", () => {
    given(ban).when(banning()).then(banned);
    given(ban, banned)
      .when(banning({ reason: "more spam" }))
      .nothing();
    given(ban, banned)
      .when(banning({ type: "Unban", reason: null }))
      .then(unbanned);
    given(ban, banned, unbanned).when(banning()).then(banned);
    given(ban)
      .when(banning({ type: "Unban" }))
      .nothing();
  });

  test("is of somebody else, and has a reason that is not too long", () => {
    given(ban)
      .when(banning({ by: "bob" }))
      .refused("BAD_INPUT", { field: "userId" });
    given(ban)
      .when(banning({ reason: "a".repeat(1_025) }))
      .refused("BAD_INPUT", { field: "reason" });
  });
});
