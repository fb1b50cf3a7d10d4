import { once } from "node:events";
import { createServer } from "../ports/nodeHttp.ts";

/** The error, with what to do, for an address that the server cannot listen on. */
export function cannotListen(host: string, port: number, error: NodeJS.ErrnoException, setting: string): Error {
  const advice = error.code === "EADDRINUSE" ? `another program listens there; set ${setting} to a free one` : error.message;
  return new Error(`cannot listen on ${host}:${port}: ${advice}`, { cause: error });
}

/**
 * Answers in place of a server that is still starting: it is live, but not ready. Starting takes long while the log's server
 * is away or a log is upgraded, and a container must not be killed for that. The returned function ends it.
 */
export async function answerWhileStarting(host: string, port: number, setting = "PORT"): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    const [status, body] =
      path === "/live" ? [200, { live: true }] : path === "/ready" ? [503, { ready: false, starting: true }] : [503, undefined];
    response.writeHead(status, {
      "content-type": "application/json",
      ...(body ? {} : { "retry-after": "1" }),
      connection: "close",
    });
    response.end(
      JSON.stringify(body ?? { errors: [{ message: "the server is starting", extensions: { code: "UNAVAILABLE" } }] }),
    );
  });
  // A client that breaks off is of no interest.
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(host, port, error as NodeJS.ErrnoException, setting);
  }
  // For example too many open files. Clients ask again.
  server.on("error", () => undefined);
  return async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
}
