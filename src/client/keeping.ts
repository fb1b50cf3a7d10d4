import type { State } from "./state.ts";
import type { Storage } from "./storage.ts";

/** How long changes are collected before they are kept, in milliseconds. */
const KEEP_AFTER_MS = 200;

/**
 * Keeps the state: what has changed, together with the cursor. One write at a time. If the page ends before, what was not kept
 * comes again: entries go on from the cursor that was. What could not be kept is kept with the next change.
 */
export function createKeeping({ state, storage }: { state: State; storage: () => Storage }) {
  let changed = new Set<string>();
  let isAll = false;
  let isFresh = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const snapshot = state.snapshot();
    if (!snapshot) return writing;
    const changes = { changed, isAll, isFresh };
    changed = new Set();
    isAll = isFresh = false;
    writing = writing.then(async () => {
      if (await storage().save(snapshot, changes)) return;
      for (const id of changes.changed) changed.add(id);
      isAll ||= changes.isAll;
      isFresh ||= changes.isFresh;
    });
    return writing;
  };

  return {
    changed: (id: string): void => void changed.add(id),
    /** Everything is another. `isFresh`: messages that were kept may be gone by now. */
    replaced: (of: { isFresh: boolean }): void => {
      isAll = true;
      isFresh ||= of.isFresh;
    },
    soon(): void {
      timer ??= setTimeout(() => void write(), KEEP_AFTER_MS);
    },
    /** Resolves once all is kept. */
    now: (): Promise<void> => (timer === undefined ? writing : write()),
    /** Another tab keeps the state. */
    stop(): void {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
