import { DatabaseSync } from "@photostructure/sqlite";
import type { Open } from "../../ports/awaitable.ts";
import { Unavailable } from "../../ports/faults.ts";
import type { WebhookOutbox } from "../../ports/webhookOutbox.ts";
import { type Ask, webhookOutboxIn, tablesIn } from "./outbox.ts";

/**
 * An outbox in a file. A process that is killed loses nothing; a machine that loses its power may lose the last moment, which is
 * then delivered again.
 */
export function sqliteWebhookOutbox(file: string): Open<WebhookOutbox> {
  const db = new DatabaseSync(file, { returnArrays: true });
  db.exec("PRAGMA journal_mode = wal; PRAGMA synchronous = normal; PRAGMA journal_size_limit = 16777216");
  db.exec(tablesIn("", ""));
  const prepared = new Map<string, ReturnType<typeof db.prepare>>();
  const ask: Ask = ({ name, text }, values) => {
    const known = prepared.get(name) ?? db.prepare(text.replace(/\$(\d)/g, "?$1"));
    prepared.set(name, known);
    return known.all(...values) as unknown[][];
  };
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const transaction = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable("the outbox of webhooks is closed");
    try {
      db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      throw new Unavailable("the outbox of webhooks cannot be written", "nothing", { cause: error });
    }
    try {
      const result = await work(ask);
      db.exec("COMMIT");
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      if ((error as { code?: string }).code !== "ERR_SQLITE_ERROR") throw error;
      throw new Unavailable("the outbox of webhooks cannot be written", "nothing", { cause: error });
    }
  };

  return {
    ...webhookOutboxIn({
      prefix: "",
      now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
      within: (work) => {
        const result = last.then(() => transaction(work));
        last = result.catch(() => {});
        return result;
      },
    }),
    close: async () => {
      await last;
      isClosed = true;
      db.close();
    },
  };
}
