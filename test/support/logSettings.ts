import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { schemaPrefix } from "./schemas.ts";
import type { Settings } from "./server.ts";

/**
 * Where the log and the views of a test's server are. The log is in EventStoreDB where the tests are given an EVENTSTORE_URL,
 * under a prefix that follows from the folder, so that who starts again on the same folder finds its log. The views are in
 * PostgreSQL where the tests are given a DATABASE_URL and DATABASE_FOR_ALL, in a schema that follows from the folder too. Else,
 * and where a test names them itself (an empty EVENTSTORE_URL or DATABASE_URL for what is embedded), they are as the settings
 * say. Of all else that the tests are given nothing goes to a server: its search index is embedded unless the test's settings
 * name an Elasticsearch (`engines.ts`), whatever ELASTICSEARCH_URL is.
 */
export function logSettings(settings: Settings): Settings {
  const { DATA_DIR } = settings;
  if (DATA_DIR === undefined) return settings;
  const eventStore = process.env.EVENTSTORE_URL ?? "";
  const database = isForAll() ? (process.env.DATABASE_URL ?? "") : "";
  return {
    ...(eventStore === "" || Object.hasOwn(settings, "EVENTSTORE_URL")
      ? {}
      : { EVENTSTORE_URL: eventStore, EVENTSTORE_PREFIX: prefixOf(DATA_DIR) }),
    ...(database === "" || Object.hasOwn(settings, "DATABASE_URL")
      ? {}
      : { DATABASE_URL: database, DATABASE_SCHEMA: schemaOf(DATA_DIR) }),
    ...settings,
  };
}

const isForAll = (): boolean => (process.env.DATABASE_FOR_ALL ?? "") !== "";

const hashOf = (dataDir: string): string => createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 20);

export const prefixOf = (dataDir: string): string => `t-${hashOf(dataDir)}`;
/** Each folder's own. It is removed after all tests. */
export const schemaOf = (dataDir: string): string => schemaPrefix() + hashOf(dataDir);
