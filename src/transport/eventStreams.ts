import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "../domain/refusal.ts";
import { BARRED, type Bearer, type Tokens } from "./auth.ts";
import type { Comings } from "./comings.ts";
import type { Connection, Connections } from "./connections.ts";
import { refusalText } from "./errors.ts";
import type { Executor, RequestInfo } from "./execution/execute.ts";
import type { Variables } from "./execution/givenInputs.ts";
import type { Operation } from "./execution/operations.ts";
import type { Quotas, TransportConfig } from "./limits.ts";
import { EVENT_STREAM } from "./mediaTypes.ts";
import { isTooSlow } from "./pace.ts";
import type { Proxies } from "./proxies.ts";
import { networkOf } from "./rateLimit.ts";
import { end, flush, type Framing, isFull, type Outbox, outbox, sendText, waiting, WHOLE } from "./socket/outbox.ts";
import { NotExecuted, type Running, runningOperation } from "./socket/running.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** A subscription that a request asked for. `cost`: see `Work`. */
export type Subscribed = {
  request: IncomingMessage;
  response: ServerResponse;
  headers: OutgoingHttpHeaders;
  operation: Operation;
  variables: Variables;
  caller: Bearer;
  info: RequestInfo;
  cost: string | undefined;
};

/**
 * Subscriptions over server-sent events: a request is answered by the results, one after the other (the distinct connections mode
 * of graphql-sse).
 */
export type EventStreams = {
  /** Takes a request over. Throws a `Refusal` if its caller may not hold one more stream. */
  open(subscribed: Subscribed): void;
  /** Ends all streams, in batches, so that their clients connect elsewhere. Resolves after `withinMs` at most. */
  close(withinMs: number): Promise<void>;
  readonly counts: { streams: number; opened: number; dropped: number };
};

export type EventStreamsOptions = {
  executor: Executor;
  tokens: Pick<Tokens, "vouches" | "isBarred" | "onBarred">;
  quotas: Quotas;
  subscriptions: Subscriptions;
  proxies: Proxies;
  connections: Pick<Connections, "of" | "waiting">;
  config: Pick<TransportConfig, "bufferedBytesPerSocket" | "keepAliveMs">;
  comings?: Comings;
};

type EventStream = {
  readonly response: ServerResponse;
  readonly tcp: Connection;
  readonly box: Outbox;
  readonly caller: Bearer;
  /** When its token expires, by `performance.now()`. */
  readonly endsAt: number;
  readonly running: Running;
  /** When the next comment says that the connection is alive. */
  commentAt: number;
  /** Nothing more is sent. */
  isOver: boolean;
  /** Gives back all that it holds. Called once. */
  readonly left: () => void;
};

/** What stands around a result. JSON text has no line breaks. */
const OPENING = "event: next\ndata: ";
const CLOSING = Buffer.from("\n\n");
/** A browser's `EventSource` passes events without `data` over. */
const COMPLETE = "event: complete\ndata:\n\n";

/** The whole answer to an operation that has one result. */
export const eventsOf = (result: string): string => `${OPENING}${result}\n\n${COMPLETE}`;

const EVENTS: Framing = {
  size: (before, payload) => before.length + payload.length + (before === WHOLE ? 0 : CLOSING.length),
  write(target, start, before, payload) {
    let at = start;
    target.set(before, at);
    at += before.length;
    target.set(payload, at);
    at += payload.length;
    if (before === WHOLE) return at;
    target.set(CLOSING, at);
    return at + CLOSING.length;
  },
};

/** In how many batches all streams are ended, at most. */
const BATCHES = 20;
const BATCH = 100;

