import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** So many characters are sorted in memory. What is more goes to files of its own for the time being. */
const IN_MEMORY = 8_388_608;

/** Something with a time (milliseconds), as JSON. */
type Timed = { at: number; text: string };

/**
 * Everything in the order of time; what has the same time in the order in which it came. What does not fit into memory is kept in
 * files of the directory for temporary ones, and merged.
 */
export async function* sortedByTime<T>(
  all: AsyncIterable<T>,
  timeOf: (each: T) => number,
  inMemory = IN_MEMORY,
): AsyncGenerator<T, void> {
  let run: Timed[] = [];
  let size = 0;
  let folder: string | undefined;
  const files: string[] = [];
  const sorted = () => run.sort((one, other) => one.at - other.at);
  try {
    for await (const each of all) {
      const text = JSON.stringify(each);
      run.push({ at: timeOf(each), text });
      size += text.length;
      if (size < inMemory) continue;
      folder ??= await mkdtemp(join(tmpdir(), "tidings-import-"));
      const file = join(folder, String(files.length));
      await writeFile(
        file,
        sorted().map(({ at, text }) => `${at} ${text}\n`),
        { mode: 0o600 },
      );
      files.push(file);
      run = [];
      size = 0;
    }
    // The last run stands behind the files: what came later comes later where times are the same.
    const runs = [
      ...files.map(linesIn),
      (async function* () {
        yield* sorted();
      })(),
    ];
    for await (const { text } of merged(runs)) yield JSON.parse(text) as T;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

/** Line by line, and no line ahead: there may be hundreds of files, and lines of a megabyte. */
async function* linesIn(file: string): AsyncGenerator<Timed, void> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 16_384 })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const space = line.indexOf(" ");
      yield { at: Number(line.slice(0, space)), text: line.slice(space + 1) };
    }
  }
}

/** There are few runs: the first one of them all is looked for in each step. */
async function* merged(runs: readonly AsyncGenerator<Timed, void>[]): AsyncGenerator<Timed, void> {
  const heads = await Promise.all(runs.map(async (run) => ({ run, next: await run.next() })));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads)
      if (!head.next.done && (!first || first.next.done || head.next.value.at < first.next.value.at)) first = head;
    if (!first || first.next.done) return;
    yield first.next.value;
    first.next = await first.run.next();
  }
}
