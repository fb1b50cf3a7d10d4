import { placeOf, type ReportRef, type ReportRow } from "../../../projections/reports.ts";
import { isDirect, streams } from "../../domain/ids.ts";
import { parseEvent } from "../../domain/recorded.ts";
import { Withheld } from "../../ports/faults.ts";
import type { Position } from "../../ports/eventStore.ts";
import { edgeCursor, edgeKey, pageSize } from "../arguments.ts";
import { type Connection, edged } from "../connections.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, readAt, type ReportedMessageEntity, type ReportEntity, userEntity } from "../entities.ts";

/** What a report takes in memory, beside its texts. */
const ROW_BYTES = 512;

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
export async function allReports(context: Context, page: Page): Promise<Connection<ReportEntity>> {
  const { reports } = context.services.views;
  return pageOf(context, undefined, page, reports.allReports);
}

/** Those of a group, for who decides them. The same rows are read for others. */
export async function reportsOf(context: Context, { id, at }: ConversationEntity, page: Page): Promise<Connection<ReportEntity>> {
  const { reports } = context.services.views;
  const found = await readAt(context, at, () => pageOf(context, id, page, (query) => reports.reportsOf(id, query)));
  const isStaff = await isStaffOf(context, id);
  return isStaff ? found : edged<ReportEntity>([], false, false);
}

async function pageOf(
  context: Context,
  conversation: string | undefined,
  page: Page,
  read: Context["services"]["views"]["reports"]["allReports"],
): Promise<Connection<ReportEntity>> {
  const { reports } = context.services.views;
  const [open, first, after] = [page.open ?? true, pageSize(page.first, 50), edgeKey(page.after, 1)?.[0]];
  const found = await read({ open, after, limit: first + 1 });
  const hasBefore = after !== undefined && (!open || (await reports.isOpenBefore(conversation, after)));
  const shown = found.slice(0, first);
  // Whoever wrote a message learns of no report of it; operators see the log.
  const seen = conversation === undefined ? shown : shown.filter(({ senderId }) => senderId !== context.caller.userId);
  const edges = seen.map((row) => ({ cursor: edgeCursor(placeOf(row)), node: reportEntity(context, row, true) }));
  const { pageInfo, ...rest } = edged(edges, found.length > first, hasBefore);
  const last = shown.at(-1);
  // Those that are left out must not keep a client from going on.
  return { ...rest, pageInfo: { ...pageInfo, endCursor: last === undefined ? null : edgeCursor(placeOf(last)) } };
}

/** The message as it was sent, with the text that was reported, from the log: it is nowhere else once it was edited or recalled. */
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
