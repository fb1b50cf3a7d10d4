import type { Duplex } from "node:stream";
import { parentPort, workerData } from "node:worker_threads";
import { convertToCommandError, jsonEvent, type JSONType } from "@eventstore/db-client";
import { unpackToCommandError } from "@eventstore/db-client/dist/streams/appendToStream/unpackError.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import { type AppendCall, openAppends, streamOf, subscribeToAll } from "./calls.ts";
import { createConfirming } from "./confirming.ts";
import { addressOf, clientOf, type Preference } from "./connection.ts";
import { faultOf } from "./faults.ts";
import { createFeed } from "./feed.ts";
import { type Append, type FromWriter, type Outcome, packOutcome, type ToWriter, unpacked, type WriterData } from "./messages.ts";
import { answerOf, appendRequest, framedRequest } from "./wire.ts";

// The thread with the one writing client of the process, and with its feed of the whole log. What the client throws where no
// `try` can catch it ends only this thread, which is started again, and not the process.

/**
 * The server compares the deadline with its own clock. A short one would fail every append if the clocks differ, or if one of
 * them is set back. It is also below the limit of 32-bit timers. The main thread decides how long an append is really waited for.
 */
const DEADLINE_MS = 10 * 86_400_000;

const port = parentPort;
if (port === null) throw new Error("the log's writer runs in a worker thread");
const clientFor = (preference: Preference, name: string) => clientOf(addressOf((workerData as WriterData).url), preference, name);
const newClient = () => clientFor("leader", "tidings-writer");
let client = newClient();
let answers: FromWriter = { kind: "outcomes", stored: [], others: [] };
let isAnswering = false;

/**
 * The call that carries the appends, the numbers of those that it has not answered, and whether it has ended. `stream`: the one
 * below it, once it has answered.
 */
type Batch = { call: AppendCall; waiting: Set<number>; isOver: boolean; stream: Duplex | undefined };
let batch: Batch | undefined;
/** The appends that came since a call is being opened, or is about to have its stream. Undefined if none is. */
let held: Append[] | undefined;

/** How long a repeat that came together with its original waits, in milliseconds. */
const REPEAT_MS = 20;

/** How long appends are held, at most, for those before them to be answered, in milliseconds. They might overtake them. */
const HELD_MS = 100;

// Another client, because a client ends all calls on its channel when one of them fails.
const follower = clientFor("as given", "tidings-feed");
const feed = createFeed({
  open: (after) => subscribeToAll(follower, after, (bytes) => bytes),
  came: (bytes, layout) => confirming.came(bytes, layout),
});
const confirming = createConfirming(feed, answer);

// So that a thread that starts slowly does not count as silent.
flush();
port.on("message", (message: ToWriter) => {
  switch (message.kind) {
    case "appends": {
      const stream = batch?.stream;
      stream?.cork();
      const ids = new Set<string>();
      const repeats: Append[] = [];
      for (const append of message.appends.map(unpacked)) {
        const id = append.events[0]?.[0] ?? "";
        if (ids.has(id)) repeats.push(append);
        else take(append);
        ids.add(id);
      }
      stream?.uncork();
      // The server stores what is in its queue once that is empty, but not after a repeat: one in the same breath would leave the
      // original waiting until something else is appended.
      if (repeats.length > 0) setTimeout(() => repeats.forEach(take), REPEAT_MS);
      return;
    }
    case "reader":
      return feed.add(message.port);
    case "close":
      // Nobody waits for an outcome any more.
      port.close();
      feed.close();
      confirming.close();
      void client.dispose().catch(() => {});
      void follower.dispose().catch(() => {});
  }
});

/** Sends appends in the order in which they arrive, with no wait in between: one call carries them. */
function take(append: Append): void {
  if (held) return void held.push(append);
  if (batch) return send(batch, append);
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
  const opened: Batch = { call, waiting: new Set(), isOver: false, stream: undefined };
  const { waiting } = opened;
  let holding: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(holding);
    const appends = held ?? [];
    held = undefined;
    for (const append of appends) take(append);
  };
  const end = (outcome: Outcome): void => {
    opened.isOver = true;
    const isHolding = batch === opened && held !== undefined;
    if (batch === opened) batch = undefined;
    for (const number of waiting) fail(number, outcome);
    waiting.clear();
    if (isHolding) release();
  };
  /** From the first answer on, many appends at once go to the stream below the call. */
  const answered = (): void => {
    if (batch !== opened || opened.stream) return;
    if (waiting.size === 0) {
      opened.stream = streamOf(call);
      if (held) release();
    } else if (holding === undefined) {
      held = [];
      holding = setTimeout(release, HELD_MS);
    }
  };
  call.on("data", (bytes: Buffer) => {
    try {
      const { number, stored } = answerOf(bytes);
      // It may be answered already: a server may answer twice.
      if (!waiting.delete(number)) return;
      if (stored) confirming.stored(number, stored);
      else fail(number, refusalIn(bytes));
      answered();
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

function send({ call, waiting, stream }: Batch, append: Append): void {
  waiting.add(append.number);
  confirming.sent(append);
  const deadline = Math.floor((Date.now() + DEADLINE_MS) / 1_000);
  try {
    if (stream) stream.write(framedRequest(append, deadline));
    else call.write(appendRequest(append, deadline));
  } catch (error) {
    // It concerns this append alone.
    if (waiting.delete(append.number)) fail(append.number, outcomeOf(error));
  }
}

/** The outcome of an append that was sent, and was not stored, as far as is known. */
function fail(number: number, outcome: Outcome): void {
  confirming.failed(number);
  answer(number, outcome);
}

function refusalIn(bytes: Buffer): Outcome {
  const response = streams.BatchAppendResp.deserializeBinary(bytes);
  const error = response.getError();
  const stream = Buffer.from(response.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString("utf8");
  return error ? outcomeOf(unpackToCommandError(error, stream)) : { kind: "away", message: "an answer that says nothing" };
}

function answer(number: number, outcome: Outcome): void {
  if (!isAnswering) setImmediate(flush);
  isAnswering = true;
  if (outcome.kind === "stored" && outcome.place) packOutcome(answers.stored, number, { ...outcome, place: outcome.place });
  else answers.others.push([number, outcome]);
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
  port?.postMessage(answers);
  answers = { kind: "outcomes", stored: [], others: [] };
  isAnswering = false;
}
