import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { operate, type Order } from "../../../src/commandline/operate.ts";
import { announce } from "../../../src/commandline/runningServer.ts";
import { readConfig } from "../../../src/config.ts";
import { tempDir } from "../../support/tempDir.ts";

/* What a command makes of the answers of a server: lost ones, and those about what others have ordered. */

const INSTANCE = "the only one";
const refusal = (message: string) => ({ errors: [{ message, extensions: { code: "CONFLICT" } }] });

/**
 * Orders on a server that is busy with what it was ordered for a while. `lost`: whether its first answer is lost. `busy`: whether
 * it is busy before that. `replayed`: whether it is replayed right after it was compared.
 */
async function ordered(order: Order, { lost = false, busy = false, replayed = false }) {
  const { path: dataDir, remove } = await tempDir();
  onTestFinished(remove);
  const state = order === "replay" ? "REPLAYING" : "VERIFYING";
  let left = busy ? 1 : 0;
  let orders = 0;
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    if (request.url === "/live") return { live: true, instance: INSTANCE };
    const { query } = JSON.parse(await text(request)) as { query: string };
    if (query.includes("mutation")) {
      orders++;
      if (left > 0) return refusal(`the view directory is being worked on already`);
      left = 2;
      return lost ? undefined : { data: { begun: { name: "directory" } } };
    }
    const isOver = left === 0;
    left = Math.max(0, left - 1);
    const after = replayed ? { state: "REPLAYING", differences: 3 } : { state: "LIVE", differences: 0 };
    const status = { name: "directory", progress: null, ...(isOver ? after : { state, differences: null }) };
    return { data: { admin: { projections: [{ ...status, lastError: null }] } } };
  };
  const server = createServer((request, response) => {
    void answer(request).then((said) => (said === undefined ? request.socket.destroy() : response.end(JSON.stringify(said))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await announce(dataDir, { pid: process.pid, url, instance: INSTANCE });
  const said: string[] = [];
  const terminal = { out: (line: string) => void said.push(line), error: (line: string) => void said.push(line), bar: false };
  const config = readConfig({ DATA_DIR: dataDir, AUTH_SECRET: "0123456789abcdefghijklmnopqrstuv" });
  const code = await operate(config, order, "directory", pino({ level: "silent" }), terminal).catch(
    (error: unknown) => (error as Error).message,
  );
  return { code, last: said.at(-1), orders };
}

test.each<[Order, string]>([
  ["replay", "directory is replayed"],
  ["verify", "directory: 0 differences"],
])("a %s whose answer is lost is waited for; what somebody else has ordered is refused", async (order, last) => {
  expect(await ordered(order, {})).toEqual({ code: 0, last, orders: 1 });
  expect(await ordered(order, { lost: true })).toEqual({ code: 0, last, orders: 2 });
  // What somebody else ordered is theirs.
  const others = await ordered(order, { busy: true });
  expect(others).toMatchObject({ code: expect.stringMatching(/refused: .* already/) as string, orders: 1 });
});

test("the differences that were found are told, also if a replay has begun since", async () => {
  expect(await ordered("verify", { replayed: true })).toEqual({ code: 1, last: "directory: 3 differences", orders: 1 });
});
