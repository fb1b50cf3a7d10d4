import { ErrorType, StreamNotFoundError, WrongExpectedVersionError } from "@eventstore/db-client";

/**
 * The meanings of a client's error:
 * - `conflict`: the stream is at another revision;
 * - `missing`: there is no such stream;
 * - `away`: the server cannot be asked now, and it is unknown whether it did what it was asked;
 * - `refused`: it did nothing, and will not until somebody changes something there;
 * - `bug`: it will never do that.
 */
export type Fault = { kind: "conflict"; actual: number } | { kind: "missing" | "away" | "refused" | "bug"; message: string };

/**
 * The one table of error types. `unknown` is the client's type for everything that it has no word for: "server busy", "not
 * ready", a server that shuts down (SIGTERM), an append's fault that it cannot unpack. All of these pass, and a repeated append
 * is stored once.
 */
const BY_TYPE: Partial<Record<ErrorType, Exclude<Fault["kind"], "conflict">>> = {
  [ErrorType.UNAVAILABLE]: "away",
  [ErrorType.CANCELLED]: "away",
  [ErrorType.TIMEOUT]: "away",
  [ErrorType.DEADLINE_EXCEEDED]: "away",
  [ErrorType.NOT_LEADER]: "away",
  [ErrorType.UNKNOWN]: "away",
  [ErrorType.STREAM_NOT_FOUND]: "missing",
  [ErrorType.ACCESS_DENIED]: "refused",
  [ErrorType.STREAM_DELETED]: "refused",
  [ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED]: "bug",
  [ErrorType.INVALID_ARGUMENT]: "bug",
  [ErrorType.UNSUPPORTED]: "bug",
};

/**
 * The meanings of errors that the client passes on as gRPC raised them (a failed feature probe), by status:
 * https://grpc.io/docs/guides/status-codes/
 */
const BY_STATUS: Readonly<Record<number, Exclude<Fault["kind"], "conflict">>> = {
  1: "away",
  2: "away",
  3: "bug",
  4: "away",
  7: "refused",
  8: "away",
  10: "away",
  12: "bug",
  13: "away",
  14: "away",
  16: "refused",
};

const ADVICE: Partial<Record<ErrorType, string>> = {
  [ErrorType.ACCESS_DENIED]:
    "it refuses these credentials: give ones in EVENTSTORE_URL that may read $all and write (user:password@)",
  [ErrorType.STREAM_DELETED]: "a stream of the log was deleted on the server: restore it from a backup",
};

/** Tells what an error of the client, or of the network below it, means. */
export function faultOf(error: unknown): Fault {
  if (error instanceof WrongExpectedVersionError)
    return { kind: "conflict", actual: error.actualVersion === "no_stream" ? -1 : Number(error.actualVersion) };
  const { type, code, message: text } = error as { type?: ErrorType; code?: number | string; message?: string };
  const said = text || (error instanceof Error ? error.name : String(error));
  if (error instanceof StreamNotFoundError) return { kind: "missing", message: said };
  if (type !== undefined && BY_TYPE[type] !== undefined) return { kind: BY_TYPE[type], message: ADVICE[type] ?? said };
  if (typeof code === "number" && BY_STATUS[code] !== undefined) return { kind: BY_STATUS[code], message: said };
  // Errors of the network, and of the discovery of a cluster's nodes, have no gRPC code.
  if (typeof code === "string" || said.startsWith("Failed to discover")) return { kind: "away", message: said };
  return { kind: "bug", message: error instanceof Error ? (error.stack ?? said) : said };
}
