import { createClient, type Client as WsClient } from "graphql-ws";
import { tokenOf } from "./asking.ts";
import type { InboxEntry } from "./entries.ts";
import { asClientError, clientError, errorOf, type Fault } from "./errors.ts";
import { Inbox } from "./operations.ts";
import type { Tokens } from "./tokens.ts";
import type { ClientError, ConnectionState, TypedDocument, WebSocketClass } from "./types.ts";

/** The first pause before it is tried again, and the longest one, in milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** How often a silent socket is asked whether it is there, and how long its answer may take, in milliseconds. */
const PING_EVERY_MS = 12_000;
const PONG_WITHIN_MS = 8_000;

/** How long it may take until the server has let a socket in, in milliseconds. */
const OPEN_WITHIN_MS = 20_000;

/** Close codes of the server: the token expired, or is not good. */
const TOKEN_EXPIRED = 4403;
const TOKEN_BAD = 4401;

export type ConnectionOptions = {
  url: string;
  tokens: Tokens;
  webSocket: WebSocketClass;
  /** Makes sure that there is a state, and gives the cursor to go on from. */
  begin: () => Promise<string>;
  /** `again`: the state must be fetched anew, and the next `begin` does so. */
  entry: (entry: InboxEntry) => "on" | "again";
  /** The server takes no such cursor. */
  refused: () => void;
  changed: (state: ConnectionState) => void;
  /** Told of what the listener of a subscription threw. */
  report: (error: unknown) => void;
  random?: () => number;
};

export type Connection = ReturnType<typeof createConnection>;

/** A subscription beside the inbox: made again with every connection. */
type Watch = { document: string; variables: Record<string, unknown>; sink: (data: unknown) => void };

/**
 * Follows the inbox for as long as it is not closed. After a lost connection it is tried again: with pauses that grow, and differ
 * by chance, so that not all clients of a server that was away come back at the same moment.
 */
