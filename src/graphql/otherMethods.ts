import type { FastifyInstance, HTTPMethods } from "fastify";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "OPTIONS"];

/** Answers 405 where there is something at the path, but not by that method: to be called once all routes are there. */
export function refuseOtherMethods(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split("?", 1)[0] ?? "";
    const allowed = METHODS.filter((method) => app.hasRoute({ method, url }));
    if (allowed.length === 0) return reply.code(404).send({ error: "there is nothing here" });
    const allow = allowed.join(", ");
    return reply
      .code(405)
      .header("allow", allow)
      .send({ error: `this path takes ${allow}` });
  });
}
