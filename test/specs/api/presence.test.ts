import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { follow, type Following } from "../../support/following.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

type Row = { deviceKind: string; online: boolean | null; lastSeenAt: string | null };
type Told = { user: { id: string }; presence: Row[] };

const PRESENCE =
  "subscription ($ids: [ID!]!) { presence(userIds: $ids) { user { id } presence { deviceKind online lastSeenAt } } }";
const INBOX = "subscription { inbox { __typename } }";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer({ PRESENCE_GRACE: "600" });
});
afterAll(() => server[Symbol.asyncDispose]());

let people = 0;
/** Two friends, each with a client whose token names no device. */
const friends = async (at = server): Promise<[Client, Client]> => {
  people += 1;
  const [one, other] = [await registered(at, `one${people}`), await registered(at, `other${people}`)];
  await ask(one, other.id);
  await ask(other, one.id);
  return [one, other];
};
const ask = (client: Client, userId: string) =>
  client.ask(`mutation ($i: RequestFriendshipInput!) { requestFriendship(input: $i) { cursor } }`, {
    i: { clientMutationId: crypto.randomUUID(), userId },
  });

const addDevice = async (client: Client, id: string, kind: string, more: object = {}) =>
  (
    await client.ask<{ addDevice: { cursor: string; devices: unknown[] } }>(
      "mutation ($i: AddDeviceInput!) { addDevice(input: $i) { cursor devices { id kind name lastSeenAt current } } }",
      { i: { clientMutationId: crypto.randomUUID(), id, kind, name: id, ...more } },
    )
  ).addDevice;

const presenceOf = async (viewer: Client, id: string): Promise<Row[]> =>
  (
    await viewer.ask<{ user: { presence: Row[] } }>(
      "query ($id: ID!) { user(id: $id) { presence { deviceKind online lastSeenAt } } }",
      { id },
    )
  ).user.presence;

const watch = (viewer: Client, ...ids: string[]) => follow<Told>(server.address, viewer, PRESENCE, { ids });
/** A device of a user that is connected. */
const connected = async (user: string, device?: string, at = server): Promise<Following<{ __typename: string }>> => {
  const client = await clientOf(at, user, device === undefined ? {} : { device });
  const inbox = follow<{ __typename: string }>(at.address, client, INBOX, {});
  await inbox.until("it is live", ({ __typename }) => __typename === "InboxCaughtUp");
  return inbox;
};
const online = (rows: readonly Row[]) => Object.fromEntries(rows.map((row) => [row.deviceKind, row.online]));

