import { normalise } from "../../../domain/folding.ts";
import { once } from "../../../domain/relevance.ts";
import { wordsOf } from "../../../domain/words.ts";
import type { DirectoryEntry, SearchDocument } from "../../../ports/searchIndex.ts";
import { tagsOf } from "../entries.ts";
import { type EntrySource, type MessageSource, REPEATED } from "./mapping.ts";

/** How many words a message has that is neither long nor short. */
const USUAL_LENGTH = 20;

export function messageSource(document: SearchDocument): MessageSource {
  const { conversationId: conversation, seq, version: position } = document;
  if (document.recalled) return { conversation, seq, position };
  const { senderId: sender, kind, topic, sentAt, text } = document;
  const words = wordsOf(text);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const repeated = (least: number): string => [...counts].flatMap(([word, times]) => (times >= least ? [word] : [])).join(" ");
  const source: MessageSource = {
    conversation,
    seq,
    position,
    live: true,
    sender,
    kind,
    sentAt,
    words: words.join(" "),
    again: repeated(REPEATED.again.times),
    often: repeated(REPEATED.often.times),
    brevity: once(words.length / USUAL_LENGTH),
    text,
  };
  return topic === null ? source : { ...source, topic };
}

export function messageOfSource(source: MessageSource): SearchDocument {
  const { conversation: conversationId, seq, position: version, live } = source;
  if (live !== true) return { conversationId, seq, version, recalled: true };
  const { sender: senderId = "", kind = "", topic = null, sentAt = 0, text = "" } = source;
  return { conversationId, seq, version, senderId, kind, topic, sentAt, text };
}

export function entrySource(row: DirectoryEntry): EntrySource {
  const { entry, id, name, handle, category, place } = row;
  return {
    entry,
    id,
    name: normalise(name),
    words: wordsOf(name).join(" "),
    ...(handle !== null && { handle }),
    // Scores are added in this order.
    tags: tagsOf(row),
    ...(category !== null && { category: normalise(category) }),
    ...(place && { place: { lat: place.latitude, lon: place.longitude } }),
    public: row.public,
    row,
  };
}
