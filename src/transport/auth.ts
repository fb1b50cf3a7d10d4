import { createSecretKey, type KeyObject } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { Unavailable } from "../ports/faults.ts";
import { ownText } from "./bytes.ts";
import { keySet, nameOfKey } from "./keySet.ts";

/** Who asks. `expiresAt` in milliseconds since 1970. */
export type Bearer = { userId: string; admin: boolean; deviceId?: string; expiresAt: number };

/** Whom a name means, by their id, or what is wrong with it. */
export type UserOf = (name: unknown) => { id: string } | { fault: string };

const anyText: UserOf = (name) =>
  typeof name === "string" && name !== "" ? { id: name } : { fault: "a user's name is a text of one character at least" };

/** `secret` (HS256) or `jwksUrl`, one of them. Where `issuer` or `audience` are given, a token must name them. */
export type TokenConfig = {
  secret?: string | undefined;
  /** One whose tokens are taken as well, but which signs none any more. */
  formerSecret?: string | undefined;
  jwksUrl?: string | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
  /** The claim that says whose a token is: `sub` unless another is named. */
  userClaim?: string | undefined;
  /** Whom that claim means; any text means itself unless this says otherwise. */
  userOf?: UserOf;
};

export type Tokens = {
  /**
   * Who a bearer token speaks for, given as `Bearer <token>` or bare; at once where it was seen before. Throws a `Refusal`
   * UNAUTHENTICATED that says what to do, or `Unavailable` where the identity provider's keys can't be had.
   */
  verify(bearer: string | undefined): Awaitable<Bearer>;
  /**
   * Whether the key that vouched for a caller is still the identity provider's; at once. One that was withdrawn is noticed
   * within minutes.
   */
  vouches(caller: Bearer): boolean;
};

/** Of the tokens that are remembered: a verification costs as much as two fifths of a small request. */
const REMEMBERED_BYTES = 33_554_432;
/** What one that is remembered takes beside its text. */
const CALLER_BYTES = 512;
const MAX_TOKEN_CHARS = 8_192;
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
/** Seconds since 1970, either way, that are a time: what a `Date` can hold. */
const MAX_TIME_S = 8.64e12;
const DEVICE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Marks the refusal of a token that was good once: a client gets a new one and goes on. */
const EXPIRED = Symbol("expired");
export const hasExpired = (fault: unknown): boolean => fault instanceof Refusal && fault.cause === EXPIRED;

/** `expiresAt`: milliseconds since 1970, of whatever size. */
export function expiredToken(expiresAt: number): Refusal {
  const when = isTime(expiresAt / 1_000) ? ` at ${new Date(expiresAt).toISOString()}` : "";
  return new Refusal("UNAUTHENTICATED", `the token expired${when}: get a new one`, { cause: EXPIRED });
}

export const withdrawnKey = (): Refusal =>
  refuse("the key that the token was signed with was withdrawn by the identity provider: get a new token");

const isTime = (seconds: number): boolean => Math.abs(seconds) <= MAX_TIME_S;

/** Verifies tokens by a shared secret or by the keys of an identity provider, with fixed algorithms. */
export function tokens(config: TokenConfig): Tokens {
  const { secret, formerSecret, jwksUrl, issuer, audience, userClaim = "sub", userOf = anyText } = config;
  if ((secret === undefined) === (jwksUrl === undefined))
    throw new Error("tokens are verified by a secret or by a JWKS address: give one of them");
  const remembered = new LRUCache<string, Bearer>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: (_, token) => token.length + CALLER_BYTES,
  });
  const options = {
    algorithms: secret === undefined ? ASYMMETRIC : ["HS256"],
    requiredClaims: [userClaim, "exp"],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const keys = jwksUrl === undefined ? undefined : keySet(new URL(jwksUrl));
  const own = secret === undefined ? undefined : createSecretKey(secret, "utf8");
  const former = formerSecret === undefined ? undefined : createSecretKey(formerSecret, "utf8");
  const keyOf: JWTVerifyGetKey = keys?.keyOf ?? (async () => own as KeyObject);
  /** By which key of the provider's a caller is vouched for. */
  const vouchedBy = new WeakMap<Bearer, string>();
  const vouches = (caller: Bearer): boolean => {
    const key = vouchedBy.get(caller);
    return key === undefined || keys === undefined || keys.holds(key);
  };

  async function verified(token: string): Promise<Bearer> {
    const { payload, key } = await checked(token, keyOf, options, former);
    const caller = callerOf(payload, userClaim, userOf);
    if (keys) vouchedBy.set(caller, nameOfKey(key));
    remembered.set(ownText(token), caller);
    return caller;
  }

  return {
    vouches,
    verify(bearer) {
      if (bearer === undefined || bearer === "") throw noToken();
      // The token alone is its name: however it is sent, it is remembered once.
      const token = bare(bearer);
      const caller = remembered.get(token);
      if (caller === undefined) return verified(token);
      if (caller.expiresAt > Date.now() && vouches(caller)) return caller;
      remembered.delete(token);
      if (caller.expiresAt <= Date.now()) throw expiredToken(caller.expiresAt);
      return verified(token);
    },
  };
}

