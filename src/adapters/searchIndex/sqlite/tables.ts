import type { DirectoryEntry } from "../../../ports/searchIndex.ts";

/** The messages of one millisecond are in one slot of so many rows. They use every other row, because a tick may follow each. */
export const SLOT = 1 << 20;
export const STEP = 2;
/** Times beyond this share the outermost slots. There, they are ordered like messages within any other slot. */
export const LAST_SLOT = 2 ** 42;

/**
 * The first row of a time's slot, as an SQL expression. Slots have the order of time, so the full-text index itself goes from the
 * newest message to the oldest.
 */
export const slotOf = (sentAt: string): string => `(max(-${LAST_SLOT}, min(${LAST_SLOT}, cast(${sentAt} as integer))) * ${SLOT})`;

/**
 * Beginnings of words with up to so many characters have an index. Without it, all words with that beginning would be collected:
 * for one letter, most of the text.
 */
export const INDEXED_BEGINNING = 2;

/** How words are indexed. The ascii tokenizer only splits the output of im_v2 at spaces. Nothing but the index is stored. */
const FULL_TEXT = `content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1 2'`;

/** Whether a row of `words` is a tick. A tick follows a message. */
export const isTick = (rowid: string): string => `(${rowid} & 1)`;

export type Tables = {
  documents: string;
  recalled: string;
  conversations: string;
  words: string;
  entries: string;
  names: Record<DirectoryEntry["entry"], string>;
  tags: string;
  places: string;
};

/** The names of one generation's tables. */
export const tablesOf = (number: number): Tables => ({
  documents: `documents_${number}`,
  recalled: `recalled_${number}`,
  conversations: `conversations_${number}`,
  words: `words_${number}`,
  entries: `entries_${number}`,
  names: { USER: `user_names_${number}`, GROUP: `group_names_${number}` },
  tags: `tags_${number}`,
  places: `places_${number}`,
});

/**
 * `words`, `names`: c is the conversation, t the tokens. Only their index is stored, and the ascii tokenizer only splits the
 * output of im_v2 at spaces. Beside messages, `words` has ticks. `entries`: name and category are in the compared form; `row` is
 * the whole entry as JSON. `tags` has the order of a page of one tag. `places` are points, rounded outwards to 32 bits.
 */
export const createTables = ({ documents, recalled, conversations, words, entries, names, tags, places }: Tables): string => `
  create table ${conversations} (number integer primary key, id text not null unique);
  create table ${documents} (
    id integer primary key,
    conversation integer not null,
    seq integer not null,
    version text not null,
    sender text not null,
    kind text not null,
    topic text,
    sent_at integer not null,
    text text not null
  );
  create unique index ${documents}_by_seq on ${documents} (conversation, seq);
  create table ${recalled} (
    conversation integer not null,
    seq integer not null,
    version text not null,
    primary key (conversation, seq)
  ) without rowid;
  create virtual table ${words} using fts5 (c, t, ${FULL_TEXT});
  create table ${entries} (
    number integer primary key,
    id text not null unique,
    kind text not null,
    version text not null,
    name text not null,
    handle text,
    category text,
    public integer not null,
    latitude real,
    longitude real,
    row text not null
  );
  create index ${entries}_by_name on ${entries} (kind, name, id);
  create index ${entries}_by_category on ${entries} (kind, category, name, id) where category is not null;
  create index ${entries}_by_handle on ${entries} (handle) where handle is not null;
  ${Object.values(names)
    .map((table) => `create virtual table ${table} using fts5 (t, ${FULL_TEXT});`)
    .join("")}
  create table ${tags} (
    kind text not null,
    tag text not null,
    score real not null,
    id text not null,
    number integer not null,
    primary key (kind, tag, score desc, id)
  ) without rowid;
  create index ${tags}_by_entry on ${tags} (number, tag, score);
  create virtual table ${places} using rtree (number, south, north, west, east);
`;

export const dropTables = ({ names, ...tables }: Tables): string =>
  [...Object.values(tables), ...Object.values(names)].map((table) => `drop table if exists ${table};`).join("");
