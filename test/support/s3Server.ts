import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/*
 * A server that speaks as much of S3 as a store of files needs, and checks every signature by itself (AWS Signature Version 4,
 * in the header and in the query, by what Amazon has published): with another library than the one that signs.
 */

export const KEY = "AKIAIOSFODNN7EXAMPLE";
export const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
export const BUCKET = "tidings";

type Stored = { bytes: Buffer; type: string; etag: string };

export type S3Server = AsyncDisposable & {
  /** For FILES_URL. */
  url: string;
  /** `http://host:port`. */
  origin: string;
  objects: Map<string, Stored>;
  /** What was refused, and why. */
  refused: string[];
  /** Answers everything with this status; undefined: as it should. */
  fail(status: number | undefined): void;
  /** The next copy fails on the way, which S3 tells with 200. */
  breakCopy(): void;
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const strict = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

type Signed = {
  method: string;
  url: string;
  headers: Readonly<Record<string, string | undefined>>;
  secret: string;
  now: number;
};

const DAY_MS = 86_400_000;
const timeOf = (stamp: string): number =>
  Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

/** Why a request's signature is not good; undefined if it is. */
export function faultOf({ method, url, headers, secret, now }: Signed): string | undefined {
  const [path = "", search = ""] = url.split("?", 2);
  const query = search
    .split("&")
    .filter((part) => part !== "")
    .map((part) => part.split("=", 2).map((text) => decodeURIComponent(text)) as [string, string?]);
  const given = Object.fromEntries(query.map(([name, value = ""]) => [name, value]));
  const inQuery = given["X-Amz-Signature"] !== undefined;
  const [, scope = "", names = "", signature = ""] = inQuery
    ? ["", given["X-Amz-Credential"], given["X-Amz-SignedHeaders"], given["X-Amz-Signature"]]
    : (/^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/.exec(
        headers["authorization"] ?? "",
      ) ?? []);
  const stamp = (inQuery ? given["X-Amz-Date"] : headers["x-amz-date"]) ?? "";
  const [key, date = "", region = "", service = "", end] = scope.split("/");
  if (key !== KEY || end !== "aws4_request" || service !== "s3") return "InvalidAccessKeyId";
  if (!stamp.startsWith(date) || Number.isNaN(timeOf(stamp))) return "AuthorizationQueryParametersError";
  if (inQuery) {
    const seconds = Number(given["X-Amz-Expires"]);
    if (!(seconds >= 1 && seconds <= (7 * DAY_MS) / 1_000)) return "AuthorizationQueryParametersError";
    if (now > timeOf(stamp) + seconds * 1_000) return "AccessDenied: Request has expired";
  } else if (Math.abs(now - timeOf(stamp)) > DAY_MS / 96) return "RequestTimeTooSkewed";
  const signedNames = names.split(";");
  if (!signedNames.includes("host")) return "SignatureDoesNotMatch: host is not signed";
  for (const name of Object.keys(headers))
    if (name.startsWith("x-amz-") && !signedNames.includes(name)) return `AccessDenied: ${name} is not signed`;
  const canonical = [
    method,
    path
      .split("/")
      .map((part) => strict(decodeURIComponent(part)))
      .join("/"),
    query
      .filter(([name]) => name !== "X-Amz-Signature")
      .map(([name, value = ""]) => `${strict(name)}=${strict(value)}`)
      .sort()
      .join("&"),
    ...signedNames.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
    "",
    names,
    inQuery ? "UNSIGNED-PAYLOAD" : (headers["x-amz-content-sha256"] ?? ""),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", stamp, `${date}/${region}/${service}/aws4_request`];
  text.push(createHash("sha256").update(canonical).digest("hex"));
  const signing = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  const right = hmac(signing, text.join("\n"));
  const asked = Buffer.from(signature, "hex");
  return asked.length === right.length && timingSafeEqual(asked, right) ? undefined : "SignatureDoesNotMatch";
}

export async function s3Server({ now = Date.now }: { now?: () => number } = {}): Promise<S3Server> {
  const objects = new Map<string, Stored>();
  const refused: string[] = [];
  let failing: number | undefined;
  let isBroken = false;

  const xml = (response: ServerResponse, status: number, code: string): void => {
    response.writeHead(status, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (failing !== undefined) return xml(response, failing, "SlowDown");
    const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const fault = faultOf({ method, url, headers: plain, secret: SECRET, now: now() });
    if (fault !== undefined) {
      refused.push(`${method} ${fault}`);
      return xml(response, 403, fault);
    }
    const [path = "", search = ""] = url.split("?", 2);
    const [, bucket, ...parts] = path.split("/").map((part) => decodeURIComponent(part));
    const key = parts.join("/");
    if (bucket !== BUCKET) return xml(response, 404, "NoSuchBucket");
    if (key === "") return void response.writeHead(200).end();
    return object(method, key, new URLSearchParams(search.replaceAll("+", "%2B")), plain, body, response);
  }

  function object(
    method: string,
    key: string,
    query: URLSearchParams,
    headers: Record<string, string>,
    body: Buffer,
    response: ServerResponse,
  ): void {
    const source = headers["x-amz-copy-source"];
    if (method === "PUT") {
      let bytes = body;
      if (source !== undefined) {
        const from = objects.get(decodeURIComponent(source).replace(`/${BUCKET}/`, ""));
        if (from === undefined) return xml(response, 404, "NoSuchKey");
        if (isBroken) {
          isBroken = false;
          return xml(response, 200, "InternalError");
        }
        bytes = from.bytes;
      }
      const etag = createHash("md5").update(bytes).digest("hex");
      objects.set(key, { bytes, type: headers["content-type"] ?? "binary/octet-stream", etag });
      response.writeHead(200, { etag: `"${etag}"` });
      return void response.end(source === undefined ? "" : `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>`);
    }
    if (method === "DELETE") {
      objects.delete(key);
      return void response.writeHead(204).end();
    }
    const stored = objects.get(key);
    if (stored === undefined) return xml(response, 404, "NoSuchKey");
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers["range"] ?? "") ?? [];
    const from = Number(first ?? 0);
    const to = Math.min(Number(last || stored.bytes.length - 1), stored.bytes.length - 1);
    if (from >= stored.bytes.length) return xml(response, 416, "InvalidRange");
    const part = stored.bytes.subarray(from, to + 1);
    const disposition = query.get("response-content-disposition");
    response.writeHead(first === undefined ? 200 : 206, {
      "content-type": query.get("response-content-type") ?? stored.type,
      "content-length": part.length,
      "accept-ranges": "bytes",
      etag: `"${stored.etag}"`,
      ...(first === undefined ? {} : { "content-range": `bytes ${from}-${to}/${stored.bytes.length}` }),
      ...(disposition === null ? {} : { "content-disposition": disposition }),
    });
    response.end(method === "HEAD" ? undefined : part);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `s3://${KEY}:${encodeURIComponent(SECRET)}@127.0.0.1:${port}/${BUCKET}/chat?tls=false&region=eu-central-1`,
    objects,
    refused,
    fail: (status) => void (failing = status),
    breakCopy: () => void (isBroken = true),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
