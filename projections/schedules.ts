import type { EventData } from "../src/domain/events.ts";
import { FAILED_KEPT } from "../src/domain/schedule.ts";
import { del, type Projection, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { dueReads, noLongerDue, whenDue } from "./dueLists.ts";

/** A message that waits for its time, or could not be sent. Times are ISO 8601. */
export type ScheduledRow = EventData<"MessageScheduled">["message"] & {
  id: string;
  sendAt: string;
  /** Why it could not be sent, and the place of the event that says so. */
  failure?: { code: EventData<"ScheduleFailed">["code"]; position: string };
};

/** Names a row: whose it is, and its id. */
export type ScheduledRef = { user: string; id: string };

const READS = ["messages"] as const;
type OwnRows = Rows<(typeof READS)[number]>;
type Ref = { data: { userId: string; id: string } };

/** Messages that wait for their time, by user and id, and those that could not be sent; the times of all that wait (dueLists). */
export const schedules: Projection<(typeof READS)[number]> = {
  name: "schedules",
  version: 1,
  reads: READS,
  handlers: {
    MessageScheduled: ({ data: { userId, id, sendAt, message } }) => [
      put("messages", userId, id, { ...message, id, sendAt } satisfies ScheduledRow),
      whenDue(userId, sendAt, id, { user: userId, id } satisfies ScheduledRef),
    ],
    ScheduleCancelled: over,
    ScheduleSent: over,
    ScheduleFailed: async ({ data: { userId, id, code }, position }, rows) => {
      const row = await rowOf(rows, userId, id);
      const failures = [...(await rows.all<ScheduledRow>("messages", userId)).values()].filter(({ failure }) => failure);
      const writes = [
        put("messages", userId, id, { ...row, failure: { code, position } } satisfies ScheduledRow),
        noLongerDue(userId, row.sendAt, id),
      ];
      // The decider forgets the same ones.
      const oldest = failures.sort(byFailure).slice(0, Math.max(0, failures.length + 1 - FAILED_KEPT));
      for (const { id: forgotten } of oldest) writes.push(del("messages", userId, forgotten));
      return writes;
    },
  },
};

const placeOf = ({ failure }: ScheduledRow): string => failure?.position ?? "";
const byFailure = (one: ScheduledRow, other: ScheduledRow): number => (placeOf(one) < placeOf(other) ? -1 : 1);

async function rowOf(rows: OwnRows, user: string, id: string): Promise<ScheduledRow> {
  const row = await rows.get<ScheduledRow>("messages", user, id);
  if (!row) throw new Error(`the message ${id} of ${user} was never scheduled`);
  return row;
}

async function over({ data: { userId, id } }: Ref, rows: OwnRows): Promise<TableWrite[]> {
  const { sendAt } = await rowOf(rows, userId, id);
  return [del("messages", userId, id), noLongerDue(userId, sendAt, id)];
}

/** A user has no more of them: as many as may wait (SCHEDULED_MAX), and the failed ones that are kept. */
const MOST = 1_000 + FAILED_KEPT;

/** The only functions that read the rows of `schedules`. */
export const scheduleReads = (reader: Reader) => ({
  ...dueReads<ScheduledRef>(reader),
  scheduled: (user: string, id: string) => reader.get<ScheduledRow>("messages", user, id),
  /** What of a user waits, earliest first; or what failed, the newest failure first. */
  scheduledOf: async (user: string, failed: boolean): Promise<ScheduledRow[]> => {
    const rows = (await reader.range<ScheduledRow>("messages", user, { limit: MOST })).map(({ value }) => value);
    if (failed) return rows.filter(({ failure }) => failure).sort((one, other) => byFailure(other, one));
    return rows.filter(({ failure }) => !failure).sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
  },
});

const orderOf = ({ sendAt, id }: ScheduledRow): string => `${sendAt}~${id}`;

export type ScheduleReads = ReturnType<typeof scheduleReads>;
