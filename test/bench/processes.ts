import { fork } from "node:child_process";
import { once } from "node:events";

/** What a child process answers: an input each, and an answer. Both are copied on their way. */
export type Handlers = Record<string, (input: never) => unknown>;

type Asked = { id: number; name: string; input: unknown };
type Answered = { id: number; value?: unknown; fault?: string };

export type Child<H extends Handlers> = {
  ask<K extends keyof H & string>(name: K, ...input: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
  /** Lets it finish and waits until it is gone. */
  stop(): Promise<void>;
};

export type StartOptions = {
  environment?: Readonly<Record<string, string>>;
  execArgv?: readonly string[];
  /** Whether it writes a CPU profile of each of its threads into the folder PROFILE_DIR, where that is set. */
  profiled?: boolean;
};

/** How long a process may take to finish. */
const FAREWELL_MS = 15_000;

/** Starts a module as a process of its own; resolves once it answers. It ends by itself when this process is gone. */
export async function start<H extends Handlers>(module: URL, options: StartOptions = {}): Promise<Child<H>> {
  const { environment = {}, execArgv = [], profiled = false } = options;
  const profiles = process.env["PROFILE_DIR"];
  const profiling = profiled && profiles !== undefined ? ["--cpu-prof", "--cpu-prof-dir", profiles] : [];
  const child = fork(module, {
    env: { ...process.env, ...environment },
    execArgv: [...execArgv, ...profiling],
    serialization: "advanced",
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let ids = 0;
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const gone = once(child, "exit").then(([code, signal]) => {
    const error = new Error(`${module.pathname} ended (${String(signal ?? code)})`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    return error;
  });
  child.on("message", (message: Answered | "ready") => {
    if (message === "ready") return isReady();
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.fault === undefined) asked?.resolve(message.value);
    else asked?.reject(new Error(message.fault));
  });
  await Promise.race([
    ready,
    gone.then((error) => {
      throw error;
    }),
  ]);
  return {
    ask: (name, ...[input]) =>
      new Promise((resolve, reject) => {
        if (!child.connected) return reject(new Error(`${module.pathname} has ended`));
        ids += 1;
        waiting.set(ids, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id: ids, name, input } satisfies Asked);
      }),
    stop: async () => {
      const late = setTimeout(() => child.kill("SIGKILL"), FAREWELL_MS);
      if (child.connected) child.disconnect();
      await gone;
      clearTimeout(late);
    },
  };
}

/** Makes this process answer the one that started it. `finish` is awaited before it ends. */
export function answer(handlers: Handlers, finish: () => Promise<void> = () => Promise.resolve()): void {
  const reply = (message: Answered | "ready") => process.send?.(message);
  process.on("message", ({ id, name, input }: Asked) => {
    void (async () => {
      try {
        const handler = handlers[name] as ((input: unknown) => unknown) | undefined;
        if (!handler) throw new Error(`there is no ${name} to ask for`);
        reply({ id, value: await handler(input) });
      } catch (error) {
        reply({ id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  process.once("disconnect", () => void finish().finally(() => process.exit()));
  // The terminal's interrupt reaches all processes: the one that started this one ends it.
  process.on("SIGINT", () => undefined);
  reply("ready");
}
