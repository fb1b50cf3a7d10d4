import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { viewProjections } from "../../projections/index.ts";
import type { Config } from "../config.ts";
import { events } from "../domain/events.ts";
import { fractionOf, type Position } from "../ports/eventStore.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { rowsOf, unequalRows } from "../projecting/generations/comparing.ts";
import { scratchOf } from "../projecting/generations/scratch.ts";
import { PARKED } from "../projecting/parking.ts";
import { type FoldedLog, generationOf, type Projection, type TableWrite } from "../projecting/projection.ts";
import { createRunner } from "../projecting/runner.ts";
import { writeBehind } from "../projecting/writeBehind.ts";
import { readLog } from "./log.ts";
import { scratchStore } from "./scratchFolders.ts";

/** Events in one page of a fold, and rows in one commit, as where views are compared. */
const PAGE = 1_024;
/** Tables that are told of, and rows of each that are shown. */
const TABLES = 100;
const SAMPLES = 3;
/** The shares of the two folds in the progress: the rest is comparing. For display only. */
const FOLD_SHARE = 0.45;

/** Two versions of a row; undefined: it is not there. */
export type Sample = { partition: string; sort: string; now: string | undefined; then: string | undefined };

/** `changed`: rows with another value; `gone` and `added`: that only one of the two has. */
export type TableDifference = { table: string; changed: number; gone: number; added: number; samples: Sample[] };

/** Events that could not be handled: how many, with those that wait behind them, and why the first could not. */
export type Failed = { count: number; first: string | undefined };

export type WhatIf = {
  /** `name@version` of the two. */
  now: string;
  then: string;
  upTo: Position;
  /** Row names that were looked at. */
  rows: number;
  tables: TableDifference[];
  failed: { now: Failed; then: Failed };
};

/**
 * Folds the log through a projection as it is, and through the one that a module declares, both into rows that nobody reads and
 * that are removed, and compares all of these. What a server reads is not touched: it may run meanwhile. Rejects with an `Error`
 * that says what is wrong with the module, or with the signal's reason.
 */
