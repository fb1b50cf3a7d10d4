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
import { numberArray, textArray } from "./textArray.ts";

/** What is committed together. `lease`: only as long as it is held. */
export type Job = { writes: readonly Write[]; moves: readonly CheckpointMove[]; lease?: Lease };

export type Writer = {
  /**
   * Commits all of the jobs in one transaction, or none of them: see `ViewStore`. Of writes to the same row the last one counts.
   * Commits are done in the order of the calls.
   */
  commit(jobs: readonly Job[]): Promise<void>;
  /** Whether a job may be stored already, as far as anybody knows: then it is to be committed alone. */
  isUnsure(job: Job): boolean;
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

/**
 * How long the server waits for a holder of a lease within a transaction, in milliseconds. A process that stands still there
 * would keep its lease from whoever takes over.
 */
const HOLDER_LEFT_MS = 2_000;

/**
 * Who writes, over one connection, which is made anew after it was lost. `fence`: the statement that finds a lease, if it writes
 * as the holder of some.
 */
export function createWriter(
  address: Address,
  { move, begin, put, del, checkpoints, forget }: Statements,
  versions: Versions,
  fence?: Statement,
): Writer {
  const inTurn = oneByOne();
  let session: Session | undefined;
  let doubts: Doubt[] = [];
  /** The moves of commits with an unknown outcome. */
  const unsure = new Set<string>();

  const ready = async (): Promise<Session> => {
    if (session === undefined || session.isOver()) {
      await session?.close();
      session = await openSession(address, { pipelined: true, ...(fence ? { leftMs: HOLDER_LEFT_MS } : {}) });
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

  /** What is asked within a transaction, and what its answer must be. Nobody takes a lease until the transaction ends. */
  const fences = (at: Session, jobs: readonly Job[]): Asked[] => {
    const leases = new Map(jobs.flatMap(({ lease }) => (lease ? [[`${lease.slice} ${lease.fence}`, lease]] : [])));
    if (leases.size === 0 || fence === undefined) return [];
    const all = [...leases.values()];
    const answer = at.ask<[number]>(fence, [
      numberArray(all.map(({ slice }) => slice)),
      numberArray(all.map((lease) => lease.fence)),
    ]);
    const told = async (): Promise<string> => {
      const held = new Set((await answer).rows.map(([slice]) => slice));
      return `somebody else has taken the slice ${all.find(({ slice }) => !held.has(slice))?.slice}`;
    };
    return [{ rows: all.length, told, answer }];
  };

  /** Moves checkpoints within the transaction. Those that go the same way go together: most slices of a process do. */
  const movesOf = (at: Session, moves: readonly CheckpointMove[]): Asked[] => {
    const alike = new Map<string, Pick<CheckpointMove, "from" | "to"> & { event: string | null; of: Set<string> }>();
    for (const { of, from, to, anchor } of moves) {
      const event = anchor === undefined ? null : JSON.stringify(anchor);
      const way = JSON.stringify([from, to, event]);
      const known = alike.get(way) ?? { from, to, event, of: new Set<string>() };
      alike.set(way, known);
      for (const generation of of) known.of.add(generation);
    }
    return [...alike.values()].map(({ of, from, to, event }): Asked => {
      const names = textArray([...of]);
      const answer = from === null ? at.ask(begin, [names, to, event]) : at.ask(move, [names, from, to, event]);
      const told = async (): Promise<string> => (await misplaced(at, moves, "from")) ?? "a checkpoint moved";
      return { rows: of.size, told, answer };
    });
  };

  /** Names, in words, the first checkpoint that is not where the moves begin (or end). Undefined if all are there. */
  const misplaced = async (at: Session, moves: readonly CheckpointMove[], end: "from" | "to"): Promise<string | undefined> => {
    const { rows } = await at.ask<[string[], string, string | null]>(checkpoints, [textArray(moves.flatMap(({ of }) => of))]);
    const known = new Map(rows.flatMap(([together, position]) => together.map((generation) => [generation, position] as const)));
    for (const each of moves)
      for (const generation of each.of) {
        const stored = known.get(generation) ?? null;
        if (stored !== each[end])
          return `the checkpoint of ${generation} is ${JSON.stringify(stored)}, not ${JSON.stringify(each[end])}`;
      }
    return undefined;
  };

  const writesOf = (at: Session, { puts, dels }: Batch): Promise<unknown>[] => [
    ...dels.map(({ tables, partitions, sorts }) => at.ask(del, [textArray(tables), textArray(partitions), textArray(sorts)])),
    ...puts.map(({ tables, partitions, sorts, values }) =>
      at.ask(put, [textArray(tables), textArray(partitions), textArray(sorts), textArray(values)]),
    ),
  ];

  /** All that a transaction asks leaves at once: the server does one after the other, and we wait once. */
  const begun = async (at: Session, jobs: readonly Job[], moves: readonly CheckpointMove[], batch: Batch): Promise<void> => {
    const began = at.run("BEGIN");
    const asked = [...fences(at, jobs), ...movesOf(at, moves)];
    await allOf([began, ...asked.map(({ answer }) => answer), ...writesOf(at, batch)]);
    for (const { rows, told, answer } of asked) if ((await answer).rowCount !== rows) throw new CheckpointMoved(await told());
  };

  const commit = async (jobs: readonly Job[]): Promise<void> => {
    const writes = jobs.flatMap((job) => job.writes);
    const moves = jobs.flatMap((job) => job.moves);
    const batch = batchOf(writes);
    const parts = batch.puts.length + batch.dels.length;
    if (parts === 0 && moves.length === 0) return;
    const at = await ready().catch((error: unknown) => Promise.reject(asFault(error)));
    const name = nameOf(jobs);
    const ended = versions.writing(writes);
    let outcome: "nothing" | "unknown" = "nothing";
    try {
      // A failed commit may turn out to be stored. Then a repeat of the call has nothing left to do.
      if (moves.length > 0 && unsure.has(name)) {
        const isStored = (await misplaced(at, moves, "to")) === undefined;
        unsure.delete(name);
        if (isStored) return ended();
      }
      if (parts === 1 && moves.length === 0 && !fence) {
        outcome = "unknown";
        await allOf(writesOf(at, batch));
      } else {
        await begun(at, jobs, moves, batch);
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
        if (unsure.size + jobs.length > UNSURE) unsure.clear();
        // Whoever repeats one of them may do so alone.
        for (const job of jobs) if (job.moves.length > 0) unsure.add(nameOf([job]));
      }
      throw asFault(error, outcome);
    }
  };

  return {
    commit: (jobs) => inTurn(() => commit(jobs)),
    isUnsure: (job) => unsure.has(nameOf([job])),
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

/** A statement under way, and how many rows it must have found. `told`: what is wrong if it has not. */
type Asked = { rows: number; told: () => string | Promise<string>; answer: Promise<{ rowCount: number | null }> };

const nameOf = (jobs: readonly Job[]): string => JSON.stringify(jobs.flatMap(({ moves }) => moves));

/** Waits for all, whatever becomes of them. Rejects with the first fault: later ones are of the same transaction. */
async function allOf(answers: readonly Promise<unknown>[]): Promise<void> {
  for (const settled of await Promise.allSettled(answers)) if (settled.status === "rejected") throw settled.reason;
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
