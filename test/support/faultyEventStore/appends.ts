import streams from "@eventstore/db-client/generated/streams_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { endings, type AppendFault, type Ending } from "./faults.ts";
import type { EventLog, Expected, Outcome, Proposed } from "./log.ts";
import { header, identifierOf, proposedOf, sizeOf, statusOf, streamName, uuidText, type BatchError } from "./messages.ts";

/** What a server was asked to append, and how. `deadline`: the absolute time that a batch append carries. */
export type SeenAppend = {
  call: "BatchAppend" | "Append";
  stream: string;
  ids: string[];
  expected: Expected;
  deadline?: Date;
  requiresLeader: boolean;
};

/** An append that has come whole and waits for what becomes of it. */
export type Arrived = {
  seen: SeenAppend;
  store(): Outcome;
  answer(outcome: Outcome, withPosition?: boolean): void;
  refuse(kind: "busy" | "not ready" | "timeout"): void;
  /** The call that it came with ends, and with it everything else that came with it. */
  end(ending: Ending): void;
};

/** What the two calls need of the node that they came to. */
export type AppendingNode = { log: EventLog; now(): number; notLeader(): Ending | undefined; arrived(append: Arrived): void };

/** What a server takes at most in one append, in bytes. */
const MOST = 1_048_576;

/** One append meets one fault, or none. */
export function meet(append: Arrived, fault: AppendFault | undefined): void {
  switch (fault?.kind) {
    case undefined:
      return append.answer(append.store());
    case "silent":
      if (fault.stored) append.store();
      return;
    case "twice": {
      const outcome = append.store();
      append.answer(outcome);
      return append.answer(outcome);
    }
    case "no position":
      return append.answer(append.store(), false);
    case "busy":
    case "not ready":
      return append.refuse(fault.kind);
    case "timeout":
      if (fault.stored) append.store();
      return append.refuse("timeout");
    case "ends":
      if (fault.stored) append.store();
      return append.end(fault.ending);
  }
}

type Pending = { stream: string; expected: Expected; deadline: Date | undefined; events: Proposed[] };

/** The call that carries many appends, each in one or more parts, and their answers in any order. */
export function batchAppend(
  node: AppendingNode,
  call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>,
): void {
  const pending = new Map<string, Pending>();
  const requiresLeader = header(call.metadata, "requires-leader") === "true";
  let open = true;

  const end = (ending: Ending): void => {
    if (open) call.emit("error", ending);
    open = false;
  };

  const answerOf = (request: streams.BatchAppendReq, stream: string): streams.BatchAppendResp => {
    const response = new streams.BatchAppendResp();
    response.setCorrelationId(request.getCorrelationId());
    response.setStreamIdentifier(identifierOf(stream));
    return response;
  };
  const write = (response: streams.BatchAppendResp): void => {
    if (open) call.write(response);
  };
  const refuse = (request: streams.BatchAppendReq, stream: string, error: BatchError): void => {
    const response = answerOf(request, stream);
    response.setError(statusOf(error));
    write(response);
  };

  const arrived = (request: streams.BatchAppendReq, { stream, expected, deadline, events }: Pending): Arrived => ({
    seen: {
      call: "BatchAppend",
      stream,
      ids: events.map(({ id }) => id),
      expected,
      ...(deadline && { deadline }),
      requiresLeader,
    },
    store: () => node.log.append(stream, expected, events),
    answer(outcome, withPosition = true) {
      if (outcome.kind === "wrong revision") return refuse(request, stream, { ...outcome, expected });
      const success = new streams.BatchAppendResp.Success();
      success.setCurrentRevision(String(outcome.revision));
      if (withPosition) {
        const position = new shared.AllStreamPosition();
        position.setCommitPosition(String(outcome.position));
        position.setPreparePosition(String(outcome.position));
        success.setPosition(position);
      } else success.setNoPosition(new empty.Empty());
      const response = answerOf(request, stream);
      response.setSuccess(success);
      write(response);
    },
    refuse: (kind) => refuse(request, stream, { kind }),
    end,
  });

  call.on("data", (request: streams.BatchAppendReq) => {
    const id = uuidText(request.getCorrelationId()) ?? "";
    const options = request.getOptions();
    if (options) {
      const stream = streamName(options.getStreamIdentifier());
      const deadline = options.getDeadline()?.toDate();
      if (deadline && deadline.getTime() <= node.now()) return refuse(request, stream, { kind: "timeout" });
      pending.set(id, { stream, expected: expectedOf(options), deadline, events: [] });
    }
    const append = pending.get(id);
    if (!append) return;
    const events = request.getProposedMessagesList().map(proposedOf);
    if (events.includes(undefined)) {
      // A server answers at once, and once more when the append that it still waits for is late.
      refuse(request, append.stream, { kind: "bad request", message: "an event's id is no UUID" });
      setImmediate(() => refuse(request, append.stream, { kind: "timeout" }));
      return;
    }
    append.events.push(...events.filter((event) => event !== undefined));
    if (append.events.reduce((sum, event) => sum + sizeOf(event), 0) > MOST) {
      pending.delete(id);
      return refuse(request, append.stream, { kind: "too large", most: MOST });
    }
    if (!request.getIsFinal()) return;
    pending.delete(id);
    const elsewhere = requiresLeader ? node.notLeader() : undefined;
    if (elsewhere) end(elsewhere);
    else node.arrived(arrived(request, append));
  });
  call.on("end", () => {
    if (open) call.end();
    open = false;
  });
  for (const event of ["cancelled", "close", "error"] as const) call.on(event, () => (open = false));
}

