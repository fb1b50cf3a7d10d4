import { request as httpRequest } from "node:http";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { buildApp, type Health } from "../../../src/graphql/app.ts";
import { sign, tokens } from "../../../src/graphql/auth.ts";
import { transportDefaults } from "../../../src/graphql/limits.ts";
import { until } from "../../support/until.ts";
import { admitted, contextOf, running, SECRET, world } from "./support.ts";

const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const developmentToken = (user: string) => sign(SECRET, { sub: user, expiresInSeconds: 60 });

test("the app tells whether it lives and is ready, and of what is away", async () => {
  let health: Health = { ready: true, components: { log: { ready: true }, views: { ready: true } } };
  await using server = await running({}, { health: () => health });
  const at = (path: string) => get(`http://127.0.0.1:${server.port}${path}`);
  expect(await (await at("/live")).json()).toEqual({ live: true });
  expect(await (await at("/ready")).json()).toEqual({
    ready: true,
    components: { log: { ready: true }, views: { ready: true } },
  });
  health = { ready: false, components: { log: { ready: true }, views: { ready: false, detail: "behind" } } };
  const unready = await at("/ready");
  expect([unready.status, await unready.json()]).toEqual([503, { ready: false, components: health.components }]);
  await using broken = await running({}, { health: () => Promise.reject(new Error("no answer")) });
  const unknown = await get(`http://127.0.0.1:${broken.port}/ready`);
  expect([unknown.status, await unknown.json()]).toMatchObject([
    503,
    { ready: false, components: { health: { detail: "no answer" } } },
  ]);
});

test("metrics count sockets, operations and errors", async () => {
  await using server = await running();
  const client = await admitted(server);
  await server.ask("{ hello refused }");
  const text = await (await get(`http://127.0.0.1:${server.port}/metrics`)).text();
  expect(text).toMatch(/^tidings_sockets 1$/m);
  expect(text).toMatch(/^tidings_operations_total\{kind="query"\} 1$/m);
  expect(text).toMatch(/^tidings_errors_total\{code="CONFLICT"\} 1$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  client.close();
});

test("calls inside the process go through the same schema", async () => {
  const { schema } = world();
  const app = await buildApp({
    schema,
    contextOf,
    tokens: tokens({ secret: SECRET }),
    config: transportDefaults,
    health: () => ({ ready: true, components: {} }),
    registry: new Registry(),
  });
  expect(await app.graphql("{ hello }")).toEqual({ data: { hello: "hello world" } });
  await app.close();
});

test("while it closes it says so, and answers what is in flight", async () => {
  const server = await running({ closeWithinMs: 2_000 });
  // A socket that does not say farewell keeps the app closing for a while.
  const deaf = await admitted(server);
  deaf.socket.pause();
  const query = server.ask("query Q { later(value: 7) }");
  const { app, port } = server;
  await until("the query arrived", async () => (await server.registry.metrics()).includes('kind="query"'));
  const closing = app.close();
  const ready = await until("it says so", async () => {
    const response = await get(`http://127.0.0.1:${port}/ready`);
    return response.status === 503 ? response : undefined;
  });
  expect(await ready.json()).toMatchObject({ ready: false, closing: true });
  expect(await query).toEqual({ data: { later: 7 } });
  deaf.socket.terminate();
  await closing;
  await expect(get(`http://127.0.0.1:${port}/live`)).rejects.toThrow();
});

test("closing ends in time though a request never does", async () => {
  const server = await running({ closeWithinMs: 300 });
  const endless = server.ask("{ never }").catch(() => "cut off");
  await until("it arrived", async () => /kind="query"\} 1/.test(await server.registry.metrics()));
  await server.app.close();
  expect(await endless).toBe("cut off");
});

test("GraphiQL comes in development with all that it needs from this server", async () => {
  await using server = await running({ ide: true }, { developmentToken });
  const base = `http://127.0.0.1:${server.port}`;
  const page = await get(`${base}/graphiql`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  const html = await page.text();
  expect(html).not.toMatch(/https?:\/\//);
  const parts = [...html.matchAll(/(?:src|href)="(\/graphiql[^"]*)"/g)].map(([, path]) => path ?? "");
  expect(parts).toHaveLength(5);
  for (const path of parts) expect((await get(base + path)).status, path).toBe(200);
  const script = await (await get(`${base}/graphiql/ide.js`)).text();
  const client = /from "(\/graphiql\/assets\/graphql-ws\.js)"/.exec(script)?.[1];
  const module = await (await get(base + (client ?? ""))).text();
  for (const [, chunk] of module.matchAll(/from '\.\/([^']+)'/g))
    expect((await get(`${base}/graphiql/assets/${chunk}`)).status).toBe(200);
  for (const path of ["x.js", "..%2f..%2fpackage.json", "common-..js"])
    expect((await get(`${base}/graphiql/assets/${path}`)).status, path).toBe(404);

  await using production = await running({ production: true, ide: true }, { developmentToken });
  expect((await get(`http://127.0.0.1:${production.port}/graphiql`)).status).toBe(404);
});

test("development tokens are for browsers on this machine and pages of this server", async () => {
  await using server = await running({ ide: true }, { developmentToken });
  const ask = (headers: Record<string, string>, user = "ann") =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const request = httpRequest(
        `http://127.0.0.1:${server.port}/graphiql/token`,
        { method: "POST", headers: { "content-type": "application/json", ...headers } },
        (response) => {
          let body = "";
          response.on("data", (part: Buffer) => (body += part.toString()));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      request.on("error", reject);
      request.end(JSON.stringify({ user }));
    });
  const here = `http://127.0.0.1:${server.port}`;
  const { status, body } = await ask({ origin: here });
  expect(status).toBe(200);
  const { token } = JSON.parse(body) as { token: string };
  expect(await (await server.post({ query: "{ viewer { id } }" }, { authorization: `Bearer ${token}` })).json()).toEqual({
    data: { viewer: { id: "ann" } },
  });
  expect((await ask({})).status).toBe(200);
  const refused: Record<string, string>[] = [
    { origin: "https://evil.example.org" },
    { origin: "null" },
    { host: "evil.example.org" },
    { host: `rebound.example.org:${server.port}`, origin: `http://rebound.example.org:${server.port}` },
    { "x-forwarded-for": "10.0.0.7" },
  ];
  for (const headers of refused) expect((await ask(headers)).status, JSON.stringify(headers)).toBe(403);
  expect((await ask({ "content-type": "text/plain" })).status).toBe(415);
  expect((await ask({}, "no:user")).status).toBe(400);
});
