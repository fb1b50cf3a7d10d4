import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";

/** A WebSocket that speaks graphql-transport-ws. As little as will do, for the same reason as over HTTP. */
export type SocketConnection = {
  /** What is sent in one turn of the event loop leaves in one write. */
  send(text: string): void;
  close(): void;
};

const END = "\r\n\r\n";
const TEXT = 0x81;
const PONG = 0x8a;

/**
 * Connects and says who it is; resolves once the server has taken it in. `receive` is given each message, valid during the call
 * only.
 */
export async function socketConnection(
  port: number,
  token: string,
  receive: (message: Buffer) => void,
  failed: (error: Error) => void,
): Promise<SocketConnection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let isClosed = false;
  socket.on("error", (error) => isClosed || failed(error));
  await once(socket, "connect");
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: ${randomBytes(16).toString("base64")}\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws${END}`,
  );

  let out: Buffer[] = [];
  const push = (opcode: number, payload: Buffer) => {
    if (out.push(frame(opcode, payload)) > 1) return;
    setImmediate(() => {
      const frames = out;
      out = [];
      socket.write(frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames));
    });
  };

  let isUpgraded = false;
  let rest: Buffer | undefined;
  let accept: () => void = () => undefined;
  const accepted = new Promise<void>((resolve, reject) => {
    accept = resolve;
    socket.once("close", () => reject(new Error("the server closed the socket")));
  });
  let take = (message: Buffer): void => {
    if (!message.includes('"connection_ack"')) throw new Error(`instead of connection_ack there came ${message.toString()}`);
    take = receive;
    accept();
  };

  socket.on("data", (chunk: Buffer) => {
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = undefined;
    let at = 0;
    if (!isUpgraded) {
      const head = bytes.indexOf(END);
      if (head < 0) return void (rest = bytes);
      isUpgraded = true;
      at = head + END.length;
    }
    while (at < bytes.length) {
      const found = payloadAt(bytes, at);
      if (!found || found.to > bytes.length) break;
      const opcode = bytes[at] ?? 0;
      const payload = bytes.subarray(found.from, found.to);
      at = found.to;
      if (opcode === TEXT) take(payload);
      else if (opcode === 0x89) push(PONG, payload);
      else if (opcode === 0x88) failed(new Error(`the server closed the socket: ${payload.toString("utf8", 2)}`));
    }
    if (at < bytes.length) rest = bytes.subarray(at);
  });
  push(TEXT, Buffer.from(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } })));
  await accepted;

  return {
    send: (text) => push(TEXT, Buffer.from(text)),
    close: () => {
      isClosed = true;
      socket.destroy();
    },
  };
}

/** Where the payload of the frame at `at` lies; undefined where not even that has come yet. */
function payloadAt(bytes: Buffer, at: number): { from: number; to: number } | undefined {
  const short = (bytes[at + 1] ?? 0) & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (at + head > bytes.length) return undefined;
  const size = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { from: at + head, to: at + head + size };
}

/** A client's frame: masked, by a mask of zeros that costs nothing. */
function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new RangeError("too long for a client's message");
  const head = length < 126 ? 6 : 8;
  const bytes = Buffer.alloc(head + length);
  bytes[0] = opcode;
  bytes[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) bytes.writeUInt16BE(length, 2);
  payload.copy(bytes, head);
  return bytes;
}
