import { randomBytes } from "node:crypto";
import { EventStoreDBClient, jsonEvent, type JSONType } from "@eventstore/db-client";
import { disposeOf } from "../../../src/adapters/eventStore/eventstoredb/connection.ts";
import { eventStoreDb } from "../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { streams } from "../../../src/domain/ids.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { type Appending, appender } from "../appending.ts";
import { type Bench, isAsked, rested, settled } from "../bench.ts";
import { costByThread, threadsText } from "../cpu.ts";
import { type Figure, latencies } from "../figures.ts";
import { alternating, clockMs, median, percentile } from "../measure.ts";
import { directWriters } from "../operations.ts";
import { messageSent, textOf } from "../seed.ts";

const IN_FLIGHT = [1, 64, 512];
const GOAL = 0.7;
const USERS = 1_200;
const PAGE_EVENTS = 512;
const WARM_S = 8;

const newPrefix = (): string => `bench-${randomBytes(5).toString("hex")}`;

/** The log on the EventStoreDB at `url`, beside the bare client doing the same against the same server. */
export async function serverLogFigures(bench: Bench, url: string): Promise<Figure[]> {
  const store = await eventStoreDb(url, { prefix: newPrefix() });
  const client = EventStoreDBClient.connectionString(url);
  const prefix = newPrefix();
  try {
    const ours = appender((stream, event, revision) => store.append(stream, [event], revision));
    const bare = appender((stream, { id, type, data, metadata }, revision) =>
      client.appendToStream(`${prefix}/${stream}`, jsonEvent({ id, type, data: data as JSONType, metadata }), {
        expectedRevision: revision === -1 ? "no_stream" : BigInt(revision),
      }),
    );
    const figures: Figure[] = [];
    for (const inFlight of isAsked("client") ? IN_FLIGHT : []) {
      const rounds = await alternating(
        bench.count(5, 3),
        { bare: () => bare(inFlight, bench.seconds(2)), ours: () => ours(inFlight, bench.seconds(2)) },
        true,
      );
      figures.push({ name: `EventStoreDB, ${inFlight} in flight`, unit: "events/s", ...beside(rounds), goal: GOAL });
    }
    if (isAsked("client")) figures.push(await catchUp(bench, store, client));
    if (isAsked("sends")) figures.push(...(await sends(bench, url, bare)));
    return figures;
  } finally {
    await store.close();
    await disposeOf(client);
  }
}

function beside({ ours, bare }: { ours: Appending[]; bare: Appending[] }) {
  const of = (rounds: Appending[]) => {
    const times = rounds.flatMap((round) => round.times);
    return { rate: median(rounds.map(({ rate }) => rate)), note: latencies(median(times), percentile(times, 0.99)) };
  };
  return { measured: of(ours).rate, floor: of(bare).rate, note: `${of(ours).note} (bare client: ${of(bare).note})` };
}

/** The whole log read on from its start, as projections do, beside a bare subscription to the same events. */
async function catchUp(bench: Bench, store: EventStore, client: EventStoreDBClient): Promise<Figure> {
  const events = bench.count(30_000, 10_000);
  const [before, fromPosition] = [await store.end(), await lastPlace(client)];
  for (let sent = 0; sent < events; sent += 10_000) {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const id = `g:read-${sent}-${index}`;
        const batch = Array.from({ length: 100 }, (_unused, seq) => messageSent(id, "u000000", textOf(seq)));
        return store.append(streams.conversation(id), batch, -1);
      }),
    );
  }
  const rounds = await alternating(
    bench.count(5, 3),
    {
      bare: () =>
        reading(async () => {
          let read = 0;
          const subscription = client.subscribeToAll({ fromPosition });
          for await (const { event } of subscription) if (event && ++read === events) break;
          await subscription.unsubscribe();
          return read;
        }),
      ours: () =>
        reading(async () => {
          let read = 0;
          for (let at = before; read < events;) {
            const page = await store.readAll(at, PAGE_EVENTS);
            read += page.events.length;
            at = page.next;
          }
          return read;
        }),
    },
    true,
  );
  return {
    name: "EventStoreDB, read by catch-up",
    unit: "events/s",
    measured: median(rounds.ours),
    floor: median(rounds.bare),
    goal: GOAL,
  };
}

