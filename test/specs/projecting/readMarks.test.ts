import { describe, expect, test } from "vitest";
import { eventId } from "../../../src/commands/eventId.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import { type World, world } from "../../support/world.ts";

const GROUP = "g:readers";
const AT = "2024-01-02T03:04:05.678Z";

let events = 0;
function newEvent(type: string, data: object, actorId = "ann"): NewEvent {
  const id = eventId("test", actorId, `${++events}`, 0);
  return { id, type, data, metadata: { $correlationId: id, $causationId: id, actorId, at: AT, schema: 1 } };
}

/** Ann's group with Ben in it; the messages that a test asks for, thousands at a time. */
async function setUp(): Promise<
  World & { send: (...messages: Message[]) => Promise<void>; recall: (seq: number) => Promise<unknown> }
> {
  const target = world();
  const { log } = target;
  const profile = { title: "T", avatarUrl: null, description: null, announcement: null, category: null, tags: [] };
  await log.append(
    `group-${GROUP}`,
    [
      newEvent("GroupCreated", {
        groupId: GROUP,
        ownerId: "ann",
        ...profile,
        joinPolicy: "OPEN",
        public: false,
        historyVisible: true,
      }),
      newEvent("MemberJoined", { groupId: GROUP, userId: "ben" }, "ben"),
    ],
    "any",
  );
  const send = async (...messages: Message[]) => void (await log.append(`conversation-${GROUP}`, messages.map(sent), "any"));
  const recall = (seq: number) =>
    log.append(
      `annotation-${GROUP}:${seq}`,
      [newEvent("MessageRecalled", { conversationId: GROUP, seq, senderId: "ann" })],
      "any",
    );
  return { ...target, send, recall };
}

type Message = { imported?: boolean; mentions?: string[]; mentionsAll?: boolean };
const sent = ({ imported = false, mentions = [], mentionsAll = false }: Message): NewEvent =>
  newEvent("MessageSent", {
    conversationId: GROUP,
    senderId: "ann",
    clientMutationId: `${events}`,
    kind: "TEXT",
    topic: null,
    text: "text",
    attachments: [],
    replyTo: null,
    mentions,
    mentionsAll,
    ...(imported && { imported: { sentAt: AT } }),
  });

const many = (count: number, message: (index: number) => Message): Message[] =>
  Array.from({ length: count }, (_, index) => message(index));

describe("unread counts stay right beyond what is read at once", () => {
  test("with very many pieces of history between what was said", async () => {
    const { send, recall, catchUp, views } = await setUp();
    await send(...many(5_000, (index) => ({ imported: index % 2 === 0 })));
    await catchUp();
    expect((await views.readMarks.unread("ben", GROUP, 0)).unreadCount).toBe(2_500);
    expect((await views.readMarks.unread("ben", GROUP, 4_990)).unreadCount).toBe(5);
    // One of history, one of now.
    await recall(4_995);
    await recall(4_996);
    await catchUp();
    expect((await views.readMarks.unread("ben", GROUP, 4_990)).unreadCount).toBe(4);
    expect((await views.readMarks.unread("ben", GROUP, 0)).unreadCount).toBe(2_499);
    expect(await views.readMarks.unreadOfMany("ben", [{ id: GROUP, joinedSeq: 10 }])).toEqual([
      { readSeq: 0, unreadCount: 2_494 },
    ]);
  });

  test("with very many recalled", async () => {
    const { send, recall, catchUp, views } = await setUp();
    await send(...many(3_000, () => ({})));
    for (let seq = 1; seq <= 2_500; seq++) await recall(seq);
    await catchUp();
    expect((await views.readMarks.unread("ben", GROUP, 0)).unreadCount).toBe(500);
  });

  test("with very many mentions", async () => {
    const { send, catchUp, views } = await setUp();
    await send(
      ...many(4_500, (index) =>
        index % 3 === 0 ? { mentions: ["ben"] } : index % 3 === 1 ? { mentionsAll: true } : { mentions: ["ann"] },
      ),
    );
    await send({ mentions: ["ben"], mentionsAll: true });
    await catchUp();
    expect(await views.readMarks.unreadMentions("ben", GROUP, 0)).toBe(3_001);
    expect(await views.readMarks.unreadMentions("ann", GROUP, 0)).toBe(0);
  });
});

describe("history from elsewhere", () => {
  test("counts as read in one piece or in many, recalled or not", async () => {
    const { send, recall, catchUp, views } = await setUp();
    const unread = async () => {
      await catchUp();
      return (await views.readMarks.unread("ben", GROUP, 0)).unreadCount;
    };
    await send({ imported: true }, { imported: true });
    expect(await unread()).toBe(0);
    await send({}, { imported: true }, {}, { imported: true }, { imported: true });
    expect(await unread()).toBe(2);
    for (const [seq, left] of [
      [1, 2],
      [3, 1],
      [4, 1],
      [7, 1],
      [5, 0],
    ] as const) {
      await recall(seq);
      expect(await unread(), `after ${seq}`).toBe(left);
    }
  });
});
