import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Config } from "../config.ts";
import { ARCHIVE_VERSION, type Scope } from "../domain/archive.ts";
import { isConversationId, isUserId, streams } from "../domain/ids.ts";
import { fractionOf } from "../ports/eventStore.ts";
import { readLog } from "../server/log.ts";
import { factsOf } from "./exporting.ts";
import type { Terminal } from "./import.ts";
import { showPercent } from "./progress.ts";

/** Characters that are written at a time. */
const CHUNK = 65_536;

/**
 * Writes an archive of what the log holds now, with or without a running server. A file whose name ends with .gz is compressed.
 * The file is there once it is whole. Resolves with how many facts it holds. Rejects with an `Error` that says what to do.
 */
export async function exportArchive(config: Config, file: string, scope: Scope, terminal: Terminal): Promise<number> {
  if (await stat(file).catch(() => undefined)) throw new Error(`${file} is there already: give another name, or remove it`);
  const log = await readLog(config);
  const progress = showPercent(terminal, "log");
  const part = `${file}.part`;
  let facts = 0;
  try {
    const until = await log.end();
    await requireThere(log, scope);
    const lines = async function* (): AsyncGenerator<string, void> {
      let chunk = `${JSON.stringify({ tidings: "archive", version: ARCHIVE_VERSION, scope, cursor: until })}\n`;
      const at = (pass: 1 | 2, position: string) => progress.at((pass - 1 + fractionOf(position, until)) / 2);
      for await (const fact of factsOf(log, until, scope, at)) {
        facts++;
        chunk += `${JSON.stringify(fact)}\n`;
        if (chunk.length < CHUNK) continue;
        yield chunk;
        chunk = "";
      }
      yield `${chunk}${JSON.stringify({ end: { facts } })}\n`;
    };
    const written = createWriteStream(part, { mode: 0o600 });
    const source = Readable.from(lines());
    await (file.endsWith(".gz") ? pipeline(source, createGzip(), written) : pipeline(source, written));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    progress.end();
    await log.close();
  }
  terminal.out(`${facts} facts written to ${file}`);
  return facts;
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
