import shared from "@eventstore/db-client/generated/shared_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import type { Place } from "../../src/adapters/eventStore/eventstoredb/position.ts";

export type Sent = {
  id: string;
  stream: string;
  revision?: number;
  place: Place;
  type?: string;
  contentType?: string;
  data?: string;
  metadata?: string;
};

/** A `ReadResp` with a record, as the server sends it. */
export function recordResponse(sent: Sent): Buffer {
  const event = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(sent.id);
  event.setId(id);
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(sent.stream).toString("base64"));
  event.setStreamIdentifier(name);
  event.setStreamRevision(String(sent.revision ?? 0));
  event.setPreparePosition(String(sent.place.prepare));
  event.setCommitPosition(String(sent.place.commit));
  event
    .getMetadataMap()
    .set("type", sent.type ?? "MessageSent")
    .set("created", "638000000000000000")
    .set("content-type", sent.contentType ?? "application/json");
  event.setCustomMetadata(Buffer.from(sent.metadata ?? "{}").toString("base64"));
  event.setData(Buffer.from(sent.data ?? "{}").toString("base64"));
  const read = new streams.ReadResp.ReadEvent();
  read.setEvent(event);
  read.setCommitPosition("1");
  const response = new streams.ReadResp();
  response.setEvent(read);
  return Buffer.from(response.serializeBinary());
}

/** A `ReadResp` without one: the subscription has begun. */
export function confirmationResponse(): Buffer {
  const response = new streams.ReadResp();
  const confirmation = new streams.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId("one");
  response.setConfirmation(confirmation);
  return Buffer.from(response.serializeBinary());
}
