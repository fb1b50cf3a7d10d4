import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CERTIFICATE } from "../support/ownCertificate.ts";
import { type Arrived, type PushServer, webPushServer } from "../support/pushServers.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";
import { browserOf, executable, openChat, partOf, rowOf, seriousFaults, signedIn } from "./support/browser.ts";
import { type PageWorld, pageWorld } from "./support/world.ts";

if (!executable) console.warn("\nSKIPPED: pushes to the chat page were not tested, for there is no Chromium.\n");

/** Said by the page's own script, in the browser. */
type Played = { asked: boolean[]; ended: number };

/**
 * What a browser does for pushes, but for what it has its push service for: that is the test's own. `permission`: what it says at
 * first of notifications, and what its user answers. The subscription outlives the page.
 */
function playBrowser({ pushToken, permission }: { pushToken: string; permission: NotificationPermission }): void {
  // A new tab is empty at first, and may keep nothing.
  if (location.protocol === "about:") return;
  const kept = globalThis.localStorage;
  const played: Played = { asked: [], ended: 0 };
  Object.assign(globalThis, { played });
  const said = (): NotificationPermission => (kept.getItem("test:allowed") === "yes" ? "granted" : permission);
  Object.defineProperty(Notification, "permission", { get: said });
  Notification.requestPermission = async () => {
    played.asked.push(navigator.userActivation.isActive);
    if (permission === "default") kept.setItem("test:allowed", "yes");
    return said();
  };
  const subscription = (key: string) => ({
    options: { applicationServerKey: Uint8Array.from(atob(key), (character) => character.charCodeAt(0)).buffer },
    toJSON: () => JSON.parse(pushToken) as unknown,
    unsubscribe: async () => {
      played.ended += 1;
      kept.removeItem("test:subscribed");
      return true;
    },
  });
  const current = () => {
    const key = kept.getItem("test:subscribed");
    return key === null ? null : subscription(key);
  };
  Object.assign(PushManager.prototype, {
    getSubscription: async () => current(),
    subscribe: async ({ applicationServerKey }: { applicationServerKey: Uint8Array }) => {
      kept.setItem("test:subscribed", btoa(String.fromCharCode(...applicationServerKey)));
      return current();
    },
  });
}

