import { once } from "node:events";
import { fdatasync, openSync, writeSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import { cpuTime } from "./cpu.ts";
import { answer } from "./processes.ts";

/**
 * The floor of sends that are delivered: a plain WebSocket server that appends each message to a file, waits for the disk,
 * answers and passes it on. What comes while it waits shares the next write. It checks nothing, and keeps nothing that could be
 * asked for.
 */

/** As the log's database writes no less. */
const PAGE_BYTES = 4_096;

type Start = { id: string; type: string; payload: { authorization: string; query: string; variables: { input: Input } } };
type Input = { conversationId: string; text: string };
type Sent = { from: WebSocket; id: string; input: Input };

const file = openSync(join(process.env["DATA_DIR"] ?? ".", "appended"), "a");
const readers = new Map<string, Set<WebSocket>>();
let seq = 0;
let waiting: Sent[] = [];
let isWriting = false;

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: false,
  handleProtocols: (protocols) => [...protocols][0] ?? false,
});
await once(server, "listening");

const userIn = (token: string): string =>
  (JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sub: string }).sub;

server.on("connection", (socket) => {
  let user = "";
  socket.on("close", () => readers.get(user)?.delete(socket));
  socket.on("message", (data: Buffer) => {
    const { id, type, payload } = JSON.parse(data.toString()) as Start;
    if (type === "connection_init") {
      user = userIn(payload.authorization);
      return socket.send('{"type":"connection_ack"}');
    }
    if (!payload.query.startsWith("subscription")) return take({ from: socket, id, input: payload.variables.input });
    readers.set(user, (readers.get(user) ?? new Set()).add(socket));
    socket.send(`{"id":"${id}","type":"next","payload":{"data":{"inbox":{"__typename":"InboxCaughtUp","cursor":"0"}}}}`);
  });
});

function take(sent: Sent): void {
  waiting.push(sent);
  if (isWriting) return;
  isWriting = true;
  // What comes in the same turn of the event loop shares the write.
  setImmediate(write);
}

function write(): void {
  const group = waiting;
  waiting = [];
  const text = group.map(({ input }) => JSON.stringify(input)).join("\n");
  writeSync(file, Buffer.alloc(Math.ceil(text.length / PAGE_BYTES) * PAGE_BYTES, text));
  fdatasync(file, (error) => {
    if (error) throw error;
    for (const sent of group) tell(sent);
    isWriting = waiting.length > 0;
    if (isWriting) write();
  });
}

function tell({ from, id, input: { conversationId, text } }: Sent): void {
  seq += 1;
  const place = `"id":"${conversationId}:${seq}","seq":${seq}`;
  from.send(`{"id":"${id}","type":"next","payload":{"data":{"sendMessage":{"cursor":"${seq}","message":{${place}}}}}}`);
  const users = conversationId.slice("d:".length).split("~");
  const message = `{${place},"text":${JSON.stringify(text)},"sender":{"id":"${users[0]}"},"conversation":{"id":"${conversationId}"}}`;
  const told = `{"id":"1","type":"next","payload":{"data":{"inbox":{"__typename":"MessageReceived","cursor":"${seq}","message":${message}}}}}`;
  for (const user of users) for (const socket of readers.get(user) ?? []) socket.send(told);
}

const handlers = {
  port: (): number => (server.address() as AddressInfo).port,
  cpu: () => cpuTime(),
};

export type StoringServerHandlers = typeof handlers;
answer(handlers, async () => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});
