import { normalise } from "../../domain/folding.ts";
import type { DirectoryEntry, IndexDocument } from "../../ports/searchIndex.ts";
import { byBytes } from "./names.ts";

export const isEntry = (document: IndexDocument): document is DirectoryEntry => "entry" in document;

/**
 * An entry's tags as they are compared, in the order in which scores are summed up: the same from every engine to the last bit. Of two that are the same
 * then, the higher score.
 */
export function tagsOf({ tags }: DirectoryEntry): { tag: string; score: number }[] {
  const scores = new Map<string, number>();
  for (const { name, score } of tags) {
    const tag = normalise(name);
    scores.set(tag, Math.max(score, scores.get(tag) ?? score));
  }
  return [...scores].map(([tag, score]) => ({ tag, score })).sort((one, other) => byBytes(one.tag, other.tag));
}

/** Tags that are asked for as they are compared, each once, in the same order. */
export const wantedTags = (tags: readonly string[]): string[] => [...new Set(tags.map(normalise))].sort(byBytes);
