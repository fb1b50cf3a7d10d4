import { isMember, type Sight } from "../src/domain/visibility.ts";
import type { ToldRow } from "../src/projecting/tail.ts";
import type { GroupRelationsRow } from "./relationRows.ts";

/** The tables of `relations` that decide who sees what. A row of a user's earlier stays is written with one of `sights`. */
export const TOLD_OF_SIGHTS = ["sights", "groups"] as const;

/**
 * Whose sight of a conversation a committed row changed. `user`: this one's; absent: that of everyone of whom `changes` says so,
 * by what their sight was before. (A group's row is written whenever somebody joins it.)
 */
export type SightNews = { conversation: string; user: string } | { conversation: string; changes(before: Sight): boolean };

export function sightNewsOf({ table, partition, sort, row }: ToldRow): SightNews | undefined {
  if (table === "sights") return { conversation: sort, user: partition };
  if (table !== "groups") return undefined;
  const { public: isPublic, historyVisible, dissolved } = row as GroupRelationsRow;
  return {
    conversation: partition,
    changes: (before) =>
      before.public !== isPublic ||
      before.historyVisible !== historyVisible ||
      (dissolved !== undefined && isMember(before.stay)),
  };
}
