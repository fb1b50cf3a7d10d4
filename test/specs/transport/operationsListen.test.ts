import { once } from "node:events";
import { chmod, cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { expect, onTestFinished, test, vi } from "vitest";
import { findServer } from "../../../src/commandline/runningServer.ts";
import { readConfig } from "../../../src/config.ts";
import { sign, tokens } from "../../../src/transport/auth.ts";
import { clientOf, registered } from "../../support/client.ts";
import { runTidings, type Server, startServer, startTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

// Servers are started and ended.
vi.setConfig({ testTimeout: 120_000 });

const reachable = (of: Server) => ({
  get address() {
    return of.url;
  },
  token: (user: string) => of.token(user),
});

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function started(settings: Record<string, string> = {}, dataDir?: string): Promise<Server> {
  const server = await startServer({ settings, ...(dataDir === undefined ? {} : { dataDir }) });
  onTestFinished(() => server.remove());
  return server;
}

/** Everything of ours below a directory that others may look into. */
async function openToOthers(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const found = await Promise.all(
    names.map(async (name) => (((await stat(join(directory, name))).mode & 0o077) === 0 ? [] : [name])),
  );
  return found.flat();
}

test("what is in DATA_DIR is for this user alone, whatever the umask, also what was there before; what is not ours stays as it is", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const before = process.umask(0o000);
  onTestFinished(() => void process.umask(before));
  const server = await started({}, path);
  await registered(reachable(server), "alice");
  expect(await openToOthers(path)).toEqual([]);
  await server.stop();

  for (const name of await readdir(path)) await chmod(join(path, name), name === "views" ? 0o755 : 0o644);
  await mkdir(join(path, "mine"), { mode: 0o755 });
  await writeFile(join(path, "mine", "notes"), "", { mode: 0o644 });
  await server.start();
  expect((await openToOthers(path)).sort()).toEqual(["mine", "mine/notes"]);
});

test("OPERATIONS_LISTEN: metrics and details are there, and only there", async () => {
  const port = await unusedPort();
  const server = await started({ OPERATIONS_LISTEN: `127.0.0.1:${port}` });
  const get = async (base: string, path: string) => {
    const answer = await fetch(`${base}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  const apart = `http://127.0.0.1:${port}`;
  expect(await get(server.url, "/ready")).toEqual({ status: 200, text: '{"ready":true}' });
  expect((await get(server.url, "/metrics")).status).toBe(404);
  expect(await get(apart, "/ready")).toMatchObject({ status: 200, text: expect.stringContaining('"projections"') as string });
  expect(await get(apart, "/metrics")).toMatchObject({
    status: 200,
    text: expect.stringContaining("tidings_sockets ") as string,
  });
  expect((await get(apart, "/live")).status).toBe(200);
  expect((await get(apart, "/graphql")).status).toBe(404);
});

test("a server that waits for its log is alive and not ready, and ends when it is told to", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const [port, nobody] = [await unusedPort(), await unusedPort()];
  const settings = { DATA_DIR: path, PORT: String(port), EVENTSTORE_URL: `esdb://127.0.0.1:${nobody}?tls=false` };
  const server = startTidings(["serve"], settings);
  onTestFinished(() => void server.kill());
  const ask = async (route: string) => fetch(`http://127.0.0.1:${port}${route}`).catch(() => undefined);
  await until("it waits", () => /waiting for EventStoreDB at 127.0.0.1:\d+/.test(server.out()), 60_000);
  const live = await ask("/live");
  expect(live?.status).toBe(200);
  const ready = await ask("/ready");
  expect({ status: ready?.status, body: await ready?.json() }).toEqual({ status: 503, body: { ready: false, starting: true } });
  expect((await ask("/graphql"))?.status).toBe(503);
  expect((await server.stop()).code).toBe(0);
});

test("server.json of a copied DATA_DIR addresses nobody, nor does one whose address is another server's by now", async () => {
  const server = await started();
  expect(await findServer(server.dataDir)).toMatchObject({ url: server.url });
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  await cp(server.dataDir, join(path, "copy"), { recursive: true, preserveTimestamps: true });
  expect(await findServer(join(path, "copy"))).toBeUndefined();

  // Killed, it leaves its file behind; something else answers there.
  const { port } = new URL(server.url);
  await server.kill();
  const other = createServer((_request, response) => response.end('{"live":true,"instance":"another"}'));
  other.listen(Number(port), "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  expect(await findServer(server.dataDir)).toBeUndefined();
});

test("a token made by the command line lasts a day, one with the scope admin an hour, unless it is told otherwise", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const lasts = async (...args: string[]) => {
    const { out } = await runTidings(["token", "alice", ...args], { DATA_DIR: path });
    const { iat = 0, exp = 0 } = decodeJwt(out.trim());
    return exp - iat;
  };
  expect(await lasts()).toBe(86_400);
  expect(await lasts("--admin")).toBe(3_600);
  expect(await lasts("--admin", "--expires", "2d")).toBe(172_800);
});

test("two secrets: the first signs, both verify, and a third does not", async () => {
  const [newer, older, third] = ["n".repeat(32), "o".repeat(32), "t".repeat(32)];
  const server = await started({ AUTH_SECRET: `${newer},${older}` });
  const status = async (secret: string) => {
    const token = await sign(secret, { sub: "alice", expiresInSeconds: 60 });
    const { url } = server;
    const answer = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: "{ __typename }" }),
    });
    return answer.status;
  };
  expect([await status(newer), await status(older), await status(third)]).toEqual([200, 200, 401]);
  const { out } = await runTidings(["token", "alice"], server.environment);
  await expect(Promise.resolve(tokens({ secret: newer }).verify(out.trim()))).resolves.toMatchObject({ userId: "alice" });
});

