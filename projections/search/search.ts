import { messageIdOf } from "../../src/domain/ids.ts";
import { snapped } from "../../src/domain/place.ts";
import type {
  DirectoryEntry,
  EntryPage,
  EntryQuery,
  SearchDocument,
  SearchIndex,
  SearchPage,
  SearchQuery,
} from "../../src/ports/searchIndex.ts";
import { type Projection, put, type Rows, seqKey, type TableWrite } from "../../src/projecting/projection.ts";

const messageRow = (rows: OwnRows, conversationId: string, seq: number) =>
  rows.get<SearchDocument>("messages", conversationId, seqKey(seq));

async function entryOf(rows: OwnRows, id: string): Promise<DirectoryEntry> {
  const entry = await rows.get<DirectoryEntry>("entries", id, "");
  if (!entry) throw new Error(`${id} changed before it was there`);
  return entry;
}

type OfMessage = { data: { conversationId: string; seq: number }; position: string };

function gone({ data: { conversationId, seq }, position }: OfMessage): TableWrite[] {
  const document: SearchDocument = { conversationId, seq, version: position, recalled: true };
  return [put("messages", conversationId, seqKey(seq), document)];
}

const READS = ["messages", "entries"] as const;
type Read = (typeof READS)[number];
type OwnRows = Rows<Read>;

/**
 * What can be searched: messages by their words, people and groups by name, tags and place. Its rows are the documents of a
 * search index, each with the position of the event that made it so. A message that was recalled or has expired leaves only that
 * position.
 */
export const search: Projection<Read> = {
  name: "search",
  /** Also raised when the analysis (domain/words.ts) changes, or what engines keep of a document. */
  version: 4,
  reads: READS,
  /** What becomes of a message depends only on its own events. */
  keyOf: ({ stream, revision }) => {
    const [kind, ...rest] = stream.split("-");
    return kind === "conversation" ? messageIdOf(rest.join("-"), revision + 1) : rest.join("-");
  },
  handlers: {
    MessageSent: ({ data, revision, position, at }) => {
      const { conversationId, senderId, kind, topic, text, imported } = data;
      const document: SearchDocument = {
        conversationId,
        seq: revision + 1,
        version: position,
        senderId,
        kind,
        topic,
        sentAt: Date.parse(imported?.sentAt ?? at),
        text: text ?? "",
      };
      return [put("messages", conversationId, seqKey(document.seq), document)];
    },
    MessageEdited: async ({ data: { conversationId, seq, text }, position }, rows) => {
      const document = await messageRow(rows, conversationId, seq);
      if (!document) throw new Error(`message ${conversationId}:${seq} was edited before it was sent`);
      if (document.recalled) return [];
      return [put("messages", conversationId, seqKey(seq), { ...document, text, version: position } satisfies SearchDocument)];
    },
    MessageRecalled: gone,
    MessageExpired: gone,

    UserRegistered: ({ data: { userId, handle, name, tags }, position }) => {
      const entry: DirectoryEntry = {
        entry: "USER",
        id: userId,
        version: position,
        name,
        handle,
        tags,
        category: null,
        place: null,
        public: true,
      };
      return [put("entries", userId, "", entry)];
    },
    ProfileUpdated: async ({ data: { userId, handle, name, tags }, position }, rows) => {
      const entry = await entryOf(rows, userId);
      const changed: DirectoryEntry = {
        ...entry,
        version: position,
        handle: handle ?? entry.handle,
        name: name ?? entry.name,
        tags: tags ?? entry.tags,
      };
      return [put("entries", userId, "", changed)];
    },
    LocationChanged: async ({ data: { userId, point }, position }, rows) => {
      const entry = await entryOf(rows, userId);
      // The exact place stays in the owner's stream: the index can tell no more than the cell.
      const place = point && snapped(point);
      return [put("entries", userId, "", { ...entry, version: position, place } satisfies DirectoryEntry)];
    },
    GroupCreated: ({ data: { groupId, title, tags, category, public: isPublic }, position }) => {
      const entry: DirectoryEntry = {
        entry: "GROUP",
        id: groupId,
        version: position,
        name: title,
        handle: null,
        tags,
        category,
        place: null,
        public: isPublic,
      };
      return [put("entries", groupId, "", entry)];
    },
    GroupProfileChanged: async ({ data: { groupId, title, tags, category, public: isPublic }, position }, rows) => {
      const entry = await entryOf(rows, groupId);
      const changed: DirectoryEntry = {
        ...entry,
        version: position,
        name: title ?? entry.name,
        tags: tags ?? entry.tags,
        category: category === undefined ? entry.category : category,
        public: isPublic ?? entry.public,
      };
      return [put("entries", groupId, "", changed)];
    },
    GroupDissolved: async ({ data: { groupId }, position }, rows) => {
      const entry = await entryOf(rows, groupId);
      return [put("entries", groupId, "", { ...entry, version: position, public: false } satisfies DirectoryEntry)];
    },
  },
};

/** The view whose active generation is searched. */
export const SEARCH_VIEW = `${search.name}@${search.version}`;

/** What can be asked of an index. None of it asks whether the viewer may see what is found. Errors: `Unavailable`. */
export type SearchReads = {
  messages(query: SearchQuery): Promise<SearchPage>;
  entries(query: EntryQuery): Promise<EntryPage>;
};

export const searchReads = (index: Pick<SearchIndex, "search" | "find">): SearchReads => ({
  messages: (query) => index.search(SEARCH_VIEW, query),
  entries: (query) => index.find(SEARCH_VIEW, query),
});
