import { normalise } from "../../domain/folding.ts";
import type { DirectoryEntry, IndexDocument } from "../../ports/searchIndex.ts";
import { byBytes } from "./names.ts";

export const isEntry = (document: IndexDocument): document is DirectoryEntry => "entry" in document;

/**
 * An entry's tags in the form in which they are compared. They are in the order in which scores are added: so every engine gets
 * the same sum, to the last bit. If two tags are the same in that form, the higher score counts.
 */
export function tagsOf({ tags }: DirectoryEntry): { tag: string; score: number }[] {
  const scores = new Map<string, number>();
  for (const { name, score } of tags) {
    const tag = normalise(name);
    scores.set(tag, Math.max(score, scores.get(tag) ?? score));
  }
  return [...scores].map(([tag, score]) => ({ tag, score })).sort((one, other) => byBytes(one.tag, other.tag));
}

/** The tags that are searched for, in the form in which they are compared. Each occurs once, in the same order. */
export const wantedTags = (tags: readonly string[]): string[] => [...new Set(tags.map(normalise))].sort(byBytes);
