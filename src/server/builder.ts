import { Worker } from "node:worker_threads";
import { workerFile } from "../adapters/workerFile.ts";
import { Refusal } from "../domain/refusal.ts";
import { backOff } from "../ports/backoff.ts";
import { inFull } from "../ports/faults.ts";
import type { KeeperState } from "../projecting/generations/state.ts";
import type { Interval } from "../projecting/healed.ts";
import type { BuildingData, FromBuilder, Order, ToBuilder } from "./building.ts";
import type { Projector } from "./projector.ts";
import { portsOfLog, startScan } from "./log.ts";
import { transferOf } from "./views.ts";

/** An order rejects with a `Refusal` that says why it cannot be followed now. */
export type ViewBuilder = { [Name in Order]: (projection: string, conversation?: string) => Promise<void> } & {
  /** Goes on with what is half built, and builds what has no generation to read. */
  goOn(): void;
  /** What was last done beside the generation that is read, by projection. Undefined if nothing was. */
  state(projection: string): KeeperState | undefined;
  /** Resolves once the thread has ended. */
  close(): Promise<void>;
};

type BuilderOptions = {
  follower: Pick<Projector, "halt" | "resume">;
  /** Whether the views have caught up with the log since the start. Before that, the projections' thread may build them. */
  isOpen: () => boolean;
  stateChanged: (projection: string) => void;
  healed: (intervals: readonly Interval[]) => void;
  info: (message: string) => void;
  warn: (message: string, detail: string) => void;
};

/** How long a thread with nothing to do is kept for the next order, in milliseconds. */
const IDLE_MS = 10_000;

/**
 * Memory for what a fold has just made, in MiB: three times a semi-space. With the default of 48, most of a page outlives a
 * collection of garbage and is copied: collecting took 4.0 to 6.5 µs an event of `timelines`, and takes 2.5 to 3.9 µs.
 */
export const YOUNG_MIB = 96;

/** One thread, while there is something to do. */
type Thread = { worker: Worker; sent: number; isHalting: boolean; left: Promise<void> };

/**
 * Builds and compares generations of the views, in a thread that lives as long as there is something to do: the generations that
 * are read are folded on meanwhile, and memory is given back afterwards. If the thread ends by itself, what it was building is
 * gone on with a while later, in another one. `places` makes places for each thread.
 */
export function viewBuilder(
  data: Pick<BuildingData, "retention" | "sliced">,
  places: () => Pick<BuildingData, "log" | "views">,
  { follower, isOpen, stateChanged, healed, info, warn }: BuilderOptions,
): ViewBuilder {
  const states = new Map<string, KeeperState>();
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let current: Thread | undefined;
  const closing = new AbortController();
  let orders = 0;
  /** How often in a row the thread has ended by itself. */
  let failures = 0;

  const receive = (thread: Thread, message: FromBuilder): void => {
    switch (message.kind) {
      case "state":
        states.set(message.name, message.state);
        return stateChanged(message.name);
      case "obeyed": {
        const asked = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.fault === undefined) asked?.resolve();
        else asked?.reject(new Refusal("CONFLICT", message.fault));
        return;
      }
      case "healed":
        return healed(message.intervals);
      case "halt":
        thread.isHalting = true;
        void follower.halt().then(() => tell(thread, { kind: "halted" }));
        return;
      case "resume":
        thread.isHalting = false;
        return follower.resume();
      case "idle":
        failures = 0;
        setTimeout(() => {
          if (message.orders === thread.sent) letGo(thread);
        }, IDLE_MS).unref();
        return;
      case "info":
        return info(message.message);
      case "warning":
        return warn(message.message, message.detail);
    }
  };

  const letGo = (thread: Thread): void => {
    if (current === thread) current = undefined;
    tell(thread, { kind: "close" });
  };

  const tell = ({ worker }: Thread, message: ToBuilder): void => worker.postMessage(message);

  const started = (): Thread => {
    const { log, views } = places();
    const scan = startScan(log, (error) =>
      warn("the thread that reads the log ahead failed: what is built goes on without it", error.stack ?? error.message),
    );
    const worker = new Worker(workerFile(import.meta.url, "server/builderThread"), {
      workerData: { ...data, log, views, scan: scan?.port } satisfies BuildingData,
      transferList: [...transferOf(views), ...portsOfLog(log), ...(scan ? [scan.port] : [])],
      name: "building",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    const left = new Promise<void>((resolve) => worker.once("exit", () => resolve())).then(() => scan?.left);
    const thread: Thread = { worker, sent: 0, isHalting: false, left };
    worker.on("message", (message: FromBuilder) => {
      try {
        receive(thread, message);
      } catch (error) {
        warn("what the building thread said could not be taken in", String((error as Error).stack ?? error));
      }
    });
    worker.on("error", (error) => warn("the building thread failed", error.stack ?? error.message));
    void left.then(() => {
      // What it was doing is over, and whoever waits for it goes on.
      if (thread.isHalting) follower.resume();
      if (current !== thread) return;
      current = undefined;
      for (const { reject } of waiting.values()) reject(ended());
      waiting.clear();
      for (const [name, state] of states) {
        const cut = state.state === "LIVE" ? {} : { lastError: "it was cut off: what is half built is gone on with" };
        states.set(name, { ...state, ...cut, state: "LIVE", progress: undefined, eventsPerSecond: undefined });
        stateChanged(name);
      }
      if (closing.signal.aborted) return;
      warn("the building thread ended; what it was building is gone on with", `it ended ${++failures} times in a row`);
      void backOff(failures, closing.signal)
        .then(goOn)
        .catch((error: unknown) => warn("the building thread cannot be started", inFull(error)));
    });
    return thread;
  };

  const goOn = (): void => {
    if (!closing.signal.aborted) ask({ kind: "goOn" });
  };

  const ask = (message: ToBuilder): void => {
    const thread = (current ??= started());
    thread.sent++;
    tell(thread, message);
  };
  const order =
    (what: Order) =>
    (name: string, conversation?: string): Promise<void> =>
      new Promise((resolve, reject) => {
        if (closing.signal.aborted || !isOpen()) return reject(ended());
        const id = ++orders;
        waiting.set(id, { resolve, reject });
        ask({ kind: "order", id, order: what, name, ...(conversation === undefined ? {} : { conversation }) });
      });

  return {
    replay: order("replay"),
    cancelReplay: order("cancelReplay"),
    verify: order("verify"),
    goOn,
    state: (name) => states.get(name),
    close: async () => {
      closing.abort();
      if (!current) return;
      tell(current, { kind: "close" });
      await current.left;
    },
  };
}

const ended = () => new Refusal("UNAVAILABLE", "the server is not ready to build views: try again", { retryAfterMs: 1_000 });
