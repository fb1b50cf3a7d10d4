import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sqliteOutbox } from "../../src/adapters/pushOutbox/sqlite.ts";
import { readConfig } from "../../src/config.ts";
import { type Client, clientOf, refusal as refusalOf, registeredAll } from "../support/client.ts";
import { httpCalls } from "../support/http.ts";
import { type Finished, runTidings, type Settings, startServer, startTidings } from "../support/server.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";

/*
 * What operators do wrong: the process ends with 1, and says on its standard error what is wrong and what to do, in words and not
 * in a stack.
 */

let folder: Awaited<ReturnType<typeof tempDir>>;
let names = 0;

beforeAll(async () => {
  folder = await tempDir();
  // For those who are not this user.
  await chmod(folder.path, 0o755);
});

afterAll(async () => {
  await folder?.remove();
});

/** A path of which there is nothing yet. */
const unused = (): string => join(folder.path, `data-${++names}`);

/** A port that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function refusal(settings: Settings, args = ["serve"], uid?: number): Promise<string> {
  return told(await runTidings(args, { PORT: "0", ...settings }, uid === undefined ? {} : { uid }));
}

/** What was told of a fault, and nothing else but what a server notes in its log, if it came to begin something. */
function told({ code, out, err }: Finished): string {
  const noted = /^\{"level":30,.*\}\n/gm;
  expect({ code, out: out.replace(noted, "") }, err).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^tidings: /);
  expect(err).not.toMatch(/^\s+at /m);
  return err;
}

const refusedWith = (client: Client, query: string) => refusalOf(client.ask(`{ ${query} }`));

