import { availableParallelism } from "node:os";
import { FEW_CORES, SEMI_SPACE } from "../server/heap.ts";

/**
 * With so few cores, all threads take their memory from one arena of malloc. Of glibc each thread has one of its own, in which
 * what is free cannot be used by others: about 10 MiB of an idle server.
 */
const ONE_ARENA = { MALLOC_ARENA_MAX: "1" };

/** What `process` has since Node 22.15. */
type Replaceable = { execve?: (file: string, args: readonly string[], env: NodeJS.ProcessEnv) => void };

export type Started = {
  platform: NodeJS.Platform;
  cores: number;
  /** Node's own arguments. */
  execArgv: readonly string[];
  env: Readonly<NodeJS.ProcessEnv>;
  /** Whether another process of Node speaks to this one, or measures what it runs. Neither goes over to a new program. */
  isHeld: boolean;
};

/**
 * With what this process must be started again, so that its memory is bounded as it can only be from the start on. Undefined if
 * it was started so, or its user has settings of their own.
 */
export function restarted({ platform, cores, execArgv, env, isHeld }: Started): Pick<Started, "execArgv" | "env"> | undefined {
  const ownSettings = Object.keys(env).some((name) => name.startsWith("MALLOC_") || name === "GLIBC_TUNABLES");
  if (platform !== "linux" || cores > FEW_CORES || isHeld || ownSettings) return undefined;
  const isBounded = [...execArgv, env["NODE_OPTIONS"] ?? ""].some((argument) => argument.includes(NAME_OF_SEMI_SPACE));
  return { execArgv: isBounded ? execArgv : [...execArgv, SEMI_SPACE], env: { ...env, ...ONE_ARENA } };
}

const [NAME_OF_SEMI_SPACE = SEMI_SPACE] = SEMI_SPACE.split("=");

/**
 * Starts the program of this process again in its place, with the same id, if it must be for its memory and Node can do so.
 * Call it before anything else is done.
 */
export function restartBounded(): void {
  const { execve } = process as Replaceable;
  const again = restarted({
    platform: process.platform,
    cores: availableParallelism(),
    execArgv: process.execArgv,
    env: process.env,
    isHeld: process.channel !== undefined || process.env["NODE_V8_COVERAGE"] !== undefined,
  });
  if (!execve || !again) return;
  execve.call(process, process.execPath, [process.execPath, ...again.execArgv, ...process.argv.slice(1)], again.env);
}