export function createConnection(options: ConnectionOptions) {
  const { tokens, begin, entry, refused, changed, report, random = Math.random } = options;
  const watches = new Map<number, Watch>();
  const running = new Map<number, () => void>();
  let watchCount = 0;
  /** The socket that is open, where all that was missed has come. */
  let live: WsClient | undefined;
  let endSession: () => void = () => undefined;
  let attempt = 0;
  /** Raised where it starts or stops: what an earlier run awaited is nothing to it any more. */
  let current = 0;
  let wake: () => void = () => undefined;
  /** The socket that is open, until it is closed. */
  let closing: Promise<unknown> | undefined;

  const run = async (): Promise<void> => {
    const own = ++current;
    const isOver = (): boolean => own !== current;
    // A browser may be wrong: the server may be on this machine. So it is tried where it says that there is no network, too.
    while (!isOver()) {
      changed({ state: isOffline() ? "offline" : "connecting" });
      let error: ClientError | undefined;
      try {
        const after = await begin();
        const token = await tokenOf(tokens);
        if (!isOver()) error = await (closing = follow(after, token));
      } catch (thrown) {
        error = asClientError(thrown);
      }
      if (isOver()) return;
      if (isOffline()) {
        changed({ state: "offline" });
        await pause(LONGEST_PAUSE_MS);
      } else if (error) {
        const ms = Math.max(error.retryAfterMs ?? 0, pauseOf(attempt++, random));
        changed({ state: "waiting", retryAt: Date.now() + ms, error });
        await pause(ms);
      }
    }
  };

  /** One socket, until it ends. Gives why, or undefined where it is to be opened again at once. */
  const follow = async (after: string, token: string): Promise<ClientError | undefined> => {
    let pong: ReturnType<typeof setTimeout> | undefined;
    let isLetIn = false;
    const socket = createClient({
      url: options.url,
      webSocketImpl: heard(options.webSocket),
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      keepAlive: PING_EVERY_MS,
      on: {
        connected: () => {
          isLetIn = true;
          clearTimeout(late);
        },
        ping: (isReceived) => {
          if (isReceived) return;
          clearTimeout(pong);
          pong = setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(pong);
        },
      },
    });
    const late = setTimeout(() => socket.terminate(), OPEN_WITHIN_MS);
    try {
      return await new Promise<ClientError | undefined>((resolve) => {
        const next = (data: unknown): void => {
          const { inbox } = data as { inbox: InboxEntry };
          if (entry(inbox) === "again") {
            // What else comes is of what was before.
            cancel();
            resolve(attempt++ === 0 ? undefined : clientError("UNAVAILABLE", "all had to be fetched anew, and again"));
          } else if (inbox.__typename === "InboxCaughtUp") {
            attempt = 0;
            live = socket;
            changed({ state: "live" });
            for (const [id, watch] of watches) begun(id, watch);
          }
        };
        const cancel = subscribe(socket, Inbox, { after }, next, (error) => resolve(failure(error, token)));
        endSession = () => {
          cancel();
          resolve(undefined);
        };
      });
    } finally {
      clearTimeout(pong);
      clearTimeout(late);
      live = undefined;
      endSession = () => undefined;
      running.clear();
      // To close one that is being opened would wait for it.
      if (isLetIn) await socket.dispose();
      else socket.terminate();
    }
  };

  /** Why a socket ended. Undefined: it may be opened again at once. */
  const failure = (error: unknown, token: string): ClientError | undefined => {
    if (Array.isArray(error)) {
      const said = errorOf(error as Fault[]);
      if (said.code === "BAD_INPUT") refused();
      return said;
    }
    // A close event: in Node that is no Error.
    if (typeof error !== "object" || error === null || !("code" in error)) return asClientError(error);
    const { code, reason } = error as { code: unknown; reason?: unknown };
    const said = `the socket was closed: ${String(code)} ${typeof reason === "string" ? reason : ""}`.trim();
    if (code !== TOKEN_EXPIRED && code !== TOKEN_BAD) return clientError("NETWORK", said);
    tokens.refused(token);
    // With a new token it goes on at once, unless that one was refused at once too.
    return code === TOKEN_EXPIRED && attempt++ === 0 ? undefined : clientError("UNAUTHENTICATED", said);
  };

  const begun = (id: number, { document, variables, sink }: Watch): void => {
    if (!live || running.has(id)) return;
    // One that ends (no member any more) begins again with the next connection.
    running.set(
      id,
      subscribe(live, document, variables, safely(sink, report), () => undefined),
    );
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      wake = done;
    });

  const reconnect = (): void => wake();
  const lost = (): void => {
    if (isOffline()) endSession();
  };
  const seen = (): void => {
    if (globalThis.document?.visibilityState === "visible") wake();
  };

  const stop = async (): Promise<void> => {
    current++;
    globalThis.removeEventListener?.("online", reconnect);
    globalThis.removeEventListener?.("offline", lost);
    globalThis.document?.removeEventListener("visibilitychange", seen);
    wake();
    endSession();
    await closing?.catch(() => undefined);
  };

  return {
    start(): void {
      globalThis.addEventListener?.("online", reconnect);
      globalThis.addEventListener?.("offline", lost);
      globalThis.document?.addEventListener("visibilitychange", seen);
      void run();
    },
    reconnect,
    /** It may be started again. */
    stop,

    /** Delivers what a subscription gives, for as long as it is connected; gives a function that ends it. */
    watch<Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables, sink: (data: Result) => void) {
      const id = ++watchCount;
      const watch: Watch = { document, variables: variables as Record<string, unknown>, sink: sink as (data: unknown) => void };
      watches.set(id, watch);
      begun(id, watch);
      return (): void => {
        watches.delete(id);
        running.get(id)?.();
        running.delete(id);
      };
    },
  };
}

/** Subscribes; `ended` gets why it ended. A delivery with errors ends it: it is not passed over. */
function subscribe(
  socket: WsClient,
  query: string,
  variables: Record<string, unknown>,
  next: (data: unknown) => void,
  ended: (error: unknown) => void,
): () => void {
  let isOver = false;
  const end = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    ended(error);
  };
  const cancel = socket.subscribe(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (isOver) return;
        if (errors?.length || data == null) {
          end(errors ?? []);
          cancel();
        } else next(data);
      },
      error: end,
      complete: () => end(clientError("NETWORK", "the subscription ended")),
    },
  );
  return () => {
    isOver = true;
    cancel();
  };
}

/** A listener's fault is its own: thrown on, it would end the socket. */
const safely =
  (sink: (data: unknown) => void, report: (error: unknown) => void) =>
  (data: unknown): void => {
    try {
      sink(data);
    } catch (error) {
      report(error);
    }
  };

/** Node's `ws` throws what nobody listens to, also of a socket that nobody wants any more. */
const heard = (webSocket: WebSocketClass): WebSocketClass =>
  new Proxy(webSocket as typeof WebSocket, {
    construct: (target, of: ConstructorParameters<typeof WebSocket>) => {
      const socket = new target(...of);
      socket.addEventListener("error", () => undefined);
      return socket;
    },
  });

const isOffline = (): boolean => globalThis.navigator?.onLine === false;

/** A pause before attempt `attempt` (from 0): between half of it and all of it, by chance. */
export const pauseOf = (attempt: number, random: () => number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + random() / 2);
