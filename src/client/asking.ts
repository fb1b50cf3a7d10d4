import { asClientError, clientError, errorOf, type Fault } from "./errors.ts";
import type { Tokens } from "./tokens.ts";
import type { ClientError, ErrorCode, TypedDocument } from "./types.ts";

/** Asks the server something, over HTTP. */
export type Ask = <Result, Variables>(document: TypedDocument<Result, Variables>, variables: Variables) => Promise<Result>;

type Answer = { data?: unknown; errors?: readonly Fault[] };

/** How long an answer may take, in milliseconds: longer than the server lets an operation run. */
const PATIENCE_MS = 30_000;

/** What something between client and server says that answers by itself. 413: it is never taken, however often it is tried. */
const CODES: Readonly<Record<number, ErrorCode>> = { 401: "UNAUTHENTICATED", 413: "BAD_INPUT", 429: "RATE_LIMITED" };

/**
 * Questions by HTTP. A token that is refused is asked for anew, once. Any entry in `errors` rejects: what a mutation has not done
 * cannot be overlooked.
 */
export function asker(options: { url: string; tokens: Tokens; fetch: typeof fetch; ended: AbortSignal }): Ask {
  const { url, tokens, ended } = options;
  /** What ends the questions that run. One listener for all of them: Node warns of more than ten at one signal. */
  const running = new Set<() => void>();
  ended.addEventListener("abort", () => {
    for (const end of running) end();
  });

  const post = async (body: string, token: string): Promise<{ status: number; answer: Answer | undefined }> => {
    const late = new AbortController();
    const give = (): void => late.abort(clientError("NETWORK", "the server did not answer in time"));
    const timer = setTimeout(give, PATIENCE_MS);
    const end = (): void => late.abort(clientError("NETWORK", "the client was closed"));
    running.add(end);
    try {
      if (ended.aborted) end();
      const response = await options.fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body,
        signal: late.signal,
      });
      const text = await response.text();
      return { status: response.status, answer: parsed(text) };
    } catch (error) {
      throw asClientError(late.signal.aborted ? late.signal.reason : error);
    } finally {
      clearTimeout(timer);
      running.delete(end);
    }
  };

  return async (document, variables) => {
    const body = JSON.stringify({ query: document, variables });
    for (let isSecond = false; ; isSecond = true) {
      const token = await tokenOf(tokens);
      const { status, answer } = await post(body, token);
      const error = faultOf(status, answer);
      if (!error) return answer?.data as never;
      if (error.code !== "UNAUTHENTICATED" || isSecond) throw error;
      tokens.refused(token);
    }
  };
}

/** A token. Rejects with a `ClientError`: see `tokenFault`. */
export async function tokenOf(tokens: Tokens): Promise<string> {
  try {
    return await tokens.get();
  } catch (error) {
    throw tokenFault(error);
  }
}

/** What `token` of the options threw. Only what says so itself (`code: "NETWORK"`) is a fault of the network. */
export function tokenFault(error: unknown): ClientError {
  const { code } = (error ?? {}) as { code?: unknown };
  const message = error instanceof Error ? error.message : "there is no token";
  return clientError(code === "NETWORK" ? "NETWORK" : "UNAUTHENTICATED", message, { cause: error });
}

/** What is wrong with an answer; undefined: nothing. */
function faultOf(status: number, answer: Answer | undefined): ClientError | undefined {
  if (answer?.errors?.length) return errorOf(answer.errors);
  return answer?.data == null ? clientError(CODES[status] ?? "NETWORK", `HTTP ${status}`) : undefined;
}

function parsed(text: string): Answer | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}
