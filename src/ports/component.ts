/** What a part of the server is like now, for operators. */
export type Component = {
  role: "log" | "views" | "signals";
  /** What stands behind the port: `sqlite`, `eventstoredb`, `level`, `local`. */
  kind: string;
  reachable: boolean;
  version?: string;
  /** A sentence: what is wrong, or how its nodes are. */
  detail?: string;
  /** On disk. */
  bytes?: number;
};
