import empty from "google-protobuf/google/protobuf/empty_pb.js";
import shared from "@eventstore/db-client/generated/shared_pb.js";
import streams from "@eventstore/db-client/generated/streams_pb.js";
import { describe, expect, it } from "vitest";
import { answerOf, appendRequest, recordOf } from "../../../../src/adapters/eventStore/eventstoredb/wire.ts";
import { uuidText } from "../../../support/faultyEventStore/messages.ts";
import { confirmationResponse, recordResponse } from "../../../support/readResponses.ts";

const ID = "0f9c7a54-51a6-5b0e-8f3c-2d1d6f0a9b11";
const LARGE = 2n ** 63n - 1n;

describe("an append", () => {
  const append = {
    number: 300,
    stream: "bench/conversation-g:größe",
    expected: 129,
    events: [
      [ID, "MessageSent", '{"text":"Grüße 👋"}', '{"schema":1}'],
      [ID.replace("0f", "1f"), "Said", JSON.stringify({ text: "x".repeat(20_000) }), "{}"],
    ] as [string, string, string, string][],
  };

  it("is what the server reads", () => {
    const read = streams.BatchAppendReq.deserializeBinary(appendRequest(append, 1_800_000_000));
    expect(uuidText(read.getCorrelationId())).toBe("00000000-0000-0000-0000-00000000012c");
    expect(read.getIsFinal()).toBe(true);
    expect(Buffer.from(read.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(append.stream);
    expect(read.getOptions()?.getStreamPosition()).toBe("129");
    expect(read.getOptions()?.getDeadline()?.getSeconds()).toBe(1_800_000_000);
    const events = read
      .getProposedMessagesList()
      .map((message) => [
        message.getId()?.getString(),
        message.getMetadataMap().get("type"),
        Buffer.from(message.getData_asU8()).toString(),
        Buffer.from(message.getCustomMetadata_asU8()).toString(),
      ]);
    expect(events).toEqual(append.events);
    for (const message of read.getProposedMessagesList())
      expect(message.getMetadataMap().get("content-type")).toBe("application/json");
  });

  it.each([
    [-1, "hasNoStream"],
    ["any", "hasAny"],
    [0, "hasStreamPosition"],
    [2 ** 40, "hasStreamPosition"],
  ] as const)("expects %s", (expected, has) => {
    const options = streams.BatchAppendReq.deserializeBinary(appendRequest({ ...append, expected }, 1)).getOptions();
    expect(options?.[has]()).toBe(true);
    if (has === "hasStreamPosition") expect(options?.getStreamPosition()).toBe(String(expected));
  });
});

describe("the answer to an append", () => {
  const answer = (fill: (success: streams.BatchAppendResp.Success) => void): Buffer => {
    const response = new streams.BatchAppendResp();
    const request = streams.BatchAppendReq.deserializeBinary(
      appendRequest({ number: 70_000, stream: "s", expected: "any", events: [[ID, "T", "{}", "{}"]] }, 1),
    );
    response.setCorrelationId(request.getCorrelationId());
    const name = new shared.StreamIdentifier();
    name.setStreamName(Buffer.from("s").toString("base64"));
    response.setStreamIdentifier(name);
    const success = new streams.BatchAppendResp.Success();
    fill(success);
    response.setSuccess(success);
    return Buffer.from(response.serializeBinary());
  };

  it("tells the revision and the place", () => {
    const bytes = answer((success) => {
      success.setCurrentRevision("41");
      const position = new shared.AllStreamPosition();
      position.setCommitPosition(String(LARGE));
      position.setPreparePosition("123456789012");
      success.setPosition(position);
    });
    expect(answerOf(bytes)).toEqual({
      number: 70_000,
      stored: { revision: 41, place: { commit: LARGE, prepare: 123456789012n } },
    });
  });

  it("may tell no place", () => {
    const bytes = answer((success) => {
      success.setCurrentRevision("0");
      success.setNoPosition(new empty.Empty());
    });
    expect(answerOf(bytes)).toEqual({ number: 70_000, stored: { revision: 0, place: undefined } });
  });

  it("that is cut off is a fault", () => {
    const bytes = answer((success) => success.setCurrentRevision("41"));
    expect(() => answerOf(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
  });
});

describe("a record", () => {
  const sent = (contentType: string, data: string): Buffer =>
    recordResponse({
      id: ID,
      stream: "conversation-größe",
      revision: 7,
      place: { commit: 9007199254740993n, prepare: LARGE },
      contentType,
      data,
      metadata: '{"at":"ü"}',
    });
  const known = {
    streamId: "conversation-größe",
    id: ID,
    type: "MessageSent",
    revision: 7n,
    position: { commit: 9007199254740993n, prepare: LARGE },
  };

  it("is read as the server wrote it", () => {
    expect(recordOf(sent("application/json", '{"text":"👋"}'), () => true)).toEqual({
      ...known,
      isJson: true,
      data: { text: "👋" },
      metadata: { at: "ü" },
    });
  });

  it("of a stream that nobody wants, or that is no JSON, has no data", () => {
    const nothing = { ...known, data: undefined, metadata: undefined };
    expect(recordOf(sent("application/json", "{}"), () => false)).toEqual({ ...nothing, isJson: true });
    expect(recordOf(sent("application/octet-stream", "{}"), () => true)).toEqual({ ...nothing, isJson: false });
  });

  it("is found between others", () => {
    const [one, other] = [sent("application/json", '"one"'), sent("application/json", '"other"')];
    const all = Buffer.concat([one, other]);
    expect(recordOf(all, () => true, one.length, all.length)?.data).toBe("other");
    expect(recordOf(all, () => true, 0, one.length)?.data).toBe("one");
    expect(() => recordOf(all, () => true, one.length, all.length - 1)).toThrow(RangeError);
  });

  it("is not in every response", () => {
    expect(recordOf(confirmationResponse(), () => true)).toBeUndefined();
  });
});
