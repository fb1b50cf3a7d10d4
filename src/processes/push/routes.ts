import type { PushOutcome } from "../../ports/pushService.ts";

/** How a server of a push service is. Times are in milliseconds since 1970. */
type Route = { isKnown: boolean; underWay: number; failures: number; again: number; trouble: string | undefined; since: number };

/** So many pushes are on their way to one server at the same time. */
const AT_ONCE = 32;
/** The same for all servers together that somebody only named: they may be slow on purpose. */
const STRANGERS_AT_ONCE = 16;
/** How long a server is left alone at most, in milliseconds, whatever it asks for. */
const LONGEST_MS = 600_000;
/** Servers that are remembered. Anybody may name some. */
const ROUTES_MAX = 1_000;

export type Routes = {
  /** When a push may leave: now (0), or after so many milliseconds. `isKnown`: operators know the server. */
  waitFor(route: string, now: number, isKnown: boolean): number;
  began(route: string, isKnown: boolean): void;
  ended(route: string, outcome: PushOutcome, now: number): void;
  /** Why servers take nothing, and since when. */
  troubles(): { route: string; trouble: string; since: number }[];
};

/** Keeps servers that are away from being asked by all: one push looks whether they are back, after longer and longer times. */
export function createRoutes(): Routes {
  const routes = new Map<string, Route>();

  let strangers = 0;

  const of = (name: string, isKnown = false): Route => {
    const known = routes.get(name);
    if (known) return known;
    if (routes.size >= ROUTES_MAX) for (const [other, { underWay }] of routes) if (underWay === 0 && routes.delete(other)) break;
    const made: Route = { isKnown, underWay: 0, failures: 0, again: 0, trouble: undefined, since: 0 };
    routes.set(name, made);
    return made;
  };

  return {
    waitFor: (name, now, isKnown) => {
      if (!isKnown && strangers >= STRANGERS_AT_ONCE) return BUSY_MS;
      const route = routes.get(name);
      if (route === undefined) return 0;
      if (route.again > now) return route.again - now;
      // Who was away is asked by one first.
      return route.underWay < (route.failures > 0 ? 1 : AT_ONCE) ? 0 : BUSY_MS;
    },
    began: (name, isKnown) => {
      of(name, isKnown).underWay += 1;
      if (!isKnown) strangers += 1;
    },
    ended: (name, outcome, now) => {
      const route = of(name);
      route.underWay -= 1;
      if (!route.isKnown) strangers -= 1;
      if (outcome.kind !== "away") {
        route.failures = 0;
        route.trouble = undefined;
        return;
      }
      if (route.failures === 0) route.since = now;
      // Those that were on their way when it went all say so: that counts once.
      if (route.again <= now) route.failures += 1;
      const pause = Math.min(LONGEST_MS, Math.max(outcome.retryAfterMs ?? 0, pauseAfter(route.failures)));
      route.again = Math.max(route.again, now + pause);
      route.trouble = outcome.why;
    },
    troubles: () =>
      [...routes].flatMap(([route, { trouble, since }]) => (trouble === undefined ? [] : [{ route, trouble, since }])),
  };
}

/** How soon a place is looked for again, where all of a server are taken, in milliseconds. */
const BUSY_MS = 100;

/** From a quarter of a second to a minute, less a random part of up to a half. */
const pauseAfter = (failures: number): number =>
  Math.min(60_000, 250 * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2);
