import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Buffered, buffered, type Holder } from "./buffered.ts";
import { tally, type TransportConfig } from "./limits.ts";
import { isTooSlow, newReadPace, type ReadPace } from "./pace.ts";
import { answerPlainly, isHandshake } from "./plainRequest.ts";
import type { Proxies } from "./proxies.ts";
import { networkOf } from "./rateLimit.ts";

/** One TCP connection, from its beginning to its end, whatever goes over it. */
export type Connection = {
  readonly raw: Socket;
  /** Of the peer: a proxy's, where one stands between. */
  readonly address: string;
  /** Requests that are not answered yet: more than one where they were sent ahead. */
  inFlight: number;
  /** The request that came last, while any is in flight. */
  request: IncomingMessage | undefined;
  /** Called once nothing is in flight. */
  whenIdle: (() => void) | undefined;
  /** Bytes read when the last whole message or request had come. */
  readAt: number;
  isWebSocket: boolean;
  /** What came of a message or request that is not whole yet. */
  readonly arriving: Holder;
  /** Of an HTTP answer; a WebSocket counts its own. */
  readonly leaving: Holder;
  readonly pace: ReadPace;
};

export type Handshake = (connection: Connection, request: IncomingMessage, head: Buffer) => void;

export type Connections = {
  /** Makes the servers of fastify: `serverFactory`. */
  server(handler: RequestListener): Server;
  /** Is given each request that asks for a WebSocket, with nothing in flight before it. */
  onHandshake(listener: Handshake): void;
  /** What waits to be sent, over all connections. */
  readonly waiting: Buffered;
  readonly counts: { connections: number; refused: number };
  /**
   * Ends those over which nothing is being answered; what comes half is waited for a moment. To be called when no more are
   * taken.
   */
  endIdle(): void;
  /** Ends all. */
  endAll(): void;
  /** Looks after nothing any more. */
  stop(): void;
};

type Options = {
  config: Pick<
    TransportConfig,
    "connectionsMax" | "connectionsPerAddress" | "bufferedBytesTotal" | "requestTimeoutMs" | "keepAliveMs"
  >;
  proxies: Proxies;
  log: { debug(fields: object, message: string): void; error(fields: object, message: string): void };
};

/** How often connections are looked at. */
const ROUND_MS = 1_000;
/** How long one over which nothing is asked stays open: longer than a proxy's, which would else send into one that ends. */
const KEEP_ALIVE_MS = 72_000;
/** How long a request that has come half is waited for when the server ends. */
const HALF_MS = 1_000;

