import { createPublicKey, type JsonWebKey, KeyObject } from "node:crypto";
import { createRemoteJWKSet, type CryptoKey, customFetch, type JWTVerifyGetKey } from "jose";

/** The keys of an identity provider. */
export type KeySet = {
  /** The key that a token names. Rejects where there is none, or where the provider cannot be asked and its keys are too old. */
  keyOf: JWTVerifyGetKey;
  /**
   * Whether the set, as the provider gave it last, still holds a key. Where that was a while ago, the provider is asked again
   * meanwhile.
   */
  holds(key: string): boolean;
};

/**
 * How old the set may get while it is used and the provider answers: milliseconds. A key that is withdrawn vouches for nobody
 * after that.
 */
const REFRESH_MS = 60_000;
/** How long an old set is good for new tokens where the provider does not answer: milliseconds. */
const KEPT_MS = 600_000;
const ANSWER_MS = 5_000;

/** The keys at `url`, which are asked for when they are needed first, and about once a minute while they are used. */
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

  /** Undefined where the set is young enough. A provider that does not answer is asked again after as long. */
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

/** A key as `holds` knows it: the same for the same key, whatever it is called and however it came. */
export const nameOfKey = (key: CryptoKey | Uint8Array): string => (key instanceof Uint8Array ? "" : nameOf(KeyObject.from(key)));

const nameOf = (key: KeyObject): string => JSON.stringify(key.export({ format: "jwk" }));

/** The names of the keys of a set; undefined where it is none. Those that cannot be read verify nothing either. */
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
