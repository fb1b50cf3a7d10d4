import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { readViews } from "../../../projections/views.ts";
import { commandHandler } from "../../../src/commands/handle.ts";
import { eventId } from "../../../src/commands/eventId.ts";
import { decider as group } from "../../../src/domain/group.ts";
import { streams } from "../../../src/domain/ids.ts";
import type { EventStore, NewEvent } from "../../../src/ports/eventStore.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";

/** Times that somebody joined and left again. */
const STAYS = 10_000;
const GROUP = "g:door";
const AT = "2024-01-02T03:04:05.678Z";

const sizeOf = (value: unknown): number => (JSON.stringify(value) as string | undefined)?.length ?? 0;

/** A store that counts what goes in and out, and a log that counts what is read of it, in characters of JSON. */
function counted() {
  const log = memoryLog("memory00", { alone: true });
  const store = memoryViews();
  const count = { written: 0, rowsWritten: 0, read: 0, reads: 0, events: 0 };
  const note = <T>(found: T): T => {
    count.reads++;
    count.read += sizeOf(found);
    return found;
  };
  const views: ViewStore = {
    ...store,
    get: async (...asked) => note(await store.get(...asked)),
    getMany: async (keys) => note(await store.getMany(keys)),
    range: async (...asked) => note(await store.range(...asked)),
    commit: async (writes, moves) => {
      for (const write of writes) {
        count.rowsWritten += write.op === "putEach" ? write.partitions.length : 1;
        count.written += sizeOf(write);
      }
      await store.commit(writes, moves);
    },
  };
  const counting: EventStore = {
    ...log,
    read: async (...asked) => {
      const found = await log.read(...asked);
      count.events += found.length;
      return found;
    },
  };
  /** What some work took. */
  const taken = async (work: () => Promise<unknown>) => {
    const before = { ...count };
    await work();
    return Object.fromEntries(
      Object.entries(count).map(([name, now]) => [name, now - before[name as keyof typeof count]]),
    ) as typeof count;
  };
  /** Folds with nothing in memory. */
  const fold = () => createRunner({ log, store: views, projections: viewProjections }).catchUp();
  return { log, counting, store: views, views: readViews(views), taken, fold };
}

/** A group that somebody comes into, sees one message of, and leaves, so that they miss the next one. */
async function door(of: { historyVisible?: boolean; limit?: number } = {}) {
  const target = counted();
  const { log } = target;
  const revisions = new Map<string, number>();
  const append = async (stream: string, type: string, actorId: string, data: object, key: string) => {
    const event: NewEvent = {
      id: eventId(stream, actorId, key, 0),
      type,
      data,
      metadata: { $correlationId: key, $causationId: key, actorId, at: AT, schema: 1 },
    };
    const revision = revisions.get(stream) ?? -1;
    await log.append(stream, [event], revision);
    revisions.set(stream, revision + 1);
  };
  const send = () =>
    append(
      streams.conversation(GROUP),
      "MessageSent",
      "owner",
      {
        conversationId: GROUP,
        senderId: "owner",
        clientMutationId: "m",
        kind: "TEXT",
        topic: null,
        text: "hello",
        attachments: [],
        replyTo: null,
        mentions: [],
        mentionsAll: false,
      },
      `m${(revisions.get(streams.conversation(GROUP)) ?? -1) + 1}`,
    );
  let stays = 0;
  const come = async (times: number, within: () => Promise<unknown> = async () => {}) => {
    for (let time = 0; time < times; time++) {
      const stay = ++stays;
      await append(streams.group(GROUP), "MemberJoined", "ann", { groupId: GROUP, userId: "ann" }, `join-${stay}`);
      await send();
      await within();
      await append(streams.group(GROUP), "MemberLeft", "ann", { groupId: GROUP, userId: "ann" }, `leave-${stay}`);
      await send();
    }
  };
  const edit = (seq: number) => {
    const data = { conversationId: GROUP, seq, senderId: "owner", text: "hello!" };
    return append(streams.annotation(GROUP, seq), "MessageEdited", "owner", data, `edit-${revisions.size}`);
  };
  if (of.limit !== undefined) await append(streams.settings, "FanoutLimitSet", "configuration", { limit: of.limit }, "limit");
  await append(
    streams.group(GROUP),
    "GroupCreated",
    "owner",
    {
      groupId: GROUP,
      ownerId: "owner",
      title: "A door",
      avatarUrl: null,
      description: null,
      announcement: null,
      category: null,
      tags: [],
      joinPolicy: "OPEN",
      public: false,
      historyVisible: of.historyVisible ?? false,
    },
    "create",
  );
  return { ...target, come, edit };
}

