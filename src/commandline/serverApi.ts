import { secretOf } from "../server/secret.ts";
import type { Config } from "../config.ts";
import { Refusal } from "../domain/refusal.ts";
import { sign } from "../transport/auth.ts";
import { serverToAsk } from "./runningServer.ts";

/** Seconds. The lifetime of a token that a command makes for itself. */
const TOKEN_S = 300;
const CALL_MS = 60_000;
const TOO_LARGE = 413;

/** The body of a request. */
export const bodyOf = (query: string, variables: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ query, variables });

type Answer = { data?: unknown; errors?: { message: string; extensions?: { code?: string; retryAfterMs?: number } }[] };

/** A request was larger than the server accepts. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}

/** An operator's view of the API of the server that runs on a DATA_DIR, or at SERVER_URL. */
export type ServerApi = {
  /** The last known address of the server. */
  url(): string;
  /** What tells the process that answered last from others. */
  instance(): string;
  /** The largest request that the server accepts, if it says so. */
  bodyLimitBytes(): number | undefined;
  /**
   * The data of an answer. Rejects with a `Refusal` if a retry may help (UNAVAILABLE, RATE_LIMITED), with `TooLarge` if the
   * request is too large, and otherwise with an `Error`.
   */
  ask<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
};

/**
 * Undefined if no server runs. `given`: a token with the scope admin. Rejects with an `Error` that says what to do if none is
 * given and none can be made.
 */
export async function serverApi(config: Config, given: string | undefined): Promise<ServerApi | undefined> {
  const found = await serverToAsk(config);
  if (!found) return undefined;
  let server = found;
  const secret = await secretOf(config);
  if (given === undefined && secret === undefined)
    throw new Error("the server accepts only tokens of an identity provider: give one with the scope admin with --token");

  const asked = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const signed = given ?? (await sign(secret ?? "", { sub: "import", admin: true, expiresInSeconds: TOKEN_S, ...config.auth }));
    const request = {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${signed}` },
      body: bodyOf(query, variables),
      signal: AbortSignal.timeout(CALL_MS),
    };
    try {
      const answer = await fetch(new URL("/graphql", server.url), request);
      if (answer.status === TOO_LARGE)
        throw new TooLarge(`the server at ${server.url} does not accept a request as large as this one`);
      return (await answer.json()) as Answer;
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      const away = `the server at ${server.url} does not answer: ${(error as Error).message}`;
      // A restarted server may have another address.
      server = (await serverToAsk(config).catch(() => undefined)) ?? server;
      throw new Refusal("UNAVAILABLE", away);
    }
  };

  return {
    url: () => server.url,
    instance: () => server.instance,
    bodyLimitBytes: () => server.bodyLimitBytes,
    ask: async <T>(query: string, variables: Readonly<Record<string, unknown>> = {}) => {
      const { data, errors } = await asked(query, variables);
      const fault = errors?.[0];
      if (fault) {
        const { code, retryAfterMs } = fault.extensions ?? {};
        if (code === "UNAVAILABLE" || code === "RATE_LIMITED")
          throw new Refusal(code, fault.message, retryAfterMs === undefined ? {} : { retryAfterMs });
        if (code === "LIMIT_EXCEEDED" || code === "CONFLICT" || code === "BAD_INPUT" || code === "NOT_FOUND")
          throw new Refusal(code, `the server at ${server.url} refused: ${fault.message}`);
        throw new Error(`the server at ${server.url} refused: ${fault.message}`);
      }
      if (data == null) throw new Error(`the server at ${server.url} gave no answer`);
      return data as T;
    },
  };
}
