import { normalise } from "../../src/domain/folding.ts";
import { wordsOf } from "../../src/domain/words.ts";
import type { SearchDocument, SearchFilter, SearchPlace, SearchQuery, SearchUnit } from "../../src/ports/searchIndex.ts";

/** What an index answers, found by looking at every message. */
export type BruteForce = { search(query: SearchQuery): SearchPlace[]; live: readonly Live[] };

export type Live = Exclude<SearchDocument, { recalled: true }>;

/** A text as it is looked at. */
export type ReadText = { tokens: string[]; characters: Set<string> };

export const readText = (text: string): ReadText => ({ tokens: wordsOf(text), characters: new Set(normalise(text)) });

/** One character of those that are written without spaces: it is found wherever it stands. */
const ONE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]$/u;

export function bruteForceSearch(documents: Iterable<SearchDocument>): BruteForce {
  const newest = new Map<string, SearchDocument>();
  for (const document of documents) {
    const id = `${document.conversationId}:${document.seq}`;
    const known = newest.get(id);
    if (!known || known.version <= document.version) newest.set(id, document);
  }
  const live = [...newest.values()].filter((document): document is Live => document.recalled !== true);
  const read = live.map((document) => ({ document, text: readText(document.text) }));
  return {
    live,
    search({ units, filter, after }) {
      const found = read.filter((each) => passes(filter, each.document) && units.every((unit) => holdsUnit(each.text, unit)));
      const places = found
        .map(({ document: { conversationId, seq, sentAt } }) => ({ conversationId, seq, sentAt }))
        .sort(inOrder);
      return after ? places.filter((place) => inOrder(place, after) > 0) : places;
    },
  };
}

export function holdsUnit({ tokens, characters }: ReadText, { tokens: wanted, match }: SearchUnit): boolean {
  const last = wanted.length - 1;
  if (wanted.length === 1 && ONE.test(wanted[0] ?? "")) return characters.has(wanted[0] ?? "");
  const fits = (at: number): boolean =>
    wanted.every((want, index) => {
      const token = tokens[at + index];
      return match === "prefix" && index === last ? token?.startsWith(want) === true : token === want;
    });
  return tokens.some((_, at) => fits(at));
}

function passes(filter: SearchFilter, { conversationId, seq, senderId, kind, topic, sentAt }: Live): boolean {
  const { visible, conversationIds, senderIds, kinds, sentFrom = -Infinity, sentTo = Infinity } = filter;
  const isVisible =
    visible === undefined ||
    visible.conversationIds.includes(conversationId) ||
    visible.windows.some((w) => w.conversationId === conversationId && seq >= w.fromSeq && seq <= (w.toSeq ?? Infinity));
  return (
    isVisible &&
    (conversationIds?.includes(conversationId) ?? true) &&
    (senderIds?.includes(senderId) ?? true) &&
    (kinds?.includes(kind) ?? true) &&
    (filter.topic === undefined || filter.topic === topic) &&
    sentAt >= sentFrom &&
    sentAt < sentTo
  );
}

/** Newest first, then by conversation, then the highest seq first. */
export const inOrder = (one: SearchPlace, other: SearchPlace): number =>
  other.sentAt - one.sentAt ||
  (one.conversationId === other.conversationId
    ? 0
    : Buffer.compare(Buffer.from(one.conversationId), Buffer.from(other.conversationId))) ||
  other.seq - one.seq;
