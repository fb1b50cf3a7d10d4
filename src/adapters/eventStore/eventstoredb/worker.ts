import { parentPort, workerData } from "node:worker_threads";
import { jsonEvent, type JSONType } from "@eventstore/db-client";
import { addressOf, clientOf } from "./connection.ts";
import { faultOf } from "./faults.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";

// The thread that holds the process's one writing client. The client keeps the promises of all appends in one table of the module, and throws
// where no `try` reaches when an answer is not in it (a second reply, a reply after another client's stream broke). Here that ends this
// thread, which is started anew, and not the process; and another store's client has a table of its own.

/**
 * The server compares it with its own clock: a short one would fail every append where the clocks differ, or one of them is set back. It stays below what
 * timers of 32 bits wait for. How long an append is really waited for is for the main thread to say.
 */
const DEADLINE_MS = 10 * 86_400_000;

const port = parentPort;
if (port === null) throw new Error("the log's writer runs in a worker thread");
const newClient = () => clientOf(addressOf((workerData as WriterData).url), "leader", "tidings-writer");
let client = newClient();
let answers: FromWriter["outcomes"] = [];
/** Whether the client has its stream of appends open, as far as is known. */
let open = false;
/** The last append of each stream that was asked for while it was not. */
const turns = new Map<string, Promise<void>>();

// A thread that is long in starting is not to be taken for a silent one.
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
 * In the order in which they come, with nothing awaited in between: the client writes them to one stream. Only the append that opens the stream is
 * overtaken by those that come meanwhile, so until one is answered, appends to the same stream go one by one.
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
    // What is missing is for reads only: an append makes its stream.
    return fault.kind === "missing" ? { ...fault, kind: "bug" } : (fault as Outcome);
  }
}

/** https://grpc.io/docs/guides/status-codes/ */
const CANCELLED = 1;
const UNAVAILABLE = 14;

/**
 * Before its first append a client asks the server what it can do, and gives the answer to all that follow, also where it is an error: of the server,
 * or that none was found. Only where the server was away does it ask again. Such an error is passed on as it came, without a type.
 */
function isLasting(error: unknown): boolean {
  const { type, code } = error as { type?: unknown; code?: unknown };
  return type === undefined && code !== UNAVAILABLE && code !== CANCELLED;
}

function flush(): void {
  port?.postMessage({ kind: "outcomes", outcomes: answers } satisfies FromWriter);
  answers = [];
}
