import { existsSync } from "node:fs";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { SearchGeneration, SearchStatus } from "../../../ports/searchIndex.ts";
import { byRun } from "../names.ts";
import { BUSY_MS, searchFile } from "./database.ts";
import { describe } from "./faults.ts";
import { sizeOf } from "./writeAheadLog.ts";

/**
 * How the index in `dataDir` is, without changing it: opening it as a server does makes it, or brings it to this version.
 * Undefined if there is none. Never throws: an index that cannot be read says why. `busyMs`: how long it waits at most while the
 * index is locked, in milliseconds; this thread stands still then.
 */
export function examineIndex(
  dataDir: string,
  busyMs = BUSY_MS,
): { status: SearchStatus; generations: SearchGeneration[] } | undefined {
  const file = searchFile(dataDir);
  if (!existsSync(file)) return undefined;
  let db: DatabaseSyncInstance | undefined;
  try {
    db = new DatabaseSync(file, { timeout: busyMs, returnArrays: true, readOnly: true });
    const [version] = db.prepare("select sqlite_version()").get() as [string];
    const rows = db.prepare("select name, checkpoint, active from generations").all() as [string, string | null, number][];
    const generations = rows.map(([name, checkpoint, active]) => ({ name, checkpoint, active: active === 1 })).sort(byRun);
    return { status: { kind: "sqlite", reachable: true, version, bytes: sizeOf(dataDir) }, generations };
  } catch (error) {
    return { status: { kind: "sqlite", reachable: false, detail: `${file}: ${describe(error)}` }, generations: [] };
  } finally {
    db?.close();
  }
}
