import { onTestFinished } from "vitest";
import {
  eventStoreDb,
  type EventStoreDbOptions,
  eventStoreDbReader,
  type LogReader,
  type ServerLog,
} from "../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { Appended, EventStore, NewEvent, Position } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { until } from "../until.ts";
import { faultyCluster, type FaultyCluster } from "./cluster.ts";
import { faultyEventStore, type FaultyEventStore } from "./faultyEventStore.ts";

/** A server that goes wrong to order, for one test. */
export async function serverForTest(options?: Parameters<typeof faultyEventStore>[0]): Promise<FaultyEventStore> {
  const server = await faultyEventStore(options);
  onTestFinished(() => server.close());
  return server;
}

/** Three such servers. */
export async function clusterForTest(): Promise<FaultyCluster> {
  const cluster = await faultyCluster();
  onTestFinished(() => cluster.close());
  return cluster;
}

/** A log on it, for one test. Limits are long: a test that is about one gives its own. */
export async function storeForTest({ url }: { url: string }, options: EventStoreDbOptions = {}): Promise<ServerLog> {
  const store = await eventStoreDb(url, { appendTimeoutMs: 10_000, readTimeoutMs: 10_000, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A reader of such a log that has the feed of its process, as other threads have. */
export async function fedReaderForTest(
  { url }: { url: string },
  log: ServerLog,
  { readTimeoutMs = 10_000 }: EventStoreDbOptions = {},
): Promise<Open<LogReader>> {
  const reader = await eventStoreDbReader(url, { readTimeoutMs }, { id: log.id, origin: log.origin }, "as given", log.fed());
  onTestFinished(() => reader.close());
  return reader;
}

/** What a call was rejected with. Throws where it was not. */
export async function faultOf(call: Promise<unknown>): Promise<unknown> {
  const value = await call.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  if ("result" in value) throw new Error(`it was answered: ${JSON.stringify(value.result)}`);
  return value.error;
}

/** The very same call again, until the log can be used. */
export const insist = async <T>(what: string, call: () => Promise<T> | T): Promise<T> => {
  const { value } = await until(what, async () => {
    try {
      return { value: await call() };
    } catch (error) {
      if (error instanceof Unavailable) return undefined;
      throw error;
    }
  });
  return value;
};

/** The very same append again, until it is answered. */
export const appendAgain = (
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
  expected: number,
): Promise<Appended> => insist(`${stream} is stored`, () => store.append(stream, events, expected));

/** What `data.text` is in events of one stream. */
export const textOf = ({ data }: NewEvent): string => (data as { text: string }).text;

/** Reads on from a position, as projections do, until `enough` events of a stream have come. Waits where the log is away. */
export async function follow(
  store: Omit<EventStore, "append">,
  stream: string,
  from: Position,
  enough: number,
): Promise<string[]> {
  const texts: string[] = [];
  const never = new AbortController().signal;
  for (let at = from; texts.length < enough;) {
    await store.changed(at, never);
    const after = at;
    const page = await insist("the next page can be read", () => store.readAll(after, 10));
    texts.push(...page.events.filter((event) => event.stream === stream).map(textOf));
    at = page.next;
  }
  return texts;
}
