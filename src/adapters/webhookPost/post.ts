import type { ClientRequest, IncomingMessage } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Webhook } from "standardwebhooks";
import { request as plainRequest } from "../../ports/nodeHttp.ts";
import type { PostHook, Posted } from "../../ports/webhookPost.ts";
import type { Reach } from "./reach.ts";

export type PostOptions = {
  reach: Reach;
  /** How long all of it may take, in milliseconds. */
  timeoutMs: number;
  /** How much of an answer is read, in bytes, and whether it is given. */
  answerBytes?: number;
  wantsAnswer?: boolean;
};

const ANSWER_BYTES = 16_384;
const RETRY_AFTER_MAX_MS = 86_400_000;
/** Characters of a fault that are kept. */
const FAULT_MAX = 512;

/**
 * Posts as Standard Webhooks says. Each connection is made to an address that was checked right then: a name may lead elsewhere
 * than before.
 */
export const postHook = (options: PostOptions): PostHook => {
  const { reach, timeoutMs, answerBytes = ANSWER_BYTES, wantsAnswer = false } = options;
  return async ({ url: text, id, at, body, secret, stop }) => {
    const fault = reach.faultIn(text);
    if (fault !== undefined) return { error: fault };
    const late = AbortSignal.timeout(timeoutMs);
    const signal = stop ? AbortSignal.any([late, stop]) : late;
    try {
      const url = new URL(text);
      const time = new Date(at);
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "user-agent": "Tidings-Webhooks/1",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at / 1_000)),
        "webhook-signature": new Webhook(secret).sign(id, time, body),
      };
      return await new Promise<Posted>((resolve, reject) => {
        const isPlain = url.protocol === "http:";
        const request: typeof plainRequest = isPlain ? plainRequest : secureRequest;
        const made = request(
          url,
          { method: "POST", headers, signal, agent: false, lookup: checkedLookup(reach, isPlain) },
          (answer) => void read(answer, made, { answerBytes, wantsAnswer }).then(resolve, reject),
        );
        made.on("error", reject);
        made.end(body);
      });
    } catch (error) {
      if (late.aborted) return { error: `no answer within ${timeoutMs} ms` };
      return { error: (error instanceof Error ? error.message : String(error)).slice(0, FAULT_MAX) };
    }
  };
};

/** The lookup of a connection, which gives checked addresses alone. It is not asked for an address that stands in the URL. */
const checkedLookup =
  (reach: Reach, isPlain: boolean): LookupFunction =>
  (hostname, { all, family }, done) => {
    reach.addressesOf(hostname, isPlain).then(
      (found) => {
        const wanted = family === 4 || family === 6 ? found.filter((each) => each.family === family) : found;
        const [first] = wanted;
        if (all) done(null, [...wanted]);
        else if (first) done(null, first.address, first.family);
        else done(Object.assign(new Error("it has no such address"), { code: "ENOTFOUND" }), "");
      },
      (error: Error) => done(error, isIP(hostname) === 6 ? "::" : ""),
    );
  };

async function read(
  answer: IncomingMessage,
  made: ClientRequest,
  { answerBytes, wantsAnswer }: { answerBytes: number; wantsAnswer: boolean },
): Promise<Posted> {
  const status = answer.statusCode ?? 0;
  const retryAfterMs = retryAfterOf(answer.headers["retry-after"]);
  const posted = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytes) {
      // The status says it all.
      made.destroy();
      return wantsAnswer ? { error: "the answer is too long" } : posted;
    }
    if (wantsAnswer) chunks.push(chunk);
  }
  return wantsAnswer ? { ...posted, body: Buffer.concat(chunks).toString() } : posted;
}

/** Seconds, or a time. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, RETRY_AFTER_MAX_MS) : undefined;
}
