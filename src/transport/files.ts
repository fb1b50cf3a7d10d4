import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { dispositionOf } from "../ports/disposition.ts";
import type { FolderDoor, Opened, PutFault, Served } from "../ports/files.ts";
import { type Connections, endUpload } from "./connections.ts";
import type { TransportConfig } from "./limits.ts";
import { mayRead } from "./origins.ts";
import { SLOWEST_BYTES_PER_SECOND } from "./pace.ts";
import { rangeOf } from "./ranges.ts";

export type FilesOptions = {
  door: FolderDoor;
  /** Where its addresses lead to: `/files`. */
  path: string;
  connections: Pick<Connections, "of">;
  config: Pick<TransportConfig, "production" | "origins" | "keepAliveMs">;
};

const PDF = "application/pdf";
/**
 * Whatever is in a file, it runs nothing, and is of no origin. Browsers show no PDF within a sandbox: theirs runs apart anyhow.
 */
const SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox";
const FOR_PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'";

const HEADERS = {
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "cross-origin",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
};

const PREFLIGHT_SECONDS = "600";
const READ = "GET, HEAD, PUT";

const REFUSED: Readonly<Record<Exclude<PutFault, "arrived">, { status: number; error: string }>> = {
  busy: { status: 409, error: "the file is coming just now, by another request" },
  short: { status: 400, error: "the bytes are not as many as were to come" },
  full: { status: 507, error: "there is no room for the file" },
  many: { status: 503, error: "too many files are coming just now" },
};

/**
 * Adds what the addresses of a folder lead to: bytes are put there, and got, by whoever has an address that is good. Nothing is
 * told of other addresses.
 */
export async function addFiles(app: FastifyInstance, { door, path, connections, config }: FilesOptions): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The bytes are read by whoever writes them.
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    scope.addHook("onRequest", async (request, reply) => {
      void reply.headers(HEADERS);
      const { origin } = request.headers;
      if (origin === undefined) return;
      void reply.header("vary", "origin");
      if (mayRead(config, origin)) void reply.header("access-control-allow-origin", origin);
    });
    const at = `${path}/:id`;
    scope.put(at, { bodyLimit: Number.MAX_SAFE_INTEGER }, put);
    scope.get(at, { exposeHeadRoute: false }, get);
    scope.head(at, get);
    scope.options(at, (_request, reply) =>
      reply
        .code(204)
        .headers({
          "access-control-allow-methods": READ,
          "access-control-allow-headers": "content-type, range",
          "access-control-max-age": PREFLIGHT_SECONDS,
        })
        .send(),
    );
  });

  async function put(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const admitted = door.admitPut(idOf(request), request.query as Record<string, unknown>);
    if (admitted === undefined) return refuse(reply, 403, "this address is not good, or not any more");
    const length = request.headers["content-length"];
    if (length === undefined) return refuse(reply, 411, "say how many bytes come: Content-Length");
    if (Number(length) !== admitted.size) return refuse(reply, 400, `${admitted.size} bytes were to come`);
    const connection = connections.of(request.raw.socket);
    if (connection) connection.isUpload = true;
    let outcome: PutFault | "done";
    try {
      outcome = await door.put(admitted, paced(request.raw, config.keepAliveMs));
      // Its answer was lost, say. It is read all the same: who writes hears nothing else before the end.
      if (outcome === "arrived") for await (const _ of paced(request.raw, config.keepAliveMs));
    } finally {
      // What comes next is no file, also where it does not wait for the answer.
      if (connection) endUpload(connection);
    }
    if (outcome === "done") return reply.code(201).send();
    if (outcome === "arrived") return reply.code(200).send();
    const { status, error } = REFUSED[outcome];
    if (outcome === "many") void reply.header("retry-after", "1");
    return refuse(reply, status, error);
  }

  async function get(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const served = door.admitGet(idOf(request), request.query as Record<string, unknown>);
    if (served === undefined) return refuse(reply, 403, "this address is not good, or not any more: ask for the message again");
    const opened = await door.open(served);
    if (opened === undefined) return refuse(reply, 404, "the file is there no more");
    try {
      return await send(request, reply, served, opened);
    } finally {
      await opened.close();
    }
  }

  async function send(request: FastifyRequest, reply: FastifyReply, served: Served, opened: Opened): Promise<unknown> {
    const { size } = opened;
    const { headers, method } = request.raw;
    // A file never changes.
    const etag = `"${served.id}${served.part === "file" ? "" : "-t"}"`;
    const left = Math.max(0, Math.floor((served.until - Date.now()) / 1_000));
    void reply.headers({
      "content-type": served.mediaType,
      "content-disposition": dispositionOf(served.name, served.mediaType),
      "content-security-policy": served.mediaType === PDF ? FOR_PDF : SANDBOX,
      "cache-control": `private, max-age=${left}, immutable`,
      "accept-ranges": "bytes",
      etag,
    });
    if (matches(headers["if-none-match"], etag)) return reply.code(304).removeHeader("content-type").send();
    const asked = headers["if-range"] === undefined || headers["if-range"] === etag ? headers.range : undefined;
    const range = method === "GET" ? rangeOf(asked, size) : undefined;
    if (range === "none") {
      void reply.header("content-range", `bytes */${size}`);
      return refuse(reply, 416, "the file has no such bytes");
    }
    const { from, to } = range ?? { from: 0, to: size - 1 };
    if (range) void reply.code(206).header("content-range", `bytes ${from}-${to}/${size}`);
    void reply.header("content-length", to - from + 1);
    reply.hijack();
    const response = reply.raw;
    response.writeHead(reply.statusCode, reply.getHeaders() as Record<string, string>);
    if (method === "HEAD") return void response.end();
    try {
      await pipeline(opened.read(from, to), response);
    } catch (error) {
      // Whoever reads is gone, or was too slow. Anything else is told to nobody else, since the head is sent.
      response.destroy();
      if (!isOfReader(error)) app.log.error({ err: error }, "a file could not be read to its end");
    }
    return undefined;
  }
}

const idOf = ({ params }: FastifyRequest): string => (params as { id: string }).id;

/** What is still to come of a refused upload is not read. */
function refuse(reply: FastifyReply, status: number, error: string): FastifyReply {
  if (!reply.request.raw.complete) void reply.header("connection", "close");
  return reply
    .code(status)
    .headers({ "cache-control": "no-store", "content-type": "application/json; charset=utf-8" })
    .removeHeader("etag")
    .removeHeader("content-disposition")
    .send(JSON.stringify({ error }));
}

const isOfReader = (error: unknown): boolean =>
  ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ERR_STREAM_DESTROYED"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );

const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined && header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);

/**
 * The bytes of a request, as fast as they are taken. It ends with an error where they come more slowly than a reader may read,
 * or the connection ends.
 */
async function* paced(request: IncomingMessage, withinMs: number): AsyncGenerator<Buffer> {
  let since = performance.now();
  let come = 0;
  let isTaken = false;
  const look = setInterval(
    () => {
      const now = performance.now();
      if (!isTaken && now - since < withinMs) return;
      // While the disk is slow, nobody else is.
      if (!isTaken && come < (SLOWEST_BYTES_PER_SECOND * (now - since)) / 1_000)
        request.destroy(new Error("the bytes come too slowly"));
      since = now;
      come = 0;
    },
    Math.max(20, withinMs / 4),
  ).unref();
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      come += piece.length;
      isTaken = true;
      yield piece;
      isTaken = false;
    }
    if (!request.complete) throw new Error("the connection ended");
  } finally {
    clearInterval(look);
  }
}
