import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // The file that node itself loads: else the sources would have another copy of graphql than mercurius and graphql-jit.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve("graphql")) }] },
  test: {
    include: ["test/**/*.test.ts"],
    // Worker threads run what the build makes of src.
    globalSetup: "test/support/build.ts",
    // A native part that breaks ends a process of its own, not the whole run.
    pool: "forks",
    maxWorkers: 2,
    // Tests that kill the server of others' tests run alone.
    fileParallelism: ["EVENTSTORE_RESTART", "ELASTICSEARCH_RESTART"].every((name) => (process.env[name] ?? "") === ""),
    // Long enough for a busy machine: no test waits for a time to pass.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
