import { setTimeout as delay } from "node:timers/promises";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { conversationId } from "../domain/ids.ts";
import type { Logger } from "../server/logger.ts";
import type { Config } from "../config.ts";
import type { Terminal } from "./import.ts";
import { readyUnless, serverCame, watchWanted } from "./handover.ts";
import { isPassing, patiently } from "./patiently.ts";
import { showPercent } from "./progress.ts";
import { serverApi } from "./serverApi.ts";

/** In milliseconds. How long to wait before the progress is read for the first time, and at most: the waits grow. */
const FIRST_MS = 10;
const ASK_MS = 250;

export type Order = "replay" | "verify";

type Status = {
  state: "LIVE" | "REBUILDING" | "REPLAYING" | "VERIFYING" | "RETRYING" | "STOPPED";
  progress: number | null;
  differences: number | null;
  lastError: string | null;
};

/** Whoever maintains the views and the index: the server that runs on DATA_DIR, or this process. All by a projection's name. */
type Keeper = {
  name: string;
  /** Aborted when a server waits for DATA_DIR, which this process holds. */
  wanted?: AbortSignal;
  /** Waits until the work can begin, unless the signal is aborted before, and begins it. */
  begin(order: Order | "cancelReplay", projection: string, signal: AbortSignal, conversation?: string): Promise<void>;
  status(projection: string): Promise<Status>;
  /** Whether another process has answered since this was last asked: the one before was ended in its work. */
  hasRestarted?(): boolean;
  close(): Promise<void>;
};

/** What may be replayed and verified. */
export const PROJECTIONS = [...viewProjections, search].map(({ name }) => name);

/** What may be replayed for one conversation: the others hold nothing of one. */
const OF_CONVERSATIONS = viewProjections.filter(({ conversationOf }) => conversationOf).map(({ name }) => name);

/** What is replayed, by what was asked for. Throws an `Error` that says what to ask for instead. */
function namesOf(name: string, conversation: string | undefined): readonly string[] {
  if (name !== "all" && !PROJECTIONS.includes(name))
    throw new Error(`there is no projection ${name}: give one of ${PROJECTIONS.join(", ")}, or all`);
  if (conversation === undefined) return name === "all" ? PROJECTIONS : [name];
  const known = conversationId.safeParse(conversation);
  if (!known.success) throw new Error(`${conversation} is no conversation: ${known.error.issues[0]?.message}`);
  if (name === "all") return OF_CONVERSATIONS;
  if (OF_CONVERSATIONS.includes(name)) return [name];
  throw new Error(
    name === search.name
      ? `${name} is replayed only as a whole: leave --conversation out`
      : `${name} holds nothing of one conversation: leave --conversation out, or give one of ${OF_CONVERSATIONS.join(", ")}, or all`,
  );
}

/** The exit code of a command that was interrupted. */
const INTERRUPTED = 130;

/**
 * Replays or verifies a projection, or all of them one after the other: through the server that runs on DATA_DIR, or directly if
 * none runs. `conversation`: what alone is replayed. Resolves with the exit code: 0 when it is done, 1 if a verification found
 * differences, 130 if `stop` was aborted: then a replay is given up. Rejects with an `Error` that says what to do if it cannot be
 * done.
 */
export async function operate(
  config: Config,
  order: Order,
  name: string,
  logger: Logger,
  terminal: Terminal,
  token?: string,
  stop: AbortSignal = new AbortController().signal,
  conversation?: string,
): Promise<number> {
  const names = namesOf(name, conversation);
  const whole = conversation === undefined ? "" : `${conversation} in `;
  let keeper: Keeper | undefined = (await throughServer(config, token)) ?? (await directly(config, logger));
  try {
    let code = 0;
    for (const each of names) {
      const work = { order, name: each, conversation, called: `${whole}${each}` };
      let status = await carriedOut(keeper, work, terminal, stop);
      if (status === "handOver") {
        terminal.out(`a server starts on ${config.dataDir}: it goes on with ${each}`);
        await keeper.close();
        keeper = undefined;
        keeper = await afterHandingOver(config, token, stop);
        status = keeper ? await carriedOut(keeper, work, terminal, stop) : "interrupted";
      }
      if (status === "interrupted" || status === "handOver" || keeper === undefined) {
        terminal.error(order === "replay" && keeper ? `the replay of ${whole}${each} is given up` : "interrupted");
        return INTERRUPTED;
      }
      if (order === "replay") terminal.out(`${whole}${each} is replayed`);
      else terminal.out(`${each}: ${status.differences} differences`);
      if (order === "verify" && status.differences !== 0) code = 1;
    }
    return code;
  } finally {
    await keeper?.close();
  }
}

