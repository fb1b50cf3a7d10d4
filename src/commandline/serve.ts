import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { compose, type Tidings } from "../server/compose.ts";
import { secretsOf } from "../server/secret.ts";
import type { Config } from "../config.ts";
import { buildApp } from "../transport/app.ts";
import { sign, tokens } from "../transport/auth.ts";
import { contextOf } from "../api/context.ts";
import { type TransportConfig, transportDefaults } from "../transport/limits.ts";
import { SHARED_FIELDS } from "../delivery/feed.ts";
import { buildOperations, type Health } from "../transport/probes.ts";
import { buildSchema } from "../api/schema.ts";
import { announce, withdraw } from "./runningServer.ts";
import { answerWhileStarting, cannotListen } from "./starting.ts";

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
    process.once(signal, () => {
      // First of all: a log that cannot be written is no reason to stay.
      told.abort();
      stop(0);
      logger.info({ signal }, "ending");
    });
  }
  const fatal = (error: Error): void => {
    stop(1);
    logger.fatal({ err: error }, "the server ends: what was acknowledged is safe, what was in flight is to be sent again");
  };
  // With any free port nobody knows where to ask yet.
  const starting = [
    ...(config.port === 0 ? [] : [await answerWhileStarting(config.host, config.port)]),
    ...(config.operations
      ? [await answerWhileStarting(config.operations.host, config.operations.port, "OPERATIONS_LISTEN")]
      : []),
  ];
  const started = async (): Promise<void> => void (await Promise.all(starting.splice(0).map((end) => end())));
  const tidings = await compose(config, logger, fatal, told.signal)
    .catch((error: unknown) => {
      if (error === told.signal.reason) return undefined;
      throw error;
    })
    .finally(started);
  if (!tidings) return 0;
  const instance = randomBytes(12).toString("base64url");
  try {
    const { app, operations } = await buildServer(tidings, config, logger, instance);
    const url = await listen(app, config.host, config.port, "PORT");
    if (config.operations) await listen(operations, config.operations.host, config.operations.port, "OPERATIONS_LISTEN");
    await announce(config.dataDir, { pid: process.pid, url, bodyLimitBytes: config.bodyLimitBytes, instance });
    say(`Tidings serves ${url}/graphql${config.production ? "" : `   (try it at ${url}/graphiql)`}`);
    const code = await stopped;
    await Promise.all([app.close(), operations.close()]);
    return code;
  } finally {
    await withdraw(config.dataDir);
    await tidings.close();
  }
}

/** Where it can be reached from this machine. */
async function listen(app: FastifyInstance, host: string, port: number, setting: string): Promise<string> {
  await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw cannotListen(host, port, error, setting);
  });
  const { address, port: given, family } = app.server.address() as AddressInfo;
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${given}`;
  return url.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
}

/** The API of a running Tidings, as it is configured, and what operators alone reach; neither listens yet. */
export async function buildServer(tidings: Tidings, config: Config, logger: FastifyBaseLogger, instance?: string) {
  const secrets = await secretsOf(config);
  const secret = secrets?.secret;
  const registry = new Registry();
  const health = () => healthOf(tidings);
  const { jwksUrl, issuer, audience } = config.auth;
  const named = { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) };
  const app = await buildApp({
    schema: buildSchema(),
    contextOf: contextOf(tidings),
    sharedFields: SHARED_FIELDS,
    tokens: tokens({
      ...(secrets === undefined ? { jwksUrl: jwksUrl ?? "" } : { secret, formerSecret: secrets.former }),
      ...named,
    }),
    config: {
      ...transportDefaults,
      ...transportOf(config),
      ide: !config.production,
      burst: config.operationsPerSecond * BURST_S,
      addressBurst: config.addressOperationsPerSecond * BURST_S,
      answerBytesMax: config.answerLimitBytes,
      executionMs: config.executionLimitMs,
    },
    health,
    ...(instance === undefined ? {} : { instance }),
    operationsApart: config.operations !== undefined,
    registry,
    logger,
    // A secret that was set by hand is for tokens that someone else gives out.
    ...(secret === undefined || config.auth.secret !== undefined || config.production
      ? {}
      : { developmentToken: (user: string) => sign(secret, { sub: user, expiresInSeconds: HOUR_S, ...named }) }),
  });
  const probed = { health, closing: () => false, ...(instance === undefined ? {} : { instance }) };
  return { app, operations: buildOperations(probed, registry, logger) };
}

/** The settings that the transport takes as they are: all that both call alike. */
export const transportOf = ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  trustedProxies,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  addressOperationsPerSecond,
  origins,
}: Config): Pick<TransportConfig, keyof TransportConfig & keyof Config> => ({
  production,
  bodyLimitBytes,
  requestTimeoutMs,
  connectionsMax,
  connectionsPerAddress,
  trustedProxies,
  socketsPerAddress,
  socketsPerUser,
  subscriptionsPerSocket,
  subscriptionsPerUser,
  inFlightPerUser,
  bufferedBytesPerSocket,
  bufferedBytesTotal,
  operationsPerSecond,
  addressOperationsPerSecond,
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
