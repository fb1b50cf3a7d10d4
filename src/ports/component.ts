/** How a part of the server is now, for operators. */
export type Component = {
  role: "log" | "views" | "search" | "signals" | "processes" | "files" | "rules" | "asked" | "push";
  /**
   * What is behind the port: `sqlite`, `eventstoredb`, `level`, `elasticsearch`, `local`, `redis`, `folder`, `s3`, `file` (of
   * rules); for processes `embedded`; for those asked before messages are stored `webhooks`; for push the services, such as
   * `apns, web_push`.
   */
  kind: string;
  reachable: boolean;
  version?: string;
  /** A sentence: what is wrong, or how its nodes are. */
  detail?: string;
  /** On disk. */
  bytes?: number;
};