describe("DATA_DIR", () => {
  test("of another server: the second one ends and says so, the first goes on", async () => {
    const first = await startServer();
    onTestFinished(() => first.remove());
    const alice = httpCalls({ address: () => first.url, token: await first.token("alice") });
    expect(await refusal({ DATA_DIR: first.dataDir })).toMatch(
      new RegExp(`another Tidings server holds DATA_DIR ${first.dataDir}.*set DATA_DIR to another`),
    );
    await alice.ask(`mutation { register(input: { clientMutationId: "1", handle: "alice", name: "Alice" }) { cursor } }`);
    expect((await first.readiness()).status).toBe(200);
    expect(first.faults()).toEqual([]);
    // The other commands still find it.
    expect(await readdir(first.dataDir)).toContain("server.json");
    expect(await first.stop()).toBe(0);
    expect(await readdir(first.dataDir)).not.toContain("server.json");
  });

  test("that is a file, or below one", async () => {
    const file = unused();
    await writeFile(file, "");
    expect(await refusal({ DATA_DIR: file })).toMatch(/DATA_DIR .* cannot be created: make it a directory/);
    expect(await refusal({ DATA_DIR: join(file, "below") })).toMatch(/DATA_DIR .* cannot be created: make it a directory/);
  });

  test("that this user cannot write to", async () => {
    const dataDir = unused();
    await mkdir(dataDir, { mode: 0o555 });
    // Nothing is forbidden to root: then it is someone else who starts it.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined;
    expect(await refusal({ DATA_DIR: dataDir }, ["serve"], uid)).toMatch(/DATA_DIR .* cannot be written to: make it a directory/);
    const below = join(dataDir, "below");
    expect(await refusal({ DATA_DIR: below }, ["serve"], uid)).toMatch(/DATA_DIR .* cannot be created: make it a directory/);
  });

  test("whose log is not one", async () => {
    const dataDir = unused();
    await mkdir(dataDir);
    await writeFile(join(dataDir, "log.sqlite"), "this is no database, however long it is");
    expect(await refusal({ DATA_DIR: dataDir, EVENTSTORE_URL: "" })).toMatch(/log\.sqlite is not a database: move it away/);
  });

  test("whose outboxes are none, or cannot be written", async () => {
    const without = { DATABASE_URL: "" };
    for (const [name, what] of [
      ["pushes.db", "pushes"],
      ["webhooks.db", "webhooks"],
    ] as const) {
      const dataDir = unused();
      await mkdir(dataDir);
      await writeFile(join(dataDir, name), "this is no database, however long it is");
      expect(await refusal({ DATA_DIR: dataDir, ...without })).toMatch(
        new RegExp(`the outbox of ${what} in .*${name} is no database: end the server, and move it away .* it is made anew, and`),
      );
    }
    const dataDir = unused();
    await mkdir(dataDir, { mode: 0o777 });
    await chmod(dataDir, 0o777);
    const file = join(dataDir, "pushes.db");
    await sqliteOutbox(file).close();
    await chmod(file, 0o444);
    // Nothing is forbidden to root: then it is someone else who starts it.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined;
    const { code, err } = await runTidings(
      ["serve"],
      { PORT: "0", DATA_DIR: dataDir, ...without },
      uid === undefined ? {} : { uid },
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /the outbox of pushes in .*pushes\.db cannot be written: its folder, this file and those beside it .* must be writable/,
    );
  });

  test("whose secret is empty, as a full disk may have left it, or cannot be read", async () => {
    const dataDir = unused();
    await mkdir(dataDir);
    await writeFile(join(dataDir, "secret"), "\n");
    for (const args of [["serve"], ["token", "alice"]])
      expect(await refusal({ DATA_DIR: dataDir }, args)).toMatch(/secret holds no secret of at least 32 characters: delete it/);
    const other = unused();
    await mkdir(join(other, "secret"), { recursive: true });
    expect(await refusal({ DATA_DIR: other })).toMatch(/cannot be read from .*secret/);
  });

  test("its secret is for this user alone", async () => {
    const dataDir = unused();
    const { code, out } = await runTidings(["token", "alice"], { DATA_DIR: dataDir });
    expect({ code, token: /^[\w-]+\.[\w-]+\.[\w-]+\n$/.test(out) }).toEqual({ code: 0, token: true });
    expect((await stat(join(dataDir, "secret"))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(["secret"]);
  });
});

describe("the network", () => {
  test("a port in use", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise((resolve) => other.close(() => resolve())));
    const { port } = other.address() as AddressInfo;
    const dataDir = unused();
    expect(await refusal({ DATA_DIR: dataDir, PORT: String(port) })).toMatch(
      new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: .*set PORT to a free one`),
    );
    // It has let go of everything.
    const server = await startServer({ dataDir, ready: false });
    await server.remove();
  });

  test("an address that is not of this machine", async () => {
    expect(await refusal({ DATA_DIR: unused(), HOST: "203.0.113.1" })).toMatch(/cannot listen on 203\.0\.113\.1:/);
  });
});

describe("the address of EventStoreDB", () => {
  test.each([
    ["esdb://operator:s3cret@localhost:2113?tsl=false", /it has the unknown option tsl/],
    ["esdb://operator:s3cret@localhost:2113?tlsVerifyCert=false", /give the CA's file by tlsCAFile/],
    ["esdb://operator:s3cret@localhost:2113?tlsCAFile=/nowhere/ca.crt", /EVENTSTORE_URL cannot be used: .*certificate/],
    ["esdb://operator:s3cret@localhost:port", /EVENTSTORE_URL cannot be used: .*port/],
  ])("%s is refused, and its password not told", async (url, why) => {
    const said = await refusal({ DATA_DIR: unused(), EVENTSTORE_URL: url });
    expect(said).toMatch(why);
    expect(said).not.toContain("s3cret");
  });
});

describe("the address of Elasticsearch", () => {
  test.each([
    "ftp://operator:s3cret@localhost:9200",
    "localhost:9200",
    "http://localhost:9200,operator:s3cret@other:9200",
    "http://",
  ])("%s is refused, and its password not told", async (url) => {
    const dataDir = unused();
    const said = await refusal({ DATA_DIR: dataDir, ELASTICSEARCH_URL: url });
    expect(said).toMatch(/ELASTICSEARCH_URL must be an address such as http:\/\/host:9200/);
    expect(said).not.toContain("s3cret");
    await expect(stat(dataDir)).rejects.toThrow("ENOENT");
  });

  test.each(["No prefix", "Upper", "-begins", "a".repeat(33), "a/b", "a*", "名"])("the prefix %s is refused", async (prefix) => {
    const settings = { DATA_DIR: unused(), ELASTICSEARCH_URL: "http://localhost:9200", ELASTICSEARCH_PREFIX: prefix };
    expect(await refusal(settings)).toMatch(/ELASTICSEARCH_PREFIX must be 1 to 32 of a-z, 0-9 and -/);
  });
});

describe("the address of PostgreSQL", () => {
  test.each([
    ["mysql://operator:s3cret@localhost/tidings", /DATABASE_URL must be an address such as postgres:\/\//],
    ["postgres://operator:s3cret@localhost:port/tidings", /DATABASE_URL must be an address such as postgres:\/\//],
    ["postgres://operator:s3cret@localhost", /DATABASE_URL cannot be used: it is an address such as/],
    ["postgres://operator:s3cret@localhost/tidings?sslmod=disable", /it has the unknown option sslmod/],
    ["postgres://operator:s3cret@localhost/tidings?sslmode=prefer", /its sslmode must be disable, verify-full/],
    ["postgres://operator:s3cret@localhost/tidings?sslmode=verify-full&sslrootcert=/nowhere/ca.crt", /cannot be used: .*ca\.crt/],
  ])("%s is refused, and its password not told", async (url, why) => {
    const said = await refusal({ DATA_DIR: unused(), DATABASE_URL: url });
    expect(said).toMatch(why);
    expect(said).not.toContain("s3cret");
  });
});

describe("FILES_URL", () => {
  test.each([
    ["https://operator:s3cret@localhost/bucket", /FILES_URL must be an address such as s3:\/\//],
    ["s3://operator:s3cret@localhost", /FILES_URL names no bucket/],
    ["s3://localhost/bucket", /FILES_URL has no key and secret/],
    ["s3://operator:s3cret@localhost/bucket?tsl=false", /FILES_URL has no option tsl/],
  ])("%s is refused, and its secret not told", async (url, why) => {
    const said = await refusal({ DATA_DIR: unused(), FILES_URL: url });
    expect(said).toMatch(why);
    expect(said).not.toContain("s3cret");
  });
});

describe("what pushes need", () => {
  const apns = { APNS_KEY_ID: "ABC1234567", APNS_TEAM_ID: "TEAM123456", APNS_TOPIC: "org.example.chat" };
  test.each<[Record<string, string>, RegExp]>([
    [apns, /APNS_KEY_FILE must be set too/],
    [{ ...apns, APNS_KEY_FILE: "/nowhere/key.p8" }, /APNS_KEY_FILE \/nowhere\/key.p8 cannot be read/],
    [{ FCM_ACCOUNT_FILE: "package.json" }, /FCM_ACCOUNT_FILE package.json is no key of a service account/],
    [{ WEB_PUSH_HOSTS: "https://push.example.org/x" }, /WEB_PUSH_HOSTS must be names of hosts, separated by commas/],
    [{ WEB_PUSH_HOSTS: "push.example.org,*" }, /WEB_PUSH_HOSTS must be names of hosts, separated by commas/],
    [{ WEB_PUSH_PRIVATE_KEY: "s3cret" }, /WEB_PUSH_PRIVATE_KEY must be 32 bytes as base64url/],
    [{ WEB_PUSH_PRIVATE_KEY: "A".repeat(43) }, /WEB_PUSH_PRIVATE_KEY holds no private key of Web Push/],
    [{ APNS_URL: "http://apns.example.org" }, /APNS_URL must be an address with https/],
  ])("%j is refused, and no secret told", async (settings, why) => {
    const said = await refusal({ DATA_DIR: unused(), ...settings });
    expect(said).toMatch(why);
    expect(said).not.toContain("s3cret");
  });
});

describe("settings", () => {
  test("all that are wrong are told at once, each by its name", async () => {
    const wrong = {
      PORT: "99999",
      LOG_LEVEL: "loud",
      AUTH_SECRET: "short",
      AUTH_JWKS_URL: "ftp://id.example.org",
      AUTH_USER_CLAIM: "exp",
      FANOUT_LIMIT: "-1",
      INBOX_TTL: "soon",
      INBOX_MAX: "1.5",
      GROUP_MEMBERS_MAX: "many",
      RATE_LIMIT: "1e3",
      RATE_LIMIT_ADDRESS: "many",
      ANSWER_LIMIT_BYTES: "8MB",
      EXECUTION_LIMIT_MS: "0",
      SEARCH_LIMIT_MS: "2s",
      SEARCHES_WAITING: "0",
      SEARCHES_WAITING_PER_USER: "-1",
      BODY_LIMIT_BYTES: "1",
      TRUSTED_PROXIES: "proxy.example.org",
      REDIS_URL: "http://localhost:6379",
      REDIS_PREFIX: "No prefix",
      SERVER_URL: "localhost:4000",
      ENCRYPTION: "yes",
      MASTER_KEY: "short",
      FILES_URL: "https://s3.example.org/bucket",
      PUBLIC_URL: "https://chat.example.org/below",
      FILE_SIZE_MAX: "0",
      UPLOADS_WAITING: "none",
      UPLOADS_PER_DAY: "-1",
      UPLOAD_BYTES_PER_DAY: "1GB",
      UPLOADS_KEPT: "1s",
      FILE_ADDRESS_TTL: "30d",
      PICTURE_PIXELS_MAX: "1",
      DATABASE_URL: "mysql://localhost/tidings",
      DATABASE_SCHEMA: "No schema",
      EVENTSTORE_URL: "http://localhost:2113",
      EVENTSTORE_PREFIX: "No prefix",
      ELASTICSEARCH_URL: "localhost:9200",
      ELASTICSEARCH_PREFIX: "tidings_1",
    };
    const dataDir = unused();
    const lines = (await refusal({ DATA_DIR: dataDir, ...wrong })).split("\n").map((line) => line.trim());
    for (const name of Object.keys(wrong))
      expect(
        lines.filter((line) => line.startsWith(`${name} `)),
        name,
      ).not.toEqual([]);
    // What was given is said again, but for what is secret.
    expect(lines.join("\n")).toContain('"soon"');
    expect(lines.join("\n")).not.toContain("short");
    // Nothing was begun.
    await expect(stat(dataDir)).rejects.toThrow("ENOENT");
  });

  test("a slip of the pen does not make a server one of its developers", async () => {
    for (const NODE_ENV of ["prod", "Production", "production ", "staging"])
      expect(await refusal({ DATA_DIR: unused(), NODE_ENV, AUTH_SECRET: "s".repeat(32) })).toMatch(
        /NODE_ENV must be one of development, test, production, not "/,
      );
  });

  test("an identity provider's tokens must name who made them and whom for", async () => {
    const AUTH_JWKS_URL = "https://id.example.org/jwks.json";
    const lines = await refusal({ DATA_DIR: unused(), AUTH_JWKS_URL });
    expect(lines).toMatch(/AUTH_ISSUER must be set with AUTH_JWKS_URL/);
    expect(lines).toMatch(/AUTH_AUDIENCE must be set with AUTH_JWKS_URL/);
    expect(await refusal({ DATA_DIR: unused(), AUTH_JWKS_URL, AUTH_ISSUER: "i" })).toMatch(/AUTH_AUDIENCE must be set/);
  });

  test("a part of a cluster needs the servers that it shares", async () => {
    expect(readConfig({}).role).toBe("all");
    const api = await refusal({ DATA_DIR: unused(), ROLE: "api", EVENTSTORE_URL: "esdb://localhost:2113" });
    expect(api).toMatch(/DATABASE_URL, REDIS_URL must be set with ROLE=api/);
    expect(api).toMatch(/AUTH_SECRET or AUTH_JWKS_URL must be set with ROLE=api/);
    expect(await refusal({ DATA_DIR: unused(), ROLE: "projector" })).toMatch(
      /EVENTSTORE_URL, DATABASE_URL, REDIS_URL must be set with ROLE=projector/,
    );
    expect(() => readConfig({ ROLE: "indexer" })).toThrow(/ELASTICSEARCH_URL/);
    expect(() => readConfig({ ROLE: "everything" })).toThrow(/ROLE must be one of all, api, projector, indexer/);
  });

  test("slices only of views that can be divided", () => {
    const url = "postgres://localhost/tidings";
    expect(readConfig({}).projectionSlices).toBeUndefined();
    expect(readConfig({ DATABASE_URL: url, PROJECTION_SLICES: "8" }).projectionSlices).toBe(8);
    expect(() => readConfig({ PROJECTION_SLICES: "8" })).toThrow(/PROJECTION_SLICES needs DATABASE_URL/);
    for (const wrong of ["0", "65", "2.5", "many"])
      expect(() => readConfig({ DATABASE_URL: url, PROJECTION_SLICES: wrong })).toThrow(
        /PROJECTION_SLICES must be a whole number from 1 to 64/,
      );
  });

  test("a list of what is answered must be given to be kept to", () => {
    expect(readConfig({})).toMatchObject({ documents: undefined, documentsOnly: false });
    expect(readConfig({ DOCUMENTS: "/documents", DOCUMENTS_ONLY: "on" })).toMatchObject({
      documents: "/documents",
      documentsOnly: true,
    });
    expect(() => readConfig({ DOCUMENTS_ONLY: "on" })).toThrow(/DOCUMENTS must be set with DOCUMENTS_ONLY=on/);
    expect(() => readConfig({ DOCUMENTS: "/documents", DOCUMENTS_ONLY: "yes" })).toThrow(
      /DOCUMENTS_ONLY must be one of on, off, not "yes"/,
    );
  });

  test("a claim that says who a user is has a name, and says nothing else", async () => {
    expect(readConfig({}).auth.userClaim).toBe("sub");
    for (const name of ["email", "https://example.org/username", "cognito:username"])
      expect(readConfig({ AUTH_USER_CLAIM: name }).auth.userClaim).toBe(name);
    for (const name of ["two words", "naïve", "x".repeat(97)])
      expect(() => readConfig({ AUTH_USER_CLAIM: name })).toThrow(/AUTH_USER_CLAIM is the name of a claim/);
    for (const name of ["iss", "aud", "exp", "nbf", "iat", "jti", "scope", "device"])
      expect(() => readConfig({ AUTH_USER_CLAIM: name })).toThrow(/AUTH_USER_CLAIM is the claim that says who a user is/);
  });

  test("keys that are believed come over TLS, or from this machine", async () => {
    const named = { AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" };
    for (const AUTH_JWKS_URL of [
      "http://id.example.org/jwks.json",
      "http://localhost.example.org/jwks.json",
      "http://127.0.0.1.example.org/jwks.json",
      "http://10.0.0.1/jwks.json",
      "https://user:password@id.example.org/jwks.json",
      "file:///etc/jwks.json",
      "id.example.org",
    ]) {
      const told = await refusal({ DATA_DIR: unused(), AUTH_JWKS_URL, ...named });
      expect(told, AUTH_JWKS_URL).toMatch(
        /AUTH_JWKS_URL must be an address such as https:.*http is allowed only for this machine/,
      );
      expect(told).not.toContain("user:password");
    }
    for (const AUTH_JWKS_URL of ["https://id.example.org/j", "http://127.0.0.1:9/j", "http://localhost:9/j", "http://[::1]:9/j"])
      expect(readConfig({ AUTH_JWKS_URL, ...named }).auth.jwksUrl).toBe(AUTH_JWKS_URL);
  });

  test("a secret that was set by hand makes no tokens in the IDE, one that was made up does", async () => {
    const cases = [
      [{ AUTH_SECRET: "s".repeat(32) }, 404],
      [{ AUTH_JWKS_URL: "http://127.0.0.1:9/j", AUTH_ISSUER: "i", AUTH_AUDIENCE: "a" }, 404],
      [{}, 200],
    ] as const;
    const tried = cases.map(async ([settings, status]) => {
      const server = await startServer({ dataDir: unused(), settings, ready: false });
      onTestFinished(() => server.remove());
      expect((await fetch(`${server.url}/graphiql`)).status).toBe(200);
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${server.url}/graphiql/token`, { method: "POST", headers, body: '{"user":"ann"}' });
      expect(response.status).toBe(status);
    });
    await Promise.all(tried);
  });

  test("production without a secret of its own", async () => {
    const dataDir = unused();
    expect(await refusal({ DATA_DIR: dataDir, NODE_ENV: "production" })).toMatch(/AUTH_SECRET or AUTH_JWKS_URL must be set/);
    await expect(stat(dataDir)).rejects.toThrow("ENOENT");
    const settings = { NODE_ENV: "production", AUTH_SECRET: "s".repeat(32) };
    const server = await startServer({ dataDir, settings, ready: false });
    onTestFinished(() => server.remove());
    // Neither the IDE nor its tokens.
    expect((await fetch(`${server.url}/graphiql`)).status).toBe(404);
  });

  test("empty ones count as unset", async () => {
    const settings = { AUTH_SECRET: "", REDIS_URL: "", FANOUT_LIMIT: "" };
    const server = await startServer({ dataDir: unused(), settings, ready: false });
    await server.remove();
  });
});

