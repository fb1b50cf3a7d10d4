import type { EventData } from "../src/domain/events.ts";
import { type Reporter, reportIdOf } from "../src/domain/ids.ts";
import { del, type Projection, put, type Reader, type Rows, seqKey } from "../src/projecting/projection.ts";
import { textIn } from "./conversationRows.ts";
import { dueLists, listOf } from "./dueLists.ts";

/** What was decided about a report. `position`: of that event. Times are ISO 8601. */
export type DecisionRow = Pick<EventData<"ReportDecided">, "action" | "reason" | "decidedBy" | "silencedUntil"> & {
  at: string;
  position: string;
};

/** A report. `position`: of the event that made it. */
export type ReportRow = EventData<"MessageReported"> & { at: string; position: string; decision?: DecisionRow };

/** Names a report. */
export type ReportRef = { conversation: string; seq: number } & Reporter;

const READS = ["reports"] as const;
type OwnRows = Rows<(typeof READS)[number]>;
type Named = Pick<EventData<"MessageReported">, "conversationId" | "seq" | "reporterId" | "rule">;

const keyOf = ({ seq, reporterId, rule }: Pick<Named, "seq" | "reporterId" | "rule">): string =>
  `${seqKey(seq)}~${reporterId ?? `@${rule}`}`;

/** An entry of a list: where the report is. */
type Entry = { conversation: string; key: string };

/**
 * Reports by conversation, message and who reports; and in lists, of each conversation and of all together: those that are open
 * by when they were made, the others by when they were decided. The lists of all are a few, as those of what is due (dueLists).
 */
export const reports: Projection<(typeof READS)[number]> = {
  name: "reports",
  version: 1,
  reads: READS,
  conversationOf: ({ table, partition, value }) => (table === "reports" ? partition : textIn(value, "conversation")),
  handlers: {
    MessageReported: ({ data, at, position }) => {
      const { conversationId } = data;
      const entry: Entry = { conversation: conversationId, key: keyOf(data) };
      return [
        put("reports", conversationId, entry.key, { ...data, at, position } satisfies ReportRow),
        put("open", conversationId, position, entry),
        put("allOpen", listOf(conversationId), position, entry),
      ];
    },
    ReportDecided: async ({ data, at, position }, rows) => {
      const { conversationId, action, reason, decidedBy, silencedUntil } = data;
      const entry: Entry = { conversation: conversationId, key: keyOf(data) };
      const report = await reportIn(rows, data);
      const decision: DecisionRow = { action, reason, decidedBy, silencedUntil, at, position };
      const list = listOf(conversationId);
      return [
        put("reports", conversationId, entry.key, { ...report, decision } satisfies ReportRow),
        del("open", conversationId, report.position),
        del("allOpen", list, report.position),
        put("decided", conversationId, position, entry),
        put("allDecided", list, position, entry),
      ];
    },
  },
};

async function reportIn(rows: OwnRows, named: Named): Promise<ReportRow> {
  const row = await rows.get<ReportRow>("reports", named.conversationId, keyOf(named));
  if (row) return row;
  throw new Error(`the report ${reportIdOf(named.conversationId, named.seq, named as Reporter)} was decided before it was made`);
}

/** What lists are sorted by: when a report was made, or when it was decided. */
export const placeOf = ({ position, decision }: ReportRow): string => decision?.position ?? position;

/** `open`: those that are, the oldest first; else those that were decided, the last one first. `after`: a place in that order. */
export type ReportQuery = { open: boolean; after: string | undefined; limit: number };

/** The only functions that read the reports' rows. None of them asks who may see what it returns. */
export const reportReads = (reader: Reader) => {
  const entries = async (table: string, partition: string, { open, after, limit }: ReportQuery) => {
    const from = after === undefined ? {} : open ? { after } : { before: after };
    return reader.range<Entry>(table, partition, { ...from, limit, reverse: !open });
  };
  const rowsOf = async (found: readonly { value: Entry }[]): Promise<ReportRow[]> => {
    const rows = await reader.getMany<ReportRow>(
      "reports",
      found.map(({ value: { conversation, key } }) => [conversation, key] as const),
    );
    return rows.filter((row) => row !== undefined);
  };

  return {
    report: ({ conversation, ...of }: ReportRef) => reader.get<ReportRow>("reports", conversation, keyOf(of)),
    reportsOf: async (conversation: string, query: ReportQuery): Promise<ReportRow[]> =>
      rowsOf(await entries(query.open ? "open" : "decided", conversation, query)),
    allReports: async (query: ReportQuery): Promise<ReportRow[]> => {
      const table = query.open ? "allOpen" : "allDecided";
      const found = (await Promise.all(dueLists.map((list) => entries(table, list, query)))).flat();
      const sign = query.open ? 1 : -1;
      found.sort((one, other) => (one.sort < other.sort ? -sign : sign));
      return rowsOf(found.slice(0, query.limit));
    },
  };
};

export type ReportReads = ReturnType<typeof reportReads>;
