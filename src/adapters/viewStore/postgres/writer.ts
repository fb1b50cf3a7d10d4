import { setTimeout as delay } from "node:timers/promises";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { Lease } from "../../../ports/leases.ts";
import type { CheckpointMove, Write } from "../../../ports/viewStore.ts";
import { oneByOne } from "../rows.ts";
import type { Versions } from "../versions.ts";
import type { Address } from "./address.ts";
import { type Batch, batchOf } from "./batch.ts";
import { asFault, stateOf } from "./faults.ts";
import { openSession, type Session } from "./sessions.ts";
import { type Statement, type Statements, tablesOf } from "./statements.ts";
import { textArray } from "./textArray.ts";

export type Writer = {
  /** See `ViewStore`. Commits are done in the order of the calls. */
  commit(writes: readonly Write[], moves?: readonly CheckpointMove[]): Promise<void>;
  /** Deletes the checkpoint of a generation, and those of its slices. */
  forget(generation: string): Promise<void>;
  close(): Promise<void>;
};

/** How long a connection that was lost is waited for, and how often it is looked at, in milliseconds. */
const GONE_MS = 5_000;
const LOOK_MS = 20;

/** So many of them are remembered: who repeats a commit does so before others are made. */
const UNSURE = 64;

/** What became of a commit nobody knows as long as the server may still be at it. `ended`: to be called then. */
type Doubt = { session: string; ended: () => void };

/** That a commit is only done as long as a lease is held. `fence`: the statement that finds the lease. */
export type Held = { lease: Lease; fence: Statement };

/**
 * How long the server waits for a holder of a lease within a transaction, in milliseconds. A process that stands still there
 * would keep its lease from whoever takes over.
 */
const HOLDER_LEFT_MS = 2_000;

