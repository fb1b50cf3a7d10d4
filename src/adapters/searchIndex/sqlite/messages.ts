import type { SearchIndex, SearchQuery } from "../../../ports/searchIndex.ts";
import type { Fault } from "./faults.ts";
import type { SentVisible } from "./sentVisible.ts";

/** `searchMs`: how long one search may take, in milliseconds. */
export type ThreadData = { dataDir: string; searchMs?: number };

export type Call =
  | { [Name in keyof SearchIndex]: { name: Name; args: Parameters<SearchIndex[Name]> } }[keyof SearchIndex]
  /** The answer is "lost" if the thread does not have what it was told of the visibility. */
  | { name: "searchKept"; args: [target: string, query: SearchQuery, visible: SentVisible] };

export type ToThread = { kind: "call"; id: number; call: Call } | { kind: "close" };

/**
 * A search and its answer go as one text. To copy their members one by one takes three to four times as long: to read a page of
 * 20 hits 91 µs instead of 30.
 */
export const packed = (message: ToThread | FromThread): string => JSON.stringify(message);

/** What was sent, as a text or as it is. */
export const unpacked = <T extends ToThread | FromThread>(message: T | string): T =>
  typeof message === "string" ? (JSON.parse(message) as T) : message;

/** Whether a call goes as a text, and its answer too. */
export const isPacked = ({ name }: Call): boolean => name === "searchKept" || name === "search";

export type FromThread =
  | { kind: "opened" }
  /** The index cannot be opened. The thread ends. */
  | ({ kind: "failed" } & Fault)
  | { kind: "answer"; id: number; value: unknown }
  /** Nothing of the call was done. */
  | ({ kind: "error"; id: number } & Fault);
