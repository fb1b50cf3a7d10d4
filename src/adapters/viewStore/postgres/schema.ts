import { Refused, refusal } from "./faults.ts";
import type { Address } from "./address.ts";
import { openSession, type Session } from "./sessions.ts";
import { Unavailable } from "../../../ports/faults.ts";
import { locked, lockOf } from "./hold.ts";

/** The first version of PostgreSQL that will do, as `server_version_num` has it. */
const LEAST = 140_000;

/** Into how many parts one server divides the rows. A statement takes a lock on each part: some more, and that takes long. */
const PARTS = 8;

/** What brings the tables of a schema from one version to the next. What was released is never changed. */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
    CREATE TABLE "${schema}".rows (
      tbl text COLLATE "C" NOT NULL,
      partition text COLLATE "C" NOT NULL,
      sort text COLLATE "C" NOT NULL,
      value text NOT NULL,
      PRIMARY KEY (tbl, partition, sort)
    ) PARTITION BY HASH (partition);
    ${Array.from(
      { length: PARTS },
      (_, part) => `
    CREATE TABLE "${schema}".rows_${part} PARTITION OF "${schema}".rows
      FOR VALUES WITH (MODULUS ${PARTS}, REMAINDER ${part}) WITH (fillfactor = 90);`,
    ).join("")}
    CREATE TABLE "${schema}".checkpoints (
      generation text COLLATE "C" PRIMARY KEY,
      position text NOT NULL,
      anchor text
    ) WITH (fillfactor = 50);`,
  // Who has which slice, and who is there to have some.
  (schema) => `
    CREATE TABLE "${schema}".leases (
      slice int PRIMARY KEY,
      holder text,
      fence bigint NOT NULL,
      expires timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    CREATE TABLE "${schema}".holders (
      holder text PRIMARY KEY,
      joined timestamptz NOT NULL,
      expires timestamptz NOT NULL
    ) WITH (fillfactor = 50);`,
];

/** How long the lock of who used a schema is waited for, in milliseconds. */
const LET_GO_MS = 5_000;

const select = (text: string): { name: string; text: string } => ({ name: "", text });

/**
 * Brings the tables of a schema to the version that this program knows, and makes them where there are none: once, whoever else
 * does so at the same moment. Rejects with `Refused` if the server, the database or the schema will not do.
 */
export async function migrate(address: Address, schema: string): Promise<void> {
  const session = await openSession(address, { patient: true });
  try {
    await assertFit(session);
    await session.run("BEGIN");
    await session.ask(select("SELECT pg_advisory_xact_lock($1, $2)"), lockOf("migrate", schema));
    const found = await versionOf(session, schema);
    assertKnown(schema, found);
    if (found < MIGRATIONS.length) {
      // Whoever may use the schema, but make none, finds it made.
      if (!(await isThere(session, schema))) await session.run(`CREATE SCHEMA "${schema}"`);
      await session.run(`CREATE TABLE IF NOT EXISTS "${schema}".version (version int NOT NULL)`);
      for (const migration of MIGRATIONS.slice(found)) await session.run(migration(schema));
      await session.run(`DELETE FROM "${schema}".version; INSERT INTO "${schema}".version VALUES (${MIGRATIONS.length})`);
    }
    await session.run("COMMIT");
  } finally {
    await session.close();
  }
}

/** Whether there are tables in a schema. It changes nothing. Rejects like `migrate`. */
export async function hasTables(address: Address, schema: string): Promise<boolean> {
  const session = await openSession(address);
  try {
    await assertFit(session);
    const found = await versionOf(session, schema);
    assertKnown(schema, found);
    return found > 0;
  } finally {
    await session.close();
  }
}

async function assertFit(session: Session): Promise<void> {
  const { rows } = await session.ask<[number, string, string]>(
    select(
      "SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding')",
    ),
    [],
  );
  const [number, version, encoding] = rows[0] ?? [0, "unknown", "unknown"];
  if (number < LEAST) throw new Refused(`it is PostgreSQL ${version}, and Tidings needs ${LEAST / 10_000} or newer`);
  if (encoding !== "UTF8") throw new Refused(`its database is in ${encoding}: make one in UTF8 (createdb -E UTF8 -T template0)`);
}

async function isThere(session: Session, schema: string): Promise<boolean> {
  const { rows } = await session.ask(select("SELECT 1 FROM pg_namespace WHERE nspname = $1"), [schema]);
  return rows.length > 0;
}

/** 0: there are no tables yet. */
async function versionOf(session: Session, schema: string): Promise<number> {
  const known = await session.ask<[string | null]>(select("SELECT to_regclass($1)::text"), [`"${schema}".version`]);
  if (known.rows[0]?.[0] == null) return 0;
  const { rows } = await session.ask<[number | null]>(select(`SELECT max(version) FROM "${schema}".version`), []);
  return rows[0]?.[0] ?? 0;
}

function assertKnown(schema: string, found: number): void {
  if (found > MIGRATIONS.length)
    throw new Refused(
      `a newer Tidings made the tables of its schema ${schema} (version ${found}, and this one knows ${MIGRATIONS.length}): ` +
        "start that one, or set DATABASE_SCHEMA to another schema, in which the views are folded anew",
    );
}

/** Runs what concerns a whole schema that nobody uses. Rejects with an `Error` that says what to do. */
async function onSchema<T>(address: Address, schema: string, work: (session: Session) => Promise<T>): Promise<T> {
  try {
    // Who used it a moment ago may have let go of it, and the server not know yet.
    const session = await locked(address, schema, { shared: false }, new AbortController().signal, LET_GO_MS);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  } catch (error) {
    const why = refusal(error);
    if (why !== undefined) throw new Error(`PostgreSQL at ${address.name} cannot be used: ${why}`, { cause: error });
    throw new Unavailable("the view store's server cannot be used now", "unknown", { cause: error });
  }
}

/** Removes a schema and all that is in it. Nobody may use it. */
export const removeSchema = (address: Address, schema: string): Promise<void> =>
  onSchema(address, schema, (session) => session.run(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`));

/** Renames a schema to one that nothing reads. Nobody may use it. Resolves with its new name. */
export const setSchemaAside = (address: Address, schema: string): Promise<string> =>
  onSchema(address, schema, async (session) => {
    for (let number = 1; ; number++) {
      const aside = `${schema}_aside_${number}`;
      if (await isThere(session, aside)) continue;
      await session.run(`ALTER SCHEMA "${schema}" RENAME TO "${aside}"`);
      return aside;
    }
  });