/** Keeps all TCP connections: how many there are, what they hold, how fast they read, and how they end. */
export function connections({ config, proxies, log }: Options): Connections {
  const all = new Map<Socket, Connection>();
  const addresses = tally(config.connectionsPerAddress);
  const waiting = buffered(config.bufferedBytesTotal);
  const arriving = buffered(config.bufferedBytesTotal);
  const counts = { connections: 0, refused: 0 };
  let handshake: Handshake = ({ raw }) => raw.destroy();
  let ending: number | undefined;

  function opened(raw: Socket): void {
    // A connection that is taken anew by `answerPlainly` is known.
    if (all.has(raw)) return;
    const address = raw.remoteAddress ?? "";
    // A proxy holds those of all its clients.
    const network = proxies.isTrusted(address) ? undefined : networkOf(address);
    if (network !== undefined && !addresses.enter(network)) {
      counts.refused += 1;
      return turnAway(raw, "503 Service Unavailable", "there are too many connections from this address");
    }
    const drop = (): void => void raw.destroy();
    const connection: Connection = {
      raw,
      address,
      inFlight: 0,
      request: undefined,
      whenIdle: undefined,
      readAt: 0,
      isWebSocket: false,
      arriving: { held: 0, drop },
      leaving: { held: 0, drop },
      pace: newReadPace(performance.now()),
    };
    all.set(raw, connection);
    counts.connections += 1;
    arriving.enter(connection.arriving);
    waiting.enter(connection.leaving);
    // For as long as it is there: while it goes from one to another (a request with an Upgrade header), nobody else listens,
    // and an error that
    // nobody listens to ends the process.
    raw.on("error", drop);
    raw.once("close", () => {
      all.delete(raw);
      counts.connections -= 1;
      if (network !== undefined) addresses.leave(network);
      arriving.leave(connection.arriving);
      waiting.leave(connection.leaving);
    });
  }

  /** Counts a request in; whether its connection is one that was let in. */
  function asked(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = all.get(request.socket);
    if (!connection) return false;
    connection.inFlight += 1;
    connection.request = request;
    response.once("close", () => {
      connection.inFlight -= 1;
      if (connection.inFlight > 0) return;
      connection.readAt = connection.raw.bytesRead;
      // Its headers are not to be kept for as long as the connection rests.
      connection.request = undefined;
      const { whenIdle } = connection;
      connection.whenIdle = undefined;
      whenIdle?.();
    });
    return true;
  }

  /** Every request with an `Upgrade` header comes here. What is thrown here, nobody else would catch. */
  function upgraded(server: Server, request: IncomingMessage, raw: Socket, head: Buffer): void {
    const connection = all.get(raw);
    if (!connection) return void raw.destroy();
    const failed = (fault: unknown): void => {
      log.error({ err: fault }, "a request with an Upgrade header failed");
      raw.destroy();
    };
    const goOn = (): void => {
      try {
        if (isHandshake(request)) handshake(connection, request, head);
        else answerPlainly(server, request, raw, head);
      } catch (fault) {
        failed(fault);
      }
    };
    // Answers to what was sent before it go first.
    if (connection.inFlight > 0) connection.whenIdle = goOn;
    else goOn();
  }

  function check(connection: Connection, now: number): void {
    const { raw, pace, inFlight, request } = connection;
    const half = connection.isWebSocket || inFlight === 0 || request?.complete === false ? raw.bytesRead - connection.readAt : 0;
    arriving.add(connection.arriving, half - connection.arriving.held);
    if (connection.isWebSocket) return;
    const left = raw.writableLength;
    waiting.add(connection.leaving, left - connection.leaving.held);
    if (!isTooSlow(pace, raw, left > 0, now, config.keepAliveMs)) return;
    log.debug({ address: connection.address }, "an answer was read too slowly");
    raw.destroy();
  }

  /** While the server ends: whatever is not being answered. */
  function endIdle(now: number): void {
    for (const { raw, inFlight, request, readAt, isWebSocket } of all.values()) {
      if (isWebSocket) continue;
      const isHalf = inFlight === 0 ? raw.bytesRead > readAt : request?.complete === false;
      if (isHalf ? now - (ending ?? now) > HALF_MS : inFlight === 0) raw.destroy();
    }
  }

  const each = (look: (connection: Connection) => void): void => {
    for (const connection of all.values()) {
      try {
        look(connection);
      } catch (fault) {
        log.error({ err: fault }, "a connection could not be looked at");
        connection.raw.destroy();
      }
    }
  };
  const rounds = setInterval(
    () => {
      const now = performance.now();
      each((connection) => check(connection, now));
      if (ending !== undefined) endIdle(now);
    },
    Math.min(ROUND_MS, Math.max(20, config.keepAliveMs / 10)),
  ).unref();

  return {
    counts,
    waiting,

    server(handler) {
      const server = createServer(
        {
          keepAliveTimeout: KEEP_ALIVE_MS,
          // Whoever connects and says nothing is held to it too.
          headersTimeout: config.requestTimeoutMs,
          requestTimeout: config.requestTimeoutMs,
          connectionsCheckingInterval: Math.min(5_000, Math.ceil(config.requestTimeoutMs / 2)),
        },
        (request, response) => {
          if (asked(request, response)) handler(request, response);
        },
      );
      if (config.connectionsMax > 0) server.maxConnections = config.connectionsMax;
      server.on("drop", () => void (counts.refused += 1));
      // Too many open files, say: an error of a server that nobody listens to ends the process. One that cannot listen is
      // told of elsewhere.
      server.on("listening", () => server.on("error", (err) => log.error({ err }, "a connection could not be taken")));
      // Before Node's own, which begins to read.
      server.prependListener("connection", opened);
      server.on("upgrade", (request: IncomingMessage, raw: Socket, head: Buffer) => upgraded(server, request, raw, head));
      return server;
    },

    onHandshake(listener) {
      handshake = listener;
    },

    endIdle() {
      ending ??= performance.now();
      endIdle(ending);
    },
    endAll: () => each(({ raw }) => void raw.destroy()),
    stop: () => clearInterval(rounds),
  };
}

/** Ends a connection with an answer that says why. */
export function turnAway(raw: Socket, status: string, message: string): void {
  raw.on("error", () => void raw.destroy());
  raw.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
    () => raw.destroy(),
  );
}