/** What is to be done with a projection, or with one conversation of it. `called`: as the terminal says it. */
type Work = { order: Order; name: string; conversation: string | undefined; called: string };

/** How it ended: with its status afterwards, or because `stop` was aborted, or because a server waits for DATA_DIR. */
type Ended = Status | "interrupted" | "handOver";

/** Begins some work, and waits for its end. A replay that is interrupted is given up. */
async function carriedOut(keeper: Keeper, work: Work, terminal: Terminal, stop: AbortSignal): Promise<Ended> {
  const { order, name, conversation, called } = work;
  const over = keeper.wanted ? AbortSignal.any([stop, keeper.wanted]) : stop;
  await keeper.begin(order, name, over, conversation);
  if (!over.aborted) {
    terminal.out(`${order === "replay" ? "replaying" : "verifying"} ${called} ${keeper.name}`);
    const status = await finished(keeper, work, terminal, over);
    if (status) return status;
  }
  if (!stop.aborted) return "handOver";
  if (order === "replay") await keeper.begin("cancelReplay", name, stop);
  return "interrupted";
}

/** The server that DATA_DIR was handed over to. Undefined if `stop` was aborted before it came. */
async function afterHandingOver(config: Config, token: string | undefined, stop: AbortSignal): Promise<Keeper | undefined> {
  await serverCame(config.dataDir, stop);
  if (stop.aborted) return undefined;
  const keeper = await throughServer(config, token);
  if (!keeper) throw new Error("the server that goes on with it has ended: what is half done is gone on with at its next start");
  return { ...keeper, begin: (...of) => begunAgain(keeper, ...of) };
}

const DURING: Record<Order, Status["state"]> = { replay: "REPLAYING", verify: "VERIFYING" };

/** Begins what another process was doing. A server goes on by itself with a replay that is half built. */
async function begunAgain(keeper: Keeper, ...of: Parameters<Keeper["begin"]>): Promise<void> {
  const [order, name] = of;
  const isUnderWay = async () => order !== "cancelReplay" && (await keeper.status(name)).state === DURING[order];
  if (await isUnderWay()) return;
  await keeper.begin(...of).catch(async (error: unknown) => {
    if (!(await isUnderWay())) throw error;
  });
}

/** The status after the work has ended. Undefined if the signal was aborted before that. */
async function finished(keeper: Keeper, work: Work, terminal: Terminal, over: AbortSignal): Promise<Status | undefined> {
  const { order, name, conversation } = work;
  const progress = showPercent(terminal, name);
  const during = DURING[order];
  let shownError: string | undefined;
  try {
    for (let wait = FIRST_MS; ; wait = Math.min(2 * wait, ASK_MS)) {
      if (over.aborted) return undefined;
      const status = await keeper.status(name);
      if (keeper.hasRestarted?.() === true) {
        await begunAgain(keeper, order, name, over, conversation);
        continue;
      }
      const { state, lastError } = status;
      if (state === "RETRYING" && lastError !== null && lastError !== shownError) {
        shownError = lastError;
        terminal.error(`waiting: ${lastError}`);
      }
      // A replay may have begun since. Its end takes them away.
      if (order === "verify" && state !== during && status.differences !== null) return status;
      if (state !== "RETRYING" && state !== "REBUILDING" && state !== during && (order === "replay" || state !== "REPLAYING")) {
        if (order === "verify" && status.differences === null)
          throw new Error(`the comparison failed: ${lastError ?? "see the server's log"}`);
        if (order === "replay" && lastError !== null) throw new Error(`${name} is not replayed: ${lastError}`);
        return status;
      }
      if (status.progress !== null) progress.at(status.progress);
      await delay(wait, undefined, { signal: over }).catch(() => {});
    }
  } finally {
    progress.end();
  }
}

