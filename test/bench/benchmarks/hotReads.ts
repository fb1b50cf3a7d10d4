import { type Bench, type Load, type Server, settled } from "../bench.ts";
import { costByThread, cpuCost, threadsText } from "../cpu.ts";
import { type Figure, latencies } from "../figures.ts";
import type { Load as Loaded } from "../load.ts";
import { alternating, median } from "../measure.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { type SeededGroup, userName } from "../seed.ts";

const USERS = 2_000;
const GROUPS = 500;
const FANOUT_LIMIT = 20;
const HISTORY = 50;
const LISTED = 100;
/** Groups with something new. */
const CHANGED = 10;
const AT_ONCE = 20;

const queries = {
  history: `query History($id: ID!) { conversation(id: $id) { messages(last: ${HISTORY}) { edges { cursor node { id seq text sentAt sender { id } } } pageInfo { hasPreviousPage } } } }`,
  list: `{ viewer { conversations(first: ${LISTED}) { cursor edges { node { id title lastActivityAt unreadCount lastMessage { seq text sender { id name } } } } } } }`,
  sync: "query Sync($after: Cursor) { viewer { sync(after: $after, limit: 100) { entries { __typename cursor at ... on MessageReceived { message { id seq text sender { id } conversation { id } } } } cursor hasMore } } }",
} as const;

type Asked = Loaded & { cpu: number; threads: Record<string, number> };

/** History, the list of conversations, and what changed, over HTTP. */
export async function hotReads(bench: Bench): Promise<Figure[]> {
  const server = await bench.server({ FANOUT_LIMIT: String(FANOUT_LIMIT) });
  const load = await bench.load();
  const [small, wide] = [userName(USERS - 1), userName(USERS - 2)];
  const under = scatteredGroups(GROUPS, 10, USERS - 2, "g:small-", small);
  const over = scatteredGroups(GROUPS, FANOUT_LIMIT + 10, USERS - 2, "g:large-", wide);
  const long: SeededGroup = { id: "g:long", members: [small, userName(0)] };
  await server.ask("users", { count: USERS });
  await server.ask("groups", { groups: [...under, ...over, long] });
  await server.ask("messages", { groups: [...under, ...over], each: 8 });
  await server.ask("messages", { groups: [long], each: bench.count(10_000, 2_000) });
  const after = await server.ask("end");
  for (const groups of [under, over]) await server.ask("messages", { groups: groups.slice(0, CHANGED), each: 1, from: 8 });
  await settled(server);

  const asked = (user: string, request: string, connections: number) => async (): Promise<Asked> => {
    const before = [await server.ask("cpu"), await server.ask("threads")] as const;
    const seconds = bench.seconds(2);
    const done = await load.ask("ask", { port: server.port, user, requests: [request], seconds, connections });
    const cost = cpuCost(before[0], await server.ask("cpu"), done.operations);
    return {
      ...done,
      cpu: cost?.all ?? Number.NaN,
      threads: costByThread(before[1], await server.ask("threads"), done.operations),
    };
  };
  const nothing = async (): Promise<Loaded> => {
    const transport = { kind: "http", connections: AT_ONCE } as const;
    const writers = [{ user: small, conversations: [long.id] }];
    return load.ask("send", { port: server.port, transport, sending: "noop", writers, seconds: bench.seconds(2) });
  };
  const sync = JSON.stringify({ query: queries.sync, variables: { after } });
  const requests = {
    history: JSON.stringify({ query: queries.history, variables: { id: long.id } }),
    list: JSON.stringify({ query: queries.list }),
  };
  await sound(server, load, [
    [small, requests.history],
    [small, requests.list],
    [small, sync],
    [wide, sync],
  ]);
  const all = await alternating(
    bench.count(3, 2),
    {
      nothing,
      history: asked(small, requests.history, AT_ONCE),
      list: asked(small, requests.list, 1),
      under: asked(small, sync, 1),
      over: asked(wide, sync, 1),
    },
    true,
  );
  const rateOf = (of: readonly Loaded[]) => median(of.map((one) => one.operations / one.seconds));
  const p50 = (of: readonly Loaded[]) => median(of.map((one) => one.p50));
  const p99 = (of: readonly Loaded[]) => median(of.map((one) => one.p99));
  const note = (of: readonly Asked[]) =>
    `${latencies(p50(of), p99(of))}; CPU ${median(of.map(({ cpu }) => cpu)).toFixed(0)} µs (${threadsText(of.map(({ threads }) => threads))})`;
  const floor = rateOf(all.nothing);
  await Promise.all([load.stop(), server.stop()]);
  const syncName = `sync of ${CHANGED} entries, ${GROUPS} groups over the limit, beside under it`;
  return [
    {
      name: `history, ${HISTORY} of ${bench.count(10_000, 2_000).toLocaleString("en")}, ${AT_ONCE} at once`,
      unit: "ops/s",
      measured: rateOf(all.history),
      floor,
      goal: 0.2,
      note: note(all.history),
    },
    {
      name: `list: ${LISTED} of ${GROUPS} conversations`,
      unit: "ops/s",
      measured: rateOf(all.list),
      floor,
      goal: 0.02,
      note: note(all.list),
    },
    { name: `${syncName}: p50`, unit: "ms", measured: p50(all.over), floor: p50(all.under), goal: 1 / 3, note: note(all.over) },
    { name: `${syncName}: p99`, unit: "ms", measured: p99(all.over), floor: p99(all.under), goal: 1 / 3, note: note(all.under) },
  ];
}

/** Asks each once: what is measured is an answer and no refusal. */
async function sound(server: Server, load: Load, asked: readonly (readonly [user: string, request: string])[]): Promise<void> {
  for (const [user, request] of asked) {
    const answered = await load.ask("once", { port: server.port, user, request });
    if (answered.includes('"errors"')) throw new Error(answered.slice(0, 1_000));
  }
}
