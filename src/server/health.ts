import type { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Operations } from "../api/context.ts";
import type { SendHookState } from "../commands/sendHooks.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Component } from "../ports/component.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore, LogStatus, Position } from "../ports/eventStore.ts";
import type { FileStore } from "../ports/files.ts";
import type { SearchStatus } from "../ports/searchIndex.ts";
import type { ViewStore, ViewStoreStatus } from "../ports/viewStore.ts";
import type { PushState } from "../processes/push/pusher.ts";
import type { ProcessState } from "../processes/dueProcess.ts";
import type { Blocked } from "../projecting/blocked.ts";
import { parkedPage } from "../projecting/parked.ts";
import type { Projection } from "../projecting/projection.ts";
import type { RunnerState } from "../projecting/runnerReport.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import { remembered } from "./remembered.ts";
import type { Inspection } from "./inspection.ts";
import type { ViewBuilder } from "./builder.ts";
import type { Order } from "./building.ts";
import { requireConversation } from "./conversations.ts";
import { lagFrom, type ProjectionStatus, projectionStatuses, searchStatus } from "../projecting/status.ts";

/** How long a probe waits for an answer, in milliseconds. */
const LIMIT_MS = 2_000;
/**
 * How long an answer also serves other probes, in milliseconds. However many probes there are, the log is asked only once a
 * second.
 */
const REMEMBERED_MS = 1_000;
/** The most events that a probe counts. */
const MOST_BEHIND = 500;
/** The most events that are counted for an operator. */
const MOST_LAG = 5_000;

/** How long a caller waits until parked events were tried again, in milliseconds. It goes on after that. */
const RETRY_LIMIT_MS = 5_000;

/** Without these the rest still works: a load balancer must not take all of it away. */
const BESIDE: ReadonlySet<Component["role"]> = new Set(["search", "signals", "processes", "files", "rules", "asked", "push"]);

export type Behind = {
  state: ProjectionStatus["state"];
  behind: number | `more than ${number}` | "unknown";
  /** How much is built or compared: 0 to 1. */
  progress?: number;
  /** Events that could not be handled, and those that wait behind them. Absent: none. */
  parked?: number;
};

/**
 * `ready`: whether requests may be sent here. That does not need search, signals, processes, files, pushes and webhooks that are
 * asked: all else works without them. The rest: the status of each part, and how far behind each projection is.
 */
export type Health = { ready: boolean; components: Component[]; projections: Record<string, Behind> };

/** The parts that are watched. */
export type Watched = {
  log: Pick<EventStore, "status" | "origin" | "read" | "readAll">;
  /** Why the log takes no appends, if that is known without asking it. */
  logTrouble(): string | undefined;
  views: Pick<ViewStore, "get" | "checkpoints" | "range" | "status">;
  search: Record<Order, () => Promise<void>> & {
    projection: Projection;
    retryParked(cursor?: Position): Promise<boolean>;
    state(): KeeperState;
    status(): Promise<SearchStatus>;
  };
  /** `status`: of the broker, if there is one. */
  signals: { kind: string; status?: () => { version?: string; trouble?: string } };
  /** What the server does by itself. */
  processes(): readonly ProcessState[];
  projections: readonly Projection[];
  /** The generation of a projection that is read. Undefined: none is complete yet. */
  generationOf(projection: Projection): string | undefined;
  /** What is done beside it, and who does it. */
  builder: Pick<ViewBuilder, "state" | "replay" | "cancelReplay" | "verify">;
  /** Tries parked events of a view again. See `Runner`. */
  retryParked(projection: string, cursor?: Position): Promise<boolean>;
  /** Keys under which commands wait, because events of projections that they rely on are parked. */
  blocked: Pick<Blocked, "counts">;
  /** Why the views are built again from the beginning: they were not folded from this log. Undefined if they were. */
  rebuilt?: string | undefined;
  /** The state of the runner that folds all of them. */
  runner(): RunnerState;
  /** Words for operators about who folds them, if that is another process. */
  note?: () => string | undefined;
  /** Where files are kept, if they are. */
  files?: Pick<FileStore, "kind" | "trouble"> | undefined;
  /** The rules that messages are held to, if there are some. */
  rules?: { trouble(): string | undefined } | undefined;
  /** How webhooks answer that are asked before messages are stored. Absent: none is asked. */
  sendHooks?: (() => readonly SendHookState[]) | undefined;
  /** What tells devices of messages, if anything does. */
  push?: { kind: string; state(): PushState } | undefined;
  closing(): boolean;
  /** Tells (`CHANGED`) the name of each projection whose state changes, or `ALL`: of all views. */
  changes: Pick<EventEmitter, "on" | "off">;
};

export const CHANGED = "changed";
/** No projection has that name. */
export const ALL = "";

