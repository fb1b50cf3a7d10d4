import type { ViewStore } from "../../ports/viewStore.ts";
import type { Ages } from "../ages.ts";
import type { FoldedLog, Projection } from "../projection.ts";
import type { RunnerOptions } from "../runner.ts";
import { folding } from "./folding.ts";
import { type Mend, type Mendings, mendings } from "./mending.ts";
import { patience } from "./patience.ts";
import { type Replaying, replaying } from "./replaying.ts";
import { reshard, type ReshardingOptions, slicesRead } from "./resharding.ts";
import { type Journal, journal, type KeeperState, startingState } from "./state.ts";
import { type Generation, type GenerationStore, nextGeneration, viewOf } from "./store.ts";
import { type Verify, type Verifying, verifying } from "./verifying.ts";
import { begunGeneration, readGeneration } from "./viewGenerations.ts";

/**
 * Events in one page, which is committed as a whole unless it makes very many rows. With pages of 1,024, what they hold often
 * survives a collection of garbage, and with 4,096 it does so many times: a build of `timelines` costs 3 and 10 % more.
 */
const PAGE_EVENTS = 512;

export type BuilderOptions = {
  log: FoldedLog;
  store: GenerationStore;
  projections: readonly Projection[];
  /** The runner that folds what is read. It stands still while a generation takes the place of another. */
  follower: { halt(): Promise<void>; resume(): void };
  verify: (projection: Projection) => Verify;
  /** Folds one conversation anew. `read`: the generation that is read now. If absent, only whole views are replayed. */
  mend?: (projection: Projection, read: () => Promise<string | undefined>) => Mend;
  /** Decides which events are too old to be told, in a generation of this projection that is built. */
  agesOf?: (projection: Projection) => Ages | undefined;
  /** Called with a generation that has caught up, before it takes its place. Ends early, without an error, when it is aborted. */
  prepare?: (projection: Projection, generation: string, signal: AbortSignal) => Promise<void>;
  /** Told of what a new generation has handled and the one before had not. */
  healing?: RunnerOptions["healing"];
  stateChanged: (name: string, state: KeeperState) => void;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
  pageEvents?: number;
  /** For views that are divided into slices. If absent, they are not. */
  sliced?: {
    store: ViewStore;
    /** Into how many slices they are to be divided. */
    slices: number;
  };
};

/** What is done with the generations of the views, beside folding those that are read. All by the projection's name. */
export type Builder = {
  /**
   * Begins to build a generation beside the one that is read. With a conversation, begins to fold that one anew, and to put its
   * rows into the generation that is read. Throws if the view is being replayed.
   */
  replay(name: string, conversation?: string): Promise<void>;
  /** Gives up what `replay` began. */
  cancelReplay(name: string): void;
  /** Begins to compare what is read with a fold of the log. Throws if a comparison is under way. */
  verify(name: string): Promise<void>;
  /** Goes on with what an earlier server was building or dropping, and builds what has no generation to read. */
  goOn(): Promise<void>;
  /** Resolves once nothing is under way. */
  ended(): Promise<void>;
};

type Room = { projection: Projection; kept: Journal; replays: Replaying; mends: Mendings | undefined; verifications: Verifying };

/**
 * Builds and compares generations of the views, one after the other: each reads the whole log. It ends, or gives up, when
 * `running` is aborted; what is half built is gone on with later.
 */
