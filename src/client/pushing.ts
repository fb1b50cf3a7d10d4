import { clientError } from "./errors.ts";
import { newId } from "./ids.ts";
import { AddDevice, RemoveDevice, WebPushKey } from "./operations.ts";
import type { Client, ClientError, WebDevice } from "./types.ts";
import { within } from "./within.ts";

/** How long a browser, which asks its push service, may take; in milliseconds. Some never answer. */
const PATIENCE_MS = 30_000;

type Asks = Pick<Client, "request">;
type Worker = Pick<ServiceWorkerRegistration, "pushManager">;

/**
 * Has messages pushed to this browser while no page is open: subscribes it with the server's key, and tells the server. The
 * service worker of `worker` is given what `docs/clients.md` says, and shows it. Call it once the user has allowed notifications,
 * and at each start. Rejects with a `ClientError` (UNAVAILABLE: the server has no Web Push), or with what the browser says.
 */
export async function addWebPush(client: Asks, worker: Worker, { id, name }: WebDevice): Promise<void> {
  const { viewer } = await client.request(WebPushKey, {});
  if (viewer.webPushKey === null) throw clientError("UNAVAILABLE", "this server pushes nothing to browsers");
  const key = bytesOf(viewer.webPushKey);
  const { pushManager } = worker;
  const before = await within(PATIENCE_MS, pushManager.getSubscription(), "the browser");
  // The server has another key than it had: with the former one nothing arrives any more.
  if (before && !isOfKey(before, key)) await within(PATIENCE_MS, before.unsubscribe(), "the browser");
  const subscribing = pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const subscription = await within(PATIENCE_MS, subscribing, "the browser's push service");
  const pushToken = JSON.stringify(subscription);
  await client.request(AddDevice, {
    input: { clientMutationId: newId(), id, kind: "WEB", name, pushService: "WEB_PUSH", pushToken },
  });
}

/**
 * Has nothing pushed to this browser any more. Call it before the user signs out, while their token is good. Where the server
 * cannot be reached the browser's subscription ends nevertheless, and its push service tells the server so.
 */
export async function removeWebPush(client: Asks, worker: Worker | undefined, id: string): Promise<void> {
  const [told, ended] = await Promise.allSettled([
    client.request(RemoveDevice, { input: { clientMutationId: newId(), id } }),
    endWebPush(worker),
  ]);
  if (told.status === "fulfilled" || (told.reason as Partial<ClientError>).code === "NOT_FOUND") return;
  if (ended.status === "rejected" || !ended.value) throw told.reason;
}

/** Ends the browser's subscription without the server, where nobody is signed in any more. False: there was none. */
export async function endWebPush(worker: Worker | undefined): Promise<boolean> {
  if (worker === undefined) return false;
  const subscription = await within(PATIENCE_MS, worker.pushManager.getSubscription(), "the browser");
  return subscription !== null && within(PATIENCE_MS, subscription.unsubscribe(), "the browser");
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isOfKey({ options }: PushSubscription, key: Uint8Array): boolean {
  const own = options.applicationServerKey;
  if (own === null) return false;
  const bytes = new Uint8Array(own);
  return bytes.length === key.length && bytes.every((byte, index) => byte === key[index]);
}
