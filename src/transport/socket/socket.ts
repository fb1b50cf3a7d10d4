import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { makeServer, type Message, MessageType, parseMessage } from "graphql-ws";
import type { WebSocket } from "ws";
import { hasExpired, type Tokens } from "../auth.ts";
import type { Buffered } from "../buffered.ts";
import type { Comings } from "../comings.ts";
import type { Documents } from "../documents.ts";
import { type Connection as TcpConnection, type Handshake, turnAway } from "../connections.ts";
import { badRequest } from "../errors.ts";
import type { Executor, RequestInfo } from "../execution/execute.ts";
import { type Quotas, READ_BEYOND_BYTES, type TransportConfig } from "../limits.ts";
import { maySubscribe } from "../origins.ts";
import type { ClientAddress, Proxies } from "../proxies.ts";
import { networkOf, type RateLimit } from "../rateLimit.ts";
import type { Subscriptions } from "../subscriptions.ts";
import { operationIn, tooLong } from "../tooLong.ts";
import { arrivals } from "./arrivals.ts";
import { sendText } from "./outbox.ts";
import { NotExecuted } from "./running.ts";
import { CloseCode, type Connection, type Ends, NOT_TEXT, socketConnections } from "./socketConnections.ts";
import { socketOperations } from "./socketOperations.ts";
import { webSocketServer } from "./webSockets.ts";

export type SocketCounts = { sockets: number; opened: number; dropped: number };

export type Sockets = {
  /** Takes over a connection that asks for a WebSocket. */
  take: Handshake;
  /**
   * Tells all clients to reconnect elsewhere, in batches at irregular times, and refuses new ones. Resolves when all are
   * gone, or after `withinMs`.
   */
  close(withinMs: number): Promise<void>;
  readonly counts: SocketCounts;
};

export type SocketOptions = {
  schema: GraphQLSchema;
  executor: Executor;
  tokens: Tokens;
  rate: RateLimit;
  quotas: Quotas;
  documents: Documents;
  subscriptions: Subscriptions;
  proxies: Proxies;
  /** The bytes that wait to be sent over all connections. */
  allWaiting: Buffered;
  config: TransportConfig;
  log: { debug(fields: object, message: string): void };
  correlationId: () => string;
  comings?: Comings;
};

const PATH = "/graphql";
/** The code with which clients close that will not come back soon. */
const FAREWELL = 1000;