test.each([
  [
    { AUTH_SECRET: `${"a".repeat(32)},short` },
    /AUTH_SECRET must have at least 32 characters, or be two such secrets separated by a comma/,
  ],
  [{ AUTH_SECRET: Array(3).fill("a".repeat(32)).join(",") }, /AUTH_SECRET must have at least 32/],
  [{ INBOX_SWEEP: "25d" }, /INBOX_SWEEP must be from 10ms to 24d, not "25d"/],
  [{ INBOX_SWEEP: "0" }, /INBOX_SWEEP must be from 10ms to 24d, not "0"/],
  [{ INBOX_TTL: "40000d" }, /INBOX_TTL must be at most 36500d/],
  [{ RIGHTS_LAG_MAX: "30d" }, /RIGHTS_LAG_MAX must be at most 24d/],
  [{ OPERATIONS_LISTEN: "9100" }, /OPERATIONS_LISTEN must be a host and a port/],
  [{ OPERATIONS_LISTEN: "127.0.0.1:99999" }, /OPERATIONS_LISTEN must be a host and a port/],
])("settings that no timer, no signer and no socket takes are refused: %j", (settings, message) => {
  expect(() => readConfig(settings)).toThrow(message);
});

test("settings at their limits", () => {
  const config = readConfig({ INBOX_SWEEP: "24d", INBOX_TTL: "3650d", OPERATIONS_LISTEN: "[::1]:9100" });
  expect(config).toMatchObject({ inboxSweepMs: 24 * 86_400_000, operations: { host: "::1", port: 9_100 } });
});

test("a DATA_DIR that cannot be is an error at once, not a server that goes round in silence", async () => {
  const { code, err } = await runTidings(["serve"], { DATA_DIR: "/proc/tidings/data", PORT: "0" });
  expect(code).toBe(1);
  expect(err).toMatch(
    /^tidings: DATA_DIR \/proc\/tidings\/data cannot be created: make it a directory that this user can write to/,
  );
});

test("a clock that is set back an hour keeps nobody waiting: sockets are pinged, messages sent and delivered", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  // Loaded before everything else, in every thread: the clock of this process is what a file says it is off by.
  const clock = join(path, "clock");
  const preload = join(path, "clock.mjs");
  await writeFile(clock, "0");
  await writeFile(
    preload,
    `import { readFileSync } from "node:fs";
const Real = Date;
const real = Date.now.bind(Date);
const off = () => Number(readFileSync(${JSON.stringify(clock)}, "utf8")) || 0;
globalThis.Date = class extends Real {
  constructor(...given) { given.length === 0 ? super(real() + off()) : super(...given); }
  static now() { return real() + off(); }
};
`,
  );
  const server = await started({ NODE_OPTIONS: `--import ${preload}`, RATE_LIMIT: "50" });
  const [alice, bob] = [await registered(reachable(server), "alice"), await registered(reachable(server), "bob")];
  const inbox = bob.inbox();
  await until("bob listens", () => inbox.entries.some(({ __typename }) => __typename === "InboxCaughtUp"));
  await writeFile(clock, String(-3_600_000));
  for (const text of ["one", "two", "three"]) await alice.act("sendMessage", { userId: "bob", text });
  await until("bob has them", () => inbox.entries.filter(({ __typename }) => __typename === "MessageReceived").length === 3);
  expect((await server.readiness()).status).toBe(200);
  const again = await clientOf(reachable(server), "alice");
  expect((await again.messages("d:alice~bob")).edges).toHaveLength(3);
  await inbox.close();
});
