import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Fault } from "./chokes.ts";
import type { Settings } from "./server.ts";
import { tempDir } from "./tempDir.ts";

const CHOKES = fileURLToPath(new URL("../../dist/modules/test/support/chokes.js", import.meta.url));

/** Servers whose projections have a fault, as a version with a mistake has. */
export type ChokingServers = {
  /** Of such a server. */
  settings: Settings;
  /** Of a server without the fault: a mended version. */
  mended: Settings;
  /** From now on they choke on such events. */
  chokeOn(faults: readonly Fault[]): Promise<void>;
  /** What they choked on can be handled from now on, without another version. */
  relent(): Promise<void>;
};

/** Until the test is over, or as long as `folder` is there. */
export async function chokingServers(folder?: string): Promise<ChokingServers> {
  const { path, remove } = folder === undefined ? await tempDir() : { path: folder, remove: undefined };
  if (remove) onTestFinished(remove);
  const file = join(path, "faults.json");
  return {
    settings: { NODE_OPTIONS: `--import=${CHOKES}`, CHOKES_ON: file },
    mended: { NODE_OPTIONS: undefined, CHOKES_ON: undefined },
    chokeOn: async (faults) => {
      // Whoever reads it never finds half of it.
      await writeFile(`${file}.half`, JSON.stringify(faults));
      await rename(`${file}.half`, file);
    },
    relent: () => rm(file),
  };
}
