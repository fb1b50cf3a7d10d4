import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExecutionArgs, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { handleProtocols, makeServer, type SubscribePayload } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import { Refusal } from "../domain/refusal.ts";
import { type Caller, expiredToken, hasExpired, type Tokens, withdrawnKey } from "./auth.ts";
import type { Executor, RequestInfo } from "./execute.ts";
import { IN_FLIGHT_PER_SOCKET, SOCKET_MESSAGE_BYTES, tally, type TransportConfig } from "./limits.ts";
import { maySubscribe } from "./origins.ts";
import { drained, end, flush, isFull, type Outbox, outbox, sendText, waiting } from "./outbox.ts";
import type { RateLimit } from "./rateLimit.ts";
import { NotExecuted, notExecuted, type Running, runningOperation, type Work } from "./running.ts";

/** Why a socket is closed. Clients give up for good at 4401 and 4409; 4403 asks for another token, 1001 and 1013 for another try. */
export const CloseCode = { goingAway: 1001, notText: 1007, tryLater: 1013, badToken: 4401, tokenExpired: 4403 } as const;

export type SocketCounts = { sockets: number; subscriptions: number; opened: number; dropped: number };

export type Sockets = {
  /** Takes over a connection that asks for the upgrade to a WebSocket: `server.on("upgrade", upgrade)`. */
  upgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void;
  /** Tells all clients to go elsewhere, in batches at irregular times, and refuses new ones. Resolves when all are gone, in time. */
  close(withinMs: number): Promise<void>;
  readonly counts: SocketCounts;
};

export type SocketOptions = {
  schema: GraphQLSchema;
  executor: Executor;
  tokens: Tokens;
  rate: RateLimit;
  config: TransportConfig;
  log: { debug(fields: object, message: string): void };
  correlationId: () => string;
};

/** One client's connection. */
type Connection = {
  readonly ws: WebSocket;
  readonly raw: Socket;
  readonly box: Outbox;
  readonly address: string;
  caller: Caller | undefined;
  readonly running: Map<string, Running>;
  subscriptions: number;
  /** When it was told to go. */
  closedAt: number | undefined;
  gone: boolean;
  answers: boolean;
  pingAt: number;
  /** Bytes that the client's side had taken when this was looked at last, and when that changed. */
  taken: number;
  takenAt: number;
};

const PATH = "/graphql";
const KEY_WITHDRAWN = "the token's key was withdrawn: get a new token";
/** How long a client may take to answer that it was told to go. */
const FAREWELL_MS = 5_000;
/** Sockets told to go at once. */
const BATCH = 100;
const BATCHES = 20;

