import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { directory } from "../../../projections/directory.ts";
import { relations } from "../../../projections/relations.ts";
import { generationOf, type Projection } from "../../../src/projecting/projection.ts";
import { type Bench, type Benchmark, type Load, type Server, settled } from "../bench.ts";
import { costText, cpuCost } from "../cpu.ts";
import { amount, type Figure, latencies } from "../figures.ts";
import { alternating, median, timed } from "../measure.ts";
import { figureOfReading, type Reading } from "../reading.ts";
import { range, userName } from "../seed.ts";

const FOLLOWERS = 1_000_000;
const FEW = 10;
/** Those who write and those who come and go. They have registered. */
const PEOPLE = 100;
const PAGE = 50;
const BURST = 2_000;
/** How near the costs of the two channels must be: what noise leaves. */
const SAME = 0.8;
const PATIENCE_MS = 1_500_000;

const owner = userName(0);
const [large, small] = ["c:large", "c:small"] as const;

const queries = {
  members: `query Members($id: ID!) { conversation(id: $id) { members(first: ${PAGE}, followers: true) { edges { cursor node { joinedAt user { id name } } } pageInfo { hasNextPage endCursor } } } }`,
  count: `query Count($id: ID!) { conversation(id: $id) { memberCount } }`,
} as const;

const tableOf = (projection: Projection, name: string) => `${generationOf(projection)}/${name}`;
const tables = {
  users: tableOf(directory, "users"),
  groups: tableOf(relations, "groups"),
  members: tableOf(relations, "members"),
  membersByJoin: tableOf(relations, "membersByJoin"),
};

export const channel: Benchmark = {
  name: "channel",
  about: `a channel of ${FOLLOWERS.toLocaleString("en")} followers (or BENCH_FOLLOWERS) beside one of ${FEW}: posts, following, lists`,
  limitSeconds: 1_800,
  run: async (bench) => {
    const followers = Number(process.env["BENCH_FOLLOWERS"] ?? bench.count(FOLLOWERS, 20_000));
    const server = await bench.server({ FANOUT_LIMIT: "100000" });
    const load = await bench.load();
    await server.ask("users", { count: PEOPLE });
    await server.ask("channel", { id: small, staff: [owner], followers: { from: PEOPLE, count: FEW } });
    await settled(server);
    return [
      ...(await followersFolded(bench, server, followers)),
      ...(await posts(bench, server, load)),
      await folded(bench, server, load),
      ...(await comingAndGoing(bench, server, load)),
    ];
  },
};

/** The channel with its followers, straight to the log: how fast the views take them in, and what they take up. */
async function followersFolded(bench: Bench, server: Server, count: number): Promise<Figure[]> {
  const before = { memory: await server.ask("memory"), disk: await bytesIn(server.dataDir) };
  bench.say(`${count.toLocaleString("en")} followers …`);
  const { seconds } = await timed(async () => {
    await server.ask("channel", { id: large, staff: [owner], followers: { from: PEOPLE, count } });
    await settled(server, PATIENCE_MS);
  });
  const memory = await server.ask("memory");
  return [
    { name: "followers in the log and the views", unit: "events/s", measured: count / seconds },
    {
      name: "memory by a follower",
      unit: "B",
      measured: Math.max(0, memory - before.memory) / count,
      note: `${amount(memory / 1_000, "kB")} in all`,
    },
    { name: "disk by a follower", unit: "B", measured: ((await bytesIn(server.dataDir)) - before.disk) / count },
  ];
}

/** What a post costs the one who writes it, and the server. */
async function posts(bench: Bench, server: Server, load: Load): Promise<Figure[]> {
  const posted = (id: string) => async () => {
    const before = await server.ask("cpu");
    const plan = { sending: "send", writers: [{ user: owner, conversations: [id] }], seconds: bench.seconds(3) } as const;
    const sent = await load.ask("send", { port: server.port, transport: { kind: "http", connections: 1 }, ...plan });
    await settled(server);
    return { sent, cost: cpuCost(before, await server.ask("cpu"), sent.operations) };
  };
  const rounds = await alternating(bench.count(6, 3), { small: posted(small), large: posted(large) }, true);
  const p50 = (of: typeof rounds.small) => median(of.map(({ sent }) => sent.p50));
  const p99 = (of: typeof rounds.small) => median(of.map(({ sent }) => sent.p99));
  const cpu = (of: typeof rounds.small) => of.flatMap(({ cost }) => (cost ? [cost] : []));
  const figures: Figure[] = [
    {
      name: `a post, beside one to ${FEW} followers`,
      unit: "ms",
      measured: p50(rounds.large),
      floor: p50(rounds.small),
      goal: SAME,
      note: `${latencies(p50(rounds.large), p99(rounds.large))}; ${FEW} followers ${latencies(p50(rounds.small), p99(rounds.small))}${costText(cpu(rounds.large))}`,
    },
  ];
  if (cpu(rounds.large).length > 0)
    figures.push({
      name: "CPU of the server for it",
      unit: "ms",
      measured: median(cpu(rounds.large).map(({ all }) => all)) / 1_000,
      floor: median(cpu(rounds.small).map(({ all }) => all)) / 1_000,
      goal: SAME,
    });
  return figures;
}

