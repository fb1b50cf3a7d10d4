import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Registry } from "prom-client";
import type { Awaitable } from "../ports/awaitable.ts";

/**
 * Whether a server may be sent requests, how each of its parts is, by its name, and how far behind the log's end each
 * projection.
 */
export type Readiness = {
  ready: boolean;
  components: Readonly<Record<string, { ready: boolean; kind?: string; version?: string; detail?: string }>>;
  /** `behind`: events, or why they were not counted. `progress`: of what is built, 0 to 1. */
  projections?: Readonly<Record<string, { state: string; behind: number | string; progress?: number }>>;
};

export type Probed = {
  health: () => Awaitable<Readiness>;
  closing: () => boolean;
  /** A text that no other process has, by which who looks for this one knows it. */
  instance?: string;
};

/**
 * Adds `/live` (the process answers: what a container is kept or started anew by) and `/ready` (requests may be sent here:
 * what balances load goes by). A server that folds, or waits for its log, is alive and not ready. `details`: whether /ready
 * says of each part how it is.
 */
export function addProbes(app: FastifyInstance, { health, closing, instance }: Probed, details: boolean): void {
  app.get("/live", (_request, reply) => reply.send({ live: true, ...(instance === undefined ? {} : { instance }) }));
  app.get("/ready", async (_request, reply) => {
    const { ready, components, projections } = await asked(health);
    const serves = ready && !closing();
    const all = details ? { ...(closing() ? { closing: true } : {}), components, projections } : {};
    return reply.code(serves ? 200 : 503).send({ ready: serves, ...all });
  });
}

export function addMetricsRoute(app: FastifyInstance, registry: Registry): void {
  app.get("/metrics", async (_request, reply) => {
    const text = await registry.metrics();
    return reply.header("content-type", registry.contentType).send(text);
  });
}

/**
 * What operators alone reach, as an instance of its own that does not listen yet: `/live`, `/ready` with its details,
 * `/metrics`.
 */
export function buildOperations(probed: Probed, registry: Registry, logger?: FastifyBaseLogger): FastifyInstance {
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  addProbes(app, probed, true);
  addMetricsRoute(app, registry);
  app.server.on("listening", () =>
    app.server.on("error", (err) => app.log.error({ err }, "a connection for operators could not be taken")),
  );
  return app;
}

/** A part that cannot even be asked is not ready. */
async function asked(health: Probed["health"]): Promise<Readiness> {
  try {
    return await health();
  } catch (fault) {
    return {
      ready: false,
      components: { health: { ready: false, detail: fault instanceof Error ? fault.message : String(fault) } },
    };
  }
}
