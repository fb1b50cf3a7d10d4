/** What an operator asks of the views or of the search index. `cursor`: of a parked event. */
export type AnyOrder = {
  what: "replay" | "cancelReplay" | "verify" | "retryParked";
  projection: string;
  conversation?: string;
  cursor?: string;
};

/** What came of it. `fault`: why it is not followed. `state`: how the part is after that, as its server says it. */
export type OrderOutcome = { fault: string } | { isThere?: boolean; state: unknown };

/** What is folded at another server. */
export type OrderedPart = "views" | "search";

/** Asks the servers that keep a part for what only they can do. They reject with `Unavailable`. */
export type Orders = {
  /** Undefined: no server takes such orders, or none has answered. */
  give(of: OrderedPart, order: AnyOrder): Promise<OrderOutcome | undefined>;
  /** How the part is, as each of the servers that keep it said a moment ago. */
  states(of: OrderedPart): Promise<readonly unknown[]>;
  /**
   * Takes orders, and says how the part is. `isNear`: whether this server is to take them before others do (the default). The
   * returned function ends it.
   */
  take(
    of: OrderedPart,
    obey: (order: AnyOrder) => Promise<OrderOutcome>,
    state: () => unknown,
    isNear?: () => boolean,
  ): () => void;
};