export function createBuilder(options: BuilderOptions, running: AbortSignal): Builder {
  const { log, store, projections, follower, info, warn, stateChanged } = options;
  const { pageEvents = PAGE_EVENTS } = options;
  const rooms = new Map<string, Room>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  let lastOrder: Promise<unknown> = Promise.resolve();
  /** Orders to replay are taken one by one: each looks at what there is, and lists what it begins. */
  const orderly = (order: () => Promise<void>): Promise<void> => {
    const done = lastOrder.then(order);
    lastOrder = done.catch(() => undefined);
    return done;
  };

  const roomOf = (name: string): Room => {
    const known = rooms.get(name);
    if (known) return known;
    const projection = projections.find((each) => each.name === name);
    if (!projection) throw new TypeError(`there is no projection ${name}`);
    const called = `the view ${name}`;
    const kept = journal({ ...startingState(projection, log.origin, called), state: "LIVE", lastError: undefined }, (state) =>
      stateChanged(name, state),
    );
    const patient = patience({ called, journal: kept, warn });
    const ages = options.agesOf?.(projection);
    const folds = folding({
      log,
      store,
      projection,
      called,
      journal: kept,
      patience: patient,
      ...(ages ? { ages } : {}),
      warn,
      pageEvents,
    });
    const list = (): Promise<Generation[]> => store.list(viewOf(projection));
    const { prepare, healing, sliced } = options;
    const replays = replaying({
      store,
      list,
      projection,
      called,
      folding: folds,
      journal: kept,
      patience: patient,
      active: { ...follower, isLive: () => true },
      ...(prepare ? { prepare: (generation, signal) => prepare(projection, generation, signal) } : {}),
      read: () => readGeneration(store, projection),
      ...(sliced ? { slices: slicesNow } : {}),
      ...(healing ? { healing } : {}),
      turn: inTurn,
      // `tidy` drops what was replaced.
      graceMs: undefined,
      info,
      warn,
    });
    const verify = options.verify(projection);
    const verifications = verifying({
      verify: (_, ...more) =>
        inTurn(async () => {
          // Which is read may change until it is its turn.
          const read = await readGeneration(store, projection);
          if (!read) throw new Error(`the view ${name} is not built yet: there is nothing to compare`);
          return verify(read.name, ...more);
        }),
      called,
      journal: kept,
      info,
      warn,
    });
    const mend = options.mend?.(projection, async () => (await readGeneration(store, projection))?.name);
    const mends = mend && mendings({ mend: (...of) => inTurn(() => mend(...of)), called, journal: kept, info, warn });
    const room = { projection, kept, replays, mends, verifications };
    rooms.set(name, room);
    return room;
  };

  /** Into how many slices a generation must be divided now, to take the place of one that is read. */
  const slicesNow = async (): Promise<number> => (await slicesRead(store, projections)) ?? options.sliced?.slices ?? 1;

  /** All views at once, if they are to be divided in another way than those that are read. */
  let resharding: Promise<void> | undefined;

  /** Returns whether the views are divided anew: then nothing else is built. */
  const goOnResharding = async (): Promise<boolean> => {
    const { sliced } = options;
    if (resharding || sliced === undefined) return resharding !== undefined;
    const now = await slicesRead(store, projections);
    if (now === undefined || now === sliced.slices) return false;
    const called = `the views in ${sliced.slices} slices`;
    const journals = projections.map(({ name }) => roomOf(name).kept);
    const progress: ReshardingOptions["progress"] = (share, lastError) => {
      for (const { doing, tell, tellNowAndThen, activity } of journals) {
        const isBegun = doing.replaying;
        doing.replaying = share !== undefined;
        const change = { state: activity(), progress: share, lastError };
        if (isBegun && share !== undefined) tellNowAndThen(change);
        else tell(change);
      }
    };
    const journalOfAll = journals[0] as Journal;
    const work = inTurn(() =>
      reshard(
        {
          ...options,
          generations: store,
          store: sliced.store,
          slices: sliced.slices,
          patience: patience({ called, journal: journalOfAll, warn }),
          progress,
          pageEvents,
        },
        running,
      ),
    );
    resharding = work
      .catch((error: unknown) => warn(`${called} cannot be built`, error))
      .finally(() => {
        resharding = undefined;
      });
    return true;
  };

  /** Drops what an earlier server left of a view. Nothing else is under way in this turn: so it is nobody's. */
  const dropLeft = ({ projection }: Room): Promise<void> =>
    inTurn(async () => {
      for (const name of (await store.left?.(viewOf(projection))) ?? []) {
        await store.drop(name);
        info(`${name} was left by an earlier process: it is removed`);
      }
    }).catch((error: unknown) => {
      if (!running.aborted)
        warn(`what was left of the view ${projection.name} could not be removed: it goes at the next start`, error);
    });

  return {
    replay: (name, conversation) =>
      orderly(async () => {
        const { projection, kept, replays, mends } = roomOf(name);
        if (resharding) throw new Error("the views are being divided into another number of slices: replay it afterwards");
        const [read, begun] = [await readGeneration(store, projection), await begunGeneration(store, projection)];
        if (kept.doing.replaying || replays.isUnderWay()) throw new Error(`the view ${name} is being replayed already`);
        if (conversation !== undefined) {
          if (!read) throw new Error(`the view ${name} is being built: there is nothing to put right`);
          if (!mends) throw new Error(`the view ${name} is replayed only as a whole here`);
          mends.begin(conversation, running);
        }
        // What is half built is gone on with.
        else {
          const slices = await slicesNow();
          const fitting = begun && (begun.slices ?? 1) === slices ? begun : undefined;
          const beside = fitting?.name ?? nextGeneration(projection, await store.list(viewOf(projection)));
          if (!fitting) await store.note?.(beside, slices);
          if (read) replays.begin(running, beside);
          else replays.beginFirst(running, beside);
        }
      }),
    cancelReplay: (name) => {
      rooms.get(name)?.replays.cancel();
      rooms.get(name)?.mends?.cancel();
    },
    verify: async (name) => {
      const { projection, kept, verifications } = roomOf(name);
      const read = await readGeneration(store, projection);
      if (!read) throw new Error(`the view ${name} is not built yet: there is nothing to compare`);
      kept.state.generation = read.name;
      verifications.begin(running);
    },
    goOn: async () => {
      const isDividedAnew = await goOnResharding();
      for (const projection of projections) {
        const room = roomOf(projection.name);
        const { replays } = room;
        void dropLeft(room);
        if (isDividedAnew) continue;
        // Before the look: what is given up just now is still there, and is not to be gone on with.
        if (replays.isUnderWay()) continue;
        const [read, found] = [await readGeneration(store, projection), await begunGeneration(store, projection)];
        if (replays.isUnderWay()) continue;
        // One that is divided in another way cannot take a place among the others.
        const isFit = found === undefined || (found.slices ?? 1) === (await slicesNow());
        if (!isFit) await inTurn(() => store.drop(found.name));
        const begun = isFit ? found : undefined;
        if (!read) replays.beginFirst(running, begun?.name);
        else if (begun || read.name.slice(0, read.name.indexOf("#")) !== viewOf(projection)) replays.begin(running, begun?.name);
      }
    },
    ended: async () => {
      for (const { replays, mends, verifications } of rooms.values()) {
        await replays.ended();
        await mends?.ended();
        await verifications.ended();
      }
      await resharding;
      await last;
    },
  };
}
