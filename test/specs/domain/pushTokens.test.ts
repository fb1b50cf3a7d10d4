import { createECDH } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decider } from "../../../src/domain/pushToken.ts";
import { addressOf, readPushToken } from "../../../src/domain/pushTokens.ts";
import { isPublicAddress, mayBePublic } from "../../../src/ports/publicAddress.ts";
import { given } from "../../support/given.ts";

const p256dh = createECDH("prime256v1").generateKeys();
const auth = Buffer.alloc(16, 7);
const keys = { p256dh: p256dh.toString("base64url"), auth: auth.toString("base64url") };
const subscription = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({ endpoint: "https://push.example.org/abc", expirationTime: null, keys, ...more });

describe("tokens", () => {
  test("have one form, however they were written", () => {
    const token = JSON.stringify({ endpoint: "https://push.example.org/abc", keys });
    expect(readPushToken("WEB_PUSH", subscription())).toEqual({ token });
    const padded = { p256dh: p256dh.toString("base64"), auth: auth.toString("base64") };
    expect(readPushToken("WEB_PUSH", subscription({ endpoint: "HTTPS://PUSH.example.org:443/abc", keys: padded }))).toEqual({
      token,
    });
    expect(readPushToken("APNS", "AB".repeat(32))).toEqual({ token: "ab".repeat(32) });
    expect(readPushToken("FCM", "abc:APA91b_-x")).toEqual({ token: "abc:APA91b_-x" });
  });

  test.each([
    ["no JSON", "abc", /JSON.stringify/],
    ["no object", "null", /expected object/],
    ["no endpoint", JSON.stringify({ keys }), /endpoint/],
    ["http", subscription({ endpoint: "http://push.example.org/abc" }), /https/],
    ["a password", subscription({ endpoint: "https://a:b@push.example.org/abc" }), /password/],
    ["no address", subscription({ endpoint: "here" }), /no address/],
    ["no keys", subscription({ keys: undefined }), /keys/],
    ["a short secret", subscription({ keys: { ...keys, auth: "BTBZ" } }), /16 bytes/],
    ["a compressed point", subscription({ keys: { ...keys, p256dh: `A${keys.p256dh.slice(1)}` } }), /uncompressed/],
    ["a long address", subscription({ endpoint: `https://push.example.org/${"a".repeat(2_100)}` }), /endpoint/],
  ])("a subscription with %s is none", (_, text, saying) => {
    expect(readPushToken("WEB_PUSH", text)).toEqual({ fault: expect.stringMatching(saying) as string });
  });

  test.each([
    ["APNS", "xyz"],
    ["APNS", "abc"],
    ["FCM", "a b"],
    ["FCM", "a".repeat(4_097)],
    ["FCM", "../../../x"],
  ] as const)("%s: %s is none", (service, text) => {
    expect(readPushToken(service, text)).toHaveProperty("fault");
  });

  test("are the same where only the keys of a subscription changed", () => {
    const other = subscription({ keys: { ...keys, auth: Buffer.alloc(16, 8).toString("base64url") } });
    expect(addressOf("WEB_PUSH", other)).toBe(addressOf("WEB_PUSH", subscription()));
    expect(addressOf("APNS", "ab")).not.toBe(addressOf("FCM", "ab"));
  });
});

describe("a token's owner", () => {
  const [ann, bob] = [
    { token: "h", userId: "ann", deviceId: "phone" },
    { token: "h", userId: "bob", deviceId: "phone" },
  ];
  const claimed = (data: typeof ann) => ({ type: "PushTokenClaimed", data }) as const;
  const released = (data: typeof ann) => ({ type: "PushTokenReleased", data }) as const;

  test("is whoever was added with it last", () => {
    given(decider)
      .when({ type: "Claim", ...ann })
      .then(claimed(ann));
    given(decider, claimed(ann))
      .when({ type: "Claim", ...ann })
      .nothing();
    given(decider, claimed(ann))
      .when({ type: "Claim", ...bob })
      .then(claimed(bob));
    given(decider, claimed(ann), released(ann))
      .when({ type: "Claim", ...ann })
      .then(claimed(ann));
  });

  test("is nobody once it is dead, but for who got it meanwhile", () => {
    given(decider)
      .when({ type: "Release", ...ann })
      .then(released(ann));
    given(decider, claimed(ann))
      .when({ type: "Release", ...ann })
      .then(released(ann));
    given(decider, claimed(ann), released(ann))
      .when({ type: "Release", ...ann })
      .nothing();
    given(decider, claimed(ann), claimed(bob))
      .when({ type: "Release", ...ann })
      .nothing();
  });
});

describe("addresses of the internet", () => {
  test.each(["8.8.8.8", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])("%s is one", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::ffff:8.8.8.8",
    "64:ff9b::a00:1",
    "fe80::1",
    "fd00::1",
    "2001:db8::1",
    "2002:a00:1::",
    "ff02::1",
    "example.org",
    "",
  ])("%s is none", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  test("names may be, but for those of networks of one's own", () => {
    for (const host of ["push.example.org", "8.8.8.8", "[2606:4700::1111]"]) expect(mayBePublic(host), host).toBe(true);
    for (const host of ["localhost", "db", "a.localhost", "printer.local", "metadata.google.internal", "[::1]", "10.0.0.1"])
      expect(mayBePublic(host), host).toBe(false);
  });
});
