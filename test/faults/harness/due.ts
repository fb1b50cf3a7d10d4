import { expect } from "vitest";
import { directConversationOf, streams } from "../../../src/domain/ids.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { Client } from "../../support/client.ts";

/** What one user sends another in their direct conversation, and is due by itself later. */
export type Due = {
  /** Has a message sent at a time, in milliseconds since 1970. */
  schedule(at: number): Promise<void>;
  /** Sends a message that expires as soon as one can. */
  sendExpiring(): Promise<void>;
  /** How many messages the conversation has once all are sent. */
  count(): number;
  /** How many of them expire. */
  expiring(): number;
  /** Checks a whole log: every message was sent once, and every one that expires has expired once. */
  check(events: readonly RecordedEvent[]): void;
};

const EXPIRES_S = 5;

export function due(by: Client, userId: string): Due {
  const scheduled: string[] = [];
  const expiring: string[] = [];
  const conversation = directConversationOf(by.id, userId);
  return {
    schedule: async (at) => {
      const text = `scheduled ${scheduled.length}`;
      scheduled.push(text);
      await by.act("scheduleMessage", { userId, text, sendAt: new Date(at).toISOString() });
    },
    sendExpiring: async () => {
      const text = `expiring ${expiring.length}`;
      expiring.push(text);
      await by.act("sendMessage", { userId, text, expiresAfterSeconds: EXPIRES_S });
    },
    count: () => scheduled.length + expiring.length,
    expiring: () => expiring.length,
    check: (events) => {
      const sent = events.filter(({ stream }) => stream === streams.conversation(conversation));
      const textOf = ({ data }: RecordedEvent): string => (data as { text: string }).text;
      expect(sent.map(textOf).sort()).toEqual([...scheduled, ...expiring].sort());
      const counted = (type: string) => events.filter((event) => event.type === type).length;
      const steps = ["MessageScheduled", "ScheduleBegun", "ScheduleSent", "ScheduleFailed"];
      expect(steps.map(counted)).toEqual([scheduled.length, scheduled.length, scheduled.length, 0]);
      const expired = events.filter(({ type }) => type === "MessageExpired").map(({ stream }) => stream);
      const wanted = sent
        .filter((event) => expiring.includes(textOf(event)))
        .map(({ revision }) => streams.annotation(conversation, revision + 1));
      expect(expired.sort()).toEqual(wanted.sort());
    },
  };
}