describe("who is online", () => {
  it("is told by kind, of several devices at once, as it changes", async () => {
    const [one, other] = await friends();
    await addDevice(other, "phone", "IOS");
    await addDevice(other, "tab", "WEB");
    await addDevice(other, "shop", "MINI_PROGRAM");
    const watching = watch(one, other.id);
    const has = (kind: string, is: boolean | null) => (told: Told) => online(told.presence)[kind] === is;
    const last = () => online(watching.said.at(-1)?.presence ?? []);
    await watching.until("what is so now", has("IOS", false));
    const phone = await connected(other.id, "phone");
    await watching.until("the phone is there", has("IOS", true));
    const [tab, second] = [await connected(other.id, "tab"), await connected(other.id, "tab")];
    await watching.until("the tab is there", has("WEB", true));
    await until("all of it is told", () => last()["IOS"] === true && last()["WEB"] === true);
    await second.close();
    await phone.close();
    await until("the phone has gone, and one of the tabs", () => last()["IOS"] === false);
    expect(last()).toMatchObject({ IOS: false, WEB: true, MINI_PROGRAM: null });
    const rows = await presenceOf(one, other.id);
    expect(online(rows)).toMatchObject({ IOS: false, WEB: true, MINI_PROGRAM: null });
    expect(rows.find(({ deviceKind }) => deviceKind === "IOS")?.lastSeenAt).toMatch(/^\d{4}-/);
    expect(rows.find(({ deviceKind }) => deviceKind === "MINI_PROGRAM")?.lastSeenAt).toBeNull();
    await tab.close();
    await until("the other tab has gone", () => last()["WEB"] === false);
    await watching.close();
  });

  it("is not offline because a connection was lost", async () => {
    const [one, other] = await friends();
    await addDevice(other, "phone", "ANDROID");
    const watching = watch(one, other.id);
    const phone = await connected(other.id, "phone");
    await watching.until("it is there", ({ presence }) => online(presence)["ANDROID"] === true);
    const sockets = server.tidings.presence;
    expect(sockets.graceUntil).toBeGreaterThan(Date.now());
    phone.cut();
    const again = await connected(other.id, "phone");
    expect(online(await presenceOf(one, other.id))).toMatchObject({ ANDROID: true });
    expect(watching.said.filter(({ presence }) => online(presence)["ANDROID"] === false).length).toBeLessThanOrEqual(1);
    await again.close();
    await watching.close();
  });

  it("counts as OTHER on a device that was not added, and by its kind once it is", async () => {
    const [one, other] = await friends();
    const watching = watch(one, other.id);
    const device = await connected(other.id, "new-phone");
    await watching.until("another device", ({ presence }) => online(presence)["OTHER"] === true);
    await addDevice(other, "new-phone", "IOS");
    await watching.until("it has a kind", ({ presence }) => online(presence)["IOS"] === true);
    await device.close();
    await watching.close();
  });

  it("is for friends and those who write to each other; for nobody where one has blocked the other", async () => {
    const [one, other] = await friends();
    const stranger = await registered(server, `stranger${people}`);
    const device = await connected(other.id);
    expect(online(await presenceOf(one, other.id))).toEqual({ OTHER: true });
    expect(online(await presenceOf(other, other.id))).toEqual({ OTHER: true });
    expect(await presenceOf(stranger, other.id)).toEqual([]);
    const strangers = watch(stranger, other.id, "nobody", stranger.id);
    await strangers.until("of oneself", ({ user }) => user.id === stranger.id);
    expect(strangers.said.map(({ user }) => user.id)).toEqual([stranger.id]);
    await strangers.close();

    await stranger.act("sendMessage", { userId: other.id, text: "hello" });
    await until("they know each other", async () => (await presenceOf(stranger, other.id)).length > 0);
    const block = (on: boolean) =>
      other.ask("mutation ($i: BlockInput!) { block(input: $i) { cursor } }", {
        i: { clientMutationId: crypto.randomUUID(), userId: one.id, on },
      });
    const watching = watch(one, other.id);
    await watching.until("it is told", ({ presence }) => online(presence)["OTHER"] === true);
    await block(true);
    expect(await presenceOf(one, other.id)).toEqual([]);
    expect(await presenceOf(other, one.id)).toEqual([]);
    await device.close();
    await until("it has gone", async () => online(await presenceOf(other, other.id))["OTHER"] === false);
    expect(watching.said).toHaveLength(1);
    await block(false);
    await until("it is seen again", async () => (await presenceOf(one, other.id)).length > 0);
    await watching.close();
  });

  it("is asked of 1 to 500 users", async () => {
    const [one] = await friends();
    const many = watch(one, ...Array.from({ length: 501 }, (_, index) => `u${index}`));
    expect(await many.refused()).toEqual({ code: "BAD_INPUT", field: "userIds" });
    expect(await watch(one).refused()).toEqual({ code: "BAD_INPUT", field: "userIds" });
    expect(await watch(one, one.id, "d:x").refused()).toEqual({ code: "BAD_INPUT", field: "userIds.1" });
    const nobody = await clientOf(server, `nobody${people}`);
    expect(await watch(nobody, one.id).refused()).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a restart of the server", () => {
  it("makes nobody offline who was online", async () => {
    const dir = await tempDir();
    const settings = { DATA_DIR: dir.path, PRESENCE_GRACE: "600" };
    const first = await apiServer(settings);
    const [one, other] = await friends(first);
    await addDevice(other, "phone", "IOS");
    await addDevice(other, "tab", "WEB");
    await connected(other.id, "phone", first);
    await (await connected(other.id, "tab", first)).close();
    await until("only the phone is there", async () => online(await presenceOf(one, other.id))["WEB"] === false);
    await first.stop();
    await using second = await apiServer(settings);
    const again = await clientOf(second, one.id);
    expect(online(await presenceOf(again, other.id))).toMatchObject({ IOS: true, WEB: false });
    const watching = follow<Told>(second.address, again, PRESENCE, { ids: [other.id] });
    const told = await watching.until("what is so", ({ user }) => user.id === other.id);
    expect(online(told.presence)).toMatchObject({ IOS: true, WEB: false });
    await watching.close();
  });
});

describe("devices", () => {
  it("are one's own: added, changed and removed, and the one that asks is known", async () => {
    const [one, other] = await friends();
    const desk = await clientOf(server, one.id, { device: "desk" });
    const first = await addDevice(desk, "desk", "DESKTOP", { pushService: "FCM", pushToken: "a-secret-token" });
    expect(JSON.stringify(first)).not.toContain("a-secret-token");
    expect(first.devices).toMatchObject([{ id: "desk", kind: "DESKTOP", name: "desk", current: true }]);
    await addDevice(desk, "phone", "IOS");
    const changed = await addDevice(one, "desk", "DESKTOP", { name: "At work" });
    expect(changed.devices).toMatchObject([
      { id: "desk", name: "At work", current: false },
      { id: "phone", lastSeenAt: null, current: false },
    ]);
    const node = (client: Client, id: string) =>
      client.ask<{ node: unknown }>("query ($id: ID!) { node(id: $id) { __typename id } }", { id });
    expect((await node(one, "phone")).node).toEqual({ __typename: "Device", id: "phone" });
    expect((await node(other, "phone")).node).toBeNull();
    const remove = (client: Client, id: string) =>
      client.ask<{ removeDevice: { devices: unknown[] } }>(
        "mutation ($i: NodeInput!) { removeDevice(input: $i) { devices { id } } }",
        { i: { clientMutationId: crypto.randomUUID(), id } },
      );
    expect(await refusal(remove(other, "phone"))).toEqual({ code: "NOT_FOUND", field: "id" });
    expect((await remove(one, "phone")).removeDevice.devices).toEqual([{ id: "desk" }]);
    const { viewer } = await one.ask<{ viewer: { devices: unknown[] } }>("{ viewer { devices { id } } }");
    expect(viewer.devices).toEqual([{ id: "desk" }]);
  });

  it("are no more than there may be, also of fifty calls at once", async () => {
    const [one] = await friends();
    const calls = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => addDevice(one, `d${index}`, "WEB")));
    expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(32);
    const { viewer } = await one.ask<{ viewer: { devices: unknown[] } }>("{ viewer { devices { id } } }");
    expect(viewer.devices).toHaveLength(32);
  });
});
