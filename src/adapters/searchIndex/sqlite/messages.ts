import type { SearchIndex } from "../../../ports/searchIndex.ts";
import type { Fault } from "./faults.ts";

/** `searchMs`: milliseconds that one search may take. */
export type ThreadData = { dataDir: string; searchMs?: number };

export type Call = { [Name in keyof SearchIndex]: { name: Name; args: Parameters<SearchIndex[Name]> } }[keyof SearchIndex];

export type ToThread = { kind: "call"; id: number; call: Call } | { kind: "close" };

export type FromThread =
  | { kind: "opened" }
  /** The index cannot be opened; the thread leaves. */
  | ({ kind: "failed" } & Fault)
  | { kind: "answer"; id: number; value: unknown }
  /** Nothing of the call happened. */
  | ({ kind: "error"; id: number } & Fault);
