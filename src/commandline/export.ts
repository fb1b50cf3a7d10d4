import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { eventId } from "../commands/eventId.ts";
import { IMPORT } from "../commands/imports.ts";
import type { Config } from "../config.ts";
import { ARCHIVE_VERSION, type Scope } from "../domain/archive.ts";
import { isConversationId, isUserId, parseUploadId, streams, uploadIdOf } from "../domain/ids.ts";
import { fractionOf } from "../ports/eventStore.ts";
import { readFiles } from "../server/files.ts";
import { readLog } from "../server/log.ts";
import { fileBeside } from "./archive.ts";
import { factsOf, type FileOf } from "./exporting.ts";
import type { Terminal } from "./import.ts";
import { showPercent } from "./progress.ts";

/** What the archive is called in a folder with its files. */
const ARCHIVE = "archive.jsonl";
/** Characters that are written at a time. */
const CHUNK = 65_536;

/** `withFiles`: the bytes of uploaded files, too: then it is a folder with the archive and the files. */
export type ExportOptions = { withFiles?: boolean | undefined };

/**
 * Writes an archive of what the log holds now, with or without a running server. A file whose name ends with .gz is compressed.
 * It is there once it is whole. Resolves with how many facts it holds. Rejects with an `Error` that says what to do.
 */
export async function exportArchive(
  config: Config,
  file: string,
  scope: Scope,
  terminal: Terminal,
  { withFiles = false }: ExportOptions = {},
): Promise<number> {
  if (await stat(file).catch(() => undefined)) throw new Error(`${file} is there already: give another name, or remove it`);
  const log = await readLog(config);
  const progress = showPercent(terminal, "log");
  const part = `${file.replace(/\/+$/, "")}.part`;
  let facts = 0;
  let isOurs = false;
  const beside = withFiles ? filesInto(part, config, scope) : undefined;
  try {
    const until = await log.end();
    await requireThere(log, scope);
    if (withFiles) await makeFolder(part);
    isOurs = true;
    const lines = async function* (): AsyncGenerator<string, void> {
      let chunk = `${JSON.stringify({ tidings: "archive", version: ARCHIVE_VERSION, scope, cursor: until })}\n`;
      const at = (pass: 1 | 2, position: string) => progress.at((pass - 1 + fractionOf(position, until)) / 2);
      for await (const fact of factsOf(log, until, scope, at, beside?.fileOf)) {
        facts++;
        chunk += `${JSON.stringify(fact)}\n`;
        if (chunk.length < CHUNK) continue;
        yield chunk;
        chunk = "";
      }
      yield `${chunk}${JSON.stringify({ end: { facts } })}\n`;
    };
    const written = createWriteStream(withFiles ? join(part, ARCHIVE) : part, { mode: 0o600 });
    const source = Readable.from(lines());
    await (file.endsWith(".gz") && !withFiles ? pipeline(source, createGzip(), written) : pipeline(source, written));
    await rename(part, file);
  } catch (error) {
    if (isOurs) await rm(part, { force: true, recursive: withFiles });
    throw error;
  } finally {
    progress.end();
    await log.close();
  }
  terminal.out(`${facts} facts written to ${file}`);
  if (beside) {
    const { written, missing } = beside.counts;
    terminal.out(`${written} files`);
    if (missing > 0) terminal.out(`${missing} files were not there (any more): their names stand in the text`);
  }
  return facts;
}

/** What an earlier export left that was killed is of no use. Anything else is not ours. */
async function makeFolder(part: string): Promise<void> {
  const names = await readdir(part).catch(() => undefined);
  if (names !== undefined && !names.every((name) => name === ARCHIVE || name === "files"))
    throw new Error(`${part} is there already, and no export has made it: give another name`);
  await rm(part, { force: true, recursive: true });
  await mkdir(join(part, "files"), { recursive: true, mode: 0o700 });
}

/** Puts the bytes of files into the folder of an archive, each once. */
function filesInto(part: string, config: Config, scope: Scope) {
  const bytesOf = readFiles(config);
  const counts = { written: 0, missing: 0 };
  const fileOf: FileOf = async (fileId, senderId) => {
    const { user, id } = parseUploadId(fileId) ?? { user: "", id: "" };
    // Who had a file first that was forwarded, is told by an archive of everything alone. Another file, with an id of its own.
    const own = "all" in scope || user === senderId ? id : eventId(streams.uploads(senderId), IMPORT, id, 0);
    const told = own === id ? fileId : uploadIdOf(senderId, own);
    const path = join(part, fileBeside(told));
    if (await stat(path).catch(() => undefined)) return told;
    const bytes = await bytesOf(id);
    if (bytes === undefined) {
      counts.missing++;
      return undefined;
    }
    await pipeline(bytes, createWriteStream(path, { mode: 0o600, flags: "wx" }));
    counts.written++;
    return told;
  };
  return { fileOf, counts };
}

/** Whether there is such a user or conversation is seen by their streams. */
async function requireThere(log: Pick<Awaited<ReturnType<typeof readLog>>, "read">, scope: Scope): Promise<void> {
  const hasAny = async (stream: string) => (await log.read(stream, 0, "forwards", 1)).length > 0;
  if ("user" in scope) {
    if (isUserId(scope.user) && (await hasAny(streams.user(scope.user)))) return;
    throw new Error(`there is no user ${scope.user}: give the id of one`);
  }
  if (!("conversation" in scope)) return;
  const { conversation } = scope;
  if (isConversationId(conversation))
    for (const stream of [streams.group(conversation), streams.conversation(conversation)]) if (await hasAny(stream)) return;
  throw new Error(`there is no conversation ${conversation}: give the id of one, g:…, c:… or d:…~…`);
}
