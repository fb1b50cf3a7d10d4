import { addWebPush, endWebPush, removeWebPush } from "../../client/index.ts";
import { newId } from "../../client/ids.ts";
import type { Client } from "../../client/types.ts";
import { within } from "../../client/within.ts";
import { forgetIn, keepIn, keptIn } from "../app/kept.ts";
import type { Shown } from "../worker/pushes.ts";

/** For whom this browser shows what is pushed, and by what name the server knows it. */
const USER = "tidings:pushes";
const DEVICE = "tidings:device";
/** Served at the root, so that it is for the whole page (src/transport/page.ts). */
const WORKER = "/worker.js";
/** How long a worker may take to start, in milliseconds: one that cannot never says so. */
const PATIENCE_MS = 30_000;

type Asks = Pick<Client, "request">;

/** Why nothing can be shown: the browser cannot, or its user has forbidden it. */
export function pushObstacle(): "unsupported" | "denied" | undefined {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : undefined;
}

export const arePushesOn = (user: string): boolean =>
  pushObstacle() === undefined && Notification.permission === "granted" && keptIn("localStorage", USER) === user;

const deviceId = (): string => {
  const kept = keptIn("localStorage", DEVICE);
  if (kept) return kept;
  const made = newId();
  keepIn("localStorage", DEVICE, made);
  return made;
};

const registered = async (): Promise<ServiceWorkerRegistration | undefined> =>
  pushObstacle() === "unsupported" ? undefined : navigator.serviceWorker.getRegistration();

/** Asks who has just clicked whether they allow it. False: they do not. `name`: what the browser is among their devices. */
export async function switchPushesOn(client: Asks, user: string, name: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  await navigator.serviceWorker.register(WORKER);
  const worker = await within(PATIENCE_MS, navigator.serviceWorker.ready, "the page's worker");
  await addWebPush(client, worker, { id: deviceId(), name });
  keepIn("localStorage", USER, user);
  return true;
}

/** Also before its user signs out, while the server still knows them. */
export async function switchPushesOff(client: Asks, user: string): Promise<void> {
  if (keptIn("localStorage", USER) !== user) return;
  forgetIn("localStorage", USER);
  const worker = await registered();
  await closeShown(worker, () => true);
  await removeWebPush(client, worker, deviceId());
}

/** Where nobody is signed in any more: what was for them ends, without the server. Undefined: whoever it was. */
export async function forgetPushes(user: string | undefined): Promise<void> {
  const kept = keptIn("localStorage", USER);
  if (kept === null || (user !== undefined && kept !== user)) return;
  forgetIn("localStorage", USER);
  const worker = await registered();
  await closeShown(worker, () => true);
  await endWebPush(worker);
}

/** At each start: the browser or the server may have another address or key by now, or nothing may be shown any more. */
export async function renewPushes(client: Asks, user: string, name: string): Promise<void> {
  if (keptIn("localStorage", USER) !== user) return;
  if (!arePushesOn(user)) return switchPushesOff(client, user);
  await navigator.serviceWorker.register(WORKER);
  const worker = await within(PATIENCE_MS, navigator.serviceWorker.ready, "the page's worker");
  await addWebPush(client, worker, { id: deviceId(), name });
}

/** Takes away what is shown of messages that are read. */
export const closeRead = async (isRead: (conversationId: string, seq: number) => boolean): Promise<void> =>
  closeShown(await registered(), ({ conversationId, seq }) => conversationId !== undefined && isRead(conversationId, seq ?? 0));

async function closeShown(worker: ServiceWorkerRegistration | undefined, isOver: (shown: Shown) => boolean): Promise<void> {
  for (const notification of (await worker?.getNotifications()) ?? [])
    if (isOver((notification.data ?? {}) as Shown)) notification.close();
}