describe("an EventStoreDB that is away", () => {
  test("is waited for, which is told, and what it is told to end by is heard meanwhile; DATA_DIR is free after that", async () => {
    const dataDir = unused();
    const away = `esdb://127.0.0.1:${await unusedPort()}?tls=false`;
    const waiting = startTidings(["serve"], { DATA_DIR: dataDir, PORT: "0", EVENTSTORE_URL: away });
    onTestFinished(async () => void (await waiting.kill()));
    await until("it is told that it waits", () => waiting.out().includes("waiting for EventStoreDB"));
    expect(await waiting.stop()).toMatchObject({ code: 0, err: "" });
    expect(waiting.out()).not.toContain("Tidings serves");
    const server = await startServer({ dataDir, ready: false });
    await server.remove();
  });
});

describe("an Elasticsearch that nobody listens at", () => {
  test("the server starts without it, is ready, and says so; all else works, and searches say UNAVAILABLE", async () => {
    const away = { ELASTICSEARCH_URL: `http://operator:s3cret@127.0.0.1:${await unusedPort()}` };
    const server = await startServer({ settings: away });
    onTestFinished(() => server.remove());
    const { status, body } = await server.readiness();
    expect({ status, ready: body.ready }).toEqual({ status: 200, ready: true });
    expect(body.components.search).toMatchObject({ ready: false, kind: "elasticsearch" });
    expect(body.components.search?.detail).toMatch(/\w/);

    const [ann, bob] = await registeredAll({ address: server.url, token: server.token }, "ann", "bob");
    const { cursor, message } = await ann.act("sendMessage", { userId: "bob", text: "hello" });
    expect((await bob.syncAll(null, { atLeast: cursor })).entries).toMatchObject([{ message: { id: message.id } }]);
    for (const query of [
      `searchMessages(query: { text: "hello" }) { totalCount }`,
      `searchMessages(query: { text: "hello" }) { edges { node { message { id } } } }`,
      `searchUsers(query: { name: "ann" }) { edges { node { user { id } } } }`,
      `searchConversations(query: { name: "x" }) { edges { node { conversation { id } } } }`,
    ])
      expect(await refusedWith(ann, query), query).toEqual({ code: "UNAVAILABLE" });
    // What is wrong with a query is told all the same.
    expect(await refusedWith(ann, `searchMessages(query: { text: "" }) { totalCount }`)).toMatchObject({ code: "BAD_INPUT" });

    const operator = await clientOf({ address: server.url, token: server.token }, "operator", { admin: true });
    type Projections = { admin: { projections: { name: string; state: string; lastError: string | null }[] } };
    // Its thread may still be starting.
    const admin = await until("search says why it is away", async () => {
      const said = (await operator.ask<Projections>("{ admin { projections { name state lastError } } }")).admin;
      const away = said.projections.filter(({ state }) => state !== "LIVE");
      return away.length === 1 && /Elasticsearch/.test(away[0]?.lastError ?? "") ? said : undefined;
    });
    expect(admin.projections.filter(({ state }) => state !== "LIVE")).toMatchObject([{ name: "search", state: "RETRYING" }]);
    expect(server.log() + JSON.stringify([body, admin])).not.toContain("s3cret");
    expect(await server.stop()).toBe(0);
  });
});

