import type { ClientError, ErrorCode } from "./types.ts";

/** An error as the GraphQL server gives it in `errors`, or over a socket. */
export type Fault = { message: string; extensions?: { code?: unknown; field?: unknown; retryAfterMs?: unknown } };

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "NOT_FOUND",
  "BAD_INPUT",
  "CONFLICT",
  "LIMIT_EXCEEDED",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL",
]);

export function clientError(
  code: ClientError["code"],
  message: string,
  more: { field?: string | undefined; retryAfterMs?: number | undefined; cause?: unknown } = {},
): ClientError {
  const { cause, ...said } = more;
  // What is no error (a socket's event, say) cannot be told to other tabs.
  return Object.assign(cause instanceof Error ? new Error(message, { cause }) : new Error(message), {
    name: "ClientError",
    code,
    ...said,
  });
}

/** The first of the server's errors. One without a code that is known is INTERNAL. */
export function errorOf([fault]: readonly Fault[]): ClientError {
  const { code, field, retryAfterMs } = fault?.extensions ?? {};
  return clientError(
    typeof code === "string" && CODES.has(code) ? (code as ErrorCode) : "INTERNAL",
    fault?.message ?? "the server answered with an error that it does not tell",
    {
      ...(typeof field === "string" ? { field } : {}),
      ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
    },
  );
}

export const isClientError = (error: unknown): error is ClientError => error instanceof Error && error.name === "ClientError";

/** An error as one tab tells it to another: what is cloned loses all that is its own. */
export type ToldError = Pick<ClientError, "code" | "message" | "field" | "retryAfterMs">;

export const toldError = ({ code, message, field, retryAfterMs }: ClientError): ToldError => ({
  code,
  message,
  ...(field === undefined ? {} : { field }),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

export const errorTold = ({ code, message, ...more }: ToldError): ClientError => clientError(code, message, more);

/** What was thrown, as a `ClientError`: one that is none came from the network. */
export const asClientError = (error: unknown): ClientError =>
  isClientError(error)
    ? error
    : clientError("NETWORK", error instanceof Error ? error.message : "the server cannot be reached", { cause: error });

/** Whether the same call again may do better: nothing is known to be wrong with the call itself. */
export const mayPass = ({ code }: ClientError): boolean =>
  code === "NETWORK" || code === "UNAVAILABLE" || code === "RATE_LIMITED" || code === "INTERNAL" || code === "UNAUTHENTICATED";
