import { pino } from "pino";
import { readConfig } from "../../src/config.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { openViews, removeViews } from "../../src/server/views.ts";
import { logSettings } from "./logSettings.ts";
import type { Settings } from "./server.ts";

const configOf = (settings: Settings) => readConfig({ ...logSettings(settings) });

/** Gives the views that a server with these settings has, wherever they are. It must not run meanwhile. */
export async function withViews<T>(settings: Settings, work: (store: ViewStore) => Promise<T>): Promise<T> {
  const store = await openViews(configOf(settings), pino({ level: "silent" }));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Removes the views of a server that does not run, so that its next start folds them anew. */
export const withoutViews = (settings: Settings): Promise<void> => removeViews(configOf(settings));
