import { Metadata, status, type StatusObject } from "@grpc/grpc-js";

/** How a call ends: the status, words and trailers that a server sends. */
export type Ending = StatusObject;

const ending = (code: status, details: string, trailers: Record<string, string> = {}): Ending => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
};

/** The endings that EventStoreDB 24.2 has for calls, in its words. */
export const endings = {
  unavailable: ending(status.UNAVAILABLE, "The server goes away"),
  notReady: ending(status.UNAVAILABLE, "Server Is Not Ready"),
  tooBusy: ending(status.UNAVAILABLE, "Server Is Too Busy"),
  cancelled: ending(status.CANCELLED, "The server has cancelled this"),
  timedOut: ending(status.ABORTED, "Operation timed out: the consumer is too slow"),
  unknown: ending(status.UNKNOWN, "Exception was thrown by handler."),
  accessDenied: ending(status.PERMISSION_DENIED, "Access Denied", { exception: "access-denied" }),
  invalidPosition: ending(status.UNKNOWN, "Unexpected ReadAllResult: InvalidPosition"),
  unsupported: ending(status.INVALID_ARGUMENT, "This is no part of the fixture"),
  notLeader: (host: string, port: number): Ending =>
    ending(status.NOT_FOUND, "Leader info available", {
      exception: "not-leader",
      "leader-endpoint-host": host,
      "leader-endpoint-port": String(port),
    }),
} as const;

/**
 * What goes wrong with one append:
 * - `silent`: it is never answered, whether it was stored or not;
 * - `twice`: it is answered, and answered again;
 * - `no position`: it is answered without a position, as repeated ones can be;
 * - `busy`, `not ready`, `timeout`: an answer that says so (a timeout leaves open whether it was stored);
 * - `ends`: the call that it came with ends, and with it all appends of that batch stream.
 */
export type AppendFault =
  | { kind: "silent"; stored: boolean }
  | { kind: "twice" | "no position" | "busy" | "not ready" }
  | { kind: "timeout"; stored: boolean }
  | { kind: "ends"; stored: boolean; ending: Ending };

/** What goes wrong with one read, or one subscription: it is never answered, or it ends after so many events. */
export type ReadFault = { kind: "silent" } | { kind: "ends"; ending: Ending; after: number };

/** What goes wrong with the question which methods a server has. */
export type ProbeFault = "silent" | Ending;

/** Faults to order, used up one by one. */
export type Faults<F> = {
  /** The next `times` calls meet this, after those that were ordered before. */
  order(fault: F, times?: number): void;
  /** All that are left are taken back. */
  clear(): void;
  take(): F | undefined;
};

/** An empty list of faults. */
export function faults<F>(): Faults<F> {
  let ordered: { fault: F; times: number }[] = [];
  return {
    order: (fault, times = 1) => void ordered.push({ fault, times }),
    clear: () => {
      ordered = [];
    },
    take() {
      const [first] = ordered;
      if (!first) return undefined;
      if (--first.times <= 0) ordered.shift();
      return first.fault;
    },
  };
}
