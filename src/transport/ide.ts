import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isLoopbackName } from "./origins.ts";
import { idePage, ideScript } from "./idePage.ts";

/** Makes a short-lived token for the named user, or says what is wrong with the name. For development only. */
export type DevelopmentToken = (name: unknown) => Promise<{ token: string } | { fault: string }>;

const PATH = "/graphiql";

/** The files that the page loads, and their packages. The page needs no network but the one to this server. */
const ASSETS = [
  { name: "react.js", from: "react-18/package.json", file: "umd/react.production.min.js" },
  { name: "react-dom.js", from: "react-dom-18/package.json", file: "umd/react-dom.production.min.js" },
  { name: "graphiql.js", from: "graphiql/package.json", file: "graphiql.min.js" },
  { name: "graphiql.css", from: "graphiql/package.json", file: "graphiql.min.css" },
] as const;

const TYPES: Record<string, string> = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** The page's default content: an operation that works with any schema. */
const SOME_OPERATION = "{\n  __typename\n}\n";

/** `operations`: the content of its first tab. `isStart`: `/` redirects to it. */
type Ide = { developmentToken: DevelopmentToken | undefined; operations: string | undefined; isStart: boolean };

/**
 * Adds GraphiQL at /graphiql. The page acts as any user that one names. Only a browser on this machine gets tokens for that.
 * Not for production: the caller must see to that. If the development packages are not installed, /graphiql says so.
 */
export function addIde(app: FastifyInstance, { developmentToken, operations = SOME_OPERATION, isStart }: Ide): void {
  if (isStart) app.get("/", (_request, reply) => reply.redirect(PATH));
  const require = createRequire(import.meta.url);
  const assets = new Map<string, string>();
  try {
    for (const { name, from, file } of ASSETS) assets.set(name, join(dirname(require.resolve(from)), file));
    assets.set("graphql-ws.js", join(dirname(require.resolve("graphql-ws/package.json")), "dist", "client.js"));
  } catch {
    app.get(PATH, (_request, reply) =>
      reply.code(404).send({ error: "GraphiQL is not installed: run `npm install` without --omit=dev" }),
    );
    return;
  }
  const wsDir = dirname(assets.get("graphql-ws.js") ?? "");

  app.get(PATH, (_request, reply) => secured(reply).header("content-type", "text/html; charset=utf-8").send(idePage));
  app.get(`${PATH}/ide.js`, (request, reply) =>
    secured(reply)
      .header("content-type", TYPES["js"])
      .send(ideScript(developmentToken !== undefined && isLocal(request), operations)),
  );
  app.get<{ Params: { name: string } }>(`${PATH}/assets/:name`, async ({ params: { name } }, reply) => {
    const chunk = /^common-[\w-]+\.js$/.test(name) && existsSync(join(wsDir, name)) ? join(wsDir, name) : undefined;
    const file = assets.get(name) ?? chunk;
    if (file === undefined) return reply.code(404).send({ error: "there is no such file" });
    const bytes = await readFile(file);
    const etag = `"${createHash("sha1").update(bytes).digest("base64url")}"`;
    return secured(reply)
      .header("content-type", TYPES[name.split(".").at(-1) ?? ""])
      .header("etag", etag)
      .send(bytes);
  });
  if (developmentToken === undefined) return;

  app.post(
    `${PATH}/token`,
    {
      // Before the body is read. For a request from another machine this path does not exist, whatever its body.
      onRequest: (request, reply, done) => (isLocal(request) ? done() : void reply.callNotFound()),
    },
    async (request, reply) => {
      void reply.header("cache-control", "no-store");
      const made = await developmentToken(userIn(request.body));
      return "fault" in made ? reply.code(400).send({ error: made.fault }) : reply.send(made);
    },
  );
}

/**
 * The headers that browsers and tools like curl send by themselves. Each proxy adds others (`Forwarded`, `X-Forwarded-For`,
 * `Via`, `CF-Connecting-IP`, …), so a request with any other header may have come through a proxy.
 */
const OWN_HEADERS =
  /^(host|connection|content-length|content-type|transfer-encoding|accept|accept-(charset|encoding|language)|user-agent|origin|referer|cookie|authorization|cache-control|pragma|priority|dnt|sec-[a-z-]+|if-(match|none-match|modified-since)|te|upgrade-insecure-requests)$/;

/**
 * Whether a request comes from this machine and from a page of this server. Its address must be a loopback address, without a
 * proxy in between. Its host must be a loopback name, since no other site can make such a name lead here. Its origin must be
 * this server's.
 */
function isLocal({ raw, headers }: FastifyRequest): boolean {
  const { host = "", origin } = headers;
  // Many proxies ask with HTTP/1.0 by default. Browsers do not.
  if (raw.httpVersion !== "1.1") return false;
  if (!Object.keys(headers).every((name) => OWN_HEADERS.test(name))) return false;
  if (!/^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(raw.socket.remoteAddress ?? "")) return false;
  if (!isLoopbackName(host.replace(/:\d+$/, ""))) return false;
  if (!["same-origin", "none", undefined].includes(headers["sec-fetch-site"])) return false;
  return origin === undefined || origin === `http://${host}`;
}

function userIn(body: unknown): unknown {
  try {
    return (JSON.parse(String(body)) as { user?: unknown } | null)?.user;
  } catch {
    return undefined;
  }
}

/** The page loads nothing from elsewhere, and no other page can frame it. GraphiQL's editor needs inline styles. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function secured(reply: FastifyReply): FastifyReply {
  return reply
    .header("content-security-policy", POLICY)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "no-cache");
}
