import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readdir, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openFolder } from "../../src/adapters/files/folder/folder.ts";
import { s3AddressOf } from "../../src/adapters/files/s3/address.ts";
import { openS3 } from "../../src/adapters/files/s3/s3.ts";
import { fileServer } from "../support/fileServer.ts";
import { BUCKET, faultOf, KEY, s3Server, SECRET } from "../support/s3Server.ts";
import { gate } from "../support/gate.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";
import { fileStoreContract, isAway } from "./files.contract.ts";

const HOUR_MS = 3_600_000;
const UNTIL = Date.now() + HOUR_MS;

const newFolder = async () => {
  const { path, remove } = await tempDir();
  return { path, [Symbol.asyncDispose]: remove };
};

fileStoreContract("a folder", async () => {
  const directory = await tempDir();
  let later = 0;
  const now = () => Date.now() + later;
  const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0, now });
  const server = await fileServer(store);
  return {
    store,
    origin: server.origin,
    fetch: (...of) => fetch(...of),
    pass: (ms) => void (later += ms),
    now,
    close: async () => {
      await server.close();
      await directory.remove();
    },
  };
});

fileStoreContract("S3", async () => {
  let later = 0;
  const now = () => Date.now() + later;
  const server = await s3Server({ now });
  const store = openS3({ address: s3AddressOf(server.url), addressMs: HOUR_MS, now });
  return {
    store,
    origin: undefined,
    fetch: (...of) => fetch(...of),
    pass: (ms) => void (later += ms),
    now,
    close: async () => server[Symbol.asyncDispose](),
  };
});

describe("a folder", () => {
  test("keeps nothing of what came in part, also after a restart", async () => {
    await using directory = await newFolder();
    const open = () => openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0 });
    const store = await open();
    const id = randomUUID();
    async function* half(): AsyncGenerator<Buffer> {
      yield Buffer.from("half");
      throw new Error("the line was cut");
    }
    expect(await store.put({ id, size: 8, until: UNTIL }, half())).toBe("short");
    expect(await store.take(id)).toBeUndefined();
    expect(await readdir(join(directory.path, "incoming"))).toEqual([]);
    // As a process leaves it that was killed.
    await writeFile(join(directory.path, "incoming", "0123.part"), "half");
    await open();
    expect(await readdir(join(directory.path, "incoming"))).toEqual([]);
  });

  test("keeps nothing that comes long after its address has ended", async () => {
    await using directory = await newFolder();
    let later = 0;
    const now = () => Date.now() + later;
    const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0, now });
    async function* slowly(): AsyncGenerator<Buffer> {
      later = 2 * HOUR_MS;
      yield Buffer.from("whole");
    }
    const id = randomUUID();
    expect(await store.put({ id, size: 5, until: UNTIL }, slowly())).toBe("short");
    expect(await store.take(id)).toBeUndefined();
  });

  test("leaves room for the log", async () => {
    await using directory = await newFolder();
    const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: Number.MAX_SAFE_INTEGER });
    async function* whole(): AsyncGenerator<Buffer> {
      yield Buffer.from("whole");
    }
    expect(await store.put({ id: randomUUID(), size: 5, until: UNTIL }, whole())).toBe("full");
    expect(await store.trouble()).toBeUndefined();
  });

  test("leaves that room also where several come at the same time", async () => {
    await using directory = await newFolder();
    const { bavail, bsize } = await statfs(directory.path);
    const size = Math.floor(bavail * bsize * 0.6);
    const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0 });
    const { passed, open } = gate();
    async function* slowly(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(300_000);
      await passed;
    }
    const first = store.put({ id: randomUUID(), size, until: UNTIL }, slowly());
    await until("it comes", async () => (await readdir(join(directory.path, "incoming"))).length === 1);
    expect(await store.put({ id: randomUUID(), size, until: UNTIL }, slowly())).toBe("full");
    open();
    expect(await first).toBe("short");
    expect(await store.put({ id: randomUUID(), size, until: UNTIL }, slowly())).toBe("short");
  });

  test("takes one upload from one client at a time", async () => {
    await using directory = await newFolder();
    const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0 });
    const id = randomUUID();
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    async function* slowly(): AsyncGenerator<Buffer> {
      await gate;
      yield Buffer.from("whole");
    }
    const first = store.put({ id, size: 5, until: UNTIL }, slowly());
    expect(await store.put({ id, size: 5, until: UNTIL }, slowly())).toBe("busy");
    goOn();
    expect(await first).toBe("done");
    expect(await store.put({ id, size: 5, until: UNTIL }, slowly())).toBe("arrived");
  });

  test("says so where it cannot be used", async () => {
    const directory = await tempDir();
    const store = await openFolder({ directory: directory.path, key: "k".repeat(40), keepFree: 0 });
    await directory.remove();
    await writeFile(directory.path, "a file in its place");
    await isAway(store);
    await directory.remove();
  });
});

