import { sqliteTreeStore } from "../adapters/auditTree/sqliteTreeStore.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { TreeStore } from "../ports/auditTree.ts";
import { readLog } from "./log.ts";

type Log = Awaited<ReturnType<typeof readLog>>;

/**
 * The log and the tree over it, only for reading, also while a server writes them. `tree`: undefined if there is none in
 * DATA_DIR. Rejects with `Unavailable`.
 */
export async function openAudited(config: Config): Promise<Open<{ log: Log; tree: TreeStore | undefined }>> {
  const log = await readLog(config);
  try {
    const tree = sqliteTreeStore(config.dataDir, log.id, false);
    return {
      log,
      tree,
      close: async () => {
        await tree?.close();
        await log.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}
