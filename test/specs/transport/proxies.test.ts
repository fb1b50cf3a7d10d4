import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { trustedProxies } from "../../../src/transport/proxies.ts";
import { apiServer } from "../../support/apiServer.ts";
import { until } from "../../support/until.ts";
import { raw, request } from "./raw.ts";
import { admitted, rawClient } from "../../support/rawClient.ts";
import { type Running, running } from "../../support/runningApp.ts";

const HELLO = { query: "{ hello }" };
const LOOPBACK = ["loopback"];
/** Two units of an address, and no more for as long as a test runs. */
const SCARCE = { addressOperationsPerSecond: 0.001, addressBurst: 2 };

const forwarded = (...addresses: string[]) => ({ "x-forwarded-for": addresses.join(", ") });
const statuses = async (server: Running, headers: Record<string, string>, times = 3): Promise<number[]> => {
  const all: number[] = [];
  for (let count = 0; count < times; count += 1) all.push((await server.post(HELLO, headers)).status);
  return all;
};
/** A server that knows the document: one that it does not costs more. */
const scarce = async () => {
  const server = await running({ ...SCARCE, trustedProxies: LOOPBACK });
  await server.post(HELLO);
  return server;
};
const told = (code: string) => [{ extensions: { code } }];

type Told = { peer: string; header?: string; client: string; isLocal?: boolean };

test.each<[string, Told]>([
  ["no proxy", { peer: "203.0.113.9", client: "203.0.113.9" }],
  ["a proxy that forwards for nobody", { peer: "10.0.0.1", client: "10.0.0.1" }],
  ["a proxy", { peer: "10.0.0.1", header: "198.51.100.7", client: "198.51.100.7" }],
  ["a proxy whose address is mapped", { peer: "::ffff:10.0.0.1", header: "198.51.100.7", client: "198.51.100.7" }],
  ["two proxies", { peer: "10.0.0.1", header: "198.51.100.7, 10.9.9.9", client: "198.51.100.7" }],
  ["a proxy that writes ports", { peer: "10.0.0.1", header: "198.51.100.7:4711, 10.9.9.9:80", client: "198.51.100.7" }],
  ["a proxy that writes ports of IPv6", { peer: "10.0.0.1", header: "[2001:db8::7]:4711", client: "2001:db8::7" }],
  ["what a client wrote itself", { peer: "10.0.0.1", header: "10.1.1.1,127.0.0.1, 198.51.100.7", client: "198.51.100.7" }],
  ["a peer that is no proxy", { peer: "203.0.113.9", header: "198.51.100.7", client: "203.0.113.9" }],
  ["a neighbour that is no proxy", { peer: "127.0.0.1", header: "198.51.100.7", client: "127.0.0.1", isLocal: true }],
  ["this machine itself", { peer: "::1", client: "::1", isLocal: true }],
  ["this machine itself, mapped", { peer: "::ffff:127.0.0.1", client: "::ffff:127.0.0.1", isLocal: true }],
  ["this machine through a proxy", { peer: "10.0.0.1", header: "127.0.0.1", client: "127.0.0.1" }],
  ["no address", { peer: "10.0.0.1", header: "198.51.100.7, unknown", client: "10.0.0.1" }],
  ["an empty header", { peer: "10.0.0.1", header: "", client: "10.0.0.1" }],
  ["nothing but commas", { peer: "10.0.0.1", header: " , ,, ", client: "10.0.0.1" }],
])("where a client is: %s", (_what, { peer, header, client, isLocal = false }) => {
  const asked = {
    socket: { remoteAddress: peer },
    headers: header === undefined ? {} : { "x-forwarded-for": header },
  } as unknown as IncomingMessage;
  expect(trustedProxies(["10.0.0.0/8", "192.0.2.1"]).clientOf(asked)).toEqual({ address: client, isLocal });
});

test("what a proxy on this machine forwards is not this machine's own, whatever it forwards", () => {
  const asked = (header: string) =>
    ({ socket: { remoteAddress: "127.0.0.1" }, headers: { "x-forwarded-for": header } }) as unknown as IncomingMessage;
  const { clientOf } = trustedProxies(LOOPBACK);
  for (const header of ["127.0.0.1", "::1", "", "unknown", "localhost"]) expect(clientOf(asked(header)).isLocal).toBe(false);
});

test("the rate of an address is that of the client behind a trusted proxy", async () => {
  await using server = await scarce();
  expect(await statuses(server, forwarded("198.51.100.7"))).toEqual([200, 200, 429]);
  expect(await statuses(server, forwarded("198.51.100.8"))).toEqual([200, 200, 429]);
  // What a client writes itself stands left of what the proxy writes.
  expect(await statuses(server, forwarded("203.0.113.1", "198.51.100.7"), 1)).toEqual([429]);
  expect(await statuses(server, forwarded("203.0.113.2", "127.0.0.1", "198.51.100.7"), 1)).toEqual([429]);
  // One /64 is one household.
  expect(await statuses(server, forwarded("2001:db8::1"), 2)).toEqual([200, 200]);
  expect(await statuses(server, forwarded("2001:db8::2"), 1)).toEqual([429]);
  // A neighbour is not this machine's operator for coming through a proxy on it.
  expect(await statuses(server, forwarded("127.0.0.1"))).toEqual([200, 200, 429]);
  // Whoever asks from this machine is.
  expect(await statuses(server, {}, 5)).toEqual([200, 200, 200, 200, 200]);
});

