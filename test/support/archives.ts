import { createReadStream, existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { randomOf } from "./random.ts";

/** A line of an archive as its file has it. */
export type ArchivedMessage = {
  conversation: string;
  sender: string;
  text: string;
  sentAt: string | null;
  topic?: string | null;
  id?: string;
};

/** `name` says where the lines come from. */
export type Archive = { name: string; lines: ArchivedMessage[] };

const besideTheRepository = fileURLToPath(new URL("../../../shared/data", import.meta.url));

/**
 * The file of an archive of real conversations: the one that TIDINGS_ARCHIVE names, or one in a folder `shared/data` beside the
 * repository.
 */
export function archiveFile(): string | undefined {
  const given = process.env["TIDINGS_ARCHIVE"];
  return given === undefined || given === "" ? found() : given;
}

/** The same, and every other one that is in a folder `shared/data` beside the repository. */
export function archiveFiles(): string[] {
  const first = archiveFile();
  return [...new Set([...(first === undefined ? [] : [first]), ...beside()])].filter((file) => existsSync(file));
}

/** The first lines of a file, plain or gzip by its name. */
export async function firstLines(file: string, limit: number): Promise<Archive> {
  const lines: ArchivedMessage[] = [];
  const raw = createReadStream(file);
  const input = file.endsWith(".gz") ? raw.pipe(createGunzip()) : raw;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (lines.length >= limit) break;
    if (line.trim() !== "") lines.push(JSON.parse(line) as ArchivedMessage);
  }
  return { name: basename(file), lines };
}

const found = (): string | undefined => beside()[0];

function beside(): string[] {
  if (!existsSync(besideTheRepository)) return [];
  return readdirSync(besideTheRepository)
    .filter((name) => /\.jsonl(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(besideTheRepository, name));
}

const WORDS = [
  "hello",
  "yes",
  "no",
  "老師",
  "月餅",
  "👋",
  "e\u0301",
  "lemma",
  "\n",
  "\t",
  '"',
  "\\",
  "{}",
  "https://example.org/?a=b&c=d",
];

/**
 * The same lines every time: few large rooms and many small ones, senders of one line and of hundreds, some lines without id,
 * topic or time.
 */
export function madeUp(count: number): Archive {
  const { below } = randomOf(42);
  /** Low numbers far more often than high ones. */
  const skewed = (bound: number) => Math.min(below(bound), below(bound), below(bound));
  const lines = Array.from({ length: count }, (_, index) => ({
    conversation: `room ${skewed(24)}`,
    sender: ["Ann Lee", "ann lee", "李"][below(40)] ?? `Sender ${skewed(300)}`,
    text: `${index} ${Array.from({ length: 1 + skewed(60) }, () => WORDS[below(WORDS.length)]).join(" ")}`,
    sentAt: below(10) === 0 ? null : new Date(Date.UTC(2015, 0, 1) + below(300_000_000) * 1_000).toISOString(),
    ...(below(3) === 0 ? { topic: ["", "a topic", "話題"][below(3)] ?? "" } : {}),
    ...(below(5) === 0 ? {} : { id: `line-${index}` }),
  }));
  return { name: "no file (made-up lines)", lines };
}
