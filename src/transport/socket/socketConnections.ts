import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "graphql-ws";
import type { WebSocket } from "ws";
import { BARRED, type Bearer } from "../auth.ts";
import { type Buffered, buffered, type Holder } from "../buffered.ts";
import type { Connection as TcpConnection } from "../connections.ts";
import type { Comings } from "../comings.ts";
import type { TransportConfig } from "../limits.ts";
import type { Arrivals, Line } from "./arrivals.ts";
import { closeReason } from "./closeReason.ts";
import { drained, end, flush, isFull, type Outbox, outbox, waiting, written } from "./outbox.ts";
import { isTooSlow } from "../pace.ts";
import type { ClientAddress } from "../proxies.ts";
import type { Running } from "./running.ts";
import { textOf } from "./webSockets.ts";

/**
 * Why a socket is closed. At 4401 and 4409 clients give up. At 4403 they must get a new token. At 1001 and 1013 they must try
 * again. 1009 is for a message that is too long to be answered in any other way.
 */
export const CloseCode = {
  goingAway: 1001,
  protocol: 1002,
  notText: 1007,
  tooManyParts: 1008,
  tooLong: 1009,
  tryLater: 1013,
  badMessage: 4400,
  badToken: 4401,
  tokenExpired: 4403,
  otherProtocol: 4406,
  sameId: 4409,
} as const;

/** A message must be this, whether or not it is marked as text. */
export const NOT_TEXT = "a message is text in UTF-8";

export const KEY_WITHDRAWN = "the token's key was withdrawn: get a new token";

/** A query or a mutation that is under way. Nobody waits for its answer any more if it was given up. */
export type Answering = { isGivenUp: boolean };

/** One client's WebSocket. */
export type Connection = {
  readonly ws: WebSocket;
  readonly tcp: TcpConnection;
  readonly client: ClientAddress;
  readonly box: Outbox;
  /** Its messages that wait for their turn, and about how many bytes they take. */
  readonly arrived: Line;
  arrivedBytes: number;
  caller: Bearer | undefined;
  /** Called when it ends: see `Comings`. */
  left: ReturnType<Comings["connected"]> | undefined;
  /** When its token expires, by `performance.now()`. So setting the clock back does not keep the token alive. */
  endsAt: number;
  /** What the protocol server knows of it, once its client has said who it is. */
  protocol: Pick<Context, "acknowledged" | "subscriptions"> | undefined;
  /** By operation id: what the protocol server runs. */
  readonly running: Map<string, Running>;
  /** By operation id: the queries and mutations that are answered without it. */
  readonly answering: Map<string, Answering>;
  /** By operation id: the latest request for that id, while its document is still being prepared. */
  readonly preparing: Map<string, symbol>;
  subscriptions: number;
  /** When the client was told to go, in milliseconds of a clock that never goes back. */
  closedAt: number | undefined;
  /** The bytes that the connection still holds after that. */
  readonly farewell: Holder;
  gone: boolean;
  answers: boolean;
  pingAt: number;
};

/** The protocol's handlers for a connection. */
export type Ends = {
  /** A message of so many bytes has arrived. */
  receive(text: string, bytes: number): Promise<void> | void;
  /** The connection is closed. */
  closed(code: number, reason: string): Promise<void> | void;
};

type Options = {
  config: Pick<TransportConfig, "keepAliveMs" | "bufferedBytesPerSocket" | "bufferedBytesTotal">;
  /** The bytes that wait to be sent over all connections. */
  allWaiting: Buffered;
  /** Says when each message has its turn. */
  arrivals: Arrivals;
  /** Whether the key that signed a caller's token is still valid. */
  vouches: (caller: Bearer) => boolean;
  isBarred: (caller: Bearer) => boolean;
  log: { debug(fields: object, message: string): void };
  /** Gets the faults that nobody awaits. Each is a bug. */
  failed: (fault: unknown, connection: Connection) => void;
};

/**
 * While so many bytes of a client's messages wait for their turn, no more are read from it. What a message takes beside its bytes
 * counts too.
 */
const ARRIVED_BYTES = 65_536;
const MESSAGE_BYTES = 256;
/** Of all that may wait in this process, so much may be messages that wait for their turn. Beyond it, each client has one. */
const ARRIVED_PART = 0.25;
/** How long a client may take to answer the close frame. */
const FAREWELL_MS = 5_000;
/** At least so many sockets are told to go in one batch, in at most so many batches. */
const BATCH = 100;
const BATCHES = 20;

