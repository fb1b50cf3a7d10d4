import { createCipheriv, createECDH, createHmac, createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { readSubscription, type Subscription } from "../../domain/pushTokens.ts";
import { explained } from "../../ports/faults.ts";
import type { Push, PushOutcome, PushSender } from "../../ports/pushService.ts";
import { asking, type AskingOptions, retryAfterOf } from "./asking.ts";

/** The keys by which services know this server (VAPID, RFC 8292). */
export type ServerKeys = { privateKey: KeyObject; publicKey: string };

const P256 = "prime256v1";
const KEY_BYTES = 32;

/** The pair of a private key (base64url). Throws if it is none. */
export function serverKeysOf(text: string): ServerKeys {
  const secret = Buffer.from(text, "base64url");
  if (secret.length !== KEY_BYTES) throw new Error("it has 32 bytes, as base64url");
  const ecdh = createECDH(P256);
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d: secret.toString("base64url"), x, y };
  return { privateKey: createPrivateKey({ key: jwk, format: "jwk" }), publicKey: point.toString("base64url") };
}

/** A new private key, as `serverKeysOf` takes it. */
export function newServerKey(): string {
  const ecdh = createECDH(P256);
  ecdh.generateKeys();
  const secret = ecdh.getPrivateKey();
  return Buffer.concat([Buffer.alloc(KEY_BYTES - secret.length), secret]).toString("base64url");
}

const hmac = (key: Buffer, ...parts: readonly (Buffer | string)[]): Buffer => {
  const made = createHmac("sha256", key);
  for (const part of parts) made.update(part);
  return made.digest();
};

/** HKDF with one block. */
const derived = (salt: Buffer, secret: Buffer, info: Buffer, bytes: number): Buffer =>
  hmac(hmac(salt, secret), info, "\u0001").subarray(0, bytes);

const RECORD_BYTES = 4_096;

/**
 * Encrypts for a browser as RFC 8291 says, in one record of `aes128gcm`. `own`, `salt`: random, but for the example of the RFC.
 * Throws if the browser's key is no point of the curve.
 */
export function encrypted({ keys }: Subscription, content: Buffer, own?: Buffer, salt: Buffer = randomBytes(16)): Buffer {
  const ecdh = createECDH(P256);
  if (own) ecdh.setPrivateKey(own);
  else ecdh.generateKeys();
  const [theirs, auth] = [Buffer.from(keys.p256dh, "base64url"), Buffer.from(keys.auth, "base64url")];
  const ours = ecdh.getPublicKey();
  const secret = derived(auth, ecdh.computeSecret(theirs), Buffer.concat([Buffer.from("WebPush: info\0"), theirs, ours]), 32);
  const key = derived(salt, secret, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derived(salt, secret, Buffer.from("Content-Encoding: nonce\0"), 12);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD_BYTES);
  head.writeUInt8(ours.length, 4);
  // The byte 2 ends the last record.
  const body = Buffer.concat([cipher.update(content), cipher.update(Buffer.from([2])), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([salt, head, ours, body]);
}

export type WebPushOptions = AskingOptions & {
  keys: ServerKeys;
  /** Whom services tell of trouble: a `mailto:` or an address with https. */
  contact: string;
  now?: () => number;
};

/** Services that browsers use. What others do is the business of whoever named them. */
const KNOWN = /^(?:fcm\.googleapis\.com|updates\.push\.services\.mozilla\.com|web\.push\.apple\.com)$/;
/** One of them has many servers, of which only it knows the names. */
const ONE_OF_MANY = /^[\w-]+\.notify\.windows\.com$/;

/** How long a signature is good, and how many servers have one that is remembered. */
const SIGNED_S = 12 * 3_600;
const SIGNED_MAX = 1_000;
const AGAIN_MS = 3_600_000;

/** Web Push (RFC 8030, 8291, 8292): the services of the browsers. */
export function webPush({ keys, contact, now = Date.now, ...rest }: WebPushOptions): PushSender {
  const { mayAsk, post, close } = asking(rest);
  /** Those that operators name one by one. */
  const named = rest.hosts && new Set(rest.hosts);
  const signed = new Map<string, { text: Promise<string>; at: number }>();

  const signatureFor = async (origin: string): Promise<string> => {
    const known = signed.get(origin);
    if (known && now() - known.at < AGAIN_MS) return known.text;
    if (signed.size >= SIGNED_MAX) signed.clear();
    const text = new SignJWT({ sub: contact })
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .setAudience(origin)
      .setExpirationTime(Math.floor(now() / 1_000) + SIGNED_S)
      .sign(keys.privateKey);
    signed.set(origin, { text, at: now() });
    return text;
  };

  const addressIn = (token: string): { url: URL; subscription: Subscription } | undefined => {
    const subscription = readSubscription(token);
    if ("fault" in subscription) return undefined;
    const url = new URL(subscription.endpoint);
    return mayAsk(url) ? { url, subscription } : undefined;
  };

  return {
    routeOf: (token) => addressIn(token)?.url.host,
    isWatched: (route) => rest.hosts?.has(route) ?? (KNOWN.test(route) || ONE_OF_MANY.test(route)),
    mayBeMadeUp: (route) => (named ? !named.has(route) : ONE_OF_MANY.test(route)),
    send: async (token, push) => {
      const found = addressIn(token);
      if (found === undefined) return { kind: "dead", why: "the subscription leads nowhere" };
      const { url, subscription } = found;
      let body: Buffer;
      try {
        body = encrypted(subscription, contentOf(push));
      } catch {
        return { kind: "dead", why: "the subscription's key is no point of the curve" };
      }
      try {
        const headers = {
          "content-type": "application/octet-stream",
          "content-encoding": "aes128gcm",
          authorization: `vapid t=${await signatureFor(url.origin)}, k=${keys.publicKey}`,
          ttl: String(push.ttlS),
          urgency: "high",
          topic: push.tag,
        };
        const { status, headers: said, body: words } = await post(url, headers, body);
        return outcomeOf(status, words, retryAfterOf(said["retry-after"], now()));
      } catch (error) {
        if ((error as Error).name === "NotPublic")
          return { kind: "dead", why: "the subscription leads to no address of the internet" };
        return { kind: "away", why: explained(error) };
      }
    },
    close: async () => close(),
  };
}

/** What the service worker is given. */
const contentOf = ({ id, tag, badge, notice }: Push): Buffer =>
  Buffer.from(JSON.stringify({ id, tag, badge, ...notice }), "utf8");

function outcomeOf(status: number, body: string, again: { retryAfterMs?: number }): PushOutcome {
  const why = `${status} ${oneLine(body)}`.trim();
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === 404 || status === 410) return { kind: "dead", why };
  // A browser may have subscribed with another key, and be told something too often: that is no reason to leave others out.
  if (status === 401 || status === 403 || status === 429) return { kind: "busy", why, ...again };
  if (status >= 500) return { kind: "away", why, ...again };
  return { kind: "refused", why };
}

/** What a server said, as it may stand in a log. */
export const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 200);
