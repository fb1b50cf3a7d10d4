import { randomBytes } from "node:crypto";
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Registry } from "prom-client";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Tokens } from "./auth.ts";
import { type ContextOf, executor } from "./execution/execute.ts";
import { addHttp } from "./http.ts";
import type { Comings } from "./comings.ts";
import { connections } from "./connections.ts";
import { addIde, type DevelopmentToken } from "./ide.ts";
import { quotas, type TransportConfig } from "./limits.ts";
import { documents, type GivenDocuments } from "./documents.ts";
import { eventStreams } from "./eventStreams.ts";
import { addFiles } from "./files.ts";
import type { FolderDoor } from "../ports/files.ts";
import { addMetrics } from "./metrics.ts";
import { addIncoming, type Incoming } from "./incoming.ts";
import { refuseOtherMethods } from "./otherMethods.ts";
import { addPage } from "./page.ts";
import { addMetricsRoute, addProbes, type Readiness } from "./probes.ts";
import { trustedProxies } from "./proxies.ts";
import { rateLimit } from "./rateLimit.ts";
import { sockets } from "./socket/socket.ts";
import { subscriptions } from "./subscriptions.ts";
import { unchecked } from "./unchecked.ts";

export type AppOptions = {
  schema: GraphQLSchema;
  contextOf: ContextOf;
  /** Fields whose value is the same for every viewer, as `Type.field` of object types (`Message.text`). See `Delivery`. */
  sharedFields?: ReadonlySet<string>;
  tokens: Tokens;
  /** Documents that clients may name by id. */
  documents?: GivenDocuments;
  config: TransportConfig;
  health: () => Awaitable<Readiness>;
  /** See `Probed`. */
  instance?: string;
  /** Whether another listener serves /metrics and the details of /ready (`buildOperations`). */
  operationsApart?: boolean;
  /** Holds the counters of other parts. Those of the process and of the transports are added to it. */
  registry: Registry;
  logger?: FastifyBaseLogger;
  /** Is told which clients are there. */
  comings?: Comings;
  /** Makes tokens for the IDE. Without it the user of the IDE pastes a token. */
  developmentToken?: DevelopmentToken;
  /** The directory of the chat page, as Vite made it. Without it there is none. */
  page?: string | undefined;
  /** Where addresses of files lead to this server, and the path that they begin with. */
  files?: { door: FolderDoor; path: string } | undefined;
  /** Who posts through the address of a webhook. */
  incoming?: Incoming;
  /** An origin beside this server that the chat page puts files to. */
  filesOrigin?: string | undefined;
  /** The content of the IDE's first tab. */
  exampleOperations?: string;
};

/**
 * The whole API as a fastify instance that does not listen yet. `app.close()` first tells the sockets. Then it answers the
 * requests in flight, and it ends within `closeWithinMs`.
 */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { schema, contextOf, sharedFields, tokens, config, health, registry, logger, developmentToken } = options;
  const { instance, operationsApart = false, exampleOperations, comings, page } = options;
  const proxies = trustedProxies(config.trustedProxies);
  const tcp = connections({
    config,
    proxies,
    log: { debug: (...line) => app.log.debug(...line), error: (...line) => app.log.error(...line) },
  });
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    serverFactory: (handler) => tcp.server(handler),
    // A separate logger for every request costs more than some requests do.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    // Of `/hooks/:token`: the name of a hook and its token.
    routerOptions: { maxParamLength: 128 },
    bodyLimit: config.bodyLimitBytes,
    schemaController: unchecked,
    // A server that is closing still answers: /ready says that it closes, and requests in flight are not lost.
    return503OnClosing: false,
  });
  // The fault goes to the log only: it may name files, or the servers that this one uses.
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
  const subscribed = subscriptions(quota, config);
  const shared = {
    executor: executes,
    documents: documents(executes, options.documents),
    subscriptions: subscribed,
    quotas: quota,
    ...{ tokens, rate, proxies, config, correlationId },
    ...(comings && { comings }),
  };
  const ws = sockets({ ...shared, schema, allWaiting: tcp.waiting, log: app.log });
  const streams = eventStreams({ ...shared, connections: tcp });
  tcp.onHandshake(ws.take);
  let closing = false;

  app.decorate("graphql", callsInside(schema));
  addHttp(app, { ...shared, streams, log: app.log });
  addMetrics(registry, { executor: executes, sockets: ws, streams, subscriptions: subscribed, connections: tcp });
  const hasIde = config.ide && !config.production;
  if (hasIde) addIde(app, { developmentToken, operations: exampleOperations, isStart: page === undefined });
  if (page !== undefined)
    await addPage(app, page, { developmentTokens: hasIde && developmentToken !== undefined }, options.filesOrigin);
  if (options.incoming) addIncoming(app, { ...shared, incoming: options.incoming });
  if (options.files) await addFiles(app, { ...options.files, connections: tcp, config });

  addProbes(app, { health, closing: () => closing, ...(instance === undefined ? {} : { instance }) }, !operationsApart);
  if (!operationsApart) addMetricsRoute(app, registry);
  refuseOtherMethods(app, ["/graphql", "/live", "/ready", ...(operationsApart ? [] : ["/metrics"])]);
  let late: NodeJS.Timeout | undefined;
  app.addHook("preClose", async () => {
    closing = true;
    late = setTimeout(() => tcp.endAll(), config.closeWithinMs).unref();
    await Promise.all([ws, streams].map((each) => each.close(config.closeWithinMs / 2)));
    tcp.endIdle();
  });
  app.addHook("onClose", async () => {
    clearTimeout(late);
    tcp.stop();
  });
  return app;
}

/**
 * For calls inside the process (`app.graphql`). Requests from the network go through the executor. mercurius is loaded by the
 * first call, since a server makes none: it takes 3 MiB of objects.
 */
function callsInside(schema: GraphQLSchema): FastifyInstance["graphql"] {
  let inside: Promise<FastifyInstance> | undefined;
  const opened = async (): Promise<FastifyInstance> => {
    const { default: mercurius } = await import("mercurius");
    const app = fastify();
    await app.register(mercurius, { schema, routes: false, subscription: false, graphiql: false, jit: 0 });
    await app.ready();
    return app;
  };
  const call = async (...asked: Parameters<FastifyInstance["graphql"]>) => (await (inside ??= opened())).graphql(...asked);
  return call as FastifyInstance["graphql"];
}

/** Texts that no other process makes: a random beginning and a number. */
function counter(): () => string {
  const beginning = randomBytes(6).toString("base64url");
  let count = 0;
  return () => {
    count += 1;
    return `${beginning}-${count.toString(36)}`;
  };
}
