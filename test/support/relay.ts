import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between clients and a server, and breaks their connections as networks do. */
export type Relay = AsyncDisposable & {
  /** `host:port`. */
  readonly host: string;
  /** Breaks all connections, and every new one at once, until `restore`. */
  interrupt(): void;
  restore(): void;
  /** Connections that were let through so far. */
  readonly count: number;
  /** Those that were not. */
  readonly refused: number;
};

/** `target`: `http://host:port` of the server. `at`: the address of this machine at which it listens. */
export async function relay(target: string, at = "127.0.0.1"): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let isInterrupted = false;
  let count = 0;
  let refused = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (isInterrupted) {
      refused += 1;
      return void near.destroy();
    }
    count += 1;
    const far = connect(Number(port), hostname);
    keep(far);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  });
  server.listen(0, at);
  await once(server, "listening");
  const drop = (): void => open.forEach((socket) => socket.destroy());
  return {
    host: `${at}:${(server.address() as AddressInfo).port}`,
    interrupt() {
      isInterrupted = true;
      drop();
    },
    restore() {
      isInterrupted = false;
    },
    get count() {
      return count;
    },
    get refused() {
      return refused;
    },
    [Symbol.asyncDispose]: async () => {
      drop();
      server.close();
      await once(server, "close");
    },
  };
}
