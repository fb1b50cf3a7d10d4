import { createPrivateKey, createECDH } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { apns } from "../../src/adapters/push/apns.ts";
import { retryAfterOf } from "../../src/adapters/push/asking.ts";
import { fcm } from "../../src/adapters/push/fcm.ts";
import { encrypted, newServerKey, serverKeysOf, webPush } from "../../src/adapters/push/webPush.ts";
import { readPushToken } from "../../src/domain/pushTokens.ts";
import type { Push, PushSender } from "../../src/ports/pushService.ts";
import { CERTIFICATE } from "../support/ownCertificate.ts";
import { apnsServer, decrypted, fcmServer, type PushServer, type Said, webPushServer } from "../support/pushServers.ts";

type Opened = { server: PushServer; sender: PushSender };

const PUSH: Push = {
  id: "5f3c9a1e-0000-5000-8000-000000000001",
  tag: "tag-of_this",
  badge: 7,
  ttlS: 3_600,
  notice: { title: "Ann", body: "hello 🙂", unread: 2, mention: false, conversationId: "d:ann~bob", seq: 12 },
};
const SILENT: Push = { ...PUSH, notice: undefined };

const fcmFault = (status: number, code: string, more: Record<string, unknown> = {}): Said => ({
  status,
  body: JSON.stringify({ error: { code: status, status: code, message: code, details: [{ errorCode: code, ...more }] } }),
});

/** What each service says, and what becomes of the push. */
const services: Record<string, { open: () => Promise<Opened>; says: readonly (readonly [Said, string])[]; silent: boolean }> = {
  "Web Push": {
    silent: false,
    open: async () => {
      const server = await webPushServer();
      const keys = serverKeysOf(newServerKey());
      const hosts = new Set([`localhost:${server.port}`]);
      return { server, sender: webPush({ keys, contact: "mailto:ops@example.org", hosts, ca: CERTIFICATE }) };
    },
    says: [
      [{ status: 410 }, "dead"],
      [{ status: 404 }, "dead"],
      [{ status: 403, body: "no such key" }, "busy"],
      [{ status: 429, headers: { "retry-after": "30" } }, "busy"],
      [{ status: 503 }, "away"],
      [{ status: 413 }, "refused"],
      [{ status: 302, headers: { location: "http://127.0.0.1/" } }, "refused"],
      [{ status: 101, headers: { connection: "upgrade", upgrade: "else" } }, "away"],
    ],
  },
  APNs: {
    silent: true,
    open: async () => {
      const server = await apnsServer();
      return { server, sender: apns({ url: server.url, key: createPrivateKey(server.key), ...server.settings }) };
    },
    says: [
      [{ status: 410, body: "Unregistered" }, "dead"],
      [{ status: 400, body: "BadDeviceToken" }, "dead"],
      [{ status: 403, body: "InvalidProviderToken" }, "away"],
      [{ status: 400, body: "BadTopic" }, "away"],
      [{ status: 429, body: "TooManyRequests", headers: { "retry-after": "30" } }, "busy"],
      [{ status: 429, body: "TooManyProviderTokenUpdates", headers: { "retry-after": "30" } }, "away"],
      [{ status: 503, body: "ServiceUnavailable" }, "away"],
      [{ status: 400, body: "BadMessageId" }, "refused"],
    ],
  },
  FCM: {
    silent: true,
    open: async () => {
      const server = await fcmServer();
      const account = JSON.parse(server.account) as Record<"project_id" | "client_email" | "private_key" | "token_uri", string>;
      const key = createPrivateKey(account.private_key);
      const { project_id: project, client_email: email, token_uri: tokenUrl } = account;
      return { server, sender: fcm({ url: server.url, project, email, tokenUrl, key }) };
    },
    says: [
      [fcmFault(404, "UNREGISTERED"), "dead"],
      [fcmFault(403, "SENDER_ID_MISMATCH"), "dead"],
      [fcmFault(400, "INVALID_ARGUMENT", { fieldViolations: [{ field: "message.token" }] }), "dead"],
      [fcmFault(400, "INVALID_ARGUMENT"), "refused"],
      [{ ...(fcmFault(429, "QUOTA_EXCEEDED") as object), status: 429, headers: { "retry-after": "30" } }, "busy"],
      [fcmFault(401, "THIRD_PARTY_AUTH_ERROR"), "refused"],
      [fcmFault(503, "UNAVAILABLE"), "away"],
      [fcmFault(403, "PERMISSION_DENIED"), "away"],
    ],
  },
};

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

