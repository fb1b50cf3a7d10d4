import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Registry } from "prom-client";
import type { Awaitable } from "../ports/awaitable.ts";
import { unchecked } from "./unchecked.ts";

/** Whether a server accepts requests, the state of each part by name, and how far each projection is behind the log's end. */
export type Readiness = {
  ready: boolean;
  components: Readonly<Record<string, { ready: boolean; kind?: string; version?: string; detail?: string }>>;
  /** `behind`: a number of events, or why they were not counted. `progress`: the part that is built, 0 to 1. */
  projections?: Readonly<Record<string, { state: string; behind: number | string; progress?: number }>>;
};

export type Probed = {
  health: () => Awaitable<Readiness>;
  closing: () => boolean;
  /** A text that no other process has. It tells whether the answer comes from the expected process. */
  instance?: string;
};

/**
 * Adds `/live` and `/ready`. `/live`: the process answers; a container is restarted by it. `/ready`: requests may be sent
 * here; a load balancer uses it. A server that projects old events or waits for its log is live but not ready. `details`:
 * whether /ready also shows the state of each part.
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
 * The routes for operators only, as a separate instance that does not listen yet: `/live`, `/ready` with its details,
 * `/metrics`.
 */
export function buildOperations(probed: Probed, registry: Registry, logger?: FastifyBaseLogger): FastifyInstance {
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    schemaController: unchecked,
  });
  addProbes(app, probed, true);
  addMetricsRoute(app, registry);
  app.server.on("listening", () =>
    app.server.on("error", (err) => app.log.error({ err }, "a connection for operators could not be taken")),
  );
  return app;
}

/** If the check itself fails, the server is not ready. */
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
