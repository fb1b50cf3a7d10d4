import { parentPort, workerData } from "node:worker_threads";
import { jsonEvent, type JSONType } from "@eventstore/db-client";
import { addressOf, clientOf } from "./connection.ts";
import { faultOf } from "./faults.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";

// The thread that holds the process's one writing client. The client keeps the promises of all appends in one table of the module, and throws
// where no `try` reaches when an answer is not in it (a second reply, a reply after another client's stream broke). Here that ends this
// thread, which is started anew, and not the process; and another store's client has a table of its own.

/**
 * The server compares it with its own clock: a short one would fail every append where the clocks differ. How long an append is really waited for
 * is for the main thread to say.
 */
const DEADLINE_MS = 3_600_000;

const port = parentPort;
if (port === null) throw new Error("the log's writer runs in a worker thread");
const client = clientOf(addressOf((workerData as WriterData).url), "leader", "tidings-writer");
let answers: FromWriter["outcomes"] = [];
let pending = 0;
let closing = false;

port.on("message", (message: ToWriter) => {
  if (message.kind === "close") {
    closing = true;
    leaveWhenDone();
  } else {
    // In their order, with nothing awaited in between: the client writes them to one stream.
    for (const append of message.appends) void answer(append);
  }
});

async function answer(append: Append): Promise<void> {
  pending++;
  const outcome = await outcomeOf(append);
  pending--;
  if (answers.length === 0) setImmediate(flush);
  answers.push([append.number, outcome]);
}

async function outcomeOf({ stream, expected, events }: Append): Promise<Outcome> {
  try {
    const { nextExpectedRevision, position } = await client.appendToStream(
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
    // What is missing is for reads only: an append makes its stream.
    return fault.kind === "missing" ? { ...fault, kind: "bug" } : (fault as Outcome);
  }
}

function flush(): void {
  port?.postMessage({ kind: "outcomes", outcomes: answers } satisfies FromWriter);
  answers = [];
  leaveWhenDone();
}

function leaveWhenDone(): void {
  if (!closing || pending > 0 || answers.length > 0) return;
  port?.close();
  void client.dispose().catch(() => {});
}
