import { z } from "zod";
import { MAX_TOPIC, messageKind } from "../../domain/events.ts";
import { conversationId, userId } from "../../domain/ids.ts";
import { parseQuery, type Unit } from "../../domain/words.ts";
import type { SearchFilter, SearchPlace, SearchQuery } from "../../ports/searchIndex.ts";
import { edgeKey, pageSize } from "../arguments.ts";
import type * as Api from "../generated.ts";
import { nameOf, optional, parsed, withUsual } from "../inputs.ts";
import { isNumber, noCursor, type PageArguments, USUAL_PAGE } from "./cursors.ts";

/**
 * Inputs of the search for messages. A fault is a `Refusal` BAD_INPUT. Its `field` is the name of the query's member (`text`,
 * `sentAfter`) or of the argument.
 */

/**
 * A time that limits others. Messages have times in whole milliseconds, but a limit may lie between two of them. `floor` and
 * `ceiling` are the milliseconds before and after it. Both are the limit itself if it is whole.
 */
const bound = z.iso.datetime({ offset: true, error: "a time as 2024-05-31T12:00:00Z" }).transform((text) => {
  const floor = Date.parse(text);
  return { floor, ceiling: /\.\d{3}\d*[1-9]/.test(text) ? floor + 1 : floor };
});

const messages = z.object({
  text: optional(z.string()),
  conversationId: optional(conversationId),
  senderId: optional(userId),
  kind: optional(messageKind),
  topic: optional(nameOf(MAX_TOPIC)),
  sentAfter: optional(bound),
  sentBefore: optional(bound),
  includePublic: withUsual(z.boolean(), false),
  orderBy: withUsual(z.enum(["NEWEST", "RELEVANCE"]), "NEWEST"),
});

export type MessageSearch = {
  units: Unit[];
  order: SearchQuery["order"];
  conversationId: string | null;
  includePublic: boolean;
  filter: Omit<SearchFilter, "visible">;
  first: number;
  after: SearchPlace | undefined;
};

export function messageSearch(query: Api.MessageQuery, { first, after }: PageArguments): MessageSearch {
  const { text, conversationId, senderId, kind, topic, sentAfter, sentBefore, includePublic, orderBy } = parsed(messages, query);
  const units = text === null ? [] : parseQuery(text);
  return {
    units,
    order: orderBy,
    conversationId,
    includePublic,
    filter: {
      ...(senderId !== null && { senderIds: [senderId] }),
      ...(kind !== null && { kinds: [kind] }),
      ...(topic !== null && { topic }),
      // The limits themselves are excluded.
      ...(sentAfter !== null && { sentFrom: sentAfter.floor + 1 }),
      ...(sentBefore !== null && { sentTo: sentBefore.ceiling }),
    },
    first: pageSize(first, USUAL_PAGE),
    after: messagePlace(after, units.length > 0 && orderBy === "RELEVANCE"),
  };
}

const PLACE_PARTS = 4;

/** The parts of the cursor for a place. `messagePlace` reads them. */
export const messageKey = ({ conversationId, seq, sentAt, score }: SearchPlace): string[] => [
  conversationId,
  String(seq),
  String(sentAt),
  score === undefined ? "" : String(score),
];

function messagePlace(given: string | null | undefined, isScored: boolean): SearchPlace | undefined {
  const key = edgeKey(given, PLACE_PARTS);
  if (key === undefined) return undefined;
  const [conversation, seq, sentAt, score] = key as [string, string, string, string];
  const place = { conversationId: conversation, seq: Number(seq), sentAt: Number(sentAt) };
  const isPlace =
    conversationId.safeParse(conversation).success &&
    isDigits(seq) &&
    Number.isSafeInteger(place.seq) &&
    isDigits(sentAt.replace(/^-/, "")) &&
    Number.isSafeInteger(place.sentAt) &&
    (isScored ? isNumber(score) : score === "");
  if (!isPlace) throw noCursor();
  return isScored ? { ...place, score: Number(score) } : place;
}

const isDigits = (text: string): boolean => /^[0-9]{1,16}$/.test(text);