type Checking = Parameters<typeof jwtVerify>[2];

/** Verifies a token. Where several keys of the provider's may be meant, each is tried. Rejects as `verify` does. */
async function checked(token: string, keyOf: JWTVerifyGetKey, options: Checking, former?: KeyObject) {
  try {
    return await jwtVerify(token, keyOf, options);
  } catch (fault) {
    if (former && fault instanceof errors.JWSSignatureVerificationFailed) return checked(token, async () => former, options);
    if (!(fault instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(fault);
    for await (const key of fault) {
      try {
        return { ...(await jwtVerify(token, key, options)), key };
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw refusalOf(other);
      }
    }
    throw refusalOf(new errors.JWSSignatureVerificationFailed());
  }
}

/** What a token says. `issuer`, `audience` and `userClaim` as whoever verifies it expects them. */
export type Signed = Pick<TokenConfig, "issuer" | "audience" | "userClaim"> & {
  /** What the user is called, as their identity provider would say it. */
  sub: string;
  admin?: boolean;
  device?: string;
  expiresInSeconds: number;
};

/** A token made with the shared secret: for the command line and development. */
export function sign(
  secret: string,
  { sub, admin = false, device, expiresInSeconds, issuer, audience, userClaim = "sub" }: Signed,
): Promise<string> {
  const claims: JWTPayload = {
    [userClaim]: sub,
    ...(admin ? { scope: "admin" } : {}),
    ...(device === undefined ? {} : { device }),
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  };
  const now = Math.floor(Date.now() / 1_000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + expiresInSeconds)
    .sign(createSecretKey(secret, "utf8"));
}

function bare(bearer: string): string {
  const [, token] = /^(?:bearer +)?([A-Za-z0-9_.-]+)$/i.exec(bearer) ?? [];
  if (token === undefined || token.length > MAX_TOKEN_CHARS) throw malformed();
  return token;
}

function callerOf(payload: JWTPayload, userClaim: string, userOf: UserOf): Bearer {
  const { exp, scope, device } = payload;
  const user = userOf(payload[userClaim]);
  if ("fault" in user) throw refuse(`the token's ${userClaim} names no user: ${user.fault}`);
  // Anyone may say that an address is theirs.
  if (userClaim === "email" && payload["email_verified"] !== undefined && payload["email_verified"] !== true)
    throw refuse("the token's email_verified is not true: confirm the address, and get a new token");
  if (device !== undefined && !(typeof device === "string" && DEVICE.test(device)))
    throw refuse("the token's device is not a device's id: 1 to 128 of A-Z a-z 0-9 . _ : -, a letter or digit first");
  if (exp === undefined || !isTime(exp)) throw refuse("the token's exp is not a time: it is in seconds since 1970");
  return {
    userId: user.id,
    admin: typeof scope === "string" && scope.split(" ").includes("admin"),
    ...(device === undefined ? {} : { deviceId: device }),
    expiresAt: exp * 1_000,
  };
}

const refuse = (message: string): Refusal => new Refusal("UNAUTHENTICATED", message);
const noToken = (): Refusal =>
  refuse("there is no token: send `Authorization: Bearer <token>` as a header, or in the payload of connection_init");
const malformed = (): Refusal => refuse("this is not a bearer token: send a signed JSON Web Token as `Bearer <token>`");

const PROVIDERS: ReadonlySet<string> = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

function refusalOf(fault: unknown): Error {
  if (fault instanceof errors.JWTExpired) return expiredToken(Number(fault.payload.exp) * 1_000);
  if (fault instanceof errors.JWTClaimValidationFailed)
    return refuse(
      fault.reason === "missing"
        ? `the token has no ${fault.claim}: get one that has it`
        : `the token's ${fault.claim} is not accepted here`,
    );
  if (fault instanceof errors.JWSSignatureVerificationFailed || fault instanceof errors.JWKSNoMatchingKey)
    return refuse("the token's signature is wrong: it was made with another key than this server verifies with");
  if (fault instanceof errors.JOSEAlgNotAllowed) return refuse("the token's algorithm is not accepted here");
  // What a provider does wrong (no answer, no set of keys) has these names, and what is no fault of jose's.
  const isProviders = !(fault instanceof errors.JOSEError) || PROVIDERS.has(fault.code);
  if (!isProviders) return malformed();
  return new Unavailable("the identity provider's keys cannot be had", "nothing", { cause: fault });
}
