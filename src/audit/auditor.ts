import type { KeyObject } from "node:crypto";
import { setImmediate as turn, setTimeout as delay } from "node:timers/promises";
import type { Auditor } from "../ports/auditor.ts";
import type { TreeStore } from "../ports/auditTree.ts";
import { type EventStore, fractionOf } from "../ports/eventStore.ts";
import { NotBuilt } from "../ports/faults.ts";
import type { StoredEvents } from "../ports/storedEvents.ts";
import { grow } from "./growing.ts";
import { signHead } from "./heads.ts";
import { proveConsistency, proveInclusion, rootIn } from "./proofs.ts";

export type AuditorOptions = {
  log: Pick<EventStore, "id" | "origin" | "end"> & StoredEvents;
  store: TreeStore;
  /** Ed25519, private. */
  key: KeyObject;
  now(): Date;
  /**
   * How long a question waits for a tree that is behind the log, in milliseconds. It goes on growing meanwhile, and after that.
   */
  waitMs: number;
  /** Ends the growing. */
  signal: AbortSignal;
};

/** Keeps a tree over a log, and answers from it. */
export function auditor({ log, store, key, now, waitMs, signal }: AuditorOptions): Auditor {
  let growing: Promise<unknown> | undefined;

  /** Other questions get their turn between two pages. */
  const goOn = async (): Promise<boolean> => {
    await turn();
    return !signal.aborted;
  };

  const grown = (): Promise<unknown> => {
    growing ??= grow(log, store, goOn).finally(() => {
      growing = undefined;
    });
    return growing;
  };

  /** Resolves once the tree has all that the log had when this was called. */
  const upToDate = async (): Promise<void> => {
    const reached = async (): Promise<true> => {
      // What is under way may have read the log's end a moment before.
      await growing?.catch(() => undefined);
      await grown();
      return true;
    };
    const done = reached();
    // The caller may have stopped waiting.
    done.catch(() => undefined);
    if ((await Promise.race([done, delay(waitMs, false, { ref: false })])) && !signal.aborted) return;
    const end = await log.end();
    const at = Math.floor(100 * fractionOf((await store.extent())?.position ?? log.origin, end));
    throw new NotBuilt(`the tree over the log is being made: it has ${at} % of the log. Ask again in a moment`);
  };

  return {
    async head() {
      await upToDate();
      const size = (await store.extent())?.size ?? 0;
      const root = await rootIn(store, size);
      const newest = await store.newestHead();
      if (newest?.size === size && newest.root === root.toString("base64")) return newest;
      // Another question may have had one signed meanwhile.
      return store.keep(signHead(size, root, now(), key));
    },
    async inclusion(position, treeSize) {
      await upToDate();
      return proveInclusion(log, store, position, treeSize ?? (await store.extent())?.size ?? 0);
    },
    async consistency(from, to) {
      await upToDate();
      return proveConsistency(store, from, to);
    },
  };
}
