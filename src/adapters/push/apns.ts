import type { KeyObject } from "node:crypto";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { SignJWT } from "jose";
import { explained } from "../../ports/faults.ts";
import { type Push, PUSH_LIMIT_MS, type PushOutcome, type PushSender } from "../../ports/pushService.ts";
import { retryAfterOf } from "./asking.ts";
import { oneLine } from "./webPush.ts";

export type ApnsOptions = {
  /** `https://api.push.apple.com`. */
  url: string;
  key: KeyObject;
  keyId: string;
  teamId: string;
  /** The bundle id of the app. */
  topic: string;
  ca?: string;
  now?: () => number;
};

/** Apple takes a signature for an hour, and no new one within 20 minutes. */
const SIGNED_MS = 40 * 60_000;
const ANSWER_CHARACTERS = 4_096;
/** A connection over which nothing came for so long is looked at, in milliseconds. */
const PING_MS = 60_000;

/** Reasons that are true of the token for ever. */
const DEAD: ReadonlySet<string> = new Set(["BadDeviceToken", "Unregistered", "ExpiredToken", "DeviceTokenNotForTopic"]);
/** Reasons that are true of everything that this server sends. */
const OWN: ReadonlySet<string> = new Set([
  "BadCertificate",
  "BadCertificateEnvironment",
  "ExpiredProviderToken",
  "Forbidden",
  "InvalidProviderToken",
  "MissingProviderToken",
  "UnrelatedKeyIdInToken",
  "BadEnvironmentKeyIdInToken",
  "TooManyProviderTokenUpdates",
  "BadTopic",
  "MissingTopic",
  "TopicDisallowed",
]);

/** Apple Push Notification service: https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
export function apns({ url, key, keyId, teamId, topic, ca, now = Date.now }: ApnsOptions): PushSender {
  const route = new URL(url).host;
  let session: ClientHttp2Session | undefined;
  let signature: { text: Promise<string>; at: number } | undefined;
  let isClosed = false;

  const connected = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session;
    const opened = connect(url, { ...(ca === undefined ? {} : { ca }) });
    // Whoever asks is told by its own stream.
    opened.on("error", () => opened.destroy());
    opened.on("goaway", () => {
      if (session === opened) session = undefined;
      opened.close();
    });
    opened.on("close", () => {
      if (session === opened) session = undefined;
    });
    opened.setTimeout(PING_MS, () => {
      const late = setTimeout(() => opened.destroy(), PUSH_LIMIT_MS).unref();
      if (!opened.destroyed) opened.ping(() => clearTimeout(late));
    });
    opened.unref();
    session = opened;
    return opened;
  };

  const signed = (): Promise<string> => {
    if (signature && now() - signature.at < SIGNED_MS) return signature.text;
    const text = new SignJWT({})
      .setProtectedHeader({ alg: "ES256", kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(Math.floor(now() / 1_000))
      .sign(key);
    signature = { text, at: now() };
    return text;
  };

  const post = (headers: Record<string, string>, body: string) =>
    new Promise<{ status: number; retryAfter: string | undefined; body: string }>((resolve, reject) => {
      const at = connected();
      const stream = at.request(headers);
      let status = 0;
      let retryAfter: string | undefined;
      let text = "";
      const late = setTimeout(() => {
        reject(new Error(`it did not answer within ${PUSH_LIMIT_MS - 500} ms`));
        stream.close(constants.NGHTTP2_CANCEL);
        // Perhaps nobody is there any more: the next one connects anew, and those that are on their way have their own time.
        if (session === at) session = undefined;
        at.close();
      }, PUSH_LIMIT_MS - 500);
      stream.setEncoding("utf8");
      stream.on("response", (said) => {
        status = Number(said[":status"]);
        retryAfter = said["retry-after"];
      });
      stream.on("data", (chunk: string) => {
        if (text.length < ANSWER_CHARACTERS) text += chunk;
      });
      stream.on("error", reject);
      stream.on("close", () => {
        clearTimeout(late);
        if (status === 0) reject(new Error("the connection was lost"));
        else resolve({ status, retryAfter, body: text });
      });
      stream.end(body);
    });

  return {
    routeOf: () => route,
    isWatched: (of) => of === route,
    send: async (token, push) => {
      if (isClosed) return { kind: "away", why: "the server ends" };
      try {
        const headers = {
          ":method": "POST",
          ":path": `/3/device/${token}`,
          authorization: `bearer ${await signed()}`,
          "apns-topic": topic,
          "apns-id": push.id,
          "apns-push-type": push.notice ? "alert" : "background",
          "apns-priority": push.notice ? "10" : "5",
          "apns-expiration": String(Math.floor(now() / 1_000) + push.ttlS),
          "apns-collapse-id": push.tag,
        };
        const { status, retryAfter, body } = await post(headers, JSON.stringify(contentOf(push)));
        if (status === 200) return { kind: "sent" };
        if (reasonIn(body) === "ExpiredProviderToken") signature = undefined;
        return outcomeOf(status, reasonIn(body), retryAfterOf(retryAfter, now()));
      } catch (error) {
        return { kind: "away", why: explained(error) };
      }
    },
    close: async () => {
      isClosed = true;
      session?.destroy();
    },
  };
}

function contentOf({ tag, badge, notice }: Push): unknown {
  if (notice === undefined) return { aps: { "content-available": 1, badge }, tag };
  const { title, body, ...more } = notice;
  const alert = { title, ...(body === "" ? {} : { body }) };
  return { aps: { alert, badge, sound: "default", "thread-id": tag, "mutable-content": 1 }, tag, ...more };
}

function reasonIn(body: string): string {
  try {
    const { reason } = JSON.parse(body) as { reason?: unknown };
    return typeof reason === "string" ? oneLine(reason) : "";
  } catch {
    return oneLine(body);
  }
}

function outcomeOf(status: number, reason: string, again: { retryAfterMs?: number }): PushOutcome {
  const why = `${status} ${reason}`.trim();
  if (status === 410 || DEAD.has(reason)) return { kind: "dead", why };
  if (status === 429 && reason === "TooManyRequests") return { kind: "busy", why, ...again };
  if (OWN.has(reason) || status === 403 || status === 429 || status >= 500) return { kind: "away", why, ...again };
  return { kind: "refused", why };
}
