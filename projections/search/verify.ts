import { messageIdOf } from "../../src/domain/ids.ts";
import type { Position } from "../../src/ports/eventStore.ts";
import type { DirectoryEntry, SearchDocument, SearchIndex } from "../../src/ports/searchIndex.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { type Projection, generationOf, readerOf, seqKey } from "../../src/projecting/projection.ts";
import { checkpointName } from "../../src/projecting/slices.ts";
import type { Verification } from "../../src/projecting/generations/verifying.ts";
import { directory, directoryReads, type GroupRow, type UserRow } from "../directory.ts";
import { SEARCH_VIEW } from "./search.ts";
import { type MessageRow, timelines, timelineReads } from "../timelines.ts";

export type VerifySearchOptions = {
  index: Pick<SearchIndex, "get" | "messages" | "entries" | "search" | "generations">;
  views: Pick<ViewStore, "get" | "getMany" | "range" | "partitions" | "checkpoint">;
  /** The end of the log. */
  end: () => Promise<Position> | Position;
  /** Resolves where something may have gone on. */
  pause: () => Promise<void>;
};

/** Rows and documents read at a time. */
const PAGE = 1_000;
/** Conversations that the engine counts at a time. */
const COUNTED = 500;
/** How often a difference is looked at again: it may have changed in between. */
const ROUNDS = 5;
/** Differences that are told one by one. */
const SAMPLES = 20;

/**
 * Compares a generation of the search index with the timelines and the directory: version, text and all else of every message,
 * read back from the index; names, handles and tags of people and groups; and how many messages of each conversation the engine
 * finds. It may run while everything goes on: differences are looked at again once both have passed the log's end. The place of a
 * user is nowhere but in the index, so it is not compared. Rejects with `Unavailable`, or with the reason of `signal` if it is
 * aborted.
 */
export async function verifySearch(
  { index, views, end, pause }: VerifySearchOptions,
  generation: string,
  progress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Verification> {
  const messages = timelineReads(readerOf(views, generationOf(timelines)));
  const profiles = directoryReads(readerOf(views, generationOf(directory)));
  const counted = { messages: 0, entries: 0, conversations: 0 };
  const total = (await index.search(generation, { units: [], filter: {}, order: "NEWEST", limit: 0, facets: 1 })).facets?.total;

  const went = (count: number): void => {
    signal.throwIfAborted();
    counted.messages += count;
    progress(Math.min(1, counted.messages / Math.max(1, total ?? 0)));
  };

  /** Until both have passed the log's end as it is now. */
  const settled = async (): Promise<void> => {
    const until = await end();
    for (;;) {
      signal.throwIfAborted();
      const checkpoint = (await index.generations(SEARCH_VIEW)).find(({ name }) => name === generation)?.checkpoint;
      if (checkpoint === undefined) throw new Error(`${generation} is there no more`);
      const stands = [checkpoint ?? "", await checkpointOf(views, timelines), await checkpointOf(views, directory)];
      if (stands.every((at) => at >= until)) return;
      await pause();
    }
  };

  /** What still differs, one sentence each. */
  const confirmed = async (
    suspects: Set<string>,
    differs: (ids: string[]) => Promise<Map<string, string>>,
  ): Promise<string[]> => {
    let left = new Map([...suspects].map((id) => [id, ""]));
    for (let round = 0; round < ROUNDS && left.size > 0; round++) {
      await settled();
      const ids = [...left.keys()];
      left = new Map();
      for (let from = 0; from < ids.length; from += PAGE)
        for (const [id, how] of await differs(ids.slice(from, from + PAGE))) left.set(id, how);
    }
    return [...left.values()];
  };

  const messageSuspects = await compareMessages(index, views, generation, went);
  const entrySuspects = await compareEntries(index, views, profiles, generation, (count) => {
    signal.throwIfAborted();
    counted.entries += count;
  });
  const countSuspects = await compareCounts(index, views, generation, (count) => {
    signal.throwIfAborted();
    counted.conversations += count;
  });

  const differences = [
    ...(await confirmed(messageSuspects, async (ids) => {
      const documents = (await index.get(generation, ids)) as (SearchDocument | undefined)[];
      const rows = await messages.messages(ids.map(placeOf));
      return unequal(ids, (id, at) => messageDifference(id, documents[at], rows[at]));
    })),
    ...(await confirmed(entrySuspects, async (ids) => {
      const entries = (await index.get(generation, ids)) as (DirectoryEntry | undefined)[];
      const [users, groups] = await Promise.all([profiles.users(ids), profiles.groups(ids)]);
      return unequal(ids, (id, at) => entryDifference(id, entries[at], users[at], groups[at]));
    })),
    ...(await confirmed(countSuspects, (ids) => countDifferences(index, views, generation, ids))),
  ];
  const compared = `${counted.messages} messages of ${counted.conversations} conversations, and ${counted.entries} people and groups`;
  return {
    differences: differences.length,
    samples: differences.slice(0, SAMPLES),
    summary: `${generation} was compared with the views: ${compared}; ${differences.length} differences`,
  };
}

async function checkpointOf(views: Pick<ViewStore, "checkpoint">, projection: Projection): Promise<string> {
  return (await views.checkpoint(checkpointName(generationOf(projection))))?.position ?? "";
}

const MESSAGES = `${generationOf(timelines)}/messages`;

const placeOf = (id: string): { conversation: string; seq: number } => {
  const colon = id.lastIndexOf(":");
  return { conversation: id.slice(0, colon), seq: Number(id.slice(colon + 1)) };
};

function unequal(ids: readonly string[], difference: (id: string, at: number) => string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const [at, id] of ids.entries()) {
    const how = difference(id, at);
    if (how !== undefined) found.set(id, how);
  }
  return found;
}

