import { expect, onTestFinished, test, vi } from "vitest";
import { placeOfLog } from "../../../src/server/log.ts";
import { rowsWritten } from "../../../src/server/rowsWritten.ts";
import { openLogAndViews } from "../../../src/server/opening.ts";
import { startProjector } from "../../../src/server/projector.ts";
import { startIndexer } from "../../../src/server/indexer.ts";
import { placeOfSearch } from "../../../src/server/searchIndex.ts";
import { openSignals } from "../../../src/server/signals.ts";
import { readConfig } from "../../../src/config.ts";
import { epochCounter } from "../../../src/projecting/tail.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/** The log and the views, embedded in a directory of their own. */
async function opened() {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const config = readConfig({ DATA_DIR: path });
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), fatal: vi.fn() };
  const { log, views } = await openLogAndViews(config, logger, () => undefined, undefined);
  onTestFinished(() => views.close());
  onTestFinished(() => log.close());
  return { config, logger, log, views, append: () => log.append("user-ann", [registered], "any") };
}

const registered = {
  id: "00000000-0000-4000-8000-000000000001",
  type: "NothingChanged",
  data: {},
  metadata: { $correlationId: "1", $causationId: "1", actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema: 1 },
};
const fault = new Error("it cannot be taken in");
const fails = (): never => {
  throw fault;
};

test("a commit of the projections that cannot be taken in ends the server in order", async () => {
  const { config, logger, log, views, append } = await opened();
  const epochs = epochCounter();
  const fatal = vi.fn();
  const retention = { ttlMs: 0, max: 0, sweepMs: 60_000 };
  const data = {
    log: placeOfLog(config, log),
    interest: (await openSignals({ epochs, config, logger })).interest,
    epochs,
    rows: rowsWritten().shared,
    views: views.place(),
    retention,
    kept: { replacedMs: 60_000, olderMs: 60_000 },
  };
  const nothing = () => undefined;
  const projector = startProjector(data, {
    origin: log.origin,
    committed: fails,
    moved: nothing,
    stateChanged: nothing,
    reading: nothing,
    blocked: nothing,
    healed: nothing,
    opened: nothing,
    info: nothing,
    warn: nothing,
    fatal,
  });
  onTestFinished(() => projector.close());
  await append();
  await until("it is told", () => fatal.mock.calls.length > 0);
  expect(fatal.mock.calls[0]).toMatchObject([
    { message: expect.stringContaining("could not be taken in") as string, cause: fault },
  ]);
});

test("what the search index's thread says and cannot be taken in, or done, is told: it goes on", async () => {
  const { config, log, views, append } = await opened();
  const warn = vi.fn();
  const resume = vi.fn();
  const places = () => ({ log: placeOfLog(config, log), views: views.place() });
  const searcher = startIndexer({ search: placeOfSearch(config, log), rows: rowsWritten().shared }, places, {
    origin: log.origin,
    committed: fails,
    stateChanged: () => undefined,
    readers: { letGo: () => Promise.reject(fault), resume },
    info: () => undefined,
    warn,
  });
  onTestFinished(() => searcher.close());
  await append();
  const said = () => warn.mock.calls.map(([message]) => message as string);
  await until("it follows", () => searcher.state().state === "LIVE");
  await until("it is told", () => said().includes("what the search index's thread said could not be taken in"));
  searcher.damaged();
  await until("it is set aside", () => resume.mock.calls.length > 0);
  expect(said()).toContain("what reads the damaged search index could not be closed");
  await until("it is built anew", () => searcher.state().state === "LIVE");
});