describe.each(Object.entries(services))("%s", (_, { open, says, silent }) => {
  const ready = async (): Promise<Opened & { device: ReturnType<PushServer["newDevice"]>; token: string }> => {
    const made = await open();
    closing.push(
      () => made.sender.close(),
      () => made.server.close(),
    );
    const device = made.server.newDevice();
    const read = readPushToken(device.pushService, device.pushToken);
    if ("fault" in read) throw new Error(read.fault);
    return { ...made, device, token: read.token };
  };

  test("brings what is shown to the device, as the service wants it", async () => {
    const { server, sender, token, device } = await ready();
    expect(await sender.send(token, PUSH)).toEqual({ kind: "sent" });
    expect(server.faults).toEqual([]);
    const { id, tag, badge, notice } = PUSH;
    const { title, body, unread, seq, conversationId } = notice ?? {};
    expect(server.arrived).toMatchObject([{ token: device.token, id, tag, badge, title, body, unread, seq, conversationId }]);
  });

  test.runIf(silent)("brings what is not shown", async () => {
    const { server, sender, token } = await ready();
    expect(await sender.send(token, SILENT)).toEqual({ kind: "sent" });
    expect(server.faults).toEqual([]);
    expect(server.arrived).toMatchObject([{ tag: PUSH.tag, badge: 7, title: undefined }]);
  });

  test.each(says)("is understood when it says %j: %s", async (said, kind) => {
    const { server, sender, token } = await ready();
    server.say(said);
    const outcome = await sender.send(token, PUSH);
    expect(outcome.kind).toBe(kind);
    if (said !== "hang" && said.headers?.["retry-after"] !== undefined) expect(outcome).toMatchObject({ retryAfterMs: 30_000 });
    // Words for operators hold no address of a device.
    expect(JSON.stringify(outcome)).not.toContain(token.slice(0, 40));
    server.say(undefined);
    if (kind !== "dead") expect(await sender.send(token, PUSH)).toEqual({ kind: "sent" });
  });

  test("is away when nobody listens, and there again", async () => {
    const { server, sender, token } = await ready();
    expect(await sender.send(token, PUSH)).toEqual({ kind: "sent" });
    await server.away(true);
    expect((await sender.send(token, PUSH)).kind).toBe("away");
    await server.away(false);
    expect(await sender.send(token, PUSH)).toEqual({ kind: "sent" });
    expect(server.arrived).toHaveLength(2);
  });

  test("takes many at the same time", async () => {
    const { server, sender, token } = await ready();
    const outcomes = await Promise.all(Array.from({ length: 64 }, (_, index) => sender.send(token, { ...PUSH, badge: index })));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(["sent"]));
    expect(server.arrived.map(({ badge }) => badge).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 64 }, (_, index) => index),
    );
  });
});

describe("Web Push", () => {
  /** https://www.rfc-editor.org/rfc/rfc8291#appendix-A */
  test("encrypts the example of the RFC as the RFC has it", () => {
    const bytes = (text: string): Buffer => Buffer.from(text, "base64url");
    const p256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const auth = "BTBZMqHH6r4Tts7J_aSIgg";
    const content = Buffer.from("When I grow up, I want to be a watermelon");
    const own = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
    const salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
    const made = encrypted({ endpoint: "", keys: { p256dh, auth } }, content, own, salt);
    expect(made.toString("base64url")).toBe(
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A" +
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );
    expect(decrypted(made, bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), bytes(auth)).equals(content)).toBe(true);
  });

  const subscribed = (endpoint: string): string => {
    const ecdh = createECDH("prime256v1");
    const keys = { p256dh: ecdh.generateKeys().toString("base64url"), auth: "BTBZMqHH6r4Tts7J_aSIgg" };
    return JSON.stringify({ endpoint, keys });
  };
  const keys = serverKeysOf(newServerKey());

  test("asks nobody in a network of one's own, also where a name leads there", async () => {
    const server = await webPushServer();
    closing.push(() => server.close());
    const sender = webPush({ keys, contact: "mailto:ops@example.org", ca: CERTIFICATE });
    closing.push(() => sender.close());
    for (const endpoint of [
      server.url,
      "https://127.0.0.1/x",
      "https://[::1]/x",
      "https://[::ffff:10.0.0.1]/x",
      "https://0x7f.1/x",
      "https://169.254.169.254/latest/meta-data",
      "https://2130706433/x",
      "https://metadata.google.internal/x",
      "https://example.org:22/x",
    ])
      expect((await sender.send(subscribed(endpoint), PUSH)).kind, endpoint).toBe("dead");
    expect(sender.routeOf(subscribed("https://10.0.0.1/x"))).toBeUndefined();
    expect(server.asked()).toBe(0);
  });

  test("a key that is no point of the curve is a dead subscription", async () => {
    const sender = webPush({ keys, contact: "mailto:ops@example.org" });
    closing.push(() => sender.close());
    const p256dh = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString("base64url");
    const token = JSON.stringify({ endpoint: "https://example.org/x", keys: { p256dh, auth: "BTBZMqHH6r4Tts7J_aSIgg" } });
    expect((await sender.send(token, PUSH)).kind).toBe("dead");
  });
});

test("a Retry-After is seconds or a date", () => {
  expect(retryAfterOf("120", 0)).toEqual({ retryAfterMs: 120_000 });
  expect(retryAfterOf("Thu, 01 Jan 1970 00:01:00 GMT", 0)).toEqual({ retryAfterMs: 60_000 });
  for (const nothing of [undefined, "", "soon", "-4", "0"]) expect(retryAfterOf(nothing, 0)).toEqual({});
});