describe.skipIf(!executable)("pushes to the chat page", { timeout: 120_000 }, () => {
  let world: PageWorld;
  let service: PushServer;
  let folder: Awaited<ReturnType<typeof tempDir>>;
  const faults: string[][] = [];

  beforeAll(async () => {
    [service, folder] = await Promise.all([webPushServer(), tempDir()]);
    const certificate = join(folder.path, "ca.pem");
    await writeFile(certificate, CERTIFICATE);
    world = await pageWorld({
      NODE_EXTRA_CA_CERTS: certificate,
      WEB_PUSH_HOSTS: `localhost:${service.port}`,
      WEB_PUSH_CONTACT: "mailto:ops@example.org",
      PUSH_GRACE: "0",
      PRESENCE_GRACE: "0",
    });
    const { context } = await browserOf(world.browser);
    await signedIn(context, world.address, "Ann");
    await context.close();
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    await service?.close();
    await folder?.remove();
    expect([faults.flat(), service?.faults]).toEqual([[], []]);
  });

  /** A browser of somebody's own, at their settings. */
  const browsing = async (name: string, permission: NotificationPermission = "default") => {
    const device = service.newDevice();
    const { context, faults: heard } = await browserOf(world.browser);
    faults.push(heard);
    if (permission !== "denied") await context.grantPermissions(["notifications"], { origin: world.address });
    await context.addInitScript(playBrowser, { pushToken: device.pushToken, permission });
    const page = await signedIn(context, world.address, name);
    await partOf(page, "/me").click();
    const toggle = page.getByRole("checkbox", { name: "Tell me of messages while the page is closed" });
    await toggle.waitFor();
    const arrived = () => service.arrived.filter(({ token }) => token === device.token);
    return { context, page, toggle, arrived, name };
  };
  const devicesOf = async (name: string) =>
    (await world.ask<{ viewer: { devices: { kind: string; name: string }[] } }>(name, "{ viewer { devices { kind name } } }"))
      .viewer.devices;
  const played = (page: Page): Promise<Played> => page.evaluate(() => (globalThis as unknown as { played: Played }).played);
  const shown = (page: Page): Promise<{ title: string; body: string }[]> =>
    page.evaluate(async () => {
      const worker = await navigator.serviceWorker.getRegistration();
      return ((await worker?.getNotifications()) ?? []).map(({ title, body }) => ({ title, body }));
    });
  const annSends = (name: string, text: string) => world.mutate("Ann", "sendMessage", "SendMessageInput", { userId: name, text });
  const switchedOn = async (name: string) => {
    const browsed = await browsing(name);
    await browsed.toggle.click();
    await until("the server knows the browser", async () => (await devicesOf(name)).length === 1);
    await until("it is switched on", () => browsed.toggle.isChecked());
    return { ...browsed, deliver: await delivering(browsed.context, browsed.page, world.address) };
  };
  /** Waits until the service has a push, and gives it to the browser's worker as that would. */
  const toldOf = async ({ arrived, deliver }: Awaited<ReturnType<typeof switchedOn>>, text: string): Promise<void> => {
    await deliver(await until(`the service has "${text}"`, () => arrived().find(({ body }) => body === text)));
  };

  test("the browser is asked on a click alone, and the server is told", async () => {
    const { page, toggle, context } = await browsing("Bob");
    expect(await toggle.isChecked()).toBe(false);
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
    expect((await played(page)).asked).toEqual([]);
    await toggle.click();
    await until("the server knows the browser", async () => (await devicesOf("Bob")).length === 1);
    expect(await devicesOf("Bob")).toEqual([{ kind: "WEB", name: "Chat page" }]);
    expect((await played(page)).asked).toEqual([true]);
    expect(await seriousFaults(page)).toEqual([]);

    await page.reload();
    await toggle.waitFor();
    expect(await toggle.isChecked()).toBe(true);
    expect((await played(page)).asked).toEqual([]);
    await context.close();
  });

  test("what is pushed is shown, opened by a click, and taken away once it is read", async () => {
    const browsed = await switchedOn("Carol");
    const { context, page } = browsed;
    await annSends("Carol", "hello");
    await toldOf(browsed, "hello");
    await until("it is shown", async () => (await shown(page)).length === 1);
    expect(await shown(page)).toEqual([{ title: "Ann", body: "hello" }]);

    const [worker] = context.serviceWorkers();
    // As if it had been clicked: nothing of a browser without a screen can be.
    await worker?.evaluate(async () => {
      const { registration, NotificationEvent: Clicked } = globalThis as unknown as {
        registration: ServiceWorkerRegistration;
        NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
      };
      const [notification] = await registration.getNotifications();
      if (notification) dispatchEvent(new Clicked("notificationclick", { notification }));
    });
    await page.waitForURL(/\/c\//);
    await until("nothing is shown any more", async () => (await shown(page)).length === 0);

    await partOf(page, "/me").click();
    await annSends("Carol", "are you there?");
    await toldOf(browsed, "are you there?");
    await until("it is shown", async () => (await shown(page)).length === 1);
    await partOf(page, "/").click();
    await rowOf(page, "Ann").waitFor();
    await openChat(page, "Ann");
    await page.bringToFront();
    await until("it is taken away", async () => (await shown(page)).length === 0);
    await context.close();
  });

  test("switched off, nothing is pushed to it, and what was shown goes", async () => {
    const browsed = await switchedOn("Dora");
    const { context, page, toggle } = browsed;
    await annSends("Dora", "before");
    await toldOf(browsed, "before");
    await until("it is shown", async () => (await shown(page)).length === 1);
    await toggle.click();
    await until("the server has forgotten the browser", async () => (await devicesOf("Dora")).length === 0);
    await until("its subscription has ended", async () => (await played(page)).ended === 1);
    expect(await toggle.isChecked()).toBe(false);
    expect(await shown(page)).toEqual([]);
    await page.reload();
    await toggle.waitFor();
    expect(await toggle.isChecked()).toBe(false);
    expect(await devicesOf("Dora")).toEqual([]);
    await context.close();
  });

  test("who signs out is told nothing more in this browser", async () => {
    const browsed = await switchedOn("Eve");
    const { context, page } = browsed;
    await annSends("Eve", "before");
    await toldOf(browsed, "before");
    await until("it is shown", async () => (await shown(page)).length === 1);
    await page.getByRole("button", { name: "Sign out" }).click();
    // Only then: the server is told before.
    await page.locator("main.welcome").getByRole("textbox").waitFor();
    expect(await devicesOf("Eve")).toEqual([]);
    expect((await played(page)).ended).toBe(1);
    expect(await shown(page)).toEqual([]);
    await context.close();
  });

  test("where the browser forbids it, it cannot be switched on, and says what to do", async () => {
    const { context, page, toggle } = await browsing("Finn", "denied");
    expect(await toggle.isDisabled()).toBe(true);
    await page.getByText("Your browser forbids it.").waitFor();
    await context.close();
  });
});

/** Gives a push to the worker of a page, decrypted, as the browser does. */
async function delivering(context: BrowserContext, page: Page, address: string): Promise<(push: Arrived) => Promise<void>> {
  const session: CDPSession = await context.newCDPSession(page);
  let registrationId: string | undefined;
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    registrationId = registrations.find(({ scopeURL, isDeleted }) => scopeURL.startsWith(address) && !isDeleted)?.registrationId;
  });
  await session.send("ServiceWorker.enable");
  const id = await until("the worker is there", () => registrationId);
  return async ({ headers: _headers, at: _at, token: _token, ...content }) => {
    const { origin } = new URL(address);
    await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId: id, data: JSON.stringify(content) });
  };
}