/** The WebSocket side of the API: graphql-transport-ws, its operations run by the executor that HTTP uses too. */
export function sockets({ schema, executor, tokens, rate, config, log, correlationId }: SocketOptions): Sockets {
  const connections = new Set<Connection>();
  const addresses = tally(config.socketsPerAddress);
  const users = tally(config.socketsPerUser);
  const counts: SocketCounts = { sockets: 0, subscriptions: 0, opened: 0, dropped: 0 };
  let closing = false;

  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: SOCKET_MESSAGE_BYTES,
    handleProtocols,
  });

  const protocol = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: config.initTimeoutMs,
    onConnect: async ({ connectionParams, extra }) => admitted(extra, connectionParams),
    onSubscribe: ({ extra }, id, payload) => accepted(extra, id, payload),
    execute: ({ contextValue }) => contextValue as never,
    subscribe: ({ contextValue }) => contextValue as never,
    onError: (_context, _id, _payload, errors) => errors.flatMap(shownOf),
  });

  /** Lets a client in by the token in its connection_init, or closes its connection. */
  async function admitted(connection: Connection, parameters: Record<string, unknown> | undefined): Promise<boolean> {
    try {
      const caller = await tokens.verify(bearerOf(parameters));
      if (connection.gone) return false;
      if (!users.enter(caller.userId)) {
        close(connection, CloseCode.tryLater, "too many connections of this user");
        return false;
      }
      connection.caller = caller;
      return true;
    } catch (fault) {
      const { message, extensions } = executor.explain(fault, undefined, requestOf(connection));
      const code = hasExpired(fault) ? CloseCode.tokenExpired : CloseCode.badToken;
      close(connection, extensions.code === "UNAUTHENTICATED" ? code : CloseCode.tryLater, message);
      return false;
    }
  }

  /** An operation that is ready to run and counted, or why it is not accepted. */
  function accepted(
    connection: Connection,
    id: string,
    { query, operationName, variables }: SubscribePayload,
  ): ExecutionArgs | GraphQLError[] {
    const { caller, box } = connection;
    const request = requestOf(connection);
    try {
      if (caller === undefined || caller.expiresAt <= Date.now()) {
        close(connection, CloseCode.tokenExpired, "the token expired");
        throw expiredToken(caller?.expiresAt ?? 0);
      }
      if (!tokens.vouches(caller)) {
        close(connection, CloseCode.tokenExpired, KEY_WITHDRAWN);
        throw withdrawnKey();
      }
      const payer = { userId: caller.userId, address: request.address };
      rate.take(payer, 1);
      const operation = executor.prepare(query, operationName ?? undefined, payer);
      if (!("id" in operation)) return notExecuted(operation);
      // A client may take an id again in the very moment in which it gave it up: the one before ends here.
      void connection.running.get(id)?.return();
      if (operation.kind === "subscription") roomForSubscription(connection);
      else roomForOperation(connection);
      const running = tracked(connection, { executor, box, id, operation, variables: variables ?? {}, caller, request });
      return { schema, document: operation.document, contextValue: running, rootValue: undefined };
    } catch (fault) {
      return notExecuted([executor.explain(fault, caller, request)]);
    }
  }

  function roomForSubscription({ subscriptions }: Connection): void {
    const max = config.subscriptionsPerSocket;
    if (subscriptions >= max)
      throw new Refusal("LIMIT_EXCEEDED", `a connection holds at most ${max} subscriptions: end some, or open another`);
  }

  function roomForOperation({ running, subscriptions }: Connection): void {
    if (running.size - subscriptions >= IN_FLIGHT_PER_SOCKET)
      throw new Refusal("RATE_LIMITED", "too many operations wait for an answer on this connection", { retryAfterMs: 1_000 });
  }

  function tracked(connection: Connection, work: Work): Running {
    const more = work.operation.kind === "subscription" ? 1 : 0;
    const operation = runningOperation(work, () => {
      connection.running.delete(work.id);
      connection.subscriptions -= more;
      counts.subscriptions -= more;
    });
    connection.running.set(work.id, operation);
    connection.subscriptions += more;
    counts.subscriptions += more;
    return operation;
  }

  function opened(ws: WebSocket, raw: Socket): void {
    const now = Date.now();
    const connection: Connection = {
      ws,
      raw,
      box: outbox(raw, config.bufferedBytesMax, () => close(connection, CloseCode.tryLater, "reads too slowly")),
      address: raw.remoteAddress ?? "",
      caller: undefined,
      running: new Map(),
      subscriptions: 0,
      closedAt: undefined,
      gone: false,
      answers: true,
      pingAt: now + config.keepAliveMs * (0.5 + Math.random() / 2),
      taken: 0,
      takenAt: now,
    };
    counts.opened += 1;
    counts.sockets += 1;
    connections.add(connection);
    const counted = addresses.enter(connection.address);
    const closed = protocol.opened(
      {
        protocol: ws.protocol,
        send: (text) => sendText(connection.box, text),
        close: (code = CloseCode.tryLater, reason) => close(connection, code, reason ?? ""),
        onMessage: (receive) => {
          ws.on("message", (data: Buffer, isBinary: boolean) => {
            connection.answers = true;
            if (connection.closedAt !== undefined) return;
            // Frames of text were looked at when they came.
            if (isBinary && !isUtf8(data)) return close(connection, CloseCode.notText, "a message is text in UTF-8");
            receive(data.toString()).catch((fault: unknown) => {
              executor.explain(fault, connection.caller, requestOf(connection));
              close(connection, CloseCode.tryLater, "a fault of the server");
            });
            if (isFull(connection.box)) holdBack(connection);
          });
        },
      },
      connection,
    );
    ws.on("pong", () => {
      connection.answers = true;
    });
    // What a client does wrong (a message too large, no UTF-8) closes its socket by itself.
    ws.on("error", (err) => log.debug({ err, address: connection.address }, "a WebSocket failed"));
    ws.once("close", (code, reason) => {
      connection.gone = true;
      connections.delete(connection);
      counts.sockets -= 1;
      void closed(code, reason.toString());
      for (const operation of [...connection.running.values()]) void operation.return();
      end(connection.box);
      if (counted) addresses.leave(connection.address);
      if (connection.caller) users.leave(connection.caller.userId);
    });
    if (!counted) close(connection, CloseCode.tryLater, "too many connections from this address");
  }

  /** Reads no more from a client that doesn't read what it gets. */
  function holdBack({ ws, box }: Connection): void {
    if (ws.isPaused) return;
    ws.pause();
    void drained(box).then(() => ws.resume());
  }

  function close(connection: Connection, code: number, reason: string): void {
    if (connection.closedAt !== undefined || connection.gone) return;
    connection.closedAt = Date.now();
    if (code === CloseCode.tryLater) counts.dropped += 1;
    flush(connection.box);
    connection.ws.close(code, shortened(reason));
    for (const operation of [...connection.running.values()]) void operation.return();
    end(connection.box);
    connection.ws.resume();
  }

  /** Looks after one connection: those that are overdue, whose token expired, that don't read or don't answer. */
  function check(connection: Connection, now: number): void {
    const { ws, raw, box, caller, closedAt } = connection;
    if (closedAt !== undefined) {
      if (now - closedAt > FAREWELL_MS) ws.terminate();
      return;
    }
    if (caller !== undefined && caller.expiresAt <= now) return close(connection, CloseCode.tokenExpired, "the token expired");
    if (caller !== undefined && !tokens.vouches(caller)) return close(connection, CloseCode.tokenExpired, KEY_WITHDRAWN);
    if (waiting(box) > 0) {
      const taken = raw.bytesWritten - raw.writableLength;
      if (taken !== connection.taken) {
        connection.taken = taken;
        connection.takenAt = now;
      } else if (now - connection.takenAt > config.keepAliveMs) close(connection, CloseCode.tryLater, "reads too slowly");
      return;
    }
    connection.takenAt = now;
    if (now < connection.pingAt) return;
    connection.pingAt = now + config.keepAliveMs;
    if (!connection.answers) return ws.terminate();
    connection.answers = false;
    ws.ping();
  }

  const rounds = setInterval(
    () => {
      const now = Date.now();
      for (const connection of connections) check(connection, now);
    },
    Math.min(1_000, Math.max(20, config.keepAliveMs / 10)),
  ).unref();

  const requestOf = ({ address }: Connection): RequestInfo => ({ transport: "socket", correlationId: correlationId(), address });

  return {
    counts,

    upgrade(request, raw, head) {
      const { origin, host } = request.headers;
      if (new URL(request.url ?? "/", "http://localhost").pathname !== PATH)
        return abort(raw, "404 Not Found", `the WebSocket is at ${PATH}`);
      if (closing) return abort(raw, "503 Service Unavailable", "the server is closing");
      if (!maySubscribe(config, origin, host)) return abort(raw, "403 Forbidden", "a page of this origin may not connect");
      server.handleUpgrade(request, raw, head, (ws) => opened(ws, request.socket));
    },

    async close(withinMs) {
      closing = true;
      const until = Date.now() + withinMs;
      const size = Math.max(BATCH, Math.ceil(connections.size / BATCHES));
      const pauseMs = withinMs / 2 / BATCHES;
      for (;;) {
        const batch = [...connections].filter(({ closedAt }) => closedAt === undefined).slice(0, size);
        for (const connection of batch) close(connection, CloseCode.goingAway, "the server is closing: connect again");
        if (batch.length < size) break;
        await sleep(pauseMs * (0.5 + Math.random()));
      }
      while (connections.size > 0 && Date.now() < until) await sleep(10);
      for (const { ws } of connections) ws.terminate();
      clearInterval(rounds);
    },
  };
}

/** What a client is told: of an operation that was not executed, the errors on their way inside. */
function shownOf(error: GraphQLFormattedError | GraphQLError): readonly GraphQLFormattedError[] {
  if (!(error instanceof GraphQLError)) return [error];
  return error.originalError instanceof NotExecuted ? error.originalError.errors : [error.toJSON()];
}

/** The token of connection_init: as the HTTP header is called, however it is spelled, or bare. */
function bearerOf(parameters: Record<string, unknown> | undefined): string | undefined {
  const found = parameters?.["authorization"] ?? parameters?.["Authorization"] ?? parameters?.["token"];
  return typeof found === "string" ? found : undefined;
}

/** A close frame holds 123 bytes of text. */
function shortened(reason: string): string {
  return Buffer.byteLength(reason) <= 123
    ? reason
    : `${Buffer.from(reason)
        .subarray(0, 119)
        .toString()
        .replace(/\uFFFD+$/, "")}…`;
}

function abort(raw: Duplex, status: string, message: string): void {
  raw.on("error", () => undefined);
  raw.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  );
}
