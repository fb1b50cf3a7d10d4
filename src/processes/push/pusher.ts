import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Views } from "../../../projections/views.ts";
import type { PushSteps } from "../../commands/commands.ts";
import type { PushService } from "../../domain/pushTokens.ts";
import { parseEvent, type Recorded } from "../../domain/recorded.ts";
import { backoffMs } from "../../ports/backoff.ts";
import { type EventStore, isOfLog, type Position } from "../../ports/eventStore.ts";
import { explained, Unavailable, Withheld } from "../../ports/faults.ts";
import {
  type Fan,
  LANES,
  OUTBOX_LEASE_MS,
  OutboxLost,
  type PushOutbox,
  type PushRow,
  type Settled,
} from "../../ports/pushOutbox.ts";
import { type Push, type PushOutcome, type PushSender, PUSH_LIMIT_MS } from "../../ports/pushService.ts";
import type { Watermark } from "../../projecting/watermark.ts";
import { decidePush, type PushRules } from "./deciding.ts";
import { type FactsOptions, type Known, pushFacts } from "./facts.ts";
import { createPlanner, PLANNED_TYPES } from "./planning.ts";
import { createRoutes } from "./routes.ts";

export type PushCounts = Readonly<Record<"sent" | "dropped" | "dead" | "refused" | "failed", number>>;

/** How pushes are now, for operators. */
export type PushState = {
  /** Whether this process sends them. */
  isMine: boolean;
  /** What was done since the start, by service. */
  counts: Readonly<Partial<Record<PushService, PushCounts>>>;
  /** Devices that are to be told something. */
  waiting: number;
  /** Why something is not told. */
  trouble: string | undefined;
};

export type PusherOptions = {
  log: Pick<EventStore, "read" | "readAll" | "changed" | "end" | "id">;
  watermark: Watermark;
  views: FactsOptions["views"] & Pick<Views, "relations" | "pushTargets">;
  areOnline: FactsOptions["areOnline"];
  commands: PushSteps;
  outbox: PushOutbox;
  senders: Partial<Record<PushService, PushSender>>;
  rules: PushRules & { ttlMs: number };
  /** A name for this process that no other one has. */
  holder: string;
  opened: Promise<unknown>;
  now: () => Date;
  warn: (message: string, detail: string) => void;
};

export type Pusher = {
  state(): PushState;
  /** Sends until it is told to stop. Never rejects. */
  run(stop: AbortSignal): Promise<void>;
};

/** Events that are planned together. */
const PAGE = 256;
/** Pushes on their way at the same time: so many may be sent again after the process was killed. */
const AT_ONCE = 64;
/** Of these, so many for one lane while another one has something. */
const LANE_SHARE = 48;
/** How long the planner rests between two looks, and how long anything waits at most for the next one, in milliseconds. */
const REST_MS = 50;
const LOOK_MS = 1_000;
const BEAT_MS = OUTBOX_LEASE_MS / 4;
/** How long the cursor is not noted while no device has a token, in milliseconds. */
const NOTE_MS = 60_000;
/** How long after something was read elsewhere the other devices are told, in milliseconds. */
const CLEAR_MS = 2_000;
/** How long it is remembered what a device was shown, in milliseconds. */
const SHOWN_MS = 7 * 86_400_000;
const SWEEP_MS = 600_000;
/** So often at most a line tells of pushes that are refused, for each service, in milliseconds. */
const REFUSALS_MS = 60_000;
/** A push that goes wrong in its own way is tried again this often, and so is what cannot be planned. */
const TRIES = 6;
/** Where all seems to be away, a page is tried again as a whole this often, before its events are tried one by one. */
const PATIENCE = 5;
/** How long it is told, in milliseconds, that a push failed in its own way, and that something could not be planned. */
const TOLD_MS = 60_000;
const ASIDE_MS = 3_600_000;
/** So many groups and events that could not be planned are remembered. */
const FAULTY_MAX = 1_000;
/** What cannot be told yet is looked at again no later than after so many milliseconds. */
const LATER_MS = 60_000;

/** How far the log was looked through. `isIdle`: and it need not be looked at for a while. */
type Looked = { next: Position; isTail: boolean; isIdle?: true };

const NO_COUNTS: PushCounts = { sent: 0, dropped: 0, dead: 0, refused: 0, failed: 0 };

/** The newer one of two pushes with the same tag replaces the older one. It tells nobody whose it is. */
const tagOf = ({ user, conversation }: PushRow): string =>
  createHash("sha256").update(`${user} ${conversation}`).digest("base64url").slice(0, 32);

