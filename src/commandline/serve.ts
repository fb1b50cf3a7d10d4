import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Config } from "../config.ts";
import { compose } from "../server/compose.ts";
import { boundMemory } from "../server/heap.ts";
import { composePart, type Part } from "../server/part.ts";
import { openedInTurn } from "./handover.ts";
import { announce, withdraw } from "./runningServer.ts";
import { answerWhileStarting, cannotListen } from "./starting.ts";

/** How long a start waits for the views and for search at most, in milliseconds. */
const OPENED_MS = 2_000;

/**
 * Runs the server until it is told to end (SIGINT, SIGTERM) or hits a fatal error. Resolves with the exit code when
 * everything that was begun is finished. Rejects with an `Error` that says what to do if the server cannot start.
 */
export async function serve(config: Config, logger: FastifyBaseLogger, say: (text: string) => void): Promise<number> {
  boundMemory();
  let stop!: (code: number) => void;
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  // From the very beginning: the log's server may be away for long, and the first process in a container ignores signals
  // without a handler.
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      // Before the log line: if the log cannot be written, the server must still end.
      ending.abort();
      stop(0);
      logger.info({ signal }, "ending");
    });
  }
  const fatal = (error: Error): void => {
    stop(1);
    logger.fatal({ err: error }, "the server ends: what was acknowledged is safe, what was in flight must be sent again");
  };
  // With PORT 0 nobody knows the port yet, so nobody can ask.
  const starting = [
    ...(config.port === 0 ? [] : [await answerWhileStarting(config.host, config.port)]),
    ...(config.operations
      ? [await answerWhileStarting(config.operations.host, config.operations.port, "OPERATIONS_LISTEN")]
      : []),
  ];
  const started = async (): Promise<void> => void (await Promise.all(starting.splice(0).map((end) => end())));
  if (config.role === "projector" || config.role === "indexer") {
    const part = await openedInTurn(config, () => composePart(config, logger, fatal, ending.signal), logger, ending.signal)
      .catch((error: unknown) => {
        if (error === ending.signal.reason) return undefined;
        throw error;
      })
      .finally(started);
    return part ? servePart(part, config, logger, say, stopped) : 0;
  }
  const tidings = await openedInTurn(config, () => compose(config, logger, fatal, ending.signal), logger, ending.signal)
    .then(async (composed) => {
      // Mostly the views have caught up in a moment, and search has begun. Then nobody is told that they have not.
      const isThere = Promise.all([composed.opened, composed.search.begun]);
      await Promise.race([isThere, delay(OPENED_MS, undefined, { signal: ending.signal, ref: false }).catch(() => {})]);
      return composed;
    })
    .catch((error: unknown) => {
      if (error === ending.signal.reason) return undefined;
      throw error;
    })
    .finally(started);
  if (!tidings) return 0;
  const instance = randomBytes(12).toString("base64url");
  try {
    // Loaded only now: beside the threads, which have begun, and not where the server cannot start.
    const { buildServer } = await import("../server/api.ts");
    const { app, operations } = await buildServer(tidings, config, logger, instance);
    const url = await listen(app, config.host, config.port, "PORT");
    if (config.operations) await listen(operations, config.operations.host, config.operations.port, "OPERATIONS_LISTEN");
    if (config.role === "all")
      await announce(config.dataDir, { pid: process.pid, url, bodyLimitBytes: config.bodyLimitBytes, instance });
    const chat = config.web ? `   (the chat: ${url})` : "";
    say(`Tidings serves ${url}/graphql${chat}${config.production ? "" : `   (try it at ${url}/graphiql)`}`);
    const code = await stopped;
    await Promise.all([app.close(), operations.close()]);
    return code;
  } finally {
    if (config.role === "all") await withdraw(config.dataDir);
    await tidings.close();
  }
}

/** Serves what operators ask of a part: clients are served elsewhere. Resolves with the exit code. */
async function servePart(
  part: Part,
  config: Config,
  logger: FastifyBaseLogger,
  say: (text: string) => void,
  stopped: Promise<number>,
): Promise<number> {
  const apps: FastifyInstance[] = [];
  try {
    const { buildPart } = await import("../server/partApi.ts");
    const opened = async (host: string, port: number, setting: string): Promise<string> => {
      const app = buildPart(part, logger);
      apps.push(app);
      return listen(app, host, port, setting);
    };
    const url = await opened(config.host, config.port, "PORT");
    if (config.operations) await opened(config.operations.host, config.operations.port, "OPERATIONS_LISTEN");
    say(`Tidings is ${config.role === "projector" ? "a projector" : "an indexer"}: ${url}/ready says how it is`);
    const code = await stopped;
    await Promise.all(apps.map((app) => app.close()));
    return code;
  } finally {
    await part.close();
  }
}

/** Listens, and returns the address for this machine. */
async function listen(app: FastifyInstance, host: string, port: number, setting: string): Promise<string> {
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(host, port, error, setting);
  });
  const { address, port: given, family } = app.server.address() as AddressInfo;
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${given}`;
  return url.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
}