/** The document that a row of a timeline should have. */
export function documentOf(conversationId: string, row: MessageRow): SearchDocument {
  const { seq, senderId, kind, topic, text, sentAt, recalledAt, position, version = position } = row;
  if (recalledAt !== null) return { conversationId, seq, version, recalled: true };
  return { conversationId, seq, version, senderId, kind, topic, sentAt: Date.parse(sentAt), text: text ?? "" };
}

function messageDifference(id: string, document: SearchDocument | undefined, row: MessageRow | undefined): string | undefined {
  if (!row) return document && `message ${id} is in the index and in no timeline`;
  if (!document) return `message ${id} is not in the index`;
  const expected = documentOf(document.conversationId, row);
  const members = new Set([...Object.keys(expected), ...Object.keys(document)] as (keyof SearchDocument)[]);
  const unlike = [...members].filter((member) => expected[member] !== document[member]);
  return unlike.length === 0 ? undefined : `message ${id} differs in its ${unlike.join(", ")}`;
}

/** Both in their order: conversations by their bytes, seqs as they rise. */
async function compareMessages(
  index: VerifySearchOptions["index"],
  views: VerifySearchOptions["views"],
  generation: string,
  went: (messages: number) => void,
): Promise<Set<string>> {
  const suspects = new Set<string>();
  const rows = rowsOf(views);
  let next = await rows.next();
  const placed = () => (next.done ? undefined : next.value);
  const missing = ({ conversation, row }: TimelineRow) => suspects.add(messageIdOf(conversation, row.seq));
  for (let after: { conversationId: string; seq: number } | null = null; ;) {
    const page: SearchDocument[] = await index.messages(generation, after, PAGE);
    for (const document of page) {
      for (let row = placed(); row && isBefore(row, document); row = placed()) {
        missing(row);
        next = await rows.next();
      }
      const row = placed();
      const id = messageIdOf(document.conversationId, document.seq);
      const isSame = row?.conversation === document.conversationId && row.row.seq === document.seq;
      if (messageDifference(id, document, isSame ? row.row : undefined) !== undefined) suspects.add(id);
      if (isSame) next = await rows.next();
    }
    went(page.length);
    after = page.at(-1) ?? null;
    if (page.length < PAGE || after === null) break;
  }
  for (let row = placed(); row; row = placed()) {
    missing(row);
    next = await rows.next();
  }
  return suspects;
}

type TimelineRow = { conversation: string; row: MessageRow };

function isBefore({ conversation, row }: TimelineRow, document: SearchDocument): boolean {
  const order = Buffer.compare(Buffer.from(conversation), Buffer.from(document.conversationId));
  return order < 0 || (order === 0 && row.seq < document.seq);
}

async function* conversationsOf(views: VerifySearchOptions["views"]): AsyncGenerator<string[]> {
  for (let after = ""; ;) {
    const page = await views.partitions(MESSAGES, after, PAGE);
    if (page.length > 0) yield page;
    after = page.at(-1) ?? "";
    if (page.length < PAGE) return;
  }
}

