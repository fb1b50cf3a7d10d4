import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { buildOperations } from "../transport/probes.ts";
import { readinessOf } from "./api.ts";
import { serverMetrics } from "./metrics.ts";
import type { Part } from "./part.ts";
import { processMetrics } from "./processMetrics.ts";

/** What operators reach of a part. It does not listen yet. */
export function buildPart(part: Part, logger: FastifyBaseLogger): FastifyInstance {
  const registry = new Registry();
  processMetrics(registry, () => []);
  serverMetrics(registry, {
    ...part,
    failed: (err, metric) => logger.error({ err, metric }, "a metric could not be read"),
  });
  return buildOperations({ health: () => readinessOf(part), closing: () => false }, registry, logger);
}
