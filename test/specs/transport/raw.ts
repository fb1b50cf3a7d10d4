import { connect, type Socket } from "node:net";
import { until } from "../../support/until.ts";

/** A TCP connection that says just what it is told to. */
export type Raw = {
  socket: Socket;
  write(bytes: string | Buffer): void;
  /** All that came so far, one character a byte. */
  said(): string;
  /** Resolves with all that came once it holds the text so many times. */
  says(text: string, times?: number): Promise<string>;
  /** Resolves with all that came once the other side has ended it. */
  ended: Promise<string>;
};

export async function raw(port: number): Promise<Raw> {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  socket.setEncoding("latin1").on("data", (text: string) => (said += text));
  socket.on("error", () => undefined);
  const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(said)));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    said: () => said,
    says: async (text, times = 1) => {
      await until(`it says ${JSON.stringify(text)} ${times} times`, () => said.split(text).length > times);
      return said;
    },
    ended,
  };
}

/** A request's head and body, lines ended as they should be. */
export const request = (first: string, headers: Record<string, string>, body = ""): string =>
  [first, ...Object.entries({ Host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}`), "", body].join(
    "\r\n",
  );

export const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Protocol": "graphql-transport-ws",
};