async function* rowsOf(views: VerifySearchOptions["views"]): AsyncGenerator<TimelineRow> {
  for await (const conversations of conversationsOf(views))
    for (const conversation of conversations)
      for (let after = seqKey(0); ;) {
        const page = await views.range(MESSAGES, conversation, { after, limit: PAGE });
        for (const { value } of page) yield { conversation, row: value as MessageRow };
        after = page.at(-1)?.sort ?? after;
        if (page.length < PAGE) break;
      }
}

/** Compares how many messages of each conversation the engine finds with the rows that are not recalled. */
async function compareCounts(
  index: VerifySearchOptions["index"],
  views: VerifySearchOptions["views"],
  generation: string,
  went: (conversations: number) => void,
): Promise<Set<string>> {
  const suspects = new Set<string>();
  for await (const conversations of conversationsOf(views))
    for (let from = 0; from < conversations.length; from += COUNTED) {
      const ids = conversations.slice(from, from + COUNTED);
      for (const id of (await countDifferences(index, views, generation, ids)).keys()) suspects.add(id);
      went(ids.length);
    }
  return suspects;
}

/** The engine counts between two counts of the rows, because messages may come meanwhile. */
async function countDifferences(
  index: VerifySearchOptions["index"],
  views: VerifySearchOptions["views"],
  generation: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const before = await Promise.all(ids.map((id) => liveRows(views, id)));
  const query = { units: [], filter: { conversationIds: ids }, order: "NEWEST", limit: 0, facets: ids.length } as const;
  const found = await index.search(generation, query);
  const byConversation = new Map(found.facets?.byConversation.map(({ key, count }) => [key, count]));
  const differences = new Map<string, string>();
  for (const [at, id] of ids.entries()) {
    const engine = byConversation.get(id) ?? 0;
    if (engine === before[at]) continue;
    const after = await liveRows(views, id);
    const bounds = [before[at] ?? 0, after];
    if (engine < Math.min(...bounds) || engine > Math.max(...bounds))
      differences.set(id, `${id}: the index finds ${engine} messages, the timeline has ${after}`);
  }
  return differences;
}

async function liveRows(views: VerifySearchOptions["views"], conversation: string): Promise<number> {
  let count = 0;
  for (let after = seqKey(0); ;) {
    const page = await views.range(MESSAGES, conversation, { after, limit: PAGE });
    count += page.filter(({ value }) => (value as MessageRow).recalledAt === null).length;
    after = page.at(-1)?.sort ?? after;
    if (page.length < PAGE) return count;
  }
}

type Profiles = ReturnType<typeof directoryReads>;

async function compareEntries(
  index: VerifySearchOptions["index"],
  views: VerifySearchOptions["views"],
  profiles: Profiles,
  generation: string,
  went: (entries: number) => void,
): Promise<Set<string>> {
  const suspects = new Set<string>();
  const look = async (ids: readonly string[], entries: readonly (DirectoryEntry | undefined)[]): Promise<void> => {
    const [users, groups] = await Promise.all([profiles.users(ids), profiles.groups(ids)]);
    for (const id of unequal(ids, (id, at) => entryDifference(id, entries[at], users[at], groups[at])).keys()) suspects.add(id);
  };
  for (let after = ""; ;) {
    const page = await index.entries(generation, after, PAGE);
    await look(
      page.map(({ id }) => id),
      page,
    );
    went(page.length);
    after = page.at(-1)?.id ?? "";
    if (page.length < PAGE) break;
  }
  for (const table of ["users", "groups"])
    for (let after = ""; ;) {
      const ids = await views.partitions(`${generationOf(directory)}/${table}`, after, PAGE);
      await look(ids, (await index.get(generation, ids)) as (DirectoryEntry | undefined)[]);
      after = ids.at(-1) ?? "";
      if (ids.length < PAGE) break;
    }
  return suspects;
}

function entryDifference(
  id: string,
  entry: DirectoryEntry | undefined,
  user: UserRow | undefined,
  group: GroupRow | undefined,
): string | undefined {
  const expected = user
    ? { entry: "USER", name: user.name, handle: user.handle, tags: user.tags, category: null, public: true }
    : group && {
        entry: "GROUP",
        name: group.title,
        handle: null,
        tags: group.tags,
        category: group.category,
        public: group.public,
      };
  if (!expected) return entry && `${id} is in the index and not in the directory`;
  if (!entry) return `${id} is not in the index`;
  const members = Object.keys(expected) as (keyof typeof expected)[];
  const unlike = members.filter((member) => JSON.stringify(expected[member]) !== JSON.stringify(entry[member]));
  return unlike.length === 0 ? undefined : `${id} differs in its ${unlike.join(", ")}`;
}
