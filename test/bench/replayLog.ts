import { createHash, randomUUID } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sqliteEventStore } from "../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { readConfig } from "../../src/config.ts";
import type { LogPage, NewEvent } from "../../src/ports/eventStore.ts";
import { archiveFile, importLines } from "./archive.ts";
import { searchLines } from "./searchLines.ts";
import { eachOf } from "./seed.ts";

/** Raised with every change to what such a log holds. */
const VERSION = 1;
/** Lines of an archive in one copy. */
const LINES = 100_000;
const PAGE = 4_096;

/** Where logs are kept from one run to the next: to make one takes longer than to fold it. */
const kept = (): string => join(process.env["BENCH_DIR"] ?? tmpdir(), "tidings-bench-logs");

/**
 * A log of at least so many events: an archive as it was imported, as often as it takes, each time with other ids. Made once, and
 * kept. Gives its DATA_DIR, and what it was made of.
 */
export async function replayLog(events: number, say: (text: string) => void): Promise<{ dataDir: string; name: string }> {
  const archive = archiveFile();
  const name = archive === undefined ? "made-up lines" : basename(archive);
  const size = archive === undefined ? 0 : statSync(archive).size;
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, name, size, events]))
    .digest("hex")
    .slice(0, 12);
  const dataDir = join(kept(), key);
  if (existsSync(dataDir)) return { dataDir, name };
  say(`making a log of ${events.toLocaleString("en")} events, to be kept in ${dataDir} …`);
  const making = `${dataDir}.${randomUUID()}`;
  const [first, whole] = [join(making, "first"), join(making, "whole")];
  try {
    await mkdir(first, { recursive: true });
    await importLines(readConfig({ DATA_DIR: first }), archive ?? (await madeUp(making)), Math.min(LINES, events));
    await repeat(first, whole, events);
    await rename(whole, dataDir);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return { dataDir, name };
}

/** Copies all events of a log into a new one, again and again until it holds so many. */
async function repeat(from: string, to: string, events: number): Promise<void> {
  const source = sqliteLogReader(from);
  const target = await sqliteEventStore(to);
  try {
    for (let copy = 0, count = 0; count < events; copy++) {
      for (let at = source.origin, isTail = false; !isTail && count < events;) {
        const page = source.readAll(at, Math.min(PAGE, events - count)) as LogPage;
        await eachOf(page.events, ({ stream, id, type, data, metadata }) => {
          const event: NewEvent = { id: copy === 0 ? id : randomUUID(), type, data, metadata };
          return target.append(renamed(stream, copy), [JSON.parse(renamed(JSON.stringify(event), copy)) as NewEvent], "any");
        });
        count += page.events.length;
        ({ next: at, isTail } = page);
      }
    }
  } finally {
    await source.close();
    await target.close();
  }
}

/** The ids of what was imported are hashes behind `i-`. Handles are others, too. */
const renamed = (text: string, copy: number): string =>
  copy === 0
    ? text
    : text
        .replace(/\bi-([a-z2-7]{26})\b/g, `i-${copy}$1`)
        .replace(/"handle":"/g, `"handle":"${copy}.`)
        .replace(/^handle-/, `handle-${copy}`);

async function madeUp(folder: string): Promise<string> {
  const file = join(folder, "lines.jsonl");
  const { lines } = await searchLines();
  const texts = lines.map(({ room: conversation, sender, topic, text, sentAt }, index) =>
    JSON.stringify({ id: index, conversation, topic, sender, sentAt: new Date(sentAt).toISOString(), text }),
  );
  await writeFile(file, texts.join("\n"));
  return file;
}
