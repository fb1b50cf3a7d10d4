import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Config } from "../config.ts";
import type { Logger } from "../server/logger.ts";
import { DataDirHeld } from "../server/dataDir.ts";
import { findServer } from "./runningServer.ts";

/** How long a server that starts waits for whoever holds DATA_DIR, in milliseconds. */
const WAIT_MS = 60_000;
/** How often it tries, and how often a command looks whether it is waited for, in milliseconds. */
const LOOK_MS = 500;
/** How long a command waits for the server that asked for DATA_DIR, in milliseconds. Its views may take long to open. */
const SERVER_MS = 120_000;

/** By this file a server that starts asks a command to let go of DATA_DIR. */
const fileOf = (dataDir: string): string => join(dataDir, "wanted");

/**
 * Opens DATA_DIR for a server. If a command holds it, that is asked to hand over, and is waited for. Another server that runs
 * there is not waited for. Rejects with `DataDirHeld` then, or if it takes too long; with the signal's reason if that is aborted.
 */
export async function openedInTurn<T>(
  { dataDir }: Pick<Config, "dataDir">,
  open: () => Promise<T>,
  logger: Logger,
  signal: AbortSignal,
): Promise<T> {
  const until = performance.now() + WAIT_MS;
  let hasAsked = false;
  try {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!(error instanceof DataDirHeld)) throw error;
        if (await findServer(dataDir)) throw new DataDirHeld(dataDir, "server");
        if (performance.now() > until) throw error;
      }
      if (!hasAsked) logger.warn({}, `another process holds DATA_DIR ${dataDir}: waiting up to ${WAIT_MS / 1_000} s for it`);
      hasAsked = true;
      await ask(dataDir);
      await delay(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    if (hasAsked) await rm(fileOf(dataDir), { force: true }).catch(() => {});
  }
}

/**
 * Writes another text each time: by that a command sees that somebody is waiting now, and that the file was not left behind. If
 * it cannot be written, the server still waits.
 */
const ask = (dataDir: string): Promise<void> =>
  writeFile(fileOf(dataDir), randomBytes(12).toString("base64url"), { mode: 0o600 }).catch(() => {});

/** Whether a server waits for DATA_DIR, for a command that holds it. */
export type Wanted = { readonly signal: AbortSignal; end(): void };

export function watchWanted(dataDir: string): Wanted {
  const wanted = new AbortController();
  const ended = new AbortController();
  const read = (): Promise<string | undefined> => readFile(fileOf(dataDir), "utf8").catch(() => undefined);
  const watch = async (): Promise<void> => {
    for (let before = await read(); !ended.signal.aborted;) {
      await delay(LOOK_MS, undefined, { signal: ended.signal, ref: false }).catch(() => {});
      const now = await read();
      if (now !== undefined && before !== undefined && now !== before) return wanted.abort();
      before = now;
    }
  };
  void watch();
  return { signal: wanted.signal, end: () => ended.abort() };
}

/** Waits for the server that asked for DATA_DIR. Rejects with an `Error` that says what became of the work if none comes. */
export async function serverCame(dataDir: string, stop: AbortSignal): Promise<void> {
  const until = performance.now() + SERVER_MS;
  while (!stop.aborted && !(await findServer(dataDir))) {
    if (performance.now() > until)
      throw new Error(
        `a server asked for DATA_DIR ${dataDir}, and does not answer: see its log. What is half done is gone on with: by the server, or when the command is given again`,
      );
    await delay(LOOK_MS, undefined, { signal: stop }).catch(() => {});
  }
}

/** Resolves once `ready` does, or the signal is aborted: whether the signal is not aborted. */
export async function readyUnless(ready: Promise<void>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const settled = new AbortController();
  try {
    await Promise.race([ready, once(signal, "abort", { signal: settled.signal })]);
  } finally {
    settled.abort();
  }
  return !signal.aborted;
}
