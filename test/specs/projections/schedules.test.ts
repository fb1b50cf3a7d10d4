import { describe, expect, test } from "vitest";
import { dueLists } from "../../../projections/dueLists.ts";
import { scheduleReads, schedules } from "../../../projections/schedules.ts";
import { FAILED_KEPT } from "../../../src/domain/schedule.ts";
import { generationOf, readerOf } from "../../../src/projecting/projection.ts";
import { GROUP, scheduleBegun, scheduleCancelled, scheduled, scheduleFailed, scheduleSent } from "../../support/happened.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { given, position } from "../../support/projected.ts";

const [first, second] = ["00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"];
const AT = "2024-02-01T08:00:00.000Z";
const row = (id: string, sendAt = AT) => ({
  conversationId: GROUP,
  kind: "TEXT",
  topic: null,
  text: "later",
  attachments: [],
  id,
  sendAt,
});
/** The list of ann's. */
const LIST = "08";

test("a message that waits is the user's, and is due at its time", async () => {
  const rows = given(schedules, scheduled("ann", first, AT));
  await rows.holds("messages", "ann", { [first]: row(first) });
  await rows.holds("due", LIST, { [`${AT}~${first}`]: { user: "ann", id: first } });
});

test("one that is being sent stays due until its outcome is known", async () => {
  const rows = given(schedules, scheduled("ann", first, AT), scheduleBegun("ann", first));
  await rows.holds("due", LIST, { [`${AT}~${first}`]: { user: "ann", id: first } });
});

describe.each([
  ["cancelled", [scheduleCancelled("ann", first)]],
  ["sent", [scheduleBegun("ann", first), scheduleSent("ann", first)]],
])("one that was %s", (_, over) => {
  test("is gone, and is due no more", async () => {
    const rows = given(schedules, scheduled("ann", first, AT), scheduled("ann", second, AT), ...over);
    await rows.holds("messages", "ann", { [second]: row(second) });
    await rows.holds("due", LIST, { [`${AT}~${second}`]: { user: "ann", id: second } });
  });
});

describe("one that could not be sent", () => {
  const failed = [scheduled("ann", first, AT), scheduleBegun("ann", first), scheduleFailed("ann", first)];
  test("is kept with the reason, and is due no more", async () => {
    const rows = given(schedules, ...failed);
    await rows.holds("messages", "ann", { [first]: { ...row(first), failure: { code: "FORBIDDEN", position: position(3) } } });
    await rows.holds("due", LIST, {});
  });
  test("is gone once it is put away, or was sent after all", async () => {
    await given(schedules, ...failed, scheduleCancelled("ann", first)).holds("messages", "ann", {});
    await given(schedules, ...failed, scheduleSent("ann", first)).holds("messages", "ann", {});
  });
  test("makes room for newer ones", async () => {
    const ids = Array.from({ length: FAILED_KEPT + 1 }, (_, at) => `00000000-0000-5000-8000-${String(at).padStart(12, "0")}`);
    const past = ids.flatMap((id) => [scheduled("ann", id, AT), scheduleFailed("ann", id)]);
    const kept = ids.slice(1).map((id, index) => {
      return [id, { ...row(id), failure: { code: "FORBIDDEN", position: position(2 * (index + 2)) } }] as const;
    });
    await given(schedules, ...past).holds("messages", "ann", Object.fromEntries(kept));
  });
});

test("one that was never scheduled has no outcome", () =>
  given(schedules)
    .when(scheduleSent("ann", first))
    .fails(/never scheduled/));

test("lists are read by time, page by page, and every user is in one of them", async () => {
  const store = memoryViews();
  const generation = generationOf(schedules);
  const users = Array.from({ length: 100 }, (_, index) => `user${index}`);
  const writes = users.flatMap((user, index) => {
    const at = `2024-02-01T08:00:00.${String(999 - index).padStart(3, "0")}Z`;
    const event = { ...scheduled(user, first, at), position: position(index + 1) };
    const written = schedules.handlers.MessageScheduled?.(event as never, {} as never);
    return (written as { op: "put"; table: string; partition: string; sort: string; value: unknown }[]).map((write) => ({
      ...write,
      table: `${generation}/${write.table}`,
    }));
  });
  await store.commit(writes);
  const reads = scheduleReads(readerOf(store, generation));
  const found: string[] = [];
  let used = 0;
  for (const list of dueLists) {
    const times: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await reads.due(list, 3, after);
      for (const { at, item } of page) {
        times.push(at);
        found.push(item.user);
      }
      after = page[page.length - 1]?.key;
      if (page.length < 3) break;
    }
    if (times.length > 0) used++;
    expect(times).toEqual([...times].sort());
  }
  expect(found.sort()).toEqual([...users].sort());
  expect(used).toBeGreaterThan(10);
});
