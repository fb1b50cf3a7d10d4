import streams from "@eventstore/db-client/generated/streams_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import status from "@eventstore/db-client/generated/status_pb.js";
import type { Metadata } from "@grpc/grpc-js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { Expected, Proposed, Stored } from "./log.ts";

/** Milliseconds to the ticks of 100 ns in which servers tell times. */
const TICKS = 10_000;

/** A header's text, where there is one. */
export const header = (metadata: Metadata, name: string): string | undefined => metadata.get(name)[0]?.toString();

export function streamName(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString("utf8");
}

export function identifierOf(name: string): shared.StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name));
  return identifier;
}

/** A UUID in either of its forms; undefined where it is none. */
export function uuidText(uuid: shared.UUID | undefined): string | undefined {
  if (uuid?.hasStructured()) {
    const halves = [uuid.getStructured()?.getMostSignificantBits(), uuid.getStructured()?.getLeastSignificantBits()];
    const hex = halves
      .map((half) =>
        BigInt.asUintN(64, BigInt(half ?? 0))
          .toString(16)
          .padStart(16, "0"),
      )
      .join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  const text = uuid?.getString().toLowerCase() ?? "";
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : undefined;
}

/** An event as both kinds of append propose it; undefined where its id is no UUID. */
export function proposedOf(
  message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage,
): Proposed | undefined {
  const id = uuidText(message.getId());
  if (id === undefined) return undefined;
  const words = message.getMetadataMap();
  return {
    id,
    type: words.get("type") ?? "",
    contentType: words.get("content-type") ?? "",
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What an event counts towards the largest append that is taken. */
export const sizeOf = ({ type, data, metadata }: Proposed): number => 2 * type.length + data.length + metadata.length;

/** An answer to a read that carries one event. */
export function eventMessage(stored: Stored): streams.ReadResp {
  const id = new shared.UUID();
  id.setString(stored.id);
  const record = new streams.ReadResp.ReadEvent.RecordedEvent();
  record.setId(id);
  record.setStreamIdentifier(identifierOf(stored.stream));
  record.setStreamRevision(String(stored.revision));
  record.setCommitPosition(String(stored.position));
  record.setPreparePosition(String(stored.position));
  record.setData(stored.data);
  record.setCustomMetadata(stored.metadata);
  const words = record.getMetadataMap();
  words.set("type", stored.type);
  words.set("content-type", stored.contentType);
  words.set("created", String(BigInt(stored.created) * BigInt(TICKS)));
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(record);
  event.setCommitPosition(String(stored.position));
  const message = new streams.ReadResp();
  message.setEvent(event);
  return message;
}

/** The faults that come as an answer to one append of a batch stream, in a server's words. */
export type BatchError =
  | { kind: "wrong revision"; current: number; expected: Expected }
  | { kind: "timeout" | "busy" | "not ready" }
  | { kind: "too large"; most: number }
  | { kind: "bad request"; message: string };

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CODE = { OK: 0, INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, ALREADY_EXISTS: 6 } as const;

/** A fault as an answer to a batch append carries it. */
export function statusOf(error: BatchError): status.Status {
  switch (error.kind) {
    case "wrong revision":
      return packed(CODE.ALREADY_EXISTS, "WrongExpectedVersion", "WrongExpectedVersion", wrongRevision(error));
    case "timeout":
      return packed(CODE.DEADLINE_EXCEEDED, "Timeout", "Timeout", new shared.Timeout());
    case "too large": {
      const details = new shared.MaximumAppendSizeExceeded();
      details.setMaxappendsize(error.most);
      return packed(CODE.INVALID_ARGUMENT, "MaximumAppendSizeExceeded", "MaximumAppendSizeExceeded", details);
    }
    case "bad request": {
      const details = new shared.BadRequest();
      details.setMessage(error.message);
      return packed(CODE.INVALID_ARGUMENT, "BadRequest", "BadRequest", details);
    }
    // The server packs an empty message and sets no code.
    case "busy":
      return packed(CODE.OK, "Server Is Busy", undefined, new empty.Empty());
    case "not ready":
      return packed(CODE.OK, "Server Is Not Ready", undefined, new empty.Empty());
  }
}

function packed(
  code: number,
  message: string,
  type: string | undefined,
  details: { serializeBinary(): Uint8Array },
): status.Status {
  const packing = new any.Any();
  packing.pack(details.serializeBinary(), type === undefined ? "google.protobuf.Empty" : `event_store.client.${type}`);
  const answer = new status.Status();
  answer.setCode(code);
  answer.setMessage(message);
  answer.setDetails(packing);
  return answer;
}

function wrongRevision({ current, expected }: { current: number; expected: Expected }): shared.WrongExpectedVersion {
  const details = new shared.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new empty.Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expected === "any") details.setExpectedAny(new empty.Empty());
  else if (expected === "no_stream") details.setExpectedNoStream(new empty.Empty());
  else if (expected === "stream_exists") details.setExpectedStreamExists(new empty.Empty());
  else details.setExpectedStreamPosition(String(expected));
  return details;
}
