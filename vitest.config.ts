import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files whose tests have a limit of time of their own take long: they begin first, so that no worker is left with one at the end. */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => /\btimeout: /.test(readFileSync(moduleId, "utf8"));
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
    include: ["test/**/*.test.ts"],
    // Worker threads run what the build makes of src.
    globalSetup: "test/support/build.ts",
    // A native part that breaks ends a process of its own, not the whole run.
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongOnesFirst },
    // Tests that kill the server of others' tests run alone.
    fileParallelism: ["EVENTSTORE_RESTART", "ELASTICSEARCH_RESTART"].every((name) => (process.env[name] ?? "") === ""),
    // Long enough for a busy machine: no test waits for a time to pass.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