async function directly(config: Config, logger: Logger): Promise<Keeper> {
  // Not loaded where a server runs.
  const { compose } = await import("../server/compose.ts");
  const tidings = await compose(config, logger, (error) => {
    throw error;
  });
  const wanted = watchWanted(config.dataDir);
  const { operations } = tidings;
  /** Whether there is anything to give up. */
  let hasBegun = false;
  const status = async (projection: string): Promise<Status> => {
    const found = (await operations.projections()).find(({ name }) => name === projection);
    if (!found) throw new Error(`there is no status of ${projection}`);
    const { state, progress = null, differences = null, lastError = null } = found;
    return { state, progress, differences, lastError };
  };
  return {
    name: `in ${config.dataDir}`,
    wanted: wanted.signal,
    begin: async (order, name, signal, conversation) => {
      if (order !== "cancelReplay") {
        if (!(await readyUnless(tidings.opened, signal))) return;
        // First the events that are in the log but not projected yet.
        const end = await tidings.log.end();
        for (let wait = FIRST_MS; !signal.aborted; wait = Math.min(2 * wait, ASK_MS)) {
          if ((await tidings.watermark.reached(end, ASK_MS)) && (await status(name)).state === "LIVE") break;
          await delay(wait, undefined, { signal }).catch(() => {});
        }
        if (signal.aborted) return;
        hasBegun = true;
      } else if (!hasBegun) return;
      await operations.order(name, order, conversation);
    },
    status,
    close: async () => {
      wanted.end();
      await tidings.close();
    },
  };
}

const BEGIN: Record<Order | "cancelReplay", string> = {
  cancelReplay: /* GraphQL */ `
    mutation ($name: String!) {
      cancelReplay(name: $name) {
        name
      }
    }
  `,
  replay: /* GraphQL */ `
    mutation ($name: String!, $conversationId: ID) {
      replayProjection(name: $name, conversationId: $conversationId) {
        name
      }
    }
  `,
  verify: /* GraphQL */ `
    mutation ($name: String!) {
      verifyProjection(name: $name) {
        name
      }
    }
  `,
};

const STATUS = /* GraphQL */ `
  {
    admin {
      projections {
        name
        state
        progress
        differences
        lastError
      }
    }
  }
`;

async function throughServer(config: Config, token: string | undefined): Promise<Keeper | undefined> {
  const api = await serverApi(config, token);
  if (!api) return undefined;
  let instance = api.instance();
  const status = async (projection: string): Promise<Status> => {
    const { admin } = await patiently(() => api.ask<{ admin: { projections: (Status & { name: string })[] } }>(STATUS));
    const found = admin.projections.find(({ name }) => name === projection);
    if (!found) throw new Error(`the server does not know ${projection}`);
    return found;
  };
  return {
    name: `through the server at ${api.url()}`,
    begin: async (order, name, _signal, conversation) => {
      const variables = { name, ...(order === "replay" && conversation !== undefined ? { conversationId: conversation } : {}) };
      /** Whether the server may have begun, and its answer was lost. */
      let isUnsure = false;
      const ask = () =>
        api.ask(BEGIN[order], variables).catch((error: unknown) => {
          isUnsure ||= isPassing(error);
          throw error;
        });
      await patiently(ask).catch(async (error: unknown) => {
        if (!isUnsure || order === "cancelReplay" || (await status(name)).state !== DURING[order]) throw error;
      });
    },
    status,
    hasRestarted: () => {
      const before = instance;
      instance = api.instance();
      return instance !== before;
    },
    close: async () => {},
  };
}
