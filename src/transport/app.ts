import { randomBytes } from "node:crypto";
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from "fastify";
import type { GraphQLSchema } from "graphql";
import mercurius from "mercurius";
import type { Registry } from "prom-client";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Tokens } from "./auth.ts";
import { type ContextOf, executor } from "./execution/execute.ts";
import { addHttp } from "./http.ts";
import { connections } from "./connections.ts";
import { addIde, type DevelopmentToken } from "./ide.ts";
import { quotas, type TransportConfig } from "./limits.ts";
import { addMetrics } from "./metrics.ts";
import { refuseOtherMethods } from "./otherMethods.ts";
import { addMetricsRoute, addProbes, type Readiness } from "./probes.ts";
import { trustedProxies } from "./proxies.ts";
import { rateLimit } from "./rateLimit.ts";
import { sockets } from "./socket/socket.ts";

export type AppOptions = {
  schema: GraphQLSchema;
  contextOf: ContextOf;
  /** Fields whose value does not depend on who looks, by the names of object types (`Message.text`): see `Delivery`. */
  sharedFields?: ReadonlySet<string>;
  tokens: Tokens;
  config: TransportConfig;
  health: () => Awaitable<Readiness>;
  /** See `Probed`. */
  instance?: string;
  /** Whether /metrics and the details of /ready are elsewhere (`buildOperations`). */
  operationsApart?: boolean;
  /** Holds what others count; the process and the transports are added to it. */
  registry: Registry;
  logger?: FastifyBaseLogger;
  /** Makes the IDE's tokens; without it one pastes one's own. */
  developmentToken?: DevelopmentToken;
  /** What the IDE's first tab holds. */
  exampleOperations?: string;
};

/**
 * The whole API as a fastify instance that does not listen yet. `app.close()` tells the sockets, answers what is in flight
 * and ends in time.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { schema, contextOf, sharedFields, tokens, config, health, registry, logger, developmentToken } = options;
  const { instance, operationsApart = false, exampleOperations } = options;
  const proxies = trustedProxies(config.trustedProxies);
  const tcp = connections({
    config,
    proxies,
    log: { debug: (...line) => app.log.debug(...line), error: (...line) => app.log.error(...line) },
  });
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    serverFactory: (handler) => tcp.server(handler),
    // A logger of its own for every request costs more than some requests do.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    bodyLimit: config.bodyLimitBytes,
    // Who is closing still answers: /ready says so, and requests in flight are not lost.
    return503OnClosing: false,
  });
  // What went wrong here is for the log alone: it may name files, or servers behind.
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if ((error.statusCode ?? 500) < 500) return reply.send(error);
    app.log.error({ err: error }, "a request failed");
    return reply.code(500).send({ error: "a fault of the server" });
  });
  const correlationId = counter();
  const rate = rateLimit(config);
  const executes = executor({
    schema,
    contextOf,
    ...(sharedFields === undefined ? {} : { sharedFields }),
    limits: config,
    rate,
    log: app.log,
  });
  const quota = quotas(config);
  const shared = { executor: executes, tokens, rate, quotas: quota, proxies, config, correlationId };
  const ws = sockets({ ...shared, schema, allWaiting: tcp.waiting, log: app.log });
  tcp.onHandshake(ws.take);
  let closing = false;

  // Holds the schema for calls inside the process (`app.graphql`); what comes over the network goes through the executor.
  await app.register(mercurius, { schema, routes: false, subscription: false, graphiql: false, jit: 0 });
  addHttp(app, { ...shared, log: app.log });
  addMetrics(registry, { executor: executes, sockets: ws, connections: tcp });
  if (config.ide && !config.production) addIde(app, developmentToken, exampleOperations);

  addProbes(app, { health, closing: () => closing, ...(instance === undefined ? {} : { instance }) }, !operationsApart);
  if (!operationsApart) addMetricsRoute(app, registry);
  refuseOtherMethods(app, ["/graphql", "/live", "/ready", ...(operationsApart ? [] : ["/metrics"])]);
  let late: NodeJS.Timeout | undefined;
  app.addHook("preClose", async () => {
    closing = true;
    late = setTimeout(() => tcp.endAll(), config.closeWithinMs).unref();
    await ws.close(config.closeWithinMs / 2);
    tcp.endIdle();
  });
  app.addHook("onClose", async () => {
    clearTimeout(late);
    tcp.stop();
  });
  return app;
}

/** Texts that no other process gives: a random beginning and a number. */
function counter(): () => string {
  const beginning = randomBytes(6).toString("base64url");
  let count = 0;
  return () => {
    count += 1;
    return `${beginning}-${count.toString(36)}`;
  };
}