export async function whatIf(
  config: Config,
  name: string,
  file: string,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<WhatIf> {
  const now = viewProjections.find((projection) => projection.name === name);
  if (now === undefined)
    throw new Error(`${name} is no view: give one of ${viewProjections.map((projection) => projection.name).join(", ")}`);
  const then = await declaredIn(file, name);
  const log = await readLog(config);
  try {
    const store = await scratchStore(config.dataDir);
    try {
      const upTo = await log.end();
      const asItIs = scratchOf(generationOf(now), "as-it-is");
      const anew = scratchOf(generationOf(then), "anew");
      const fold = (projection: Projection, generation: string, done: number) =>
        folded(log, store, projection, generation, upTo, (share) => progress(done + share * FOLD_SHARE), signal);
      const failed = { now: await fold(now, asItIs, 0), then: await fold(then, anew, FOLD_SHARE) };
      return { now: called(now), then: called(then), upTo, failed, ...(await compared(store, asItIs, anew, signal)) };
    } finally {
      await store.close();
    }
  } finally {
    await log.close();
  }
}

const called = ({ name, version }: Projection): string => `${name}@${version}`;

/** Folds the log up to a place into a generation. */
async function folded(
  log: FoldedLog,
  store: ViewStore,
  projection: Projection,
  generation: string,
  until: Position,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Failed> {
  const rows = writeBehind(store);
  let first: string | undefined;
  const runner = createRunner({
    log,
    store: rows,
    projections: [projection],
    generationFor: () => generation,
    until,
    pageEvents: PAGE,
    pageRows: PAGE,
    // Whatever a handler reads is here: it would fail again.
    pause: async () => {},
    warn: (what, error) => void (first ??= `${what}: ${String(error).split("\n", 1)[0]}`),
    committed: (at) => progress(fractionOf(at, until)),
  });
  try {
    await runner.catchUp(signal);
    while (!(await rows.settled())) await runner.catchUp(signal);
  } finally {
    await rows.settled();
  }
  signal.throwIfAborted();
  return { count: runner.state().parked[projection.name] ?? 0, first };
}

async function compared(
  store: ViewStore,
  asItIs: string,
  anew: string,
  signal: AbortSignal,
): Promise<Pick<WhatIf, "rows" | "tables">> {
  const snapshot = await store.snapshot();
  const tables = new Map<string, TableDifference>();
  let rows = 0;
  try {
    const [one, other] = [rowsOf(snapshot, asItIs, signal), rowsOf(snapshot, anew, signal)];
    for await (const { mine, theirs } of unequalRows(one, other, () => void rows++)) {
      const { table, partition, sort } = mine ?? theirs;
      // What a parked event says of itself is no row of the view.
      if (table === PARKED) continue;
      const difference = tableIn(tables, table);
      if (mine && theirs) difference.changed++;
      else if (mine) difference.gone++;
      else difference.added++;
      if (difference.samples.length < SAMPLES) difference.samples.push({ partition, sort, now: mine?.text, then: theirs?.text });
    }
  } finally {
    await snapshot.close();
  }
  return { rows, tables: [...tables.values()] };
}

/** A module may write into any number of tables. */
function tableIn(tables: Map<string, TableDifference>, name: string): TableDifference {
  const table = tables.has(name) || tables.size < TABLES ? name : "(others)";
  const known = tables.get(table) ?? { table, changed: 0, gone: 0, added: 0, samples: [] };
  tables.set(table, known);
  return known;
}

/** The projection of a name that a module exports. Throws an `Error` that says what is wrong with it. */
async function declaredIn(file: string, name: string): Promise<Projection> {
  const exported = await importedFrom(file);
  const declared = Object.values(exported).filter(
    (each): each is Record<string, unknown> => typeof each === "object" && each !== null && "handlers" in each,
  );
  if (declared.length === 0)
    throw new Error(`${file} exports no projection: an object with name, version, reads and handlers (projections/README.md)`);
  const found = declared.find((each) => each["name"] === name);
  if (found === undefined)
    throw new Error(
      `${file} declares ${declared.map((each) => String(each["name"])).join(", ")}, and not ${name}: give the name that it declares, or another file`,
    );
  return checked(found, file);
}

async function importedFrom(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION")
      throw new Error(
        `${file} cannot be loaded: this version of Node takes JavaScript (.mjs). Bundle it first: npx rolldown ${file} --format esm --file projection.mjs`,
        { cause: error },
      );
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} cannot be loaded: ${why}`, { cause: error });
  }
}

/** The same, once it has what the runner asks for. Its handlers' writes are looked at: a fault in one parks the event. */
function checked(found: Record<string, unknown>, file: string): Projection {
  const wrong = (what: string): Error => new Error(`${file}: ${what}`);
  const { version, reads, handlers } = found;
  if (!Number.isInteger(version) || (version as number) < 1) throw wrong("its version is no whole number from 1");
  if (!Array.isArray(reads) || !reads.every((table) => typeof table === "string"))
    throw wrong("reads is no list of the names of tables");
  if (typeof handlers !== "object" || handlers === null)
    throw wrong("handlers is no object with a function for each type of event");
  const made: Record<string, unknown> = {};
  for (const [type, handler] of Object.entries(handlers)) {
    if (!Object.hasOwn(events, type)) throw wrong(`it handles ${type}, and there is no such type of event`);
    if (typeof handler !== "function") throw wrong(`the handler of ${type} is no function`);
    const handle = handler as (...of: unknown[]) => unknown;
    made[type] = async (...of: unknown[]) => writesIn(await handle(...of), type);
  }
  return { ...(found as unknown as Projection), handlers: made };
}

const isText = (part: unknown): boolean => typeof part === "string" && !part.includes("\0");

function writesIn(made: unknown, type: string): TableWrite[] {
  if (!Array.isArray(made)) throw new TypeError(`the handler of ${type} gives no list of writes`);
  for (const write of made as Partial<Record<string, unknown>>[]) {
    const { op, table, partition, partitions, sort, value } = write;
    const isPlaced = op === "putEach" ? Array.isArray(partitions) && partitions.every(isText) : isText(partition);
    const isWhole = (op === "put" || op === "putEach" ? value !== undefined : op === "del") && isText(table) && isText(sort);
    if (!isPlaced || !isWhole) throw new TypeError(`the handler of ${type} gives what is no write: ${JSON.stringify(write)}`);
  }
  return made as TableWrite[];
}
