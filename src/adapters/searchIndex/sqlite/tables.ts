/** How many messages may have the same millisecond: their rows lie in one slot. */
export const SLOT = 1 << 20;
/** Times beyond share the outermost slots, where they are ordered as the others are within theirs. */
export const LAST_SLOT = 2 ** 42;

/** The slot of a time, as an expression. Slots lie in the order of time, so the full-text index itself goes from the newest to the oldest. */
export const slotOf = (sentAt: string): string => `(max(-${LAST_SLOT}, min(${LAST_SLOT}, cast(${sentAt} as integer))) * ${SLOT})`;

export type Tables = { documents: string; recalled: string; conversations: string; words: string };

/** The names of one generation's tables. */
export const tablesOf = (number: number): Tables => ({
  documents: `documents_${number}`,
  recalled: `recalled_${number}`,
  conversations: `conversations_${number}`,
  words: `words_${number}`,
});

/**
 * `words`: c the conversation, t the tokens, e the last characters of CJK runs. Nothing of theirs is kept but the index, and the ascii tokenizer
 * only takes apart at spaces what im_v1 made.
 */
export const createTables = ({ documents, recalled, conversations, words }: Tables): string => `
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
  create virtual table ${words} using fts5 (c, t, e, content = '', contentless_delete = 1, tokenize = 'ascii');
`;

export const dropTables = (tables: Tables): string =>
  Object.values(tables)
    .map((table) => `drop table if exists ${table};`)
    .join("");
