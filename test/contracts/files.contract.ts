import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Unavailable } from "../../src/ports/faults.ts";
import type { FileStore } from "../../src/ports/files.ts";

/** A store that is open, and how clients reach its addresses. */
export type OpenedStore = {
  store: FileStore;
  /** What a client gives as its origin. */
  origin: string | undefined;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Lets time pass for whoever checks addresses. */
  pass(ms: number): void;
  now(): number;
  close(): Promise<void>;
};

const HOUR_MS = 3_600_000;

/** What every store of files does, as clients see it. */
export function fileStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`files: ${name}`, () => {
    let opened: OpenedStore;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
    const creating = async (id: string, size = bytes.length) =>
      opened.store.incoming({ id, size, expiresAt: opened.now() + HOUR_MS }, opened.origin);
    const put = async (id: string, body: Buffer = bytes, size = body.length) => {
      const { url, method, headers } = await creating(id, size);
      const given = Object.fromEntries(headers.map((header) => [header.name, header.value]));
      return opened.fetch(url, { method, headers: given, body: new Uint8Array(body) });
    };
    const addressOf = async (id: string, more: Partial<Parameters<FileStore["address"]>[0]> = {}) =>
      opened.store.address(
        { id, part: "file", name: "a b.png", mediaType: "image/png", until: opened.now() + HOUR_MS, ...more },
        opened.origin,
      );
    const kept = async () => {
      const id = randomUUID();
      expect((await put(id)).ok).toBe(true);
      expect(await opened.store.take(id)).toBe(bytes.length);
      return id;
    };
    const got = async (url: string, init: RequestInit = {}) => {
      const response = await opened.fetch(url, init);
      return { response, status: response.status, body: Buffer.from(await response.arrayBuffer()) };
    };

    test("what a client puts is kept once it is taken, and got by an address", async () => {
      const id = await kept();
      const { status, body, response } = await got(await addressOf(id));
      expect(status).toBe(200);
      expect(body.equals(bytes)).toBe(true);
      expect(response.headers.get("content-type")).toBe("image/png");
      expect(response.headers.get("content-disposition")).toBe("inline; filename*=UTF-8''a%20b.png");
    });

    test("bytes that mean nothing are only kept by a browser, whatever their name is", async () => {
      const id = await kept();
      const address = await addressOf(id, { mediaType: "application/octet-stream", name: 'seite"\r\nx: y; 页.html' });
      const { response } = await got(address);
      expect(response.headers.get("content-type")).toBe("application/octet-stream");
      expect(response.headers.get("content-disposition")).toBe(
        "attachment; filename*=UTF-8''seite%22%0D%0Ax%3A%20y%3B%20%E9%A1%B5.html",
      );
    });

    test("taking is done once: what is put later changes nothing", async () => {
      const id = await kept();
      await put(id, Buffer.alloc(bytes.length, 7));
      expect(await opened.store.take(id)).toBe(bytes.length);
      expect((await got(await addressOf(id))).body.equals(bytes)).toBe(true);
    });

    test("the bytes of what is kept are read piece by piece, and of nothing else there are none", async () => {
      const id = await kept();
      const pieces: Buffer[] = [];
      for await (const piece of (await opened.store.bytes(id)) ?? []) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      const other = randomUUID();
      await put(other);
      expect(await opened.store.bytes(other)).toBeUndefined();
      await opened.store.remove(id);
      expect(await opened.store.bytes(id)).toBeUndefined();
    });

    test("what never came is not there", async () => {
      const id = randomUUID();
      expect(await opened.store.take(id)).toBeUndefined();
      expect((await got(await addressOf(id))).status).toBe(404);
    });

    test("a part is got by its range", async () => {
      const id = await kept();
      const { status, body, response } = await got(await addressOf(id), { headers: { range: "bytes=10-19" } });
      expect(status).toBe(206);
      expect(response.headers.get("content-range")).toBe(`bytes 10-19/${bytes.length}`);
      expect(body.equals(bytes.subarray(10, 20))).toBe(true);
      expect((await got(await addressOf(id), { headers: { range: `bytes=${bytes.length}-` } })).status).toBe(416);
    });

    test("its beginning can be read", async () => {
      const id = await kept();
      expect((await opened.store.read(id, 100)).equals(bytes.subarray(0, 100))).toBe(true);
      expect((await opened.store.read(id, 1_000_000)).equals(bytes)).toBe(true);
    });

    test("a small picture is kept beside it", async () => {
      const id = await kept();
      await opened.store.putThumbnail(id, Buffer.from("small"), "image/webp");
      await opened.store.putThumbnail(id, Buffer.from("small"), "image/webp");
      const { status, body, response } = await got(await addressOf(id, { part: "thumbnail", mediaType: "image/webp" }));
      expect([status, body.toString(), response.headers.get("content-type")]).toEqual([200, "small", "image/webp"]);
      expect((await got(await addressOf(id))).body.equals(bytes)).toBe(true);
    });

    test("an address is good for what it says alone, and until its time is over", async () => {
      const [one, other] = [await kept(), await kept()];
      const url = await addressOf(one);
      expect((await got(url.replaceAll(one, other))).status).toBe(403);
      expect((await got(url.replace("png", "xml"))).status).toBe(403);
      expect((await got(url.split("?", 1)[0] ?? "")).status).toBe(403);
      // The same address, to write.
      expect((await got(url, { method: "PUT", body: "x" })).status).toBe(403);
      opened.pass(HOUR_MS - 5_000);
      expect((await got(url)).status).toBe(200);
      opened.pass(10_000);
      expect((await got(url)).status).toBe(403);
    });

    test("an address to put bytes to is good for so many alone, and until its time is over", async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      expect((await put(id, bytes, bytes.length - 1)).ok).toBe(false);
      const { url, headers } = await creating(id);
      const type = Object.fromEntries(headers.map((header) => [header.name, header.value]));
      const send = (to: string) => opened.fetch(to, { method: "PUT", headers: type, body: new Uint8Array(bytes) });
      expect((await send(url.replaceAll(id, other))).ok).toBe(false);
      opened.pass(HOUR_MS + 5_000);
      expect((await send(url)).ok).toBe(false);
      expect(await opened.store.take(id)).toBeUndefined();
      expect(await opened.store.take(other)).toBeUndefined();
    });

    test("an address to put bytes to that is asked for again after its time is as old as the first", async () => {
      const id = randomUUID();
      const expiresAt = opened.now() + HOUR_MS;
      opened.pass(HOUR_MS + 5_000);
      const { url, method, headers } = await opened.store.incoming({ id, size: bytes.length, expiresAt }, opened.origin);
      const given = Object.fromEntries(headers.map((header) => [header.name, header.value]));
      expect((await opened.fetch(url, { method, headers: given, body: new Uint8Array(bytes) })).ok).toBe(false);
      expect(await opened.store.take(id)).toBeUndefined();
    });

    test("what is removed is gone, kept or not, and removing it again does nothing", async () => {
      const [id, waiting] = [await kept(), randomUUID()];
      await opened.store.putThumbnail(id, Buffer.from("small"), "image/webp");
      await put(waiting);
      for (const each of [id, waiting, waiting, randomUUID()]) await opened.store.remove(each);
      expect((await got(await addressOf(id))).status).toBe(404);
      expect((await got(await addressOf(id, { part: "thumbnail" }))).status).toBe(404);
      expect(await opened.store.take(waiting)).toBeUndefined();
      expect(await opened.store.take(id)).toBeUndefined();
    });

    test("what was not taken is discarded, and what was taken stays", async () => {
      const [id, waiting] = [await kept(), randomUUID()];
      await put(waiting);
      for (const each of [id, waiting, waiting]) await opened.store.discard(each);
      expect(await opened.store.take(waiting)).toBeUndefined();
      expect((await got(await addressOf(id))).body.equals(bytes)).toBe(true);
    });

    test("names that are none lead nowhere", async () => {
      for (const id of ["../../secret", "", "a/b", `${randomUUID()}/..`])
        await expect((async () => opened.store.remove(id))()).rejects.toThrow(/UUID|cannot be used/);
    });

    test("it says that it is well", async () => expect(await opened.store.trouble()).toBeUndefined());
  });
}

/** What a store does that is away. */
export async function isAway(store: FileStore): Promise<void> {
  const id = randomUUID();
  await expect(store.take(id)).rejects.toThrow(Unavailable);
  await expect(store.read(id, 10)).rejects.toThrow(Unavailable);
  await expect(store.putThumbnail(id, Buffer.from("x"), "image/webp")).rejects.toThrow(Unavailable);
  await expect(store.remove(id)).rejects.toThrow(Unavailable);
  expect(await store.trouble()).toEqual(expect.any(String));
}
