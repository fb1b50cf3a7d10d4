import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FOLDER_PATH, openFolder } from "../../../src/adapters/files/folder/folder.ts";
import { rangeOf } from "../../../src/transport/ranges.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { raw, request } from "./raw.ts";

const HOUR_MS = 3_600_000;

let directory: Awaited<ReturnType<typeof tempDir>>;
let store: Awaited<ReturnType<typeof openFolder>>;
let server: Running & AsyncDisposable;
/** As short as it can be: what is slow is cut off within a moment. */
const PATIENCE = { keepAliveMs: 400, requestTimeoutMs: 600, uploadTimeoutMs: HOUR_MS };

beforeEach(async () => {
  directory = await tempDir();
  store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0 });
  server = await running(
    { ...PATIENCE, production: true, origins: ["https://chat.example.org"] },
    { files: { door: store, path: FOLDER_PATH } },
  );
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await directory.remove();
  expect(server.faults).toEqual([]);
});

const origin = () => `http://127.0.0.1:${server.port}`;
const pathOf = (url: string): string => url.slice(origin().length);
const toPut = async (id: string, size: number) =>
  (await store.incoming({ id, size, expiresAt: Date.now() + HOUR_MS }, origin())).url;
const toGet = async (id: string, more: object = {}) =>
  store.address({ id, part: "file", name: "a.png", mediaType: "image/png", until: Date.now() + HOUR_MS, ...more }, origin());
const kept = async (bytes: Buffer): Promise<string> => {
  const id = randomUUID();
  expect((await fetch(await toPut(id, bytes.length), { method: "PUT", body: new Uint8Array(bytes) })).status).toBe(201);
  await store.take(id);
  return id;
};
const incoming = () => readdir(join(directory.path, "incoming"));

describe("bytes that are put", () => {
  test("count only once all have come: a client that is cut off in the middle may begin again", async () => {
    const id = randomUUID();
    const path = pathOf(await toPut(id, 1_000));
    const client = await raw(server.port);
    client.write(request(`PUT ${path} HTTP/1.1`, { "Content-Length": "1000" }, "x".repeat(400)));
    await until("it is being written", async () => (await incoming()).length === 1);
    client.socket.destroy();
    await until("nothing is left of it", async () => (await incoming()).length === 0);
    expect(await store.take(id)).toBeUndefined();
    expect((await fetch(await toPut(id, 1_000), { method: "PUT", body: "y".repeat(1_000) })).status).toBe(201);
    expect(await store.take(id)).toBe(1_000);
  });

  test("are given up where they come too slowly, and take longer than other requests where they do not", async () => {
    const slow = await raw(server.port);
    slow.write(request(`PUT ${pathOf(await toPut(randomUUID(), 100_000))} HTTP/1.1`, { "Content-Length": "100000" }, "x"));
    const id = randomUUID();
    const steady = await raw(server.port);
    const pieces = 12;
    steady.write(
      request(`PUT ${pathOf(await toPut(id, pieces * 4_096))} HTTP/1.1`, { "Content-Length": String(pieces * 4_096) }),
    );
    const began = performance.now();
    let sent = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        steady.write("x".repeat(4_096));
        sent += 1;
        if (sent < pieces) return;
        clearInterval(timer);
        resolve();
      }, 100);
    });
    await steady.says("201 Created");
    expect(performance.now() - began).toBeGreaterThan(PATIENCE.requestTimeoutMs);
    await slow.ended;
    await until("nothing is left of it", async () => (await incoming()).filter((name) => name.endsWith(".part")).length === 0);
    // Another request has no more time than before.
    const other = await raw(server.port);
    other.write(request("POST /graphql HTTP/1.1", { "Content-Length": "1000", "Content-Type": "application/json" }, "{"));
    expect(await other.ended).toContain("408");
  });

  test("give nothing that comes after them more time", async () => {
    const id = randomUUID();
    const client = await raw(server.port);
    const next = request("POST /graphql HTTP/1.1", { "Content-Length": "1000", "Content-Type": "application/json" }, "{");
    client.write(request(`PUT ${pathOf(await toPut(id, 5))} HTTP/1.1`, { "Content-Length": "5" }, `whole${next}`));
    const said = await client.ended;
    expect(said).toContain("201 Created");
    expect(said).toContain("408");
    expect(await store.take(id)).toBe(5);
  });

  test.each([
    ["no length", { "Transfer-Encoding": "chunked" }, "411"],
    ["another length", { "Content-Length": "999" }, "400"],
  ])("are refused with %s", async (_, headers, status) => {
    const client = await raw(server.port);
    client.write(request(`PUT ${pathOf(await toPut(randomUUID(), 1_000))} HTTP/1.1`, headers));
    await client.says(`HTTP/1.1 ${status}`);
    expect(await incoming()).toEqual([]);
  });

  test("come once: whoever puts them again is told that they are there, and changes nothing", async () => {
    const id = randomUUID();
    const url = await toPut(id, 5);
    const send = async (body: string) => (await fetch(url, { method: "PUT", body })).status;
    expect([await send("first"), await send("other")]).toEqual([201, 200]);
    await store.take(id);
    expect(await send("third")).toBe(200);
    expect((await store.read(id, 10)).toString()).toBe("first");
  });

  test("may be as many as were said, whatever the largest request is", async () => {
    const bytes = randomBytes(3_000_000);
    const id = await kept(bytes);
    const got = Buffer.from(await (await fetch(await toGet(id))).arrayBuffer());
    const digest = (of: Buffer) => createHash("sha256").update(of).digest("hex");
    expect(digest(got)).toBe(digest(bytes));
  });
});

