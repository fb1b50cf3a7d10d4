import { isUtf8 } from "node:buffer";
import type { OutgoingHttpHeaders } from "node:http";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Bearer, Tokens } from "./auth.ts";
import { sentText } from "./bytes.ts";
import type { Comings } from "./comings.ts";
import type { DocumentAsked, Documents } from "./documents.ts";
import { type ApiError, badInput, badRequest, type ErrorCode } from "./errors.ts";
import { type EventStreams, eventsOf } from "./eventStreams.ts";
import { withCost } from "./execution/charging.ts";
import { type Executor, refusal, type RequestInfo } from "./execution/execute.ts";
import type { Variables } from "./execution/givenInputs.ts";
import type { Prepared } from "./execution/operations.ts";
import type { Answer } from "./execution/rendering.ts";
import { enterInFlight, type Quotas, type TransportConfig } from "./limits.ts";
import { EVENT_STREAM, negotiated, PLAIN_JSON, readsEvents, RESPONSE_JSON } from "./mediaTypes.ts";
import { mayRead } from "./origins.ts";
import type { Proxies } from "./proxies.ts";
import type { RateLimit } from "./rateLimit.ts";
import { tooLong } from "./tooLong.ts";

export type HttpOptions = {
  executor: Executor;
  tokens: Tokens;
  rate: RateLimit;
  quotas: Quotas;
  documents: Documents;
  streams: EventStreams;
  proxies: Proxies;
  config: TransportConfig;
  log: { debug(fields: object, message: string): void };
  correlationId: () => string;
  comings?: Comings;
};

/** A request with the fields of GraphQL over HTTP. */
type Asked = DocumentAsked & { variables: Variables };

const PATH = "/graphql";
/**
 * Headers that pages of other origins may send: those of the protocol, those that name Apollo's clients, and those for
 * tracing.
 */
const ASKED_HEADERS =
  "authorization, content-type, accept, apollographql-client-name, apollographql-client-version, traceparent, tracestate";
/** How long a browser may cache the preflight's answer. */
const PREFLIGHT_SECONDS = "600";

/**
 * The status of an answer that holds nothing but errors. BAD_INPUT is 400. For a well-formed request from a client that knows
 * only `application/json` it is 200.
 */
const STATUS: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, RATE_LIMITED: 429, UNAVAILABLE: 503, INTERNAL: 500 };

/**
 * Adds /graphql: queries and mutations by POST with a JSON body, and queries by GET. An operation that was not executed has
 * an HTTP status that says so. A resolver's refusal stands in `errors` of an answer with status 200. Answers are already JSON
 * text, so they only have to be sent.
 *
 * Whoever accepts `text/event-stream` gets results as events, and may subscribe (graphql-sse, distinct connections mode). There,
 * what is wrong with an operation comes as an event, since a browser's `EventSource` does not see the body of another status. Who
 * somebody is, and what passes, is a status there too.
 */
