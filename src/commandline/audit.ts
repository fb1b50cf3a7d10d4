import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { faultsOf, proof } from "../audit/checking.ts";
import { treeHead } from "../audit/heads.ts";
import { placeIn, proveConsistency, proveInclusion } from "../audit/proofs.ts";
import { verifyTree } from "../audit/verifying.ts";
import type { Config } from "../config.ts";
import type { TreeHead, TreeStore } from "../ports/auditTree.ts";
import { fractionOf, isPosition } from "../ports/eventStore.ts";
import { openAudited } from "../server/audited.ts";
import type { Terminal } from "./import.ts";
import { showPercent } from "./progress.ts";

/** The most faults that are told one by one. */
const TOLD_MAX = 100;

/** A file's JSON in a shape. Throws an `Error` that says what is wrong with it. */
async function jsonIn<T>(file: string, shape: z.ZodType<T>, what: string): Promise<T> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new Error(`${file} cannot be read: ${error.message}`, { cause: error });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no ${what}: it is no JSON`, { cause: error });
  }
  const found = shape.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new Error(`${file} is no ${what}: ${issue?.path.join(".")}: ${issue?.message}`, { cause: found.error });
}

const headIn = (file: string): Promise<TreeHead> => jsonIn(file, treeHead, "head");

/** The newest signed head. Throws an `Error` that says what to do if there is none. */
async function newestHead(tree: TreeStore | undefined): Promise<{ tree: TreeStore; head: TreeHead }> {
  const head = await tree?.newestHead();
  if (tree && head) return { tree, head };
  throw new Error(
    "no head of this log was signed yet: a server signs one a while after its start (AUDIT_HEADS), and when an admin asks it",
  );
}

/** Prints the newest head that a server has signed, as JSON. Rejects with an `Error` that says what to do. */
export async function showHead(config: Config, terminal: Terminal): Promise<void> {
  const { tree, close } = await openAudited(config);
  try {
    terminal.out(JSON.stringify((await newestHead(tree)).head));
  } finally {
    await close();
  }
}

/**
 * Prints a proof, as JSON, that the event at a cursor is in the log of the newest head, which `checkProof` checks. `since`: the
 * file of an earlier head, from which nothing was changed. Rejects with an `Error` that says what to do.
 */
export async function showProof(config: Config, cursor: string, since: string | undefined, terminal: Terminal): Promise<void> {
  if (!isPosition(cursor)) throw new Error(`${cursor} is no cursor: give what a command or an edge returned as its cursor`);
  const earlier = since === undefined ? undefined : await headIn(since);
  const { log, tree: opened, close } = await openAudited(config);
  try {
    const { tree, head } = await newestHead(opened);
    const inclusion = await proveInclusion(log, tree, cursor, head.size);
    const found = await placeIn(log, tree, cursor);
    if ("fault" in inclusion || found === undefined)
      throw new Error(
        `there is no event at ${cursor} among the ${head.size} of the newest head: it has another cursor, or came later. ` +
          "A server signs heads now and then (AUDIT_HEADS), and when an admin asks it",
      );
    const { position: _, ...event } = found.event;
    const path = earlier && (earlier.size > head.size ? undefined : await proveConsistency(tree, earlier.size, head.size));
    if (earlier && !Array.isArray(path))
      throw new Error(
        `the log has ${head.size} events, and the head in ${since} is of ${earlier.size}: tidings audit verify says more`,
      );
    terminal.out(JSON.stringify({ head, event, inclusion, ...(earlier ? { since: { head: earlier, path } } : {}) }));
  } finally {
    await close();
  }
}

/**
 * Checks the proof in a file. It needs no server and no DATA_DIR. `key`: who must have signed it. Resolves with the exit code:
 * 1 if it does not hold.
 */
export async function checkProof(file: string, key: string | undefined, terminal: Terminal): Promise<number> {
  const given = await jsonIn(file, proof, "proof");
  const faults = faultsOf(given, key);
  for (const fault of faults) terminal.error(fault);
  const { head, event, inclusion, since } = given;
  if (faults.length > 0) terminal.out("the proof does not hold");
  else {
    terminal.out(
      `the proof holds: event ${inclusion.index} of the log (the ${event.type}, revision ${event.revision} of ${event.stream}) was there when ` +
        `${head.size} events were signed at ${head.signedAt}${since ? `, and nothing was changed since ${since.head.signedAt}` : ""}`,
    );
    terminal.out(`signed by ${head.key}${key === undefined ? ": compare it with the key that you know" : ""}`);
  }
  return faults.length > 0 ? 1 : 0;
}

/**
 * Reads every event and compares the log with its tree and with all heads that were signed, and with those in `heads`, files.
 * Resolves with the exit code: 1 if there is any fault. Rejects with an `Error` that says what to do.
 */
export async function verifyAudit(
  config: Config,
  heads: readonly string[],
  key: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const given = await Promise.all(heads.map(headIn));
  const { log, tree, close } = await openAudited(config);
  const progress = showPercent(terminal, "audit");
  let told = 0;
  try {
    if (tree === undefined && given.length === 0)
      throw new Error(
        "there is nothing to compare the log with: no tree over it is in DATA_DIR. A server makes it. Or give a head that you kept: --head FILE",
      );
    const end = await log.end();
    const {
      events,
      heads: compared,
      faults,
    } = await verifyTree(log, tree, given, key, {
      fault: (what) => {
        if (++told <= TOLD_MAX) terminal.error(what);
      },
      at: (position) => progress.at(fractionOf(position, end)),
    });
    progress.end();
    if (told > TOLD_MAX) terminal.error(`and ${told - TOLD_MAX} more`);
    terminal.out(`audit: ${events} events, ${compared} heads, ${faults} faults`);
    return faults > 0 ? 1 : 0;
  } finally {
    progress.end();
    await close();
  }
}
