import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { serverAudits } from "graphql-http";
import { expect, it, test } from "vitest";
import { until } from "../../support/until.ts";
import { raw, request } from "./raw.ts";
import { containing } from "../../support/matchers.ts";
import { running } from "../../support/runningApp.ts";

const RESPONSE_JSON = "application/graphql-response+json";

test("every audit of GraphQL over HTTP is passed", async () => {
  await using server = await running();
  const authorization = `Bearer ${await server.token("ann")}`;
  const fetchFn = (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", authorization);
    return fetch(url, { ...init, headers });
  };
  const results = await Promise.all(serverAudits({ url: server.http, fetchFn }).map((audit) => audit.fn()));
  expect(results.filter(({ status }) => status !== "ok")).toEqual([]);
  expect(results).toHaveLength(61);
});

test("queries go by POST and GET, mutations by POST only", async () => {
  await using server = await running();
  expect(await server.ask("query Q($n: String) { hello(name: $n) }", { n: "bob" })).toEqual({ data: { hello: "hello bob" } });
  const get = (parameters: Record<string, string>) =>
    server
      .token("ann")
      .then((token) =>
        fetch(`${server.http}?${new URLSearchParams(parameters).toString()}`, { headers: { authorization: `Bearer ${token}` } }),
      );
  const answer = await get({ query: "query Q($n: String) { hello(name: $n) }", variables: '{"n":"carol"}' });
  expect([answer.status, await answer.json()]).toEqual([200, { data: { hello: "hello carol" } }]);

  const mutation = await get({ query: "mutation { step(value: 1) }" });
  expect([mutation.status, mutation.headers.get("allow")]).toEqual([405, "POST"]);
  expect(server.steps).toEqual([]);
  expect(((await mutation.json()) as { errors: object[] }).errors[0]).toMatchObject({ extensions: { code: "BAD_INPUT" } });

  const subscription = await server.post({ query: "subscription { count(to: 1) }" });
  expect([subscription.status, await subscription.text()]).toEqual([400, containing("WebSocket")]);
});

test.each([
  ["no JSON", "{", 400, "not JSON"],
  ["a list", [{ query: "{ hello }" }], 400, "send one operation in a request"],
  ["null", "null", 400, "JSON object"],
  ["no query", {}, 400, "query"],
  ["variables that are no object", { query: "{ hello }", variables: [1] }, 400, "variables"],
  ["an operation's name that is no text", { query: "{ hello }", operationName: 1 }, 400, "operationName"],
  ["nothing", "", 400, "JSON object"],
])("a body of %s is refused", async (_name, body, status, message) => {
  await using server = await running();
  const response = await server.post(body === "" ? " " : body);
  expect(response.status).toBe(status);
  const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
  if (body !== "") expect(errors[0]?.message).toContain(message);
  expect(errors[0]?.extensions).toMatchObject({ code: "BAD_INPUT" });
});

test("a body that is too large or of another type is refused with what to do", async () => {
  await using server = await running({ bodyLimitBytes: 2_000 });
  const large = await server.post({ query: "{ hello }", variables: { text: "x".repeat(2_000) } });
  expect([large.status, large.headers.get("content-type")]).toEqual([413, "application/json; charset=utf-8"]);
  expect(await large.json()).toMatchObject({
    errors: [{ message: "a request has at most 2000 bytes", extensions: { code: "BAD_INPUT" } }],
  });

  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const other = await server.post(JSON.stringify({ query: "mutation { step(value: 1) }" }), { "content-type": type });
    expect(other.status).toBe(415);
    expect(await other.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_INPUT" } }] });
  }
  expect(server.steps).toEqual([]);
});

test.each(["gzip", "br", "deflate, gzip", "GZIP"])("a body in the coding %s is 415, and says what is taken", async (coding) => {
  await using server = await running();
  const response = await server.post(gzipSync(JSON.stringify({ query: "{ hello }" })), { "content-encoding": coding });
  expect([response.status, response.headers.get("accept-encoding")]).toEqual([415, "identity"]);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_INPUT" } }] });
  expect((await server.post({ query: "{ hello }" }, { "content-encoding": "identity" })).status).toBe(200);
});