/** The call that carries one append alone. */
export function append(
  node: AppendingNode,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  callback: sendUnaryData<streams.AppendResp>,
): void {
  const events: Proposed[] = [];
  const requiresLeader = header(call.metadata, "requires-leader") === "true";
  let options: streams.AppendReq.Options | undefined;
  call.on("data", (request: streams.AppendReq) => {
    options ??= request.getOptions();
    const event = request.hasProposedMessage() && proposedOf(request.getProposedMessage() as streams.AppendReq.ProposedMessage);
    if (event) events.push(event);
  });
  call.on("end", () => {
    const elsewhere = requiresLeader ? node.notLeader() : undefined;
    if (!options || elsewhere) return callback(elsewhere ?? endings.unknown);
    const stream = streamName(options.getStreamIdentifier());
    const expected = expectedOf(options);
    node.arrived({
      seen: { call: "Append", stream, ids: events.map(({ id }) => id), expected, requiresLeader },
      store: () => node.log.append(stream, expected, events),
      answer: (outcome, withPosition = true) => callback(null, responseOf(outcome, expected, withPosition)),
      refuse: (kind) => callback(kind === "timeout" ? endings.timedOut : kind === "busy" ? endings.tooBusy : endings.notReady),
      end: (ending) => callback(ending),
    });
  });
}

function responseOf(outcome: Outcome, expected: Expected, withPosition: boolean): streams.AppendResp {
  const response = new streams.AppendResp();
  if (outcome.kind === "stored") {
    const success = new streams.AppendResp.Success();
    success.setCurrentRevision(String(outcome.revision));
    if (withPosition) {
      const position = new streams.AppendResp.Position();
      position.setCommitPosition(String(outcome.position));
      position.setPreparePosition(String(outcome.position));
      success.setPosition(position);
    } else success.setNoPosition(new shared.Empty());
    response.setSuccess(success);
    return response;
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.current < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(outcome.current));
  if (expected === "any") wrong.setExpectedAny(new shared.Empty());
  else if (expected === "no_stream") wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === "stream_exists") wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  response.setWrongExpectedVersion(wrong);
  return response;
}

function expectedOf(options: streams.BatchAppendReq.Options | streams.AppendReq.Options): Expected {
  if (options.hasNoStream()) return "no_stream";
  if (options.hasStreamExists()) return "stream_exists";
  if (options.hasAny()) return "any";
  return Number("getStreamPosition" in options ? options.getStreamPosition() : options.getRevision());
}
