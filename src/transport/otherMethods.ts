import type { FastifyInstance, HTTPMethods } from "fastify";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "OPTIONS"];

/**
 * At these paths, answers 405 to methods that they do not accept, and names those that they do. Every other path is 404 with
 * any method. Call it after all routes are added.
 */
export function refuseOtherMethods(app: FastifyInstance, paths: readonly string[]): void {
  app.setNotFoundHandler((request, reply) => {
    const { method, url } = request;
    const path = url.split("?", 1)[0] ?? "";
    const allowed = paths.includes(path) ? METHODS.filter((each) => app.hasRoute({ method: each, url: path })).join(", ") : "";
    if (allowed === "")
      return reply.code(404).send({ statusCode: 404, error: "Not Found", message: `Route ${method}:${url} not found` });
    return reply
      .code(405)
      .header("allow", allowed)
      .send({ statusCode: 405, error: "Method Not Allowed", message: `${path} takes ${allowed}` });
  });
}
