import { z } from "zod";
import type { EventData } from "./events.ts";

/** A service that brings pushes to devices. */
export type PushService = NonNullable<EventData<"DeviceAdded">["pushService"]>;

/** A browser's subscription. `endpoint`: an address of its push service. `p256dh`, `auth`: base64url, without padding. */
export type Subscription = { endpoint: string; keys: { p256dh: string; auth: string } };

const BASE64 = /^[A-Za-z0-9_+/-]+={0,2}$/;
/** Bytes of a point of P-256, uncompressed, and of the secret, each as base64url. */
const POINT_CHARACTERS = 87;
const SECRET_CHARACTERS = 22;

const keyOf = (characters: number, what: string) =>
  z
    .string()
    .regex(BASE64, what)
    .transform((text) => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""))
    .refine((text) => text.length === characters, what);

const subscription = z.object({
  endpoint: z.string().max(2_048),
  keys: z.object({
    // An uncompressed point begins with the byte 4.
    p256dh: keyOf(POINT_CHARACTERS, "keys.p256dh is 65 bytes as base64url").refine((text) => text.startsWith("B"), {
      error: "keys.p256dh is an uncompressed point of P-256",
    }),
    auth: keyOf(SECRET_CHARACTERS, "keys.auth is 16 bytes as base64url"),
  }),
});

/** Firebase does not say what its tokens are made of, but for characters that can stand in an address. */
const FCM = /^[A-Za-z0-9_:.~%-]{8,4096}$/;
const APNS = /^(?:[0-9a-f]{2}){16,100}$/;

/** A token in the one form in which it is kept, or why it is none. */
export type ReadToken = { token: string } | { fault: string };

/** What a client calls its address at a push service, read. The same address has the same form, however it was written. */
export function readPushToken(service: PushService, text: string): ReadToken {
  switch (service) {
    case "FCM":
      return FCM.test(text) ? { token: text } : { fault: "a token of FCM is 8 to 4,096 letters, digits and _ - : . ~ %" };
    case "APNS": {
      const token = text.toLowerCase();
      return APNS.test(token) ? { token } : { fault: "a token of APNs is its bytes as hex digits" };
    }
    case "WEB_PUSH": {
      const read = readSubscription(text);
      if ("fault" in read) return read;
      const { endpoint, keys } = read;
      return { token: JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }) };
    }
  }
}

/** A PushSubscription as JSON, or what is wrong with it. */
export function readSubscription(text: string): Subscription | { fault: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { fault: "it is the browser's PushSubscription as JSON: JSON.stringify(subscription)" };
  }
  const read = subscription.safeParse(json);
  if (!read.success) {
    const [issue] = read.error.issues;
    const { message = "" } = issue ?? {};
    return { fault: message.startsWith("keys.") ? message : `${issue?.path.join(".") ?? ""}: ${message}` };
  }
  const { endpoint, keys } = read.data;
  if (!URL.canParse(endpoint)) return { fault: "endpoint is no address" };
  const { protocol, username, password, hash, href } = new URL(endpoint);
  if (protocol !== "https:" || username !== "" || password !== "" || hash !== "")
    return { fault: "endpoint is an address with https, and without a password or a fragment" };
  return { endpoint: href, keys };
}

/**
 * What makes a token the same address as another one: who has it is looked up by this. A subscription's keys may change, and its
 * endpoint stays.
 */
export function addressOf(service: PushService, token: string): string {
  if (service !== "WEB_PUSH") return `${service} ${token}`;
  const read = readSubscription(token);
  return `${service} ${"fault" in read ? token : read.endpoint}`;
}
