import { parentPort, workerData } from "node:worker_threads";
import { convertToCommandError, jsonEvent, type JSONType } from "@eventstore/db-client";
import { unpackToCommandError } from "@eventstore/db-client/dist/streams/appendToStream/unpackError.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import { type AppendCall, openAppends } from "./calls.ts";
import { addressOf, clientOf } from "./connection.ts";
import { faultOf } from "./faults.ts";
import type { Append, FromWriter, Outcome, ToWriter, WriterData } from "./messages.ts";
import { answerOf, appendRequest } from "./wire.ts";

// The thread with the one writing client of the process. What the client throws where no `try` can catch it ends only this
// thread, which is started again, and not the process.

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

/** The call that carries the appends, the numbers of those that it has not answered, and whether it has ended. */
type Batch = { call: AppendCall; waiting: Set<number>; isOver: boolean };
let batch: Batch | undefined;
/** The appends that came since a call is being opened. Undefined if none is. */
let held: Append[] | undefined;

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

/** Sends appends in the order in which they arrive, with no wait in between: one call carries them. */
function take(append: Append): void {
  if (batch) return send(batch, append);
  if (held) return void held.push(append);
  held = [append];
  void open();
}

async function open(): Promise<void> {
  const used = client;
  try {
    const opened = await openAppends(used, listen);
    const appends = held ?? [];
    held = undefined;
    if (!opened) for (const append of appends) void answerAlone(append);
    else if (opened.isOver) for (const { number } of appends) answer(number, ENDED);
    else {
      batch = opened;
      for (const append of appends) send(batch, append);
    }
  } catch (error) {
    if (isLasting(error) && client === used) client = newClient();
    const appends = held ?? [];
    held = undefined;
    for (const { number } of appends) answer(number, outcomeOf(error));
  }
}

function listen(call: AppendCall): Batch {
  const opened: Batch = { call, waiting: new Set(), isOver: false };
  const { waiting } = opened;
  const end = (outcome: Outcome): void => {
    opened.isOver = true;
    if (batch === opened) batch = undefined;
    for (const number of waiting) answer(number, outcome);
    waiting.clear();
  };
  call.on("data", (bytes: Buffer) => {
    try {
      const { number, stored } = answerOf(bytes);
      // It may be answered already: a server may answer twice.
      if (waiting.has(number)) answer(number, stored ? { kind: "stored", ...stored } : refusalIn(bytes));
      waiting.delete(number);
    } catch (error) {
      // Whose answer it is, nobody can tell. The same appends are sent again over another call.
      end({ kind: "away", message: `an answer that cannot be read: ${String(error)}` });
      call.cancel();
    }
  });
  call.on("error", (error: Error) => end(outcomeOf(convertToCommandError(error))));
  call.on("end", () => {
    end(ENDED);
    // Its other half would stay open, and with it the client.
    call.end();
  });
  return opened;
}

const ENDED: Outcome = { kind: "away", message: "the server ended the call that carries the appends" };

function send({ call, waiting }: Batch, append: Append): void {
  waiting.add(append.number);
  try {
    call.write(appendRequest(append, Math.floor((Date.now() + DEADLINE_MS) / 1_000)));
  } catch (error) {
    // It concerns this append alone.
    if (waiting.delete(append.number)) answer(append.number, outcomeOf(error));
  }
}

function refusalIn(bytes: Buffer): Outcome {
  const response = streams.BatchAppendResp.deserializeBinary(bytes);
  const error = response.getError();
  const stream = Buffer.from(response.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString("utf8");
  return error ? outcomeOf(unpackToCommandError(error, stream)) : { kind: "away", message: "an answer that says nothing" };
}

function answer(number: number, outcome: Outcome): void {
  if (answers.length === 0) setImmediate(flush);
  answers.push([number, outcome]);
}

function outcomeOf(error: unknown): Outcome {
  const fault = faultOf(error);
  // Only a read can find a stream missing: an append creates its stream.
  return fault.kind === "missing" ? { ...fault, kind: "bug" } : (fault as Outcome);
}

/** Appends by a call of its own, for a server that has no other. */
async function answerAlone({ number, stream, expected, events }: Append): Promise<void> {
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
    answer(number, { kind: "stored", revision: Number(nextExpectedRevision), place: position });
  } catch (error) {
    if (isLasting(error) && client === used) client = newClient();
    answer(number, outcomeOf(error));
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
