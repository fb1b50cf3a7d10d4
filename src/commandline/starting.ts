import { once } from "node:events";
import { createServer } from "node:http";

/** Throws an `Error` that says what to do where nothing can listen there. */
export function cannotListen(host: string, port: number, error: NodeJS.ErrnoException, setting: string): Error {
  const advice = error.code === "EADDRINUSE" ? `another program listens there; set ${setting} to a free one` : error.message;
  return new Error(`cannot listen on ${host}:${port}: ${advice}`, { cause: error });
}

/**
 * Answers in a server's place while it starts, which takes as long as its log's server is away, or a log is brought up to date: it is alive, and not ready. What
 * looks after a container is not to kill it for that. The function returned ends it.
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
  // Of a client that breaks off nobody needs to hear.
  server.on("clientError", (_error, socket) => socket.destroy());
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(host, port, error as NodeJS.ErrnoException, setting);
  }
  // Too many open files, say: whoever asked asks again.
  server.on("error", () => undefined);
  return async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
}
