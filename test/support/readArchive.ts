import type { ArchiveLine } from "../../src/commandline/archive.ts";
import type { Files } from "../../src/commandline/archives/files.ts";
import { jsonItems } from "../../src/commandline/archives/json.ts";
import { type FactType, readFact, type WrittenFact, type WrittenOf } from "../../src/domain/archive.ts";

/** Files of an archive, each with its JSON. */
export const filesOf = (files: Readonly<Record<string, unknown>>): Files => ({
  names: Object.keys(files),
  items: (name) =>
    jsonItems(
      (async function* () {
        yield Buffer.from(JSON.stringify(files[name]));
      })(),
    ),
});

/** What a reader tells: its facts, each of which must be one, and how often it notes what. */
export async function readAll(
  lines: AsyncIterable<ArchiveLine>,
): Promise<{ facts: WrittenFact[]; notes: Record<string, number> }> {
  const facts: WrittenFact[] = [];
  const notes: Record<string, number> = {};
  for await (const line of lines) {
    if ("note" in line) notes[line.note] = (notes[line.note] ?? 0) + 1;
    else if ("fact" in line) {
      const read = readFact(JSON.parse(JSON.stringify(line.fact)));
      if ("fault" in read) throw new Error(`${line.place}: ${read.fault}`);
      facts.push(line.fact);
    } else throw new Error(JSON.stringify(line));
  }
  return { facts, notes };
}

/** The data of all facts of one type, in their order. */
export const dataOf = <T extends FactType>(facts: readonly WrittenFact[], type: T): WrittenOf<T>["data"][] =>
  facts.flatMap(({ fact, data }) => (fact === type ? [data as WrittenOf<T>["data"]] : []));
