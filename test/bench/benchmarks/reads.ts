import { directory } from "../../../projections/directory.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { readMarks } from "../../../projections/readMarks.ts";
import { relations } from "../../../projections/relations.ts";
import { timelines } from "../../../projections/timelines.ts";
import { generationOf, type Projection, seqKey } from "../../../src/projecting/projection.ts";
import { type Bench, type Benchmark, type Server, settled } from "../bench.ts";
import type { Figure } from "../figures.ts";
import type { RawRead } from "../rawReads.ts";
import { figureOfReading, type Reading } from "../reading.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { type SeededGroup, userName } from "../seed.ts";

const USERS = 2_000;
const GROUPS = 500;
const FANOUT_LIMIT = 20;
const PAGE = 30;
const LISTED = 50;
const SYNCED = 100;

const queries = {
  page: `query Page($id: ID!) { conversation(id: $id) { messages(last: ${PAGE}) { edges { cursor node { id seq text sentAt sender { id name } } } pageInfo { hasPreviousPage } } } }`,
  list: `{ viewer { conversations(first: ${LISTED}) { cursor edges { node { id title lastActivityAt unreadCount lastMessage { seq text sender { id name } } } } } } }`,
  sync: `query Sync($after: Cursor) { viewer { sync(after: $after, limit: ${SYNCED}) { entries { __typename cursor at ... on MessageReceived { message { id seq text sender { id } conversation { id } } } } cursor hasMore } } }`,
} as const;

const tableOf = (projection: Projection, name: string) => `${generationOf(projection)}/${name}`;
const tables = {
  users: tableOf(directory, "users"),
  groups: tableOf(directory, "groups"),
  relations: tableOf(relations, "groups"),
  members: tableOf(relations, "members"),
  conversations: tableOf(relations, "conversations"),
  heads: tableOf(timelines, "heads"),
  messages: tableOf(timelines, "messages"),
  counts: tableOf(readMarks, "counts"),
  marks: tableOf(readMarks, "marks"),
  entries: tableOf(inboxes, "entries"),
  wide: tableOf(inboxes, "wide"),
  changes: tableOf(inboxes, "changes"),
  newest: tableOf(inboxes, "newest"),
};

export const reads: Benchmark = {
  name: "reads",
  about: "usual queries over HTTP one at a time, beside a query of nothing and the same rows asked of LevelDB",
  limitSeconds: 120,
  run: async (bench) => {
    const server = await bench.server({ FANOUT_LIMIT: String(FANOUT_LIMIT) });
    const load = await bench.load();
    const figures: Figure[] = [];
    for (const reading of await readingsOf(bench, server)) figures.push(await figureOfReading(bench, server, load, reading));
    return figures;
  },
};

async function readingsOf(bench: Bench, server: Server): Promise<Reading[]> {
  const each = bench.count(40, 32);
  const [fanned, merged] = [userName(USERS - 1), userName(USERS - 2)];
  const small = scatteredGroups(GROUPS, 10, USERS - 2, "g:small-", fanned);
  const large = scatteredGroups(GROUPS, FANOUT_LIMIT + 10, USERS - 2, "g:large-", merged);
  const groups = [...small, ...large];
  await server.ask("users", { count: USERS });
  await server.ask("groups", { groups });
  await server.ask("messages", { groups, each });
  const after = await server.ask("end");
  const newer = [...small.slice(0, SYNCED), ...large.slice(0, SYNCED)];
  await server.ask("messages", { groups: newer, each: 1, from: each });
  await settled(server);
  const newestOf = (of: readonly SeededGroup[]) =>
    of.slice(0, SYNCED).map(({ id }) => [tables.messages, id, seqKey(each + 1)] as const);
  const sync = [JSON.stringify({ query: queries.sync, variables: { after } })];
  return [
    {
      name: `a page of ${PAGE} messages`,
      user: fanned,
      requests: small.map(({ id }) => JSON.stringify({ query: queries.page, variables: { id } })),
      raw: small.map((group) => pageRead(group, fanned)),
    },
    {
      name: `${LISTED} of ${GROUPS} conversations`,
      user: fanned,
      requests: [JSON.stringify({ query: queries.list })],
      raw: [listRead(small, fanned, each)],
    },
    {
      name: `sync of ${SYNCED} entries, ${GROUPS} groups under the limit`,
      user: fanned,
      requests: sync,
      raw: [
        {
          ranges: [
            { table: tables.entries, partition: fanned, after, limit: SYNCED + 1 },
            { table: tables.wide, partition: fanned, limit: 1_000 },
          ],
          many: newestOf(small),
        },
      ],
    },
    {
      name: `sync of ${SYNCED} entries, ${GROUPS} groups over the limit`,
      user: merged,
      requests: sync,
      raw: [
        {
          ranges: [
            { table: tables.entries, partition: merged, after, limit: SYNCED + 1 },
            { table: tables.wide, partition: merged, limit: 1_000 },
            ...large.slice(0, SYNCED).map(({ id }) => ({ table: tables.changes, partition: id, after, limit: SYNCED + 1 })),
          ],
          many: [...large.map(({ id }) => [tables.newest, id, ""] as const), ...newestOf(large)],
        },
      ],
    },
  ];
}

function pageRead({ id, members }: SeededGroup, user: string): RawRead {
  return {
    gets: [
      [tables.relations, id, ""],
      [tables.members, id, user],
      [tables.heads, id, ""],
      ...Array.from({ length: PAGE }, (_, index) => [tables.users, members[index % members.length] ?? "", ""] as const),
    ],
    ranges: [{ table: tables.messages, partition: id, limit: PAGE, reverse: true }],
  };
}

function listRead(groups: readonly SeededGroup[], user: string, seq: number): RawRead {
  return {
    ranges: [{ table: tables.conversations, partition: user, limit: 1_000 }],
    many: groups.map(({ id }) => [tables.heads, id, ""] as const),
    gets: groups
      .slice(0, LISTED)
      .flatMap(({ id, members }) => [
        [tables.groups, id, ""] as const,
        [tables.relations, id, ""] as const,
        [tables.members, id, user] as const,
        [tables.messages, id, seqKey(seq)] as const,
        [tables.users, members[seq % members.length] ?? "", ""] as const,
        [tables.counts, id, ""] as const,
        [tables.marks, user, id] as const,
      ]),
  };
}
