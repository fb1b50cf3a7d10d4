import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const schema = z.object({
  pid: z.int().positive(),
  url: z.url(),
  /** The largest request that it takes; older servers did not say. */
  bodyLimitBytes: z.int().positive().optional(),
});

/** Where the server that holds a DATA_DIR listens: the other commands go through its API while it runs. */
export type RunningServer = z.output<typeof schema>;

const fileOf = (dataDir: string) => join(dataDir, "server.json");

export async function announce(dataDir: string, server: RunningServer): Promise<void> {
  await writeFile(fileOf(dataDir), `${JSON.stringify(server)}\n`);
}

export async function withdraw(dataDir: string): Promise<void> {
  await rm(fileOf(dataDir), { force: true });
}

/** The server that runs on a DATA_DIR; undefined where none answers, whatever one that was killed left behind. */
export async function findServer(dataDir: string): Promise<RunningServer | undefined> {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => "");
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const answer = await fetch(new URL("/live", parsed.data.url), { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  return answer?.ok ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
