/** What of a message is told in a push. `full`: who wrote what; `sender`: who wrote where; `none`: that there is something. */
export type PushContent = "full" | "sender" | "none";

/** What a device shows. */
export type Notice = {
  title: string;
  body: string;
  /** How many messages of the conversation are unread. */
  unread: number;
  /** Absent where not even that is told. */
  conversationId?: string;
  /** The newest message that it tells of. */
  seq?: number;
  /** It names the user, or everyone. */
  mention: boolean;
};

/** A push as every service takes it. */
export type Push = {
  /** A UUID, which is the same however often it is sent. */
  id: string;
  /** The newer one of those with the same tag replaces the older one. At most 32 letters, digits, - and _. */
  tag: string;
  /** What is unread over all conversations. */
  badge: number;
  /** Undefined: nothing is shown; what was shown with this tag is taken away. */
  notice: Notice | undefined;
  /** For how long the service keeps it while the device is away, in seconds. */
  ttlS: number;
};

/** What a service said to a push. Words are for operators, and hold no token. */
export type PushOutcome =
  | { kind: "sent" }
  /** Nothing ever arrives with this token again. */
  | { kind: "dead"; why: string }
  /** It takes none now, for anybody. */
  | { kind: "away"; why: string; retryAfterMs?: number }
  /** It takes none for this token now. */
  | { kind: "busy"; why: string; retryAfterMs?: number }
  /** It will not take this one. */
  | { kind: "refused"; why: string };

/** A service that brings pushes to devices. */
export type PushSender = {
  /** What goes wrong together: the name of its server. Undefined: the token leads nowhere. */
  routeOf(token: string): string | undefined;
  /** Whether operators should know if a route does not work: those that anybody may name are left out. */
  isWatched(route: string): boolean;
  /** Whether a user may have made the name of a watched route up. Then operators should know once it has taken something. */
  mayBeMadeUp?(route: string): boolean;
  /** Ends within `PUSH_LIMIT_MS`. Never rejects. */
  send(token: string, push: Push): Promise<PushOutcome>;
  close(): Promise<void>;
};

/** How long a push may take, in milliseconds. */
export const PUSH_LIMIT_MS = 10_000;

/** The bytes that a push may have: of the content, as the strictest of the services takes it. */
export const PUSH_BYTES_MAX = 3_000;
