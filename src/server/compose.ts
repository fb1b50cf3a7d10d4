import { EventEmitter } from "node:events";
import { viewProjections } from "../../projections/index.ts";
import { search, searchReads } from "../../projections/search/search.ts";
import { readViews, type Views } from "../../projections/views.ts";
import { type Fresh, freshly } from "../commands/authorise.ts";
import { type Banned, keepBanned } from "../commands/banned.ts";
import type { Commands } from "../commands/commands.ts";
import { createCommands } from "../commands/create.ts";
import { type Registered, registeredUsers } from "../commands/registered.ts";
import { keepSendHooks, type SendHooks } from "../commands/sendHooks.ts";
import { looksAt, watchLog } from "./agreement.ts";
import { openFoundation } from "./foundation.ts";
import { startAuditing } from "./auditing.ts";
import { placeOfLog, recordSettings } from "./log.ts";
import type { Logger } from "./logger.ts";
import { announcing, announcingMoves } from "./announcing.ts";
import { type Files, openFiles } from "./files.ts";
import { foldViews } from "./foldedViews.ts";
import { followIndex } from "./followedIndex.ts";
import { followViews, type HearsTopics } from "./followedViews.ts";
import { type Indexer, startIndexer } from "./indexer.ts";
import { absentIndex, openIndexForReading, placeOfSearch, turnsOf } from "./searchIndex.ts";
import { inspection } from "./inspection.ts";
import { openRules } from "./rules.ts";
import { rowsWritten } from "./rowsWritten.ts";
import { openPushes, type RunningPushes, webPushHostsOf } from "./push.ts";
import { pastHealed } from "./pastHealed.ts";
import { openSignals } from "./signals.ts";
import { slicedAs } from "./slicing.ts";
import { foldedBefore } from "./views.ts";
import { openWebhooks } from "./webhooks.ts";
import type { ViewsFollower } from "./viewsFollower.ts";
import type { Config } from "../config.ts";
import { healingTo, type News, newsTo, topicsOfStream } from "../delivery/news.ts";
import { ALL, CHANGED, type Health, watch } from "./health.ts";
import type { Operations } from "../api/context.ts";
import { keepSights, type KeptSights } from "../api/keptSights.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { type Durations, durations } from "../ports/durations.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { explained, inFull } from "../ports/faults.ts";
import type { WebhookOutbox } from "../ports/webhookOutbox.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { Signals } from "../ports/signals.ts";
import type { Presence } from "../presence/presence.ts";
import { createTyping, type Typing } from "../presence/typing.ts";
import { openPresence } from "./presence.ts";
import type { ProcessState } from "../processes/dueProcess.ts";
import type { PushState } from "../processes/push/pusher.ts";
import { type Processes, startProcesses } from "../processes/processes.ts";
import { type Blocked, type BlockedKeys, createBlocked } from "../projecting/blocked.ts";
import { viewGenerations } from "../projecting/generations/viewGenerations.ts";
import type { Healed } from "../projecting/healed.ts";
import { createReading, type ReadNow } from "../projecting/reading.ts";
import { horizonOf, wholeFrom } from "../projecting/retention.ts";
import { type SearchTurns, searchTurns } from "../projecting/searchTurns.ts";
import { createTail, epochCounter, type Tail } from "../projecting/tail.ts";
import { createWatermark, type Watermark } from "../projecting/watermark.ts";

/** How long appends took, and fsyncs of the embedded log; how many rows a projection has written; which keys are blocked. */
export type Figures = {
  appended: Durations;
  synced: Durations;
  rowsOf(projection: string): number;
  blocked: Blocked["counts"];
};

