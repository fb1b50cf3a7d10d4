import type { EventData } from "../src/domain/events.ts";
import { isConversationId, uploadIdOf } from "../src/domain/ids.ts";
import { FAILED_KEPT } from "../src/domain/schedule.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey, type TableWrite } from "../src/projecting/projection.ts";
import { textIn } from "./conversationRows.ts";
import { dueReads, noLongerDue, whenDue } from "./dueLists.ts";

/** What is to be done about files, once its time has come: an upload is closed, or what was given up is looked at. */
export type FileWork =
  | { upload: { user: string; id: string } }
  | { files: readonly string[]; conversation: string; seq: number }
  | { files: readonly string[]; user: string; scheduled: string };

/**
 * For so long after files were given up, or after an upload could be sent for the last time, nothing is removed, in milliseconds.
 * Whoever was just about to forward or send it is through by then: the outcome of an append is unknown for ten minutes at most.
 */
export const GRACE_MS = 900_000;

const READS = ["held", "failed"] as const;
type OwnRows = Rows<(typeof READS)[number]>;
/** `files`: their ids. `until`: when they are looked at, once they were given up (ISO 8601). */
type HeldRow = { files: readonly string[]; until?: string };
/** `until`: it was given up, and nothing is removed because of it before then (ISO 8601). */
type HolderRow = ({ conversation: string } | { user: string }) & { until?: string };
/** Holders that are read at a time. */
const PAGE = 100;

const filesOf = (attachments: EventData<"MessageSent">["attachments"]): string[] =>
  // Nearly all messages have none.
  attachments.length === 0 ? NONE : [...new Set(attachments.flatMap(({ file }) => file?.id ?? []))];
const NONE: string[] = [];

const later = (at: string): string => new Date(Date.parse(at) + GRACE_MS).toISOString();
const messageHolder = (conversation: string, seq: number): string => `${conversation}~${seqKey(seq)}`;
const scheduleHolder = (user: string, id: string): string => `s:${user}:${id}`;

/**
 * Which messages, and which that wait for their time, hold a file: `holders` by file, one row each; `held` by what holds it.
 * What was given up keeps its rows until it is looked at: whoever is just forwarding it may still come, while another one is
 * looked at. Those that could not be sent, by user, oldest first. What is to be done about files, by time (dueLists).
 */
export const files: Projection<(typeof READS)[number]> = {
  name: "files",
  version: 1,
  reads: READS,
  // A parked event may be that of another message with the same file.
  reliedOn: true,
  conversationOf: ({ table, partition, value }) => {
    if (table === "held") return isConversationId(partition) ? partition : undefined;
    return table === "failed" ? undefined : textIn(value, "conversation");
  },
  handlers: {
    MessageSent: ({ data: { conversationId: conversation, attachments }, revision }) => {
      const ids = filesOf(attachments);
      if (ids.length === 0) return [];
      const seq = revision + 1;
      return [
        put("held", conversation, seqKey(seq), { files: ids } satisfies HeldRow),
        ...ids.map((id) => put("holders", id, messageHolder(conversation, seq), { conversation } satisfies HolderRow)),
      ];
    },
    MessageRecalled: gone,
    MessageExpired: gone,
    FilesReleased: async ({ data: { conversationId: conversation, seq } }, rows) => {
      const held = await rows.get<HeldRow>("held", conversation, seqKey(seq));
      if (held?.until === undefined) return [];
      const holder = messageHolder(conversation, seq);
      return [
        del("held", conversation, seqKey(seq)),
        ...held.files.map((id) => del("holders", id, holder)),
        noLongerDue(conversation, held.until, holder),
      ];
    },

    MessageScheduled: ({ data: { userId: user, id, message } }) => {
      const ids = filesOf(message.attachments);
      if (ids.length === 0) return [];
      return [
        put("held", scheduleHolder(user, id), "", { files: ids } satisfies HeldRow),
        ...ids.map((file) => put("holders", file, scheduleHolder(user, id), { user } satisfies HolderRow)),
      ];
    },
    ScheduleCancelled: waitsNoMore,
    ScheduleSent: waitsNoMore,
    // It is shown until it is put away, or is forgotten: the decider forgets the same ones.
    ScheduleFailed: async ({ data: { userId: user, id }, at }, rows) => {
      const failed = [...(await failedOf(rows, user)).filter((one) => one !== id), id];
      const forgotten = failed.slice(0, -FAILED_KEPT);
      const writes = await Promise.all(forgotten.map((one) => givenUp(rows, user, one, at)));
      return [put("failed", user, "", failed.slice(-FAILED_KEPT)), ...writes.flat()];
    },
    ScheduleFilesReleased: async ({ data: { userId: user, id } }, rows) => {
      const holder = scheduleHolder(user, id);
      const held = await rows.get<HeldRow>("held", holder, "");
      if (held?.until === undefined) return [];
      return [
        del("held", holder, ""),
        ...held.files.map((file) => del("holders", file, holder)),
        noLongerDue(user, held.until, holder),
      ];
    },

    UploadCreated: ({ data: { userId: user, id, keptUntil } }) => [
      put("held", uploadIdOf(user, id), "", { files: [], until: later(keptUntil) } satisfies HeldRow),
      whenDue(user, later(keptUntil), id, { upload: { user, id } } satisfies FileWork),
    ],
    UploadClosed: async ({ data: { userId: user, id } }, rows) => {
      const upload = uploadIdOf(user, id);
      const held = await rows.get<HeldRow>("held", upload, "");
      return held?.until === undefined ? [] : [del("held", upload, ""), noLongerDue(user, held.until, id)];
    },
  },
};

