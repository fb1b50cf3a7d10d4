import { expect, test } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { agreedSlices, recordedSlices } from "../../../src/server/log.ts";
import type { Logger } from "../../../src/server/logger.ts";
import { memoryLog } from "../../support/memoryLog.ts";

test("all servers of a log agree on the number of slices, and a server that says another one says so aloud", async () => {
  const log = memoryLog();
  const warnings: string[] = [];
  const logger = { warn: (_detail: unknown, message: string) => void warnings.push(message) } as unknown as Logger;
  const started = (slices?: string): Promise<number> => {
    const config = readConfig({
      DATABASE_URL: "postgres://localhost/tidings",
      ...(slices === undefined ? {} : { PROJECTION_SLICES: slices }),
    });
    return agreedSlices(log, config, logger, () => new Date());
  };
  expect(await started()).toBe(1);
  expect(await recordedSlices(log)).toBeUndefined();
  expect(await started("4")).toBe(4);
  expect(await started("4")).toBe(4);
  expect(await started()).toBe(4);
  expect(warnings).toEqual([]);
  expect(await started("2")).toBe(2);
  expect(warnings).toEqual([expect.stringMatching(/PROJECTION_SLICES is 2 here, and the log says 4: .*all servers of this log/)]);
  expect(await started()).toBe(2);
  expect(await recordedSlices(log)).toBe(2);
  expect((await log.read("settings", 0, "forwards", 10)).map(({ type }) => type)).toEqual([
    "ProjectionSlicesSet",
    "ProjectionSlicesSet",
  ]);
});
