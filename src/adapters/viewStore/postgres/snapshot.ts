import type { Anchor } from "../../../ports/eventStore.ts";
import type { Checkpoint, Row, StoredRow, ViewSnapshot } from "../../../ports/viewStore.ts";
import type { Address } from "./address.ts";
import { asFault } from "./faults.ts";
import { type Asks, openSession } from "./sessions.ts";
import { above, type Statements, tablesOf } from "./statements.ts";
import { textArray } from "./textArray.ts";

/** What a checkpoint's row says. */
export const checkpointOf = ([position, anchor]: readonly [string, string | null]): Checkpoint => ({
  position,
  ...(anchor === null ? {} : { anchor: JSON.parse(anchor) as Anchor }),
});

/** Reads checkpoints, one answer for each name. */
export async function checkpointsOf(
  { ask }: Asks,
  { checkpoints }: Statements,
  names: readonly string[],
): Promise<(Checkpoint | undefined)[]> {
  const { rows } = await ask<[string[], string, string | null]>(checkpoints, [textArray(names)]);
  const found = new Map<string, Checkpoint>();
  for (const [together, ...place] of rows) {
    const checkpoint = checkpointOf(place);
    for (const name of together) found.set(name, checkpoint);
  }
  return names.map((name) => found.get(name));
}

/** A snapshot, over a connection of its own: a transaction that sees what was committed before it began. */
export async function snapshotOf(address: Address, statements: Statements): Promise<ViewSnapshot> {
  const session = await openSession(address, { patient: true }).catch((error: unknown) => Promise.reject(asFault(error)));
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asFault(error);
    }
  };
  try {
    await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // It begins with the first question.
    await session.run("SELECT 1");
  } catch (error) {
    await session.close();
    throw asFault(error);
  }
  return {
    get: (table, partition, sort) =>
      guarded(async () => {
        const { rows } = await session.ask<[string]>(statements.get, [table, partition, sort]);
        return rows[0] && (JSON.parse(rows[0][0]) as Row);
      }),
    checkpoint: (generation) =>
      guarded(async () => {
        const { rows } = await session.ask<[string, string | null]>(statements.checkpoint, [generation]);
        return rows[0] && checkpointOf(rows[0]);
      }),
    checkpoints: (generations) => guarded(() => checkpointsOf(session, statements, generations)),
    rows: (generation, after, limit) =>
      guarded(async () => {
        const { from, before } = tablesOf(generation);
        const first = after === undefined ? [from, "", ""] : [from + after.table, after.partition, above(after.sort)];
        const { rows } = await session.ask<[string, string, string, string]>(statements.page, [...first, before, limit]);
        return rows.map(([table, partition, sort, text]): StoredRow => ({
          table: table.slice(from.length),
          partition,
          sort,
          text,
        }));
      }),
    close: () => session.close(),
  };
}
