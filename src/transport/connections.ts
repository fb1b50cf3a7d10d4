import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createServer } from "../ports/nodeHttp.ts";
import { type Buffered, buffered, type Holder } from "./buffered.ts";
import { tally, type TransportConfig } from "./limits.ts";
import { isTooSlow, newReadPace, type ReadPace } from "./pace.ts";
import { answerPlainly, isHandshake } from "./plainRequest.ts";
import type { Proxies } from "./proxies.ts";
import { networkOf } from "./rateLimit.ts";

/** One TCP connection, from its opening to its end, whatever protocol it carries. */
export type Connection = {
  readonly raw: Socket;
  /** The peer's address. Behind a proxy this is the proxy's. */
  readonly address: string;
  /** Requests that are not answered yet. With pipelining there may be more than one. */
  inFlight: number;
  /** The latest request, while any is in flight. */
  request: IncomingMessage | undefined;
  /** Called once nothing is in flight. */
  whenIdle: (() => void) | undefined;
  /** The socket's `bytesRead` when the last whole message or request had arrived. */
  readAt: number;
  /** When the request that has not arrived completely began to, in milliseconds of a clock that never goes back. */
  arrivingSince: number | undefined;
  /** It carries a file, which takes its time: whoever takes it looks after that. */
  isUpload: boolean;
  isWebSocket: boolean;
  /** The streams of events that it carries: more than one only where requests are pipelined. */
  streams: number;
  /** The bytes of a message or request that has not arrived completely. */
  readonly arriving: Holder;
  /** The unsent bytes of an HTTP answer. WebSockets and streams of events count their own. */
  readonly leaving: Holder;
  readonly pace: ReadPace;
};

export type Handshake = (connection: Connection, request: IncomingMessage, head: Buffer) => void;

export type Connections = {
  /** Makes the server for fastify's `serverFactory`. */
  server(handler: RequestListener): Server;
  /** `listener` gets each request that asks for a WebSocket, once nothing before it is in flight. */
  onHandshake(listener: Handshake): void;
  /** The connection of a request, if it is open and was accepted. */
  of(raw: Socket): Connection | undefined;
  /** The bytes that wait to be sent, over all connections. */
  readonly waiting: Buffered;
  readonly counts: { connections: number; refused: number };
  /**
   * Ends the connections on which nothing is being answered. A request that has arrived in part gets a moment to complete.
   * Call it when no new connections are accepted.
   */
  endIdle(): void;
  /** Ends all connections. */
  endAll(): void;
  /** Stops the regular checks. */
  stop(): void;
};

type Options = {
  config: Pick<
    TransportConfig,
    "connectionsMax" | "connectionsPerAddress" | "bufferedBytesTotal" | "requestTimeoutMs" | "uploadTimeoutMs" | "keepAliveMs"
  >;
  proxies: Proxies;
  log: { debug(fields: object, message: string): void; error(fields: object, message: string): void };
};

/** How often connections are checked. */
const ROUND_MS = 1_000;
/**
 * How long an idle connection stays open. It is longer than a proxy's timeout. Otherwise a proxy could send a request into a
 * connection that is just ending.
 */
const KEEP_ALIVE_MS = 72_000;
/** How long the server waits, while it ends, for a request that has arrived in part. */
const HALF_MS = 1_000;

