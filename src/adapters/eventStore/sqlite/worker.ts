import type { Stats } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { giveMemoryBackWhenIdle } from "../../idleMemory.ts";
import { copierOf } from "./copying.ts";
import { codeOf, describeError, fileNow, isSameFile, logFile, sqliteCode } from "./database.ts";
import { type Telling, tellingGrowth } from "./growth.ts";
import { taking } from "./handing.ts";
import type { Append, FromWriter, ToWriter, WriterData } from "./messages.ts";
import { openWriter, type Writer } from "./writer.ts";

// The only thread that writes the log. It ends by itself once it listens to nothing any more. Stopping it from outside is not
// safe: if a thread is stopped within a statement, the native part aborts the whole process.

const port = parentPort;
if (port === null) throw new Error("the log's writer runs in a worker thread");
const { dataDir, maxPages, hands: shared, copies } = workerData as WriterData;
const path = logFile(dataDir);
const hands = taking(shared);
const answer = (message: FromWriter): void => port.postMessage(message);
const copier = copierOf(copies, () => answer({ kind: "copier" }));

/**
 * How long it waits for the next group where it is given at once, in milliseconds. To wait for messages, and to be woken from
 * that, takes as long as to store an event. Longer waits would hold up this thread's timers.
 */
const WAIT_MS = 20;
/** After so many milliseconds it reads its messages in any case: readers of the log come with some. */
const TURN_MS = 100;

const NOT_COPIED = "what was stored could not be copied into the database: ";

giveMemoryBackWhenIdle();
let writer: Writer | undefined;
let telling: Telling | undefined;
let file: Stats | undefined;

try {
  writer = openWriter(dataDir, copier, maxPages, (done, total) => answer({ kind: "progress", done, total }));
  file = fileNow(path);
  telling = tellingGrowth();
  port.on("message", receive);
  answer({ kind: "opened" });
} catch (error) {
  answer({ kind: "failed", message: describeError(error) });
  leave();
}

function receive(message: ToWriter): void {
  // Who sends this may have given a group, or sent one: then nothing about that is changed.
  if (message.kind === "reader") return telling?.add(message.reader);
  hands.called();
  if (message.kind === "close") return close();
  if (message.kind === "copyFailed") return breakDown(NOT_COPIED + message.message);
  const until = performance.now() + TURN_MS;
  let group: readonly Append[] | undefined = message.appends;
  while (group !== undefined) {
    serve(group);
    group = writer !== undefined && performance.now() < until ? hands.take(WAIT_MS) : undefined;
  }
}

function serve(appends: readonly Append[]): void {
  let what = "";
  try {
    if (!store(appends)) return;
    what = NOT_COPIED;
    writer?.checkpoint();
  } catch (error) {
    // A full disk leaves the write-ahead log as it is. It is copied later.
    if (codeOf(error) === sqliteCode.full) return;
    // After a failed write or fsync nothing can be trusted, not even what a second attempt reports.
    breakDown(what + describeError(error));
  }
}

/** Whether the group was stored, and that was answered. Throws if it cannot be known. */
function store(appends: readonly Append[]): boolean {
  if (writer === undefined) throw new Error("the log is not open");
  // If the file was removed or replaced, a write to it would be acknowledged, but gone at the next start.
  if (!isSameFile(file, fileNow(path))) throw new Error(`${path} was removed, or replaced by another file`);
  try {
    const { outcomes, commitMs } = writer.commit(appends);
    // Why is on its way here.
    if (copier.hasFailed()) return false;
    hands.note(outcomes, commitMs);
    answer({ kind: "committed" });
    telling?.grown();
    return true;
  } catch (error) {
    // SQLite reports these two before the commit's mark is on the disk. The transaction was rolled back and cannot reappear.
    if (codeOf(error) === sqliteCode.full)
      answer({
        kind: "refused",
        message: `the disk of the log in ${dataDir} is full: nothing was stored, free space and send again`,
      });
    else if (codeOf(error) === sqliteCode.busy)
      answer({ kind: "refused", message: `another process holds the log in ${dataDir} locked: nothing was stored, send again` });
    else throw error;
    return false;
  }
}

function close(): void {
  try {
    writer?.close();
  } catch {
    // What was acknowledged is safe in the write-ahead log. The next opening reads it.
  }
  leave();
}

function breakDown(message: string): void {
  answer({ kind: "broken", message });
  leave();
}

/** After a failure, this does not close the writer, because closing would write once more. */
function leave(): void {
  writer = undefined;
  telling?.close();
  port?.close();
}
