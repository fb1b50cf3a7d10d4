import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

/** A line to a server that can be cut: what goes over it is passed on as it is. */
export type Line = AsyncDisposable & {
  /** `http://host:port`. */
  address: string;
  readonly isCut: boolean;
  /** Ends all connections, and every new one at once, until `mend`. */
  cut(): void;
  mend(): void;
};

export async function lineTo(address: string): Promise<Line> {
  const { hostname, port } = new URL(address);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get isCut() {
      return isCut;
    },
    cut,
    mend: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
