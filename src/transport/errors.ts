import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { ZodError } from "zod";
import { Refusal, type RefusalCode } from "../domain/refusal.ts";
import { NotBuilt, Unavailable, Withheld } from "../ports/faults.ts";

/** The API's `ErrorCode`. */
export type ErrorCode = RefusalCode | "INTERNAL";

/** No error of any code: where counting begins. */
export const NO_ERRORS: Readonly<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 0,
  FORBIDDEN: 0,
  NOT_FOUND: 0,
  BAD_INPUT: 0,
  CONFLICT: 0,
  LIMIT_EXCEEDED: 0,
  RATE_LIMITED: 0,
  UNAVAILABLE: 0,
  INTERNAL: 0,
};

const KNOWN: ReadonlySet<unknown> = new Set(Object.keys(NO_ERRORS));

/** An entry of `errors` as clients see it. With INTERNAL comes a `correlationId`, which finds the entry in the server's log. */
export type ApiError = {
  message: string;
  locations?: readonly { line: number; column: number }[];
  path?: readonly (string | number)[];
  extensions: { code: ErrorCode; field?: string; retryAfterMs?: number; correlationId?: string };
};

/** Gets the faults that clients do not see: a bug (`error`), or a server that this one uses and that is away (`warn`). */
export type Report = (level: "error" | "warn", fault: unknown) => void;

/** After so many milliseconds a client may try again what was away. */
const RETRY_AWAY_MS = 1_000;
/** The same for what waits until somebody mends a fault. */
const RETRY_WITHHELD_MS = 5_000;

/**
 * The one place that maps anything thrown to what a client sees.
 *
 * A `Refusal`, a fault in the client's input and a GraphQLError with a known code are shown as they are. `Unavailable` is
 * shown as UNAVAILABLE, without its details. Everything else is a bug: it is reported whole and shown as INTERNAL.
 */
export function apiErrorOf(thrown: unknown, correlationId: string, report: Report): ApiError {
  const place = thrown instanceof GraphQLError ? placeOf(thrown) : {};
  const cause = innermost(thrown);
  if (cause instanceof Refusal) return refused(cause, place);
  // The event that is parked was reported once.
  if (cause instanceof Withheld) return withheld(cause, place);
  // What is built, and how much is done, was reported by whoever builds it.
  if (cause instanceof NotBuilt) return notBuilt(place);
  if (cause instanceof Unavailable) {
    report("warn", cause);
    return away(cause, place);
  }
  if (cause instanceof ZodError) return unparsed(cause, place);
  if (cause instanceof GraphQLError) {
    if (KNOWN.has(cause.extensions?.["code"])) return { message: cause.message, ...place, extensions: codeOf(cause) };
    const argument = /^Argument "(\w+)" of /.exec(cause.message)?.[1];
    if (argument !== undefined) return { message: cause.message, ...place, extensions: { code: "BAD_INPUT", field: argument } };
  }
  report("error", cause);
  return {
    message: `a fault of the server, logged as ${correlationId}`,
    ...place,
    extensions: { code: "INTERNAL", correlationId },
  };
}

/** The error that parsing or validation of a document found. */
export function badDocument(error: GraphQLError): ApiError {
  const { message, locations } = error.toJSON();
  return { message, ...(locations ? { locations } : {}), extensions: { code: "BAD_INPUT" } };
}

/** An error of an operation or a request as a whole. */
export const badRequest = (message: string): ApiError => ({ message, extensions: { code: "BAD_INPUT" } });

/** An error of one field. */
export const badInput = (field: string, message: string): ApiError => ({ message, extensions: { code: "BAD_INPUT", field } });

/** The input field's name from its path: `input.tags.0.name` and `tags.0.name` both give `tags.0.name`. */
export function fieldOf(path: readonly PropertyKey[]): string | undefined {
  const names = path.map(String);
  const own = names.length > 1 && names[0] === "input" ? names.slice(1) : names;
  return own.length === 0 ? undefined : own.join(".");
}

/** The whole answer to a request that was not executed. */
export const refusalText = (errors: readonly ApiError[]): string => JSON.stringify({ errors });

function refused({ message, code, field, retryAfterMs }: Refusal, place: Place): ApiError {
  return {
    message,
    ...place,
    extensions: { code, ...(field === undefined ? {} : { field }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  };
}

function away({ outcome }: Unavailable, place: Place): ApiError {
  const message =
    outcome === "nothing"
      ? "a server behind is away and nothing was stored: try again"
      : "a server behind is away and the outcome is unknown: send the same clientMutationId again";
  return { message, ...place, extensions: { code: "UNAVAILABLE", retryAfterMs: RETRY_AWAY_MS } };
}

function notBuilt(place: Place): ApiError {
  const message = "the server still builds what this needs from its log: try again";
  return { message, ...place, extensions: { code: "UNAVAILABLE", retryAfterMs: RETRY_AWAY_MS } };
}

function withheld({ message }: Withheld, place: Place): ApiError {
  return { message, ...place, extensions: { code: "UNAVAILABLE", retryAfterMs: RETRY_WITHHELD_MS } };
}

function unparsed(error: ZodError, place: Place): ApiError {
  const field = fieldOf(error.issues[0]?.path ?? []);
  const message = error.issues
    .map((issue) => {
      const name = fieldOf(issue.path);
      return name === undefined ? issue.message : `${name}: ${issue.message}`;
    })
    .join("; ");
  return { message, ...place, extensions: { code: "BAD_INPUT", ...(field === undefined ? {} : { field }) } };
}

function codeOf({ extensions }: GraphQLError): ApiError["extensions"] {
  const { code, field, retryAfterMs } = extensions as { code: ErrorCode; field?: unknown; retryAfterMs?: unknown };
  return {
    code,
    ...(typeof field === "string" ? { field } : {}),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
  };
}

type Place = Pick<ApiError, "locations" | "path">;

function placeOf({ locations, path }: GraphQLError): Place {
  return { ...(locations?.length ? { locations } : {}), ...(path ? { path } : {}) } satisfies Pick<
    GraphQLFormattedError,
    "locations" | "path"
  >;
}

/** The executor wraps what a resolver throws, sometimes twice. */
function innermost(thrown: unknown): unknown {
  let inner = thrown;
  while (inner instanceof GraphQLError && inner.originalError) inner = inner.originalError;
  return inner;
}
