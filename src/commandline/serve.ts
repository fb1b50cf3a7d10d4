import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { Registry } from "prom-client";
import { compose, type Tidings } from "../compose.ts";
import { secretOf } from "../composing/secret.ts";
import type { Config } from "../config.ts";
import { buildApp, type Health } from "../graphql/app.ts";
import { sign, tokens } from "../graphql/auth.ts";
import { contextOf } from "../graphql/context.ts";
import { type TransportConfig, transportDefaults } from "../graphql/limits.ts";
import { SHARED_FIELDS } from "../graphql/resolvers/inbox.ts";
import { buildSchema } from "../graphql/schema.ts";
import { announce, withdraw } from "./runningServer.ts";

const HOUR_S = 3_600;
/** How many seconds' worth of operations may come at once: a group of 500 is made at once, too. */
const BURST_S = 12;

/**
 * Runs the server until it is told to end (SIGINT, SIGTERM) or may trust nothing any more. Resolves with the exit code once everything that was
 * begun is finished. Rejects with an `Error` that says what to do where it cannot start.
 */
export async function serve(config: Config, logger: FastifyBaseLogger, say: (text: string) => void): Promise<number> {
  let stop!: (code: number) => void;
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  // From the beginning: the log's server may have to be waited for, and the first process of a container ends by nothing that it does not hear.
  const told = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    void once(process, signal).then(() => {
      logger.info({ signal }, "ending");
      told.abort();
      stop(0);
    });
  }
  const fatal = (error: Error): void => {
    logger.fatal({ err: error }, "the server ends: what was acknowledged is safe, what was in flight is to be sent again");
    stop(1);
  };
  const tidings = await compose(config, logger, fatal, told.signal).catch((error: unknown) => {
    if (error === told.signal.reason) return undefined;
    throw error;
  });
  if (!tidings) return 0;
  try {
    const app = await buildServer(tidings, config, logger);
    await app.listen({ host: config.host, port: config.port }).catch((error: NodeJS.ErrnoException) => {
      const advice = error.code === "EADDRINUSE" ? "another program listens there; set PORT to a free one" : error.message;
      throw new Error(`cannot listen on ${config.host}:${config.port}: ${advice}`);
    });
    const { address, port, family } = app.server.address() as AddressInfo;
    const url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
    await announce(config.dataDir, {
      pid: process.pid,
      url: url.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]"),
      bodyLimitBytes: config.bodyLimitBytes,
    });
    say(`Tidings serves ${url}/graphql${config.production ? "" : `   (try it at ${url}/graphiql)`}`);
    const code = await stopped;
    await app.close();
    return code;
  } finally {
    await withdraw(config.dataDir);
    await tidings.close();
  }
}

/** The API of a running Tidings, as it is configured; it does not listen yet. */
export async function buildServer(tidings: Tidings, config: Config, logger: FastifyBaseLogger) {
  const secret = await secretOf(config);
  const { jwksUrl, issuer, audience } = config.auth;
  const named = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) };
  return buildApp({
    schema: buildSchema(),
    contextOf: contextOf(tidings),
    sharedFields: SHARED_FIELDS,
    tokens: tokens({ ...(secret === undefined ? { jwksUrl: jwksUrl ?? "" } : { secret }), ...named }),
    config: {
      ...transportDefaults,
      ...transportOf(config),
      ide: !config.production,
      burst: config.operationsPerSecond * BURST_S,
      addressBurst: config.addressOperationsPerSecond * BURST_S,
      answerBytesMax: config.answerLimitBytes,
      executionMs: config.executionLimitMs,
    },
    health: () => healthOf(tidings),
    registry: new Registry(),
    logger,
    // A secret that was set by hand is for tokens that someone else gives out.
    ...(secret === undefined || config.auth.secret !== undefined || config.production
      ? {}
      : { developmentToken: (user: string) => sign(secret, { sub: user, expiresInSeconds: HOUR_S, ...named }) }),
  });
}

/** The settings that the transport takes as they are. */
export const transportOf = ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  origins,
}: Config): Partial<TransportConfig> => ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  origins,
});

async function healthOf(tidings: Tidings): Promise<Health> {
  const { ready, components, projections } = await tidings.health();
  const byRole = components.map(({ role, kind, reachable, version, detail }) => {
    const known = { ...(version === undefined ? {} : { version }), ...(detail === undefined ? {} : { detail }) };
    return [role, { ready: reachable, kind, ...known }] as const;
  });
  return { ready, components: Object.fromEntries(byRole), projections };
}
