import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test, vi } from "vitest";
import { Refusal } from "../../../src/domain/refusal.ts";
import { hasExpired, sign, tokens } from "../../../src/graphql/auth.ts";
import { running, SECRET, SOME_NUMBER, SOME_TEXT } from "./support.ts";

const verified = async (bearer: string | undefined, config = { secret: SECRET }) => tokens(config).verify(bearer);

async function refusal(
  bearer: string | undefined,
  config?: { secret: string; issuer?: string; audience?: string },
): Promise<Refusal> {
  try {
    await verified(bearer, config);
  } catch (fault) {
    if (fault instanceof Refusal) return fault;
    throw fault;
  }
  throw new Error("the token was accepted");
}

const made = (claims: object, secret = SECRET, alg = "HS256") =>
  new SignJWT(claims as never).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

test("a token says who calls, with or without the word Bearer", async () => {
  const token = await sign(SECRET, { sub: "ann", admin: true, device: "phone-1", expiresInSeconds: 60 });
  const caller = await verified(`Bearer ${token}`);
  expect(caller).toEqual({ userId: "ann", admin: true, deviceId: "phone-1", expiresAt: SOME_NUMBER });
  expect(caller.expiresAt).toBeGreaterThan(Date.now());
  expect(await verified(token)).toEqual(caller);
  expect(await verified(`bearer ${token}`)).toEqual(caller);
  expect(await verified(await made({ sub: "bob", exp: inAnHour(), scope: "read write" }))).toMatchObject({
    userId: "bob",
    admin: false,
  });
});

test("a token that was seen is remembered, but no longer than it is good", async () => {
  const { verify } = tokens({ secret: SECRET });
  const token = await sign(SECRET, { sub: "ann", expiresInSeconds: 60 });
  const first = await verify(token);
  expect(verify(token)).toBe(first);
  vi.useFakeTimers({ toFake: ["Date"], now: first.expiresAt });
  try {
    expect(() => verify(token)).toThrow(/expired/);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ["missing", undefined, /no token.*Authorization: Bearer/],
  ["empty", "", /no token/],
  ["of another scheme", "Basic YW5uOmFubg==", /not a bearer token/],
  ["no token at all", "Bearer abc", /not a bearer token/],
  ["endless", `Bearer ${"a".repeat(10_000)}`, /not a bearer token/],
  ["without an end", made({ sub: "ann" }), /no exp/],
  ["without a user", made({ exp: inAnHour() }), /no sub/],
  ["of a user that cannot be", made({ sub: "ann:bob", exp: inAnHour() }), /sub is not a user's id/],
  ["of a device that cannot be", made({ sub: "ann", exp: inAnHour(), device: "<script>" }), /device/],
  ["over", made({ sub: "ann", exp: 1 }), /expired at 1970-01-01T00:00:01.000Z: get a new one/],
  ["not begun", made({ sub: "ann", exp: inAnHour(), nbf: inAnHour() }), /nbf/],
  ["signed by someone else", made({ sub: "ann", exp: inAnHour() }, "another secret, just as long as the first"), /signature/],
  ["of another algorithm", made({ sub: "ann", exp: inAnHour() }, SECRET.padEnd(64, "x"), "HS512"), /algorithm/],
])("a token that is %s is refused with what to do", async (_name, bearer, message) => {
  const refused = await refusal(await bearer);
  expect(refused.code).toBe("UNAUTHENTICATED");
  expect(refused.message).toMatch(message);
});

test("a token without a signature is refused", async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = `${part({ alg: "none" })}.${part({ sub: "ann", exp: inAnHour() })}.`;
  expect((await refusal(unsigned)).code).toBe("UNAUTHENTICATED");
});

test("issuer and audience are demanded where they are configured", async () => {
  const config = { secret: SECRET, issuer: "https://id.example.org", audience: "tidings" };
  expect((await refusal(await made({ sub: "ann", exp: inAnHour() }), config)).message).toMatch(/iss/);
  expect((await refusal(await made({ sub: "ann", exp: inAnHour(), iss: config.issuer, aud: "other" }), config)).message).toMatch(
    /aud/,
  );
  const token = await sign(SECRET, { sub: "ann", expiresInSeconds: 60, issuer: config.issuer, audience: config.audience });
  expect(await verified(token, config)).toMatchObject({ userId: "ann" });
});

test("keys of an identity provider verify, and one that is away is no fault of the token", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" };
  let up = true;
  const provider = createServer((_request, response) => {
    response.statusCode = up ? 200 : 500;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  try {
    const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks.json`;
    const token = await new SignJWT({ sub: "ann", exp: inAnHour() })
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .sign(privateKey);
    expect(await tokens({ jwksUrl }).verify(token)).toMatchObject({ userId: "ann" });
    // Whoever knows the public key must not be able to sign with it as if it were a secret.
    const forged = await new SignJWT({ sub: "ann", exp: inAnHour() })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .sign(new TextEncoder().encode(JSON.stringify(jwk)));
    await expect(tokens({ jwksUrl }).verify(forged)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });

    up = false;
    await using server = await running({}, { tokens: tokens({ jwksUrl }) });
    const response = await server.post({ query: "{ hello }" }, { authorization: `Bearer ${token}` });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAVAILABLE" } }] });
  } finally {
    provider.close();
  }
});

test("a secret or a provider must be given, and one only", () => {
  expect(() => tokens({})).toThrow(/give one/);
  expect(() => tokens({ secret: SECRET, jwksUrl: "https://id.example.org/jwks" })).toThrow(/give one/);
});

test("over HTTP no token and a bad one are 401, with the way to send one", async () => {
  await using server = await running();
  const expired = await made({ sub: "ann", exp: 1 });
  for (const authorization of ["", "Bearer nonsense", `Bearer ${expired}`]) {
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      const response = await server.post({ query: "{ hello }" }, { authorization, accept });
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
      expect(await response.json()).toEqual({
        errors: [{ message: SOME_TEXT, extensions: { code: "UNAUTHENTICATED" } }],
      });
    }
  }
  expect(hasExpired(await refusal(expired))).toBe(true);
});