describe("the command line", () => {
  test("a token for a name that makes no user's id, or for a handle that nobody has", async () => {
    const dataDir = unused();
    expect(await refusal({ DATA_DIR: dataDir }, ["token", "x".repeat(65)])).toMatch(/names no user: it makes an id of 65/);
    const server = await startServer({ dataDir });
    onTestFinished(() => server.remove());
    expect(await refusal({ DATA_DIR: dataDir }, ["token", "@nobody"])).toMatch(/nobody has the handle @nobody/);
    expect(await refusal({ DATA_DIR: dataDir }, ["token", "@a b"])).toMatch(/nobody has the handle @a b/);
  });

  test("a token for a handle where there is no log yet", async () => {
    expect(await refusal({ DATA_DIR: unused(), EVENTSTORE_URL: "" }, ["token", "@alice"])).toMatch(
      /there is no log at .*log\.sqlite/,
    );
  });

  test("an archive that there is not", async () => {
    expect(await refusal({ DATA_DIR: unused() }, ["import", join(folder.path, "none.jsonl")])).toMatch(
      /there is no file .*none\.jsonl/,
    );
  });

  test("what it does not know: help, and not 0", async () => {
    for (const args of [["srve"], ["serve", "--fast"], ["token"], ["token", "alice", "--expires", "soon"], ["import"], []]) {
      const { code, out, err } = await runTidings(args, { DATA_DIR: unused() });
      expect(code, args.join(" ")).toBe(1);
      expect(out).toBe("");
      expect(err).toMatch(/error: |Usage: /);
    }
  });
});

