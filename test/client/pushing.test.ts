import { expect, test } from "vitest";
import { clientError } from "../../src/client/errors.ts";
import { addWebPush, endWebPush, removeWebPush } from "../../src/client/pushing.ts";
import type { Client } from "../../src/client/types.ts";

const KEY = Buffer.alloc(65, 7).toString("base64url");
const DEVICE = { id: "a-browser", name: "Chat page" };

/** A server, and what it was asked. */
function server(answers: { key?: string | null; removes?: Error } = {}) {
  const asked: { field: string; input: unknown }[] = [];
  const request = (async (document: string, { input }: { input?: unknown }) => {
    const [, field = ""] = /\{\s*(\w+)/.exec(document) ?? [];
    asked.push({ field, input });
    if (field === "removeDevice" && answers.removes) throw answers.removes;
    return field === "viewer"
      ? { viewer: { webPushKey: answers.key === undefined ? KEY : answers.key } }
      : { [field]: { cursor: "1" } };
  }) as unknown as Client["request"];
  return { client: { request }, asked };
}

/** A browser, which may have subscribed with a key. */
function browser(key?: string) {
  const ended: string[] = [];
  let made = 0;
  const subscribe = async ({ applicationServerKey }: PushSubscriptionOptionsInit) => {
    const bytes = applicationServerKey as Uint8Array<ArrayBuffer>;
    const endpoint = `https://push.example.org/${(made += 1)}`;
    current ??= {
      options: { applicationServerKey: bytes.buffer },
      unsubscribe: async () => {
        ended.push(endpoint);
        current = undefined;
        return true;
      },
      toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
    };
    return current;
  };
  let current: object | undefined;
  const pushManager = { subscribe, getSubscription: async () => current ?? null } as unknown as PushManager;
  const ready =
    key === undefined ? undefined : subscribe({ applicationServerKey: Uint8Array.from(Buffer.from(key, "base64url")) });
  return { worker: { pushManager }, ended, ready };
}

test("a browser subscribes with the server's key, and the server is told where", async () => {
  const [{ client, asked }, { worker }] = [server(), browser()];
  await addWebPush(client, worker, DEVICE);
  expect(asked.map(({ field }) => field)).toEqual(["viewer", "addDevice"]);
  expect(asked[1]?.input).toEqual({
    clientMutationId: expect.any(String) as string,
    ...DEVICE,
    kind: "WEB",
    pushService: "WEB_PUSH",
    pushToken: JSON.stringify({ endpoint: "https://push.example.org/1", keys: { p256dh: "p", auth: "a" } }),
  });
});

test("at the next start the same subscription is told again, and another one where the server has another key", async () => {
  const [{ client, asked }, { worker, ended, ready }] = [server(), browser(KEY)];
  await ready;
  await addWebPush(client, worker, DEVICE);
  expect(ended).toEqual([]);
  await addWebPush({ request: server({ key: Buffer.alloc(65, 8).toString("base64url") }).client.request }, worker, DEVICE);
  expect(ended).toEqual(["https://push.example.org/1"]);
  expect(asked.at(-1)?.input).toMatchObject({ pushToken: expect.stringContaining("push.example.org/1") as string });
});

test("a server without Web Push is UNAVAILABLE, and the browser is not asked", async () => {
  const [{ client, asked }, { worker }] = [server({ key: null }), browser()];
  await expect(addWebPush(client, worker, DEVICE)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  expect(asked).toHaveLength(1);
  expect(await worker.pushManager.getSubscription()).toBeNull();
});

test("what the browser says is passed on, and the server is not told", async () => {
  const { client, asked } = server();
  const pushManager = {
    getSubscription: async () => null,
    subscribe: () => Promise.reject(new DOMException("the user said no", "NotAllowedError")),
  } as unknown as PushManager;
  await expect(addWebPush(client, { pushManager }, DEVICE)).rejects.toMatchObject({ name: "NotAllowedError" });
  expect(asked.map(({ field }) => field)).toEqual(["viewer"]);
});

test("a browser that is removed is known to nobody, and asked for no longer", async () => {
  const [{ client, asked }, { worker, ended, ready }] = [server(), browser(KEY)];
  await ready;
  await removeWebPush(client, worker, DEVICE.id);
  expect(asked).toEqual([{ field: "removeDevice", input: { clientMutationId: expect.any(String) as string, id: DEVICE.id } }]);
  expect(ended).toHaveLength(1);
  // The server may not know it any more, and the browser may have no worker.
  await removeWebPush(server({ removes: clientError("NOT_FOUND", "no such device") }).client, undefined, DEVICE.id);
});

test("where the server cannot be reached the subscription ends, and without one it is said that nothing was done", async () => {
  const away = server({ removes: clientError("NETWORK", "it is away") });
  const { worker, ended, ready } = browser(KEY);
  await ready;
  await removeWebPush(away.client, worker, DEVICE.id);
  expect(ended).toHaveLength(1);
  await expect(removeWebPush(away.client, worker, DEVICE.id)).rejects.toMatchObject({ code: "NETWORK" });
  expect(await endWebPush(worker)).toBe(false);
});
