import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sqliteKeyStore } from "../adapters/keyStore/sqlite.ts";
import { commandHandler } from "../commands/handle.ts";
import type { Config } from "../config.ts";
import { streams } from "../domain/ids.ts";
import { divided, personalOf, SEALED } from "../domain/personal.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider } from "../domain/settings.ts";
import type { Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import { type KeyStore, NO_MONTH } from "../ports/keyStore.ts";
import type { StoredEvents } from "../ports/storedEvents.ts";
import { type Masters, mastersIn, newMaster, NoMaster, rewrapped } from "../sealing/master.ts";
import { readThrough, sealedLog } from "../sealing/sealedLog.ts";
import { createVault, type Found, TRUST_MS, type Vault } from "../sealing/vault.ts";
import type { Logger } from "./logger.ts";
import { keptSecret } from "./secret.ts";

/** How long servers may use keys after they were destroyed, in milliseconds. */
export const LET_GO_MS = TRUST_MS + 1_000;

/** In DATA_DIR. Whoever loses one of them loses all that is sealed. */
const KEYS = "keys.db";
const MASTER = "master-key";
const SCHEMA = "tidings";

/** Tells a thread of this process where the keys of the log are. */
export type KeysPlace = {
  dataDir: string;
  /** Undefined: they are in `dataDir`. */
  database: { url: string; schema: string } | undefined;
  /** Undefined: it is in `dataDir`. */
  masterKey: string | undefined;
};

export const placeOfKeys = ({ dataDir, databaseUrl: url, databaseSchema: schema = SCHEMA, masterKey }: Config): KeysPlace => ({
  dataDir,
  database: url === undefined ? undefined : { url, schema },
  masterKey,
});

/** Whether there are keys in DATA_DIR. */
export const hasKeys = ({ dataDir }: Pick<KeysPlace, "dataDir">): boolean => existsSync(join(dataDir, KEYS));

const masterFile = ({ dataDir }: Pick<KeysPlace, "dataDir">): string => join(dataDir, MASTER);

const noMaster = (file: string, cause: unknown): NoMaster =>
  new NoMaster(`MASTER_KEY is not set, and ${file} holds no master key: put it back`, { cause });

/** The master keys that are set, or those of the file. */
function mastersAt(place: KeysPlace): (anew: boolean) => Masters {
  let known = place.masterKey === undefined ? undefined : mastersIn(place.masterKey);
  if (known) {
    const set = known;
    return () => set;
  }
  const file = masterFile(place);
  return (anew) => {
    if (known && !anew) return known;
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      throw noMaster(file, error);
    }
    known = mastersIn(text.trim());
    if (!known) throw noMaster(file, new Error("it holds something else"));
    return known;
  };
}

/** `make`: as for a vault. */
type Opening = { at: (make: boolean) => KeyStore | undefined; close: () => Promise<void> };

/** The store is opened when it is asked for: most of those who may need keys need none. */
async function storeAt({ dataDir, database }: KeysPlace): Promise<Opening> {
  let opened: Open<KeyStore> | undefined;
  const close = async (): Promise<void> => opened?.close();
  if (!database) return { at: (make) => (opened ??= sqliteKeyStore(join(dataDir, KEYS), make)), close };
  // The client of PostgreSQL is loaded only where it is used.
  const { postgresKeyStore } = await import("../adapters/keyStore/postgres.ts");
  return { at: () => (opened ??= postgresKeyStore(database.url, database.schema)), close };
}

/** The keys of the log, for one thread. */
export async function openVault(place: KeysPlace): Promise<Vault> {
  const { at, close } = await storeAt(place);
  return createVault({ store: at, closeStore: close, masters: mastersAt(place) });
}

/** The most events of the settings' stream that are read at a time. */
const SETTINGS_PAGE = 100;

/** The key that every server of a log must have that is sealed. Undefined: the log is plain. */
async function keyOfLog(log: Pick<EventStore, "read">): Promise<string | undefined> {
  for (let from = 0; ;) {
    const page = await log.read(streams.settings, from, "forwards", SETTINGS_PAGE);
    for (const stored of page) {
      const event = parseEvent(stored);
      if (event?.type === "EncryptionBegan") return event.data.key;
    }
    if (page.length < SETTINGS_PAGE) return undefined;
    from += SETTINGS_PAGE;
  }
}

/** Whose the key is that a log begins to be sealed with. No user and no conversation is called so. */
const OF_THE_LOG = { owner: "/log", month: NO_MONTH };

const ADVICE = "docs/operations.md#what-people-write-is-sealed says where the keys are";

/**
 * Whether what is appended is sealed from now on: because the log says so, or because this server's configuration does, which is
 * then recorded. It waits for servers that are away. Rejects with an `Error` that says what to do if the keys of the log are not
 * here.
 */
export async function agreedEncryption(
  log: EventStore,
  vault: Vault,
  config: Config,
  logger: Logger,
  now: () => Date,
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const isRemote = config.eventStoreUrl !== undefined || config.databaseUrl !== undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      const key = await keyOfLog(log);
      if (key === undefined && !config.encryption) return false;
      await vault.ready();
      if (key === undefined) await begin(log, vault, config, now);
      else await requireKey(vault, key);
      return true;
    } catch (error) {
      const isAway = error instanceof Unavailable || (error instanceof Refusal && error.code === "UNAVAILABLE");
      if (!isRemote || !isAway) throw error;
      logger.warn({}, `waiting for the log and its keys: ${explained(error)}`);
      await backOff(attempt, signal);
      signal.throwIfAborted();
    }
  }
}