export type SocketConnections = {
  /** Keeps a new WebSocket. `ends` makes the protocol's handlers for it. */
  open(ws: WebSocket, tcp: TcpConnection, client: ClientAddress, ends: (connection: Connection) => Ends): Connection;
  /** Tells a client to go, with the reason. See `closeReason`. */
  close(connection: Connection, code: number, reason: string): void;
  /** Looks at all of them now: somebody may be let in no more. */
  look(): void;
  /**
   * Tells all clients to reconnect elsewhere, in batches at irregular times. Resolves when all are gone, or after `withinMs`.
   */
  closeAll(withinMs: number): Promise<void>;
  readonly counts: { sockets: number; opened: number; dropped: number };
};

/**
 * Keeps WebSockets from their opening to their end: what they hold, whether their clients read and answer, and how they are
 * closed.
 */
export function socketConnections({ config, allWaiting, arrivals, vouches, isBarred, log, failed }: Options): SocketConnections {
  const connections = new Set<Connection>();
  const counts = { sockets: 0, opened: 0, dropped: 0 };
  /** The bytes held by connections that were told to go. If they are too many, the largest are dropped too. */
  const leaving = buffered(config.bufferedBytesTotal / 2);
  const mostArrived = config.bufferedBytesTotal * ARRIVED_PART;
  /** What waits for its turn, of all clients. */
  let arrivedBytes = 0;

  function open(ws: WebSocket, tcp: TcpConnection, client: ClientAddress, ends: (connection: Connection) => Ends): Connection {
    tcp.isWebSocket = true;
    tcp.readAt = tcp.raw.bytesRead;
    // From now on the outbox counts the waiting bytes.
    allWaiting.leave(tcp.leaving);
    const slow = (): void => close(connection, CloseCode.tryLater, "reads too slowly");
    const connection: Connection = {
      ws,
      tcp,
      client,
      box: outbox(tcp.raw, config.bufferedBytesPerSocket, allWaiting, slow),
      arrived: [],
      arrivedBytes: 0,
      caller: undefined,
      left: undefined,
      endsAt: Infinity,
      protocol: undefined,
      running: new Map(),
      answering: new Map(),
      preparing: new Map(),
      subscriptions: 0,
      closedAt: undefined,
      farewell: { held: 0, drop: () => ws.terminate() },
      gone: false,
      answers: true,
      pingAt: performance.now() + config.keepAliveMs * (0.5 + Math.random() / 2),
    };
    counts.opened += 1;
    counts.sockets += 1;
    connections.add(connection);
    listen(connection, ends(connection));
    return connection;
  }

  function listen(connection: Connection, { receive, closed }: Ends): void {
    const { ws, tcp, client, box, arrived } = connection;
    const taken = guarded(connection, (data: Buffer, isBinary: boolean) => {
      counted(connection, -data.length - MESSAGE_BYTES);
      if (ws.isPaused && arrived.length === 0) goOn(connection);
      if (connection.closedAt !== undefined) return undefined;
      const text = textOf(data, isBinary);
      if (text === undefined) return close(connection, CloseCode.notText, NOT_TEXT);
      const done = receive(text, data.length);
      if (isFull(box)) holdBack(connection);
      return done;
    });
    ws.on(
      "message",
      guarded(connection, (data: Buffer, isBinary: boolean) => {
        connection.answers = true;
        tcp.readAt = tcp.raw.bytesRead;
        counted(connection, data.length + MESSAGE_BYTES);
        arrivals.take(arrived, () => taken(data, isBinary));
        const isOver = connection.arrivedBytes >= ARRIVED_BYTES || arrivedBytes >= mostArrived;
        if (isOver && arrived.length > 0) ws.pause();
      }),
    );
    ws.on(
      "ping",
      guarded(connection, (data: Buffer) => {
        connection.answers = true;
        if (connection.closedAt !== undefined) return;
        ws.pong(data);
        written(box);
        if (isFull(box)) holdBack(connection);
      }),
    );
    ws.on("pong", () => {
      connection.answers = true;
    });
    // `ws` itself closes the socket after a client's error, such as a message that is too large or not UTF-8.
    ws.on(
      "error",
      guarded(connection, (err: Error) => {
        log.debug({ err, address: client.address }, "a WebSocket failed");
        release(connection);
      }),
    );
    const ended = guarded(connection, (code: number, reason: Buffer) => {
      connection.gone = true;
      connections.delete(connection);
      counts.sockets -= 1;
      release(connection);
      leaving.leave(connection.farewell);
      return closed(code, reason.toString());
    });
    ws.once("close", (code: number, reason: Buffer) => {
      if (arrived.length === 0) ended(code, reason);
      // What came before it begins first: a client may have closed right after it had asked.
      else arrivals.take(arrived, () => void setImmediate(ended, code, reason));
    });
  }

  /** Counts the bytes of a message that has come to wait, or those of one that waits no more. */
  function counted(connection: Connection, bytes: number): void {
    connection.arrivedBytes += bytes;
    arrivedBytes += bytes;
  }

  /** A listener whose failure ends only its own connection. Nobody awaits what listeners do. */
  function guarded<Args extends unknown[]>(
    connection: Connection,
    listener: (...args: Args) => Promise<void> | void,
  ): (...args: Args) => void {
    const fails = (fault: unknown): void => {
      failed(fault, connection);
      connection.ws.terminate();
    };
    return (...args) => {
      try {
        listener(...args)?.catch(fails);
      } catch (fault) {
        fails(fault);
      }
    };
  }

  /** Stops reading from a client that does not read its answers. */
  function holdBack(connection: Connection): void {
    const { ws, box } = connection;
    if (ws.isPaused) return;
    ws.pause();
    void drained(box).then(guarded(connection, () => goOn(connection)));
  }

  /** Reads on, once there is room for answers. If messages wait that were read, it is called again after the last of them. */
  function goOn(connection: Connection): void {
    const { ws, box, arrived } = connection;
    if (arrived.length > 0) return;
    if (isFull(box)) void drained(box).then(guarded(connection, () => goOn(connection)));
    else ws.resume();
  }

  /** Ends all that runs for a connection, and sends nothing more over it. */
  function release(connection: Connection): void {
    connection.closedAt ??= performance.now();
    for (const operation of [...connection.running.values()]) void operation.return();
    for (const answering of connection.answering.values()) answering.isGivenUp = true;
    connection.answering.clear();
    end(connection.box);
  }

  function close(connection: Connection, code: number, reason: string): void {
    if (connection.closedAt !== undefined || connection.gone) return;
    const { ws, tcp, box, farewell } = connection;
    connection.closedAt = performance.now();
    if (code === CloseCode.tryLater) counts.dropped += 1;
    // A client that did not read the earlier messages does not get the gathered ones: they would have to be kept in memory.
    if (!isFull(box)) flush(box);
    release(connection);
    ws.close(code, closeReason(reason));
    leaving.enter(farewell);
    leaving.add(farewell, tcp.raw.writableLength);
    ws.resume();
  }

  /**
   * Checks one connection. It is closed if its token has expired or if it reads too slowly, and dropped if it does not
   * answer.
   */
  function check(connection: Connection, now: number): void {
    const { ws, tcp, box, caller, closedAt } = connection;
    if (closedAt !== undefined) {
      if (now - closedAt > FAREWELL_MS) ws.terminate();
      return;
    }
    if (caller !== undefined && connection.endsAt <= now) return close(connection, CloseCode.tokenExpired, "the token expired");
    if (caller !== undefined && !vouches(caller)) return close(connection, CloseCode.tokenExpired, KEY_WITHDRAWN);
    if (caller !== undefined && isBarred(caller)) return close(connection, CloseCode.badToken, BARRED);
    const isWaiting = waiting(box) > 0;
    if (isTooSlow(tcp.pace, tcp.raw, isWaiting, now, config.keepAliveMs))
      return close(connection, CloseCode.tryLater, "reads too slowly");
    if (isWaiting || now < connection.pingAt) return;
    connection.pingAt = now + config.keepAliveMs;
    if (!connection.answers) return ws.terminate();
    connection.answers = false;
    ws.ping();
  }

  const look = (): void => {
    const now = performance.now();
    for (const connection of connections) guarded(connection, () => check(connection, now))();
  };
  const rounds = setInterval(look, Math.min(1_000, Math.max(20, config.keepAliveMs / 10))).unref();

  return {
    counts,
    open,
    close,
    look,
    async closeAll(withinMs) {
      const until = performance.now() + withinMs;
      const size = Math.max(BATCH, Math.ceil(connections.size / BATCHES));
      const pauseMs = withinMs / 2 / BATCHES;
      for (;;) {
        const batch = [...connections].filter(({ closedAt }) => closedAt === undefined).slice(0, size);
        for (const connection of batch) close(connection, CloseCode.goingAway, "the server is closing: connect again");
        if (batch.length < size) break;
        await sleep(pauseMs * (0.5 + Math.random()));
      }
      while (connections.size > 0 && performance.now() < until) await sleep(10);
      for (const { ws } of connections) ws.terminate();
      clearInterval(rounds);
    },
  };
}
