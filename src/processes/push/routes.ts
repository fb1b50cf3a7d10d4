import { type PushOutcome, PUSH_LIMIT_MS } from "../../ports/pushService.ts";

/**
 * Who waits for a place among pushes on their way. `tookMs`: how long one takes, lately. `changed`: when one began or ended last.
 * `last`: the last turn that was given.
 */
type Queue = { places: number; underWay: number; tookMs: number; changed: number; last: number };

/** How a server of a push service is. Times are in milliseconds since 1970. */
type Route = {
  isKnown: boolean;
  queue: Queue;
  failures: number;
  again: number;
  /** When somebody last wanted to push there. */
  wanted: number;
  hasTaken: boolean;
  trouble: string | undefined;
  since: number;
};

/** So many pushes are on their way to one server at the same time. */
const AT_ONCE = 32;
/** The same for all servers together that somebody only named: they may be slow on purpose. */
const STRANGERS_AT_ONCE = 16;
/** How long a server is left alone at most, in milliseconds, whatever it asks for. */
const LONGEST_MS = 600_000;
/** Servers that are remembered. Anybody may name some. */
const ROUTES_MAX = 1_000;
/** How soon a place is looked for again at the earliest, and at the latest, where all are taken; in milliseconds. */
const SOONEST_MS = 100;
const LATEST_MS = 30_000;
/** Of a server to which nobody has wanted to push for so long, in milliseconds, it is not told any more that it is away. */
const FORGOTTEN_MS = 60_000;

export type Routes = {
  /**
   * When a push may leave: now (0), or after so many milliseconds, and not before: where all places are taken, each has a turn of
   * its own. `isKnown`: operators know the server.
   */
  waitFor(route: string, now: number, isKnown: boolean): number;
  began(route: string, isKnown: boolean, now: number): void;
  ended(route: string, outcome: PushOutcome, now: number, tookMs: number): void;
  /** Whether it has taken a push before. */
  hasTaken(route: string): boolean;
  /** Why servers take nothing, and since when: of those to which something is to be pushed. */
  troubles(now: number): { route: string; trouble: string; since: number }[];
};

const newQueue = (places: number): Queue => ({ places, underWay: 0, tookMs: SOONEST_MS, changed: 0, last: 0 });

/** Keeps servers that are away from being asked by all: one push looks whether they are back, after longer and longer times. */
export function createRoutes(): Routes {
  const routes = new Map<string, Route>();
  const strangers = newQueue(STRANGERS_AT_ONCE);

  const of = (name: string): Route => {
    const known = routes.get(name);
    if (known) return known;
    if (routes.size >= ROUTES_MAX)
      for (const [other, { queue }] of routes) if (queue.underWay === 0 && routes.delete(other)) break;
    const made: Route = {
      isKnown: false,
      queue: newQueue(AT_ONCE),
      failures: 0,
      again: 0,
      wanted: 0,
      hasTaken: false,
      trouble: undefined,
      since: 0,
    };
    routes.set(name, made);
    return made;
  };

  const queuesOf = ({ isKnown, queue }: Route): Queue[] => (isKnown ? [queue] : [queue, strangers]);

  return {
    waitFor: (name, now, isKnown) => {
      const route = routes.get(name);
      if (route) route.wanted = now;
      if (route && route.again > now) return route.again - now;
      if (!isKnown && strangers.underWay >= strangers.places) return turnIn(strangers, strangers.places, now);
      if (route === undefined) return 0;
      // Who was away is asked by one first.
      const places = route.failures > 0 ? 1 : AT_ONCE;
      return route.queue.underWay < places ? 0 : turnIn(route.queue, places, now);
    },
    began: (name, isKnown, now) => {
      const route = of(name);
      // Those that are under way end as what they began as.
      if (route.queue.underWay === 0) route.isKnown = isKnown;
      for (const queue of queuesOf(route)) {
        queue.underWay += 1;
        queue.changed = now;
      }
    },
    ended: (name, outcome, now, tookMs) => {
      const route = of(name);
      for (const queue of queuesOf(route)) {
        queue.underWay -= 1;
        queue.changed = now;
        queue.tookMs = 0.8 * queue.tookMs + 0.2 * Math.min(PUSH_LIMIT_MS, Math.max(0, tookMs));
      }
      if (outcome.kind === "sent") route.hasTaken = true;
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
      route.wanted = now;
      route.trouble = outcome.why;
    },
    hasTaken: (name) => routes.get(name)?.hasTaken === true,
    troubles: (now) =>
      [...routes].flatMap(([route, { trouble, since, again, wanted }]) =>
        trouble === undefined || now - Math.max(again, wanted) > FORGOTTEN_MS ? [] : [{ route, trouble, since }],
      ),
  };
}

/** When the next one of those that wait is to look again: as soon as there is a place for it after all that wait already. */
function turnIn(queue: Queue, places: number, now: number): number {
  // Where none has ended for longer than one takes, they take longer now.
  const tookMs = Math.max(queue.tookMs, now - queue.changed);
  const turn = Math.max(queue.last, now + SOONEST_MS) + tookMs / places;
  queue.last = Math.min(turn, now + LATEST_MS);
  return Math.ceil(queue.last - now);
}

/** From a quarter of a second to a minute, less a random part of up to a half. */
const pauseAfter = (failures: number): number =>
  Math.min(60_000, 250 * 2 ** Math.min(failures - 1, 10)) * (0.5 + Math.random() / 2);