/** What a post costs the views: many at once, straight to the log. */
async function folded(bench: Bench, server: Server, load: Load): Promise<Figure> {
  const burst = bench.count(BURST, 500);
  const projected = (id: string) => async () => {
    const from = await lastSeq(server, load, id);
    const { seconds } = await timed(async () => {
      await server.ask("messages", { groups: [{ id, members: [owner] }], each: burst, from });
      await settled(server);
    });
    return burst / seconds;
  };
  const rounds = await alternating(bench.count(6, 3), { small: projected(small), large: projected(large) }, true);
  return {
    name: "posts in the log and the views",
    unit: "events/s",
    measured: median(rounds.large),
    floor: median(rounds.small),
    goal: SAME,
  };
}

async function lastSeq({ port }: Server, load: Load, id: string): Promise<number> {
  const request = JSON.stringify({ query: "query Last($id: ID!) { conversation(id: $id) { lastSeq } }", variables: { id } });
  return Number(/"lastSeq":(\d+)/.exec(await load.ask("once", { port, user: owner, request }))?.[1]);
}

/** The size of all files below a folder. */
async function bytesIn(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  // A file may be gone by now: the stores tidy up.
  const sizes = files.map((file) =>
    stat(join(file.parentPath, file.name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Following, and beside it lists and counts. */
async function comingAndGoing(bench: Bench, server: Server, load: Load): Promise<Figure[]> {
  const users = range(PEOPLE - 1).map((index) => userName(index + 1));
  const follow = (channel: string) => () =>
    load.ask("follow", { port: server.port, users: users.slice(0, 32), channel, seconds: bench.seconds(4) });
  const rounds = await alternating(bench.count(4, 2), { small: follow(small), large: follow(large) }, true);
  const rate = (of: typeof rounds.small) => median(of.map(({ operations, seconds }) => operations / seconds));
  const of = (part: "p50" | "p99") => median(rounds.large.map((round) => round[part]));
  const figures: Figure[] = [
    {
      name: `follow and unfollow, 32 users, beside ${FEW} followers`,
      unit: "ops/s",
      measured: rate(rounds.large),
      floor: rate(rounds.small),
      goal: SAME,
      note: latencies(of("p50"), of("p99")),
    },
  ];
  await settled(server);
  const reader = await bench.load();
  const listed = range(PAGE).map((index) => userName(PEOPLE + index));
  const ask = (query: string) => [JSON.stringify({ query, variables: { id: large } })];
  const listing: Reading = {
    name: `${PAGE} of the followers`,
    user: owner,
    requests: ask(queries.members),
    raw: [
      {
        gets: [
          [tables.groups, large, ""],
          [tables.members, large, owner],
          ...listed.map((id) => [tables.users, id, ""] as const),
        ],
        many: listed.map((id) => [tables.members, large, id] as const),
        ranges: [{ table: tables.membersByJoin, partition: `${large}~FOLLOWER`, limit: PAGE + 1 }],
      },
    ],
  };
  const counting: Reading = {
    name: "their count",
    user: owner,
    requests: ask(queries.count),
    raw: [{ gets: [[tables.groups, large, ""]] }],
  };
  for (const reading of [listing, counting]) figures.push(await figureOfReading(bench, server, reader, reading));
  for (const { name, requests } of [listing, counting]) {
    const seconds = bench.seconds(4);
    const [asked] = await Promise.all([
      reader.ask("ask", { port: server.port, user: owner, requests, seconds }),
      load.ask("follow", { port: server.port, users: users.slice(0, 32), channel: large, seconds }),
    ]);
    figures.push({
      name: `${name} while 32 come and go`,
      unit: "ms",
      measured: asked.p50,
      note: latencies(asked.p50, asked.p99),
    });
  }
  return figures;
}
