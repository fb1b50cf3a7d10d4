import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Specs in these folders change nothing of their process that others of them would notice, and may share it. */
const SHARING = [
  "test/client",
  "test/contracts",
  "test/specs/adapters",
  "test/specs/api",
  "test/specs/commands",
  "test/specs/delivery",
  "test/specs/domain",
  "test/specs/presence",
  "test/specs/processes",
  "test/specs/projecting",
  "test/specs/projections",
  "test/specs/resolvers",
  "test/specs/sealing",
  "test/specs/server",
  "test/specs/transport",
];
/** Except those that take long, measure memory, replace modules, or look at or change what belongs to the process. */
const OWN = new RegExp(
  [
    /\btimeout: |support\/memory\.ts"|\bsetFlagsFromString\b|"node:worker_threads"/,
    /\bvi\.(mock|hoisted|stubGlobal|setConfig|useFakeTimers)\b|\bprocess\.(on|once|env|umask)\b/,
  ]
    .map(({ source }) => source)
    .join("|"),
);

/** Long ones whose single tests are short. */
const LONG =
  /\b(whoMay|badStart|import|operate|handover|oneConversation|verifyViews|token|logWentBack|backups|damaged|package)\.test\.ts$/;

const textOf = (file: string): string => readFileSync(file, "utf8");
const sharing = SHARING.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((name) => name.endsWith(".test.ts") && !LONG.test(name) && !OWN.test(textOf(join(root, name)))),
);

/** What also runs with all servers' views on PostgreSQL and all news through Redis, where there are both: some of each kind. */
const BEYOND = [
  "test/specs/api/{channels,friends,groups,inbox,messages,moderation,presence,receipts,retention,sync,typing,unread,visibility}.test.ts",
];
const given = (name: string): string => process.env[name] ?? "";
const isBeyond =
  given("DATABASE_URL") !== "" && given("REDIS_URL") !== "" && given("DATABASE_FOR_ALL") + given("REDIS_FOR_ALL") === "";

/** Long files, and those whose tests have a limit of time of their own, begin first: no worker is left with one at the end. */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId) || /\btimeout: /.test(textOf(moduleId));
    const sorted = (await super.sort(files)).map((file) => ({ file, isLong: isLong(file) }));
    return sorted.sort((one, other) => Number(other.isLong) - Number(one.isLong)).map(({ file }) => file);
  }
}

export default defineConfig({
  // The file that node itself loads: else the sources would have another copy of graphql than mercurius and graphql-jit.
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) },
      // The examples import it as anyone does.
      { find: /^tidings-client$/, replacement: fileURLToPath(new URL("src/client/index.ts", import.meta.url)) },
      { find: /^tidings-client\/operations$/, replacement: fileURLToPath(new URL("src/client/operations.ts", import.meta.url)) },
    ],
  },
  test: {
    // Worker threads run what the build makes of src.
    globalSetup: ["test/support/build.ts", "test/support/schemas.ts"],
    // A native part that breaks ends a process of its own, not the whole run.
    pool: "forks",
    // Most of what specs make lives for a moment. Collected less often, it cost the longest of them a tenth less.
    execArgv: ["--max-semi-space-size=64"],
    // One more than the two cores that it is to run on: specs wait for disks, for processes that start, and for times.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    // Tests that kill the server of others' tests run alone.
    fileParallelism: ["EVENTSTORE_RESTART", "ELASTICSEARCH_RESTART"].every((name) => (process.env[name] ?? "") === ""),
    // Long enough for a busy machine: no test waits for a time to pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "own", include: ["test/**/*.test.ts"], exclude: sharing } },
      // A process loads the sources once for all of them.
      { extends: true, test: { name: "sharing", include: sharing, isolate: false } },
      ...(isBeyond
        ? [
            {
              extends: true as const,
              test: {
                name: "beyond one machine",
                include: BEYOND,
                env: { DATABASE_FOR_ALL: "1", REDIS_FOR_ALL: "1" },
              },
            },
          ]
        : []),
    ],
  },
});