/** A running Tidings, without its network. */
export type Tidings = {
  /** Resolves once the views have caught up with the log. Until then what needs their rows is UNAVAILABLE. */
  opened: Promise<void>;
  log: EventStore;
  views: Views;
  watermark: Watermark;
  /** The log's end when the server was composed. */
  begun: Position;
  /** `watermark`: how far the search index is. `begun` resolves once it is known how it is, well or not. */
  search: SearchTurns & { watermark: Watermark; sights: KeptSights; begun: Promise<void> };
  signals: Signals;
  ephemeral: Ephemeral;
  tail: Tail;
  presence: Presence;
  typing: Typing;
  files: Files | undefined;
  webhookLog: WebhookOutbox;
  sendHooks: SendHooks;
  directMessages: "anyone" | "friends";
  commands: Commands;
  registered: Registered;
  banned: Banned;
  fresh: Fresh;
  horizonOf(user: string): Awaitable<Position>;
  wholeFrom(user: string): Awaitable<Position>;
  healed: Healed;
  /** Friends a user has at most. */
  friendCap: number;
  now(): Date;
  /** What the server does by itself. */
  processes(): readonly ProcessState[];
  /** Undefined: nothing is pushed. */
  push: (() => PushState) | undefined;
  /** The public key that browsers subscribe with. */
  webPushKey: string | undefined;
  /** What is counted all the time. */
  figures: Figures;
  health(): Promise<Health>;
  /** What operators may see and do. */
  operations: Operations;
  /** Finishes what was begun, and closes everything. */
  close(): Promise<void>;
};

/**
 * Puts the parts together: the log and its thread, the view store, the projections in their own thread, the search index in
 * another, the commands. A server with the role `api` has no such threads: it follows the rows and the index that others keep. If
 * a part cannot be opened, it rejects with an `Error` that says what to do. Only search may come later:
 * the rest works without it. `fatal` is called once if nothing can be trusted any more; then the process must end. `signal` ends
 * the wait for a log's server that is away: then it rejects with the signal's reason.
 */
