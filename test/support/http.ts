import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export type Awaitable<T> = T | Promise<T>;

/** An entry of `errors`. */
export type Fault = {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; field?: string; retryAfterMs?: number; correlationId?: string };
};

export type Answer<Data> = { status: number; headers: IncomingHttpHeaders; data?: Data | null; errors?: Fault[] };

/** What a server refused. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ message, extensions: { code } }) => `${code}: ${message}`).join("; "));
    this.faults = faults;
  }
  get code(): string | undefined {
    return this.faults[0]?.extensions.code;
  }
}

export type CallOptions = {
  /** `http://host:port`; asked for before every try, so that it can wait for a server that is away. */
  address: () => Awaitable<string>;
  token?: string | undefined;
  /** Told of every try of `ask` that failed: for want of an answer (undefined), or with one that says to try again. */
  retried?: (fault: Fault | undefined) => void;
  /** How long `ask` goes on trying. */
  patienceMs?: number;
};

export type Variables = Readonly<Record<string, unknown>>;

export type Calls = {
  /** One try. Resolves with whatever the server answers, rejects where there is no answer. */
  post<Data>(query: string, variables?: Variables): Promise<Answer<Data>>;
  /** The same call again, until it is answered with more than "not now". Rejects with `Refused`. */
  ask<Data>(query: string, variables?: Variables): Promise<Data>;
};

/** Codes of what may be asked again. */
export const PASSING = new Set(["UNAVAILABLE", "RATE_LIMITED"]);
const ANSWER_MS = 60_000;

/** Connections are kept, as by `fetch`. */
const agent = new Agent({ keepAlive: true });

type Given = { url: string; body: string; headers: Readonly<Record<string, string>> };

/** A POST. `fetch` does the same for three times as much: where calls come by the ten thousand, that is most of the time. */
export const posted = ({ url, body, headers }: Given): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> =>
  new Promise((resolve, reject) => {
    const asked = request(url, {
      method: "POST",
      agent,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      timeout: ANSWER_MS,
    });
    asked.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (text += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    asked.on("error", reject);
    asked.end(body);
  });

/** Calls over HTTP with one token. */
export function httpCalls({ address, token, retried, patienceMs = 120_000 }: CallOptions): Calls {
  const post: Calls["post"] = async (query, variables) => {
    const answer = await posted({
      url: `${await address()}/graphql`,
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = JSON.parse(answer.text) as { data?: never; errors?: Fault[] };
    return {
      status: answer.status,
      headers: answer.headers,
      ...(data === undefined ? {} : { data }),
      ...(errors === undefined ? {} : { errors }),
    };
  };

  return {
    post,
    ask: async <Data>(query: string, variables?: Variables): Promise<Data> => {
      const until = performance.now() + patienceMs;
      for (let tries = 1; ; tries++) {
        const answer = await post<Data>(query, variables).catch((error: Error) => error);
        const isAnswer = !(answer instanceof Error);
        if (isAnswer && answer.errors === undefined && answer.data != null) return answer.data;
        const faults = isAnswer ? (answer.errors ?? []) : [];
        const [fault] = faults;
        if (isAnswer && !(fault && PASSING.has(fault.extensions.code))) throw new Refused(faults);
        if (performance.now() > until) throw isAnswer ? new Refused(faults) : answer;
        retried?.(fault);
        // As clients do: what is away is not asked again at once.
        await delay(Math.min(fault?.extensions.retryAfterMs ?? 1_000, 5 * 2 ** Math.min(tries, 6)));
      }
    },
  };
}