/** The content of a message is gone. */
async function gone(
  { data: { conversationId: conversation, seq }, at }: { data: { conversationId: string; seq: number }; at: string },
  rows: OwnRows,
): Promise<TableWrite[]> {
  const held = await rows.get<HeldRow>("held", conversation, seqKey(seq));
  // A message that was recalled may expire, too.
  if (held === undefined || held.until !== undefined) return [];
  const until = later(at);
  return [
    put("held", conversation, seqKey(seq), { ...held, until } satisfies HeldRow),
    ...held.files.map((id) => put("holders", id, messageHolder(conversation, seq), { conversation, until } satisfies HolderRow)),
    whenDue(conversation, until, messageHolder(conversation, seq), {
      files: held.files,
      conversation,
      seq,
    } satisfies FileWork),
  ];
}

const failedOf = async (rows: OwnRows, user: string): Promise<readonly string[]> =>
  (await rows.get<readonly string[]>("failed", user, "")) ?? [];

/** A message was sent, or will never be. */
async function waitsNoMore(
  { data: { userId: user, id }, at }: { data: { userId: string; id: string }; at: string },
  rows: OwnRows,
): Promise<TableWrite[]> {
  const failed = await failedOf(rows, user);
  const left = failed.filter((one) => one !== id);
  const writes = await givenUp(rows, user, id, at);
  if (left.length === failed.length) return writes;
  return [left.length === 0 ? del("failed", user, "") : put("failed", user, "", left), ...writes];
}

async function givenUp(rows: OwnRows, user: string, id: string, at: string): Promise<TableWrite[]> {
  const holder = scheduleHolder(user, id);
  const held = await rows.get<HeldRow>("held", holder, "");
  if (held === undefined || held.until !== undefined) return [];
  const until = later(at);
  return [
    put("held", holder, "", { ...held, until } satisfies HeldRow),
    ...held.files.map((file) => put("holders", file, holder, { user, until } satisfies HolderRow)),
    whenDue(user, until, holder, { files: held.files, user, scheduled: id } satisfies FileWork),
  ];
}

/** The only functions that read the rows of `files`. */
export const fileReads = (reader: Reader) => ({
  ...dueReads<FileWork>(reader),
  /**
   * Whether a message that is there, or one that waits for its time, holds a file; or one that was given up, and whose time to be
   * looked at has not come. `now`: ISO 8601.
   */
  isHeld: async (id: string, now: string): Promise<boolean> => {
    for (let after: string | undefined; ;) {
      const rows = await reader.range<HolderRow>("holders", id, { ...(after === undefined ? {} : { after }), limit: PAGE });
      if (rows.some(({ value: { until } }) => until === undefined || until > now)) return true;
      after = rows[rows.length - 1]?.sort;
      if (rows.length < PAGE || after === undefined) return false;
    }
  },
});

export type FileReads = ReturnType<typeof fileReads>;
