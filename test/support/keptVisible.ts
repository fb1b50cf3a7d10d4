import type { SeqWindow, Visible, VisibleChange } from "../../src/ports/searchIndex.ts";

type Seen = "all" | readonly Omit<SeqWindow, "conversationId">[];

let ids = 1_000_000_000;

/** What somebody may see, which changes, as an index may keep it. */
export function keptVisible() {
  const id = ++ids;
  const own = new Map<string, VisibleChange["seen"]>();
  let version = 1;
  let after = 1;
  let changes: { version: number; conversationId: string }[] = [];
  return {
    change(conversationId: string, seen: Seen): void {
      own.set(conversationId, seen === "all" ? seen : seen.map((window) => ({ conversationId, ...window })));
      changes.push({ version: ++version, conversationId });
    },
    forgetChanges(): void {
      after = version + 1;
      changes = [];
    },
    now(): Visible {
      const then = new Map(own);
      const [known, all, current] = [after, [...changes], version];
      return {
        conversationIds: [...then].flatMap(([conversationId, seen]) => (seen === "all" ? [conversationId] : [])),
        windows: [...then.values()].flatMap((seen) => (seen === "all" ? [] : seen)),
        kept: {
          id,
          version: current,
          changesSince: (since) => {
            if (since < known) return undefined;
            const changed = new Set(all.flatMap((change) => (change.version > since ? [change.conversationId] : [])));
            return [...changed].map((conversationId) => ({ conversationId, seen: then.get(conversationId) ?? [] }));
          },
        },
      };
    },
  };
}
