import { readUserId } from "../../../src/domain/ids.ts";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "../../../src/domain/refusal.ts";
import { hasExpired, sign, type TokenConfig, tokens } from "../../../src/transport/auth.ts";
import { until } from "../../support/until.ts";
import { SOME_NUMBER, SOME_TEXT } from "../../support/matchers.ts";
import { type RawClient, rawClient } from "../../support/rawClient.ts";
import { running, SECRET } from "../../support/runningApp.ts";

const verified = async (bearer: string | undefined, config: TokenConfig = { secret: SECRET }) =>
  tokens({ ...config, userOf: readUserId }).verify(bearer);

async function refusal(bearer: string | undefined, config?: TokenConfig): Promise<Refusal> {
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
  ["of a user without a name", made({ sub: "", exp: inAnHour() }), /sub names no user: it is not a text/],
  ["of a user that is a number", made({ sub: 7, exp: inAnHour() }), /sub names no user: it is not a text/],
  [
    "of a user whose name is too long",
    made({ sub: `auth0|${"x".repeat(57)}`, exp: inAnHour() }),
    /sub names no user: it makes an id of 65 characters, and there are 64 at most/,
  ],
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

test("whatever an identity provider calls somebody becomes an id, and what was an id stays one", async () => {
  for (const [sub, userId] of [
    ["ann", "ann"],
    ["auth0|123", "auth0=7C123"],
    ["ann@example.org", "ann=40example.org"],
    // Who takes somebody's id for a name is not taken for them.
    ["auth0=7C123", "auth0=3D7C123"],
  ])
    expect(await verified(await made({ sub, exp: inAnHour() }))).toMatchObject({ userId });
});

describe("a claim that says who a user is", () => {
  const config = { secret: SECRET, userClaim: "https://example.org/username" };
  const token = (claims: object) => made({ sub: "bob", exp: inAnHour(), ...claims });

  test("stands for sub, which is not looked at any more", async () => {
    expect(await verified(await token({ [config.userClaim]: "ann" }), config)).toMatchObject({ userId: "ann" });
    expect(await verified(await made({ [config.userClaim]: "ann", exp: inAnHour() }), config)).toMatchObject({ userId: "ann" });
    expect((await refusal(await token({}), config)).message).toBe(
      "the token has no https://example.org/username: get one that has it",
    );
    for (const value of ["", null, 7, ["ann"], { id: "ann" }])
      expect((await refusal(await token({ [config.userClaim]: value }), config)).message).toMatch(/username names no user/);
  });

  test("is one of the token's own, however it is called", async () => {
    for (const userClaim of ["constructor", "toString", "__proto__"])
      expect((await refusal(await token({}), { secret: SECRET, userClaim })).code).toBe("UNAUTHENTICATED");
  });

  test("is in the tokens that are signed here", async () => {
    const signed = await sign(SECRET, { sub: "auth0|123", userClaim: config.userClaim, expiresInSeconds: 60 });
    expect(await verified(signed, config)).toMatchObject({ userId: "auth0=7C123" });
    expect(await verified(signed)).toMatchObject({ userId: "auth0=7C123" });
  });

  test("and is an address is not believed where the provider says that it is not confirmed", async () => {
    const byAddress = { secret: SECRET, userClaim: "email" };
    const claims = { email: "ann@example.org" };
    for (const email_verified of [false, "false", "true", null])
      expect((await refusal(await token({ ...claims, email_verified }), byAddress)).message).toMatch(
        /email_verified is not true/,
      );
    for (const more of [{}, { email_verified: true }])
      expect(await verified(await token({ ...claims, ...more }), byAddress)).toMatchObject({ userId: "ann=40example.org" });
  });
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

/** Claims as their JSON, which holds numbers that no object does (1e400), signed as they are. */
const signed = (claims: string) =>
  new CompactSign(new TextEncoder().encode(claims)).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));

test("a token whose times are none, or far away, is refused, or good, and never a fault of the server", async () => {
  await using server = await running();
  const values = ["-1e20", "-1e308", "-1e400", "1e20", "1e308", "1e400", '"soon"', '"99999999999"', "null", "true", "[]", "{}"];
  for (const claim of ["exp", "nbf", "iat"])
    for (const value of values) {
      const token = await signed(`{"sub":"ann","exp":${inAnHour()},"${claim}":${value}}`);
      const response = await server.post({ query: "{ hello }" }, { authorization: `Bearer ${token}` });
      const answer = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      // What is not demanded may be missing; how far back a token was made, or good, is nothing to object to.
      if (claim === "exp" || response.status !== 200)
        expect([claim, value, response.status, answer.errors?.[0]?.extensions.code]).toEqual([
          claim,
          value,
          401,
          "UNAUTHENTICATED",
        ]);
      else expect(answer.errors).toBeUndefined();
      const client = await rawClient(server.ws);
      client.send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
      if (response.status === 200) {
        await client.message({ type: "connection_ack" });
        client.close();
      } else expect([4401, 4403]).toContain((await client.closed).code);
    }
  expect(server.faults).toEqual([]);
});

/** An identity provider whose keys can be changed; `asked`: how often it was asked for them. */
async function provider(...keys: object[]) {
  const state = { keys, up: true, asked: 0, url: "" };
  const server = createServer((_request, response) => {
    state.asked += 1;
    response.statusCode = state.up ? 200 : 500;
    response.end(JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  return Object.assign(state, { [Symbol.dispose]: () => void server.close() });
}

/** A key pair, as a set holds it and as it signs. */
async function pair(kid: string | undefined, alg = "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const named = kid === undefined ? {} : { kid };
  const sign = (sub: string) => new SignJWT({ sub, exp: inAnHour() }).setProtectedHeader({ alg, ...named }).sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), ...named, alg }, sign };
}

describe("a key that the identity provider withdraws", () => {
  afterEach(() => void vi.useRealTimers());
  const minuteLater = () => vi.advanceTimersByTime(61_000);

  test.each(["ES256", "RS256", "EdDSA"])(
    "(%s) vouches for nobody a minute later, over HTTP and on sockets that are open",
    async (alg) => {
      const [one, two] = [await pair("k1", alg), await pair("k2", alg)];
      using keys = await provider(one.jwk, two.jwk);
      vi.useFakeTimers({ toFake: ["performance"] });
      await using server = await running({ keepAliveMs: 200 }, { tokens: tokens({ jwksUrl: keys.url }) });
      const status = async (token: string) =>
        (await server.post({ query: "{ hello }" }, { authorization: `Bearer ${token}` })).status;
      const [anns, bobs] = [await one.sign("ann"), await two.sign("bob")];
      const sockets = await Promise.all(
        [anns, bobs].map(async (token) => {
          const client = await rawClient(server.ws);
          client.send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
          await client.message({ type: "connection_ack" });
          return client;
        }),
      );
      expect([await status(anns), await status(bobs)]).toEqual([200, 200]);
      keys.keys = [two.jwk];
      minuteLater();
      const [annsSocket, bobsSocket] = sockets as [RawClient, RawClient];
      expect(await annsSocket.closed).toEqual({ code: 4403, reason: expect.stringContaining("withdrawn") as string });
      expect([await status(anns), await status(bobs)]).toEqual([401, 200]);
      expect(await status(await one.sign("carl"))).toBe(401);
      bobsSocket.send({ id: "1", type: "subscribe", payload: { query: "{ hello }" } });
      expect(await bobsSocket.message({ type: "next" })).toMatchObject({ payload: { data: { hello: SOME_TEXT } } });
      bobsSocket.close();
    },
  );

  test("and puts another in its place of the same name vouches for nobody either", async () => {
    const [old, fresh] = [await pair("k"), await pair("k")];
    using keys = await provider(old.jwk);
    vi.useFakeTimers({ toFake: ["performance"] });
    const { verify, vouches } = tokens({ jwksUrl: keys.url });
    const token = await old.sign("ann");
    const caller = await verify(token);
    expect(vouches(caller)).toBe(true);
    keys.keys = [fresh.jwk];
    minuteLater();
    await until("it is noticed", () => !vouches(caller));
    await expect((async () => verify(token))()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await verify(await fresh.sign("ann"))).toMatchObject({ userId: "ann" });
  });

  test("is not taken for one of a provider that is away: who was let in stays, and it is asked once a minute", async () => {
    const one = await pair("k1");
    using keys = await provider(one.jwk);
    vi.useFakeTimers({ toFake: ["performance"] });
    const { verify, vouches } = tokens({ jwksUrl: keys.url });
    const caller = await verify(await one.sign("ann"));
    keys.up = false;
    minuteLater();
    const before = keys.asked;
    for (let look = 0; look < 100; look++) expect(vouches(caller)).toBe(true);
    await until("it was asked", () => keys.asked > before);
    for (let look = 0; look < 100; look++) expect(vouches(caller)).toBe(true);
    expect(await verify(await one.sign("bob"))).toMatchObject({ userId: "bob" });
    expect(keys.asked).toBe(before + 1);
  });
});

test("keys without names are each tried", async () => {
  const [one, two, three] = [await pair(undefined), await pair(undefined), await pair(undefined)];
  using keys = await provider(one.jwk, two.jwk);
  const { verify } = tokens({ jwksUrl: keys.url });
  for (const { sign: signs } of [one, two]) {
    const token = await signs("ann");
    const caller = await verify(token);
    expect(caller).toMatchObject({ userId: "ann" });
    expect(verify(token)).toBe(caller);
  }
  await expect((async () => verify(await three.sign("ann")))()).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: expect.stringContaining("signature") as string,
  });
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

test("a token is remembered once, however it is sent", async () => {
  const { verify } = tokens({ secret: SECRET });
  const token = await sign(SECRET, { sub: "ann", expiresInSeconds: 60 });
  const caller = await verify(`Bearer ${token}`);
  for (const sent of [token, `bearer ${token}`, `Bearer    ${token}`, `BEARER ${token}`]) expect(verify(sent)).toBe(caller);
});
