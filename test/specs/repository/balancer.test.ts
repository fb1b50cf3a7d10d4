import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { tempDir } from "../../support/tempDir.ts";
import { toolOf } from "../../support/tools.ts";
import { until } from "../../support/until.ts";

/* What deploy/haproxy/haproxy.cfg does with clients: a real HAProxy before two small servers that say how they are. */

const haproxy = toolOf("haproxy", "what the balancer does with clients");
const config = fileURLToPath(new URL("../../../deploy/haproxy/haproxy.cfg", import.meta.url));

type Node = { name: string; port: number; live: boolean; ready: boolean; asked: string[]; close(): Promise<void> };

/** A server that tells its name, also to each WebSocket, and notes whom it was asked by. */
async function nodeOf(name: string): Promise<Node> {
  const asked: string[] = [];
  const server: Server = createServer((request, reply) => {
    if (request.url === "/live") return void reply.writeHead(node.live ? 200 : 503).end();
    if (request.url === "/ready") return void reply.writeHead(node.ready ? 200 : 503).end();
    asked.push(String(request.headers["x-forwarded-for"]));
    reply.end(name);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => socket.send(`${name}: ${data.toString()}`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: Node = {
    name,
    port: (server.address() as AddressInfo).port,
    live: true,
    ready: true,
    asked,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return node;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(haproxy === undefined)("the balancer", () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let nodes: Node[];
  let balancer: ChildProcess;
  let port: number;

  beforeAll(async () => {
    folder = await tempDir();
    nodes = [await nodeOf("api-1"), await nodeOf("api-2")];
    port = await freePort();
    // The same file, with addresses of this machine, and asked more often.
    let text = (await readFile(config, "utf8"))
      .replace(/^resolvers inside\n(?: {4}.*\n)+/m, "")
      .replaceAll(" resolvers inside init-addr none", "")
      .replaceAll("inter 2s", "inter 100ms")
      // As many files as this process may have open.
      .replace("maxconn 60000", "maxconn 200")
      .replace("bind :8080", `bind 127.0.0.1:${port}`);
    for (const node of nodes) text = text.replaceAll(`${node.name}:4000`, `127.0.0.1:${node.port}`);
    const file = join(folder.path, "haproxy.cfg");
    await writeFile(file, text);
    balancer = spawn(haproxy as string, ["-db", "-f", file], { stdio: "ignore" });
    await until("both are asked", async () => (await answers(10)).size === 2);
  });
  afterAll(async () => {
    if (balancer?.exitCode === null) {
      const ended = once(balancer, "exit");
      balancer.kill("SIGKILL");
      await ended;
    }
    await Promise.all((nodes ?? []).map((node) => node.close()));
    await folder?.remove();
  });
  beforeEach(async () => {
    for (const node of nodes) [node.live, node.ready] = [true, true];
    await until("both are asked", async () => (await answers(10)).size === 2);
  });

  /** Who answers so many requests, each of a client of its own; `""` stands for the balancer itself. */
  async function answers(count: number): Promise<Set<string>> {
    const names = await Promise.all(
      Array.from({ length: count }, async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { connection: "close" } }).catch(
          () => undefined,
        );
        return answer?.ok === true ? answer.text() : "";
      }),
    );
    return new Set(names);
  }
  const allFrom = (...names: string[]) =>
    until(`all answers come from ${names.join(" and ") || "nobody"}`, async () => {
      const found = await answers(20);
      return (
        found.size === Math.max(1, names.length) &&
        [...found].every((name) => (name === "" ? names.length === 0 : names.includes(name)))
      );
    });

  it("sends clients to nodes that are ready, and back once they are ready again", async () => {
    const [first] = nodes as [Node, Node];
    first.ready = false;
    await allFrom("api-2");
    first.ready = true;
    await allFrom("api-1", "api-2");
  });

  it("sends them to nodes that live if none is ready, and to nobody else", async () => {
    for (const node of nodes) node.ready = false;
    await allFrom("api-1", "api-2");
    (nodes[0] as Node).live = false;
    await allFrom("api-2");
    (nodes[1] as Node).live = false;
    await allFrom();
  });

  it("says where a client is, behind what the client says itself", async () => {
    await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    const last = nodes.flatMap(({ asked }) => asked).find((who) => who.startsWith("203.0.113.9"));
    expect(last).toBe("203.0.113.9, 127.0.0.1");
  });

  it("passes WebSockets on, and leaves those open whose node is no longer ready", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`);
    const said = async (text: string): Promise<string> => {
      const heard = once(socket, "message");
      socket.send(text);
      return String((await heard)[0]);
    };
    await once(socket, "open");
    const [name = ""] = (await said("one")).split(":");
    const node = nodes.find((one) => one.name === name) as Node;
    node.ready = false;
    await allFrom(nodes.find((one) => one !== node)?.name ?? "");
    expect(await said("two")).toBe(`${name}: two`);
    const closed = once(socket, "close");
    socket.close(1000);
    expect((await closed)[0]).toBe(1000);
  });
});
