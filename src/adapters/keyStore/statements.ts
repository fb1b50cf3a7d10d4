import type { DestroyedKey, KeptKey, KeyCounts, KeyName } from "../../ports/keyStore.ts";

/** A statement in the SQL that SQLite and PostgreSQL share. Values stand as $1, $2. */
export type Sql = { name: string; text: string };
export type SqlValue = string | number | null;

/**
 * The tables, as both databases take them. `bytes`: what makes a column one that is compared as bytes. `name`: owner and month. A
 * row without `wrapped` is what is left of a key.
 */
export const tablesIn = (prefix: string, bytes: string): string => `
  CREATE TABLE IF NOT EXISTS ${prefix}key_state (one int PRIMARY KEY, destructions bigint NOT NULL);
  INSERT INTO ${prefix}key_state (one, destructions) VALUES (1, 0) ON CONFLICT (one) DO NOTHING;
  CREATE TABLE IF NOT EXISTS ${prefix}keys (id text PRIMARY KEY, name text ${bytes} NOT NULL, master text, wrapped text);
  CREATE UNIQUE INDEX IF NOT EXISTS keys_current ON ${prefix}keys (name) WHERE wrapped IS NOT NULL`;

const COLUMNS = "id, name, master, wrapped";

/** `list`: what makes rows of the texts in a JSON array, given its parameter. */
export function statementsIn(prefix: string, list: (parameter: string) => string) {
  const keys = `${prefix}keys`;
  return {
    find: { name: "keys-find", text: `SELECT ${COLUMNS} FROM ${keys} WHERE id IN (${list("$1")})` },
    current: {
      name: "keys-current",
      text: `SELECT ${COLUMNS} FROM ${keys} WHERE wrapped IS NOT NULL AND name IN (${list("$1")})`,
    },
    add: {
      name: "keys-add",
      text: `INSERT INTO ${keys} (${COLUMNS}) VALUES ($1, $2, $3, $4) ON CONFLICT (name) WHERE wrapped IS NOT NULL DO NOTHING`,
    },
    /** All of an owner's: names from `owner ` to before `owner!`. */
    destroy: {
      name: "keys-destroy",
      text: `UPDATE ${keys} SET master = NULL, wrapped = NULL WHERE wrapped IS NOT NULL AND name >= $1 AND name < $2 RETURNING id`,
    },
    /** Whoever destroys waits for others who do: so the number grows in the order in which it is seen. */
    destroyed: { name: "keys-destroyed", text: `UPDATE ${prefix}key_state SET destructions = destructions + 1 WHERE one = 1` },
    destructions: { name: "keys-destructions", text: `SELECT destructions FROM ${prefix}key_state WHERE one = 1` },
    others: {
      name: "keys-others",
      text: `SELECT ${COLUMNS} FROM ${keys} WHERE wrapped IS NOT NULL AND master <> $1 LIMIT $2`,
    },
    rewrap: {
      name: "keys-rewrap",
      text: `UPDATE ${keys} SET master = $2, wrapped = $3 WHERE id = $1 AND wrapped IS NOT NULL`,
    },
    counts: {
      name: "keys-counts",
      text: `SELECT count(wrapped), count(*) - count(wrapped) FROM ${keys}`,
    },
  };
}

export const nameOf = ({ owner, month }: KeyName): string => `${owner} ${month}`;

/**
 * From where, and before what, the names of these keys are: a space is the first character that is in a name, and `!` comes
 * next.
 */
export const namesOf = (owner: string, month: string | undefined): [from: string, before: string] =>
  month === undefined ? [`${owner} `, `${owner}!`] : [`${owner} ${month}`, `${owner} ${month} `];

export function keyOf(columns: readonly unknown[]): KeptKey | DestroyedKey {
  const [id, name, master, wrapped] = columns.map((value) => (typeof value === "string" ? value : undefined));
  const [owner = "", month = ""] = (name ?? "").split(" ");
  const known = { id: id ?? "", owner, month };
  return master === undefined || wrapped === undefined ? known : { ...known, master, wrapped };
}

export const isKept = (key: KeptKey | DestroyedKey): key is KeptKey => key.wrapped !== undefined;

export const countsOf = ([keys, destroyed]: readonly unknown[]): KeyCounts => ({
  keys: Number(keys),
  destroyed: Number(destroyed),
});

/** Parameters of a list. */
export const listOf = (texts: readonly string[]): string => JSON.stringify(texts);
