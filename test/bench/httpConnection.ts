import { once } from "node:events";
import { connect } from "node:net";

/**
 * One connection, one request at a time. As little as will do: what the load costs is missing at the server on the same machine.
 */
export type HttpConnection = {
  /** Posts a GraphQL request; resolves with the body of the answer. */
  post(token: string, body: string): Promise<string>;
  close(): void;
};

const END = "\r\n\r\n";

export async function httpConnection(port: number): Promise<HttpConnection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  let gathered: Buffer = Buffer.alloc(0);
  let waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;

  socket.on("data", (chunk: Buffer) => {
    gathered = gathered.length === 0 ? chunk : Buffer.concat([gathered, chunk]);
    const head = gathered.indexOf(END);
    if (head < 0) return;
    const [, length = "0"] = /content-length: (\d+)/i.exec(gathered.toString("latin1", 0, head)) ?? [];
    const end = head + END.length + Number(length);
    if (gathered.length < end) return;
    const body = gathered.toString("utf8", head + END.length, end);
    gathered = Buffer.alloc(0);
    waiting?.resolve(body);
  });
  const failed = (error: Error) => waiting?.reject(error);
  socket.on("error", failed);
  socket.on("close", () => failed(new Error("the server closed the connection")));

  return {
    post: (token, body) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(
          `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json\r\nauthorization: Bearer ${token}\r\ncontent-length: ${Buffer.byteLength(body)}${END}${body}`,
        );
      }),
    close: () => void socket.destroy(),
  };
}