export function addHttp(app: FastifyInstance, options: HttpOptions): void {
  const { executor, tokens, rate, quotas, documents, streams, proxies, config, log, correlationId, comings } = options;
  app.removeContentTypeParser(["application/json", "text/plain"]);
  // As bytes. The framework's decoder would silently replace bytes that are not UTF-8 by other characters.
  app.addContentTypeParser(PLAIN_JSON, { parseAs: "buffer", bodyLimit: config.bodyLimitBytes }, (_request, body, done) =>
    done(null, body),
  );

  function infoOf({ raw }: FastifyRequest): RequestInfo {
    const { address, isLocal, origin } = proxies.clientOf(raw);
    return { transport: "http", correlationId: correlationId(), address: isLocal ? undefined : address, origin };
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<string | Buffer | undefined> {
    const info = infoOf(request);
    let caller: Bearer | undefined;
    try {
      rate.take({ address: info.address }, 1);
      const known = tokens.verify(request.headers.authorization);
      caller = known instanceof Promise ? await known : known;
      rate.take({ userId: caller.userId }, 1);
      comings?.seen(caller);
    } catch (fault) {
      return refused(reply, [executor.explain(fault, caller, info)], 400);
    }
    const isGet = request.method === "GET";
    const asked = isGet ? ofAddress(request) : ofBody(request.body);
    if ("message" in asked) return refused(reply, [asked], 400);
    const operation = await prepared(asked, caller, info);
    if (!("id" in operation)) return refused(reply, operation);
    const { variables } = asked;
    const cost = asked.extensions?.["cost"] === true ? executor.cost(operation, variables) : undefined;
    if (operation.kind === "subscription") {
      if (!readsEvents(request.headers.accept)) return refused(reply, [badRequest(HOW_TO_SUBSCRIBE)], 400);
      try {
        const headers = reply.getHeaders() as OutgoingHttpHeaders;
        streams.open({ request: request.raw, response: reply.raw, headers, operation, variables, caller, info, cost });
      } catch (fault) {
        return refused(reply, [executor.explain(fault, caller, info)]);
      }
      reply.hijack();
      return undefined;
    }
    if (operation.kind === "mutation" && isGet) {
      void reply.header("allow", "POST");
      return refused(reply, [badRequest("send a mutation by POST")], 405);
    }
    const { text, executed, errors } = await run(operation, variables, caller, info);
    if (!executed) return refused(reply, errors ?? [], undefined, cost);
    if (errors !== undefined) retryAfter(reply, errors);
    const told = withCost(text, cost);
    return sentText(isOfEvents(reply) ? eventsOf(told) : told);
  }

  async function prepared(asked: Asked, caller: Bearer, info: RequestInfo): Promise<Prepared> {
    try {
      return await documents.prepare(asked, { userId: caller.userId, address: info.address }, caller.admin);
    } catch (fault) {
      return [executor.explain(fault, caller, info)];
    }
  }

  /** Counts the operation as in flight until it has ended, even if the client has gone. */
  async function run(...[operation, variables, caller, info]: Parameters<Executor["run"]>): Promise<Answer> {
    try {
      enterInFlight(quotas, caller.userId);
    } catch (fault) {
      return refusal([executor.explain(fault, caller, info)]);
    }
    try {
      return await executor.run(operation, variables, caller, info);
    } finally {
      quotas.inFlight.leave(caller.userId);
    }
  }

  /**
   * Sets the status and returns the answer's text. `badInputStatus` is given if the media type does not decide the status of
   * BAD_INPUT.
   */
  function refused(reply: FastifyReply, errors: readonly ApiError[], badInputStatus?: number, cost?: string): string {
    const [first] = errors;
    const ofCode = first && STATUS[first.extensions.code];
    const told = withCost(refusal(errors).text, cost);
    if (isOfEvents(reply)) {
      if (ofCode === undefined && badInputStatus === undefined) return eventsOf(told);
      void reply.header("content-type", headerOf(PLAIN_JSON));
    }
    const given = badInputStatus ?? (reply.getHeader("content-type") === headerOf(PLAIN_JSON) ? 200 : 400);
    void reply.code(ofCode ?? given);
    if (reply.statusCode === 401) void reply.header("www-authenticate", "Bearer");
    retryAfter(reply, errors);
    return told;
  }

  async function graphql(request: FastifyRequest, reply: FastifyReply): Promise<string | Buffer | undefined> {
    const { accept, origin } = request.headers;
    if (origin !== undefined) readableBy(reply, origin);
    const type = negotiated(accept);
    void reply.header("content-type", headerOf(type ?? PLAIN_JSON));
    if (type === undefined)
      return refused(reply, [badRequest(`the header accept must allow ${RESPONSE_JSON}, ${PLAIN_JSON} or ${EVENT_STREAM}`)], 406);
    return answer(request, reply);
  }

  /** Lets the pages of another origin read the answer. */
  function readableBy(reply: FastifyReply, origin: string): void {
    void reply.header("vary", "origin");
    if (!mayRead(config, origin)) return;
    void reply
      .header("access-control-allow-origin", origin)
      .header("access-control-expose-headers", "retry-after, www-authenticate");
  }

  app.route({
    method: ["GET", "POST"],
    url: PATH,
    exposeHeadRoute: false,
    // Checked before the body is read.
    onRequest: (request, reply, done) => {
      const coding = request.headers["content-encoding"];
      if (coding === undefined || coding.toLowerCase() === "identity") return done();
      void reply
        .header("accept-encoding", "identity")
        .header("content-type", headerOf(negotiated(request.headers.accept) ?? PLAIN_JSON))
        .send(refused(reply, [badRequest("send the body as it is: content codings are not accepted")], 415));
    },
    handler: graphql,
    errorHandler(error: FastifyError, request, reply) {
      if (request.raw.destroyed && !request.raw.complete) {
        log.debug({ err: error, address: proxies.clientOf(request.raw).address }, "a client gave up before its request had come");
        return;
      }
      const known = unreadable(error, config.bodyLimitBytes);
      const shown = known?.error ?? executor.explain(error, undefined, infoOf(request));
      void reply
        .header("content-type", headerOf(negotiated(request.headers.accept) ?? PLAIN_JSON))
        .send(refused(reply, [shown], known?.status ?? 500));
    },
  });
  app.options(PATH, (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined) readableBy(reply, origin);
    void reply
      .header("access-control-allow-methods", "GET, POST")
      .header("access-control-allow-headers", ASKED_HEADERS)
      .header("access-control-max-age", PREFLIGHT_SECONDS)
      .code(204)
      .send();
  });
}

