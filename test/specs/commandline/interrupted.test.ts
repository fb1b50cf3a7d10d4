import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { operate, type Order } from "../../../src/commandline/operate.ts";
import { readConfig } from "../../../src/config.ts";
import { logSettings } from "../../support/logSettings.ts";
import { tempDir } from "../../support/tempDir.ts";

/* A command that is interrupted while what it needs is still being opened: there is nothing to give up, and nothing wrong. */

test.each<[Order, string]>([
  ["replay", "timelines"],
  ["replay", "search"],
  ["verify", "timelines"],
])("%s %s that is interrupted before it has begun ends with 130", async (order, name) => {
  const { path: dataDir, remove } = await tempDir();
  onTestFinished(remove);
  const told: string[] = [];
  const errors: string[] = [];
  const terminal = { out: (line: string) => void told.push(line), error: (line: string) => void errors.push(line), bar: false };
  const config = readConfig(logSettings({ DATA_DIR: dataDir }));
  const interrupted = () => operate(config, order, name, pino({ level: "silent" }), terminal, undefined, AbortSignal.abort());
  expect(await interrupted()).toBe(130);
  expect(told).toEqual([]);
  expect(errors).toEqual([order === "replay" ? `the replay of ${name} is given up` : "interrupted"]);
});