/** A disk that is always full, where there is such a thing. */
const FULL = "/dev/full";

describe.skipIf(!existsSync(FULL))("a standard output that cannot be written to", () => {
  const full = (): number => {
    const file = openSync(FULL, "w");
    onTestFinished(() => closeSync(file));
    return file;
  };

  test("keeps a server from nothing: it says so once, serves, and ends when it is told to", async () => {
    const port = await unusedPort();
    const settings = { DATA_DIR: unused(), PORT: `${port}`, LOG_LEVEL: "debug" };
    const server = startTidings(["serve"], settings, { stdout: full() });
    onTestFinished(() => void server.kill());
    const ready = async () => (await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined))?.status === 200;
    await until("it serves", ready);
    const { code, err } = await server.stop();
    expect(code).toBe(0);
    expect(err).toMatch(/^tidings: the log cannot be written to standard output \(ENOSPC.*\); the server goes on\n$/);
  });

  test("ends a command that was to say something with 1, and in words", async () => {
    const { ended } = startTidings(["token", "ann"], { DATA_DIR: unused() }, { stdout: full() });
    const { code, err } = await ended;
    expect([code, err]).toEqual([1, expect.stringMatching(/^tidings: standard output cannot be written to: ENOSPC.*\n$/)]);
  });
});
