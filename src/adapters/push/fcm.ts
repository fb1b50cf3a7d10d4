import type { KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { explained } from "../../ports/faults.ts";
import { type Push, PUSH_LIMIT_MS, type PushOutcome, type PushSender } from "../../ports/pushService.ts";
import { retryAfterOf } from "./asking.ts";
import { oneLine } from "./webPush.ts";

export type FcmOptions = {
  /** `https://fcm.googleapis.com`. */
  url: string;
  project: string;
  /** Of the service account. */
  email: string;
  key: KeyObject;
  /** Where tokens of access are got. */
  tokenUrl: string;
  now?: () => number;
};

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
const HOUR_S = 3_600;
/** A token of access is used until so long before its end, in milliseconds. */
const MARGIN_MS = 300_000;
const ANSWER_CHARACTERS = 4_096;

class NoAccess extends Error {
  override readonly name = "NoAccess";
}

/** Firebase Cloud Messaging, by its HTTP v1: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages */
export function fcm({ url, project, email, key, tokenUrl, now = Date.now }: FcmOptions): PushSender {
  const route = new URL(url).host;
  const address = new URL(`/v1/projects/${encodeURIComponent(project)}/messages:send`, url);
  let access: { token: Promise<string>; until: number } | undefined;

  const ask = async (to: URL | string, init: RequestInit) => {
    const answer = await fetch(to, {
      ...init,
      method: "POST",
      redirect: "error",
      signal: AbortSignal.timeout(PUSH_LIMIT_MS / 2 - 250),
    });
    return { status: answer.status, retryAfter: answer.headers.get("retry-after") ?? undefined, body: await answer.text() };
  };

  const granted = async (): Promise<string> => {
    const at = Math.floor(now() / 1_000);
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT" })
      .setIssuer(email)
      .setAudience(tokenUrl)
      .setIssuedAt(at)
      .setExpirationTime(at + HOUR_S)
      .sign(key);
    const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
    const { status, body } = await ask(tokenUrl, { body: form });
    const { access_token: token, expires_in: seconds } = jsonIn(body) as { access_token?: unknown; expires_in?: unknown };
    if (status !== 200 || typeof token !== "string") throw new NoAccess(`no access: ${status} ${errorIn(body)}`);
    if (access) access.until = now() + Math.max(60_000, Number(seconds ?? HOUR_S) * 1_000 - MARGIN_MS);
    return token;
  };

  const tokenOfAccess = (): Promise<string> => {
    if (access && access.until > now()) return access.token;
    const asked = { token: Promise.resolve(""), until: now() + 60_000 };
    access = asked;
    asked.token = granted().catch((error: unknown) => {
      if (access === asked) access = undefined;
      throw error;
    });
    return asked.token;
  };

  return {
    routeOf: () => route,
    isWatched: (of) => of === route,
    send: async (token, push) => {
      try {
        const headers = { authorization: `Bearer ${await tokenOfAccess()}`, "content-type": "application/json" };
        const { status, retryAfter, body } = await ask(address, {
          headers,
          body: JSON.stringify({ message: messageOf(token, push, now()) }),
        });
        if (status === 200) return { kind: "sent" };
        if (status === 401) access = undefined;
        return outcomeOf(status, body, retryAfterOf(retryAfter, now()));
      } catch (error) {
        return { kind: "away", why: error instanceof NoAccess ? error.message : explained(error) };
      }
    },
    close: async () => undefined,
  };
}

/** All values of `data` are texts. */
function messageOf(token: string, { id, tag, badge, notice, ttlS }: Push, at: number): unknown {
  const { title, body, ...more } = notice ?? {};
  const data = Object.fromEntries(Object.entries({ id, tag, badge, ...more }).map(([name, value]) => [name, String(value)]));
  const apnsHeaders = {
    "apns-collapse-id": tag,
    "apns-priority": notice ? "10" : "5",
    "apns-push-type": notice ? "alert" : "background",
    "apns-expiration": String(Math.floor(at / 1_000) + ttlS),
  };
  const shown = notice ? { sound: "default", "thread-id": tag, "mutable-content": 1 } : { "content-available": 1 };
  return {
    token,
    data,
    ...(notice ? { notification: { title, ...(body === "" ? {} : { body }) } } : {}),
    android: {
      collapse_key: tag,
      priority: notice ? "HIGH" : "NORMAL",
      ttl: `${ttlS}s`,
      ...(notice ? { notification: { tag, notification_count: badge } } : {}),
    },
    apns: { headers: apnsHeaders, payload: { aps: { ...shown, badge } } },
  };
}

function jsonIn(body: string): Record<string, unknown> {
  try {
    return (JSON.parse(body.slice(0, ANSWER_CHARACTERS)) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

type Fault = {
  status?: unknown;
  message?: unknown;
  details?: readonly { errorCode?: unknown; fieldViolations?: readonly { field?: unknown }[] }[];
};

function faultIn(body: string): Fault {
  const { error } = jsonIn(body);
  return typeof error === "object" && error !== null ? error : {};
}

const errorIn = (body: string): string => {
  const { status, message } = faultIn(body);
  // The server of access tokens says it in one word.
  const words = [status, message, jsonIn(body)["error"]].filter((word) => typeof word === "string");
  return oneLine(words.join(" "));
};

function outcomeOf(status: number, body: string, again: { retryAfterMs?: number }): PushOutcome {
  const { details = [] } = faultIn(body);
  const why = `${status} ${errorIn(body)}`.trim();
  const codes = details.map(({ errorCode }) => errorCode);
  const isOfToken = details.some(({ fieldViolations = [] }) => fieldViolations.some(({ field }) => field === "message.token"));
  if (codes.includes("UNREGISTERED") || (status === 404 && codes.length === 0)) return { kind: "dead", why };
  // It is said of any fault of the message, and of a token only where it says so.
  if (status === 400 && (isOfToken || /registration token/i.test(why))) return { kind: "dead", why };
  if (codes.includes("SENDER_ID_MISMATCH")) return { kind: "dead", why };
  // One device may be told too often, which is no reason to leave others out.
  if (status === 429) return { kind: "busy", why, ...again };
  if (codes.includes("THIRD_PARTY_AUTH_ERROR")) return { kind: "refused", why };
  if (status === 401 || status === 403 || status >= 500) return { kind: "away", why, ...again };
  return { kind: "refused", why };
}
