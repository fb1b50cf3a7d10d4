import { describe, expect, test } from "vitest";
import { bans, banReads } from "../../../projections/bans.ts";
import { dueLists, listOf } from "../../../projections/dueLists.ts";
import { type ReportRow, reportReads, reports } from "../../../projections/reports.ts";
import { generationOf, type Projection, readerOf } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { record } from "../../support/everyView.ts";
import { banned, GROUP, type Happened, reportDecided, reported, unbanned } from "../../support/happened.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { AT, given, position } from "../../support/projected.ts";

const key = (seq: number, by = "cay") => `${seq.toString(36).padStart(8, "0")}~${by}`;
const row = (seq: number, at: number, more: Partial<ReportRow> = {}) => ({
  conversationId: GROUP,
  seq,
  reporterId: "cay",
  rule: null,
  senderId: "bob",
  reason: "rude",
  edit: null,
  at: AT,
  position: position(at),
  ...more,
});
const entry = (seq: number, by?: string) => ({ conversation: GROUP, key: key(seq, by) });
const decision = (at: number) => ({
  action: "DISMISS",
  reason: null,
  decidedBy: "ann",
  silencedUntil: null,
  at: AT,
  position: position(at),
});

/** What the rows of a past are read to be. */
async function reads<Reads>(
  projection: Projection,
  past: readonly Happened[],
  of: (reader: ReturnType<typeof readerOf>) => Reads,
) {
  const [log, store] = [memoryLog(), memoryViews()];
  await record(log, past);
  await createRunner({ log, store, projections: [projection] }).catchUp();
  return of(readerOf(store, generationOf(projection)));
}

describe("reports", () => {
  test("one that is open is in the list of its conversation, and in that of all", async () => {
    const rows = given(reports, reported("cay", 1), reported("", 2, { reporterId: null, rule: "links" }));
    const byRule = row(2, 2, { reporterId: null, rule: "links" });
    await rows.holds("reports", GROUP, { [key(1)]: row(1, 1), [key(2, "@links")]: byRule });
    const open = { [position(1)]: entry(1), [position(2)]: entry(2, "@links") };
    await rows.holds("open", GROUP, open);
    await rows.holds("allOpen", listOf(GROUP), open);
    await rows.holds("decided", GROUP, {});
  });

  test("one that was decided is in the other lists, where it was decided", async () => {
    const rows = given(reports, reported("cay", 1), reported("cay", 2), reportDecided("cay", 1, "ann"));
    await rows.holds("reports", GROUP, { [key(1)]: row(1, 1, { decision: decision(3) as never }), [key(2)]: row(2, 2) });
    await rows.holds("open", GROUP, { [position(2)]: entry(2) });
    await rows.holds("allOpen", listOf(GROUP), { [position(2)]: entry(2) });
    await rows.holds("decided", GROUP, { [position(3)]: entry(1) });
    await rows.holds("allDecided", listOf(GROUP), { [position(3)]: entry(1) });
  });

  test("one that was never made is not decided", () =>
    given(reports)
      .when(reportDecided("cay", 1, "ann"))
      .fails(/decided before it was made/));

  test("each row lies under its conversation", () => {
    for (const table of ["open", "allOpen", "decided", "allDecided"])
      expect(reports.conversationOf?.({ table, partition: "00", sort: "s", value: entry(1) })).toBe(GROUP);
    expect(reports.conversationOf?.({ table: "reports", partition: GROUP, sort: "s", value: row(1, 1) })).toBe(GROUP);
    expect(reports.conversationOf?.({ table: "open", partition: GROUP, sort: "s", value: null })).toBeUndefined();
  });

  test("those of all conversations are read in one order, page by page", async () => {
    const groups = Array.from({ length: 40 }, (_, index) => `g:group${index}`);
    expect(new Set(groups.map(listOf)).size).toBeGreaterThan(dueLists.length / 2);
    const past = groups.map((conversationId, index) => reported("cay", index + 1, { conversationId }));
    const done = groups.slice(0, 9).map((conversationId, index) => reportDecided("cay", index + 1, "ann", { conversationId }));
    const { allReports, reportsOf } = await reads(reports, [...past, ...done], reportReads);
    const all = async (open: boolean, limit: number) => {
      const found: number[] = [];
      for (let after: string | undefined; ;) {
        const page = await allReports({ open, after, limit });
        found.push(...page.map(({ seq }) => seq));
        const last = page.at(-1);
        if (last === undefined) return found;
        after = open ? last.position : last.decision?.position;
      }
    };
    const open = Array.from({ length: 31 }, (_, index) => index + 10);
    for (const limit of [1, 7, 100]) {
      expect(await all(true, limit)).toEqual(open);
      expect(await all(false, limit)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }
    expect(await reportsOf("g:group20", { open: true, after: undefined, limit: 5 })).toMatchObject([{ seq: 21 }]);
    expect(await reportsOf("g:group20", { open: false, after: undefined, limit: 5 })).toEqual([]);
  });
});

describe("bans", () => {
  const ban = (user: string, at: number) => ({ user, by: "root", reason: null, at: AT, position: position(at) });

  test("say who is banned, and what changed", async () => {
    const rows = given(bans, banned("bob", "root"), banned("cay", "root"), unbanned("bob", "root"));
    await rows.holds("bans", "bob", {});
    await rows.holds("bans", "cay", { "": ban("cay", 2) });
    await rows.holds("list", "~all", { [position(2)]: ban("cay", 2) });
    await rows.holds("changes", "~all", {
      [position(1)]: { user: "bob", banned: true },
      [position(2)]: { user: "cay", banned: true },
      [position(3)]: { user: "bob", banned: false },
    });
  });

  test("are read newest first", async () => {
    const users = Array.from({ length: 5 }, (_, index) => `user${index}`);
    const past = [...users.map((user) => banned(user, "root")), unbanned("user3", "root"), banned("user1", "root")];
    const read = await reads(bans, past, banReads);
    const first = await read.banned({ after: undefined, limit: 3 });
    expect(first.map(({ user }) => user)).toEqual(["user1", "user4", "user2"]);
    expect((await read.banned({ after: first[2]?.position, limit: 3 })).map(({ user }) => user)).toEqual(["user0"]);
  });
});
