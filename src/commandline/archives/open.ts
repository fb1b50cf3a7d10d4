import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline, Readable } from "node:stream";
import { parse } from "csv-parse";
import { type Archive, type ArchiveLine, archiveLines, openArchive } from "../archive.ts";
import { isTooDeep, type Line, linesIn, linesOf, MAX_LINE_BYTES, plain } from "../archiveLines.ts";
import { type Container, folderContainer, keptIn, tarContainer, zipContainer } from "./container.ts";
import type { Files } from "./files.ts";
import { jsonItems } from "./json.ts";
import { elementLines, isElement } from "./matrix.ts";
import { isMattermost, type JsonLine, mattermostLines } from "./mattermost.ts";
import { isSlack, slackLines } from "./slack.ts";
import { isRocketChat, rocketChatLines, type Tables } from "./rocketChat.ts";
import { isSynapse, synapseLines } from "./synapse.ts";
import { isTar, tarFiles } from "./tar.ts";
import { zulipLines } from "./zulip.ts";

/**
 * Opens an archive of any kind that is known, which is seen from its content: of Tidings, of Slack or Rocket.Chat (a zip), of
 * Mattermost (JSON Lines, or a zip with them), of Zulip (a tar), or of Element (JSON, or a zip with it). What is in a zip or a
 * tar may also lie in a folder. Rejects with an `Error` that says what is wrong.
 */
export async function openAnyArchive(file: string): Promise<Archive> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) return openFolder(file);
  const start = await beginning(file);
  if (start?.subarray(0, 2).toString("latin1") === "PK") return openZipped(file);
  if (start === undefined) return openArchive(file);
  const { size } = await stat(file);
  let read = 0;
  if (await isTar(file)) return openTar(file, size);
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

/** The files of JSON of a tar that are wanted, without the folder in which all of them lie. */
async function* jsonFiles(file: string, wanted: (name: string) => boolean, read: (bytes: number) => void) {
  for await (const { name, chunks } of tarFiles(file, read)) {
    const own = withoutTop(name);
    if (wanted(own)) yield { name: own, items: jsonItems(chunks) };
  }
}
const withoutTop = (name: string): string => name.replace(/^(\.\/)?([^/]+\/)?/, "");

/**
 * Of a tar of Zulip, whose messages are most of it, all but the files of messages is read as it comes. All else is read where it
 * is needed, and so it is unpacked.
 */
async function openTar(file: string, size: number): Promise<Archive> {
  let read = 0;
  const counted = (more: number) => (read += more);
  if (await isOfZulip(file))
    return {
      kind: "an export of Zulip",
      bytes: size,
      bytesRead: () => Math.min(read, size),
      lines: () =>
        zulipLines(
          (wanted) => jsonFiles(file, wanted, counted),
          () => tarContainer(file, (name) => withoutTop(name).startsWith("uploads/"), counted),
        ),
    };
  const container = await tarContainer(file, () => true, counted);
  return known(container, file, "a tar", await inContainer(container, size, () => read).catch(closing(container)));
}

async function isOfZulip(file: string): Promise<boolean> {
  try {
    let isEmpty = true;
    for await (const { name } of tarFiles(file, () => {})) {
      if (withoutTop(name) === "realm.json" || name === "realm.json") return true;
      isEmpty = false;
    }
    return isEmpty;
  } catch {
    // It is said where it is read.
    return true;
  }
}

/** Closes what was opened for nothing. */
const closing = (container: Container) => async (error: unknown) => {
  await container.close();
  throw error;
};

async function known(container: Container, file: string, form: string, archive: Archive | undefined): Promise<Archive> {
  if (archive) return archive;
  await container.close();
  throw new Error(`${file} is ${form} of no kind that is known: ${KNOWN}`);
}

async function openFolder(folder: string): Promise<Archive> {
  let read = 0;
  const container = await folderContainer(folder, (more) => (read += more));
  const size = container.names.reduce((sum, name) => sum + (container.sizeOf(name) ?? 0), 0);
  return known(container, folder, "a folder", await inContainer(container, size, () => read));
}

