import { setTimeout as delay } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import { backoffMs } from "../../../ports/backoff.ts";
import { dispositionOf } from "../../../ports/disposition.ts";
import { explained, Unavailable } from "../../../ports/faults.ts";
import type { FilePart, FileStore } from "../../../ports/files.ts";
import type { S3Address } from "./address.ts";

export type S3Options = {
  address: S3Address;
  /** How long an address to get a file works, in milliseconds: `until` is at most so far ahead. */
  addressMs: number;
  /** How long one call may take, in milliseconds. */
  limitMs?: number;
  now?: () => number;
};

const LIMIT_MS = 15_000;
const TRIES = 3;
/** S3 takes no longer for an address. */
const EXPIRES_MAX_S = 604_800;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Whatever bytes are, the store calls them nothing that a browser could run. */
const BYTES = "application/octet-stream";

/** `isLong`: what comes is read piece by piece, for as long as it takes. */
type Asked = { method: string; key?: string; headers?: Record<string, string>; body?: Buffer; isLong?: true };

/**
 * Files on S3, or on what speaks its protocol: clients put and get bytes there. What comes lies under `incoming/`; what was
 * taken is a copy under `kept/`, for which nobody ever had an address to write to.
 */
export function openS3({ address, addressMs, limitMs = LIMIT_MS, now = Date.now }: S3Options): FileStore {
  const { endpoint, publicEndpoint, bucket, prefix, region, accessKeyId, secretAccessKey } = address;
  const cache = new Map<string, ArrayBuffer>();
  const identity = { accessKeyId, secretAccessKey, region, service: "s3" };

  const incomingKey = (id: string): string => `${prefix}incoming/${checkedId(id)}`;
  const keptKey = (id: string, part: FilePart = "file"): string =>
    `${prefix}kept/${checkedId(id)}${part === "file" ? "" : ".thumbnail"}`;
  const urlOf = (base: string, key: string): string => `${base}/${key.split("/").map(encodeURIComponent).join("/")}`;

  /** The keys of earlier days are of no more use. */
  const cached = (): Map<string, ArrayBuffer> => {
    if (cache.size > 8) cache.clear();
    return cache;
  };

  const asked = async ({ method, key, headers = {}, body, isLong }: Asked): Promise<Response> => {
    const url = key === undefined ? endpoint : urlOf(endpoint, key);
    const signer = new AwsV4Signer({ method, url, headers, ...identity, cache: cached(), datetime: stampOf(now()) });
    const signed = await signer.sign();
    const late = new AbortController();
    const limit = isLong ? setTimeout(() => late.abort(), limitMs) : undefined;
    try {
      return await fetch(signed.url, {
        method,
        headers: signed.headers,
        redirect: "error",
        signal: isLong ? late.signal : AbortSignal.timeout(limitMs),
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      });
    } finally {
      clearTimeout(limit);
    }
  };

  /** The answer, if it is one of these. What is the server's fault is tried again, as is what did not come. */
  const ask = async (what: Asked, ...expected: number[]): Promise<Response> => {
    for (let attempt = 1; ; attempt++) {
      let fault: Error;
      let mayPass = true;
      try {
        const response = await asked(what);
        if (expected.includes(response.status)) return response;
        const said = (await response.text()).slice(0, 500);
        fault = new Error(`${what.method} was answered with ${response.status}: ${said}`);
        mayPass = response.status >= 500 || response.status === 429;
      } catch (error) {
        fault = error instanceof Error ? error : new Error(String(error));
      }
      if (!mayPass || attempt === TRIES)
        throw new Unavailable("the store of files cannot be used now", "nothing", { cause: fault });
      await delay(backoffMs(attempt));
    }
  };

  const done = async (response: Response): Promise<void> => void (await response.arrayBuffer());

  const sizeOf = async (key: string): Promise<number | undefined> => {
    const response = await ask({ method: "HEAD", key }, 200, 404);
    await done(response);
    return response.status === 200 ? Number(response.headers.get("content-length")) : undefined;
  };

  /** An address for clients. Spaces are written as `%20`, as they were signed. */
  const presigned = async (
    method: string,
    key: string,
    given: { query?: Record<string, string>; headers?: Record<string, string>; at: number; expiresS: number },
  ): Promise<string> => {
    const url = new URL(urlOf(publicEndpoint, key));
    for (const [name, value] of Object.entries(given.query ?? {})) url.searchParams.set(name, value);
    url.searchParams.set("X-Amz-Expires", String(Math.max(1, Math.min(EXPIRES_MAX_S, Math.ceil(given.expiresS)))));
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: given.headers ?? {},
      ...identity,
      cache: cached(),
      datetime: stampOf(given.at),
      signQuery: true,
      allHeaders: true,
    });
    const signed = (await signer.sign()).url;
    return `${signed.origin}${signed.pathname}?${signed.search.slice(1).replaceAll("+", "%20")}`;
  };

  return {
    kind: "s3",
    sameForAll: true,
    origin: new URL(publicEndpoint).origin,

    incoming: async ({ id, size, expiresAt }) => {
      // Also where it is asked for again later, it is good for no longer.
      const at = Math.min(now(), expiresAt - 1_000);
      return {
        method: "PUT",
        url: await presigned("PUT", incomingKey(id), {
          headers: { "content-type": BYTES, "content-length": String(size) },
          at,
          expiresS: (expiresAt - at) / 1_000,
        }),
        headers: [{ name: "Content-Type", value: BYTES }],
      };
    },

    take: async (id) => {
      const before = await sizeOf(keptKey(id));
      if (before !== undefined) return before;
      const source = `/${bucket}/${incomingKey(id).split("/").map(encodeURIComponent).join("/")}`;
      const headers = { "x-amz-copy-source": source, "x-amz-metadata-directive": "REPLACE", "content-type": BYTES };
      const copied = await ask({ method: "PUT", key: keptKey(id), headers }, 200, 404);
      const said = await copied.text();
      if (copied.status === 404) {
        if (said.includes("NoSuchBucket")) throw new Unavailable("the store of files cannot be used now", "nothing");
        return undefined;
      }
      // A copy that fails on the way is told with 200.
      if (said.includes("<Error>"))
        throw new Unavailable("the store of files cannot be used now", "nothing", { cause: new Error(said.slice(0, 500)) });
      await done(await ask({ method: "DELETE", key: incomingKey(id) }, 200, 204, 404));
      return sizeOf(keptKey(id));
    },

    bytes: async (id) => {
      const response = await ask({ method: "GET", key: keptKey(id), isLong: true }, 200, 404);
      if (response.status === 200 && response.body !== null) return buffersOf(response.body);
      await done(response);
      return undefined;
    },

    read: async (id, most) => {
      const response = await ask({ method: "GET", key: keptKey(id), headers: { range: `bytes=0-${most - 1}` } }, 200, 206);
      return Buffer.from(await response.arrayBuffer()).subarray(0, most);
    },

    putThumbnail: async (id, bytes, mediaType) => {
      const headers = { "content-type": mediaType };
      await done(await ask({ method: "PUT", key: keptKey(id, "thumbnail"), headers, body: bytes }, 200));
    },

    address: ({ id, part, name, mediaType, until }) =>
      presigned("GET", keptKey(id, part), {
        query: {
          "response-content-type": mediaType,
          "response-content-disposition": dispositionOf(name, mediaType),
          "response-cache-control": "private, max-age=3600, immutable",
        },
        at: until - addressMs,
        expiresS: addressMs / 1_000,
      }),

    discard: async (id) => done(await ask({ method: "DELETE", key: incomingKey(id) }, 200, 204, 404)),

    remove: async (id) => {
      for (const key of [incomingKey(id), keptKey(id), keptKey(id, "thumbnail")])
        await done(await ask({ method: "DELETE", key }, 200, 204, 404));
    },

    trouble: async () => {
      try {
        const response = await asked({ method: "HEAD" });
        await done(response);
        return response.status === 200 ? undefined : `its bucket ${bucket} was answered with ${response.status}`;
      } catch (error) {
        return `it cannot be reached: ${explained(error)}`;
      }
    },
  };
}

async function* buffersOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Buffer, void> {
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      yield Buffer.from(piece.value.buffer, piece.value.byteOffset, piece.value.byteLength);
  } finally {
    // Who has seen enough lets go of the connection.
    await reader.cancel();
  }
}

const stampOf = (ms: number): string => new Date(ms).toISOString().replace(/[:-]|\.\d{3}/g, "");

function checkedId(id: string): string {
  if (!UUID.test(id)) throw new TypeError("a file is named by a UUID");
  return id;
}
