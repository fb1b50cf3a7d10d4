import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { cpuTime } from "./cpu.ts";
import { clockMs } from "./measure.ts";
import { rssAfterGc } from "./memory.ts";
import { answer } from "./processes.ts";

/** The floor of delivering: a plain WebSocket server that sends the same frames, and knows nothing. */

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: false,
  handleProtocols: (protocols) => [...protocols][0] ?? false,
});
await once(server, "listening");
const sockets = new Set<WebSocket>();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", (data: Buffer) => {
    const isInit = data.includes("connection_init");
    socket.send(
      isInit
        ? '{"type":"connection_ack"}'
        : '{"id":"1","type":"next","payload":{"data":{"inbox":{"__typename":"InboxCaughtUp","cursor":"0"}}}}',
    );
  });
});

const handlers = {
  port: (): number => (server.address() as AddressInfo).port,

  /** Sends each text to every socket, one write each. Gives when it began. */
  async broadcast({ texts }: { texts: readonly string[] }): Promise<number> {
    const began = clockMs();
    for (const text of texts) {
      const bytes = Buffer.from(text);
      for (const socket of sockets) socket.send(bytes, { binary: false });
      if (texts.length > 1) await turn();
    }
    return began;
  },

  cpu: () => cpuTime(),
  memory: (): Promise<number> => rssAfterGc(),
};

export type RawServerHandlers = typeof handlers;
answer(handlers, async () => {
  for (const socket of sockets) socket.terminate();
  server.close();
});
