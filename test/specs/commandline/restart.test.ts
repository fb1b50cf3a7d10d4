import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { restarted, type Started } from "../../../src/commandline/restart.ts";
import { FEW_CORES, SEMI_SPACE } from "../../../src/server/heap.ts";
import { startServer } from "../../support/server.ts";

const small: Started = { platform: "linux", cores: 2, execArgv: [], env: { PORT: "1" }, isHeld: false };

test("on few cores the server is started again with its bounds, once", () => {
  const again = restarted(small);
  expect(again).toEqual({ execArgv: [SEMI_SPACE], env: { PORT: "1", MALLOC_ARENA_MAX: "1" } });
  expect(restarted({ ...small, ...again })).toBeUndefined();
});

test.each([
  ["an argument", { execArgv: ["--max-semi-space-size=64"] }],
  ["the environment", { env: { NODE_OPTIONS: "--enable-source-maps --max-semi-space-size=64" } }],
])("a bound of young objects that %s gives stays", (_where, given) => {
  const again = restarted({ ...small, ...given });
  expect(again?.execArgv).toEqual("execArgv" in given ? given.execArgv : []);
});

test.each([
  ["another system", { platform: "darwin" }],
  ["more cores", { cores: FEW_CORES + 1 }],
  ["settings of malloc that the user chose", { env: { MALLOC_TRIM_THRESHOLD_: "131072" } }],
  ["settings of glibc that the user chose", { env: { GLIBC_TUNABLES: "glibc.malloc.arena_max=2" } }],
  ["a parent that speaks to it", { isHeld: true }],
] satisfies [string, Partial<Started>][])("not with %s", (_what, given) => {
  expect(restarted({ ...small, ...given })).toBeUndefined();
});

const isRestarted = process.platform === "linux" && availableParallelism() <= FEW_CORES && "execve" in process;

test(`a server that is started ${isRestarted ? "runs with its bounds" : "runs as it was started"}, under the same id`, async () => {
  const server = await startServer({ settings: { EVENTSTORE_URL: "", MALLOC_ARENA_MAX: undefined } });
  onTestFinished(() => server.remove());
  expect((await server.readiness()).body.ready).toBe(true);
  const environment = readFileSync(`/proc/${server.pid}/environ`, "utf8").split("\0");
  expect(environment.includes("MALLOC_ARENA_MAX=1")).toBe(isRestarted);
  expect(await server.stop()).toBe(0);
});
