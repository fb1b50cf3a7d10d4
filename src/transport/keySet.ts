import { createPublicKey, type JsonWebKey, KeyObject } from "node:crypto";
import { createRemoteJWKSet, type CryptoKey, customFetch, type JWTVerifyGetKey } from "jose";

/** The keys of an identity provider. */
export type KeySet = {
  /**
   * The key that a token names. Rejects if there is none. Rejects too if the provider does not answer and the known keys are
   * too old.
   */
  keyOf: JWTVerifyGetKey;
  /** Whether the latest known set holds a key. If the set is old, this also asks the provider again in the background. */
  holds(key: string): boolean;
};

/**
 * In milliseconds. A set that is in use is fetched again at this age. If the provider answers, a withdrawn key is no longer
 * accepted after that.
 */
const REFRESH_MS = 60_000;
/** In milliseconds. How long an old set is used for new tokens while the provider does not answer. */
const KEPT_MS = 600_000;
const ANSWER_MS = 5_000;

/** The keys at `url`. They are fetched at the first need, and then about once a minute while they are used. */
export function keySet(url: URL): KeySet {
  let askedAt = Number.NEGATIVE_INFINITY;
  let held: ReadonlySet<string> = new Set();
  const asked = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    askedAt = performance.now();
    const answer = await fetch(...request);
    if (!answer.ok) return answer;
    const text = await answer.text();
    held = keysIn(text) ?? held;
    return new Response(text, { status: answer.status });
  };
  const remote = createRemoteJWKSet(url, { cacheMaxAge: KEPT_MS, timeoutDuration: ANSWER_MS, [customFetch]: asked });

  /** Returns undefined if the set is young enough. After a failure the provider is asked again after the same time. */
  const refreshed = (): Promise<void> | undefined => {
    if (performance.now() - askedAt < REFRESH_MS) return undefined;
    askedAt = performance.now();
    return remote.reload().catch(() => undefined);
  };

  return {
    async keyOf(header, token) {
      await refreshed();
      return remote(header, token);
    },
    holds(key) {
      void refreshed();
      return held.has(key);
    },
  };
}

/** A key's name for `holds`. It depends only on the key itself, not on its `kid` or its format. */
export const nameOfKey = (key: CryptoKey | Uint8Array): string => (key instanceof Uint8Array ? "" : nameOf(KeyObject.from(key)));

const nameOf = (key: KeyObject): string => JSON.stringify(key.export({ format: "jwk" }));

/**
 * The names of the keys in a set, or undefined if the text is not a set. Keys that cannot be read are left out: they verify
 * nothing either.
 */
function keysIn(text: string): ReadonlySet<string> | undefined {
  let keys: unknown;
  try {
    ({ keys } = JSON.parse(text) as { keys?: unknown });
  } catch {
    return undefined;
  }
  if (!Array.isArray(keys)) return undefined;
  return new Set(
    keys.flatMap((key: unknown) => {
      try {
        return [nameOf(createPublicKey({ key: key as JsonWebKey, format: "jwk" }))];
      } catch {
        return [];
      }
    }),
  );
}
