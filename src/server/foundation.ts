import type { Config } from "../config.ts";
import type { Durations } from "../ports/durations.ts";
import { isOfLog } from "../ports/eventStore.ts";
import { createHealed, type Healed, healedIntervals } from "../projecting/healed.ts";
import { type Log, noticing, placeOfLog } from "./log.ts";
import type { Logger } from "./logger.ts";
import { openLogAndViews, type Opened, openToServe } from "./opening.ts";
import { readyDirectory } from "./readyDirectory.ts";

/** What each process begins with. */
export type Foundation = Pick<Opened, "views" | "rebuilt"> & {
  log: Log;
  /** How long appends took. */
  appended: Durations;
  /** Why the log takes nothing, or cannot be trusted any more. */
  logTrouble(): string | undefined;
  /** To be called if nothing can be trusted any more: see `compose`. */
  fatal(error: Error): void;
  /** What was healed of this log. */
  healed(): Promise<Healed>;
  /** Where the log and the views are, for a thread that reads both. `following`: for one that stays near the log's end. */
  places(): Places;
  following(): Places;
  info(message: string): void;
  warn(message: string, detail: string): void;
};

type Places = { log: ReturnType<typeof placeOfLog>; views: ReturnType<Opened["views"]["place"]> };

export type FoundationOptions = {
  fatal: (error: Error) => void;
  signal: AbortSignal | undefined;
  /** See `noticing`. */
  stored?: (stream: string) => void;
  /** See `openLog`. */
  synced?: Durations;
};

/**
 * Opens the log and the views. `writes`: whether this process writes the views, and has a directory. For the rest see `compose`.
 */
export async function openFoundation(
  config: Config,
  logger: Logger,
  writes: boolean,
  { fatal, signal, stored, synced }: FoundationOptions,
): Promise<Foundation> {
  if (writes) await readyDirectory(config, logger);
  let fault: Error | undefined;
  const noted = (error: Error): void => {
    fault = error;
    fatal(error);
  };
  const opened = await (writes ? openLogAndViews : openToServe)(config, logger, noted, signal, synced);
  const { log, trouble, appended } = noticing(opened.log, stored);
  const { views, rebuilt } = opened;
  return {
    log,
    views,
    rebuilt,
    appended,
    logTrouble: () => fault?.message ?? trouble(),
    fatal: noted,
    healed: async () => createHealed((await healedIntervals(views)).filter(({ to }) => isOfLog(to, log.id))),
    places: () => ({ log: placeOfLog(config, log), views: views.place() }),
    following: () => ({ log: placeOfLog(config, log, log.fed?.()), views: views.place() }),
    info: (message) => logger.info({}, message),
    warn: (message, detail) => logger.error({ detail }, message),
  };
}