test("over a WebSocket it is the same, together with HTTP", async () => {
  await using server = await scarce();
  const ann = await admitted(server, "ann", { headers: forwarded("203.0.113.1", "198.51.100.7") });
  const bob = await admitted(server, "bob", { headers: forwarded("198.51.100.7") });
  const carol = await admitted(server, "carol", { headers: forwarded("198.51.100.8") });
  const dave = await admitted(server, "dave");
  ann.send({ id: "1", type: "subscribe", payload: HELLO });
  await ann.message({ id: "1", type: "complete" });
  bob.send({ id: "1", type: "subscribe", payload: HELLO });
  await bob.message({ id: "1", type: "complete" });
  for (const client of [ann, bob]) {
    client.send({ id: "2", type: "subscribe", payload: HELLO });
    expect((await client.message({ id: "2", type: "error" })).payload).toMatchObject(told("RATE_LIMITED"));
  }
  expect(await statuses(server, forwarded("198.51.100.7"), 1)).toEqual([429]);
  for (const client of [carol, dave]) {
    client.send({ id: "1", type: "subscribe", payload: HELLO });
    await client.message({ id: "1", type: "complete" });
  }
  for (const client of [ann, bob, carol, dave]) client.close();
});

test("sockets of an address are counted by the client behind a trusted proxy", async () => {
  await using server = await running({ socketsPerAddress: 1, trustedProxies: LOOPBACK });
  const one = await admitted(server, "ann", { headers: forwarded("198.51.100.7") });
  const other = await admitted(server, "ann", { headers: forwarded("198.51.100.8") });
  const second = await rawClient(server.ws, { headers: forwarded("198.51.100.9", "198.51.100.7") });
  expect(await second.closed).toEqual({ code: 1013, reason: "too many connections from this address" });
  one.close();
  await one.closed;
  await until("its place is free", async () => {
    const third = await rawClient(server.ws, { headers: forwarded("198.51.100.7") });
    third.send({ type: "ping" });
    const isIn = await Promise.race([third.message({ type: "pong" }).then(() => true), third.closed.then(() => false)]);
    third.close();
    return isIn;
  });
  other.close();
});

test("the connections of a trusted proxy are not those of one client", async () => {
  await using server = await running({ connectionsPerAddress: 2, trustedProxies: LOOPBACK });
  const held = await Promise.all(Array.from({ length: 5 }, () => raw(server.port)));
  for (const client of held) {
    client.write(request("GET /live HTTP/1.1", {}));
    await client.says("200 OK");
  }
  expect(await server.registry.metrics()).toMatch(/^tidings_connections 5$/m);
  for (const { socket } of held) socket.destroy();
  await until("they are gone", async () => /^tidings_connections 0$/m.test(await server.registry.metrics()));
});

test("a peer that is no trusted proxy says nothing of where anybody is", async () => {
  await using server = await running({ socketsPerAddress: 1, connectionsPerAddress: 3, trustedProxies: ["192.0.2.1"] });
  const one = await admitted(server, "ann", { headers: forwarded("198.51.100.7") });
  const other = await rawClient(server.ws, { headers: forwarded("198.51.100.8") });
  expect((await other.closed).code).toBe(1013);
  one.close();
  await one.closed;
  const held = [];
  for (let count = 0; count < 3; count += 1) held.push(await raw(server.port));
  await until("one more is turned away", async () => (await (await raw(server.port)).ended).startsWith("HTTP/1.1 503 "));
  for (const { socket } of held) socket.destroy();
});

test("the settings reach the server: an address has its limit, and a proxy says whose it is", async () => {
  await using server = await apiServer({ RATE_LIMIT_ADDRESS: "1", TRUSTED_PROXIES: "192.0.2.1, loopback" });
  const authorization = `Bearer ${await server.token("ann")}`;
  const status = async (address: string): Promise<number> => {
    const headers = { authorization, "content-type": "application/json", ...forwarded(address) };
    const body = JSON.stringify({ query: "{ __typename }" });
    return (await fetch(`${server.address}/graphql`, { method: "POST", headers, body })).status;
  };
  await until("one address has spent what it had", async () => (await status("198.51.100.7")) === 429);
  expect(await status("198.51.100.8")).toBe(200);
});

test.each(["loopback", "10.0.0.0/8", "::1", "fd00::/8", "linklocal,uniquelocal", " 192.0.2.1 ,, 2001:db8::/32 ", ""])(
  "TRUSTED_PROXIES may be %j",
  (value) => {
    const expected = value.split(",").flatMap((item) => item.trim() || []);
    expect(readConfig({ TRUSTED_PROXIES: value }).trustedProxies).toEqual(expected);
  },
);

test.each([
  "proxy.example.org",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0",
  "1",
  "10.0.0.0/8/8",
  "*",
  "true",
  "localhost",
  "0.0.0.0/0",
  "10.0.0.1:80",
])("TRUSTED_PROXIES may not be %j, and it is said why", (value) => {
  const message = `TRUSTED_PROXIES must be addresses, ranges such as 10.0.0.0/8, or the names loopback, linklocal and uniquelocal, separated by commas, not "${value}"`;
  expect(() => readConfig({ TRUSTED_PROXIES: `loopback, ${value}` })).toThrow(message);
});
