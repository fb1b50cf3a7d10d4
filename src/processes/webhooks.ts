import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { isExpired } from "../../projections/timelines.ts";
import type { Views } from "../../projections/views.ts";
import { failingAtItsAddress, type WebhookReads, type WebhookRow } from "../../projections/webhooks.ts";
import type { WebhookSteps } from "../commands/commands.ts";
import { parseEvent, type Recorded, Unreadable } from "../domain/recorded.ts";
import { backoffMs } from "../ports/backoff.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";
import type { PostHook } from "../ports/webhookPost.ts";
import {
  type Delivery,
  type HookProgress,
  type PlannedDelivery,
  WEBHOOKS_LEASE_MS,
  type WebhookOutbox,
  WebhooksLost,
} from "../ports/webhookOutbox.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { ProcessState } from "./dueProcess.ts";
import { bodyOf, type Told, toldOf, TOLD_TYPES } from "./webhookPayloads.ts";

export type WebhooksOptions = {
  log: Pick<EventStore, "read" | "readAll" | "changed">;
  webhooks: Pick<WebhookReads, "webhooks" | "webhook">;
  timelines: Pick<Views["timelines"], "message">;
  watermark: Watermark;
  opened?: Promise<unknown>;
  outbox: WebhookOutbox;
  post: PostHook;
  commands: WebhookSteps;
  now: () => Date;
  warn: (message: string, detail: string) => void;
  info: (message: string, detail: string) => void;
  /** After a first failure a delivery waits so long, then four times as long each time. In milliseconds. */
  retryMs: number;
  /** How long a hook may fail until it is switched off, and how long one delivery is tried; in milliseconds. */
  giveUpMs: number;
};

const PAGE = 500;
/** More are not looked for while so many wait: the cursor of the hook waits then. */
const QUEUE = 1_000;
/** Deliveries of one hook at a time, each of another conversation. */
const PER_HOOK = 4;
const LOOK_MS = 1_000;
const REACHED_MS = 1_000;
const RETRY_MAX_MS = 12 * 3_600_000;
const KEPT_MS = 7 * 86_400_000;
const KEPT_MOST = 2_000;
const SWEEP_MS = 60_000;
/** How long the end waits for attempts that are under way, in milliseconds. */
const END_MS = 1_500;
const [GONE, TOO_MANY, AWAY] = [410, 429, 503];

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });

type Hooks = ReadonlyMap<string, WebhookRow>;

/** Whether a hook is told of it. Asked again before each attempt: the hook may have been put anew meanwhile, for less. */
const isFor = ({ events, conversationId }: WebhookRow, { event, conversation }: Told): boolean =>
  events.includes(event) && (conversationId === null || conversationId === conversation);

/**
 * Tells other programs what the log holds, from where their hook was put: at least once, in the order of each conversation. How
 * far it is, is in the outbox, beside the views, so that no replay tells anything again. It goes no further than the views: what
 * they lack might be a hook. Whoever is slow or away holds up only themselves, and of their own only the conversation.
 */
