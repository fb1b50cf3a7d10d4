import { existsSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";

/** What people open in a browser. The server gives the same file for all of these: what it shows there is for the page itself. */
const PAGES = ["/", "/c/:conversation", "/c/:conversation/:seq", "/people", "/search", "/code/:text", "/me"];
const FILE = "index.html";
/** What is pushed to a browser is shown by it. Its name stays: a browser asks at this path whether there is a newer one. */
const WORKER = "worker.js";
/** It loads nothing, and asks nobody. */
const WORKER_POLICY = "default-src 'none'; frame-ancestors 'none'";
const YEAR_S = 31_536_000;

/**
 * The page runs only what this server gives it, and speaks with this server alone, and with what keeps files for it. Pictures,
 * sound and films that people send are wherever their addresses say.
 */
const policy = (filesOrigin: string | undefined): string =>
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; font-src 'self'; manifest-src 'self'; " +
  `connect-src 'self'${filesOrigin === undefined ? "" : ` ${filesOrigin}`}; ` +
  "img-src 'self' https: http: data:; media-src https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const headersWith = (filesOrigin: string | undefined) => ({
  "content-security-policy": policy(filesOrigin),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
});

/**
 * Adds the chat page at `/`, its worker, and what it loads at `/assets`: `directory` is what Vite made. The names of the assets
 * change with their content, so browsers keep them for a year. Each file has a compressed form beside it, and is sent so where
 * the browser can read it. No other path is touched. Where the page was not built, `/` says so. `filesOrigin`: what keeps files,
 * if it is not this server.
 */
export async function addPage(
  app: FastifyInstance,
  directory: string,
  settings: { developmentTokens: boolean },
  filesOrigin?: string,
): Promise<void> {
  const headers = headersWith(filesOrigin);
  if (!existsSync(join(directory, FILE))) {
    app.get("/", (_request, reply) => reply.code(404).send({ error: "the page is not built: run `npm run build`" }));
    return;
  }
  // Loaded only now: a server without the page needs none of it in its memory.
  const { default: fastifyStatic } = await import("@fastify/static");
  await app.register(fastifyStatic, {
    root: join(directory, "assets"),
    prefix: "/assets/",
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: YEAR_S * 1_000,
    setHeaders(reply) {
      for (const [name, value] of Object.entries({ ...headers, vary: "accept-encoding" })) void reply.setHeader(name, value);
    },
  });
  for (const path of PAGES)
    app.get(path, (_request, reply) =>
      reply.headers({ ...headers, "cache-control": "no-cache" }).sendFile(FILE, directory, { cacheControl: false }),
    );
  app.get(`/${WORKER}`, (_request, reply) =>
    reply
      .headers({ ...headers, "content-security-policy": WORKER_POLICY, "cache-control": "no-cache" })
      .sendFile(WORKER, directory, { cacheControl: false }),
  );
  app.get("/page.json", (_request, reply) => reply.header("cache-control", "no-store").send(settings));
}
