import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { Client } from "./client.ts";
import { type Fault, Refused, type Variables } from "./http.ts";
import { until } from "./until.ts";

/** A subscription of any kind, over a WebSocket of its own, that is not connected again. */
export type Following<T> = {
  /** What it said so far. */
  readonly said: readonly T[];
  until(what: string, wanted: (said: T) => boolean): Promise<T>;
  /** Waits until it ended with a fault. */
  refused(): Promise<{ code: string | undefined; field?: string }>;
  /** Whether the server ended it without a fault. */
  isOver(): boolean;
  /** Tears the connection, without a farewell. */
  cut(): void;
  /** Says goodbye. */
  close(): Promise<void>;
};

/** Follows the one field of a subscription as one device of a user. */
export function follow<T>(address: string, { token }: Pick<Client, "token">, query: string, variables: Variables): Following<T> {
  const said: T[] = [];
  let fault: Refused | undefined;
  let isOver = false;
  let socket: WebSocket | undefined;
  const client = createClient({
    url: `${address.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: { opened: (opened) => (socket = opened as WebSocket) },
  });
  client.subscribe<Record<string, T>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) fault = new Refused(errors as unknown as Fault[]);
        else if (data) said.push(...Object.values(data));
      },
      error: (error) => {
        if (Array.isArray(error)) fault = new Refused(error as Fault[]);
      },
      complete: () => void (isOver = true),
    },
  );
  return {
    said,
    until: (what, wanted) =>
      until(what, () => {
        if (fault) throw fault;
        return said.find(wanted);
      }),
    refused: async () => {
      const { faults } = await until("it is refused", () => fault);
      const { code, field } = faults[0]?.extensions ?? {};
      return { code, ...(field === undefined ? {} : { field }) };
    },
    isOver: () => isOver && fault === undefined,
    cut: () => socket?.terminate(),
    close: async () => client.dispose(),
  };
}