/** A UUID of what is pushed, so that the same has the same one. */
function idOf({ user, conversation, device }: PushRow, what: string): string {
  const hex = createHash("sha256").update(`${user} ${conversation} ${device} ${what}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const keyOf = ({ user, conversation, device }: PushRow): string => `${user} ${conversation} ${device}`;

/**
 * Tells devices of messages. A cursor of its own goes through the log and puts what is to be told into the outbox, one row for a
 * device and conversation; from there it leaves as everything is then. No replay of views changes what was told. Only one process
 * at a time does so.
 */
export function createPusher(options: PusherOptions): Pusher {
  const { log, watermark, commands, outbox, senders, rules, holder, opened, warn } = options;
  const now = (): number => options.now().getTime();
  const planner = createPlanner({ views: options.views, maxAgeMs: rules.maxAgeMs });
  const facts = pushFacts(options);
  const routes = createRoutes();
  const underWay = new Map<string, number>();
  const counts: Partial<Record<PushService, Record<keyof PushCounts, number>>> = {};
  let isMine = false;
  let isOver = false;
  let waiting = 0;
  /** What each part of this cannot do, until it can. `until`: or until then. */
  const troubles = new Map<"planning" | "sending" | "noting" | "keeping" | "a push", { why: string; until?: number }>();
  /** What could not be planned lately, and is told to nobody: how much, and when it was put aside last. */
  let aside = { count: 0, at: -Infinity };
  const asides = new Set<string>();
  let lostAt = 0;
  let wake: () => void = () => {};
  let hasNews = false;

  const rouse = (): void => {
    hasNews = true;
    wake();
  };

  const count = (service: PushService, what: keyof PushCounts): void => {
    const own = (counts[service] ??= { ...NO_COUNTS });
    own[what] += 1;
  };

  const refusedAt = new Map<PushService, number>();
  /** Now and then: whoever names a service decides what it says. */
  const tellOfRefusal = (service: PushService, why: string): void => {
    const at = performance.now();
    if (at - (refusedAt.get(service) ?? -Infinity) < REFUSALS_MS) return;
    refusedAt.set(service, at);
    warn("a push was refused", `${service}: ${why}`);
  };

  /** What is to be stored of pushes that ended: what comes while it is being stored goes with the next one. */
  let ended: { settled: Settled; done: () => void }[] = [];
  let storing = false;

  const store = async (): Promise<void> => {
    storing = true;
    for (let attempt = 0; ended.length > 0;) {
      const some = ended;
      ended = [];
      try {
        await outbox.settle(some.map(({ settled }) => settled));
        attempt = 0;
        troubles.delete("noting");
        for (const { done } of some) done();
      } catch (error) {
        // Whoever has it now sends them again.
        if (error instanceof OutboxLost) {
          isMine = false;
          for (const { done } of some) done();
          continue;
        }
        troubles.set("noting", { why: explained(error) });
        ended = [...some, ...ended];
        // Until it is noted nothing else takes their place: else the same would be sent again and again.
        if (isOver) {
          for (const { done } of ended) done();
          ended = [];
          break;
        }
        await delay(backoffMs(attempt++), undefined, { ref: false });
      }
    }
    storing = false;
    rouse();
  };

  const settle = (settled: Settled): Promise<void> =>
    new Promise((done) => {
      ended.push({ settled, done });
      if (!storing) void store();
    });

  /** Whether it is certain for long enough that no other process sends. */
  const isSafe = (): boolean => isMine && performance.now() < lostAt - PUSH_LIMIT_MS;

  const sendOne = async ({ row, target, badge, facts: known, later }: Known): Promise<Settled | undefined> => {
    const at = now();
    const drop = (): Settled => {
      if (target) count(target.service, "dropped");
      return { row, at, outcome: "dropped" };
    };
    const sender = target && senders[target.service];
    if (target === undefined || sender === undefined) return drop();
    const isOld = at - row.since > rules.maxAgeMs;
    if (later) return isOld ? drop() : { row, at, outcome: { due: at + laterMs(row, at), tries: row.tries } };
    // A browser shows something for each push: there is none that takes away.
    if (row.clear && target.service === "WEB_PUSH") return drop();
    const decision = row.clear ? undefined : decidePush(row, known, rules, at);
    if (decision?.what === "drop") return drop();
    if (decision?.what === "wait") return { row, at, outcome: { due: decision.until, tries: row.tries } };
    const route = sender.routeOf(target.token);
    if (route !== undefined) {
      const isKnown = isKnownTo(sender, route);
      const wait = routes.waitFor(route, at, isKnown);
      if (wait > 0) return isOld ? drop() : { row, at, outcome: { due: at + wait, tries: row.tries } };
      if (!isSafe()) return undefined;
      routes.began(route, isKnown, at);
    }
    const push: Push = {
      id: idOf(row, row.clear ? `clear ${row.seq}` : String(decision?.notice.seq ?? row.seq)),
      tag: tagOf(row),
      badge,
      notice: decision?.notice,
      ttlS: Math.floor(rules.ttlMs / 1_000),
    };
    const outcome: PushOutcome =
      route === undefined
        ? { kind: "dead", why: "the token leads nowhere" }
        : await sender.send(target.token, push).catch((error: unknown) => ({ kind: "away", why: explained(error) }) as const);
    const passed = now();
    if (route !== undefined) routes.ended(route, outcome, passed, passed - at);
    switch (outcome.kind) {
      case "sent":
        count(target.service, "sent");
        return { row, at: passed, outcome: "told" };
      case "dead": {
        count(target.service, "dead");
        await commands.releasePushToken({ token: target.hash, userId: row.user, deviceId: row.device });
        return { row, at: passed, outcome: "dropped" };
      }
      case "refused":
        count(target.service, "refused");
        tellOfRefusal(target.service, outcome.why);
        return { row, at: passed, outcome: "dropped" };
      case "away":
        count(target.service, "failed");
        return {
          row,
          at: passed,
          outcome: { due: passed + Math.max(REST_MS, routes.waitFor(route ?? "", passed, true)), tries: row.tries },
        };
      case "busy": {
        count(target.service, "failed");
        if (row.tries + 1 >= TRIES) return { row, at: passed, outcome: "dropped" };
        const pause = Math.min(rules.maxAgeMs, Math.max(outcome.retryAfterMs ?? 0, 1_000 * 4 ** row.tries));
        return { row, at: passed, outcome: { due: passed + pause, tries: row.tries + 1 } };
      }
    }
  };

  const takeCareOf = async (known: Known): Promise<void> => {
    const key = keyOf(known.row);
    try {
      const settled = await sendOne(known);
      if (settled) await settle(settled);
    } catch (error) {
      const at = now();
      note("a push", error, at + TOLD_MS);
      const { row } = known;
      const isOld = at - row.since > rules.maxAgeMs;
      await settle({ row, at, outcome: isOld ? "dropped" : { due: at + laterMs(row, at), tries: row.tries } });
    } finally {
      underWay.delete(key);
      rouse();
    }
  };

  /** A name that a user may have made up is that of a server once it has taken something. */
  const isKnownTo = (sender: PushSender, route: string): boolean =>
    sender.isWatched(route) && (sender.mayBeMadeUp?.(route) !== true || routes.hasTaken(route));

  /** Rows that are due and not under way. */
  const pick = async (at: number): Promise<PushRow[]> => {
    const free = AT_ONCE - underWay.size;
    if (free <= 0) return [];
    const lanes = [0, 0];
    for (const lane of underWay.values()) lanes[lane === LANES.few ? 0 : 1] = (lanes[lane === LANES.few ? 0 : 1] ?? 0) + 1;
    const of = async (from: number, to: number, place: number): Promise<PushRow[]> => {
      const most = Math.max(0, Math.min(free, LANE_SHARE - (lanes[place] ?? 0)));
      if (most === 0) return [];
      const rows = await outbox.due(at, from, to, most + underWay.size);
      return rows.filter((row) => !underWay.has(keyOf(row))).slice(0, most);
    };
    const few = await of(LANES.few, LANES.few, 0);
    return [...few, ...(await of(LANES.many, LANES.clear, 1))].slice(0, free);
  };

  /** What can be read of one row, where not all of several can: it holds up no other. */
  const alone = async (row: PushRow): Promise<Known[]> => {
    try {
      return await facts([row]);
    } catch (error) {
      const [at, tries] = [now(), row.tries + 1];
      note("a push", error, at + TOLD_MS);
      await settle({ row, at, outcome: tries >= TRIES ? "dropped" : { due: at + 1_000 * 4 ** row.tries, tries } });
      underWay.delete(keyOf(row));
      return [];
    }
  };

  const sendDue = async (at: number): Promise<number> => {
    const rows = isSafe() ? await pick(at) : [];
    if (rows.length > 0) {
      for (const row of rows) underWay.set(keyOf(row), row.lane);
      const known = await facts(rows).catch(async (error: unknown) => {
        if (!(error instanceof Unavailable)) return (await Promise.all(rows.map(alone))).flat();
        for (const row of rows) underWay.delete(keyOf(row));
        throw error;
      });
      for (const each of known) void takeCareOf(each);
    }
    return rows.length;
  };

  /** When it was last asked whether any device has a token, and since when the cursor went on without being noted. */
  let askedAt = -Infinity;
  let passingSince: number | undefined;

  /**
   * While no device has a token, nothing is to be planned and the log is not read: what the views have is passed over, since a
   * token that comes later is not told of what was before it. Undefined: there are tokens.
   */
  const passOver = async (from: Position): Promise<Looked | undefined> => {
    if (performance.now() - askedAt < LOOK_MS) return undefined;
    const seen = watermark.current();
    const areAny = await options.views.pushTargets.areAny();
    const next = areAny || seen <= from ? from : seen;
    if (next !== from) passingSince ??= performance.now();
    // Who goes on after this process need not begin far back.
    if (passingSince !== undefined && (areAny || performance.now() - passingSince > NOTE_MS)) {
      const at = now();
      await outbox.plan({ to: next, now: at, clearAt: at + CLEAR_MS, news: [], reads: [], fans: [] });
      passingSince = undefined;
    }
    if (!areAny) return { next, isTail: true, isIdle: true };
    askedAt = performance.now();
    return undefined;
  };

  /** Plans the next page of the log. */
  const planPage = async (from: Position, attempt: number): Promise<Looked> => {
    const page = await log.readAll(from, PAGE, PLANNED_TYPES);
    if (page.next === from) return { next: from, isTail: true };
    if (page.events.length > 0 && !(await shown(page.next))) return { next: from, isTail: false };
    const { isTail, next } = page;
    if (page.events.length === 0 && isTail) return { next, isTail };
    const events = page.events.flatMap(parsed);
    try {
      await planTo(next, events);
    } catch (error) {
      // All of it is tried again.
      if (error instanceof OutboxLost || (isOfAll(error) && attempt < PATIENCE)) throw error;
      for (const event of events) await planAlone(event);
      await planTo(next, []);
    }
    return { next, isTail };
  };

  /** Whoever has no device now is not told later of what is planned now. */
  const planTo = async (to: Position, events: readonly Recorded[]): Promise<void> => {
    const at = now();
    const planned = await planner.plan(events, at);
    await outbox.plan({ to, now: at, clearAt: at + CLEAR_MS, ...planned });
    if (planned.news.length > 0 || planned.reads.length > 0) rouse();
  };

  /** Where not all of several events can be planned: one that cannot is put aside, and holds up no other. */
  const planAlone = async (event: Recorded): Promise<void> => {
    try {
      await planTo(event.position, [event]);
    } catch (error) {
      if (error instanceof OutboxLost) throw error;
      if (!isOfAll(error)) return putAside(nameOf(event), error);
      await allIsThere();
      await planTo(event.position, [event]).catch((again: unknown) => {
        if (again instanceof OutboxLost) throw again;
        putAside(nameOf(event), again);
      });
    }
  };

  /** Rejects if the views or the outbox are away: then nothing can be planned, and nothing is at fault that is to be planned. */
  const allIsThere = async (): Promise<void> => {
    await options.views.pushTargets.areAny();
    await outbox.keep();
  };

  const isRecent = (at: number): boolean => at - aside.at < ASIDE_MS;

  /** The log names it. /ready, which anybody may read, says how many there are. */
  const putAside = (what: string, error: unknown): void => {
    if (asides.has(what)) return;
    if (asides.size >= FAULTY_MAX) asides.clear();
    asides.add(what);
    const at = now();
    aside = { count: isRecent(at) ? aside.count + 1 : 1, at };
    warn("nobody is pushed about it any more: it cannot be planned", `${what}: ${explained(error)}`);
  };

  /** How often the members of a conversation could not be gone on with. */
  const faulty = new Map<string, number>();

  /** Goes on with the members of a conversation of many. False: there is none whose turn it is. */
  const stepFan = async (): Promise<boolean> => {
    const fan = await outbox.fan(now());
    if (fan === undefined) return false;
    try {
      await outbox.fanOut(await planner.step(fan, now()));
      faulty.delete(fan.conversation);
    } catch (error) {
      if (error instanceof OutboxLost) throw error;
      if (isOfAll(error)) await allIsThere();
      await putOff(fan, error);
    }
    rouse();
    return true;
  };

  /** Others have their turn. What fails again and again is told to nobody else. */
  const putOff = async (fan: Fan, error: unknown): Promise<void> => {
    const { conversation } = fan;
    const tries = (faulty.get(conversation) ?? 0) + 1;
    const at = now();
    if (tries < TRIES) {
      await outbox.fanOut({ fan, after: fan.after, now: at + LOOK_MS * 2 ** tries, news: [] });
      if (faulty.size >= FAULTY_MAX) faulty.clear();
      faulty.set(conversation, tries);
      return;
    }
    await outbox.fanOut({ fan, after: undefined, now: at, news: [] });
    faulty.delete(conversation);
    putAside(`message ${fan.seq} of ${conversation}`, error);
  };

  /** Whether the views have got to a place, or do so soon. They are not hurried: who sends messages needs the time. */
  const shown = (place: Position): Promise<boolean> =>
    new Promise((resolve) => {
      let end = (): void => {};
      const done = (isThere: boolean): void => {
        clearTimeout(late);
        end();
        resolve(isThere);
      };
      const late = setTimeout(() => done(false), LOOK_MS);
      if (watermark.current() >= place) return done(true);
      end = watermark.onAdvance((position) => {
        if (position >= place) done(true);
      });
    });

  /** What cannot be read is told to nobody. */
  const parsed = (stored: Parameters<typeof parseEvent>[0]): Recorded[] => {
    try {
      const event = parseEvent(stored);
      return event ? [event] : [];
    } catch (error) {
      putAside(nameOf(stored), error);
      return [];
    }
  };

  const cursorOf = async (kept: Position | undefined): Promise<Position> => {
    const end = await log.end();
    if (kept !== undefined && isOfLog(kept, log.id) && kept <= end) return kept;
    await outbox.begin(end);
    return end;
  };

  const wait = async (ms: number, stop: AbortSignal): Promise<void> => {
    if (stop.aborted) return;
    await delay(ms, undefined, { signal: stop }).catch(() => {});
  };

  const untilRoused = (ms: number, over: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(late);
        over.removeEventListener("abort", done);
        wake = () => {};
        resolve();
      };
      const late = setTimeout(done, ms);
      over.addEventListener("abort", done, { once: true });
      wake = done;
      if (over.aborted) done();
    });

  const planning = async (stop: AbortSignal, over: AbortSignal, start: Position): Promise<void> => {
    let cursor = start;
    let isFanning = false;
    askedAt = -Infinity;
    passingSince = undefined;
    for (let attempt = 0; !over.aborted;) {
      try {
        const { next, isTail, isIdle } = (await passOver(cursor)) ?? (await planPage(cursor, attempt));
        cursor = next;
        isFanning = await stepFan();
        attempt = 0;
        troubles.delete("planning");
        if (!isTail || isFanning) await wait(1, over);
        else if (isIdle) await wait(LOOK_MS, over);
        else {
          const changed = new AbortController();
          const late = setTimeout(() => changed.abort(), LOOK_MS);
          const end = (): void => changed.abort();
          over.addEventListener("abort", end, { once: true });
          await log.changed(cursor, changed.signal).finally(() => {
            clearTimeout(late);
            over.removeEventListener("abort", end);
          });
          await wait(REST_MS, over);
        }
      } catch (error) {
        if (error instanceof OutboxLost) return;
        if (stop.aborted) return;
        note("planning", error);
        await wait(backoffMs(attempt++), over);
      }
    }
  };

  const note = (part: "planning" | "sending" | "keeping" | "a push", error: unknown, until?: number): void => {
    const { until: ended = Infinity } = troubles.get(part) ?? { until: -Infinity };
    if (!(error instanceof Unavailable) && ended < now())
      warn("pushes cannot be planned or sent; trying again", explained(error));
    troubles.set(part, { why: explained(error), ...(until === undefined ? {} : { until }) });
  };

  const sending = async (stop: AbortSignal, over: AbortSignal): Promise<void> => {
    let sweptAt = -Infinity;
    for (let attempt = 0; !over.aborted;) {
      try {
        hasNews = false;
        const at = now();
        const sent = await sendDue(at);
        attempt = 0;
        troubles.delete("sending");
        if (performance.now() - sweptAt > SWEEP_MS) {
          await outbox.sweep(now() - SHOWN_MS);
          sweptAt = performance.now();
        }
        if (sent > 0 && underWay.size < AT_ONCE) continue;
        // What was due by then is under way, or waits for a place of those that are: their ends rouse this.
        const next = underWay.size >= AT_ONCE ? undefined : await outbox.next(at);
        const ms = next === undefined ? LOOK_MS : Math.max(REST_MS, Math.min(LOOK_MS, next - now()));
        if (!hasNews) await untilRoused(ms, over);
        // Many ends come one after the other: they are looked at together.
        await wait(2, over);
      } catch (error) {
        if (error instanceof OutboxLost) return;
        if (stop.aborted) return;
        note("sending", error);
        await wait(backoffMs(attempt++), over);
      }
    }
  };

  /** Keeps the outbox until it is lost. */
  const keeping = async (over: AbortController): Promise<void> => {
    while (!over.signal.aborted) {
      await wait(BEAT_MS, over.signal);
      if (over.signal.aborted) return;
      // It was lost as something was noted. Who takes it anew begins at its cursor.
      if (!isMine) break;
      const asked = performance.now();
      try {
        await outbox.keep();
        lostAt = asked + OUTBOX_LEASE_MS;
        ({ waiting } = await outbox.counts());
        troubles.delete("keeping");
      } catch (error) {
        // Another process had it meanwhile, and may have gone on: what this one knows of the cursor is old.
        if (error instanceof OutboxLost) break;
        note("keeping", error);
        if (performance.now() > lostAt) break;
      }
    }
    over.abort();
  };

  const held = async (stop: AbortSignal, kept: Position | undefined): Promise<void> => {
    const over = new AbortController();
    const end = (): void => over.abort();
    stop.addEventListener("abort", end, { once: true });
    if (stop.aborted) end();
    try {
      const start = await cursorOf(kept);
      planner.forget();
      isMine = true;
      const working = [planning(stop, over.signal, start), sending(stop, over.signal)].map((each) => each.finally(end));
      await Promise.all([...working, keeping(over)]);
      // What is under way ends, and is noted.
      for (let left = PUSH_LIMIT_MS; underWay.size > 0 && left > 0 && isMine; left -= REST_MS) await delay(REST_MS);
    } finally {
      stop.removeEventListener("abort", end);
      isMine = false;
    }
  };

  return {
    state: () => ({ isMine, counts, waiting, trouble: troubleOf() }),
    run: async (stop) => {
      await Promise.race([opened, aborted(stop)]);
      for (let attempt = 0; !stop.aborted;) {
        try {
          const asked = performance.now();
          const taken = await outbox.take(holder);
          if (taken === false) {
            troubles.clear();
            await wait(LOOK_MS, stop);
            continue;
          }
          lostAt = asked + OUTBOX_LEASE_MS;
          troubles.delete("keeping");
          await held(stop, taken.cursor);
          attempt = 0;
        } catch (error) {
          if (!(error instanceof OutboxLost)) note("keeping", error);
          await wait(backoffMs(attempt++), stop);
        }
      }
      isOver = true;
      await outbox.release().catch(() => undefined);
    },
  };

  function troubleOf(): string | undefined {
    const at = now();
    const own = [...new Set([...troubles.values()].filter(({ until = Infinity }) => at < until).map(({ why }) => why))];
    const away = routes
      .troubles(at)
      .filter(({ route }) => Object.values(senders).some((sender) => isKnownTo(sender, route)))
      .map(({ route, trouble: why, since }) => `${route}: ${why} (for ${Math.ceil((at - since) / 1_000)} s)`);
    const unplanned = isRecent(at) ? [`${aside.count} could not be planned, and nobody is pushed about them: see the log`] : [];
    return [...own, ...unplanned, ...away].join("; ") || undefined;
  }
}

/** As logs and operators read it. */
const nameOf = ({ type, position }: { type: string; position: Position }): string => `${type} at ${position}`;

/** Whether it is nothing of what is asked for: all would fail now. */
const isOfAll = (error: unknown): boolean => error instanceof Unavailable && !(error instanceof Withheld);

/** How long what cannot be told yet waits: longer, the longer it has waited. */
const laterMs = ({ since }: PushRow, at: number): number => Math.min(LATER_MS, LOOK_MS + Math.max(0, at - since) / 10);

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