/** Makes a master key where there is none. Rejects with an `Error` that says what to do. */
async function ensureMaster(config: Config): Promise<void> {
  if (config.masterKey !== undefined) return;
  if (config.role !== "all") throw new Error(`MASTER_KEY must be set with ENCRYPTION=on and ROLE=${config.role}`);
  await keptSecret(config.dataDir, masterFile(config), newMaster);
}

async function begin(log: EventStore, vault: Vault, config: Config, now: () => Date): Promise<void> {
  await ensureMaster(config);
  const { ids: key } = await vault.keyFor([OF_THE_LOG]);
  const at = now().toISOString();
  await commandHandler({ log })({
    stream: streams.settings,
    decider,
    command: { type: "BeginEncryption", key },
    actorId: "configuration",
    clientMutationId: `encryption/${at}/${randomBytes(6).toString("hex")}`,
    at,
  });
}

async function requireKey(vault: Vault, key: string): Promise<void> {
  let found: Found | undefined;
  try {
    found = (await vault.find([key])).get(key);
  } catch (error) {
    if (!(error instanceof NoMaster)) throw error;
    throw new Error(`the log is sealed, and its keys cannot be opened here: ${explained(error.cause)}; ${ADVICE}`, {
      cause: error,
    });
  }
  if (found === undefined || found === "unknown" || found === "destroyed")
    throw new Error(`the log is sealed, and its keys are not here (the key ${key} is ${found ?? "unknown"}): ${ADVICE}`);
}

/** Two logs, one of which gets what is in the other, sealed. What is erased stays as it is stored. They share the vault. */
export async function sealedCopy<From extends Readable, To extends EventStore & { close(): Promise<void> }>(
  config: Config,
  from: From,
  to: To,
): Promise<{ from: From; to: To }> {
  await ensureMaster(config);
  const vault = await openVault(placeOfKeys(config));
  await vault.ready();
  return { from: readThrough(from, vault, "what is there"), to: sealedLog(to, vault, () => true, "what is there") };
}

type Readable = Pick<EventStore, "read" | "readAll"> & { close(): Promise<void> };

/** What of a log is sealed. `plain`: events that are not, and say something that would be. */
export type Survey = { events: number; sealed: number; plain: number };

/** Events that are read at a time. */
const SURVEYED = 1_000;

/** Reads a whole log as it is stored. `progress`: is told how far it is. */
export async function surveyKeys(
  log: StoredEvents & Pick<EventStore, "origin">,
  progress: (at: Position) => void,
): Promise<Survey> {
  const survey = { events: 0, sealed: 0, plain: 0 };
  for (let at = log.origin; ;) {
    const { events, next, isTail } = await log.readStored(at, SURVEYED, false);
    for (const { type, data } of events) {
      survey.events++;
      const personal = personalOf(type);
      if (!personal) continue;
      const stored = JSON.parse(data) as Record<string, unknown> | null;
      if (stored?.[SEALED] !== undefined) survey.sealed++;
      else if (divided(personal, stored)) survey.plain++;
    }
    if (isTail) return survey;
    progress((at = next));
  }
}

/**
 * Destroys the keys of a person, for ever. Resolves with how many there were. Rejects with an `Error` that says what to do if
 * nothing is sealed with keys here.
 */
export async function destroyKeys(config: Config, user: string): Promise<number> {
  const { at, close } = await storeAt(placeOfKeys(config));
  try {
    const store = at(false);
    if (!store)
      throw new Error(`there are no keys in ${config.dataDir}: the log is not sealed, and nobody can be forgotten in it`);
    return await store.destroy({ owner: user });
  } finally {
    await close();
  }
}

export type Rotated = { wrapped: number; keys: number; destroyed: number; file: string | undefined };

/** How many keys are wrapped at a time. */
const REWRAPPED = 500;

/**
 * Wraps all keys by the first of the master keys; of those in DATA_DIR by a new one, which comes before the former in the file.
 * Run again, it goes on where it was stopped. Rejects with an `Error` that says what to do.
 */
export async function rotateKeys(config: Config): Promise<Rotated> {
  const place = placeOfKeys(config);
  const { at, close } = await storeAt(place);
  try {
    const store = at(false);
    if (!store) throw new Error(`there are no keys in ${config.dataDir}: nothing is sealed with them (ENCRYPTION=on begins it)`);
    const masters = mastersAt(place);
    let wrapped = 0;
    const wrapAll = async (by: Masters): Promise<void> => {
      for (;;) {
        const keys = await store.notWrappedBy(by[0].id, REWRAPPED);
        if (keys.length === 0) return;
        await store.rewrap(keys.map((key) => rewrapped(by, key)));
        wrapped += keys.length;
      }
    };
    let file: string | undefined;
    if (config.masterKey === undefined) {
      file = masterFile(config);
      // Only one former key stays: all that it has wrapped must be wrapped by the one that comes after it.
      await wrapAll(masters(true));
      const [current = ""] = (await readFile(file, "utf8")).trim().split(",");
      await replace(file, `${newMaster()},${current}\n`);
      wrapped = 0;
    }
    await wrapAll(masters(true));
    return { wrapped, ...(await store.counts()), file };
  } finally {
    await close();
  }
}

/** Puts another text into a file, whole or not at all. */
async function replace(file: string, text: string): Promise<void> {
  const half = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(half, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(half, file);
  } finally {
    await rm(half, { force: true });
  }
}
