import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { examine } from "../../../src/server/examine.ts";
import { VIEWS } from "../../../src/server/views.ts";
import { apiServer } from "../../support/apiServer.ts";
import { registered } from "../../support/client.ts";
import { logSettings } from "../../support/logSettings.ts";
import { tempDir } from "../../support/tempDir.ts";

/* What is told of a DATA_DIR of which a part can be opened, and fails while it is read. */

test("views that fail while they are read are told as damaged, and all else is told", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const settings = { DATA_DIR: path, DATABASE_URL: "" };
  // The second start writes what the first one left in the log of the store into tables.
  for (const handle of ["ann", "bob"]) {
    const server = await apiServer(settings);
    await registered(server, handle);
    await server.stop();
  }
  const config = readConfig(logSettings(settings));
  expect((await examine(config, 0)).components.map(({ role, reachable }) => [role, reachable])).toEqual([
    ["log", true],
    ["views", true],
    ["search", true],
  ]);

  const views = join(path, VIEWS);
  const tables = (await readdir(views)).filter((name) => name.endsWith(".ldb"));
  expect(tables).not.toEqual([]);
  for (const table of tables) await truncate(join(views, table), 10);

  const { components, projections, generations } = await examine(config, 0);
  const told = components.find(({ role }) => role === "views");
  expect(told?.reachable).toBe(false);
  expect(told?.detail).toMatch(/^the view store failed: /);
  expect(components.filter(({ reachable }) => reachable).map(({ role }) => role)).toEqual(["log", "search"]);
  expect(projections.every(({ lag, name }) => name === "search" || lag === "unknown")).toBe(true);
  expect(generations.every(({ projection }) => projection === "search")).toBe(true);
});
