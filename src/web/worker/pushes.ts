/*
 * What the service worker does: it shows what is pushed while nobody looks, and opens it. It keeps nothing, and answers no
 * request of the page.
 */

/** A tab, as a service worker sees it. */
export type Tab = {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
};

type Extended = { waitUntil(work: Promise<unknown>): void };
type Events = {
  install: Extended;
  activate: Extended;
  push: Extended & { readonly data: { json(): unknown } | null };
  notificationclick: Extended & { readonly notification: Notification };
  pushsubscriptionchange: Extended & { readonly oldSubscription?: PushSubscription | null };
};

/** What a service worker is given, as far as it is used: the types of pages have none of it. */
export type Scope = {
  readonly registration: Pick<ServiceWorkerRegistration, "showNotification" | "getNotifications" | "pushManager">;
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<readonly Tab[]>;
    openWindow(url: string): Promise<unknown>;
    claim(): Promise<void>;
  };
  readonly navigator: { setAppBadge?(count: number): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): void;
};

/** What a worker says to pages. `open`: go to this path. `renew`: the browser subscribed anew. */
export type Said = { readonly type: "open"; readonly path: string } | { readonly type: "renew" };

/** What is kept with what is shown. */
export type Shown = { readonly conversationId?: string; readonly seq?: number };

/** What the server pushes, as docs/clients.md says. */
type Pushed = Shown & { readonly title: string; readonly body: string; readonly tag: string; readonly badge?: number };

const APP = "Tidings";

/** Each push must show something, also one that is none of ours. */
function readPush(data: { json(): unknown } | null): Pushed {
  let told: Record<string, unknown> = {};
  try {
    const json: unknown = data?.json();
    if (typeof json === "object" && json !== null) told = json as Record<string, unknown>;
  } catch {
    // It is no JSON.
  }
  const textOf = (name: string, other: string): string =>
    typeof told[name] === "string" && told[name] !== "" ? told[name] : other;
  const { conversationId, seq, badge } = told;
  return {
    title: textOf("title", APP),
    body: textOf("body", ""),
    tag: textOf("tag", APP),
    ...(typeof conversationId === "string" ? { conversationId } : {}),
    ...(typeof seq === "number" ? { seq } : {}),
    ...(typeof badge === "number" && badge >= 0 ? { badge } : {}),
  };
}

/** Where a conversation is on the page; without one, the list. */
export const pathOf = ({ conversationId }: Shown): string =>
  conversationId === undefined ? "/" : `/c/${encodeURIComponent(conversationId)}`;

/** Whether a tab shows a conversation, or one of its messages; without one, the list. People write addresses by hand. */
function isAt({ url }: Tab, { conversationId }: Shown): boolean {
  const [, part, id = ""] = new URL(url).pathname.split("/");
  if (conversationId === undefined) return part === "";
  try {
    return part === "c" && decodeURIComponent(id) === conversationId;
  } catch {
    return false;
  }
}

export function showPushes(scope: Scope): void {
  const { registration, clients, navigator } = scope;
  const tabs = () => clients.matchAll({ type: "window", includeUncontrolled: true });

  const show = async (pushed: Pushed): Promise<void> => {
    const { title, body, tag, badge, conversationId, seq } = pushed;
    if (badge !== undefined) await navigator.setAppBadge?.(badge).catch(() => undefined);
    // Its message is on the screen.
    const isSeen = (tab: Tab): boolean => tab.focused && tab.visibilityState === "visible" && isAt(tab, pushed);
    if (conversationId !== undefined && (await tabs()).some(isSeen)) return;
    const [before] = await registration.getNotifications({ tag });
    const { seq: told = 0 } = (before?.data ?? {}) as Shown;
    // One that was late: something newer is shown.
    if (seq !== undefined && told > seq) return;
    const shown: Shown = { ...(conversationId === undefined ? {} : { conversationId }), ...(seq === undefined ? {} : { seq }) };
    // The same once more makes no sound; what is newer does.
    const options: NotificationOptions & { renotify: boolean } = {
      body,
      tag,
      data: shown,
      renotify: seq === undefined || seq > told,
    };
    await registration.showNotification(title, options);
  };

  const open = async (notification: Notification): Promise<void> => {
    notification.close();
    const shown = (notification.data ?? {}) as Shown;
    const path = pathOf(shown);
    const all = await tabs();
    const tab = all.find((one) => isAt(one, shown)) ?? all.find(({ focused }) => focused) ?? all[0];
    if (tab === undefined) return void (await clients.openWindow(path));
    const said: Said = { type: "open", path };
    tab.postMessage(said);
    await tab.focus();
  };

  const renew = async (old: PushSubscription | null | undefined): Promise<void> => {
    if (old) await registration.pushManager.subscribe(old.options);
    const said: Said = { type: "renew" };
    // Where no page is open, the next one tells the server.
    for (const tab of await tabs()) tab.postMessage(said);
  };

  scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener("activate", (event) => event.waitUntil(clients.claim()));
  scope.addEventListener("push", (event) => event.waitUntil(show(readPush(event.data))));
  scope.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
  scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.oldSubscription)));
}
