import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { until } from "../../support/until.ts";
import { HANDSHAKE, raw, request } from "./raw.ts";
import { type Running, running } from "../../support/runningApp.ts";

const H2C = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQAoAAAAAIAAAAA" };

const operation = async (server: Running, query: string, headers: Record<string, string> = {}) => {
  const body = JSON.stringify({ query });
  const authorization = `Bearer ${await server.token("ann")}`;
  const given = { Authorization: authorization, "Content-Type": "application/json", "Content-Length": String(body.length) };
  return request("POST /graphql HTTP/1.1", { ...given, ...headers }, body);
};

test.each(["//", "///", "/%", "http://", "http://[", "*", "/graphql#", "/graphql/", "//graphql", "/\x80"])(
  "a WebSocket at %s is refused and ends nothing else",
  async (target) => {
    await using server = await running();
    const client = await raw(server.port);
    client.write(Buffer.from(request(`GET ${target} HTTP/1.1`, HANDSHAKE), "latin1"));
    expect(await client.ended).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await fetch(`http://127.0.0.1:${server.port}/live`)).status).toBe(200);
  },
);

test.each(["/graphql", "/graphql?a=1", "http://localhost/graphql"])("a WebSocket is at %s", async (target) => {
  await using server = await running();
  const client = await raw(server.port);
  client.write(request(`GET ${target} HTTP/1.1`, HANDSHAKE));
  await client.says("HTTP/1.1 101 ");
  client.socket.destroy();
});

test.each([
  ["HTTP/2", H2C],
  ["TLS", { Connection: "Upgrade", Upgrade: "TLS/1.0" }],
  ["WebSocket among others", { Connection: "Upgrade", Upgrade: "h2c, websocket" }],
])("an upgrade to %s is passed over, and the connection goes on", async (_name, headers) => {
  await using server = await running();
  const client = await raw(server.port);
  client.write(request("GET /ready HTTP/1.1", headers));
  expect(await client.says('"ready":true')).toMatch(/^HTTP\/1\.1 200 /);
  client.write(await operation(server, "{ hello }", headers));
  await client.says('{"data":{"hello":"hello world"}}');
  client.write(request("GET /live HTTP/1.1", { ...headers, Connection: "close, Upgrade" }));
  const all = await client.ended;
  expect(all.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
});

test("a body comes whole behind an upgrade: in pieces, in chunks, and with requests behind it", async () => {
  await using server = await running();
  const inPieces = await raw(server.port);
  const text = await operation(server, '{ hello(name: "in pieces") }', H2C);
  for (const from of [0, text.length - 30, text.length - 5])
    inPieces.write(text.slice(from, { 0: text.length - 30, [text.length - 30]: text.length - 5 }[from]));
  await inPieces.says("hello in pieces");

  const chunked = await raw(server.port);
  const body = JSON.stringify({ query: '{ hello(name: "in chunks") }' });
  const headers = { Authorization: `Bearer ${await server.token("ann")}`, "Content-Type": "application/json" };
  const chunks = `${(10).toString(16)}\r\n${body.slice(0, 10)}\r\n${(body.length - 10).toString(16)}\r\n${body.slice(10)}\r\n0\r\n\r\n`;
  chunked.write(request("POST /graphql HTTP/1.1", { ...headers, ...H2C, "Transfer-Encoding": "chunked" }, chunks));
  await chunked.says("hello in chunks");

  const ahead = await raw(server.port);
  const all = ["one", "two", "three"].map((name) => operation(server, `{ hello(name: "${name}") }`, H2C));
  ahead.write((await Promise.all(all)).join(""));
  expect((await ahead.says("hello three")).match(/hello \w+/g)).toEqual(["hello one", "hello two", "hello three"]);
});

test("answers to what was sent before an upgrade go first", async () => {
  await using server = await running();
  const client = await raw(server.port);
  const before = [await operation(server, "{ later(value: 1) }"), await operation(server, "{ later(value: 2) }")];
  client.write([...before, request("GET /live HTTP/1.1", H2C)].join(""));
  const said = await client.says('"live":true');
  expect(said.match(/"later":\d|"live":true/g)).toEqual(['"later":1', '"later":2', '"live":true']);

  const socket = await raw(server.port);
  socket.write([...before, request("GET /graphql HTTP/1.1", HANDSHAKE)].join(""));
  expect((await socket.says("101 Switching")).match(/"later":\d|101/g)).toEqual(['"later":1', '"later":2', "101"]);
  socket.socket.destroy();
});

test("upgrades again and again over one connection leave nothing behind", async () => {
  await using server = await running();
  const warnings: Error[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on("warning", warned);
  const client = await raw(server.port);
  for (let round = 1; round <= 60; round += 1) {
    client.write(request("GET /live HTTP/1.1", H2C));
    await client.says('{"live":true}', round);
  }
  process.off("warning", warned);
  expect(warnings).toEqual([]);
  expect(await server.registry.metrics()).toMatch(/^tidings_connections 1$/m);
});

test("a body that asks for a WebSocket is a request like any other", async () => {
  await using server = await running();
  const client = await raw(server.port);
  client.write(await operation(server, "{ hello }", HANDSHAKE));
  await client.says('{"data":{"hello":"hello world"}}');
});

test.each([
  ["an upgrade to HTTP/2", H2C],
  ["a WebSocket", HANDSHAKE],
])(
  "a connection that breaks while an answer is written, with %s behind it, ends itself and nothing else",
  async (_what, headers) => {
    await using server = await running();
    // As Node has it where the other side has gone: the write fails at once, the answer is done with, and only then the
    // connection breaks.
    server.app.server.prependOnceListener("request", ({ socket }: IncomingMessage) => {
      const fault = Object.assign(new Error("write ECONNRESET"), { code: "ECONNRESET", syscall: "write" });
      socket._write = (_chunk, _encoding, done) => done(fault);
      socket._writev = (_chunks, done) => done(fault);
    });
    const faults: unknown[] = [];
    const failed = (fault: unknown) => void faults.push(fault);
    process.on("uncaughtException", failed);
    const client = await raw(server.port);
    client.write((await operation(server, "{ later(value: 1) }")) + request("GET /graphql HTTP/1.1", headers));
    await client.ended;
    await until("it is gone", async () => /^tidings_connections 0$/m.test(await server.registry.metrics()));
    process.off("uncaughtException", failed);
    expect(faults).toEqual([]);
  },
);
