import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Settings } from "./server.ts";

/**
 * Where the log of a test's server is: in EventStoreDB where the tests are given an EVENTSTORE_URL, under a prefix that follows
 * from the folder, so that who starts again on the same folder finds its log; else, and where a test names a log itself (an empty
 * EVENTSTORE_URL for the embedded one), as the settings say. Of all else that the tests are given nothing goes to a server: its
 * search index is embedded unless the test's settings name an Elasticsearch (`engines.ts`), whatever ELASTICSEARCH_URL is.
 */
export function logSettings(settings: Settings): Settings {
  const url = process.env.EVENTSTORE_URL ?? "";
  const { DATA_DIR } = settings;
  if (url === "" || DATA_DIR === undefined || Object.hasOwn(settings, "EVENTSTORE_URL")) return settings;
  return { EVENTSTORE_URL: url, EVENTSTORE_PREFIX: prefixOf(DATA_DIR), ...settings };
}

export const prefixOf = (dataDir: string): string =>
  `t-${createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 20)}`;
