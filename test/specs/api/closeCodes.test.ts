import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { CloseCode as Protocol, createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { CloseCode } from "../../../src/transport/socket/socketConnections.ts";

/*
 * The table of close codes in docs/clients.md: that it has all that the server can send, and that graphql-ws does at each what it
 * says.
 */

const document = await readFile(new URL("../../../docs/clients.md", import.meta.url), "utf8");
const rows = [...document.matchAll(/^\| `(\d{4})` \|.*\| (connects again|gives up) \|$/gm)].map(
  ([, code, does]) => [Number(code), does] as const,
);

/** By the protocol's server (graphql-ws), beside the server's own. */
const OF_PROTOCOL = [
  Protocol.SubprotocolNotAcceptable,
  Protocol.ConnectionInitialisationTimeout,
  Protocol.SubscriberAlreadyExists,
  Protocol.TooManyInitialisationRequests,
];
/** What a client is told where no code came. */
const NONE_CAME = 1006;

it("tells of every code that the server can send", () => {
  const sent = new Set<number>([...Object.values(CloseCode), ...OF_PROTOCOL, NONE_CAME]);
  expect(rows.map(([code]) => code)).toEqual([...sent].sort((one, other) => one - other));
});

describe("graphql-ws", () => {
  let server: WebSocketServer;
  /** How the next connection is closed. */
  let code = 0;
  let connections = 0;
  beforeAll(async () => {
    server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "graphql-transport-ws" });
    server.on("connection", (socket) => {
      connections += 1;
      const isFirst = connections === 1;
      socket.on("message", (data: Buffer) => {
        const { type, id } = JSON.parse(data.toString()) as { type: string; id?: string };
        if (type === "connection_init") return socket.send(JSON.stringify({ type: "connection_ack" }));
        if (type !== "subscribe") return undefined;
        if (!isFirst) return socket.send(JSON.stringify({ type: "complete", id }));
        return code === NONE_CAME ? socket.terminate() : socket.close(code, "why");
      });
    });
    await once(server, "listening");
  });
  afterAll(async () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, "close");
  });

  it.each(rows)("at %i %s", async (sent, does) => {
    code = sent;
    connections = 0;
    const client = createClient({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      webSocketImpl: WebSocket,
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: async () => undefined,
    });
    const end = await new Promise<string>((resolve) =>
      client.subscribe(
        { query: "{ one }" },
        { next: () => undefined, error: () => resolve("gives up"), complete: () => resolve("connects again") },
      ),
    );
    expect(end).toBe(does);
    expect(connections).toBe(does === "gives up" ? 1 : 2);
    await client.dispose();
  });
});
