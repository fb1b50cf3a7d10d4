import { annotations } from "../../projections/annotations.ts";
import { directory, type GroupRow } from "../../projections/directory.ts";
import { inboxes } from "../../projections/inboxes.ts";
import type { Change } from "../../projections/inboxEntries.ts";
import { readMarks } from "../../projections/readMarks.ts";
import { relations } from "../../projections/relations.ts";
import { timelines } from "../../projections/timelines.ts";
import { readViews, type Views } from "../../projections/views.ts";
import { directMembers, isDirect, kindOf, streams } from "../domain/ids.ts";
import type { Reaction } from "../domain/reactions.ts";
import { parseEvent } from "../domain/recorded.ts";
import type { EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import type { FoldedStore } from "../projecting/projection.ts";
import { generationOf } from "../projecting/projection.ts";
import { foldingInto, logOf } from "../projecting/past/folded.ts";
import { historyOf, timeOf } from "../projecting/past/history.ts";
import { memoryRows } from "../projecting/past/memoryRows.ts";

/** What a conversation's events are folded through: what it was, and who was told. */
const PROJECTIONS = [directory, relations, timelines, readMarks, annotations, inboxes];
const ENTRIES = `${generationOf(inboxes)}/entries`;
const CHANGES = `${generationOf(inboxes)}/changes`;

/** An operator's process may take more than an answer of the API. */
const MOST_EVENTS = 2_000_000;
const MOST_BYTES = 2_147_483_648;

/** Messages and members that are shown of a moment; and names of those who were told by an event. */
const MESSAGES = 20;
const MEMBERS = 200;
const TOLD = 200;

/** Members that are read at a time. */
const PAGE = 1_000;

export type MemberThen = { user: string; role: string; joinedAt: string; readSeq: number };

export type MessageThen = {
  seq: number;
  sender: string;
  sentAt: string;
  kind: string;
  text: string | null;
  files: string[];
  editedAt: string | null;
  recalledAt: string | null;
  expired: boolean;
  reactions: readonly Reaction[];
};

/** How a conversation stood. `profile`: of a group. `members`: those who came first; `memberCount` are all. */
export type StateThen = {
  conversation: string;
  kind: string;
  profile: GroupRow | undefined;
  memberCount: number;
  members: MemberThen[];
  lastSeq: number;
  /** The newest. */
  messages: MessageThen[];
  pins: number[];
};

/** One event, and who was told of it: their number, and the first of them. `toFollowers`: whoever follows the channel, too. */
export type Step = {
  at: string;
  cursor: Position;
  type: string;
  by: string;
  seq: number | undefined;
  data: unknown;
  told: string[];
  toldCount: number;
  toFollowers: boolean;
};

export type IncidentOptions = {
  log: Pick<EventStore, "read">;
  conversation: string;
  /** ISO 8601. `until`: the end of the steps; undefined: there are none. */
  at: string;
  until: string | undefined;
  signal: AbortSignal;
};

/**
 * How a conversation stood at a time, and what happened from then until another one, event by event, as its own streams tell it.
 * `state` is undefined where it was not there yet. Rejects with an `Error` where there is too much of it.
 */
export async function incident({ log, conversation, at, until, signal }: IncidentOptions): Promise<{
  state: StateThen | undefined;
  steps: AsyncGenerator<Step, void>;
}> {
  const { events } = await historyOf({
    log,
    conversation,
    until: until ?? at,
    beside: [streams.settings],
    mostEvents: MOST_EVENTS,
    mostBytes: MOST_BYTES,
    mostStreams: MOST_EVENTS,
    signal,
  });
  const told = new Set<string>();
  const store = listening(memoryRows(MOST_BYTES), told);
  const shown = logOf(events);
  const fold = foldingInto({ log: shown, store, projections: PROJECTIONS });
  const views = readViews(store);
  const first = countUpTo(events, at);
  shown.show(first);
  await fold(signal);

  const steps = async function* (): AsyncGenerator<Step, void> {
    for (const [index, event] of events.entries()) {
      if (index < first) continue;
      told.clear();
      shown.show(index + 1);
      await fold(signal);
      if (event.stream === streams.settings) continue;
      const wide = await isWide(store, conversation, event.position);
      const others = wide ? await toldOfWide(views, conversation, events[index - 1]?.position ?? "", event.position) : [];
      const users = [...new Set([...told, ...others])].sort();
      yield {
        ...said(event),
        told: users.slice(0, TOLD),
        toldCount: users.length,
        toFollowers: wide && kindOf(conversation) === "CHANNEL",
      };
    }
  };
  return { state: await stateOf(views, conversation, at), steps: steps() };
}

/** How many of some events count as of a time at the latest. See `historyOf`. */
function countUpTo(events: readonly RecordedEvent[], at: string): number {
  const later = events.findIndex((event) => event.stream !== streams.settings && timeOf(event) > at);
  return later < 0 ? events.length : later;
}

/** A store that notes in whose inboxes entries are written. */
const listening = (store: FoldedStore, told: Set<string>): FoldedStore => ({
  ...store,
  commit: async (writes, moves) => {
    for (const write of writes) {
      if (write.table !== ENTRIES || write.op === "del") continue;
      for (const user of write.op === "putEach" ? write.partitions : [write.partition]) told.add(user);
    }
    await store.commit(writes, moves);
  },
});

/** Whether what happened at a place is read by members in the conversation, and stands in no inbox. */
async function isWide(store: FoldedStore, conversation: string, position: Position): Promise<boolean> {
  const change = (await store.get(CHANGES, conversation, position)) as Change | undefined;
  return change?.fanned === false;
}

/** Those whom an inbox shows what happened at a place of a wide conversation, after another place. */
async function toldOfWide(views: Views, conversation: string, after: Position, position: Position): Promise<string[]> {
  const found: string[] = [];
  for await (const user of everIn(views, conversation)) {
    const { entries } = await views.inboxes.entries(user, after, position, 1);
    if (entries.some((entry) => entry.position === position)) found.push(user);
  }
  return found;
}

async function* everIn({ relations: of }: Views, conversation: string): AsyncGenerator<string, void> {
  for (let after: string | undefined; ;) {
    const page = await of.everIn(conversation, after, PAGE);
    yield* page;
    after = page[page.length - 1];
    if (page.length < PAGE) return;
  }
}

function said(event: RecordedEvent): Pick<Step, "at" | "cursor" | "type" | "by" | "seq" | "data"> {
  const { position, type, metadata, revision } = event;
  // As every reader of the log is given it. Of a type that this version does not know, nothing.
  const data: object = parseEvent(event)?.data ?? {};
  const { seq: named } = data as { seq?: number };
  const seq = type === "MessageSent" ? revision + 1 : named;
  return { at: timeOf(event), cursor: position, type, by: metadata.actorId, seq, data };
}

async function stateOf(views: Views, conversation: string, at: string): Promise<StateThen | undefined> {
  const { relations: members, timelines: messages, directory: groups, annotations: doneTo } = views;
  const head = await messages.head(conversation);
  const profile = isDirect(conversation) ? undefined : await groups.group(conversation);
  if (profile === undefined && (!isDirect(conversation) || head === undefined)) return undefined;
  const newest = await messages.page(conversation, { limit: MESSAGES, fromEnd: true });
  return {
    conversation,
    kind: kindOf(conversation),
    profile,
    memberCount: isDirect(conversation) ? 2 : ((await members.group(conversation))?.memberCount ?? 0),
    members: await membersOf(views, conversation),
    lastSeq: head?.seq ?? 0,
    messages: await Promise.all(
      newest.map(async ({ seq, senderId, sentAt, kind, text, attachments, editedAt, recalledAt, expired, expiresAt }) => ({
        seq,
        sender: senderId,
        sentAt,
        kind,
        text,
        files: attachments.map(({ name }) => name),
        editedAt,
        recalledAt,
        expired: expired === true || (expiresAt !== undefined && expiresAt <= at),
        reactions: (await doneTo.reactions({ conversation, seq })) ?? [],
      })),
    ),
    pins: await doneTo.pins(conversation),
  };
}

/** Those who came first. */
async function membersOf({ relations: stays, readMarks: marks }: Views, conversation: string): Promise<MemberThen[]> {
  const pair = directMembers(conversation);
  const of = pair
    ? await Promise.all(
        pair.map(async (user) => ({
          user,
          role: "MEMBER",
          joinedAt: (await stays.membership(user, conversation))?.joinedAt ?? "",
        })),
      )
    : (await stays.membersByJoin(conversation, undefined, MEMBERS)).map(({ user, member }) => ({ user, ...member }));
  return Promise.all(
    of.map(async ({ user, role, joinedAt }) => ({ user, role, joinedAt, readSeq: await marks.mark(user, conversation) })),
  );
}
