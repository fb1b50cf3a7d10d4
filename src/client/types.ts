import type { InboxEntry } from "./entries.ts";
import type {
  ConversationFieldsFragment,
  FriendRequestFieldsFragment,
  JoinRequestFieldsFragment,
  KnownPersonFragment,
  MessageFieldsFragment,
  PersonFragment,
  SendMessageInput,
} from "./operations.ts";

/** A value that changes. `get` gives the same object until it changes, so it fits React's `useSyncExternalStore`. */
export interface Watched<T> {
  get(): T;
  /** Calls `listener` after each change, never during this call. Gives a function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** The text of an operation, with the types of its result and its variables. */
export type TypedDocument<Result, Variables> = string & { readonly types?: (variables: Variables) => Result };

/** What kind of refusal it is: `ErrorCode` of the schema. */
export type ErrorCode =
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "BAD_INPUT"
  | "CONFLICT"
  | "LIMIT_EXCEEDED"
  | "RATE_LIMITED"
  | "UNAVAILABLE"
  | "INTERNAL";

/** Why the server refused something, or why it could not be asked. */
export interface ClientError extends Error {
  /** What the server said (`extensions.code`), or NETWORK where it could not be reached. */
  readonly code: ErrorCode | "NETWORK";
  /** The input at fault, where the server named it. */
  readonly field?: string;
  /** When it may be tried again, where that helps: in milliseconds from now. */
  readonly retryAfterMs?: number;
}

export type { InboxEntry };

export type Person = PersonFragment;
/** A person, and how the viewer stands to them. */
export type KnownPerson = KnownPersonFragment;
/** The one whose token the client has. */
export type Me = KnownPerson;
export type FriendRequest = FriendRequestFieldsFragment;
export type JoinRequest = JoinRequestFieldsFragment;

/** A conversation of the viewer's list, as the server gives it. */
export type ConversationState = ConversationFieldsFragment;

/** A message, as it is now. */
export type Message = MessageFieldsFragment & { readonly type: "message"; readonly conversationId: string };

/** Messages that are there, but not loaded: `from` and `to` are seqs, both ends included. */
export type Gap = { readonly type: "gap"; readonly from: number; readonly to: number };

/** What a message holds: what `sendMessage` takes, but for where it goes. A text alone stands for `{ text }`. */
export type MessageContent = Omit<SendMessageInput, "clientMutationId" | "conversationId" | "userId">;

/**
 * A message on its way to the server.
 * - `waiting`: it goes out once those before it have, and the server can be reached.
 * - `sent`: the server has it. It gives its place to the message itself once that has come.
 * - `failed`: the server refused it (`error`). `retry` sends it again, `discard` forgets it.
 */
export type OutgoingMessage = {
  readonly type: "outgoing";
  /** Its `clientMutationId`. */
  readonly id: string;
  readonly conversationId: string;
  readonly content: MessageContent;
  /** When it was written: milliseconds since 1970, by the clock of this machine. */
  readonly createdAt: number;
  readonly state: "waiting" | "sent" | "failed";
  readonly error?: { readonly code: ClientError["code"]; readonly message: string; readonly field?: string };
};

export type MessageItem = Message | Gap | OutgoingMessage;

export type ConnectionState = {
  /**
   * - `connecting`: a socket is being opened, or what was missed is coming.
   * - `live`: all that was missed has come; what happens comes at once.
   * - `waiting`: it could not be reached, and is tried again at `retryAt`.
   * - `offline`: the browser says that there is no network. It is tried again once there is.
   */
  readonly state: "connecting" | "live" | "waiting" | "offline";
  /** When it is tried again: milliseconds since 1970. */
  readonly retryAt?: number;
  /** UNAUTHENTICATED: `token` gives none that is good. NOT_FOUND: its user has not registered yet. */
  readonly error?: ClientError;
};

export type ConversationList = {
  /** Pinned ones first, then by their newest activity, newest first, as `conversations(pinnedFirst: true)` orders them. */
  readonly items: readonly ConversationState[];
  /** There are no more to load. */
  readonly complete: boolean;
  readonly error?: ClientError;
};

/** What is unread over all conversations. */
export type Unread = {
  /** Messages, in conversations that are not muted. */
  readonly total: number;
  /** Messages that mention the viewer, in the conversations that are loaded. */
  readonly mentions: number;
};

export type MessagesState = {
  /** Ascending; those on their way at the end. */
  readonly items: readonly MessageItem[];
  /** The first message that the viewer may see is loaded. */
  readonly reachedStart: boolean;
  /** The newest message is loaded: what comes is added at the end. */
  readonly reachedEnd: boolean;
  readonly error?: ClientError;
};

/** Who is who to the viewer. It is loaded when it is watched or asked for the first time, and empty before. */
export type PeopleState = {
  readonly loaded: boolean;
  /** The newest friendship first. */
  readonly friends: readonly KnownPerson[];
  /** Those that wait for an answer, the newest first. */
  readonly incomingRequests: readonly FriendRequest[];
  readonly outgoingRequests: readonly FriendRequest[];
  readonly incomingJoinRequests: readonly JoinRequest[];
  readonly outgoingJoinRequests: readonly JoinRequest[];
  readonly blocked: readonly KnownPerson[];
  readonly error?: ClientError;
};

/** One conversation, for as long as somebody looks at it. */
export interface ConversationHandle {
  readonly id: string;
  /** Undefined until it is known, and where the viewer may not see it. */
  readonly conversation: Watched<ConversationState | undefined>;
  /** Begins with the newest page. */
  readonly messages: Watched<MessagesState>;
  /** Loads up to `count` messages (30, at most 100) before those in `messages`. */
  loadOlder(count?: number): Promise<void>;
  /** Loads up to `count` messages (30, at most 100) after those in `messages`. */
  loadNewer(count?: number): Promise<void>;
  /** Shows the messages around this one, and no others. */
  jumpTo(seq: number): Promise<void>;
  /** Shows the newest messages again. */
  jumpToEnd(): Promise<void>;
  /** Loads up to `count` messages (30, at most 100) of a gap, from its end on. */
  fill(gap: Gap, count?: number): Promise<void>;
  /** Everything up to `seq` is read. It is shown at once, and said to the server as soon as that can be reached. */
  markRead(seq: number): Promise<void>;
  /** What was written and not sent: kept over restarts, the same in all tabs. Empty: nothing. */
  readonly draft: Watched<string>;
  setDraft(text: string): void;
  /** Who is typing, but the viewer. It is asked for while somebody watches it. */
  readonly typing: Watched<readonly Person[]>;
  setTyping(on: boolean): void;
  /** Nobody looks any more: its messages leave the memory. */
  release(): void;
}

/** One user's view of a server. */
export interface Client {
  readonly connection: Watched<ConnectionState>;
  readonly me: Watched<Me | undefined>;
  readonly conversations: Watched<ConversationList>;
  loadMoreConversations(): Promise<void>;
  readonly unread: Watched<Unread>;
  readonly people: Watched<PeopleState>;
  /** Messages on their way, of all conversations, in the order in which they were written. */
  readonly outbox: Watched<readonly OutgoingMessage[]>;
  /** The handles of a conversation share its messages. Each is released by itself. */
  conversation(id: string): ConversationHandle;
  /**
   * Shows a message at once, keeps it, and sends it as soon as the server can be reached: once, and after those of the same
   * conversation before it.
   */
  send(conversationId: string, content: MessageContent | string): OutgoingMessage;
  /**
   * Uploads a file: what it resolves to is an attachment of one message (`attachments: [await upload(file)]`). Rejects with a
   * `ClientError` if it is refused, or the network fails again and again.
   */
  upload(file: Blob, options?: UploadOptions): Promise<{ uploadId: string }>;
  /** Sends a failed message again, after those that wait. */
  retry(id: string): void;
  /** Forgets a message that failed, or that waits and was never on its way. */
  discard(id: string): void;
  /**
   * Asks the server, over HTTP. Rejects with a `ClientError` if it refuses, or cannot be reached. What a mutation changed comes
   * with the entries too. Where the server says so (`retryAfterMs`), ask again with the same variables.
   */
  request<Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables): Promise<Result>;
  /**
   * Delivers what a subscription gives, such as `PresenceOf`, over the connection that there is. It begins again with every
   * connection. Gives a function that ends it.
   */
  watch<Result, Variables>(
    document: TypedDocument<Result, Variables>,
    variables: Variables,
    listener: (data: Result) => void,
  ): () => void;
  /**
   * Calls `listener` with each entry of the inbox, in order, once the state holds it; with undefined where all was fetched anew
   * (or had from another tab), so that entries may have been left out. It is for what the client does not hold: pins, members,
   * threads. Gives a function that ends it.
   */
  onEntry(listener: (entry: InboxEntry | undefined) => void): () => void;
  /**
   * Tells of each message of any conversation as it comes, one's own too: once each, in the order of the log, those that were
   * missed for lack of a connection first. Those before the client's first start, and those before a time for which everything is
   * fetched anew (or had from another tab), are not told. Gives a function that ends it.
   */
  onMessage(listener: (message: Message) => void): () => void;
  /** Tries to connect at once, where it waits to try again. */
  reconnect(): void;
  /** Ends it: what is on its way is kept. */
  close(): Promise<void>;
}