async function lastPlace(client: EventStoreDBClient): Promise<{ commit: bigint; prepare: bigint }> {
  for await (const { event } of client.readAll({ direction: "backwards", fromPosition: "end", maxCount: 1 }))
    if (event) return event.position;
  throw new Error("the server's log is empty");
}

async function reading(read: () => Promise<number>): Promise<number> {
  const began = clockMs();
  const events = await read();
  return (events * 1_000) / (clockMs() - began);
}

/** Messages sent through GraphQL to a whole server over this log, beside the bare client's appends, as many in flight. */
async function sends(
  bench: Bench,
  url: string,
  bare: (inFlight: number, seconds: number) => Promise<Appending>,
): Promise<Figure[]> {
  const server = await bench.server({ EVENTSTORE_URL: url, EVENTSTORE_PREFIX: newPrefix() });
  await server.ask("users", { count: USERS });
  await settled(server);
  const load = await bench.load();
  const figures: Figure[] = [];
  // Both are warm then: the bare client may have appended for minutes before, while V8 still compiles the server's code.
  const warming = { sockets: 32, inFlight: 2 };
  await bare(warming.sockets * warming.inFlight, bench.seconds(WARM_S));
  await load.ask("send", {
    port: server.port,
    transport: { kind: "sockets", ...warming },
    sending: "send",
    writers: directWriters(warming.sockets, 32, USERS),
    seconds: bench.seconds(WARM_S),
  });
  await settled(server);
  for (const { inFlight, conversations } of [
    { inFlight: 64, conversations: 1_024 },
    { inFlight: 512, conversations: 1_024 },
    { inFlight: 512, conversations: 32 },
  ]) {
    const senders = Math.min(32, conversations);
    const writers = directWriters(senders, conversations / senders, USERS);
    const transport = { kind: "sockets", sockets: 32, inFlight: inFlight / 32 } as const;
    const rounds = await alternating(
      bench.count(3, 2),
      {
        bare: async () => {
          const before = process.cpuUsage();
          const appended = await bare(inFlight, bench.seconds(2));
          const { user, system } = process.cpuUsage(before);
          // The server passes over what is not of its log: that must not be paid by the next round.
          await rested(server);
          return { ...appended, cpu: (user + system) / appended.times.length };
        },
        sent: async () => {
          const plan = { port: server.port, transport, sending: "send", writers, seconds: bench.seconds(2) } as const;
          const before = await server.ask("threads");
          const done = await load.ask("send", plan);
          await settled(server);
          // The index does some of its work later, on the same cores: it is paid here, and not by the next round.
          await rested(server);
          return { ...done, threads: costByThread(before, await server.ask("threads"), done.operations) };
        },
      },
      true,
    );
    const refused = rounds.sent
      .flatMap((one) => Object.entries(one.refused).map(([code, times]) => `, ${times} ${code}`))
      .join("");
    figures.push({
      name: `sent over EventStoreDB, ${inFlight} in flight, ${conversations} conversations`,
      unit: "ops/s",
      measured: median(rounds.sent.map((one) => one.operations / one.seconds)),
      floor: median(rounds.bare.map(({ rate }) => rate)),
      goal: GOAL,
      note: `${latencies(median(rounds.sent.map(({ p50 }) => p50)), median(rounds.sent.map(({ p99 }) => p99)))}${refused}; CPU of each, µs: ${threadsText(rounds.sent.map(({ threads }) => threads))} (bare client: ${median(rounds.bare.map(({ cpu }) => cpu)).toFixed(0)})`,
    });
  }
  return figures;
}