const headerOf = (type: string): string => `${type}; charset=utf-8`;

const isOfEvents = (reply: FastifyReply): boolean => reply.getHeader("content-type") === headerOf(EVENT_STREAM);

const HOW_TO_SUBSCRIBE = `open a subscription over a WebSocket at this path (graphql-transport-ws), or accept ${EVENT_STREAM}`;

function retryAfter(reply: FastifyReply, errors: readonly ApiError[]): void {
  const waits = errors.flatMap(({ extensions }) => extensions.retryAfterMs ?? []);
  if (waits.length > 0) void reply.header("retry-after", String(Math.ceil(Math.max(...waits) / 1_000)));
}

/** The error and status for a request that fastify could not read. */
function unreadable({ code }: FastifyError, bodyLimitBytes: number): { error: ApiError; status: number } | undefined {
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return { error: badRequest(tooLong(bodyLimitBytes)), status: 413 };
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return { error: badRequest(`send ${PLAIN_JSON}: {"query": "…", "variables": {…}}`), status: 415 };
  if (code === "FST_ERR_CTP_INVALID_CONTENT_LENGTH")
    return { error: badRequest("the length of the body is not what content-length says"), status: 400 };
  return undefined;
}

function ofBody(body: unknown): Asked | ApiError {
  if (Buffer.isBuffer(body) && !isUtf8(body)) return badRequest("the body is not UTF-8");
  let parsed: unknown;
  try {
    parsed = Buffer.isBuffer(body) ? JSON.parse(body.toString()) : undefined;
  } catch {
    return badRequest("the body is not JSON");
  }
  if (Array.isArray(parsed)) return badRequest("send one operation in a request: the body must be an object, not a list");
  if (!isRecord(parsed)) return badRequest('the body is a JSON object: {"query": "…", "variables": {…}}');
  return asked(parsed);
}

function ofAddress({ url, query }: FastifyRequest): Asked | ApiError {
  try {
    decodeURIComponent(url);
  } catch {
    return badRequest("the address is not UTF-8 in percent-encoding");
  }
  return ofQuery(query as Record<string, unknown>);
}

function ofQuery({ query, documentId, operationName, variables, extensions }: Record<string, unknown>): Asked | ApiError {
  try {
    return asked({
      query,
      documentId,
      operationName: operationName === "" ? undefined : operationName,
      variables: json(variables),
      extensions: json(extensions),
    });
  } catch {
    return badInput("variables", "the parameters variables and extensions are JSON objects");
  }
}

const MISSING = "`query`, the document's text, is missing";

const json = (text: unknown): unknown => (typeof text === "string" && text !== "" ? JSON.parse(text) : undefined);

function asked({ query, documentId, operationName, variables, extensions }: Record<string, unknown>): Asked | ApiError {
  const isNamed = documentId != null || (isRecord(extensions) && extensions["persistedQuery"] != null);
  if (query != null && typeof query !== "string") return badInput("query", MISSING);
  if (!query && !isNamed) return badInput("query", MISSING);
  if (operationName != null && typeof operationName !== "string") return badInput("operationName", "`operationName` is a text");
  if (variables != null && !isRecord(variables)) return badInput("variables", "`variables` is an object");
  if (extensions != null && !isRecord(extensions)) return badInput("extensions", "`extensions` is an object");
  return { query, documentId, operationName, variables: variables ?? {}, extensions };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
