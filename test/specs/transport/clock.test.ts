import { afterEach, expect, test, vi } from "vitest";
import { until } from "../../support/until.ts";
import { rawClient } from "../../support/rawClient.ts";
import { running } from "../../support/runningApp.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const HOUR_MS = 3_600_000;

/** Sets this process's clock back, or forward, as an operator or a time server does. */
function setClock(byMs: number): void {
  const real = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => real() + byMs);
}

test("a clock that is set back an hour: sockets are pinged, and those that do not answer are dropped", async () => {
  await using server = await running({ keepAliveMs: 100 });
  const client = await rawClient(server.ws);
  client.send({ type: "connection_init", payload: { token: await server.token("ann") } });
  await client.message({ type: "connection_ack" });
  let pings = 0;
  client.socket.on("ping", () => (pings += 1));
  await until("it is pinged", () => pings > 0);
  setClock(-HOUR_MS);
  const before = pings;
  await until("it is pinged on", () => pings > before + 3);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.close();
});

test("a clock that is set forward an hour drops nobody who answers", async () => {
  await using server = await running({ keepAliveMs: 100 });
  const client = await rawClient(server.ws);
  client.send({ type: "connection_init", payload: { token: await server.token("ann") } });
  await client.message({ type: "connection_ack" });
  let pings = 0;
  client.socket.on("ping", () => (pings += 1));
  setClock(HOUR_MS / 2);
  await until("it is pinged on", () => pings > 3);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.close();
});
