import { within } from "./within.ts";

/** How long before its end a token is not used any more, in milliseconds: it must be good when it arrives. */
const SPARE_MS = 10_000;

/** For so long a new token is used at least, in milliseconds: by a clock that goes wrong it may seem to have expired. */
const LEAST_MS = 5_000;

/** How long whoever gives tokens may take, in milliseconds. */
const PATIENCE_MS = 30_000;

export type Tokens = {
  /** The token, or a new one where there is none that is good. */
  get(): Promise<string>;
  /** This token was refused: the next `get` asks for another one. */
  refused(token: string): void;
};

/** Keeps the token that `ask` gave until it was refused or is about to expire. Calls at the same moment share one question. */
export function keepToken(ask: () => string | Promise<string>, now: () => number = Date.now): Tokens {
  let kept: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  return {
    get: () => {
      if (kept && now() < kept.until) return Promise.resolve(kept.token);
      asking ??= (async () => {
        try {
          // Within a promise: what it throws at once rejects later, as what it rejects with.
          const token = await within(PATIENCE_MS, (async () => ask())(), "a token");
          const { exp } = claimsOf(token);
          const ends = typeof exp === "number" ? exp * 1_000 - SPARE_MS : Infinity;
          kept = { token, until: Math.max(ends, now() + LEAST_MS) };
          return token;
        } finally {
          asking = undefined;
        }
      })();
      return asking;
    },
    refused: (token) => {
      if (kept?.token === token) kept = undefined;
    },
  };
}

/** What a JSON Web Token says, unverified; nothing where it is none. */
export function claimsOf(token: string): { sub?: unknown; exp?: unknown } {
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
