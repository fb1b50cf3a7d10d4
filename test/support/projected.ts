import { expect } from "vitest";
import { search } from "../../projections/search/search.ts";
import { conversationId } from "../../src/domain/ids.ts";
import { parseEvent, type Recorded, routingKey, SCHEMA } from "../../src/domain/recorded.ts";
import type { Row } from "../../src/ports/viewStore.ts";
import { generationOf, type Projection, type Rows, type TableWrite } from "../../src/projecting/projection.ts";
import { createWorkspace } from "../../src/projecting/workspace.ts";
import type { Happened } from "./happened.ts";
import { memoryViews } from "./memoryViews.ts";

/** When an event happened that says nothing of it. */
export const AT = "2024-01-02T03:04:05.000Z";

/** Where the event of this number stands in the log: the first one of `given` is 1. */
export const position = (number: number): string => `testlog0.${String(number).padStart(11, "0")}`;
/** Its id. */
export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

type Handler = (event: Recorded, rows: Rows) => TableWrite[] | Promise<TableWrite[]>;

/**
 * What a projection makes of an event after these: `await given(inboxes, created, sent).when(left).then(put(…), …)`; and what its
 * rows are after these: `await given(inboxes, created, sent).holds("entries", "ann", { … })`.
 *
 * Each event is parsed as it is when it comes from a log. It is folded twice: with a commit after each event, and all in one
 * page; the rows must be the same byte for byte, and so must be what a handler makes of the same event asked twice.
 */
export function given(projection: Projection, ...past: Happened[]) {
  const history = recorded(past);

  const folded = async (events: readonly Recorded[], eachAlone: boolean) => {
    const store = memoryViews();
    const workspace = createWorkspace(store);
    const generation = generationOf(projection);
    const rows = workspace.rowsOf(projection, generation);
    const commit = async () => {
      await store.commit(workspace.writes);
      workspace.committed();
    };
    for (const event of events) {
      workspace.apply(projection, generation, await written(projection, event, rows));
      if (eachAlone) await commit();
    }
    await commit();
    return { store, rows, generation };
  };

  const both = async () => {
    const [one, other] = [await folded(history, true), await folded(history, false)];
    expect(other.store.dump()).toEqual(one.store.dump());
    // Byte for byte.
    expect(JSON.stringify(other.store.dump())).toBe(JSON.stringify(one.store.dump()));
    return one;
  };

  return {
    /** What is written at the next event. */
    when(next: Happened) {
      const [event] = recorded([...past, next]).slice(-1) as [Recorded];
      const writes = async () => written(projection, event, (await both()).rows);
      return {
        /** Exactly these writes, in this order. */
        then: async (...expected: TableWrite[]): Promise<void> => expect(await writes()).toStrictEqual(expected),
        nothing: async (): Promise<void> => expect(await writes()).toStrictEqual([]),
        /** It cannot be handled: it would be parked. */
        fails: async (why: RegExp): Promise<void> => expect(writes()).rejects.toThrow(why),
      };
    },
    /** The rows of a partition, by their sort keys. */
    holds: async (table: string, partition: string, expected: Record<string, Row>): Promise<void> => {
      const { store, generation } = await both();
      const rows = await store.range(`${generation}/${table}`, partition, { limit: 10_000 });
      expect(Object.fromEntries(rows.map(({ sort, value }) => [sort, value]))).toStrictEqual(expected);
    },
  };
}

async function written(projection: Projection, event: Recorded, rows: Rows): Promise<TableWrite[]> {
  const handler = projection.handlers[event.type] as Handler | undefined;
  if (!handler) return [];
  const writes = await handler(event, rows);
  expect(await handler(event, rows)).toStrictEqual(writes);
  liesUnderItsKey(projection, event, writes);
  return writes;
}

/** Rows of an event of a conversation lie under that conversation, and rows of others under none. */
function liesUnderItsKey(
  { name, conversationOf, shared = [] }: Projection,
  event: Recorded,
  writes: readonly TableWrite[],
): void {
  // Documents of a search index are no rows, and are replayed as a whole.
  if (name === search.name) return;
  const key = routingKey(event.stream);
  const conversation = isConversation(key) ? key : undefined;
  if (!conversationOf) return expect(conversation, `${name} has rows of ${key}, and does not say so`).toBeUndefined();
  for (const write of writes) {
    if (write.op === "del" || shared.includes(write.table)) continue;
    const { table, sort, value } = write;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition]) {
      const found = conversationOf({ table, partition, sort, value });
      expect(found !== undefined && isConversation(found) ? found : undefined, `${table} ${partition} ${sort}`).toBe(
        conversation,
      );
    }
  }
}

const isConversation = (key: string): boolean => conversationId.safeParse(key).success;

function recorded(events: readonly Happened[]): Recorded[] {
  const revisions = new Map<string, number>();
  return events.map(({ stream, type, data, actorId, at = AT }, index) => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const number = index + 1;
    const metadata = { actorId, at, schema: SCHEMA };
    const event = parseEvent({ id: idOf(number), stream, revision, position: position(number), type, data, metadata });
    if (event === null) throw new Error(`there is no event ${type}`);
    return event;
  });
}
