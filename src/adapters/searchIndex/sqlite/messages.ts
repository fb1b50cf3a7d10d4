import type { SearchIndex } from "../../../ports/searchIndex.ts";
import type { Fault } from "./faults.ts";

/** `searchMs`: how long one search may take, in milliseconds. */
export type ThreadData = { dataDir: string; searchMs?: number };

export type Call = { [Name in keyof SearchIndex]: { name: Name; args: Parameters<SearchIndex[Name]> } }[keyof SearchIndex];

export type ToThread = { kind: "call"; id: number; call: Call } | { kind: "close" };

export type FromThread =
  | { kind: "opened" }
  /** The index cannot be opened. The thread ends. */
  | ({ kind: "failed" } & Fault)
  | { kind: "answer"; id: number; value: unknown }
  /** Nothing of the call was done. */
  | ({ kind: "error"; id: number } & Fault);