/** `now`: milliseconds of a clock that only goes forward. */
export type HealthOptions = { limitMs?: number; rememberedMs?: number; now?: () => number };

/** Watches the parts. `health` answers within the limit, whatever the log does, and never rejects. */
export function watch(
  watched: Watched,
  { limitMs = LIMIT_MS, rememberedMs = REMEMBERED_MS, now = () => performance.now() }: HealthOptions = {},
): { health(): Promise<Health>; operations: Omit<Operations, keyof Inspection | "audit"> } {
  const { log, views, projections, search } = watched;
  const names = [...projections, search.projection].map(({ name }) => name);
  /** Of these projections, all unless they are given. */
  const statuses = async (most: number, of: readonly string[] = names): Promise<ProjectionStatus[]> => {
    const lagAt = lagFrom(log, most);
    const ofViews = await projectionStatuses({
      log,
      lagAt,
      store: views,
      projections: projections.filter(({ name }) => of.includes(name)),
      generationOf: watched.generationOf,
      besideOf: ({ name }) => watched.builder.state(name),
      state: watched.runner(),
    });
    if (!of.includes(search.projection.name)) return ofViews;
    return [...ofViews, await searchStatus(lagAt, search.projection, search.state())];
  };
  /** The log's kind, as it last said. */
  let logKind = "unknown";
  const asked = remembered(
    async () => {
      const status = await log.status();
      logKind = status.kind;
      return status;
    },
    rememberedMs,
    now,
  );
  const counted = remembered(() => statuses(MOST_BEHIND), rememberedMs, now);

  const logStatus = (): Promise<LogStatus | undefined> => within(limitMs, asked());

  /** The log as a component. `status` is undefined if the log did not answer. */
  const logComponent = (status: LogStatus | undefined): Component => {
    const trouble = watched.logTrouble();
    const silent = status === undefined ? `the log did not answer within ${limitMs} ms` : undefined;
    const said = [trouble, silent, ...(status ? saidOf(status) : [])].filter((part) => part !== undefined && part !== "");
    return {
      role: "log",
      kind: logKind,
      reachable: trouble === undefined && status?.reachable === true,
      ...(status?.version === undefined ? {} : { version: status.version }),
      ...(said.length === 0 ? {} : { detail: said.join("; ") }),
    };
  };
  /** While all keys of one of these are blocked, nobody may do anything. */
  const holders = projections.filter((projection) => projection.holdsRights).map(({ name }) => name);
  const holdsRights = (name: string): boolean => holders.includes(name);
  const stored = remembered(() => views.status(), rememberedMs, now);
  /** The view store's kind and version, as it last said. */
  let viewsAre: Pick<ViewStoreStatus, "kind" | "version"> = { kind: "unknown" };
  const viewsComponent = (status: ViewStoreStatus | undefined): Component => {
    viewsAre = status ?? viewsAre;
    const { state, lastError, progress, parked } = watched.runner();
    const blocked = watched.blocked.counts();
    const unread = projections.filter((projection) => watched.generationOf(projection) === undefined);
    const note = watched.note?.();
    const trouble = [
      ...(note === undefined ? [] : [note]),
      ...(status?.trouble === undefined ? [] : [status.trouble]),
      ...(state === "REBUILDING"
        ? [`rebuilding${doneOf(progress)}`, ...(watched.rebuilt === undefined ? [] : [watched.rebuilt])]
        : []),
      ...(state === "RETRYING" || state === "STOPPED" ? [`${state.toLowerCase()}: ${lastError ?? "no reason given"}`] : []),
      ...(state === "LIVE" ? unread : []).map(
        ({ name }) => `${name} is being built${doneOf(watched.builder.state(name)?.progress)}`,
      ),
      ...Object.entries(parked)
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} events of ${name} are parked`),
      ...Object.entries(blocked).map(([name, keys]) => {
        const held = holdsRights(name) ? "nothing is granted" : "what relies on its rows waits";
        return keys === "all"
          ? `too many keys of ${name} have parked events: ${held} everywhere until they are handled`
          : `under ${keys} keys of ${name} ${held} until they are handled`;
      }),
    ].join("; ");
    return {
      role: "views",
      kind: viewsAre.kind,
      reachable:
        status?.trouble === undefined &&
        state === "LIVE" &&
        unread.length === 0 &&
        !holders.some((name) => blocked[name] === "all"),
      ...(viewsAre.version === undefined ? {} : { version: viewsAre.version }),
      ...(trouble === "" ? {} : { detail: trouble }),
    };
  };

  const engine = remembered(() => search.status(), rememberedMs, now);
  /** The search engine's kind, as it last said. */
  let engineKind = "unknown";
  const searchComponent = (status: SearchStatus | undefined): Component => {
    engineKind = status?.kind ?? engineKind;
    const { state, lastError, progress, parked } = search.state();
    const said = [
      state === "RETRYING" || state === "STOPPED" ? `${state.toLowerCase()}: ${lastError ?? "no reason given"}` : undefined,
      state === "REBUILDING" || state === "REPLAYING" || state === "VERIFYING"
        ? `${state.toLowerCase()}${doneOf(progress)}`
        : undefined,
      status === undefined ? `the search index did not answer within ${limitMs} ms` : status.detail,
      parked > 0 ? `${parked} events of ${search.projection.name} are parked` : undefined,
    ].filter((part) => part !== undefined && part !== "");
    return {
      role: "search",
      kind: engineKind,
      reachable: status?.reachable === true && state !== "RETRYING" && state !== "STOPPED",
      ...(status?.version === undefined ? {} : { version: status.version }),
      ...(said.length === 0 ? {} : { detail: said.join("; ") }),
    };
  };

  const kept = remembered(async () => ({ trouble: await watched.files?.trouble() }), rememberedMs, now);

  /** The answers of the parts. Undefined for a part that did not answer in time. */
  type Said = {
    log: LogStatus | undefined;
    rows: ViewStoreStatus | undefined;
    found: SearchStatus | undefined;
    /** What is wrong with the store of files. */
    lost: { trouble: string | undefined } | undefined;
  };
  const said = async (): Promise<Said> => {
    const [log, rows, found, lost] = await Promise.all([
      logStatus(),
      within(limitMs, stored()),
      within(limitMs, engine()),
      watched.files && within(limitMs, kept()),
    ]);
    return { log, rows, found, lost };
  };
  const componentsBy = ({ log, rows, found, lost }: Said): Component[] => [
    logComponent(log),
    viewsComponent(rows),
    searchComponent(found),
    signalsComponent(watched.signals),
    processesComponent(watched.processes()),
    ...(watched.files ? [filesComponent(watched.files, lost, limitMs)] : []),
    ...(watched.rules ? [rulesComponent(watched.rules.trouble())] : []),
    ...askedComponents(watched.sendHooks?.() ?? []),
    ...(watched.push ? [pushComponent(watched.push)] : []),
  ];

  /** By projection. */
  const parkedNow = (): Record<string, number> => {
    const counts = watched.runner().parked;
    return {
      ...Object.fromEntries(projections.map(({ name }) => [name, counts[name] ?? 0])),
      [search.projection.name]: search.state().parked,
    };
  };

  return {
    health: async () => {
      const began = now();
      const parts = await said();
      // Nothing is counted in a log that is away. The limit holds for both questions together.
      const left = limitMs - (now() - began);
      const lags = parts.log?.reachable === true && left > 0 ? await within(left, counted()) : undefined;
      const components = componentsBy(parts);
      const parked = parkedNow();
      const states = [...projections.map(({ name }) => stateOf(watched, name)), search.state()];
      const behind = names.map((name, index): [string, Behind] => {
        const { state, progress } = states[index] ?? { state: "STOPPED" };
        const lag = behindOf(lags?.[index]?.lag ?? "unknown");
        const share = progress === undefined ? {} : { progress: Math.round(progress * 1_000) / 1_000 };
        const held = parked[name] ?? 0;
        return [name, { state, behind: lag, ...share, ...(held === 0 ? {} : { parked: held }) }];
      });
      return {
        ready: !watched.closing() && components.every(({ role, reachable }) => reachable || BESIDE.has(role)),
        components,
        projections: Object.fromEntries(behind),
      };
    },
    operations: {
      components: async () => {
        const parts = await said();
        const sizes: Partial<Record<Component["role"], number | undefined>> = {
          log: parts.log?.bytes,
          views: parts.rows?.bytes,
          search: parts.found?.bytes,
        };
        return componentsBy(parts).map((component) => {
          const size = sizes[component.role];
          return size === undefined ? component : { ...component, bytes: size };
        });
      },
      projections: () => statuses(MOST_LAG),
      projection: async (name) => {
        const [status] = await statuses(MOST_LAG, [name]);
        if (!status) throw new TypeError(`there is no projection ${name}`);
        return status;
      },
      listen: (changed) => {
        const told = (name: string): void => {
          // The state of the runner is that of all views.
          for (const each of name === ALL ? projections.map((projection) => projection.name) : [name])
            changed(each, each === search.projection.name ? search.state().state : stateOf(watched, each).state);
        };
        watched.changes.on(CHANGED, told);
        return () => watched.changes.off(CHANGED, told);
      },
      parked: (query) =>
        parkedPage(
          views,
          [
            ...projections.flatMap((projection) => {
              const generation = watched.generationOf(projection);
              return generation === undefined ? [] : [{ name: projection.name, generation }];
            }),
            { name: search.projection.name, generation: search.state().generation },
          ],
          query,
        ),
      order: async (name, order, conversation) => {
        if (conversation !== undefined) await requireConversation(log, conversation);
        return name === search.projection.name ? search[order]() : watched.builder[order](name, conversation);
      },
      retryParked: async (name, cursor) => {
        const view = projections.find((each) => each.name === name);
        if (view && watched.generationOf(view) === undefined)
          throw new Refusal("CONFLICT", `the view ${name} is not built yet: what of it is parked is tried again by itself`);
        const retried = name === search.projection.name ? search.retryParked(cursor) : watched.retryParked(name, cursor);
        const isThere = await Promise.race([retried, delay(RETRY_LIMIT_MS, undefined, { ref: false })]);
        if (isThere === false) throw new Refusal("NOT_FOUND", `no event of ${name} is parked there`, { field: "cursor" });
      },
    },
  };
}

/** What a projection of the views does: what is done beside the generation that is read, if that has no trouble. */
function stateOf({ runner, builder }: Watched, name: string): Pick<KeeperState, "state" | "progress"> {
  const own = runner();
  return own.state === "LIVE" ? (builder.state(name) ?? own) : own;
}

/** While a broker is away, clients are told more slowly, and nothing is lost. */
function signalsComponent({ kind, status }: Watched["signals"]): Component {
  const { version, trouble } = status?.() ?? {};
  return {
    role: "signals",
    kind,
    reachable: trouble === undefined,
    ...(version === undefined ? {} : { version }),
    ...(trouble === undefined ? {} : { detail: `${trouble}: what is new is found by looking for it, which takes longer` }),
  };
}

/** While the store is away nothing is uploaded, and what is sent with an upload waits. Addresses go on leading there. */
function filesComponent(
  { kind }: Pick<FileStore, "kind">,
  said: { trouble: string | undefined } | undefined,
  limitMs: number,
): Component {
  const trouble = said === undefined ? `it did not answer within ${limitMs} ms` : said.trouble;
  return { role: "files", kind, reachable: trouble === undefined, ...(trouble === undefined ? {} : { detail: trouble }) };
}

/** A file that cannot be used leaves the rules that were read before in force. */
const rulesComponent = (trouble: string | undefined): Component => ({
  role: "rules",
  kind: "file",
  reachable: trouble === undefined,
  ...(trouble === undefined ? {} : { detail: trouble }),
});

/** While one is away, messages are sent without it, or are refused: that is up to each. */
function askedComponents(states: readonly SendHookState[]): Component[] {
  if (states.length === 0) return [];
  const failing = states.filter(({ error }) => error !== undefined);
  if (failing.length === 0) return [{ role: "asked", kind: "webhooks", reachable: true }];
  const refusing = failing.filter(({ otherwise }) => otherwise === "REFUSE").length;
  // Anybody may read it: which they are, and where, is for admins alone.
  const detail =
    `${failing.length} of ${states.length} do not answer as they should: because of ${refusing} of them messages are refused, ` +
    "and the others are passed over. Webhook.beforeSend says why";
  return [{ role: "asked", kind: "webhooks", reachable: false, detail }];
}

/** While a service is away, what is to be told waits, until it is too old. */
function pushComponent({ kind, state }: NonNullable<Watched["push"]>): Component {
  const { trouble, isMine } = state();
  const detail = trouble ?? (isMine ? undefined : "another process sends them");
  return { role: "push", kind, reachable: trouble === undefined, ...(detail === undefined ? {} : { detail }) };
}

function processesComponent(states: readonly ProcessState[]): Component {
  const troubles = states.flatMap(({ name, lateMs, trouble }) =>
    trouble === undefined ? [] : [`${name}: ${Math.ceil(lateMs / 1_000)} s late: ${trouble}`],
  );
  return {
    role: "processes",
    kind: "embedded",
    reachable: troubles.length === 0,
    ...(troubles.length === 0 ? {} : { detail: troubles.join("; ") }),
  };
}

const doneOf = (progress: number | undefined): string => (progress === undefined ? "" : `, ${Math.floor(progress * 100)} % done`);

const behindOf = (lag: ProjectionStatus["lag"]): Behind["behind"] => (lag === "more" ? `more than ${MOST_BEHIND}` : lag);

/** What a log said about itself, in words. */
const saidOf = ({ leader, detail }: LogStatus): (string | undefined)[] => [
  leader === undefined || detail?.includes(leader) ? undefined : `leader ${leader}`,
  detail,
];

/** The answer, or undefined if it failed or did not come in time. */
async function within<T>(ms: number, answer: Awaitable<T>): Promise<T | undefined> {
  const late = new AbortController();
  try {
    return await Promise.race([answer, delay(ms, undefined, { signal: late.signal })]);
  } catch {
    return undefined;
  } finally {
    late.abort();
  }
}