export async function compose(
  config: Config,
  logger: Logger,
  fatal: (error: Error) => void,
  signal?: AbortSignal,
): Promise<Tidings> {
  const isApi = config.role === "api";
  const now = () => new Date();
  const synced = durations();
  let hurry = (): void => {};
  let isHeard: (topics?: readonly string[]) => boolean = () => false;
  const foundation = await openFoundation(config, logger, !isApi, {
    fatal,
    signal,
    synced,
    stored: (stream) => {
      if (isHeard(topicsOfStream(stream))) hurry();
    },
  });
  const { log, views: viewStore, rebuilt, appended, logTrouble, places, following, info, warn } = foundation;
  const rows = rowsWritten();
  let closing = false;
  let processes: Processes | undefined;
  let push: RunningPushes | undefined;
  let endQuestions = (): void => {};
  let endWatch = (): void => {};
  let endHealing = async (): Promise<void> => {};
  const parts: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    closing = true;
    endWatch();
    endQuestions();
    // While the log is still there: what they are doing is finished.
    await processes?.close();
    await push?.close();
    await endHealing();
    await log.close();
    await Promise.all(parts.map((part) => part.close()));
    await viewStore.close();
  };
  try {
    const watermark = createWatermark(await foldedBefore(viewStore, log.origin), undefined, () => hurry());
    const healed = await foundation.healed();
    const past = isApi ? undefined : pastHealed({ log, healed, now, warn });
    endHealing = async () => past?.close();
    const epochs = epochCounter();
    let heard: HearsTopics | undefined;
    const signals = await openSignals({
      epochs,
      config,
      logger,
      ...(isApi ? { heard: (topics, by) => heard?.(topics, by) } : {}),
    });
    const { between } = signals;
    parts.push(signals);
    isHeard = signals.isHeard;
    const tail = createTail(epochs);
    const reading = createReading(() => follower.state().progress);
    const blocked = createBlocked(viewProjections);
    const views = readViews(viewStore, reading.generation, blocked.isBlocked);
    const registered = registeredUsers(views.directory);
    const retention = { ttlMs: config.inboxTtlMs, max: config.inboxMax };
    /** Each operator who follows a projection listens. */
    const changes = new EventEmitter().setMaxListeners(0);
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { ephemeral } = signals;
    const presence = await openPresence(
      config,
      { ephemeral, elsewhere: between?.elsewhere, rows: viewStore, views, registered },
      logger,
    );
    parts.push(presence);
    const typing = createTyping({ ephemeral, ...(between ? { elsewhere: between.elsewhere } : {}) });
    parts.push({ close: async () => typing.close() });

    const files = await openFiles(config, warn);
    if (files) parts.push(files);
    const hooks = await openWebhooks(config);
    parts.push(hooks.outbox);
    const pushes = await openPushes(config);
    if (pushes) parts.push(pushes);

    const sights = keepSights(views.relations);
    const takeHealed = healingTo({ tail, signals, kept: sights, healed }, () => past?.look());
    const stateChanged = (name: string): void => {
      if (name !== ALL) reading.building(name, follower.beside(name)?.progress);
      changes.emit(CHANGED, name);
    };
    const taken = {
      reading: (read: Record<string, ReadNow>, keys: BlockedKeys) => {
        // In one step: nobody reads by the keys of another generation.
        blocked.change(keys);
        reading.change(read);
        sights.forget();
        healed.reread();
      },
      blocked: (keys: BlockedKeys) => {
        blocked.change(keys);
        sights.forget();
      },
      healed: takeHealed,
      opened: () => {
        reading.open();
        open();
      },
      warn,
    };
    const news = newsTo({ tail, watermark, signals, kept: sights });
    const follower: ViewsFollower =
      between && isApi
        ? followViews({
            ...taken,
            log,
            store: viewStore,
            generations: viewGenerations(viewStore),
            between,
            signals,
            epochs,
            advanced: (lowest) => {
              sights.forget();
              watermark.advance(lowest);
            },
            heardBy: (hears) => void (heard = hears),
            stateChanged: () => stateChanged(ALL),
          })
        : foldViews({
            ...taken,
            places,
            following,
            origin: log.origin,
            interest: signals.interest,
            epochs,
            rows: rows.shared,
            sliced: await slicedAs(viewStore, log, config, logger, now, signal),
            retention: { ...retention, sweepMs: config.inboxSweepMs },
            olderMs: config.olderViewsMs,
            committed: between ? inTurn(news, announcing(between)) : news,
            moved: between ? announcingMoves(between) : () => undefined,
            isOpen: reading.isOpen,
            stateChanged,
            info,
            fatal,
          });
    parts.push(follower);
    hurry = follower.hurry;

    void opened
      .then(() => viewStore.settle?.())
      .catch((error: unknown) => {
        if (!closing) warn("the views' tables could not be merged: reads merge them", inFull(error));
      });

    const found = createWatermark(log.origin, undefined, () => indexer.hurry());
    const searchPlace = placeOfSearch(config, log);
    const index =
      isApi && config.elasticsearchUrl === undefined
        ? absentIndex("ELASTICSEARCH_URL is not set: there is no search")
        : await openIndexForReading(searchPlace, config, {
            damaged: () => indexer.damaged(),
            warn: (message, error) => logger.error({ err: error }, message),
          });
    parts.push(index);
    const indexed = {
      origin: log.origin,
      committed: (checkpoint: Position) => found.advance(checkpoint),
      stateChanged: () => changes.emit(CHANGED, search.name),
    };
    const indexer: Indexer =
      between && isApi
        ? followIndex({ ...indexed, index, between })
        : startIndexer({ search: searchPlace, rows: rows.shared }, following, { ...indexed, readers: index, info, warn });
    parts.push(indexer);
    const turns = searchTurns(searchReads(index), turnsOf(searchPlace, config), (error) =>
      logger.warn({ detail: explained(error) }, "search is away: searches are refused until it is back"),
    );

    // What shapes the rows is said by those who fold them.
    const begun = isApi ? await log.end() : await recordSettings(log, config, logger, now, signal);
    past?.look();
    endWatch = watchLog(viewStore, log, looksAt(config.eventStoreUrl === undefined), foundation.fatal);

    const banned = await keepBanned({ bans: views.bans, log, watermark, signals });
    parts.push({ close: async () => banned.close() });
    const sendHooks = await keepSendHooks({
      hooks: views.webhooks,
      signals,
      post: hooks.ask,
      now,
      info: (message, detail) => logger.info({ detail }, message),
      warn: (message, detail) => logger.warn({ detail }, message),
    });
    endQuestions = sendHooks.close;
    const rules =
      config.moderationRules === undefined
        ? undefined
        : await openRules(config.moderationRules, { warn, info: (message) => logger.info({}, message) });
    if (rules) parts.push({ close: async () => rules.close() });
    const commands = createCommands({
      log,
      views,
      registered,
      banned,
      watermark,
      friendCap: config.friendsMax,
      deviceCap: config.devicesMax,
      scheduledCap: config.scheduledMax,
      editWindowMs: config.editWindowMs,
      recallWindowMs: config.recallWindowMs,
      directMessages: config.directMessages,
      addToGroups: config.addToGroups,
      groupCap: config.groupsMax,
      messagesPerSecond: config.messagesPerSecond,
      memberCap: config.groupMembersMax,
      rightsLagMs: config.rightsLagMaxMs,
      blocked,
      // Others fold the rows: what was stored is read in the log sooner than there.
      ...(isApi ? { rowsMs: 0 } : {}),
      now,
      ...(files ? { uploads: files.uploads } : {}),
      webhookUrl: hooks.webhookUrl,
      ...(rules ? { rules } : {}),
      sendHooks,
      ...(webPushHostsOf(config) ? { webPushHosts: webPushHostsOf(config) } : {}),
    });
    const started = startProcesses({
      views,
      commands,
      watermark,
      opened,
      begun,
      now,
      warn,
      info: (message, detail) => logger.info({ detail }, message),
      ...(between ? { isMine: between.turn.isMine } : {}),
      log,
      webhooks: { ...hooks, retryMs: config.webhookRetryMs, giveUpMs: config.webhookGiveUpMs },
    });
    processes = started;

    push = pushes?.start({
      log,
      watermark,
      views,
      presence,
      commands,
      opened,
      now,
      warn,
    });

    const { health, operations } = watch({
      log,
      logTrouble,
      views: viewStore,
      search: { ...indexer, projection: search, status: index.status },
      signals: { kind: signals.kind, ...(between ? { status: between.status } : {}) },
      projections: viewProjections,
      rebuilt,
      runner: follower.state,
      ...(follower.note ? { note: follower.note } : {}),
      generationOf: reading.generationIfRead,
      builder: { ...follower, state: follower.beside },
      retryParked: follower.retryParked,
      blocked,
      processes: started.states,
      files: files?.store,
      rules,
      sendHooks: sendHooks.states,
      push: pushes && push && { kind: pushes.kind, state: push.state },
      closing: () => closing,
      changes,
    });
    const audit = isApi
      ? undefined
      : await startAuditing(config, {
          log,
          place: () => placeOfLog(config, log),
          everyMs: config.auditHeadsMs,
          warn,
        });
    if (audit) parts.push(audit);
    const inspected = inspection({
      config,
      views: viewStore,
      projections: viewProjections,
      generationOf: reading.generationIfRead,
      search: { projection: search, generations: index.generations, status: index.status },
    });

    return {
      opened,
      log,
      views,
      watermark,
      begun,
      search: { ...turns, watermark: found, sights, begun: indexer.begun },
      signals,
      ephemeral,
      tail,
      presence,
      typing,
      files,
      webhookLog: hooks.outbox,
      sendHooks,
      directMessages: config.directMessages,
      fresh: freshly(log, watermark),
      registered,
      banned,
      commands,
      horizonOf: (user) => horizonOf(viewStore, user, log.origin),
      wholeFrom: (user) => wholeFrom(viewStore, user, log.origin),
      healed,
      friendCap: config.friendsMax,
      now,
      processes: started.states,
      push: push?.state,
      webPushKey: pushes?.webPushKey,
      figures: { appended, synced, rowsOf: rows.of, blocked: blocked.counts },
      health,
      operations: { ...operations, ...inspected, audit },
      close,
    };
  } catch (error) {
    // Threads that are left open would keep the process alive.
    await close().catch(() => {});
    throw error;
  }
}

/** Those of this process hear first. */
const inTurn =
  (...all: readonly News[]): News =>
  (...told) => {
    for (const each of all) each(...told);
  };
