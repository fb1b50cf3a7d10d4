import { createSecretKey } from "node:crypto";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { userId } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { Unavailable } from "../ports/faults.ts";

/** Who asks. `expiresAt` in milliseconds since 1970. */
export type Caller = { userId: string; admin: boolean; deviceId?: string; expiresAt: number };

/** `secret` (HS256) or `jwksUrl`, one of them. Where `issuer` or `audience` are given, a token must name them. */
export type TokenConfig = {
  secret?: string | undefined;
  jwksUrl?: string | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
};

export type Tokens = {
  /**
   * Who a bearer token speaks for, given as `Bearer <token>` or bare; at once where it was seen before. Throws a `Refusal` UNAUTHENTICATED
   * that says what to do, or `Unavailable` where the identity provider's keys can't be had.
   */
  verify(bearer: string | undefined): Awaitable<Caller>;
};

/** Tokens that are remembered: a verification costs as much as two fifths of a small request. */
const REMEMBERED = 50_000;
const MAX_TOKEN_CHARS = 8_192;
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const DEVICE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Marks the refusal of a token that was good once: a client gets a new one and goes on. */
const EXPIRED = Symbol("expired");
export const hasExpired = (fault: unknown): boolean => fault instanceof Refusal && fault.cause === EXPIRED;

export const expiredToken = (expiresAt: number): Refusal =>
  new Refusal("UNAUTHENTICATED", `the token expired at ${new Date(expiresAt).toISOString()}: get a new one`, { cause: EXPIRED });

/** Verifies tokens by a shared secret or by the keys of an identity provider, with fixed algorithms. */
export function tokens({ secret, jwksUrl, issuer, audience }: TokenConfig): Tokens {
  if ((secret === undefined) === (jwksUrl === undefined))
    throw new Error("tokens are verified by a secret or by a JWKS address: give one of them");
  const remembered = new LRUCache<string, Caller>({ max: REMEMBERED });
  const options = {
    algorithms: secret === undefined ? ASYMMETRIC : ["HS256"],
    requiredClaims: ["sub", "exp"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const key = secret === undefined ? createRemoteJWKSet(new URL(jwksUrl ?? "")) : createSecretKey(secret, "utf8");
  const keyOf: JWTVerifyGetKey = typeof key === "function" ? key : async () => key;

  async function verified(bearer: string): Promise<Caller> {
    const token = bare(bearer);
    const payload = await jwtVerify(token, keyOf, options).then(
      (good) => good.payload,
      (fault: unknown) => {
        throw refusalOf(fault);
      },
    );
    const caller = callerOf(payload);
    remembered.set(bearer, caller);
    return caller;
  }

  return {
    verify(bearer) {
      if (bearer === undefined || bearer === "") throw noToken();
      const caller = remembered.get(bearer);
      if (caller === undefined) return verified(bearer);
      if (caller.expiresAt > Date.now()) return caller;
      remembered.delete(bearer);
      throw expiredToken(caller.expiresAt);
    },
  };
}

/** What a token says. `issuer` and `audience` as whoever verifies it expects them. */
export type Signed = Pick<TokenConfig, "issuer" | "audience"> & {
  sub: string;
  admin?: boolean;
  device?: string;
  expiresInSeconds: number;
};

/** A token made with the shared secret: for the command line and development. */
export function sign(
  secret: string,
  { sub, admin = false, device, expiresInSeconds, issuer, audience }: Signed,
): Promise<string> {
  const claims: JWTPayload = {
    ...(admin ? { scope: "admin" } : {}),
    ...(device === undefined ? {} : { device }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  };
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(userId.parse(sub))
    .setIssuedAt(now)
    .setExpirationTime(now + expiresInSeconds)
    .sign(createSecretKey(secret, "utf8"));
}

function bare(bearer: string): string {
  const [, token] = /^(?:bearer +)?([A-Za-z0-9_.-]+)$/i.exec(bearer) ?? [];
  if (token === undefined || token.length > MAX_TOKEN_CHARS) throw malformed();
  return token;
}

function callerOf({ sub, exp, scope, device }: JWTPayload): Caller {
  const user = userId.safeParse(sub);
  if (!user.success) throw refuse(`the token's sub is not a user's id: ${user.error.issues[0]?.message}`);
  if (device !== undefined && !(typeof device === "string" && DEVICE.test(device)))
    throw refuse("the token's device is not a device's id: 1 to 128 of A-Z a-z 0-9 . _ : -, a letter or digit first");
  return {
    userId: user.data,
    admin: typeof scope === "string" && scope.split(" ").includes("admin"),
    ...(device === undefined ? {} : { deviceId: device }),
    expiresAt: (exp ?? 0) * 1_000,
  };
}

const refuse = (message: string): Refusal => new Refusal("UNAUTHENTICATED", message);
const noToken = (): Refusal =>
  refuse(
    "there is no token: send `Authorization: Bearer <token>` as a header, over the WebSocket as `authorization` in the payload of connection_init",
  );
const malformed = (): Refusal => refuse("this is not a bearer token: send a signed JSON Web Token as `Bearer <token>`");

function refusalOf(fault: unknown): Error {
  if (fault instanceof errors.JWTExpired) return expiredToken(Number(fault.payload.exp) * 1_000);
  if (fault instanceof errors.JWTClaimValidationFailed)
    return refuse(
      fault.reason === "missing"
        ? `the token has no ${fault.claim}: it needs sub and exp`
        : `the token's ${fault.claim} is not accepted here`,
    );
  if (fault instanceof errors.JWSSignatureVerificationFailed || fault instanceof errors.JWKSNoMatchingKey)
    return refuse("the token's signature is wrong: it was made with another key than this server verifies with");
  if (fault instanceof errors.JOSEAlgNotAllowed) return refuse("the token's algorithm is not accepted here");
  if (fault instanceof errors.JWTInvalid || fault instanceof errors.JWSInvalid || fault instanceof errors.JOSENotSupported)
    return malformed();
  return new Unavailable("the identity provider's keys cannot be had", "nothing", { cause: fault });
}
