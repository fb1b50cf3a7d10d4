import { expect } from "vitest";
import { circleConversationOf, streams } from "../../../src/domain/ids.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { Client } from "../../support/client.ts";
import type { Random } from "../../support/random.ts";

export type Circles = {
  /** Puts each of them, again and again, until it is over and the last calls are answered. */
  put(isOver: () => boolean): Promise<unknown>;
  /**
   * Checks a whole log: the members of each conversation are those that its circle was given last, and on the way nobody joined
   * who was there, and nobody was removed who was not.
   */
  check(events: readonly RecordedEvent[]): void;
};

const IDS = ["red", "green", "blue"];

/** Circles of people, each with a conversation. `business`: a patient client with the scope admin. */
export function circles(business: Client, people: readonly string[], rng: Random): Circles {
  const last = new Map<string, readonly string[]>();
  const putOne = async (id: string, isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      const memberIds = rng.some(people, rng.int(1, people.length));
      await business.act("putCircle", { id, kind: "team", name: id, memberIds, withConversation: true });
      last.set(id, memberIds);
    }
  };
  return {
    put: (isOver) => Promise.all(IDS.map((id) => putOne(id, isOver))),
    check: (events) => {
      for (const id of IDS) {
        const stream = streams.group(circleConversationOf(`o:${id}`));
        const members = membersAfter(events.filter((event) => event.stream === stream));
        expect([...members].sort(), `the members of ${id}`).toEqual([...(last.get(id) ?? [])].sort());
      }
    },
  };
}

function membersAfter(events: readonly RecordedEvent[]): Set<string> {
  const members = new Set<string>();
  for (const event of events.map(parseEvent)) {
    if (event?.type === "GroupCreated") members.add(event.data.ownerId);
    else if (event?.type === "MemberAdded") {
      expect(members, `${event.data.userId} joins`).not.toContain(event.data.userId);
      members.add(event.data.userId);
    } else if (event?.type === "MemberRemoved") {
      expect(members, `${event.data.userId} is removed`).toContain(event.data.userId);
      members.delete(event.data.userId);
    }
  }
  return members;
}