/** Who writes, over one connection, which is made anew after it was lost. `held`: it writes as the holder of a lease. */
export function createWriter(
  address: Address,
  { move, begin, put, del, checkpoints, forget }: Statements,
  versions: Versions,
  held?: Held,
): Writer {
  const inTurn = oneByOne();
  let session: Session | undefined;
  let doubts: Doubt[] = [];
  /** The moves of commits with an unknown outcome. */
  const unsure = new Set<string>();

  const ready = async (): Promise<Session> => {
    if (session === undefined || session.isOver()) {
      await session?.close();
      session = await (held ? openSession(address, false, HOLDER_LEFT_MS) : openSession(address));
    }
    for (const doubt of [...doubts]) {
      await settled(session, doubt.session);
      doubt.ended();
      doubts = doubts.filter((other) => other !== doubt);
    }
    return session;
  };

  const discard = async (lost: Session): Promise<void> => {
    if (session === lost) session = undefined;
    await lost.close();
  };

  /** Until the transaction ends, nobody takes the lease. */
  const assertHeld = async (at: Session): Promise<void> => {
    if (!held) return;
    const { slice, fence } = held.lease;
    const { rowCount } = await at.ask(held.fence, [slice, fence]);
    if (rowCount !== 1) throw new CheckpointMoved(`somebody else has taken the slice ${slice}`);
  };

  /** Moves checkpoints within the transaction. */
  const moveAll = async (at: Session, moves: readonly CheckpointMove[]): Promise<void> => {
    for (const { of, from, to, anchor } of moves) {
      const generations = [...new Set(of)];
      const [names, event] = [textArray(generations), anchor === undefined ? null : JSON.stringify(anchor)];
      const { rowCount } = from === null ? await at.ask(begin, [names, to, event]) : await at.ask(move, [names, from, to, event]);
      if (rowCount !== generations.length)
        throw new CheckpointMoved((await misplaced(at, moves, "from")) ?? "a checkpoint moved");
    }
  };

  /** Names, in words, the first checkpoint that is not where the moves begin (or end). Undefined if all are there. */
  const misplaced = async (at: Session, moves: readonly CheckpointMove[], end: "from" | "to"): Promise<string | undefined> => {
    const { rows } = await at.ask<[string, string, string | null]>(checkpoints, [textArray(moves.flatMap(({ of }) => of))]);
    const known = new Map(rows.map(([generation, position]) => [generation, position]));
    for (const each of moves)
      for (const generation of each.of) {
        const stored = known.get(generation) ?? null;
        if (stored !== each[end])
          return `the checkpoint of ${generation} is ${JSON.stringify(stored)}, not ${JSON.stringify(each[end])}`;
      }
    return undefined;
  };

  const writeAll = async (at: Session, { puts, dels }: Batch): Promise<void> => {
    for (const { tables, partitions, sorts } of dels)
      await at.ask(del, [textArray(tables), textArray(partitions), textArray(sorts)]);
    for (const { tables, partitions, sorts, values } of puts)
      await at.ask(put, [textArray(tables), textArray(partitions), textArray(sorts), textArray(values)]);
  };

  const commit = async (writes: readonly Write[], moves: readonly CheckpointMove[]): Promise<void> => {
    const batch = batchOf(writes);
    const parts = batch.puts.length + batch.dels.length;
    if (parts === 0 && moves.length === 0) return;
    const at = await ready().catch((error: unknown) => Promise.reject(asFault(error)));
    const name = JSON.stringify(moves);
    const ended = versions.writing(writes);
    let outcome: "nothing" | "unknown" = "nothing";
    try {
      // A failed commit may turn out to be stored. Then a repeat of the call has nothing left to do.
      if (moves.length > 0 && unsure.has(name)) {
        const isStored = (await misplaced(at, moves, "to")) === undefined;
        unsure.delete(name);
        if (isStored) return ended();
      }
      if (parts === 1 && moves.length === 0 && !held) {
        outcome = "unknown";
        await writeAll(at, batch);
      } else {
        await at.run("BEGIN");
        await assertHeld(at);
        await moveAll(at, moves);
        await writeAll(at, batch);
        outcome = "unknown";
        await at.run("COMMIT");
      }
      ended();
    } catch (error) {
      if (isUndone(error)) {
        ended();
        await at.run("ROLLBACK").catch(() => discard(at));
        if (error instanceof CheckpointMoved && unsure.size > 0) {
          // Perhaps one of our own commits moved it. On `Unavailable`, the caller reads the checkpoint again. If someone else
          // moved it, the caller sees that then.
          unsure.clear();
          throw new Unavailable(`${error.message}: a commit of unknown outcome may have been stored`);
        }
        throw asFault(error);
      }
      await discard(at);
      if (outcome === "nothing") ended();
      else {
        doubts.push({ session: at.name, ended });
        if (unsure.size >= UNSURE) unsure.clear();
        if (moves.length > 0) unsure.add(name);
      }
      throw asFault(error, outcome);
    }
  };

  return {
    commit: (writes, moves = []) => inTurn(() => commit(writes, moves)),
    forget: (generation) =>
      inTurn(async () => {
        const at = await ready().catch((error: unknown) => Promise.reject(asFault(error)));
        try {
          const { from, before } = tablesOf(generation);
          await at.ask(forget, [generation, from, before]);
        } catch (error) {
          if (!isUndone(error)) await discard(at);
          throw asFault(error, "unknown");
        }
      }),
    close: () =>
      inTurn(async () => {
        await session?.close();
      }),
  };
}

/** Whether it is certain that what failed changed nothing: the server said so. As it shuts down, it says so of anything. */
function isUndone(error: unknown): boolean {
  if (error instanceof CheckpointMoved) return true;
  const state = stateOf(error);
  return state !== undefined && !state.startsWith("08") && !state.startsWith("57P");
}

/** Waits until the server has ended a connection that was lost, and what was done over it is there or is not. */
async function settled(session: Session, lost: string): Promise<void> {
  const left = {
    name: "settled",
    text: "SELECT count(pg_terminate_backend(pid))::int FROM pg_stat_activity WHERE application_name = $1",
  };
  for (const until = performance.now() + GONE_MS; ;) {
    const { rows } = await session.ask<[number]>(left, [lost]);
    if (rows[0]?.[0] === 0) return;
    if (performance.now() > until)
      throw new Unavailable("the view store's server is still at what a lost connection asked of it");
    await delay(LOOK_MS);
  }
}
