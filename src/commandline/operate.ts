import { setTimeout as delay } from "node:timers/promises";
import { search } from "../../projections/search/search.ts";
import type { Logger } from "../server/logger.ts";
import type { Config } from "../config.ts";
import type { Terminal } from "./import.ts";
import { patiently } from "./patiently.ts";
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

/** Whoever maintains the index: the server that runs on DATA_DIR, or this process. */
type Keeper = { name: string; begin(order: Order): Promise<void>; status(): Promise<Status>; close(): Promise<void> };

/**
 * Replays or verifies a projection: through the server that runs on DATA_DIR, or directly if none runs. This version supports
 * only `search`. Resolves with the exit code: 0 when it is done, 1 if a verification found differences. Rejects with an
 * `Error` that says what to do if it cannot be done.
 */
export async function operate(
  config: Config,
  order: Order,
  name: string,
  logger: Logger,
  terminal: Terminal,
  token?: string,
): Promise<number> {
  if (name !== search.name && !(order === "verify" && name === "all"))
    throw new Error(
      `this version can ${order} only ${search.name}: to rebuild the views, stop the server and delete DATA_DIR/views`,
    );
  const keeper = (await throughServer(config, token)) ?? (await directly(config, logger));
  try {
    await keeper.begin(order);
    terminal.out(`${order === "replay" ? "replaying" : "verifying"} ${search.name} ${keeper.name}`);
    const { differences } = await finished(keeper, order, terminal);
    if (order === "replay") terminal.out(`${search.name} is replayed`);
    else terminal.out(`${search.name}: ${differences} differences`);
    return order === "verify" && differences !== 0 ? 1 : 0;
  } finally {
    await keeper.close();
  }
}

/** The status after the started operation has ended. */
async function finished(keeper: Keeper, order: Order, terminal: Terminal): Promise<Status> {
  const progress = showPercent(terminal, search.name);
  const during = order === "replay" ? "REPLAYING" : "VERIFYING";
  let shownError: string | undefined;
  try {
    for (let wait = FIRST_MS; ; wait = Math.min(2 * wait, ASK_MS)) {
      const status = await keeper.status();
      const { state, lastError } = status;
      if (state === "RETRYING" && lastError !== null && lastError !== shownError) {
        shownError = lastError;
        terminal.error(`waiting: ${lastError}`);
      }
      if (state !== "RETRYING" && state !== "REBUILDING" && state !== during && (order === "replay" || state !== "REPLAYING")) {
        if (order === "verify" && status.differences === null)
          throw new Error(`the comparison failed: ${lastError ?? "see the server's log"}`);
        return status;
      }
      if (status.progress !== null) progress.at(status.progress);
      await delay(wait);
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
  const { operations } = tidings;
  const status = async (): Promise<Status> => {
    const found = (await operations.projections()).find(({ name }) => name === search.name);
    if (!found) throw new Error(`there is no status of ${search.name}`);
    const { state, progress = null, differences = null, lastError = null } = found;
    return { state, progress, differences, lastError };
  };
  return {
    name: `in ${config.dataDir}`,
    begin: async (order) => {
      // First the events that are in the log but not projected yet.
      const end = await tidings.log.end();
      for (let wait = FIRST_MS; ; wait = Math.min(2 * wait, ASK_MS)) {
        if ((await tidings.watermark.reached(end, ASK_MS)) && (await status()).state === "LIVE") break;
        await delay(wait);
      }
      await operations.search[order]();
    },
    status,
    close: () => tidings.close(),
  };
}

const BEGIN: Record<Order, string> = {
  replay: /* GraphQL */ `
    mutation ($name: String!) {
      replayProjection(name: $name) {
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
  return {
    name: `through the server at ${api.url()}`,
    begin: async (order) => void (await patiently(() => api.ask(BEGIN[order], { name: search.name }))),
    status: async () => {
      const { admin } = await patiently(() => api.ask<{ admin: { projections: (Status & { name: string })[] } }>(STATUS));
      const found = admin.projections.find(({ name }) => name === search.name);
      if (!found) throw new Error(`the server does not know ${search.name}`);
      return found;
    },
    close: async () => {},
  };
}
