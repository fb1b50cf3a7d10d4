import { createPrivateKey } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { sqliteTreeStore } from "../adapters/auditTree/sqliteTreeStore.ts";
import { auditor } from "../audit/auditor.ts";
import type { Auditor } from "../ports/auditor.ts";
import { explained, NotBuilt, Unavailable } from "../ports/faults.ts";
import { type LogPlace, readerAt } from "./log.ts";

/** `key`: PKCS #8 in PEM. */
export type AuditData = { log: LogPlace; dataDir: string; key: string; waitMs: number };

/** A question, and what it is called with. */
export type AuditJob = { [Name in keyof Auditor]: { name: Name; terms: Parameters<Auditor[Name]> } }[keyof Auditor];
export type ToAuditor = { kind: "job"; id: number; job: AuditJob } | { kind: "close" };
/** `away`: what was asked cannot be answered now, and why; `isBeingMade`: the tree is. `fault`: it is a bug. */
export type FromAuditor = { id: number } & ({ value: unknown } | { away: string; isBeingMade: boolean } | { fault: string });

/** Answers what is asked over a port, until it is told to close. */
export async function composeAuditor({ log: place, dataDir, key, waitMs }: AuditData, port: MessagePort): Promise<void> {
  const stop = new AbortController();
  const opened = (async () => {
    const log = await readerAt(place);
    const store = sqliteTreeStore(dataDir, log.id, true);
    const asked = auditor({ log, store, key: createPrivateKey(key), now: () => new Date(), waitMs, signal: stop.signal });
    return { log, store, asked };
  })();
  // Each job says why.
  opened.catch(() => undefined);
  let last: Promise<unknown> = Promise.resolve();

  const answer = async (id: number, { name, terms }: AuditJob): Promise<void> => {
    const told = await opened
      .then(({ asked }) => (asked[name] as (...terms: unknown[]) => Promise<unknown>)(...terms))
      .then((value): FromAuditor => ({ id, value }))
      .catch((error: unknown): FromAuditor =>
        error instanceof Unavailable
          ? { id, away: explained(error), isBeingMade: error instanceof NotBuilt }
          : { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      );
    port.postMessage(told);
  };

  port.on("message", (message: ToAuditor) => {
    if (message.kind === "job") last = Promise.all([last, answer(message.id, message.job)]);
    else
      void (async () => {
        stop.abort();
        await last;
        const parts = await opened.catch(() => undefined);
        await Promise.allSettled([parts?.log.close(), parts?.store.close()]);
        port.close();
      })();
  });
}
