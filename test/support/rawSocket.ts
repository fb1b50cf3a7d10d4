import { WebSocket } from "ws";
import type { Variables } from "./http.ts";

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
