import { randomUUID } from "node:crypto";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { endings, type Ending, type ReadFault } from "./faults.ts";
import type { EventLog, Stored } from "./log.ts";
import { eventMessage, header, identifierOf, streamName } from "./messages.ts";

/** What reads need of the node that they came to. */
export type ReadingNode = {
  log: EventLog;
  /** How many events of the log this node has: a follower may lag. */
  visible(): number;
  /** `wake` is called when there may be more of them. The function returned ends it. */
  listen(wake: () => void): () => void;
  notLeader(): Ending | undefined;
  /** The fault that this read, or this subscription, meets. */
  fault(kind: "read" | "subscription"): ReadFault | undefined;
  /** A subscription that has begun; the function ends it from without. The function returned is called when it is over. */
  subscribed(end: (ending: Ending) => void): () => void;
};

type Call = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
const { BACKWARDS } = streams.ReadReq.Options.ReadDirection;

/** Reads of a stream and of everything, and subscriptions to everything, unfiltered. */
export function read(node: ReadingNode, call: Call): void {
  const options = call.request.getOptions();
  const elsewhere = header(call.metadata, "requires-leader") === "true" ? node.notLeader() : undefined;
  if (elsewhere || !options) return fail(call, elsewhere ?? endings.unknown);
  if (options.hasFilter() || options.getResolveLinks() || (options.hasSubscription() && options.hasStream()))
    return fail(call, endings.unsupported);
  if (options.hasSubscription()) return void follow(node, call, options);
  const fault = node.fault("read");
  if (fault?.kind === "silent") return;
  const events = options.hasStream() ? streamEvents(node, options) : allEvents(node, options);
  if (events === "invalid position") return fail(call, endings.invalidPosition);
  const page = events?.slice(0, fault ? fault.after : Number(options.getCount())) ?? [];
  void send(call, page).then(() => {
    if (fault) return fail(call, fault.ending);
    if (!events) call.write(notFound(streamName(options.getStream()?.getStreamIdentifier())));
    call.end();
  });
}

/** In the order of the read; undefined where there is no such stream. */
function streamEvents({ log, visible }: ReadingNode, options: streams.ReadReq.Options): Stored[] | undefined {
  const from = options.getStream();
  const last = log.events[visible() - 1]?.position ?? -1n;
  const own = log.stream(streamName(from?.getStreamIdentifier())).filter(({ position }) => position <= last);
  if (own.length === 0) return undefined;
  const start = from?.hasEnd() ? Infinity : from?.hasStart() ? 0 : Number(from?.getRevision());
  if (options.getReadDirection() === BACKWARDS) return own.filter(({ revision }) => revision <= start).reverse();
  return own.filter(({ revision }) => revision >= start);
}

/** Forwards the position counts in, backwards it does not. */
function allEvents({ log, visible }: ReadingNode, options: streams.ReadReq.Options): Stored[] | "invalid position" {
  const from = options.getAll();
  const events = log.events.slice(0, visible());
  const backwards = options.getReadDirection() === BACKWARDS;
  if (from?.hasStart()) return backwards ? [] : events;
  if (from?.hasEnd()) return backwards ? events.reverse() : [];
  const position = BigInt(from?.getPosition()?.getCommitPosition() ?? 0);
  if (!isBoundary(events, position)) return "invalid position";
  if (backwards) return events.filter((event) => event.end <= position).reverse();
  return events.filter((event) => event.position >= position);
}

/** An offset in the midst of a record is none that a server reads from. */
function isBoundary(events: readonly Stored[], position: bigint): boolean {
  const end = events[events.length - 1]?.end ?? 0n;
  return position === 0n || position >= end || events.some((event) => event.position === position || event.end === position);
}

async function follow(node: ReadingNode, call: Call, options: streams.ReadReq.Options): Promise<void> {
  const fault = node.fault("subscription");
  if (fault?.kind === "silent") return;
  const { events } = node.log;
  const from = options.getAll();
  const named = from?.hasEnd() ? events[node.visible() - 1]?.position : from?.getPosition()?.getCommitPosition();
  const after = BigInt(named ?? -1);
  const first = events.findIndex(({ position }) => position > after);
  let next = first < 0 ? events.length : first;
  let sent = 0;
  let caughtUp = false;
  let open = true;
  let wake = (): void => {};
  const over = (): void => {
    open = false;
    wake();
  };
  const end = (ending: Ending): void => {
    if (open) fail(call, ending);
    over();
  };
  const forget = node.subscribed(end);
  const unlisten = node.listen(() => wake());
  for (const event of ["cancelled", "close"] as const) call.on(event, over);

  call.write(confirmation());
  while (open) {
    const event = next < node.visible() ? events[next] : undefined;
    if (fault && sent >= fault.after) end(fault.ending);
    else if (event) {
      next++;
      // A position that lies behind all events so far is one that they have to reach first.
      if (event.position <= after) continue;
      sent++;
      if (!call.write(eventMessage(event))) await drained(call);
    } else {
      if (!caughtUp) call.write(caughtUpMessage());
      caughtUp = true;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  unlisten();
  forget();
}

async function send(call: Call, events: readonly Stored[]): Promise<void> {
  for (const event of events) {
    if (call.cancelled) return;
    if (!call.write(eventMessage(event))) await drained(call);
  }
}

const fail = (call: Call, ending: Ending): void => void call.emit("error", ending);

/** Resolves when more can be written, or nothing can any more. */
const drained = (call: Call): Promise<void> =>
  new Promise((resolve) => {
    const events = ["drain", "cancelled", "close"] as const;
    const go = (): void => {
      for (const event of events) call.off(event, go);
      resolve();
    };
    for (const event of events) call.on(event, go);
  });

function notFound(stream: string): streams.ReadResp {
  const missing = new streams.ReadResp.StreamNotFound();
  missing.setStreamIdentifier(identifierOf(stream));
  const message = new streams.ReadResp();
  message.setStreamNotFound(missing);
  return message;
}

function confirmation(): streams.ReadResp {
  const confirmed = new streams.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(randomUUID());
  const message = new streams.ReadResp();
  message.setConfirmation(confirmed);
  return message;
}

function caughtUpMessage(): streams.ReadResp {
  const message = new streams.ReadResp();
  message.setCaughtUp(new streams.ReadResp.CaughtUp());
  return message;
}
