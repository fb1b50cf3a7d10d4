import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { buildApp } from "../../../src/transport/app.ts";
import { readUserId } from "../../../src/domain/ids.ts";
import type { Readiness } from "../../../src/transport/probes.ts";
import { sign, tokens } from "../../../src/transport/auth.ts";
import { transportDefaults } from "../../../src/transport/limits.ts";
import { until } from "../../support/until.ts";
import { raw as rawly, request } from "./raw.ts";
import { admitted } from "../../support/rawClient.ts";
import { type Running, running, SECRET } from "../../support/runningApp.ts";
import { contextOf, smallApi } from "../../support/smallApi.ts";

const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const developmentToken = async (name: unknown) => {
  const user = readUserId(name);
  return "fault" in user ? user : { token: await sign(SECRET, { sub: user.id, expiresInSeconds: 60 }) };
};

test("the app tells whether it lives and is ready, and of what is away", async () => {
  let health: Readiness = { ready: true, components: { log: { ready: true }, views: { ready: true } } };
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
  const { schema } = smallApi();
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

test.each([
  ["says nothing", ""],
  ["has had its answer", request("GET /live HTTP/1.1", {})],
  ["has sent half a head", "GET /live HTTP/1.1\r\n"],
  [
    "has sent half a body",
    request("POST /graphql HTTP/1.1", { "Content-Type": "application/json", "Content-Length": "99" }, "{"),
  ],
])("a connection that %s does not delay the end", async (_what, text) => {
  // Longer than the test is waited for.
  const server = await running({ closeWithinMs: 300_000, requestTimeoutMs: 300_000 });
  const client = await rawly(server.port);
  client.write(text);
  if (text.startsWith("GET /live HTTP/1.1\r\nHost")) await client.says('{"live":true}');
  await server.app.close();
  await client.ended;
});

test("what is there by another method is 405, and says which; what is not there is 404", async () => {
  await using server = await running();
  const at = (method: string, path: string) => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  for (const method of ["PUT", "DELETE", "PATCH", "HEAD", "PROPFIND"]) {
    const answer = await at(method, "/graphql?query={hello}");
    expect([answer.status, answer.headers.get("allow")], method).toEqual([405, "GET, POST, OPTIONS"]);
  }
  for (const path of ["/live", "/ready", "/metrics"]) {
    const answer = await at("PUT", path);
    expect([answer.status, answer.headers.get("allow")], path).toEqual([405, "GET, HEAD"]);
  }
  for (const path of ["/", "/graphql/", "/other", "/%", "//"])
    expect((await at("PUT", path)).status, path).toBeGreaterThanOrEqual(400);
  expect((await at("PUT", "/other")).status).toBe(404);
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

  const start = await fetch(`${base}/`, { redirect: "manual" });
  expect([start.status, start.headers.get("location")]).toEqual([302, "/graphiql"]);

  await using production = await running({ production: true, ide: true }, { developmentToken });
  for (const path of ["/graphiql", "/"]) expect((await get(`http://127.0.0.1:${production.port}${path}`)).status, path).toBe(404);
});

describe("development tokens", () => {
  type Asked = { headers?: Record<string, string>; user?: string; method?: string; path?: string };
  const ask = (server: Running, { headers = {}, user = "ann", method = "POST", path = "/graphiql/token" }: Asked = {}) =>
    new Promise<{ status: number; body: string; headers: object }>((resolve, reject) => {
      const request = httpRequest(
        `http://127.0.0.1:${server.port}${path}`,
        { method, headers: { "content-type": "application/json", ...headers } },
        (response) => {
          let body = "";
          response.on("data", (part: Buffer) => (body += part.toString()));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
        },
      );
      request.on("error", reject);
      request.end(JSON.stringify({ user }));
    });

  test("are for browsers on this machine and pages of this server", async () => {
    await using server = await running({ ide: true }, { developmentToken });
    const here = `http://127.0.0.1:${server.port}`;
    const { status, body } = await ask(server, { headers: { origin: here, "sec-fetch-site": "same-origin" } });
    expect(status).toBe(200);
    const { token } = JSON.parse(body) as { token: string };
    expect(await (await server.post({ query: "{ viewer { id } }" }, { authorization: `Bearer ${token}` })).json()).toEqual({
      data: { viewer: { id: "ann" } },
    });
    for (const host of ["127.0.0.1", "localhost", "[::1]", "LocalHost"])
      expect((await ask(server, { headers: { host: `${host}:${server.port}` } })).status, host).toBe(200);
    expect((await ask(server, { headers: { "content-type": "text/plain" } })).status).toBe(415);
    expect((await ask(server, { user: "" })).status).toBe(400);
    expect(await (await get(`${here}/graphiql/ide.js`)).text()).toContain("makesTokens = true");
  });

  const strangers: Record<string, Record<string, string>> = {
    "a page of another origin": { origin: "https://evil.example.org" },
    "a page of no origin": { origin: "null" },
    "a page of another server of this machine": { origin: "http://127.0.0.1:3000" },
    "a page that was fetched over TLS": { origin: "https://127.0.0.1:PORT" },
    "a page that says no origin but is another": { "sec-fetch-site": "cross-site" },
    "a page of another port": { "sec-fetch-site": "same-site" },
    "another host": { host: "evil.example.org" },
    "a name that was made to lead here": { host: "rebound.example.org:PORT", origin: "http://rebound.example.org:PORT" },
    "a name that begins like this machine's": { host: "localhost.example.org:PORT" },
    "an address that begins like this machine's": { host: "127.0.0.1.example.org" },
    ...Object.fromEntries(
      [
        ...["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server", "x-real-ip", "via"],
        ...["x-client-ip", "x-original-forwarded-for", "x-cluster-client-ip", "cf-connecting-ip", "cdn-loop", "true-client-ip"],
        ...["fastly-client-ip", "fly-client-ip", "max-forwards", "x-request-id", "x-amzn-trace-id", "traceparent"],
        ...["x-envoy-external-address", "x-of-a-proxy-that-nobody-knows", "proxy-authorization"],
      ].map((name) => [`a proxy (${name})`, { [name]: "10.0.0.7" }]),
    ),
  };

  test.each([
    ["no proxy is trusted", []],
    ["the proxy is trusted", ["loopback"]],
  ])(
    "do not exist for anyone else: it is as a path that there is not, whatever is sent, where %s",
    async (_where, trustedProxies) => {
      await using server = await running({ ide: true, trustedProxies }, { developmentToken });
      const told = async (asked: Asked) => {
        const { status, body, headers } = await ask(server, asked);
        return { status, body: body.replaceAll("nowhere", "token"), headers: { ...headers, date: "", "content-length": "" } };
      };
      for (const [who, given] of Object.entries(strangers)) {
        const headers = Object.fromEntries(
          Object.entries(given).map(([name, value]) => [name, value.replace("PORT", String(server.port))]),
        );
        const nowhere = await told({ headers, path: "/graphiql/nowhere" });
        expect(nowhere.status, who).toBe(404);
        expect(await told({ headers }), who).toEqual(nowhere);
        expect(await told({ headers, user: "" }), who).toEqual(nowhere);
        expect(await told({ headers: { ...headers, "content-type": "text/plain" } }), who).toEqual(nowhere);
      }
    },
  );

  test("are not for a proxy that names itself nowhere and asks as proxies do by default", async () => {
    await using server = await running({ ide: true }, { developmentToken });
    const body = '{"user":"ann"}';
    const answer = await raw(
      server.port,
      `POST /graphiql/token HTTP/1.0\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("are made nowhere where there is nothing to make them with", async () => {
    await using server = await running({ ide: true });
    const { status, body } = await ask(server);
    expect([status, JSON.parse(body)]).toMatchObject([404, { message: "Route POST:/graphiql/token not found" }]);
    const script = await get(`http://127.0.0.1:${server.port}/graphiql/ide.js`);
    expect(await script.text()).toContain("makesTokens = false");
  });
});

/** What a server answers to bytes, until it ends the connection. */
const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = "";
    connect(port, "127.0.0.1", function (this: Socket) {
      this.end(bytes);
    })
      .setEncoding("utf8")
      .on("data", (part: string) => (answer += part))
      .on("end", () => resolve(answer))
      .on("error", reject);
  });

test("what goes wrong beside the API is for the log: clients are told no path of the machine", async () => {
  const secretPath = "/srv/tidings/data/log.sqlite";
  const fault = Object.assign(new Error(`ENOENT: no such file or directory, open '${secretPath}'`), { code: "ENOENT" });
  await using server = await running({ ide: true }, { developmentToken: () => Promise.reject(fault) });
  const response = await fetch(`http://127.0.0.1:${server.port}/graphiql/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"user":"ann"}',
  });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).not.toContain("srv");
  expect(text).not.toContain("ENOENT");
  expect(server.faults).toMatchObject([{ level: "error", fields: { err: fault } }]);
});
