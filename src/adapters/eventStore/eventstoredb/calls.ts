import { Duplex } from "node:stream";
import type { EventStoreDBClient } from "@eventstore/db-client";
import { StreamsClient, StreamsService } from "@eventstore/db-client/generated/streams_grpc_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { Place } from "./position.ts";

// The two calls that carry every event are opened by the client, with its channel, credentials and discovery of the leader. But
// what they carry is written and read in `wire.ts`. For that, this uses what the client has for its own methods (6.2.1).

type Arguments = Required<Parameters<StreamsClient["batchAppend"]>>;
type Doors = {
  GRPCStreamCreator<T>(Client: typeof StreamsClient, name: string, open: (grpc: StreamsClient) => T): () => Promise<T>;
  callArguments(options: object, call: { deadline: number }): Arguments;
  supports(method: typeof StreamsService.batchAppend): Promise<boolean>;
};
const doorsOf = (client: EventStoreDBClient): Doors => client as unknown as Doors;

const asItIs = (bytes: Buffer): Buffer => bytes;

/** The call that carries many appends: `BatchAppendReq` goes in, `BatchAppendResp` comes out, both as bytes. */
export type AppendCall = ReturnType<typeof batchCall>;

const batchCall = (grpc: StreamsClient, doors: Doors) =>
  grpc.makeBidiStreamRequest(StreamsService.batchAppend.path, asItIs, asItIs, ...doors.callArguments({}, { deadline: Infinity }));

/** Where the call keeps the HTTP/2 stream below it, once the server has begun to answer (grpc-js 1.14). */
const STREAM_AT = ["call", "call", "child", "underlyingCalls", "0", "call", "child", "http2Stream"];

/**
 * The HTTP/2 stream of a call that the server has begun to answer. Messages can be written to it, each behind its head, many at
 * once. The call itself writes one, and waits until the system has taken it. Undefined if it cannot be found.
 */
export function streamOf(call: AppendCall): Duplex | undefined {
  let at: unknown = call;
  for (const name of STREAM_AT) at = (at as { [name: string]: unknown } | null | undefined)?.[name];
  return at instanceof Duplex ? at : undefined;
}

/**
 * Opens a call that carries many appends. Returns what `listen` made of it. `listen` gets it before anything can happen to it.
 * Undefined if the server is too old to have such a call. Rejects with an error for `faultOf`.
 */
export async function openAppends<T>(client: EventStoreDBClient, listen: (call: AppendCall) => T): Promise<T | undefined> {
  const doors = doorsOf(client);
  if (!(await doors.supports(StreamsService.batchAppend))) return undefined;
  const listened: T[] = [];
  const open = doors.GRPCStreamCreator(StreamsClient, "appendToStream", (grpc) => {
    const call = batchCall(grpc, doors);
    listened.push(listen(call));
    return call;
  });
  await open();
  return listened[0];
}

/**
 * Opens a catch-up subscription to the whole log. `read`: makes of each message (a `ReadResp`) what the subscription gives.
 * Rejects with an error for `faultOf`.
 */
export const subscribeToAll = <T>(client: EventStoreDBClient, after: Place, read: (bytes: Buffer) => T) =>
  openRead(client, "subscribeToAll", reading(after), read);

/**
 * Reads at most `count` records of the whole log from a place on, that of the place among them. `read`: makes of each message (a
 * `ReadResp`) what is resolved with. Rejects with an error for `faultOf`, and with `late` after `timeoutMs`.
 */
export async function readAllAsBytes<T>(
  client: EventStoreDBClient,
  from: Place,
  count: number,
  read: (bytes: Buffer) => T,
  timeoutMs: number,
  late: () => Error,
): Promise<T[]> {
  const call = await openRead(client, "readAll", reading(from, count), read);
  return new Promise((resolve, reject) => {
    const items: T[] = [];
    const timer = setTimeout(() => {
      reject(late());
      call.cancel();
    }, timeoutMs);
    call.on("data", (item: T) => items.push(item));
    call.on("end", () => resolve(items));
    // It stays: a cancelled call fails once more.
    call.on("error", reject);
    call.on("close", () => clearTimeout(timer));
  });
}

function openRead<T>(client: EventStoreDBClient, name: string, what: streams.ReadReq, read: (bytes: Buffer) => T) {
  const doors = doorsOf(client);
  const request = what.serializeBinary();
  const open = doors.GRPCStreamCreator(StreamsClient, name, (grpc) =>
    grpc.makeServerStreamRequest(
      StreamsService.read.path,
      Buffer.from,
      read,
      request,
      ...doors.callArguments({}, { deadline: Infinity }),
    ),
  );
  return open();
}

/** `count`: of a read that ends. Without it, it is a subscription. */
function reading({ commit, prepare }: Place, count?: number): streams.ReadReq {
  const position = new streams.ReadReq.Options.Position();
  position.setCommitPosition(String(commit));
  position.setPreparePosition(String(prepare));
  const all = new streams.ReadReq.Options.AllOptions();
  all.setPosition(position);
  const uuids = new streams.ReadReq.Options.UUIDOption();
  uuids.setString(new shared.Empty());
  const options = new streams.ReadReq.Options();
  options.setAll(all);
  if (count === undefined) options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  else options.setCount(String(count));
  options.setUuidOption(uuids);
  options.setNoFilter(new shared.Empty());
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
}
