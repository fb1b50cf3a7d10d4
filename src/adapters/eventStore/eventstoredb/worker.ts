import { parentPort, workerData } from "node:worker_threads";
import { jsonEvent, type JSONType } from "@eventstore/db-client";
import { addressOf, clientOf } from "./connection.ts";
import { faultOf } from "./faults.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";

// The thread with the one writing client of the process. The client keeps the promises of all appends in one table of its module.
// If an answer is not in that table, the client throws where no `try` can catch it (a second reply, a reply after another
// client's stream broke). Here that ends only this thread, which is started again, and not the process. And the client of another
// store has its own table.

/**
 * The server compares the deadline with its own clock. A short one would fail every append if the clocks differ, or if one of
 * them is set back. It is also below the limit of 32-bit timers. The main thread decides how long an append is really waited for.
 */
const DEADLINE_MS = 10 * 86_400_000;

const port = parentPort;
if (port === null) throw new Error("the log's writer runs in a worker thread");
const newClient = () => clientOf(addressOf((workerData as WriterData).url), "leader", "tidings-writer");
let client = newClient();
let answers: FromWriter["outcomes"] = [];
/** Whether the client's stream of appends is open, as far as is known. */
let open = false;
/** The last append to each stream, if it was sent before the client's stream was open. */
const turns = new Map<string, Promise<void>>();

// So that a thread that starts slowly does not count as silent.
port.postMessage({ kind: "outcomes", outcomes: [] } satisfies FromWriter);
port.on("message", (message: ToWriter) => {
  if (message.kind === "close") {
    // Nobody waits for an outcome any more.
    port.close();
    void client.dispose().catch(() => {});
  } else {
    for (const append of message.appends) take(append);
  }
});

/**
 * Handles appends in the order in which they arrive, with no wait in between: the client writes them to one stream. Only the
 * append that opens the client's stream can be overtaken by later ones. So until one append is answered, appends to the same
 * stream go one by one.
 */
function take(append: Append): void {
  const before = turns.get(append.stream);
  if (open && !before) return void answer(append);
  const turn = before ? before.then(() => answer(append)) : answer(append);
  turns.set(append.stream, turn);
  void turn.then(() => {
    if (turns.get(append.stream) === turn) turns.delete(append.stream);
  });
}

async function answer(append: Append): Promise<void> {
  const outcome = await outcomeOf(append);
  open = outcome.kind !== "away";
  if (answers.length === 0) setImmediate(flush);
  answers.push([append.number, outcome]);
}

async function outcomeOf({ stream, expected, events }: Append): Promise<Outcome> {
  const used = client;
  try {
    const { nextExpectedRevision, position } = await used.appendToStream(
      stream,
      events.map(([id, type, data, metadata]) =>
        jsonEvent({ id, type, data: JSON.parse(data) as JSONType, metadata: JSON.parse(metadata) as JSONType & object }),
      ),
      {
        expectedRevision: expected === "any" ? "any" : expected === -1 ? "no_stream" : BigInt(expected),
        deadline: DEADLINE_MS,
      },
    );
    return { kind: "stored", revision: Number(nextExpectedRevision), place: position };
  } catch (error) {
    const fault = faultOf(error);
    if (isLasting(error) && client === used) client = newClient();
    // Only a read can find a stream missing: an append creates its stream.
    return fault.kind === "missing" ? { ...fault, kind: "bug" } : (fault as Outcome);
  }
}

/** https://grpc.io/docs/guides/status-codes/ */
const CANCELLED = 1;
const UNAVAILABLE = 14;

/**
 * Whether the client will fail for ever with this error. Before its first append, a client asks the server for its features. It
 * reuses the answer for all later appends, even if it is an error (of the server, or that no server was found). It asks again
 * only if the server was away. Such an error is passed on unchanged, without a type.
 */
function isLasting(error: unknown): boolean {
  const { type, code } = error as { type?: unknown; code?: unknown };
  return type === undefined && code !== UNAVAILABLE && code !== CANCELLED;
}

function flush(): void {
  port?.postMessage({ kind: "outcomes", outcomes: answers } satisfies FromWriter);
  answers = [];
}
