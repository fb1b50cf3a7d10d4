import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

type Awaitable<T> = T | Promise<T>;

/** An entry of `errors`. */
export type Fault = {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; field?: string; retryAfterMs?: number; correlationId?: string };
};

export type Answer<Data> = { status: number; headers: Headers; data?: Data | null; errors?: Fault[] };

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

export type ClientOptions = {
  /** `http://host:port`; asked for before every try, so that it can wait for a server that is away. */
  address: () => Awaitable<string>;
  token?: string | undefined;
  /** Told of every try of `ask` that failed: for want of an answer (undefined), or with one that says to try again. */
  retried?: (fault: Fault | undefined) => void;
  /** How long `ask` goes on trying. */
  patienceMs?: number;
};

export type Variables = Readonly<Record<string, unknown>>;

export type Client = {
  /** One try. Resolves with whatever the server answers, rejects where there is no answer. */
  post<Data>(query: string, variables?: Variables): Promise<Answer<Data>>;
  /** The same call again, until it is answered with more than "not now". Rejects with `Refused`. */
  ask<Data>(query: string, variables?: Variables): Promise<Data>;
};

const PASSING = new Set(["UNAVAILABLE", "RATE_LIMITED"]);
const ANSWER_MS = 60_000;

/** A client over HTTP for one user. */
export function httpClient({ address, token, retried, patienceMs = 120_000 }: ClientOptions): Client {
  const post: Client["post"] = async (query, variables) => {
    const answer = await fetch(`${await address()}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { data, errors } = (await answer.json()) as { data?: never; errors?: Fault[] };
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

export type InboxEntry = { __typename: string; cursor: string };

export type InboxOptions<Entry extends InboxEntry> = {
  address: () => Awaitable<string>;
  token: string;
  /** The first cursor; without one live only. */
  after?: string | undefined;
  /** What to ask of an entry, beside `__typename` and `cursor`. */
  selection: string;
  onEntry?: (entry: Entry) => void;
  /** Whether an InboxCaughtUp's cursor is gone on from too, or only that of the last entry seen. Asked at each. */
  keepCaughtUp?: () => boolean;
};

/** One user's inbox, followed over a WebSocket, again and again from where it was lost. */
export type InboxReader<Entry extends InboxEntry> = {
  /** All that came, in the order in which it came, without InboxCaughtUp. */
  readonly entries: readonly Entry[];
  /** Connections made so far, and how many of them were caught up. */
  readonly counts: { connections: number; caughtUp: number; cuts: number };
  /** Why it gave up, if it did: an answer other than "not now". */
  readonly fault: Error | undefined;
  /** Tears the connection, if there is one just now: no farewell, and what is under way is lost. */
  cut(): void;
  close(): Promise<void>;
};

/** Follows an inbox until it is closed. */
export function followInbox<Entry extends InboxEntry>(options: InboxOptions<Entry>): InboxReader<Entry> {
  const { address, token, selection, onEntry, keepCaughtUp = () => false } = options;
  const query = /* GraphQL */ `subscription Inbox($after: Cursor) { inbox(after: $after) { __typename cursor ${selection} } }`;
  const entries: Entry[] = [];
  const counts = { connections: 0, caughtUp: 0, cuts: 0 };
  let cursor = options.after;
  let socket: WebSocket | undefined;
  let fault: Error | undefined;
  let isClosed = false;
  let leave: () => void = () => undefined;
  let close!: () => void;
  const closed = new Promise<undefined>((resolve) => {
    close = () => resolve(undefined);
  });

  const take = (entry: Entry): void => {
    if (entry.__typename !== "InboxCaughtUp") {
      cursor = entry.cursor;
      entries.push(entry);
      onEntry?.(entry);
      return;
    }
    counts.caughtUp++;
    // Without a cursor there is nothing else to go on from.
    if (cursor === undefined || keepCaughtUp()) cursor = entry.cursor;
  };

  /** One connection, to its end. */
  const connect = async (): Promise<void> => {
    // There may be no server any more, to wait for which would be for ever.
    const found = await Promise.race([address(), closed]);
    if (found === undefined) return;
    const url = `${found.replace(/^http/, "ws")}/graphql`;
    counts.connections++;
    let isOver = false;
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${token}` },
      on: { connecting: () => undefined, opened: (opened) => (socket = opened as WebSocket) },
    });
    await new Promise<void>((resolve) => {
      leave = resolve;
      client.subscribe<{ inbox: Entry }>(
        { query, variables: { after: cursor ?? null } },
        {
          next: ({ data, errors }) => {
            if (isOver) return;
            if (data?.inbox) return take(data.inbox);
            fault = new Error(`an entry could not be had: ${JSON.stringify(errors)}`);
            resolve();
          },
          error: (reason) => {
            if (Array.isArray(reason)) {
              const refused = new Refused(reason);
              if (!PASSING.has(refused.code ?? "")) fault = refused;
            }
            resolve();
          },
          complete: resolve,
        },
      );
    });
    isOver = true;
    socket = undefined;
    await client.dispose();
  };

  const following = (async () => {
    for (let failures = 0; !isClosed && fault === undefined;) {
      const before = entries.length + counts.caughtUp;
      await connect();
      failures = entries.length + counts.caughtUp > before ? 0 : failures + 1;
      if (failures > 1 && !isClosed) await delay(Math.min(1_000, 5 * 2 ** Math.min(failures, 6)));
    }
  })();

  return {
    entries,
    counts,
    get fault() {
      return fault;
    },
    cut: () => {
      if (!socket) return;
      counts.cuts++;
      socket.terminate();
    },
    close: async () => {
      isClosed = true;
      close();
      leave();
      await following;
    },
  };
}