export function webhookProcess(options: WebhooksOptions): { run(stop: AbortSignal): Promise<void>; state(): ProcessState } {
  const { log, webhooks, timelines, watermark, outbox, post, commands, now, warn, info, retryMs, giveUpMs } = options;
  const holder = randomUUID();
  let state: ProcessState = { name: "webhooks", lateMs: 0, done: 0 };
  const underWay = new Map<string, Map<Position, Promise<void>>>();
  /** When each webhook was given another address, as far as that was noticed. */
  const moved = new Map<string, string>();
  let wake = (): void => {};
  let sweptAt = 0;
  let faults = 0;
  const time = () => now().getTime();

  const hooksNow = async (): Promise<Hooks> => new Map((await webhooks.webhooks()).map(({ id, hook }) => [id, hook] as const));

  /** Makes the outbox know the hooks that there are. Undefined: the views lack what was known before. */
  const reconciled = async (hooks: Hooks): Promise<HookProgress[] | undefined> => {
    const known = await outbox.progress();
    const seen = watermark.current();
    if (known.some(({ cursor }) => cursor > seen)) return undefined;
    // A row that says nothing is damaged: verify finds it, and until it is put right nothing is known of its hook.
    if ([...hooks.values()].some(({ since }) => (since as string | undefined) === undefined)) return undefined;
    let isChanged = false;
    for (const { hook } of known)
      if (!hooks.has(hook)) {
        await outbox.forget(hook);
        moved.delete(hook);
        isChanged = true;
      }
    for (const [id, { since, offBecause }] of hooks) {
      const before = known.find(({ hook }) => hook === id);
      if (offBecause !== undefined) {
        if (before && before.waiting > 0) await outbox.giveUp(id, `switched off: ${offBecause}`);
      } else if (before?.since !== since) {
        await outbox.begin(id, since, time());
        isChanged = true;
      }
    }
    return isChanged ? outbox.progress() : known;
  };

  /** What waits for a webhook that was given another address is told there at once, and is tried as long as any other. */
  const retryMoved = async (id: string, { movedAt }: WebhookRow): Promise<void> => {
    if (movedAt === undefined || moved.get(id) === movedAt) return;
    const at = time();
    // After a start, too, as long as something may wait that was tried before.
    if (at - Date.parse(movedAt) <= giveUpMs)
      for (const { position, due } of await outbox.deliveries(id, KEPT_MOST + QUEUE))
        if (due !== undefined) await outbox.again(id, position, at);
    moved.set(id, movedAt);
  };

  /** Looks through one page of the log for those hooks that have got equally far. Resolves to whether there is more. */
  const look = async (cursor: Position, ids: readonly string[]): Promise<boolean> => {
    const page = await log.readAll(cursor, PAGE, TOLD_TYPES);
    if (page.next === cursor) return false;
    if (!(await watermark.reached(page.next, REACHED_MS))) return true;
    const hooks = await hooksNow();
    const planned: PlannedDelivery[] = [];
    for (const stored of page.events) {
      const told = tellable(stored);
      if (told === undefined) continue;
      const { event, key } = told;
      const { position, stream, revision } = stored;
      for (const id of ids) {
        const hook = hooks.get(id);
        if (!hook || hook.since >= position || !isFor(hook, told)) continue;
        planned.push({ hook: id, position, event, stream, revision, key });
      }
    }
    await outbox.plan(ids, page.next, planned, time());
    return !page.isTail;
  };

  const tellable = (stored: Parameters<typeof parseEvent>[0]) => {
    try {
      const event = parseEvent(stored);
      return event ? toldOf(event) : undefined;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      warn("webhooks are not told of an event that this version cannot read", error.message);
      return undefined;
    }
  };

  /** What a delivery says, unless it is not the hook's. A message that is gone meanwhile is told without its content. */
  const payloadOf = async (
    hook: WebhookRow,
    { stream, revision }: Delivery,
  ): Promise<{ id: string; body: string } | undefined> => {
    const [stored] = await log.read(stream, revision, "forwards", 1);
    const event = stored && parseEvent(stored);
    const told = event ? toldOf(event) : undefined;
    if (!event || !told || !isFor(hook, told)) return undefined;
    return { id: `evt_${event.id}`, body: bodyOf({ ...told, data: { ...told.data, ...(await withoutGone(event)) } }, event) };
  };

  const withoutGone = async ({ type, data, revision }: Recorded): Promise<object> => {
    if (type === "MessageSent") return (await isGone(data.conversationId, revision + 1)) ? { text: null, attachments: [] } : {};
    return type === "MessageEdited" && (await isGone(data.conversationId, data.seq)) ? { text: null } : {};
  };

  /** Whether a message was recalled or has expired. */
  const isGone = async (conversation: string, seq: number): Promise<boolean> => {
    const message = await timelines.message(conversation, seq);
    return message !== undefined && (message.recalledAt !== null || isExpired(message, now));
  };

  const attempt = async (id: string, hook: WebhookRow, delivery: Delivery, stop: AbortSignal): Promise<void> => {
    const payload = await payloadOf(hook, delivery);
    if (payload === undefined) {
      await outbox.settle(delivery, { at: time(), status: undefined, error: "there is nothing to tell", outcome: "nothing" });
      return;
    }
    const { url, secret, since } = hook;
    const posted = await post({ url, secret, ...payload, at: time(), stop });
    if (stop.aborted && "error" in posted) return;
    const at = time();
    const status = "status" in posted ? posted.status : undefined;
    if (status !== undefined && status >= 200 && status < 300) {
      await outbox.settle(delivery, { at, status, error: undefined, outcome: "delivered" });
      state = { ...state, done: state.done + 1 };
      return;
    }
    const error = "error" in posted ? posted.error : `answered ${posted.status}`;
    const asked = "retryAfterMs" in posted && (status === TOO_MANY || status === AWAY) ? (posted.retryAfterMs ?? 0) : 0;
    const wait = Math.min(RETRY_MAX_MS, retryMs * 4 ** Math.min(delivery.attempts, 20)) * (0.8 + Math.random() * 0.4);
    // It leads elsewhere by now: what its former address answers says nothing of it.
    const row = await webhooks.webhook(id);
    if (row?.url !== url) return void (await outbox.settle(delivery, { at, status, error, outcome: { due: at } }));
    const isOver = at - delivery.planned >= giveUpMs;
    const outcome = isOver || status === GONE ? "never" : { due: at + Math.ceil(Math.max(wait, asked)) };
    const failingSince = failingAtItsAddress((await outbox.settle(delivery, { at, status, error, outcome })) ?? at, row);
    if (status === GONE || at - failingSince >= giveUpMs) {
      const reason =
        status === GONE ? "it answered 410: it is gone" : `it has failed since ${new Date(failingSince).toISOString()}: ${error}`;
      info("a webhook is switched off", `${id}: ${reason}`);
      await commands.switchOffWebhook({ id, since, reason });
    }
  };

  const pump = async (id: string, hook: WebhookRow, stop: AbortSignal): Promise<void> => {
    const mine = underWay.get(id) ?? new Map<Position, Promise<void>>();
    underWay.set(id, mine);
    if (mine.size >= PER_HOOK) return;
    for (const delivery of await outbox.due(id, time(), PER_HOOK + mine.size)) {
      if (mine.has(delivery.position) || mine.size >= PER_HOOK) continue;
      const attempted = attempt(id, hook, delivery, stop)
        .catch((error: unknown) => {
          // It is tried again, by whoever delivers then.
          if (!(error instanceof WebhooksLost)) warn("a delivery to a webhook could not be noted", explained(error));
          return delay(LOOK_MS, undefined, { signal: stop }).catch(() => {});
        })
        .then(() => {
          mine.delete(delivery.position);
          wake();
        });
      mine.set(delivery.position, attempted);
    }
  };

  /** Resolves to how long there is nothing to do, in milliseconds, unless something is woken. */
  const round = async (stop: AbortSignal): Promise<{ ms: number; after?: Position }> => {
    if (!(await outbox.take(holder))) return { ms: LOOK_MS };
    const hooks = await hooksNow();
    const progress = await reconciled(hooks);
    if (progress === undefined) return { ms: LOOK_MS };
    const isTold = ({ hook }: HookProgress): boolean => {
      const row = hooks.get(hook);
      return row !== undefined && row.offBecause === undefined;
    };
    const told = progress.filter(isTold);
    const groups = new Map<Position, string[]>();
    for (const { hook, cursor, waiting } of told) if (waiting < QUEUE) groups.set(cursor, [...(groups.get(cursor) ?? []), hook]);
    let isMore = false;
    let takenAt = performance.now();
    for (const [cursor, ids] of groups) {
      // Each look may wait for the views: many of them must not outlast the lease.
      if (performance.now() - takenAt > WEBHOOKS_LEASE_MS / 3) {
        if (!(await outbox.take(holder))) return { ms: LOOK_MS };
        takenAt = performance.now();
      }
      isMore = (await look(cursor, ids)) || isMore;
    }
    for (const { hook } of told) {
      const row = hooks.get(hook) as WebhookRow;
      await retryMoved(hook, row);
      await pump(hook, row, stop);
    }
    if (time() - sweptAt >= SWEEP_MS) {
      sweptAt = time();
      await outbox.sweep(sweptAt - KEPT_MS, KEPT_MOST);
    }
    const after = [...groups.keys()].sort().at(-1);
    return isMore ? { ms: 0 } : { ms: LOOK_MS, ...(after === undefined ? {} : { after }) };
  };

  /** Until something is settled, something new is in the log, or the time is over. */
  const wait = async (ms: number, after: Position | undefined, stop: AbortSignal): Promise<void> => {
    const over = new AbortController();
    const end = (): void => over.abort();
    wake = end;
    stop.addEventListener("abort", end, { once: true });
    const waits = [delay(ms, undefined, { signal: over.signal }).catch(() => {})];
    if (after !== undefined && ms > 0) waits.push(log.changed(after, over.signal).catch(() => delay(ms)));
    await Promise.race(waits);
    stop.removeEventListener("abort", end);
    over.abort();
  };

  return {
    state: () => state,
    run: async (stop) => {
      await Promise.race([options.opened, aborted(stop)]);
      while (!stop.aborted) {
        try {
          const { ms, after } = await round(stop);
          if (faults > 0) state = { name: state.name, lateMs: 0, done: state.done };
          faults = 0;
          await wait(ms, after, stop);
        } catch (error) {
          if (!(error instanceof WebhooksLost)) {
            if (faults === 0) warn("webhooks cannot be told now; trying again", explained(error));
            state = { ...state, trouble: explained(error) };
          }
          faults++;
          await wait(backoffMs(faults), undefined, stop);
        }
      }
      await Promise.race([Promise.all([...underWay.values()].flatMap((all) => [...all.values()])), delay(END_MS)]);
      await outbox.release().catch(() => {});
    },
  };
}
