import { viewProjections } from "../../projections/index.ts";
import { readViews, type Views } from "../../projections/views.ts";
import { type AllCommands, createCommands } from "../../src/commands/create.ts";
import type { RulesInForce } from "../../src/commands/judging.ts";
import { commandHandler } from "../../src/commands/handle.ts";
import { type Registered, registeredUsers } from "../../src/commands/registered.ts";
import type { SendHooks } from "../../src/commands/sendHooks.ts";
import { streams } from "../../src/domain/ids.ts";
import { decider as settings } from "../../src/domain/settings.ts";
import type { EventStore, RecordedEvent } from "../../src/ports/eventStore.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { type Blocked, createBlocked } from "../../src/projecting/blocked.ts";
import { createRunner, type Runner, type RunnerOptions } from "../../src/projecting/runner.ts";
import { createWatermark, type Watermark } from "../../src/projecting/watermark.ts";
import { newKey } from "./cast.ts";
import { type MemoryFiles, memoryFiles } from "./memoryFiles.ts";
import { type MemoryLog, memoryLog } from "./memoryLog.ts";
import { type MemoryViews, memoryViews } from "./memoryViews.ts";

/** A clock that goes on a second with every look at it. */
export function ticking(start = Date.UTC(2024, 0, 2, 3, 4, 5)): () => Date {
  let at = start;
  return () => new Date((at += 1_000));
}

/** Tables of rows that say how far things are: of every event, also of one that changes nothing. */
export const isBookkeeping = (table: string): boolean => table === "checkpoints" || table.startsWith("folds@");

/** One API node over a log and a view store, which others may share. */
export type Node = {
  commands: AllCommands;
  views: Views;
  watermark: Watermark;
  registered: Registered;
  files: MemoryFiles;
};

export type NodeOptions = {
  memberCap?: number;
  groupCap?: number;
  messagesPerSecond?: number;
  friendCap?: number;
  deviceCap?: number;
  scheduledCap?: number;
  editWindowMs?: number;
  recallWindowMs?: number;
  directMessages?: "anyone" | "friends";
  addToGroups?: "anyone" | "friends";
  now?: () => Date;
  watermark?: Watermark;
  waited?: () => Promise<unknown>;
  rightsLagMs?: number;
  blocked?: Blocked;
  inForceMs?: number;
  rules?: RulesInForce;
  sendHooks?: SendHooks;
  /** False: this node keeps none. */
  files?: MemoryFiles | false;
};

/** As long as a machine with much else to do may take. */
const IN_FORCE_MS = 20_000;

/** Nothing folds beside these nodes: rows that are not there at once are not worth a wait. */
const ROWS_MS = 1;

/** The commands of one API node. `waited`: called where a command waits for the views. */
export function nodeOver(log: EventStore, store: ViewStore, more: NodeOptions = {}): Node {
  const { memberCap = 5_000, now = ticking(), watermark = createWatermark(log.origin), waited } = more;
  const { friendCap = 5_000, scheduledCap = 5_000, directMessages = "anyone", addToGroups = "anyone" } = more;
  const { editWindowMs = 0, recallWindowMs = 0, groupCap = 100_000, deviceCap = 32, messagesPerSecond = 0 } = more;
  const { rightsLagMs = Number.POSITIVE_INFINITY, inForceMs = IN_FORCE_MS, blocked = createBlocked(viewProjections) } = more;
  const views = readViews(store, undefined, blocked.isBlocked);
  const files = more.files || memoryFiles();
  const reached: Watermark["reached"] = async (position, timeoutMs) => {
    await waited?.();
    return watermark.reached(position, timeoutMs);
  };
  const registered = registeredUsers(views.directory);
  const watched = waited ? { ...watermark, reached } : watermark;
  return {
    commands: createCommands({
      log,
      views,
      watermark: watched,
      friendCap,
      deviceCap,
      scheduledCap,
      editWindowMs,
      recallWindowMs,
      directMessages,
      addToGroups,
      groupCap,
      messagesPerSecond,
      memberCap,
      now,
      rightsLagMs,
      blocked,
      inForceMs,
      rowsMs: ROWS_MS,
      registered,
      ...(more.rules ? { rules: more.rules } : {}),
      ...(more.sendHooks ? { sendHooks: more.sendHooks } : {}),
      ...(more.files === false ? {} : { uploads: files.uploads }),
    }),
    views,
    watermark,
    registered,
    files,
  };
}

export type World<Store extends ViewStore = MemoryViews> = Node & {
  log: MemoryLog;
  store: Store;
  /** Folds what the log holds now. */
  catchUp(): Promise<void>;
  /** The same with a new runner of these pages from now on. */
  restart(pages?: Pick<RunnerOptions, "pageEvents" | "pageRows">): void;
  events(): Promise<RecordedEvent[]>;
  setFanoutLimit(limit: number): Promise<void>;
  runner(): Runner;
};

type WorldOptions = { log?: MemoryLog; memberCap?: number; lazy?: boolean; now?: () => Date } & Pick<
  RunnerOptions,
  "pageEvents" | "pageRows"
> &
  Pick<
    NodeOptions,
    | "editWindowMs"
    | "recallWindowMs"
    | "groupCap"
    | "friendCap"
    | "messagesPerSecond"
    | "directMessages"
    | "addToGroups"
    | "rules"
  >;

/**
 * The whole of it in memory. Nothing is folded before `catchUp` is called, or, unless `lazy` is false, a command waits for the
 * views: whether a refusal does can be seen by that.
 */
export const world = ({ store = memoryViews(), ...options }: WorldOptions & { store?: MemoryViews } = {}): World =>
  worldOver(store, options);

/** The same with the views in another store. */
export function worldOver<Store extends ViewStore>(store: Store, options: WorldOptions = {}): World<Store> {
  const { log = memoryLog(), memberCap = 5_000, lazy = true, now = ticking(), ...others } = options;
  const { editWindowMs = 0, recallWindowMs = 0, groupCap = 100_000, friendCap = 5_000, messagesPerSecond = 0, ...more } = others;
  const { directMessages = "anyone", addToGroups = "anyone", rules, ...pages } = more;
  const watermark = createWatermark(log.origin);
  const newRunner = (of: Pick<RunnerOptions, "pageEvents" | "pageRows">) =>
    createRunner({ log, store, projections: viewProjections, committed: (at) => watermark.advance(at), now, ...of });
  let runner = newRunner(pages);
  let folding: Promise<void> = Promise.resolve();
  const catchUp = () => (folding = folding.then(() => runner.catchUp()));
  const handle = commandHandler({ log });
  const node = nodeOver(log, store, {
    memberCap,
    editWindowMs,
    recallWindowMs,
    groupCap,
    friendCap,
    messagesPerSecond,
    directMessages,
    addToGroups,
    now,
    watermark,
    ...(lazy ? { waited: catchUp } : {}),
    ...(rules ? { rules } : {}),
  });
  return {
    ...node,
    log,
    store,
    catchUp,
    restart: (of = pages) => void (runner = newRunner(of)),
    events: () => allOf(log),
    setFanoutLimit: async (limit) => {
      await handle({
        stream: streams.settings,
        decider: settings,
        command: { type: "SetFanoutLimit", limit },
        actorId: "configuration",
        clientMutationId: newKey(),
        at: now().toISOString(),
      });
    },
    runner: () => runner,
  };
}

export const allOf = async (log: Pick<EventStore, "origin" | "readAll">): Promise<RecordedEvent[]> =>
  (await log.readAll(log.origin, Number.MAX_SAFE_INTEGER)).events;
