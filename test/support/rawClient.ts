import { once } from "node:events";
import { WebSocket } from "ws";
import type { Running } from "./runningApp.ts";
import { until } from "./until.ts";

export type Message = { id?: string; type: string; payload?: unknown };

/** A WebSocket that speaks the protocol by hand. */
export type RawClient = {
  socket: WebSocket;
  messages: Message[];
  send(message: object | string): void;
  /** Resolves with the first message like it. */
  message(like: Partial<Message>): Promise<Message>;
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
};

export async function rawClient(
  url: string,
  {
    protocol = "graphql-transport-ws",
    ...options
  }: { protocol?: string; origin?: string; headers?: Record<string, string> } = {},
): Promise<RawClient> {
  const socket = new WebSocket(url, protocol === "" ? [] : protocol, options);
  const messages: Message[] = [];
  socket.on("message", (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  await once(socket, "open");
  return {
    socket,
    messages,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    message: (like) =>
      until(`a message like ${JSON.stringify(like)}`, () =>
        messages.find((message) => Object.entries(like).every(([name, value]) => message[name as keyof Message] === value)),
      ),
    closed,
    close: () => socket.close(),
  };
}

/** A raw client that was let in. */
export async function admitted(server: Running, user = "ann", options?: Parameters<typeof rawClient>[1]): Promise<RawClient> {
  const client = await rawClient(server.ws, options);
  client.send({ type: "connection_init", payload: { authorization: `Bearer ${await server.token(user)}` } });
  await client.message({ type: "connection_ack" });
  return client;
}