test("a client that gives up its upload is no fault of the server", async () => {
  await using server = await running();
  const sockets: Socket[] = [];
  server.app.server.on("connection", (socket: Socket) => sockets.push(socket));
  const text = request("POST /graphql HTTP/1.1", { "Content-Type": "application/json", "Content-Length": "9999" }, '{"query":');
  for (const leave of ["destroy", "resetAndDestroy", "end"] as const) {
    const client = await raw(server.port);
    client.write(text);
    await until("it arrived", () => (sockets.at(-1)?.bytesRead ?? 0) >= text.length);
    client.socket[leave]();
    await until("it is gone", () => sockets.at(-1)?.destroyed);
    client.socket.destroy();
  }
  // What is told of it is told by now.
  expect(await server.ask("{ hello }")).toEqual({ data: { hello: "hello world" } });
  expect(server.faults).toEqual([]);
  expect(await server.registry.metrics()).toMatch(/^tidings_errors_total\{code="INTERNAL"\} 0$/m);
});

test("answers come in the type that is preferred", async () => {
  await using server = await running();
  const typeFor = async (accept: string) => {
    const response = await server.post({ query: "{ hello }" }, { accept });
    return [response.status, response.headers.get("content-type")?.split(";")[0]];
  };
  expect(await typeFor("*/*")).toEqual([200, "application/json"]);
  expect(await typeFor(RESPONSE_JSON)).toEqual([200, RESPONSE_JSON]);
  expect(await typeFor(`application/json;q=0.5, ${RESPONSE_JSON}`)).toEqual([200, RESPONSE_JSON]);
  expect(await typeFor(`${RESPONSE_JSON};q=0.1, application/*`)).toEqual([200, "application/json"]);
  expect(await typeFor(`${RESPONSE_JSON}, application/graphql+json, application/json, text/event-stream`)).toEqual([
    200,
    RESPONSE_JSON,
  ]);
  expect(await typeFor("text/html")).toEqual([406, "application/json"]);
  expect(await typeFor(`${RESPONSE_JSON};q=0`)).toEqual([406, "application/json"]);
});

it("tells by Retry-After when to try again", async () => {
  await using server = await running();
  const response = await server.post({ query: "{ limited }" });
  expect([response.status, response.headers.get("retry-after")]).toEqual([200, "2"]);
});

test("pages of listed origins may read answers", async () => {
  const origin = "https://chat.example.org";
  await using server = await running({ production: true, origins: [origin] });
  const allowed = await server.post({ query: "{ hello }" }, { origin });
  expect(allowed.headers.get("access-control-allow-origin")).toBe(origin);
  const other = await server.post({ query: "{ hello }" }, { origin: "https://evil.example.org" });
  expect(other.headers.get("access-control-allow-origin")).toBeNull();
  const preflight = await fetch(server.http, { method: "OPTIONS", headers: { origin } });
  expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
    204,
    "authorization, content-type, accept, apollographql-client-name, apollographql-client-version, traceparent, tracestate",
  ]);
});

test("a body that is no UTF-8 is refused: nothing is put in the place of its bytes", async () => {
  await using server = await running();
  const body = Buffer.from(JSON.stringify({ query: "{ hello }", variables: { name: "café" } }));
  const send = async (bytes: Buffer) => {
    const response = await fetch(server.http, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await server.token("ann")}` },
      body: new Uint8Array(bytes),
    });
    return { status: response.status, body: await response.json() };
  };
  expect(await send(body)).toEqual({ status: 200, body: { data: { hello: "hello world" } } });
  for (const bytes of [
    Buffer.from(body.toString(), "latin1"),
    body.filter((byte) => byte !== 0xa9),
    Buffer.from(body.toString(), "utf16le"),
  ])
    expect(await send(Buffer.from(bytes))).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.any(String) as string, extensions: { code: "BAD_INPUT" } }] },
    });
  // In an address it is the same.
  for (const query of ["%7B%20hello%20%7D%20%23%FF", "%7Bhello%7D%23%C3%28", "%7Bhello%7D%23%ED%A0%80"]) {
    const response = await fetch(`${server.http}?query=${query}`, {
      headers: { authorization: `Bearer ${await server.token("ann")}` },
    });
    expect([query, response.status]).toEqual([query, 400]);
  }
});
