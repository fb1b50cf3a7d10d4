import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ErrorCode } from "./errors.ts";
import type { Executor } from "./execution/execute.ts";
import type { Proxies } from "./proxies.ts";
import type { RateLimit } from "./rateLimit.ts";

/** What a program posts. `key`: the same key again is the same message. */
export type IncomingPost = { text: string; topic: string | null; key: string | null };

/** Who posts through an address: undefined for one that is not good. `send` resolves with the message's id. */
export type Incoming = (
  token: string,
) => Promise<{ bot: string; send(post: IncomingPost, correlationId: string): Promise<string> } | undefined>;

export type IncomingOptions = {
  incoming: Incoming;
  rate: RateLimit;
  proxies: Proxies;
  executor: Pick<Executor, "explain">;
  correlationId: () => string;
};

const BODY_BYTES = 131_072;
const HEADERS = { "cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff" };

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT_EXCEEDED: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** Adds the addresses that other programs post to: `POST /hooks/<token>` with `{"text": "…"}`. */
export function addIncoming(app: FastifyInstance, options: IncomingOptions): void {
  const { incoming, rate, proxies, executor, correlationId } = options;
  app.post("/hooks/:token", { bodyLimit: BODY_BYTES }, post);

  async function post(request: FastifyRequest, reply: FastifyReply): Promise<object> {
    void reply.headers(HEADERS);
    const { address, isLocal, origin } = proxies.clientOf(request.raw);
    const info = { transport: "http" as const, correlationId: correlationId(), address: isLocal ? undefined : address, origin };
    try {
      rate.take({ address: info.address }, 1);
      const hook = await incoming((request.params as { token: string }).token);
      if (hook === undefined) return refuse(reply, 404, "this address is not good, or not any more");
      rate.take({ userId: hook.bot }, 1);
      const read = posted(request.body);
      if (typeof read === "string") return refuse(reply, 400, read);
      return { id: await hook.send(read, info.correlationId) };
    } catch (fault) {
      const { message, extensions } = executor.explain(fault, undefined, info);
      if (extensions.retryAfterMs !== undefined) void reply.header("retry-after", Math.ceil(extensions.retryAfterMs / 1_000));
      return refuse(reply, STATUS[extensions.code] ?? 400, message);
    }
  }
}

const refuse = (reply: FastifyReply, status: number, error: string): { error: string } => {
  void reply.code(status);
  return { error };
};

/** What a body says, or what is wrong with it. */
function posted(body: unknown): IncomingPost | string {
  let read: unknown;
  try {
    read = Buffer.isBuffer(body) ? JSON.parse(body.toString()) : body;
  } catch {
    read = undefined;
  }
  if (typeof read !== "object" || read === null) return 'send JSON: {"text": "…"}, as application/json';
  const { text, topic = null, key = null } = read as Record<string, unknown>;
  if (typeof text !== "string") return "text: what to post, a string";
  if (topic !== null && typeof topic !== "string") return "topic: a string, or nothing";
  if (key !== null && !(typeof key === "string" && /^[\x21-\x7e]{1,100}$/.test(key)))
    return "key: 1 to 100 signs of ASCII without spaces, or nothing";
  return { text, topic, key };
}