/** A place of one's own for what is kept, where there is no IndexedDB: a file, say. It is one client's at a time. */
export type TextStorage = {
  /** What was written last; undefined or null: nothing. */
  read(): Promise<string | null | undefined>;
  /** Replaces it, at once or not at all. It is called again only once this has resolved. */
  write(text: string): Promise<void>;
};

/** `name` and `mediaType`: those of the file, unless they are given. */
export type UploadOptions = { readonly name?: string; readonly mediaType?: string; readonly signal?: AbortSignal };

/** A browser that messages are pushed to. `id`: random, made once for each browser and kept. `name`: what its user calls it. */
export type WebDevice = { readonly id: string; readonly name: string };

export type ClientOptions = {
  /** Of `/graphql`, absolute or relative to the page. */
  readonly url: string;
  /**
   * Gives a token; it is asked again whenever one was refused or is about to expire. Where the network is at fault it rejects
   * with an error whose `code` is NETWORK; what else it rejects with is UNAUTHENTICATED, and the user must sign in again.
   */
  readonly token: () => string | Promise<string>;
  /** Where state, outbox and drafts are kept. Default: IndexedDB where there is one, else memory. */
  readonly storage?: "indexeddb" | "memory" | TextStorage;
  /** Whether tabs share a connection and a store. Default: where BroadcastChannel, Web Locks and IndexedDB are there. */
  readonly tabs?: boolean;
  /** Names the store and what the tabs share: one for each user. Default: of `url` and the `sub` of the token. */
  readonly name?: string;
  readonly fetch?: typeof fetch;
  /** In place of the platform's own. Node before 22 has none: there it is that of the package `ws`. */
  readonly webSocket?: WebSocketClass;
};

/** What sockets are made with: `WebSocket` as browsers have it, or that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => object;
