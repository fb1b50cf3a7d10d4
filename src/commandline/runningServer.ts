import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";

/** What a server says about itself. */
const running = z.object({
  pid: z.int().positive(),
  url: z.url(),
  /** The largest request that it accepts. Older servers did not say it. */
  bodyLimitBytes: z.int().positive().optional(),
  /** A text that no other process has. The answer at `url` must contain the same. */
  instance: z.string().min(1),
});

/**
 * What the server writes: the above, and the identity of the file and of the machine's boot. A copy of the file has another
 * identity and is ignored.
 */
const written = running.extend({ file: z.string(), boot: z.string() });

/** The address of the server that holds a DATA_DIR. While it runs, the other commands go through its API. */
export type RunningServer = z.output<typeof running>;

const fileOf = (dataDir: string) => join(dataDir, "server.json");

const numberOf = async (file: string): Promise<string> => {
  const { dev, ino } = await stat(file);
  return `${dev}:${ino}`;
};

/** The id of this boot of the machine, or the host's name if the system has no such id. */
const bootId = (): Promise<string> =>
  readFile("/proc/sys/kernel/random/boot_id", "utf8").then(
    (text) => text.trim(),
    () => hostname(),
  );

export async function announce(dataDir: string, server: RunningServer): Promise<void> {
  const half = `${fileOf(dataDir)}.${server.pid}`;
  await writeFile(half, "", { mode: 0o600 });
  const whole: z.output<typeof written> = { ...server, file: await numberOf(half), boot: await bootId() };
  await writeFile(half, `${JSON.stringify(whole)}\n`);
  await rename(half, fileOf(dataDir));
}

export async function withdraw(dataDir: string): Promise<void> {
  await rm(fileOf(dataDir), { force: true });
}

/** The server that runs on a DATA_DIR. Undefined if none answers, even if a killed server or a copy left a file there. */
export async function findServer(dataDir: string): Promise<RunningServer | undefined> {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => "");
  const parsed = written.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { file, boot, ...server } = parsed.data;
  const isCopy = file !== (await numberOf(fileOf(dataDir)).catch(() => "")) || boot !== (await bootId());
  return !isCopy && (await answers(server)) ? server : undefined;
}

/**
 * The server that commands ask: the one at SERVER_URL, or else the one that runs on DATA_DIR. Undefined if none runs there.
 * Rejects with an `Error` if none answers at SERVER_URL: then no command may take its place.
 */
export async function serverToAsk({
  serverUrl,
  dataDir,
}: Pick<Config, "serverUrl" | "dataDir">): Promise<RunningServer | undefined> {
  if (serverUrl === undefined) return findServer(dataDir);
  try {
    const answer = await fetch(new URL("/live", serverUrl), { signal: AbortSignal.timeout(5_000) });
    const { instance } = (await answer.json()) as { instance?: string };
    if (!answer.ok || instance === undefined) throw new Error(`it is no Tidings that serves clients (${answer.status})`);
    return { pid: process.pid, url: serverUrl, instance };
  } catch (error) {
    throw new Error(`the server at SERVER_URL ${serverUrl} does not answer: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether this very process answers. Another server may have its address by now. */
async function answers({ url, instance }: RunningServer): Promise<boolean> {
  try {
    const answer = await fetch(new URL("/live", url), { signal: AbortSignal.timeout(5_000) });
    return answer.ok && ((await answer.json()) as { instance?: unknown }).instance === instance;
  } catch {
    return false;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