describe("bytes that are got", () => {
  const bytes = Buffer.from("0123456789");

  test.each([
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=5-100", 206, "56789", "bytes 5-9/10"],
    ["bytes=10-", 416, undefined, "bytes */10"],
    ["bytes=-0", 416, undefined, "bytes */10"],
    ["bytes=0-1,4-5", 200, "0123456789", null],
    ["lines=1-2", 200, "0123456789", null],
    ["bytes=3-1", 200, "0123456789", null],
  ])("of the range %s", async (range, status, body, told) => {
    const response = await fetch(await toGet(await kept(bytes)), { headers: { range } });
    expect([response.status, response.headers.get("content-range")]).toEqual([status, told]);
    if (body !== undefined) expect(await response.text()).toBe(body);
  });

  test("are not sent again to whoever has them, and only those that go on from the same file", async () => {
    const id = await kept(bytes);
    const url = await toGet(id);
    const whole = await fetch(url);
    const etag = whole.headers.get("etag") ?? "";
    expect(await whole.text()).toBe("0123456789");
    const again = await fetch(url, { headers: { "if-none-match": `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const goOn = async (ifRange: string) => (await fetch(url, { headers: { range: "bytes=5-", "if-range": ifRange } })).status;
    expect([await goOn(etag), await goOn('"other"')]).toEqual([206, 200]);
    const head = await fetch(url, { method: "HEAD", headers: { range: "bytes=5-" } });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  });

  test("run nothing, wherever they are opened", async () => {
    const id = await kept(Buffer.from("<script>alert(1)</script>"));
    const picture = await fetch(await toGet(id));
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringMatching(/default-src 'none'.*sandbox$/) as string,
      "cross-origin-resource-policy": "cross-origin",
      "cache-control": expect.stringMatching(/^private, max-age=\d+, immutable$/) as string,
    });
    const other = await fetch(await toGet(id, { mediaType: "application/octet-stream", name: "a.html" }));
    expect(other.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''a.html");
  });

  test("are read by pages of this product alone", async () => {
    const url = await toGet(await kept(bytes));
    const allowed = async (from: string) =>
      (await fetch(url, { headers: { origin: from } })).headers.get("access-control-allow-origin");
    expect(await allowed("https://chat.example.org")).toBe("https://chat.example.org");
    expect(await allowed("https://evil.example.org")).toBeNull();
    const asked = await fetch(url, {
      method: "OPTIONS",
      headers: { origin: "https://chat.example.org", "access-control-request-method": "PUT" },
    });
    expect([asked.status, asked.headers.get("access-control-allow-methods")]).toEqual([204, "GET, HEAD, PUT"]);
  });

  test("are not held for a reader that takes none", async () => {
    const url = await toGet(await kept(randomBytes(20_000_000)));
    const client = await raw(server.port);
    client.socket.pause();
    client.write(request(`GET ${pathOf(url)} HTTP/1.1`, {}));
    client.socket.resume();
    await client.says("200 OK");
    client.socket.pause();
    const open = () => new Promise<number>((resolve) => server.app.server.getConnections((_, count) => resolve(count)));
    const before = await open();
    await until("it was cut off", async () => (await open()) < before);
    client.socket.destroy();
  });
});

describe("an address that is not good", () => {
  test.each([
    ["without its query", (url: string) => url.split("?")[0]],
    ["with another signature", (url: string) => url.replace(/s=[^&]{4}/, "s=AAAA")],
    ["with its signature twice", (url: string) => `${url}&s=x`],
    ["with another name", (url: string) => url.replace("n=a.png", "n=a.html")],
    ["with another time", (url: string) => url.replace(/e=\d/, "e=9")],
    ["of another file", (url: string) => url.replace(/[0-9a-f]{8}-/, "00000000-")],
    ["of no file", (url: string) => url.replace(/\/files\/[^?]+/, "/files/..%2F..%2Fsecret")],
    ["of the key", (url: string) => url.replace(/\/files\/[^?]+/, "/files/key")],
  ])("is refused %s, and tells nothing", async (_, change) => {
    const id = await kept(Buffer.from("secret"));
    const response = await fetch(change(await toGet(id)) ?? "");
    expect(response.status).toBe(403);
    expect(await response.text()).not.toBe("secret");
    const url = await toPut(randomUUID(), 1);
    const changed = change(url) ?? "";
    if (changed !== url) expect((await fetch(changed, { method: "PUT", body: "x" })).status).toBe(403);
  });

  test("of a file that is gone says so", async () => {
    const id = await kept(Buffer.from("x"));
    const url = await toGet(id);
    await store.remove(id);
    expect((await fetch(url)).status).toBe(404);
  });

  test("that raw bytes make is survived", async () => {
    const path = pathOf(await toGet(await kept(Buffer.from("x"))));
    for (const first of [
      `GET ${path}%00 HTTP/1.1`,
      "GET /files/%E0%A4%A HTTP/1.1",
      "PUT /files/ HTTP/1.1",
      `DELETE ${path} HTTP/1.1`,
      `PUT ${path} HTTP/1.1`,
      `GET ${"/files/x".padEnd(9_000, "x")} HTTP/1.1`,
    ]) {
      const client = await raw(server.port);
      client.write(request(first, { "Content-Length": "0", Range: `bytes=${"9".repeat(400)}-`, "If-None-Match": ',,"' }));
      expect(await client.says("HTTP/1.1 ")).toMatch(/HTTP\/1\.1 4\d\d/);
      client.socket.destroy();
    }
    expect((await fetch(`${origin()}/live`)).status).toBe(200);
  });
});

test("a range of what is empty is none", () => {
  expect(rangeOf("bytes=0-", 0)).toBe("none");
  expect(rangeOf(undefined, 0)).toBeUndefined();
});