describe("S3", () => {
  test("that is away is told, and tried again", async () => {
    await using server = await s3Server();
    const store = openS3({ address: s3AddressOf(server.url), addressMs: HOUR_MS, limitMs: 2_000 });
    server.fail(503);
    await isAway(store);
    server.fail(undefined);
    expect(await store.trouble()).toBeUndefined();
    expect(server.refused).toEqual([]);
  });

  test("tells of a copy that failed on the way, and nothing counts as kept", async () => {
    await using server = await s3Server();
    const store = openS3({ address: s3AddressOf(server.url), addressMs: HOUR_MS });
    const id = randomUUID();
    const { url, headers } = await store.incoming({ id, size: 5, expiresAt: Date.now() + HOUR_MS }, undefined);
    const given = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
    expect((await fetch(url, { method: "PUT", headers: given, body: "whole" })).status).toBe(200);
    server.breakCopy();
    await expect(store.take(id)).rejects.toThrow(/cannot be used/);
    expect(await store.take(id)).toBe(5);
    expect([...server.objects.keys()]).toEqual([`chat/kept/${id}`]);
    expect(server.objects.get(`chat/kept/${id}`)?.type).toBe("application/octet-stream");
  });

  test("with another secret is refused, and says why to operators alone", async () => {
    await using server = await s3Server();
    const url = server.url.replace(encodeURIComponent(SECRET), "another");
    const store = openS3({ address: s3AddressOf(url), addressMs: HOUR_MS });
    await expect(store.take(randomUUID())).rejects.toThrow("the store of files cannot be used now");
    expect(server.refused[0]).toContain("SignatureDoesNotMatch");
  });

  test("its addresses are checked here as Amazon says", () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    const url =
      "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    const asked = { method: "GET", url, headers: { host: "examplebucket.s3.amazonaws.com" }, secret: SECRET };
    const at = Date.parse("2013-05-24T00:00:00Z");
    expect(faultOf({ ...asked, now: at })).toBeUndefined();
    expect(faultOf({ ...asked, now: at + 86_401_000 })).toContain("expired");
    expect(faultOf({ ...asked, method: "PUT", now: at })).toBe("SignatureDoesNotMatch");
  });

  test.each([
    [
      "s3://k:s@s3.eu-central-1.amazonaws.com/photos",
      { endpoint: "https://photos.s3.eu-central-1.amazonaws.com", region: "eu-central-1" },
    ],
    [
      `s3://k:${encodeURIComponent("a/b+c")}@minio:9000/${BUCKET}/a/b?tls=false`,
      { endpoint: `http://minio:9000/${BUCKET}`, prefix: "a/b/", secretAccessKey: "a/b+c" },
    ],
    ["s3://k:s@store/photos?public=https://files.example.org", { publicEndpoint: "https://files.example.org/photos" }],
  ])("reads %s", (text, expected) => expect(s3AddressOf(text)).toMatchObject(expected));

  test("takes key and secret from beside the address", () =>
    expect(s3AddressOf("s3://store/photos", { accessKeyId: KEY, secretAccessKey: SECRET })).toMatchObject({ accessKeyId: KEY }));

  test.each([
    ["s3://k:s@store", /names no bucket/],
    ["s3://store/photos", /no key and secret/],
    ["s3://k:s@store/photos?tsl=false", /no option tsl/],
    ["s3://k:topsecret@store/photos?tls=no", /has another tls/],
    ["s3://k:s@store/photos?public=files", /public/],
    ["https://store/photos", /is no address/],
  ])("refuses %s", (text, saying) => {
    expect(() => s3AddressOf(text)).toThrow(saying);
    expect(() => s3AddressOf(text)).not.toThrow(/topsecret/);
  });
});
