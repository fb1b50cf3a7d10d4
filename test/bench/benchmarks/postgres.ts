import { randomBytes } from "node:crypto";
import {
  postgresViewStore,
  type PostgresViewStore,
  removePostgresViews,
} from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import { type BarePostgres, barePostgres, copied } from "../barePostgres.ts";
import type { Bench, Benchmark } from "../bench.ts";
import type { Figure } from "../figures.ts";
import { alternating, clockMs, median, timed } from "../measure.ts";
import { postgresCpu } from "../postgresCpu.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { textOf } from "../seed.ts";

const USERS = 20_000;
const GROUPS = 64;
const MEMBERS = 100;
/** Messages of a page: about as many rows as a page of the runner has. */
const MESSAGES = 50;
const IN_FLIGHT = 16;
const LIMIT = 30;
const KEYS = 50;
const GOAL = 0.5;

const GENERATION = "bench@1#1";
const ENTRIES = `${GENERATION}/entries`;
const TIMELINE = `${GENERATION}/messages`;

export const postgres: Benchmark = {
  name: "postgres",
  about: "views on the PostgreSQL at DATABASE_URL: rows committed beside COPY, ranges and rows beside a bare prepared statement",
  limitSeconds: 240,
  runsItself: true,
  run: async (bench) => {
    const url = process.env["DATABASE_URL"] ?? "";
    if (url === "") {
      bench.say("DATABASE_URL is not set: nothing is measured");
      return [];
    }
    const schema = `bench_${randomBytes(5).toString("hex")}`;
    const store = await postgresViewStore(url, { schema });
    const bare = await barePostgres(url, schema, IN_FLIGHT);
    try {
      return [await committed(bench, store, bare), ...(await read(bench, store, bare))];
    } finally {
      await bare.close();
      await store.close();
      await removePostgresViews(url, schema);
    }
  },
};

const groups = scatteredGroups(GROUPS, MEMBERS, USERS);

/** What messages to groups write: their rows, and an entry for each member. */
function pageOf(page: number): Write[] {
  const writes: Write[] = [];
  for (let index = 0; index < MESSAGES; index++) {
    const message = page * MESSAGES + index;
    const group = groups[message % GROUPS] as (typeof groups)[number];
    const sort = String(message).padStart(12, "0");
    const seq = Math.floor(message / GROUPS) + 1;
    const row = { senderId: group.members[0], text: textOf(message), at: "2024-05-01T12:00:00.000Z", position: `bench.${sort}` };
    writes.push(
      { op: "put", table: TIMELINE, partition: group.id, sort, value: row },
      { op: "putEach", table: ENTRIES, partitions: group.members, sort, value: { kind: "message", conversation: group.id, seq } },
    );
  }
  return writes;
}

const ROWS = MESSAGES * (1 + MEMBERS);

async function committed(bench: Bench, store: PostgresViewStore, bare: BarePostgres): Promise<Figure> {
  const pages = Array.from({ length: bench.count(60, 20) }, (_, page) => pageOf(page));
  const texts = pages.map(copied);
  const rates = (seconds: number): number => (pages.length * ROWS) / seconds;
  let at: string | null = null;
  const cpu = postgresCpu(bare);
  const rounds = await alternating(
    bench.count(5, 3),
    {
      bare: async () => {
        await bare.empty();
        return rates((await timed(() => bare.copy(texts))).seconds);
      },
      ours: async () => {
        await bare.empty();
        const committing = async () => {
          for (const page of pages) {
            const to: string = `bench.${clockMs()}`;
            await store.commit(page, [{ of: [GENERATION], from: at, to }]);
            at = to;
          }
        };
        const { seconds } = await cpu.during(
          () => timed(committing),
          () => pages.length * ROWS,
        );
        return rates(seconds);
      },
    },
    true,
  );
  return {
    name: `pages of ${ROWS} rows, with a checkpoint; floor: COPY of the same new rows`,
    unit: "rows/s",
    measured: median(rounds.ours),
    floor: median(rounds.bare),
    goal: GOAL,
    note: cpu.text("a row"),
  };
}

async function read(bench: Bench, store: PostgresViewStore, bare: BarePostgres): Promise<Figure[]> {
  await bare.analyse();
  const userAt = (turn: number): string => {
    const { members } = groups[turn % GROUPS] as (typeof groups)[number];
    return members[(turn * 31) % MEMBERS] as string;
  };
  const namesAt = (turn: number): { partitions: string[]; sorts: string[] } => {
    const messages = Array.from({ length: KEYS }, (_, index) => (turn * 17 + index * 13) % (20 * MESSAGES));
    return {
      partitions: messages.map((message) => (groups[message % GROUPS] as (typeof groups)[number]).id),
      sorts: messages.map((message) => String(message).padStart(12, "0")),
    };
  };
  const figures: Figure[] = [];
  for (const { name, ours, floor } of [
    {
      name: `the last ${LIMIT} of an inbox, ${IN_FLIGHT} in flight; floor: a prepared statement`,
      ours: async (turn: number) => (await store.range(ENTRIES, userAt(turn), { limit: LIMIT, reverse: true })).length,
      floor: async (turn: number) => (await bare.last(ENTRIES, userAt(turn), LIMIT)).length,
    },
    {
      name: `${KEYS} messages by their names, ${IN_FLIGHT} in flight; floor: a prepared statement`,
      ours: async (turn: number) => {
        const { partitions, sorts } = namesAt(turn);
        const keys = partitions.map((partition, index) => ({ table: TIMELINE, partition, sort: sorts[index] as string }));
        return (await store.getMany(keys)).filter((row) => row !== undefined).length;
      },
      floor: async (turn: number) => {
        const { partitions, sorts } = namesAt(turn);
        return (await bare.many(TIMELINE, partitions, sorts)).length;
      },
    },
  ]) {
    const seconds = bench.seconds(2);
    const cpu = postgresCpu(bare);
    const rounds = await alternating(
      bench.count(5, 3),
      {
        bare: () => rateOf(floor, seconds),
        ours: () =>
          cpu.during(
            () => rateOf(ours, seconds),
            (rate) => rate * seconds,
          ),
      },
      true,
    );
    const note = cpu.text("a statement");
    figures.push({ name, unit: "ops/s", measured: median(rounds.ours), floor: median(rounds.bare), goal: GOAL, note });
  }
  return figures;
}

/** How often a second it is done, by so many at once. */
async function rateOf(work: (turn: number) => Promise<number>, seconds: number): Promise<number> {
  const began = clockMs();
  let done = 0;
  let turn = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (clockMs() - began < seconds * 1_000) {
        if ((await work(turn++)) === 0) throw new Error("nothing was found");
        done++;
      }
    }),
  );
  return (done * 1_000) / (clockMs() - began);
}
