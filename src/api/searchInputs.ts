import { z } from "zod";
import { readCode } from "../domain/code.ts";
import { MAX_NAME, messageKind, point } from "../domain/events.ts";
import { normaliseHandle } from "../domain/handle.ts";
import { conversationId, groupId, userId } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { parseQuery, type Unit } from "../domain/words.ts";
import type { EntryPlace, EntryQuery, SearchFilter, SearchPlace, SearchQuery } from "../ports/searchIndex.ts";
import type * as Api from "./generated.ts";
import { isWellFormed, nameOf, optional, parsed, withUsual } from "./inputs.ts";
import { badInput, edgeKey, pageSize } from "./arguments.ts";

/*
 * What clients may look for, as searches take it. A fault is a `Refusal` BAD_INPUT whose `field` is the name of the query's member (`text`,
 * `near.radius`, `tags.0`), or of the argument.
 */

const USUAL_PAGE = 20;
const MAX_TOPIC = 128;
const MAX_CATEGORY = 64;
const MAX_TAGS = 16;
const MAX_TAG = 64;
/** Metres: half of the way round the earth, and a little more. */
const MAX_RADIUS = 20_100_000;
const [MIN_CORNERS, MAX_CORNERS] = [3, 500];

const many = `1 to ${MAX_TAGS} tags`;
const corners = `${MIN_CORNERS} to ${MAX_CORNERS} corners`;
const metres = `metres, above 0 and at most ${MAX_RADIUS.toLocaleString("en")}`;

const tags = z
  .array(nameOf(MAX_TAG).transform((tag) => tag.trim()))
  .min(1, many)
  .max(MAX_TAGS, many);

/**
 * A time that bounds others. Times of messages are whole milliseconds; a bound may lie between two: `floor` and `ceiling` are the milliseconds before
 * and after it, both it where it is whole.
 */
const bound = z.iso.datetime({ offset: true, error: "a time as 2024-05-31T12:00:00Z" }).transform((text) => {
  const floor = Date.parse(text);
  return { floor, ceiling: /\.\d{3}\d*[1-9]/.test(text) ? floor + 1 : floor };
});

const schemas = {
  messages: z.object({
    text: optional(z.string()),
    conversationId: optional(conversationId),
    senderId: optional(userId),
    kind: optional(messageKind),
    topic: optional(nameOf(MAX_TOPIC)),
    sentAfter: optional(bound),
    sentBefore: optional(bound),
    includePublic: withUsual(z.boolean(), false),
    orderBy: withUsual(z.enum(["NEWEST", "RELEVANCE"]), "NEWEST"),
  }),
  users: z.object({
    name: optional(z.string()),
    tags: optional(tags),
    near: optional(point.extend({ radius: z.number().gt(0, metres).max(MAX_RADIUS, metres) })),
    within: optional(z.array(point).min(MIN_CORNERS, corners).max(MAX_CORNERS, corners)),
    friendsOnly: withUsual(z.boolean(), false),
  }),
  conversations: z.object({
    name: optional(z.string()),
    tags: optional(tags),
    category: optional(nameOf(MAX_CATEGORY)),
  }),
};

type PageArguments = { first?: number | null; after?: string | null };

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
  const { text, conversationId, senderId, kind, topic, sentAfter, sentBefore, includePublic, orderBy } = parsed(
    schemas.messages,
    query,
  );
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
      // The bounds themselves are outside.
      ...(sentAfter !== null && { sentFrom: sentAfter.floor + 1 }),
      ...(sentBefore !== null && { sentTo: sentBefore.ceiling }),
    },
    first: pageSize(first, USUAL_PAGE),
    after: messagePlace(after, units.length > 0 && orderBy === "RELEVANCE"),
  };
}

const PLACE_PARTS = 4;

/** The parts of the cursor that stands for a place; `messagePlace` reads them. */
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
const isNumber = (text: string): boolean =>
  text.length <= 32 && /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));
const noCursor = () => badInput("after", "the cursor of an edge of this search");

/** What entries are in the order of, and what their cursors hold beside the id. */
export type EntryOrder = "score" | "distance" | "name";

export type EntrySearch = {
  query: Pick<EntryQuery, "name" | "tags" | "near" | "within" | "category">;
  /** Nobody can be found by this one. */
  isVain: boolean;
  order: EntryOrder;
  first: number;
  /** Of the order `distance` it is rounded, as a client was told it. */
  after: EntryPlace | undefined;
};

export function userSearch(query: Api.UserQuery, page: PageArguments): EntrySearch {
  const { name, tags, near, within, friendsOnly } = parsed(schemas.users, query);
  if (name === null && tags === null && near === null && within === null)
    throw badInput("query", "give at least one of name, tags, near and within");
  return entrySearch({ name: name === null ? null : userName(name), tags, near, within, category: null }, friendsOnly, page);
}

export function conversationSearch(query: Api.ConversationQuery, page: PageArguments): EntrySearch {
  const { name, tags, category } = parsed(schemas.conversations, query);
  if (name === null && tags === null && category === null)
    throw badInput("query", "give at least one of name, tags and category");
  return entrySearch({ name: name === null ? null : groupName(name), tags, near: null, within: null, category }, false, page);
}

type Asked = { [Member in keyof EntrySearch["query"]]-?: NonNullable<EntrySearch["query"][Member]> | null };

function entrySearch(asked: Asked, isVain: boolean, { first, after }: PageArguments): EntrySearch {
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null)) as EntrySearch["query"];
  const order = query.tags ? "score" : query.near ? "distance" : "name";
  return { query, isVain, order, first: pageSize(first, USUAL_PAGE), after: entryPlace(after, order) };
}

/** Whatever is an id, a handle or a code is words, too. */
function userName(text: string): NonNullable<EntryQuery["name"]> {
  const units = parseQuery(text, "name");
  const whole = text.trim();
  const code = readCode(whole);
  const handle = handleOf(whole);
  const ids = code?.kind === "user" ? [code.id] : userId.safeParse(whole).success ? [whole] : [];
  return { units, ids, ...(handle !== undefined && { handle }) };
}

function handleOf(text: string): string | undefined {
  try {
    return normaliseHandle(text);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function groupName(text: string): NonNullable<EntryQuery["name"]> {
  const units = parseQuery(text, "name");
  const whole = text.trim();
  const code = readCode(whole);
  return { units, ids: code?.kind === "group" ? [code.id] : groupId.safeParse(whole).success ? [whole] : [] };
}

const ENTRY_PARTS = 3;
/** Names as they are compared: few characters grow longer, to three at most. */
const MAX_COMPARED = 3 * MAX_NAME;

/** A distance as clients are told it: in metres, rounded to 100. */
export const rounded = (metres: number): number => Math.round(metres / 100) * 100;

/** The parts of the cursor that stands for a place. Anyone can read them: no distance is in it but the rounded one. */
export function entryKey({ id, score = 0, distance = 0, name = "" }: EntryPlace, order: EntryOrder): string[] {
  return [order, { score: String(score), distance: String(rounded(distance)), name }[order], id];
}

function entryPlace(given: string | null | undefined, order: EntryOrder): EntryPlace | undefined {
  const key = edgeKey(given, ENTRY_PARTS);
  if (key === undefined) return undefined;
  const [kind, value, id] = key as [string, string, string];
  const isId = userId.safeParse(id).success || groupId.safeParse(id).success;
  const isValue = order === "name" ? value.length <= MAX_COMPARED && isWellFormed(value) : isNumber(value);
  if (kind !== order || !isId || !isValue) throw noCursor();
  return { id, [order]: order === "name" ? value : Number(value) };
}
