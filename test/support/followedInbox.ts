import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { type Awaitable, PASSING, Refused } from "./http.ts";

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
