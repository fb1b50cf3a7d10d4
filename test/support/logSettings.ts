import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { schemaPrefix } from "./schemas.ts";
import type { Settings } from "./server.ts";

/**
 * Where the log, the views and the news of a test's server are. The log is in EventStoreDB where the tests are given an
 * EVENTSTORE_URL, under a prefix that follows from the folder, so that who starts again on the same folder finds its log. The
 * views are in PostgreSQL where the tests are given a DATABASE_URL and DATABASE_FOR_ALL, in a schema that follows from the folder
 * too, and in as many slices as SLICES_FOR_ALL says. With REDIS_URL and REDIS_FOR_ALL, what is new goes through Redis. With
 * ENCRYPTION_FOR_ALL, all logs are sealed. Else, and
 * where a test names them itself (an empty EVENTSTORE_URL, DATABASE_URL or REDIS_URL for what is embedded), they are as the
 * settings say. Of all else that the tests are given nothing goes to a server: its search index is embedded unless the test's
 * settings name an Elasticsearch (`engines.ts`), whatever ELASTICSEARCH_URL is.
 */
export function logSettings(settings: Settings): Settings {
  const { DATA_DIR } = settings;
  if (DATA_DIR === undefined) return settings;
  const own = (name: string, url: string, more: Settings): Settings =>
    url === "" || Object.hasOwn(settings, name) ? {} : { [name]: url, ...more };
  const slices = given("SLICES_FOR_ALL");
  return {
    ...own("EVENTSTORE_URL", given("EVENTSTORE_URL"), { EVENTSTORE_PREFIX: prefixOf(DATA_DIR) }),
    ...own("DATABASE_URL", givenForAll("DATABASE"), {
      DATABASE_SCHEMA: schemaOf(DATA_DIR),
      ...(slices === "" ? {} : { PROJECTION_SLICES: slices }),
    }),
    ...own("ENCRYPTION", given("ENCRYPTION_FOR_ALL") === "" ? "" : "on", {}),
    ...own("REDIS_URL", givenForAll("REDIS"), { REDIS_PREFIX: prefixOf(DATA_DIR) }),
    ...settings,
  };
}

const given = (name: string): string => process.env[name] ?? "";
const givenForAll = (server: "DATABASE" | "REDIS"): string => (given(`${server}_FOR_ALL`) === "" ? "" : given(`${server}_URL`));

const hashOf = (dataDir: string): string => createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 20);

export const prefixOf = (dataDir: string): string => `t-${hashOf(dataDir)}`;
/** Each folder's own. It is removed after all tests. */
export const schemaOf = (dataDir: string): string => schemaPrefix() + hashOf(dataDir);