/** Keeps all TCP connections: how many there are, what they hold, how fast they read, and when they end. */
export function connections({ config, proxies, log }: Options): Connections {
  const all = new Map<Socket, Connection>();
  const addresses = tally(config.connectionsPerAddress);
  const waiting = buffered(config.bufferedBytesTotal);
  const arriving = buffered(config.bufferedBytesTotal);
  const counts = { connections: 0, refused: 0 };
  let handshake: Handshake = ({ raw }) => raw.destroy();
  let ending: number | undefined;

  function opened(raw: Socket): void {
    // `answerPlainly` hands a known connection to the server a second time.
    if (all.has(raw)) return;
    const address = raw.remoteAddress ?? "";
    // A trusted proxy's connections are those of all its clients, so they are not counted by address.
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
      arrivingSince: undefined,
      isUpload: false,
      isWebSocket: false,
      streams: 0,
      arriving: { held: 0, drop },
      leaving: { held: 0, drop },
      pace: newReadPace(performance.now()),
    };
    all.set(raw, connection);
    counts.connections += 1;
    arriving.enter(connection.arriving);
    waiting.enter(connection.leaving);
    // Stays for the connection's whole life. A request with an Upgrade header passes from one owner to another, and in
    // between nobody else listens. An error without a listener would end the process.
    raw.on("error", drop);
    raw.once("close", () => {
      all.delete(raw);
      counts.connections -= 1;
      if (network !== undefined) addresses.leave(network);
      arriving.leave(connection.arriving);
      waiting.leave(connection.leaving);
    });
  }

  /** Counts a request. Returns false if its connection was not accepted. */
  function asked(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = all.get(request.socket);
    if (!connection) return false;
    connection.inFlight += 1;
    connection.request = request;
    if (!request.complete) connection.arrivingSince ??= performance.now();
    response.once("close", () => {
      connection.inFlight -= 1;
      if (connection.inFlight > 0) return;
      connection.readAt = connection.raw.bytesRead;
      connection.arrivingSince = undefined;
      connection.isUpload = false;
      // An idle connection must not keep the request's headers in memory.
      connection.request = undefined;
      const { whenIdle } = connection;
      connection.whenIdle = undefined;
      whenIdle?.();
    });
    return true;
  }

  /** Handles every request with an `Upgrade` header. Nobody else would catch an error that is thrown here. */
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
    // Answers to earlier requests go first.
    if (connection.inFlight > 0) connection.whenIdle = goOn;
    else goOn();
  }

  function check(connection: Connection, now: number): void {
    const { raw, pace, inFlight, request } = connection;
    const half = connection.isWebSocket || inFlight === 0 || request?.complete === false ? raw.bytesRead - connection.readAt : 0;
    // What a file has brought is on the disk.
    arriving.add(connection.arriving, (connection.isUpload ? 0 : half) - connection.arriving.held);
    // They look after themselves.
    if (connection.isWebSocket || connection.streams > 0) return;
    if (isLate(connection, half, now)) return lateRequest(raw);
    const left = raw.writableLength;
    waiting.add(connection.leaving, left - connection.leaving.held);
    if (!isTooSlow(pace, raw, left > 0, now, config.keepAliveMs)) return;
    log.debug({ address: connection.address }, "an answer was read too slowly");
    raw.destroy();
  }

  /** Whether a request takes longer to arrive than it may. Node's own limit is that of files. */
  function isLate(connection: Connection, half: number, now: number): boolean {
    const isArriving = connection.inFlight === 0 ? half > 0 : connection.request?.complete === false;
    connection.arrivingSince = isArriving ? (connection.arrivingSince ?? now) : undefined;
    if (!isArriving || connection.isUpload) return false;
    return now - (connection.arrivingSince ?? now) > config.requestTimeoutMs;
  }

  /** While the server ends: destroys the connections on which nothing is being answered. */
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
    of: (raw) => all.get(raw),

    server(handler) {
      const server = createServer(
        {
          keepAliveTimeout: KEEP_ALIVE_MS,
          // Node measures this from the opening of the connection too, so a silent client is dropped.
          headersTimeout: config.requestTimeoutMs,
          requestTimeout: Math.max(config.requestTimeoutMs, config.uploadTimeoutMs),
          connectionsCheckingInterval: Math.min(5_000, Math.ceil(config.requestTimeoutMs / 2)),
        },
        (request, response) => {
          if (asked(request, response)) handler(request, response);
        },
      );
      if (config.connectionsMax > 0) server.maxConnections = config.connectionsMax;
      server.on("drop", () => void (counts.refused += 1));
      // For example too many open files. An error without a listener would end the process. A failure to listen is reported
      // elsewhere.
      server.on("listening", () => server.on("error", (err) => log.error({ err }, "a connection could not be taken")));
      // Before Node's own listener, which starts to read.
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

/** A file has come, or is not taken: what comes from here on is held to what holds for every other request. */
export function endUpload(connection: Connection): void {
  connection.isUpload = false;
  connection.readAt = connection.raw.bytesRead;
  connection.arrivingSince = undefined;
}

/** As Node itself answers. */
function lateRequest(raw: Socket): void {
  if (raw.writable) raw.write("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
  raw.destroySoon();
}

/** Ends a connection with an answer that gives the reason. */
export function turnAway(raw: Socket, status: string, message: string): void {
  raw.on("error", () => void raw.destroy());
  raw.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
    () => raw.destroy(),
  );
}
