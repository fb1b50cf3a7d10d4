import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline, Readable } from "node:stream";
import { parse } from "csv-parse";
import { type Archive, type ArchiveLine, openArchive } from "../archive.ts";
import { isTooDeep, type Line, linesIn, linesOf, MAX_LINE_BYTES } from "../archiveLines.ts";
import type { Files } from "./files.ts";
import { jsonItems } from "./json.ts";
import { elementLines, isElement } from "./matrix.ts";
import { isMattermost, type JsonLine, mattermostLines } from "./mattermost.ts";
import { isSlack, slackLines } from "./slack.ts";
import { isRocketChat, rocketChatLines, type Tables } from "./rocketChat.ts";
import { isTar, tarFiles } from "./tar.ts";
import { openZip, type Zip, type ZipEntry } from "./zip.ts";
import { zulipLines } from "./zulip.ts";

/**
 * Opens an archive of any kind that is known, which is seen from its content: of Tidings, of Slack or Rocket.Chat (a zip), of
 * Mattermost (JSON Lines, or a zip with them), of Zulip (a tar), or of Element (JSON, or a zip with it). Rejects with an `Error`
 * that says what is wrong.
 */
export async function openAnyArchive(file: string): Promise<Archive> {
  const start = await beginning(file);
  if (start?.subarray(0, 2).toString("latin1") === "PK") return openZipped(file);
  if (start === undefined) return openArchive(file);
  const { size } = await stat(file);
  let read = 0;
  if (await isTar(file))
    return {
      kind: "an export of Zulip",
      bytes: size,
      bytesRead: () => Math.min(read, size),
      lines: () => zulipLines((wanted) => jsonFiles(file, wanted, (more) => (read += more))),
    };
  if (await isElementFile(file))
    return {
      kind: "Element's export of a Matrix room",
      bytes: size,
      bytesRead: () => read,
      lines: () => elementLines(jsonItems(chunksOf(file, (more) => (read += more)))),
    };
  if (!(await isMattermostFile(file))) return openArchive(file);
  return {
    kind: "a bulk export of Mattermost",
    bytes: size,
    bytesRead: () => read,
    lines: () =>
      mattermostLines(
        jsonLines(
          basename(file),
          linesOf(file, (more) => (read += more)),
        ),
      ),
  };
}

/** The files of a tar that are wanted, without the folder in which all of them lie. */
async function* jsonFiles(file: string, wanted: (name: string) => boolean, read: (bytes: number) => void) {
  for await (const { name, chunks } of tarFiles(file, read)) {
    const own = name.replace(/^(\.\/)?([^/]+\/)?/, "");
    if (wanted(own)) yield { name: own, items: jsonItems(chunks) };
  }
}

async function openZipped(file: string): Promise<Archive> {
  const zip = await openZip(file);
  const names = zip.entries.map(({ fileName }) => fileName);
  const { size } = await stat(file);
  let done = 0;
  /** What a reader asks for is read once, from its beginning to its end. */
  const reading = (entry: ZipEntry): AsyncGenerator<Buffer, void> => {
    done += entry.compressedSize;
    return zip.read(entry);
  };
  const archive = (kind: string, lines: () => AsyncIterable<ArchiveLine>): Archive => ({
    kind,
    bytes: size,
    bytesRead: () => Math.min(done, size),
    lines: async function* () {
      try {
        yield* lines();
      } finally {
        zip.close();
      }
    },
  });
  const lists = zip.entries.filter(({ fileName }) => fileName.endsWith(".jsonl"));
  const [bulk] = lists;
  if (bulk && lists.length === 1)
    return archive("a bulk export of Mattermost", () => mattermostLines(jsonLines(bulk.fileName, linesIn(reading(bulk)))));
  const top = topOf(names);
  const files: Files = {
    names: names.filter((name) => !isOfMac(name)).map((name) => name.slice(top.length)),
    items: (name) => jsonItems(reading(entryOf(zip, `${top}${name}`))),
  };
  const room = names.find((name) => /(^|\/)export\.json$/.test(name));
  if (room !== undefined && !isSlack(files))
    return archive("Element's export of a Matrix room", () => elementLines(jsonItems(reading(entryOf(zip, room)))));
  if (isSlack(files)) return archive("an export of Slack", () => slackLines(files));
  const folder = folderOf(names);
  const tables: Tables = {
    names: names.map((name) => name.slice(folder.length)),
    rows: (name) => rowsIn(reading(entryOf(zip, `${folder}${name}`))),
  };
  if (isRocketChat(tables)) return archive("a CSV zip of Rocket.Chat", () => rocketChatLines(tables));
  zip.close();
  throw new Error(
    `${file} is a zip of no kind that is known: an export of Slack has users.json and channels.json, one of Mattermost a .jsonl, one of Rocket.Chat users.csv, one of Element export.json`,
  );
}

/** What a Mac adds to a zip beside everything else. */
const isOfMac = (name: string): boolean => name.startsWith("__MACOSX/");

/** The folder in which everything of a CSV zip lies. */
function folderOf(names: readonly string[]): string {
  const list = names.find((name) => /^[^/]+\/users\.csv$/.test(name));
  const top = list?.slice(0, -"users.csv".length) ?? "";
  return names.every((name) => name.startsWith(top)) ? top : "";
}

/** The rows of CSV that comes in chunks. */
const rowsIn = (chunks: AsyncIterable<Buffer>): AsyncIterable<string[]> =>
  // The loop over the rows is told of a fault.
  pipeline(
    Readable.from(chunks),
    parse({ bom: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, max_record_size: MAX_LINE_BYTES }),
    () => {},
  ) as AsyncIterable<string[]>;

/** Some zips hold everything in one folder. */
function topOf(names: readonly string[]): string {
  const list = names.find((name) => /(^|\/)users\.json$/.test(name) && !isOfMac(name));
  const top = list?.slice(0, -"users.json".length) ?? "";
  return names.every((name) => name.startsWith(top) || isOfMac(name)) ? top : "";
}

function entryOf(zip: Zip, name: string): ZipEntry {
  const entry = zip.entry(name);
  if (!entry) throw new Error(`the archive has no ${name}`);
  return entry;
}

/** Lines of JSON. What is none stands for a line of no kind: the reader says so. */
async function* jsonLines(name: string, lines: AsyncIterable<Line>): AsyncGenerator<JsonLine, void> {
  for await (const { number, bytes } of lines) {
    const text = bytes?.toString("utf8").trim();
    if (text === "") continue;
    yield { place: `${name}, line ${number}`, json: jsonIn(text) };
  }
}

function jsonIn(text: string | undefined): unknown {
  if (text === undefined) return { type: "too long a line" };
  if (isTooDeep(text)) return { type: "too deep JSON" };
  try {
    return JSON.parse(text);
  } catch {
    return { type: "no JSON" };
  }
}

async function* chunksOf(file: string, read: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  for await (const chunk of createReadStream(file)) {
    read((chunk as Buffer).length);
    yield chunk as Buffer;
  }
}

async function isElementFile(file: string): Promise<boolean> {
  try {
    for await (const first of jsonItems(chunksOf(file, () => {}))) return isElement(first);
  } catch {
    // Whoever opens it as lines says what is wrong with it.
  }
  return false;
}

async function isMattermostFile(file: string): Promise<boolean> {
  try {
    for await (const { bytes } of linesOf(file, () => {})) return isMattermost(jsonIn(bytes?.toString("utf8").trim()));
  } catch {
    // Whoever opens it as lines says what is wrong with it.
  }
  return false;
}

/** The first bytes of a file; undefined where it cannot be read. */
async function beginning(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
