import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registeredAll } from "../../support/client.ts";
import {
  type ApnsServer,
  apnsServer,
  type Arrived,
  type FcmServer,
  fcmServer,
  type PushServer,
} from "../../support/pushServers.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

vi.setConfig({ testTimeout: 60_000 });

let server: ApiServer;
let apple: ApnsServer;
let google: FcmServer;
let folder: Awaited<ReturnType<typeof tempDir>>;
let settings: Record<string, string>;
beforeAll(async () => {
  [apple, google, folder] = await Promise.all([apnsServer(), fcmServer(), tempDir()]);
  const [keyFile, accountFile] = [join(folder.path, "apns.p8"), join(folder.path, "account.json")];
  await writeFile(keyFile, apple.key);
  await writeFile(accountFile, google.account);
  settings = {
    APNS_KEY_FILE: keyFile,
    APNS_KEY_ID: apple.settings.keyId,
    APNS_TEAM_ID: apple.settings.teamId,
    APNS_TOPIC: apple.settings.topic,
    APNS_URL: apple.url,
    FCM_ACCOUNT_FILE: accountFile,
    FCM_URL: google.url,
    PUSH_GRACE: "5s",
    PRESENCE_GRACE: "0",
    FANOUT_LIMIT: "10",
  };
  server = await apiServer(settings);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await Promise.all([apple.close(), google.close(), folder.remove()]);
});
afterEach(() => {
  expect([...apple.faults, ...google.faults]).toEqual([]);
  for (const service of [apple, google]) service.say(undefined);
});

let people = 0;
let [ann, bob, cat] = [] as unknown as [Client, Client, Client];
beforeEach(async () => {
  people += 1;
  [ann, bob, cat] = await registeredAll(server, `ann${people}`, `bob${people}`, `cat${people}`);
});

const addDevice = async (client: Client, service: PushServer, id = "phone") => {
  const device = service.newDevice();
  const { pushService, pushToken, token } = device;
  await client.act("addDevice", { id, kind: "IOS", name: id, pushService, pushToken });
  return { token, pushService, pushToken, arrived: () => service.arrived.filter((push) => push.token === token) };
};
type Device = Awaited<ReturnType<typeof addDevice>>;
const shown = ({ arrived }: Device): Arrived[] => arrived().filter(({ title }) => title !== undefined);
const send = (from: Client, to: Client, text: string) => from.act("sendMessage", { userId: to.id, text });
/** Waits for a push with a text: pushes to a device about a conversation arrive in order. */
const toldOf = (device: Device, body: string): Promise<Arrived> =>
  until(`a push tells of "${body}"`, () => shown(device).find((push) => push.body === body));

describe.each(["APNs", "FCM"] as const)("%s", (name) => {
  const service = (): PushServer => (name === "APNs" ? apple : google);

  test("a message is pushed to the devices of whom it is for, and to nobody else's", async () => {
    const [phone, own] = [await addDevice(bob, service()), await addDevice(ann, service())];
    await send(ann, bob, "hello");
    const push = await toldOf(phone, "hello");
    expect(push).toMatchObject({ unread: 1, badge: 1, seq: 1, conversationId: `d:${ann.id}~${bob.id}` });
    await send(bob, ann, "you too");
    expect(await toldOf(own, "you too")).toMatchObject({ seq: 2 });
    expect(shown(own)).toHaveLength(1);
    expect(shown(phone)).toHaveLength(1);
  });

  test("what was read elsewhere is taken away, once", async () => {
    const phone = await addDevice(bob, service());
    await send(ann, bob, "hello");
    const push = await toldOf(phone, "hello");
    await bob.act("markRead", { conversationId: `d:${ann.id}~${bob.id}`, seq: 1 });
    const silent = await until("it is taken away", () => phone.arrived().find(({ title }) => title === undefined));
    expect(silent).toMatchObject({ tag: push.tag, badge: 0 });
  });

  test("a token that the service calls dead gets no more, until it is added again", async () => {
    const phone = await addDevice(bob, service());
    const dead =
      name === "APNs"
        ? { status: 410, body: "Unregistered" }
        : { status: 404, body: JSON.stringify({ error: { details: [{ errorCode: "UNREGISTERED" }] } }) };
    service().say(dead, phone.token);
    const before = server.tidings.push?.().counts[phone.pushService as "APNS" | "FCM"]?.dead ?? 0;
    await send(ann, bob, "in vain");
    await until("it is dead", () => (server.tidings.push?.().counts[phone.pushService as "APNS" | "FCM"]?.dead ?? 0) > before);
    service().say(undefined, phone.token);
    const desk = await addDevice(bob, service(), "desk");
    await send(cat, bob, "in vain too");
    await toldOf(desk, "in vain too");
    expect(phone.arrived()).toEqual([]);
    await bob.act("addDevice", {
      id: "phone",
      kind: "IOS",
      name: "phone",
      pushService: phone.pushService,
      pushToken: phone.pushToken,
    });
    await send(cat, bob, "again");
    await toldOf(phone, "again");
  });
});

