import { Counter, Gauge, type Registry } from "prom-client";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import type { SendHooks } from "../commands/sendHooks.ts";
import type { Component } from "../ports/component.ts";
import type { Disk, GenerationState } from "../ports/condition.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { PushState } from "../processes/push/pusher.ts";
import { BLOCKED_MAX, isReliedOn } from "../projecting/blocked.ts";
import type { ProjectionStatus } from "../projecting/status.ts";
import { durationMetric } from "../transport/durationMetric.ts";
import type { Figures } from "./compose.ts";
import type { Health } from "./health.ts";
import { remembered } from "./remembered.ts";

/** What the metrics are read from. */
export type Measured = {
  log: Pick<EventStore, "readAll">;
  figures: Figures;
  health(): Promise<Health>;
  operations: {
    version: string;
    projections(): Promise<readonly ProjectionStatus[]>;
    components(): Promise<readonly Component[]>;
    generations(): Promise<readonly GenerationState[]>;
    disk(): Promise<Disk | undefined>;
  };
  /** Undefined: nobody is asked here before messages are stored. */
  sendHooks?: Pick<SendHooks, "states" | "took"> | undefined;
  /** Undefined: nothing is pushed here. */
  push?: (() => PushState) | undefined;
  now(): Date;
  /** Called with a fault that is no part's being away: the lines of that metric are left out. */
  failed(error: unknown, metric: string): void;
};

const STATES: readonly ProjectionStatus["state"][] = ["LIVE", "REBUILDING", "REPLAYING", "VERIFYING", "RETRYING", "STOPPED"];
const NAMES = [...viewProjections, search].map(({ name }) => name);
const RELIED_ON = viewProjections.filter(isReliedOn).map(({ name }) => name);

/** How long an answer also serves other questions, in milliseconds: however often it is asked, the parts are asked once. */
const REMEMBERED_MS = 1_000;
/** As a lag, where there is more than was counted. */
const MORE = 5_001;
/** As a number of keys, where all are blocked. */
const ALL_KEYS = BLOCKED_MAX + 1;

/**
 * Adds the metrics of the log, the projections and the stores. They are read when /metrics is asked for; what is counted all the
 * time is a few plain numbers. A part that is away leaves its own lines out, and no others.
 */
export function serverMetrics(
  registry: Registry,
  { log, figures, health, operations, sendHooks, push, now, failed }: Measured,
): void {
  const registers = [registry];
  type Line = [labels: Record<string, string>, value: number];
  const gauge = (name: string, help: string, labelNames: string[], lines: () => Promise<readonly Line[]>): void =>
    void new Gauge({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        this.reset();
        const found = await lines().catch((error: unknown): Line[] => {
          if (!(error instanceof Unavailable)) failed(error, name);
          return [];
        });
        for (const [labels, value] of found) this.set(labels, value);
      },
    });
  const asOf = <T>(ask: () => Promise<T>): (() => Promise<T>) => remembered(ask, REMEMBERED_MS, () => performance.now());
  const projections = asOf(() => operations.projections());
  const components = asOf(() => operations.components());
  const generations = asOf(() => operations.generations());
  const lags = asOf(async () => secondsBehind(log, await projections(), now()));
  const disk = asOf(() => operations.disk());

  durationMetric(registry, "tidings_append_seconds", "how long appends took that the log stored", [[{}, figures.appended]]);
  durationMetric(
    registry,
    "tidings_fsync_seconds",
    "how long the disk took to make a group of appends durable, in the embedded log",
    [[{}, figures.synced]],
  );

  gauge("tidings_ready", "1 if requests may be sent here", [], async () => [[{}, Number((await health()).ready)]]);
  gauge("tidings_component_ready", "1 if the part works", ["component"], async () =>
    (await health()).components.map(({ role, reachable }): Line => [{ component: role }, Number(reachable)]),
  );
  gauge("tidings_component_bytes", "what the part takes on disk", ["component"], async () =>
    (await components()).flatMap(({ role, bytes }): Line[] => (bytes === undefined ? [] : [[{ component: role }, bytes]])),
  );

  gauge(
    "tidings_projection_lag_events",
    `events between the projection and the log's end; ${MORE} is more`,
    ["projection"],
    async () =>
      (await projections()).flatMap(({ name, lag }): Line[] =>
        lag === "unknown" ? [] : [[{ projection: name }, lag === "more" ? MORE : lag]],
      ),
  );
  gauge(
    "tidings_projection_lag_seconds",
    "how old the oldest event is that the projection has not folded",
    ["projection"],
    async () => [...(await lags())].map(([projection, seconds]): Line => [{ projection }, seconds]),
  );
  gauge("tidings_projection_state", "1 for the state that the projection is in", ["projection", "state"], async () =>
    (await projections()).flatMap(({ name, state }) =>
      STATES.map((each): Line => [{ projection: name, state: each }, Number(each === state)]),
    ),
  );
  gauge(
    "tidings_projection_parked",
    "events that it could not handle, and those that wait behind them",
    ["projection"],
    async () => (await projections()).map(({ name, parked }): Line => [{ projection: name }, parked]),
  );
  gauge(
    "tidings_projection_blocked_keys",
    `conversations, users and pairs where commands are refused, because events are parked; ${ALL_KEYS} is everywhere`,
    ["projection"],
    async () => {
      const counts = figures.blocked();
      return RELIED_ON.map((name): Line => {
        const count = counts[name] ?? 0;
        return [{ projection: name }, count === "all" ? ALL_KEYS : count];
      });
    },
  );
  gauge("tidings_projection_progress", "how much of a generation is built or compared, 0 to 1", ["projection"], async () =>
    (await projections()).flatMap(({ name, progress }): Line[] =>
      progress === undefined ? [] : [[{ projection: name }, progress]],
    ),
  );
  gauge("tidings_projection_differences", "rows that the last comparison found unequal", ["projection"], async () =>
    (await projections()).flatMap(({ name, differences }): Line[] =>
      differences === undefined ? [] : [[{ projection: name }, differences]],
    ),
  );
  new Counter({
    name: "tidings_projection_rows_total",
    help: "rows written to the generation that is read",
    labelNames: ["projection"],
    registers,
    collect() {
      this.reset();
      for (const projection of NAMES) this.inc({ projection }, figures.rowsOf(projection));
    },
  });
  gauge("tidings_generation_bytes", "about what a generation takes on disk", ["generation", "projection", "state"], async () =>
    (await generations()).flatMap(({ name, projection, state, bytes }): Line[] =>
      bytes === undefined ? [] : [[{ generation: name, projection, state }, bytes]],
    ),
  );

  if (sendHooks) askedMetrics(registry, sendHooks);
  if (push) pushMetrics(registers, push);

  gauge("tidings_disk_free_bytes", "what may still be written to the disk of DATA_DIR", [], async () => {
    const found = await disk();
    return found ? [[{}, found.freeBytes]] : [];
  });
  gauge("tidings_disk_bytes", "what the disk of DATA_DIR holds", [], async () => {
    const found = await disk();
    return found ? [[{}, found.totalBytes]] : [];
  });
  gauge("tidings_build_info", "1; the labels say which version runs", ["version", "node"], async () => [
    [{ version: operations.version, node: process.versions.node }, 1],
  ]);
}

