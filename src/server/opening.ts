import type { Config } from "../config.ts";
import { backOff } from "../ports/backoff.ts";
import type { Durations } from "../ports/durations.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import { looksAt, viewsDisagree } from "./agreement.ts";
import { formerLogs, noteFormerLog } from "./formerLogs.ts";
import { type Log, openLog, renewLog } from "./log.ts";
import type { Logger } from "./logger.ts";
import { logOfViews, openViews, openViewsToServe, type OpenViews, removeViews, setViewsAside } from "./views.ts";

/** `rebuilt`: why the views begin empty, if existing ones were not folded from this log. */
export type Opened = { log: Log; views: OpenViews; rebuilt: string | undefined };

/**
 * Opens the log and the views, and makes sure that the views were folded from what the log holds now. If they were not, they are
 * removed or set aside, and are folded again. If the log went back (a copy was put in its place, or its end is gone), it gets
 * another id: otherwise the cursors that clients hold would soon name other events. If one of the two cannot be opened, it
 * rejects with an `Error` that says what to do. For `synced`, see `openLog`.
 */
export async function openLogAndViews(
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal | undefined,
  synced?: Durations,
): Promise<Opened> {
  // The views go first: they know whether another server uses the directory.
  let views = await openViews(config, logger, signal);
  let log: Log | undefined;
  try {
    log = await openLog(config, logger, onFatal, signal, synced);
    if ((await formerLogs(config.dataDir)).has(log.id)) {
      const before = log.id;
      await log.close();
      await renewLog(config, before);
      log = await openLog(config, logger, onFatal, signal, synced);
      logger.error(
        { logWas: before, log: log.id },
        "the log has an id that was replaced before: an older copy was put back. It gets a new id, so that clients that know newer events load everything again",
      );
    }
    const foldedOf = await logOfViews(views);
    if (foldedOf !== undefined && foldedOf !== log.id) {
      logger.warn({ log: log.id, viewsOf: foldedOf }, "the views were folded from another log: they are removed and folded anew");
      await noteFormerLog(config.dataDir, foldedOf);
      await views.close();
      await removeViews(config);
      views = await openViews(config, logger, signal);
      return { log, views, rebuilt: "the views were folded from another log, and are folded anew" };
    }
    const why = await compared(config, log, views, logger, signal);
    if (why === undefined) return { log, views, rebuilt: undefined };

    const before = log.id;
    await log.close();
    await noteFormerLog(config.dataDir, before);
    await renewLog(config, before);
    log = await openLog(config, logger, onFatal, signal, synced);
    await views.close();
    const aside = await setViewsAside(config);
    logger.error(
      { why, logWas: before, log: log.id, aside },
      `the log is not the one that the views were folded from (${why}): an older copy was put back, or its end is lost. The views are set aside as ${aside}, ` +
        "which may be deleted, and are folded again; the log gets a new id, so that clients that know newer events load everything again",
    );
    views = await openViews(config, logger, signal);
    return { log, views, rebuilt: `the log is not the one that they were folded from: ${why}` };
  } catch (error) {
    await log?.close();
    await views.close();
    throw error;
  }
}

/**
 * The same for a server that only reads the views: others fold them, and set right what is wrong with them. It waits until they
 * have begun, and were folded from this log.
 */
export async function openToServe(
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal = new AbortController().signal,
  synced?: Durations,
): Promise<Opened> {
  const views = await openViewsToServe(config, logger, signal);
  let log: Log | undefined;
  try {
    log = await openLog(config, logger, onFatal, signal, synced);
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        const foldedOf = await logOfViews(views);
        if (foldedOf === log.id) return { log, views, rebuilt: undefined };
        logger.warn(
          { log: log.id, viewsOf: foldedOf },
          foldedOf === undefined
            ? "waiting for a process with ROLE=projector: the views hold nothing yet"
            : "waiting for a process with ROLE=projector: the views were folded from another log. Is EVENTSTORE_PREFIX the same everywhere?",
        );
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        logger.warn({}, `waiting for what the views are on: ${explained(error)}`);
      }
      await backOff(attempt, signal);
    }
  } catch (error) {
    await log?.close();
    await views.close();
    throw error;
  }
}

/** Compares the two. If a server of one of them goes away at this moment, this waits for it. */
async function compared(
  { eventStoreUrl, databaseUrl }: Config,
  log: EventStore,
  views: OpenViews,
  logger: Logger,
  signal: AbortSignal = new AbortController().signal,
): Promise<string | undefined> {
  const isEmbedded = eventStoreUrl === undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await viewsDisagree(views, log, looksAt(isEmbedded));
    } catch (error) {
      if ((isEmbedded && databaseUrl === undefined) || !(error instanceof Unavailable)) throw error;
      logger.warn({}, `waiting for what the log and the views are on: ${explained(error)}`);
      await backOff(attempt, signal);
      signal.throwIfAborted();
    }
  }
}
