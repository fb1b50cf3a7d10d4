import { expect } from "vitest";
import { readLog } from "../../../src/server/log.ts";
import type { Config } from "../../../src/config.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import { difference, NONE } from "./difference.ts";
import type { Ledger } from "./ledger.ts";

const PAGE = 1_000;

/** The whole log, read through its adapter. */
export async function wholeLog(config: Config): Promise<RecordedEvent[]> {
  const log = await readLog(config);
  try {
    const events: RecordedEvent[] = [];
    for (let after = log.origin; ;) {
      const page = await log.readAll(after, PAGE);
      events.push(...page.events);
      after = page.next;
      if (page.isTail) return events;
    }
  } finally {
    await log.close();
  }
}

/** Positions rise, streams are dense, and no event is there twice but those that may be. */
export function checkOrder(events: readonly RecordedEvent[], mayBeTwice: (event: RecordedEvent) => boolean = () => false): void {
  const heads = new Map<string, number>();
  let before = "";
  for (const { position, stream, revision } of events) {
    expect(position > before, `${position} comes after ${before}`).toBe(true);
    expect(revision, `the next revision of ${stream}`).toBe((heads.get(stream) ?? -1) + 1);
    heads.set(stream, revision);
    before = position;
  }
  const ids = events.filter((event) => !mayBeTwice(event)).map(({ id }) => id);
  expect(difference(ids, ids), "ids of events").toEqual(NONE);
}

/**
 * Every message that was acknowledged is in the log, at the place that was told, each `clientMutationId` once in its
 * conversation; and no other.
 */
export function checkMessages(events: readonly RecordedEvent[], { sends }: Ledger): void {
  const stored = events.flatMap((event) => {
    const parsed = parseEvent(event);
    return parsed?.type === "MessageSent" ? [parsed] : [];
  });
  expect(
    difference(
      [...sends.values()].map(({ conversation, call }) => `${conversation} ${call.clientMutationId}`),
      stored.map(({ data }) => `${data.conversationId} ${data.clientMutationId}`),
    ),
    "what was acknowledged, and what is in the log",
  ).toEqual(NONE);
  for (const { data, revision, position, at } of stored) {
    const { cursor, message } = sends.get(data.clientMutationId)?.answer ?? {};
    expect({ seq: revision + 1, cursor: position, sentAt: at }, `${data.clientMutationId} in the log`).toEqual({
      seq: message?.seq,
      cursor: message?.cursor,
      sentAt: message?.sentAt,
    });
    expect(cursor).toBe(position);
  }
}
