import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { buffered } from "../../../src/transport/buffered.ts";
import type { Connection as TcpConnection } from "../../../src/transport/connections.ts";
import type { Arrivals, Line } from "../../../src/transport/socket/arrivals.ts";
import { socketConnections } from "../../../src/transport/socket/socketConnections.ts";

/** A quarter of it may be messages that wait for their turn. */
const TOTAL = 400_000;

/** Messages that wait until the test lets them go on. */
function heldArrivals() {
  const held: (() => void)[] = [];
  const lines = new Set<Line>();
  const arrivals: Arrivals = {
    take: (line, message) => {
      line.push(message);
      lines.add(line);
      held.push(() => (line.shift() as () => void)());
    },
    began: () => 0,
    ended: () => undefined,
  };
  return { arrivals, goOn: () => held.splice(0).forEach((message) => message()) };
}

/** A WebSocket of which only the reading matters. */
function fakeSocket() {
  const events = new EventEmitter();
  const ws = Object.assign(events, {
    isPaused: false,
    pause: () => (ws.isPaused = true),
    resume: () => (ws.isPaused = false),
    terminate: () => undefined,
    close: (code: number) => events.emit("close", code, Buffer.alloc(0)),
  });
  const raw = { bytesRead: 0, writableLength: 0, writable: true } as Socket;
  const tcp = { raw, leaving: { held: 0, drop: () => undefined } } as unknown as TcpConnection;
  return {
    tcp,
    ws: ws as unknown as WebSocket,
    get isPaused() {
      return ws.isPaused;
    },
    sends: (bytes: number) => void ws.emit("message", Buffer.alloc(bytes, 0x61), false),
  };
}

function kept() {
  const { arrivals, goOn } = heldArrivals();
  const received: number[] = [];
  const faults: unknown[] = [];
  const connections = socketConnections({
    config: { keepAliveMs: 60_000, bufferedBytesPerSocket: 131_072, bufferedBytesTotal: TOTAL },
    allWaiting: buffered(TOTAL),
    arrivals,
    vouches: () => true,
    isBarred: () => false,
    log: { debug: () => undefined },
    failed: (fault) => void faults.push(fault),
  });
  closings.push(() => connections.closeAll(0));
  const client = () => {
    const socket = fakeSocket();
    connections.open(socket.ws, socket.tcp, { address: "192.0.2.1", isLocal: false }, () => ({
      receive: (_text, bytes) => void received.push(bytes),
      closed: () => undefined,
    }));
    return socket;
  };
  return { client, goOn, received, faults };
}

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

test("a client is read until 64 KiB of its messages wait, and again when none does", () => {
  const { client, goOn, received, faults } = kept();
  const ann = client();
  ann.sends(40_000);
  expect(ann.isPaused).toBe(false);
  ann.sends(40_000);
  expect(ann.isPaused).toBe(true);
  goOn();
  expect(ann.isPaused).toBe(false);
  expect({ received, faults }).toEqual({ received: [40_000, 40_000], faults: [] });
});

test("when much waits of all clients together, each is read only until one message of it waits", () => {
  const { client, goOn, received, faults } = kept();
  const many = [client(), client(), client()];
  for (const one of many) one.sends(30_000);
  expect(many.map(({ isPaused }) => isPaused)).toEqual([false, false, false]);
  const late = client();
  late.sends(20_000);
  expect(late.isPaused).toBe(true);
  many[0]?.sends(1);
  expect(many.map(({ isPaused }) => isPaused)).toEqual([true, false, false]);
  goOn();
  expect([...many, late].some(({ isPaused }) => isPaused)).toBe(false);
  late.sends(1);
  expect(late.isPaused).toBe(false);
  goOn();
  expect({ received, faults }).toEqual({ received: [30_000, 30_000, 30_000, 20_000, 1, 1], faults: [] });
});