/** The WebSocket side of the API: graphql-transport-ws. The same executor as for HTTP runs the operations. */
export function sockets(options: SocketOptions): Sockets {
  const { executor, tokens, quotas, proxies, allWaiting, config, log, correlationId, comings } = options;
  const limit = config.bodyLimitBytes;
  const { addresses, users } = quotas;
  let closing = false;

  const requestOf = ({ client: { address, isLocal, origin } }: Connection): RequestInfo => ({
    transport: "socket",
    correlationId: correlationId(),
    address: isLocal ? undefined : address,
    origin,
  });
  const turns = arrivals();
  const kept = socketConnections({
    config,
    allWaiting,
    arrivals: turns,
    vouches: (caller) => tokens.vouches(caller),
    isBarred: (caller) => tokens.isBarred?.(caller) === true,
    log,
    failed: (fault, connection) => void executor.explain(fault, connection.caller, requestOf(connection)),
  });
  const { close } = kept;
  const unheard = tokens.onBarred?.(kept.look);
  const operations = socketOperations({ ...options, arrivals: turns, close });

  const server = webSocketServer(limit + READ_BEYOND_BYTES, {
    [CloseCode.protocol]: "this is not the WebSocket protocol (RFC 6455)",
    [CloseCode.notText]: NOT_TEXT,
    [CloseCode.tooManyParts]: "the message comes in too many parts",
    [CloseCode.tooLong]: tooLong(limit),
  });

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: config.initTimeoutMs,
    onConnect: async (context) => {
      context.extra.protocol = context;
      return admitted(context.extra, context.connectionParams);
    },
    onSubscribe: ({ extra, subscriptions: asked }, id, payload) =>
      operations.accept(extra, requestOf(extra), id, payload, () => id in asked),
    execute: ({ contextValue }) => contextValue as never,
    subscribe: ({ contextValue }) => contextValue as never,
    onError: (_context, _id, _payload, errors) => errors.flatMap(shownOf),
  });

  /** Admits a client by the token in its connection_init, or closes its connection. */
  async function admitted(connection: Connection, parameters: Record<string, unknown> | undefined): Promise<boolean> {
    try {
      const caller = await tokens.verify(bearerOf(parameters));
      if (connection.gone) return false;
      if (!users.enter(caller.userId)) {
        close(connection, CloseCode.tryLater, "too many connections of this user");
        return false;
      }
      connection.caller = caller;
      connection.endsAt = performance.now() + caller.expiresAt - Date.now();
      connection.left = comings?.connected(caller);
      return true;
    } catch (fault) {
      const { message, extensions } = executor.explain(fault, undefined, requestOf(connection));
      const code = hasExpired(fault) ? CloseCode.tokenExpired : CloseCode.badToken;
      close(connection, extensions.code === "UNAUTHENTICATED" ? code : CloseCode.tryLater, message);
      return false;
    }
  }

  function opened(ws: WebSocket, tcp: TcpConnection, client: ClientAddress): void {
    const counted = addresses.enter(networkOf(client.address));
    const connection = kept.open(ws, tcp, client, (own) => ends(own, counted));
    if (!counted) close(connection, CloseCode.tryLater, "too many connections from this address");
  }

  function ends(connection: Connection, counted: boolean): Ends {
    let take: (text: string) => Promise<void> = async () => undefined;
    const closed = protocol.opened(
      {
        protocol: connection.ws.protocol,
        send: (text) => sendText(connection.box, text),
        close: (code = CloseCode.tryLater, reason) => close(connection, code, REASONS[code] ?? reason ?? ""),
        onMessage: (listener) => {
          take = listener;
        },
      },
      connection,
    );
    return {
      receive: (text, bytes) => {
        if (bytes > limit) return refuseLong(connection, text);
        if (isDone(connection, text)) return undefined;
        return take(text).catch((fault: unknown) => {
          // The protocol server throws at such a message, as it does at its own faults.
          if (!isOfServers(text)) throw fault;
          close(connection, CloseCode.badMessage, "only the server sends messages of this type");
        });
      },
      closed(code, reason) {
        if (counted) addresses.leave(networkOf(connection.client.address));
        if (connection.caller) users.leave(connection.caller.userId);
        connection.left?.(code === FAREWELL);
        return closed(code, reason);
      },
    };
  }

  /** Does what a message asks for, if that needs no protocol server. */
  function isDone(connection: Connection, text: string): boolean {
    const { protocol: known, answering } = connection;
    if (known?.acknowledged !== true) return false;
    const message = messageIn(text);
    if (message?.type === MessageType.Complete) {
      const asked = answering.get(message.id);
      if (asked) asked.isGivenUp = true;
      return answering.delete(message.id);
    }
    if (message?.type !== MessageType.Subscribe) return false;
    const { id, payload } = message;
    if (answering.has(id)) {
      close(connection, CloseCode.sameId, SAME_ID);
      return true;
    }
    // The protocol server may know of it still, or be about to run it.
    if (id in known.subscriptions || connection.running.has(id)) return false;
    return operations.answer(connection, requestOf, id, payload);
  }

  /**
   * Answers a message over the limit. If it asks for an operation, that operation gets the error. Otherwise the socket
   * closes, since there is no other way to say it.
   */
  function refuseLong(connection: Connection, text: string): void {
    const id = connection.caller === undefined ? undefined : operationIn(text);
    if (id === undefined || connection.running.has(id) || connection.answering.has(id))
      return close(connection, CloseCode.tooLong, tooLong(limit));
    sendText(connection.box, JSON.stringify({ id, type: "error", payload: [badRequest(tooLong(limit))] }));
  }

  return {
    counts: kept.counts,

    take(tcp, request, head) {
      const { raw } = tcp;
      const { origin, host } = request.headers;
      if (pathOf(request.url) !== PATH) return turnAway(raw, "404 Not Found", `the WebSocket is at ${PATH}`);
      if (closing) return turnAway(raw, "503 Service Unavailable", "the server is closing");
      if (!maySubscribe(config, origin, host)) return turnAway(raw, "403 Forbidden", "pages of this origin may not connect");
      server.handleUpgrade(request, raw, head, (ws) => opened(ws, tcp, proxies.clientOf(request)));
    },

    async close(withinMs) {
      closing = true;
      unheard?.();
      await kept.closeAll(withinMs);
    },
  };
}

const SAME_ID = "an operation of this id is running: give each one an id of its own";

/** Our own reasons, where the protocol server says too little or repeats the client's text. */
const REASONS: Readonly<Record<number, string>> = {
  [CloseCode.otherProtocol]:
    "the subprotocol here is graphql-transport-ws: use a client that speaks it, such as the package graphql-ws",
  [CloseCode.sameId]: SAME_ID,
};

const OF_SERVERS: ReadonlySet<unknown> = new Set(["connection_ack", "next", "error"]);

/** Whether a well-formed message has a type that only servers send. */
const isOfServers = (text: string): boolean => OF_SERVERS.has((JSON.parse(text) as { type?: unknown }).type);

/** What a message says; undefined if it is none of the protocol's. */
function messageIn(text: string): Message | undefined {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}

/** The errors as a client sees them. For an operation that was not executed, these are the errors inside. */
function shownOf(error: GraphQLFormattedError | GraphQLError): readonly GraphQLFormattedError[] {
  if (!(error instanceof GraphQLError)) return [error];
  return error.originalError instanceof NotExecuted ? error.originalError.errors : [error.toJSON()];
}

/** The path of a request's target. `URL` alone would throw at `//`. */
function pathOf(target = ""): string | undefined {
  if (target.startsWith("/")) return target.split("?", 1)[0];
  return URL.canParse(target) ? new URL(target).pathname : undefined;
}

/** The token in connection_init: under the name of the HTTP header in either spelling, or as `token`. */
function bearerOf(parameters: Record<string, unknown> | undefined): string | undefined {
  const found = parameters?.["authorization"] ?? parameters?.["Authorization"] ?? parameters?.["token"];
  return typeof found === "string" ? found : undefined;
}
