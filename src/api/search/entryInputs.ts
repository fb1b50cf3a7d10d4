import { z } from "zod";
import { readCode } from "../../domain/code.ts";
import { MAX_NAME, point } from "../../domain/events.ts";
import { normaliseHandle } from "../../domain/handleForm.ts";
import { groupId, userId } from "../../domain/ids.ts";
import { Refusal } from "../../domain/refusal.ts";
import { parseQuery } from "../../domain/words.ts";
import type { EntryPlace, EntryQuery } from "../../ports/searchIndex.ts";
import { edgeKey, pageSize } from "../arguments.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { isWellFormed, nameOf, optional, parsed, withUsual } from "../inputs.ts";
import { isNumber, noCursor, type PageArguments, USUAL_PAGE } from "./cursors.ts";

/**
 * Inputs of the searches for people and groups. A fault is a `Refusal` BAD_INPUT. Its `field` is the name of the query's
 * member (`near.radius`, `tags.0`) or of the argument.
 */

const MAX_CATEGORY = 64;
const MAX_TAGS = 16;
const MAX_TAG = 64;
/** In metres: slightly more than half of the way around the earth. */
const MAX_RADIUS = 20_100_000;
const [MIN_CORNERS, MAX_CORNERS] = [3, 500];

const many = `1 to ${MAX_TAGS} tags`;
const corners = `${MIN_CORNERS} to ${MAX_CORNERS} corners`;
const metres = `metres, above 0 and at most ${MAX_RADIUS.toLocaleString("en")}`;

const tags = z
  .array(nameOf(MAX_TAG).transform((tag) => tag.trim()))
  .min(1, many)
  .max(MAX_TAGS, many);

const users = z.object({
  name: optional(z.string()),
  tags: optional(tags),
  near: optional(point.extend({ radius: z.number().gt(0, metres).max(MAX_RADIUS, metres) })),
  within: optional(z.array(point).min(MIN_CORNERS, corners).max(MAX_CORNERS, corners)),
  friendsOnly: withUsual(z.boolean(), false),
});
const conversations = z.object({
  name: optional(z.string()),
  tags: optional(tags),
  category: optional(nameOf(MAX_CATEGORY)),
});

/** The order of the entries. Their cursors hold its value, beside the id. */
export type EntryOrder = "score" | "distance" | "name";

export type EntrySearch = {
  query: Pick<EntryQuery, "name" | "tags" | "near" | "within" | "category">;
  /** Only friends of the viewer. */
  friendsOnly: boolean;
  order: EntryOrder;
  first: number;
  /** With the order `distance`, its distance is rounded, as the client got it. */
  after: EntryPlace | undefined;
};

export function userSearch(query: Api.UserQuery, page: PageArguments): EntrySearch {
  const { name, tags, near, within, friendsOnly } = parsed(users, query);
  if (name === null && tags === null && near === null && within === null)
    throw badInput("query", "give at least one of name, tags, near and within");
  return entrySearch({ name: name === null ? null : userName(name), tags, near, within, category: null }, friendsOnly, page);
}

export function conversationSearch(query: Api.ConversationQuery, page: PageArguments): EntrySearch {
  const { name, tags, category } = parsed(conversations, query);
  if (name === null && tags === null && category === null)
    throw badInput("query", "give at least one of name, tags and category");
  return entrySearch({ name: name === null ? null : groupName(name), tags, near: null, within: null, category }, false, page);
}

type Asked = { [Member in keyof EntrySearch["query"]]-?: NonNullable<EntrySearch["query"][Member]> | null };

function entrySearch(asked: Asked, friendsOnly: boolean, { first, after }: PageArguments): EntrySearch {
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null)) as EntrySearch["query"];
  const order = query.tags ? "score" : query.near ? "distance" : "name";
  return { query, friendsOnly, order, first: pageSize(first, USUAL_PAGE), after: entryPlace(after, order) };
}

/** A text that is an id, a handle or a code is also searched as words. */
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
/** The longest name in the form for comparison. A character can become up to three there. */
const MAX_COMPARED = 3 * MAX_NAME;

/** A distance as clients get it: in metres, rounded to 100. */
export const rounded = (metres: number): number => Math.round(metres / 100) * 100;

/** The parts of the cursor for a place. Anyone can read them, so they contain only the rounded distance. */
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
