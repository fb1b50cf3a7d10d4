import type { TreeHead } from "./auditTree.ts";
import type { Position } from "./eventStore.ts";

/** That the leaf of an event is in a tree. Hashes in base64. */
export type InclusionProof = { index: number; treeSize: number; leaf: string; path: string[] };

/**
 * Why there is no proof. `beyond`: the tree is not as large, it has `size` leaves; `absent`: there is no event at that position;
 * `later`: the event is behind the first `treeSize`.
 */
export type Unproven = { fault: "absent" | "later" | "beyond"; size: number };

/**
 * What is asked of a tree over the log. Each rejects with `Unavailable` while the tree is still being made, and says how far it
 * is.
 */
export type Auditor = {
  /** The signed root over everything that was acknowledged before the call. It is kept. */
  head(): Promise<TreeHead>;
  /** `treeSize`: without it, all leaves that there are. */
  inclusion(position: Position, treeSize: number | undefined): Promise<InclusionProof | Unproven>;
  consistency(from: number, to: number): Promise<string[] | Unproven>;
};