async function openZipped(file: string): Promise<Archive> {
  let read = 0;
  const container = await zipContainer(file, (more) => (read += more));
  const { size } = await stat(file);
  return known(container, file, "a zip", await inContainer(container, size, () => read).catch(closing(container)));
}

const KNOWN =
  "an export of Slack has users.json and channels.json, one of Mattermost a .jsonl, one of Rocket.Chat users.csv, one of Element export.json, one of Zulip realm.json, one of Synapse rooms/…/events";

/** What lies in a zip or a folder. Undefined: nothing that is known. */
async function inContainer(container: Container, bytes: number, read: () => number): Promise<Archive | undefined> {
  const names = container.names.filter((name) => !isOfMac(name));
  const archive = (kind: string, lines: () => AsyncIterable<ArchiveLine>): Archive => ({
    kind,
    bytes,
    bytesRead: () => Math.min(read(), bytes),
    lines: async function* () {
      try {
        yield* lines();
      } finally {
        await container.close();
      }
    },
  });
  const itemsIn = (name: string) => jsonItems(container.read(name));
  /** What stands before a name in the name of a file: the folder in which everything lies. */
  const topBefore = (name: string, own: string) => name.slice(0, name.length - own.length);

  const own = names.find((name) => /^([^/]+\/)?archive\.jsonl(\.gz)?$/.test(name));
  if (own !== undefined) {
    const top = topBefore(own, basename(own));
    return archive("an archive of Tidings", () =>
      archiveLines(own, own, linesIn(plain(container.read(own))), keptIn(container, top)),
    );
  }
  const realm = names.find((name) => /^([^/]+\/)?realm\.json$/.test(name));
  if (realm !== undefined) {
    const top = topBefore(realm, "realm.json");
    return archive("an export of Zulip", () =>
      zulipLines(
        async function* (wanted) {
          for (const name of names.filter((each) => each.startsWith(top) && wanted(each.slice(top.length))))
            yield { name: name.slice(top.length), items: itemsIn(name) };
        },
        async () => ({ ...container, close: async () => undefined }),
      ),
    );
  }
  if (isSynapse(names)) return archive("Synapse's export of a user's data", () => synapseLines({ ...container, names }));
  const [bulk, ...more] = names.filter((name) => name.endsWith(".jsonl"));
  if (bulk !== undefined && more.length === 0) {
    const top = topBefore(bulk, basename(bulk));
    return archive("a bulk export of Mattermost", () =>
      mattermostLines(jsonLines(bulk, linesIn(container.read(bulk))), keptIn(container, top)),
    );
  }
  const top = topOf(names);
  const files: Files = {
    names: names.map((name) => name.slice(top.length)),
    items: (name) => itemsIn(`${top}${name}`),
    find: keptIn(container, top),
  };
  const room = names.find((name) => /(^|\/)export\.json$/.test(name));
  if (room !== undefined && !isSlack(files)) {
    const beside = topBefore(room, "export.json");
    const find = keptIn(container, beside);
    return archive("Element's export of a Matrix room", () =>
      elementLines(itemsIn(room), {
        names: names.flatMap((name) => (name.startsWith(beside) ? [name.slice(beside.length)] : [])),
        find,
      }),
    );
  }
  if (isSlack(files)) return archive("an export of Slack", () => slackLines(files));
  const folder = folderOf(names);
  const tables: Tables = {
    names: names.map((name) => name.slice(folder.length)),
    rows: (name) => rowsIn(container.read(`${folder}${name}`)),
  };
  return isRocketChat(tables) ? archive("a CSV zip of Rocket.Chat", () => rocketChatLines(tables)) : undefined;
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
  const list = names.find((name) => /(^|\/)users\.json$/.test(name));
  const top = list?.slice(0, -"users.json".length) ?? "";
  return names.every((name) => name.startsWith(top)) ? top : "";
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