/** What webhooks said of messages before they were stored, and how long that took. */
function askedMetrics(registry: Registry, { states, took }: Pick<SendHooks, "states" | "took">): void {
  new Counter({
    name: "tidings_asked_total",
    help: "messages and edits that a webhook was asked about before they were stored, by what it said; failed: nothing of use",
    labelNames: ["webhook", "outcome"],
    registers: [registry],
    collect() {
      this.reset();
      for (const { id, counts } of states())
        for (const [outcome, count] of Object.entries(counts)) this.inc({ webhook: id, outcome }, count);
    },
  });
  durationMetric(registry, "tidings_asked_seconds", "how long senders waited for a webhook that was asked", [[{}, took]]);
}

/** What was pushed, and what waits. Only the process that sends pushes counts. */
function pushMetrics(registers: Registry[], push: () => PushState): void {
  new Counter({
    name: "tidings_pushes_total",
    help: "pushes by service and what became of them; failed ones are tried again",
    labelNames: ["service", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const [service, counts] of Object.entries(push().counts))
        for (const [outcome, count] of Object.entries(counts)) this.inc({ service: service.toLowerCase(), outcome }, count);
    },
  });
  new Gauge({
    name: "tidings_pushes_waiting",
    help: "devices that are still to be told something",
    registers,
    collect() {
      this.set(push().waiting);
    },
  });
}

/**
 * How old the oldest event is that each projection has not folded, in seconds; 0 if there is none. Never negative: clocks differ
 * a little. Each place of the log is read once, because most projections stand at the same one.
 */
async function secondsBehind(
  log: Measured["log"],
  projections: readonly ProjectionStatus[],
  now: Date,
): Promise<Map<string, number>> {
  const ages = new Map<Position, Promise<number>>();
  const ageAfter = async (cursor: Position): Promise<number> => {
    const at = (await log.readAll(cursor, 1)).events[0]?.metadata.at;
    return at === undefined ? 0 : Math.max(0, (now.getTime() - Date.parse(at)) / 1_000);
  };
  const seconds = new Map<string, number>();
  for (const { name, cursor } of projections) {
    const known = ages.get(cursor) ?? ageAfter(cursor);
    ages.set(cursor, known);
    seconds.set(name, await known);
  }
  return seconds;
}