/** A message of the server, by the protocol graphql-transport-ws. */
export type Said = { id?: string; type: string; payload?: unknown };

export type RawSocket = {
  /** JSON of a value; a text goes as it is. */
  send(value: unknown): void;
  /** The first message, of those not taken yet, that is wanted; waits for it. Rejects where the socket is closed before. */
  next(wanted: (said: Said) => boolean): Promise<Said>;
  /** Runs an operation; resolves with the first message about it. */
  run(query: string, variables?: Variables): Promise<Said>;
  /** The first messages about an operation. */
  first(count: number, query: string, variables?: Variables): Promise<Said[]>;
  /** How the server closes it. */
  closing: Promise<{ code: number; reason: string }>;
  close(): void;
};

/** A WebSocket that says just what it is told to. `init`: the payload of connection_init; none is sent without. */
export async function openSocket(address: string, init?: object): Promise<RawSocket> {
  const ws = new WebSocket(`${address.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
  const said: Said[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((go) => go());
  ws.on("message", (data: Buffer) => {
    said.push(JSON.parse(data.toString()) as Said);
    wake();
  });
  const closing = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    }),
  );
  await new Promise((resolve, reject) => {
    ws.once("open", resolve);
    ws.once("error", reject);
  });
  ws.on("error", () => undefined);
  let ids = 0;
  const socket: RawSocket = {
    closing,
    send: (value) => ws.send(typeof value === "string" ? value : JSON.stringify(value)),
    next: async (wanted) => {
      for (;;) {
        const [found] = said.splice(said.findIndex(wanted) >>> 0, 1);
        if (found) return found;
        if (ws.readyState === WebSocket.CLOSED) throw new Error("the socket was closed");
        await new Promise<void>((resolve) => {
          const go = () => {
            waiting.delete(go);
            resolve();
          };
          waiting.add(go);
        });
      }
    },
    run: async (query, variables) => (await socket.first(1, query, variables))[0] as Said,
    first: async (count, query, variables = {}) => {
      const id = String(++ids);
      socket.send({ id, type: "subscribe", payload: { query, variables } });
      const all: Said[] = [];
      while (all.length < count) all.push(await socket.next((message) => message.id === id));
      return all;
    },
    close: () => ws.terminate(),
  };
  if (init) socket.send({ type: "connection_init", payload: init });
  return socket;
}
