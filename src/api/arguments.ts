import { FRESH_TIMEOUT_MS, viewsAt } from "../commands/authorise.ts";
import type { Caller } from "../commands/commands.ts";
import { conversationId, directInOrder, peerOf, USER_ID_RULE, userId } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { isOfLog, isPosition, type Position } from "../ports/eventStore.ts";
import { badInput } from "./badInput.ts";
import type { Context } from "./context.ts";

/** The largest page. */
const MAX_PAGE = 100;
/** The most entries that one call of `sync` returns. */
const MAX_SYNC = 500;

/** The requested size of a page, or `usual` if none was given. */
export function pageSize(given: number | null | undefined, usual: number, field: "first" | "last" = "first"): number {
  return within(given ?? usual, MAX_PAGE, field);
}

export const syncLimit = (given: number | null | undefined): number => within(given ?? 100, MAX_SYNC, "limit");

function within(size: number, max: number, field: string): number {
  if (size >= 1 && size <= max) return size;
  throw badInput(field, `1 to ${max}`);
}

/** A cursor of a log. Only its form is checked, so it may be of another log. */
export function position(given: string | null | undefined, field: string): Position | undefined {
  if (given == null) return undefined;
  if (isPosition(given)) return given;
  throw badInput(field, "a cursor that was given by this API");
}

/**
 * Waits until the views have reached `atLeast`. Throws UNAVAILABLE if this takes too long, and BAD_INPUT if `atLeast` is of
 * another log.
 */
export function viewsAtLeast(context: Context, given: string | null | undefined): Awaitable<void> {
  const atLeast = leastOf(context, given);
  if (atLeast !== undefined && context.services.watermark.current() < atLeast)
    return viewsAt(context.services.watermark, atLeast);
}

/** Waits until both the views and the search index have reached `atLeast`. */
export async function searchAtLeast(context: Context, given: string | null | undefined): Promise<void> {
  const { watermark, search } = context.services;
  const atLeast = leastOf(context, given);
  if (atLeast === undefined) return;
  const indexed = search.watermark.reached(atLeast, FRESH_TIMEOUT_MS);
  if (watermark.current() < atLeast) await viewsAt(watermark, atLeast);
  if (await indexed) return;
  throw new Refusal("UNAVAILABLE", "the search index has not caught up with the log yet: try again", { retryAfterMs: 1_000 });
}

function leastOf({ services }: Context, given: string | null | undefined): Position | undefined {
  const atLeast = position(given, "atLeast");
  if (atLeast !== undefined && !isOfLog(atLeast, services.log.id)) throw badInput("atLeast", "a cursor of this log");
  return atLeast;
}

/** The cursor of an edge. Clients must not interpret it. */
export const edgeCursor = (...key: string[]): string => Buffer.from(JSON.stringify(key)).toString("base64url");

/** The key with so many parts that an edge's cursor was made from. */
export function edgeKey(given: string | null | undefined, parts: number, field = "after"): string[] | undefined {
  if (given == null) return undefined;
  const key = parsed(Buffer.from(given, "base64url").toString());
  if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === "string")) return key;
  throw badInput(field, "the cursor of an edge");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A message's id begins with its conversation's, and a member's holds it: `m:<conversation>~<user>`. */
const conversationIn = (id: string): string =>
  id.startsWith("m:") ? id.slice(2).replace(/~[^~]*$/, "") : id.replace(/:\d+$/, "");

/**
 * Throws BAD_INPUT with the right id if `id` names a direct conversation of the caller, or a message in it, with the two
 * members in the wrong order. For anyone else such an id is simply unknown.
 */
export function membersInOrder(caller: Pick<Caller, "userId">, field: string, id: string | null | undefined): void {
  const right = id == null ? undefined : directInOrder(conversationIn(id));
  if (right !== undefined && peerOf(right, caller.userId) !== undefined)
    throw badInput(field, `a direct conversation names its two members in order: yours is ${right}`);
}

export function conversationArgument(id: string, field = "id"): string {
  if (conversationId.safeParse(id).success) return id;
  throw badInput(field, "a conversation's id is g:<name>, c:<name> or d:<user>~<user>, the two ids in order");
}

export function userArgument(id: string): string {
  if (userId.safeParse(id).success) return id;
  throw badInput("id", USER_ID_RULE);
}

const ABSENT = new Refusal("NOT_FOUND", "there is none");

/**
 * The result of `look`, or null. Null is never due to old rows: before it is returned, the views have passed the current end
 * of the log.
 */
export async function orNull<T>({ services }: Context, look: () => Awaitable<T | null | undefined>): Promise<T | null> {
  try {
    return await services.fresh(async () => {
      const found = await look();
      if (found == null) throw ABSENT;
      return found;
    });
  } catch (error) {
    if (error === ABSENT) return null;
    throw error;
  }
}

/** The same for many: null in the place of each that there is none of. */
export async function orNulls<Key, T>(
  { services }: Context,
  keys: readonly Key[],
  look: (key: Key) => Awaitable<T | null | undefined>,
): Promise<(T | null)[]> {
  let found: (T | null | undefined)[] = [];
  try {
    await services.fresh(async () => {
      found = await Promise.all(keys.map(async (key) => look(key)));
      if (found.some((each) => each == null)) throw ABSENT;
    });
  } catch (error) {
    if (error !== ABSENT) throw error;
  }
  return found.map((each) => each ?? null);
}
