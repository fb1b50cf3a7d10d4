import type { Awaitable } from "../src/ports/awaitable.ts";
import { del, put, type Reader, type TableWrite } from "../src/projecting/projection.ts";
import { sliceOf } from "../src/projecting/slices.ts";

/*
 * What is due, in the order of its time, for whoever acts on it (src/processes). A list over everything would have one partition
 * that takes all writes, so there are a few, and an item is in the list of its routing key. Each row belongs to one key, and no
 * handler reads another key's.
 */

const TABLE = "due";
/** A change of this number needs a new version of the projections that have such lists. */
const LISTS = 16;

/** The partitions that the lists are in. */
export const dueLists: readonly string[] = Array.from({ length: LISTS }, (_, index) => String(index).padStart(2, "0"));

/** The list that what is of a routing key is in. */
export const listOf = (key: string): string => dueLists[sliceOf(key, LISTS)] as string;
/** `at`: ISO 8601 with milliseconds, so that text order is the order of time. */
const sortOf = (at: string, name: string): string => `${at}~${name}`;

/** Puts an item on the list of its routing key. `name` tells it from others of the same time. */
export const whenDue = (key: string, at: string, name: string, item: unknown): TableWrite =>
  put(TABLE, listOf(key), sortOf(at, name), item);
export const noLongerDue = (key: string, at: string, name: string): TableWrite => del(TABLE, listOf(key), sortOf(at, name));

/** An item of a list and its time. `key`: its place in the list. */
export type Due<T> = { key: string; at: string; item: T };

export const dueReads = <T>(reader: Reader) => ({
  /** The next at most `limit` items of a list, earliest first, after a place. */
  due: async (list: string, limit: number, after?: string): Promise<Due<T>[]> => {
    const rows: Awaitable<{ sort: string; value: T }[]> = reader.range<T>(TABLE, list, {
      ...(after === undefined ? {} : { after }),
      limit,
    });
    return (await rows).map(({ sort, value }) => ({ key: sort, at: sort.slice(0, sort.indexOf("~")), item: value }));
  },
});
