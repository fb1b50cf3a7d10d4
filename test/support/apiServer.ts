import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { buildServer } from "../../src/server/api.ts";
import { compose, type Tidings } from "../../src/server/compose.ts";
import { secretOf } from "../../src/server/secret.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { sign } from "../../src/transport/auth.ts";
import { logSettings } from "./logSettings.ts";
import { tempDir } from "./tempDir.ts";

/** A whole server in this process, reached over the network like any other. */
export type ApiServer = AsyncDisposable & {
  /** What /live says that it is. */
  readonly instance: string;
  /** `http://host:port`. */
  address: string;
  config: Config;
  /** What is behind it; tests of the contract leave it alone. */
  tidings: Tidings;
  /** Warnings and errors that it logged: none is expected unless a test makes it so. */
  logged: string[];
  token(user: string, more?: { admin?: boolean; device?: string; expiresInSeconds?: number }): Promise<string>;
  /** See `Reachable`. Not there where its views may be behind. */
  readonly newest?: { cursor: string };
  /** Stops it; its directory stays. */
  stop(): Promise<void>;
  /** Stops it where it still runs, and removes its directory. Throws what it logged of bugs. */
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Starts one with these settings, in a new directory unless `DATA_DIR` names one. It answers once the views have caught up, or,
 * with `behind`, at once.
 */
export async function apiServer(
  environment: Record<string, string> = {},
  { behind = false }: { behind?: boolean } = {},
): Promise<ApiServer> {
  const dataDir = environment["DATA_DIR"] ?? (await tempDir()).path;
  const config = readConfig({
    PORT: "0",
    LOG_LEVEL: "warn",
    RATE_LIMIT: "0",
    ...logSettings({ ...environment, DATA_DIR: dataDir }),
  });
  const logged: string[] = [];
  const logger = pino({ level: config.logLevel, base: null }, { write: (line: string) => void logged.push(line) });
  const fatal: Error[] = [];
  const tidings = await compose(config, logger, (error) => void fatal.push(error));
  if (!behind) await tidings.opened;
  const instance = randomUUID();
  const { app } = await buildServer(tidings, config, logger, instance);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const secret = (await secretOf(config)) ?? "";
  let stopped: Promise<void> | undefined;
  const stop = () =>
    (stopped ??= (async () => {
      await app.close();
      await tidings.close();
    })());
  return {
    address: `http://127.0.0.1:${port}`,
    instance,
    config,
    tidings,
    logged,
    ...(behind ? {} : { newest: { cursor: "" } }),
    token: (sub, more = {}) => sign(secret, { sub, expiresInSeconds: 3_600, ...more }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
      const bugs = logged.filter((line) => (JSON.parse(line) as { level: number }).level >= 50);
      if (fatal.length > 0 || bugs.length > 0)
        throw new Error([...fatal.map(String), `the server logged:\n${bugs.join("")}`].join("\n"), { cause: fatal[0] });
    },
  };
}
