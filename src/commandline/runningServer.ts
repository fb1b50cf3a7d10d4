import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** What a server says of itself. */
const running = z.object({
  pid: z.int().positive(),
  url: z.url(),
  /** The largest request that it takes; older servers did not say. */
  bodyLimitBytes: z.int().positive().optional(),
  /** A text that no other process has: what answers at `url` must say the same. */
  instance: z.string().min(1),
});

/** What it writes: that, and which file on which machine it is. A copy of the file is another one, and addresses nobody. */
const written = running.extend({ file: z.string(), boot: z.string() });

/** Where the server that holds a DATA_DIR listens: the other commands go through its API while it runs. */
export type RunningServer = z.output<typeof running>;

const fileOf = (dataDir: string) => join(dataDir, "server.json");

const numberOf = async (file: string): Promise<string> => {
  const { dev, ino } = await stat(file);
  return `${dev}:${ino}`;
};

/** Of this start of this machine, where the system tells. */
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

/** The server that runs on a DATA_DIR; undefined where none answers, whatever one that was killed, or a copy, left behind. */
export async function findServer(dataDir: string): Promise<RunningServer | undefined> {
  const text = await readFile(fileOf(dataDir), "utf8").catch(() => "");
  const parsed = written.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { file, boot, ...server } = parsed.data;
  const isCopy = file !== (await numberOf(fileOf(dataDir)).catch(() => "")) || boot !== (await bootId());
  return !isCopy && (await answers(server)) ? server : undefined;
}

/** Whether this very process answers: its address may be another server's by now. */
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