describe("pushes", () => {
  test("many messages are one push, or few", async () => {
    const phone = await addDevice(bob, apple);
    for (let index = 1; index <= 20; index++) await send(ann, bob, `text ${index}`);
    expect(await toldOf(phone, "text 20")).toMatchObject({ unread: 20, badge: 20 });
    expect(shown(phone).length).toBeLessThan(10);
    expect(new Set(shown(phone).map(({ tag }) => tag)).size).toBe(1);
  });

  test("a token belongs to whoever was added with it last", async () => {
    const phone = await addDevice(bob, apple);
    await cat.act("addDevice", {
      id: "mine",
      kind: "IOS",
      name: "mine",
      pushService: "APNS",
      pushToken: phone.pushToken.toUpperCase(),
    });
    await send(ann, bob, "for bob alone");
    await send(ann, cat, "for cat");
    await toldOf(phone, "for cat");
    const desk = await addDevice(bob, apple, "desk");
    await send(cat, bob, "the last");
    await toldOf(desk, "the last");
    expect(shown(phone).map(({ body }) => body)).toEqual(["for cat"]);
  });

  test("a device that was removed gets nothing", async () => {
    const [phone, desk] = [await addDevice(bob, apple), await addDevice(bob, apple, "desk")];
    await bob.act("removeDevice", { id: "phone" });
    await send(ann, bob, "hello");
    await toldOf(desk, "hello");
    expect(phone.arrived()).toEqual([]);
  });

  test("muted, blocked and left conversations are not pushed, and a mention is", async () => {
    const [phone, other] = [await addDevice(bob, apple), await addDevice(cat, apple)];
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Crew", memberIds: [bob.id, cat.id] });
    const say = (text: string, more: Record<string, unknown> = {}) =>
      ann.act("sendMessage", { conversationId: conversation.id, text, ...more });
    await bob.act("setPreferences", { conversationId: conversation.id, muted: true });
    await say("quiet");
    await until("cat is told", () => shown(other).find(({ body }) => body?.endsWith("quiet")));
    await say("you, bob", { mentions: [bob.id] });
    const push = await until("a mention is pushed", () => shown(phone).at(-1));
    expect(push.body).toMatch(/you, bob$/);
    expect(push).toMatchObject({ title: "Crew", conversationId: conversation.id, badge: 0 });
    expect(shown(phone)).toHaveLength(1);
    await ann.act("removeMembers", { conversationId: conversation.id, userIds: [cat.id] });
    const before = shown(other).length;
    await say("cat is gone", { mentions: [bob.id] });
    await until("bob is told", () => shown(phone).find(({ body }) => body?.endsWith("cat is gone")));
    expect(shown(other)).toHaveLength(before);
  });

  test("who is connected has a moment to read", async () => {
    const phone = await addDevice(bob, apple);
    const listening = bob.inbox();
    await listening.until("it is there", (entry) => entry.__typename === "InboxCaughtUp");
    await send(ann, bob, "read at once");
    await bob.act("markRead", { conversationId: `d:${ann.id}~${bob.id}`, seq: 1 });
    await send(ann, bob, "not read");
    expect(await toldOf(phone, "not read")).toMatchObject({ unread: 1 });
    expect(shown(phone)).toHaveLength(1);
    await listening.close();
  });

  test("a service that is away is waited for, and it is told", async () => {
    const ready = async () =>
      (
        (await (await fetch(`${server.address}/ready`)).json()) as {
          components: Record<string, { ready: boolean; detail?: string }>;
        }
      ).components["push"];
    const [phone, other] = [await addDevice(bob, apple), await addDevice(bob, google, "android")];
    await apple.away(true);
    try {
      await send(ann, bob, "later");
      await toldOf(other, "later");
      await until("operators are told", async () => (await ready())?.ready === false);
      // Others are told meanwhile.
      const another = await addDevice(cat, google);
      await send(ann, cat, "meanwhile");
      await toldOf(another, "meanwhile");
    } finally {
      await apple.away(false);
    }
    await toldOf(phone, "later");
    await until("operators are told", async () => (await ready())?.ready === true);
    expect(shown(phone)).toHaveLength(1);
  });

  test("tokens are read by nobody, and wrong ones are refused", async () => {
    const phone = await addDevice(bob, apple);
    const { viewer } = await bob.ask<{ viewer: { webPushKey: string; devices: unknown[] } }>(
      "{ viewer { webPushKey devices { id name kind } } }",
    );
    expect(Buffer.from(viewer.webPushKey, "base64url")).toHaveLength(65);
    expect(JSON.stringify(viewer)).not.toContain(phone.token);
    const add = (pushService: string, pushToken: string) =>
      refusal(bob.act("addDevice", { id: "x", kind: "WEB", name: "x", pushService, pushToken }));
    expect(await add("APNS", "xyz")).toMatchObject({ code: "BAD_INPUT", field: "pushToken" });
    const keys = { p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) };
    for (const endpoint of [
      "http://example.org/x",
      "https://127.0.0.1/x",
      "https://[::1]/x",
      "https://10.0.0.7/x",
      "https://localhost/x",
    ])
      expect(await add("WEB_PUSH", JSON.stringify({ endpoint, keys }))).toMatchObject({ code: "BAD_INPUT", field: "pushToken" });
    expect(server.logged.join("")).not.toContain(phone.token);
  });

  test("a wide group holds nobody up, and all of it is told", async () => {
    const names = Array.from({ length: 120 }, (_, index) => `w${people}-${index}`);
    const wide = await registeredAll(server, ...names);
    const phones = await Promise.all(wide.slice(0, 110).map((client) => addDevice(client, google)));
    const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "Wide", memberIds: names });
    const direct = await addDevice(bob, google);
    await ann.act("sendMessage", { conversationId: conversation.id, text: "to all" });
    await send(ann, bob, "to one");
    await toldOf(direct, "to one");
    await until("all are told", () => phones.every((phone) => shown(phone).length === 1));
  });
});

test("a server that starts pushes nothing of what was there, and nothing twice", async () => {
  const directory = await tempDir();
  const own = { ...settings, DATA_DIR: directory.path };
  let here = await apiServer(own);
  const [dan, eve] = await registeredAll(here, "dan", "eve");
  const phone = await addDevice(eve, google);
  await send(dan, eve, "one");
  await toldOf(phone, "one");
  await here.stop();
  here = await apiServer(own);
  const again = await clientOf(here, "dan");
  await again.act("sendMessage", { userId: "eve", text: "two" });
  await toldOf(phone, "two");
  expect(shown(phone).map(({ body }) => body)).toEqual(["one", "two"]);
  await here[Symbol.asyncDispose]();
});
