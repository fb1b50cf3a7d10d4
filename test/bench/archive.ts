import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openArchive } from "../../src/commandline/archive.ts";
import { compose } from "../../src/server/compose.ts";
import type { Logger } from "../../src/server/logger.ts";
import type { Config } from "../../src/config.ts";
import { waitFor } from "./measure.ts";

/** Lines of one call. */
const BATCH = 500;

/** The archive that BENCH_ARCHIVE names; else those in a folder `data` that lies beside the package, the largest first. */
export function archiveFiles(): string[] {
  const named = process.env["BENCH_ARCHIVE"];
  if (named !== undefined) return [named];
  const around = dirname(process.cwd());
  const folders = readdirSync(around)
    .map((name) => join(around, name, "data"))
    .filter((folder) => existsSync(folder) && statSync(folder).isDirectory());
  const archives = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl.gz"))
      .map((name) => join(folder, name)),
  );
  return archives.sort((one, other) => statSync(other).size - statSync(one).size);
}

/** The one of them to be used where one will do, if there is any. */
export const archiveFile = (): string | undefined => archiveFiles()[0];

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

/** Imports at most so many lines of an archive into an empty DATA_DIR. Gives the archive's name. */
export async function importLines(config: Config, file: string, most: number): Promise<string> {
  const tidings = await compose(config, quiet, (error) => {
    throw error;
  });
  await tidings.opened;
  const { lines } = await openArchive(file);
  const caller = { userId: "import", admin: true };
  let batch: Parameters<typeof tidings.commands.importMessages>[1]["messages"] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    const messages = batch;
    batch = [];
    if (messages.length > 0) await tidings.commands.importMessages(caller, { clientMutationId: String(count), messages });
  };
  for await (const line of lines()) {
    if (!("message" in line)) continue;
    batch.push(line.message);
    count += 1;
    if (batch.length === BATCH) await flush();
    if (count === most) break;
  }
  await flush();
  const end = await tidings.log.end();
  await waitFor("the import was folded", () => tidings.watermark.current() >= end, 60_000);
  await tidings.close();
  return basename(file);
}