export function eventStreams(options: EventStreamsOptions): EventStreams {
  const { executor, tokens, quotas, subscriptions, proxies, connections, config, comings } = options;
  const streams = new Set<EventStream>();
  const counts = { streams: 0, opened: 0, dropped: 0 };
  let closing = false;

  /** Counts a stream in. Gives what counts it out. */
  function entered({ operation, variables, caller: { userId } }: Subscribed, network: string): () => void {
    if (!quotas.addresses.enter(network)) throw tooMany("from this address");
    if (!quotas.users.enter(userId)) {
      quotas.addresses.leave(network);
      throw tooMany("of this user");
    }
    const leave = (): void => {
      quotas.users.leave(userId);
      quotas.addresses.leave(network);
    };
    try {
      subscriptions.enter(userId, operation, variables);
    } catch (refusal) {
      leave();
      throw refusal;
    }
    return leave;
  }

  function open(subscribed: Subscribed): void {
    const { request, response, headers, operation, variables, caller, info, cost } = subscribed;
    const tcp = connections.of(request.socket);
    if (closing || tcp === undefined)
      throw new Refusal("UNAVAILABLE", "the server is closing: connect again", { retryAfterMs: 1_000 });
    const leave = entered(subscribed, networkOf(proxies.clientOf(request).address));
    response.writeHead(200, {
      ...headers,
      "content-type": `${EVENT_STREAM}; charset=utf-8`,
      "cache-control": "no-store",
      // Else a proxy would keep events back until it has many.
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    tcp.streams += 1;
    // From now on the outbox counts the waiting bytes.
    connections.waiting.add(tcp.leaving, -tcp.leaving.held);
    const box = outbox(response, config.bufferedBytesPerSocket, connections.waiting, () => drop(stream), EVENTS);
    const running = runningOperation(
      {
        executor,
        box,
        id: "",
        opening: () => OPENING,
        operation,
        variables,
        caller,
        request: info,
        times: subscriptions.times,
        cost,
      },
      { released: () => subscriptions.leave(caller.userId, operation), executed: () => undefined },
    );
    const farewell = comings?.connected(caller);
    const now = performance.now();
    const stream: EventStream = {
      response,
      tcp,
      box,
      caller,
      endsAt: now + caller.expiresAt - Date.now(),
      running,
      commentAt: now + commentMs(),
      isOver: false,
      left() {
        streams.delete(stream);
        counts.streams -= 1;
        tcp.streams -= 1;
        leave();
        // Whoever cuts a request off may have gone for good, or lost the network.
        farewell?.(false);
      },
    };
    streams.add(stream);
    counts.streams += 1;
    counts.opened += 1;
    response.once("close", () => release(stream));
    running.next().then(
      () => finish(stream),
      (fault: unknown) =>
        finish(stream, refusalText(fault instanceof NotExecuted ? fault.errors : [executor.explain(fault, caller, info)])),
    );
  }

  const commentMs = (): number => config.keepAliveMs / 2;

  /** The operation has ended, with errors or without. */
  function finish(stream: EventStream, errors?: string): void {
    if (stream.isOver) return;
    sendText(stream.box, errors === undefined ? COMPLETE : eventsOf(errors));
    leave(stream);
  }

  /** Ends a stream before its operation: its client subscribes again. The reason is a comment, for whoever looks. */
  function cut(stream: EventStream, reason: string): void {
    if (stream.isOver) return;
    if (!isFull(stream.box)) sendText(stream.box, `: ${reason}\n\n`);
    leave(stream);
  }

  /** Cuts off a client that does not read. */
  function drop(stream: EventStream): void {
    counts.dropped += 1;
    stream.response.destroy();
    // An answer that still waits for an earlier one on its connection tells nobody that it is destroyed.
    release(stream);
  }

  /** Sends what has gathered, and then the end. */
  function leave(stream: EventStream): void {
    flush(stream.box);
    release(stream);
    stream.response.end();
  }

  function release(stream: EventStream): void {
    if (stream.isOver) return;
    stream.isOver = true;
    void stream.running.return();
    end(stream.box);
    stream.left();
  }

  function check(stream: EventStream, now: number): void {
    const { tcp, box, caller, endsAt, commentAt } = stream;
    if (tcp.raw.destroyed) return release(stream);
    if (endsAt <= now) return cut(stream, "the token expired");
    if (!tokens.vouches(caller)) return cut(stream, "the token's key was withdrawn: get a new token");
    if (tokens.isBarred?.(caller)) return cut(stream, BARRED);
    const isWaiting = waiting(box) > 0;
    if (isTooSlow(tcp.pace, tcp.raw, isWaiting, now, config.keepAliveMs)) return drop(stream);
    if (isWaiting || now < commentAt) return;
    stream.commentAt = now + commentMs();
    sendText(box, ":\n\n");
  }

  const look = (): void => {
    const now = performance.now();
    for (const stream of streams) check(stream, now);
  };
  const unheard = tokens.onBarred?.(look);
  const rounds = setInterval(look, Math.min(1_000, Math.max(20, config.keepAliveMs / 10))).unref();

  return {
    counts,
    open,
    async close(withinMs) {
      closing = true;
      const size = Math.max(BATCH, Math.ceil(streams.size / BATCHES));
      while (streams.size > 0) {
        for (const stream of [...streams].slice(0, size)) cut(stream, "the server is closing: connect again");
        if (streams.size > 0) await sleep((withinMs / 2 / BATCHES) * (0.5 + Math.random()));
      }
      clearInterval(rounds);
      unheard?.();
    },
  };
}

const tooMany = (whose: string): Refusal =>
  new Refusal("RATE_LIMITED", `too many connections ${whose}: end some, or try again later`, { retryAfterMs: 1_000 });
