import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { Agent, request, type RequestOptions } from "node:https";
import type { LookupFunction } from "node:net";
import { PUSH_LIMIT_MS } from "../../ports/pushService.ts";
import { isPublicAddress, mayBePublic } from "../../ports/publicAddress.ts";

/** What a server said. `body`: the beginning of it, as a text. */
export type Answer = { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; body: string };

/** No more of an answer is read than this, in bytes. */
const ANSWER_BYTES = 4_096;
const SOCKETS_PER_HOST = 16;
const SOCKETS = 128;

class NotPublic extends Error {
  override readonly name = "NotPublic";
}

/**
 * Looks a name up, and refuses what lies in networks of one's own: also where a name leads there only now. What is found is what
 * is connected to.
 */
const publicLookup: LookupFunction = (hostname, options, done) => {
  systemLookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return done(error, "");
    const addresses: LookupAddress[] = found.filter(({ address }) => isPublicAddress(address));
    const [first] = addresses;
    if (first === undefined) return done(new NotPublic(`${hostname} leads to no address of the internet`), "");
    if (options.all === true) return (done as unknown as (e: null, all: LookupAddress[]) => void)(null, addresses);
    done(null, first.address, first.family);
  });
};

export type AskingOptions = {
  /**
   * Hosts (`name` or `name:port`) that alone are asked, wherever they are. It may have more than it names: `*.name`. Undefined:
   * those of the internet.
   */
  hosts?: ReadonlySet<string> | undefined;
  /** Certificates that are trusted beside the usual ones. */
  ca?: string;
};

/** Sends bytes to addresses that strangers gave. Redirects are not followed. */
export function asking({ hosts, ca }: AskingOptions) {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: SOCKETS_PER_HOST,
    maxTotalSockets: SOCKETS,
    maxFreeSockets: 4,
    ...(ca === undefined ? {} : { ca }),
  });

  return {
    mayAsk: ({ host, hostname, port }: URL): boolean => (hosts ? hosts.has(host) : port === "" && mayBePublic(hostname)),

    /** Rejects if no answer comes in time. */
    post: (url: URL, headers: Readonly<Record<string, string>>, body: Buffer): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const options: RequestOptions = {
          method: "POST",
          agent,
          headers: { ...headers, "content-length": body.length },
          signal: AbortSignal.timeout(PUSH_LIMIT_MS - 500),
          ...(hosts ? {} : { lookup: publicLookup }),
        };
        const asked = request(url, options, (answer) => {
          const chunks: Buffer[] = [];
          let length = 0;
          const done = (): void =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString("utf8") });
          answer.on("data", (chunk: Buffer) => {
            length += chunk.length;
            chunks.push(chunk.subarray(0, ANSWER_BYTES));
            if (length <= ANSWER_BYTES) return;
            done();
            answer.destroy();
          });
          answer.on("end", done);
          answer.on("error", reject);
        });
        asked.on("error", reject);
        // Without a listener the connection ends, and nothing more is told of it: not even that the time is over.
        asked.on("upgrade", (_answer, socket) => {
          socket.destroy();
          reject(new Error("it answered with another protocol"));
        });
        asked.end(body);
      }),

    close: (): void => agent.destroy(),
  };
}

/** What a Retry-After says, in milliseconds: seconds, or a date. */
export function retryAfterOf(header: string | string[] | undefined, now: number): { retryAfterMs?: number } {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return {};
  const ms = /^\d{1,9}$/.test(text.trim())
    ? Number(text) * 1_000
    : /^[A-Za-z]{3}/.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isFinite(ms) && ms > 0 ? { retryAfterMs: ms } : {};
}
