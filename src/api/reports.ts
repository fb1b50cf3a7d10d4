import { placeOf, type ReportQuery, type ReportRef, type ReportRow } from "../../projections/reports.ts";
import { isDirect, streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Withheld } from "../ports/faults.ts";
import type { Position } from "../ports/eventStore.ts";
import { edgeCursor, edgeKey, pageSize } from "./arguments.ts";
import { type Connection, edged } from "./connections.ts";
import type { Context } from "./context.ts";
import { type ConversationEntity, readAt, type ReportedMessageEntity, type ReportEntity, userEntity } from "./entities.ts";

/** What a report takes in memory, beside its texts. */
const ROW_BYTES = 512;
/** So many pages are read for one, where those in between are not seen. */
const READS_MAX = 100;

type Page = { open?: boolean | null; first?: number | null; after?: string | null };

/** Every report in an answer is made here, so that its row is counted. */
function reportEntity({ request }: Context, row: ReportRow, isDecider: boolean, at?: Position): ReportEntity {
  request.readRows(ROW_BYTES + 2 * (row.reason.length + (row.decision?.reason?.length ?? 0)));
  return { __typename: "Report", row, isDecider, ...(at === undefined ? {} : { at }) };
}

/** Whether the viewer is the owner or an administrator of a group. Of a direct conversation nobody is. */
async function isStaffOf({ services, caller }: Context, conversation: string): Promise<boolean> {
  if (isDirect(conversation)) return false;
  const [member] = await services.views.relations.toldMembers([{ conversation, user: caller.userId }]);
  return member !== undefined && !(member instanceof Withheld) && member.role !== "MEMBER";
}

/** A report that the viewer may see: they decide it, or made it. The same rows are read whether there is one or not. */
export async function reportSeen(context: Context, ref: ReportRef, at?: Position): Promise<ReportEntity | null> {
  const { caller, services } = context;
  const row = await readAt(context, at, () => services.views.reports.report(ref));
  const isStaff = await isStaffOf(context, ref.conversation);
  if (!row) return null;
  const isDecider = caller.admin || (isStaff && row.senderId !== caller.userId);
  return isDecider || row.reporterId === caller.userId ? reportEntity(context, row, isDecider, at) : null;
}

/** Reports of all conversations, for whoever has the scope `admin`. */
export const allReports = (context: Context, page: Page): Promise<Connection<ReportEntity>> =>
  pageOf(context, page, context.services.views.reports.allReports, () => true);

/** Those of a group, for who decides them. For others no report is read: how long it takes says nothing. */
export async function reportsOf(context: Context, { id, at }: ConversationEntity, page: Page): Promise<Connection<ReportEntity>> {
  const { reports } = context.services.views;
  const isStaff = await readAt(context, at, () => isStaffOf(context, id));
  // Whoever wrote a message learns of no report of it.
  const isSeen = ({ senderId }: ReportRow) => isStaff && senderId !== context.caller.userId;
  const read = async (query: ReportQuery) => (isStaff ? reports.reportsOf(id, query) : []);
  return pageOf(context, page, read, isSeen);
}

/** A page of the reports that are seen: nothing in it tells of the others, and so they are passed over before it is made. */
async function pageOf(
  context: Context,
  page: Page,
  read: (query: ReportQuery) => Promise<ReportRow[]>,
  isSeen: (row: ReportRow) => boolean,
): Promise<Connection<ReportEntity>> {
  const [open, first, after] = [page.open ?? true, pageSize(page.first, 50), edgeKey(page.after, 1)?.[0]];
  const seen: ReportRow[] = [];
  let place = after;
  for (let reads = 0; reads < READS_MAX && seen.length <= first; reads++) {
    const found = await read({ open, after: place, limit: first + 1 });
    seen.push(...found.filter(isSeen));
    const last = found.at(-1);
    if (last === undefined || found.length <= first) break;
    place = placeOf(last);
  }
  const edges = seen.slice(0, first).map((row) => ({ cursor: edgeCursor(placeOf(row)), node: reportEntity(context, row, true) }));
  return edged(edges, seen.length > first, after !== undefined);
}

/**
 * The message as it was sent, with the text that was reported, from the log: it is nowhere else once it was edited or recalled.
 */
export async function reportedMessage(
  { services: { log }, request }: Context,
  row: ReportRow,
): Promise<ReportedMessageEntity | null> {
  const { conversationId, seq, edit } = row;
  const [stored] = await log.read(streams.conversation(conversationId), seq - 1, "forwards", 1);
  const sent = stored && parseEvent(stored);
  if (sent?.type !== "MessageSent") return null;
  const [changed] = edit === null ? [] : await log.read(streams.annotation(conversationId, seq), edit, "forwards", 1);
  const edited = changed && parseEvent(changed);
  const { senderId, kind, attachments, imported } = sent.data;
  const text = edited?.type === "MessageEdited" ? edited.data.text : sent.data.text;
  request.readRows(ROW_BYTES + 2 * (text?.length ?? 0));
  const files = attachments.map(({ name }) => name);
  return { conversationId, seq, sender: userEntity(senderId), sentAt: imported?.sentAt ?? sent.at, kind, text, files };
}
