import { once } from "node:events";
import { createClient } from "@redis/client";
import { EventStoreDBClient, jsonEvent, type JSONType } from "@eventstore/db-client";
import { Client } from "pg";
import { disposeOf } from "../../src/adapters/eventStore/eventstoredb/connection.ts";
import { type Appending, appender } from "./appending.ts";
import type { ClusterUrls } from "./cluster.ts";
import { clockMs } from "./measure.ts";

/** What the servers of a cluster take by themselves, asked by their bare clients. */
export type ClusterFloors = {
  /** Appends to EventStoreDB, so many in flight. */
  append(inFlight: number, seconds: number): Promise<Appending>;
  /**
   * The least that must happen one after the other from a send to its delivery: an append, a row that is committed, and a text
   * that goes through Redis. Times of each of them, in milliseconds.
   */
  path(seconds: number): Promise<{ append: number[]; commit: number[]; told: number[] }>;
  close(): Promise<void>;
};

/** `name`: of what is made on the servers. */
export async function clusterFloors({ eventStore, database, redis }: ClusterUrls, name: string): Promise<ClusterFloors> {
  const log = EventStoreDBClient.connectionString(eventStore);
  const rows = new Client({ connectionString: database });
  const [sends, hears] = [createClient({ url: redis }), createClient({ url: redis })];
  const table = `"${name}"`;
  await Promise.all([rows.connect(), sends.connect(), hears.connect()]);
  await rows.query(`CREATE TABLE ${table} (sort bigint PRIMARY KEY, value text NOT NULL)`);
  let heard = (): void => {};
  await hears.subscribe(name, () => heard());
  const append = appender((stream, { id, type, data, metadata }, revision) =>
    log.appendToStream(`${name}/${stream}`, jsonEvent({ id, type, data: data as JSONType, metadata }), {
      expectedRevision: revision === -1 ? "no_stream" : BigInt(revision),
    }),
  );
  let sort = 0;
  const taken = async (work: () => Promise<unknown>): Promise<number> => {
    const began = clockMs();
    await work();
    return clockMs() - began;
  };
  const repeated = async (seconds: number, work: () => Promise<unknown>): Promise<number[]> => {
    const times: number[] = [];
    for (const end = clockMs() + seconds * 1_000; clockMs() < end;) times.push(await taken(work));
    return times;
  };
  return {
    append,
    path: async (seconds) => ({
      append: (await append(1, seconds)).times,
      commit: await repeated(seconds, () =>
        rows.query({ name: "floor", text: `INSERT INTO ${table} VALUES ($1, $2)`, values: [sort++, "x".repeat(200)] }),
      ),
      told: await repeated(seconds, async () => {
        const came = new Promise<void>((resolve) => (heard = resolve));
        await sends.publish(name, "news");
        await came;
      }),
    }),
    close: async () => {
      await rows.query(`DROP TABLE ${table}`);
      const ended = once(rows, "end");
      await rows.end();
      await ended;
      await Promise.all([sends.close(), hears.close(), disposeOf(log)]);
    },
  };
}
