import { createSecretKey, type KeyObject } from "node:crypto";
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import { Refusal } from "../domain/refusal.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import { Unavailable } from "../ports/faults.ts";
import { ownText } from "./bytes.ts";
import { keySet, nameOfKey } from "./keySet.ts";

/** The caller of a request. `bot`: by a bot's own token, which may do less. `expiresAt` is in milliseconds since 1970. */
export type Bearer = { userId: string; admin: boolean; bot?: true; deviceId?: string; expiresAt: number };

/** The id of the user that a name means, or what is wrong with the name. */
export type UserOf = (name: unknown) => { id: string } | { fault: string };

const anyText: UserOf = (name) =>
  typeof name === "string" && name !== "" ? { id: name } : { fault: "a user's name is a text of one character at least" };

/** Exactly one of `secret` (HS256) and `jwksUrl` is given. If `issuer` or `audience` is given, a token must name it. */
export type TokenConfig = {
  secret?: string | undefined;
  /** An older secret. Its tokens are still accepted, but no new ones are signed with it. */
  formerSecret?: string | undefined;
  jwksUrl?: string | undefined;
  issuer?: string | undefined;
  audience?: string | undefined;
  /** The claim that names the user. Default: `sub`. */
  userClaim?: string | undefined;
  /** Turns that claim's value into a user's id. Default: any text is the id itself. */
  userOf?: UserOf;
  /** The user whose bot's token this is. Default: there are no such tokens. */
  botOf?: (token: string) => Awaitable<string | undefined>;
};

export type Tokens = {
  /**
   * The caller that a bearer token speaks for. The token is given as `Bearer <token>` or bare. Answers at once if the token
   * was seen before. Throws a `Refusal` UNAUTHENTICATED that says what to do, or `Unavailable` if the identity provider's
   * keys cannot be fetched.
   */
  verify(bearer: string | undefined): Awaitable<Bearer>;
  /**
   * Whether the identity provider still has the key that signed the caller's token. Answers at once. A withdrawn key is
   * noticed within minutes.
   */
  vouches(caller: Bearer): boolean;
  /** Whether the caller is let in no more, whatever their token says. Answers at once. Absent: everyone is let in. */
  isBarred?(caller: Bearer): boolean;
  /** Calls `changed` when somebody is let in no more. The returned function ends that. */
  onBarred?(changed: () => void): () => void;
};

/** The size of the cache of verified tokens. A verification costs two fifths as much as a small request. */
const REMEMBERED_BYTES = 33_554_432;
/** The memory of one remembered token beside its text. */
const CALLER_BYTES = 512;
const MAX_TOKEN_CHARS = 8_192;
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
/** The largest number of seconds before or after 1970 that a `Date` can hold. */
const MAX_TIME_S = 8.64e12;
/** What the token of a bot begins with: no JSON Web Token does. */
const BOT = "bot.";
/** A connection that a bot's token opened lasts so long: then the token is looked at again. In milliseconds. */
const BOT_CONNECTION_MS = 3_600_000;
const DEVICE = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Marks the refusal of a token that was valid once. The client gets a new one and goes on. */
const EXPIRED = Symbol("expired");
export const hasExpired = (fault: unknown): boolean => fault instanceof Refusal && fault.cause === EXPIRED;

/** `expiresAt` is in milliseconds since 1970. Any number is allowed. */
export function expiredToken(expiresAt: number): Refusal {
  const when = isTime(expiresAt / 1_000) ? ` at ${new Date(expiresAt).toISOString()}` : "";
  return new Refusal("UNAUTHENTICATED", `the token expired${when}: get a new one`, { cause: EXPIRED });
}

export const withdrawnKey = (): Refusal =>
  refuse("the key that the token was signed with was withdrawn by the identity provider: get a new token");

export const BARRED = "you are banned from this server";
export const barred = (): Refusal => refuse(BARRED);

const isTime = (seconds: number): boolean => Math.abs(seconds) <= MAX_TIME_S;

/** Verifies tokens by a shared secret or by the keys of an identity provider, with fixed algorithms. */
export function tokens(config: TokenConfig): Tokens {
  const { secret, formerSecret, jwksUrl, issuer, audience, userClaim = "sub", userOf = anyText, botOf } = config;
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
  /** The provider's key that signed each caller's token. */
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
      // The cache's key is the token alone, so it is remembered once, with or without `Bearer`.
      const token = bare(bearer);
      if (botOf && token.startsWith(BOT)) return andThen(botOf(token), botCaller);
      const caller = remembered.get(token);
      if (caller === undefined) return verified(token);
      if (caller.expiresAt > Date.now() && vouches(caller)) return caller;
      remembered.delete(token);
      if (caller.expiresAt <= Date.now()) throw expiredToken(caller.expiresAt);
      return verified(token);
    },
  };
}

/** Asked each time: a token that was replaced is no one's at once. */
function botCaller(userId: string | undefined): Bearer {
  if (userId === undefined)
    throw refuse("this is no bot's token, or another one took its place: an operator makes one (createBot)");
  return { userId, admin: false, bot: true, expiresAt: Date.now() + BOT_CONNECTION_MS };
}

type Checking = Parameters<typeof jwtVerify>[2];

/** Verifies a token. If several of the provider's keys match, tries each. Rejects as `verify` does. */
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

/** What a token says. `issuer`, `audience` and `userClaim` must be what the verifying server expects. */
export type Signed = Pick<TokenConfig, "issuer" | "audience" | "userClaim"> & {
  /** The user's name at their identity provider. */
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
  // Anybody can claim somebody else's address, so an unconfirmed one is refused.
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
  // These codes are the provider's faults: no answer, or an answer that is not a set of keys. So is every error that jose did
  // not throw.
  const isProviders = !(fault instanceof errors.JOSEError) || PROVIDERS.has(fault.code);
  if (!isProviders) return malformed();
  return new Unavailable("the identity provider's keys cannot be had", "nothing", { cause: fault });
}