describe.each([
  ["told to each", 100],
  ["wide", 0],
])("somebody who came and left ten thousand times (%s)", (_, limit) => {
  test("costs with each event what they cost at first, and so do those who read", { timeout: 300_000 }, async () => {
    const { come, edit, fold, taken, views, log } = await door({ limit });
    const { relations, inboxes } = views;
    /** Ten more stays, the last one with edits of what they may see and may not, and what is read then. */
    const round = async () => {
      await come(9);
      await come(1, async () => {
        await edit(1);
        await edit(2);
      });
      const folded = await taken(fold);
      const end = await log.end();
      const seen = await taken(async () => {
        const sight = await relations.sight(GROUP, "ann");
        if (!sight) throw new Error("there is a group");
        const all = await Promise.all([1, 2, 3, 4].map(async (seq) => relations.sees(sight, seq)));
        expect(all, "what they see of old stays").toEqual([true, false, true, false]);
        for (const query of [{}, { before: 9 }, { after: 9 }])
          for (const fromEnd of [true, false]) await relations.rangesFor(sight, { ...query, count: 5, fromEnd });
      });
      const told = await taken(async () => {
        const wide = await inboxes.wideConversations("ann", end);
        expect(wide).toEqual([]);
      });
      return { folded, seen, told };
    };
    await come(20);
    await fold();
    const first = await round();
    // More than ten thousand stays, so many that the seqs of both rounds differ in their higher digits alone: then the trees of
    // counts (projections/ranks.ts) have as many nodes to touch.
    await come(20 * 512 - 10);
    await fold();
    const last = await round();
    for (const part of ["folded", "seen", "told"] as const) {
      expect(last[part].reads, `reads, ${part}`).toBeLessThanOrEqual(first[part].reads);
      expect(last[part].rowsWritten, `rows, ${part}`).toBe(first[part].rowsWritten);
      // Numbers have more digits by then.
      expect(last[part].read, `read, ${part}`).toBeLessThan(1.15 * first[part].read + 500);
      expect(last[part].written, `written, ${part}`).toBeLessThan(1.15 * first[part].written + 500);
    }
  });
});

test("a command on their group reads as much of its stream as there is after its state in rows, and knows the oldest call", async () => {
  const { come, fold, taken, views, counting } = await door();
  await come(STAYS);
  await fold();
  await come(1);
  const node = () => commandHandler({ log: counting, folds: views.folds });
  const join = (handle: ReturnType<typeof node>, clientMutationId: string) =>
    handle({
      stream: streams.group(GROUP),
      decider: group,
      command: { type: "Join", userId: "ann", note: null, memberCap: 10 },
      actorId: "ann",
      clientMutationId,
      at: AT,
    });
  const handle = node();
  // A first page of the stream tells that it is long.
  const cold = await taken(async () =>
    expect(await join(handle, "again")).toMatchObject({ repeated: false, revision: 2 * STAYS + 3 }),
  );
  expect(cold.events).toBeLessThanOrEqual(510);
  expect(cold.read).toBeLessThan(2_000);
  const warm = await taken(async () => expect(await join(handle, "again")).toMatchObject({ repeated: true }));
  expect(warm.events).toBeLessThanOrEqual(5);
  const oldest = await taken(async () => expect(await join(handle, "join-1")).toMatchObject({ repeated: true, revision: 1 }));
  expect(oldest.events).toBeLessThanOrEqual(40);
  await expect(join(node(), "join-9999")).resolves.toMatchObject({ repeated: true });
});
