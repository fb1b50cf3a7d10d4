import { directory } from "../../../projections/directory.ts";
import { friends } from "../../../projections/friends.ts";
import { relations } from "../../../projections/relations.ts";
import { threads } from "../../../projections/threads.ts";
import { timelines } from "../../../projections/timelines.ts";
import { pairOf } from "../../../src/domain/ids.ts";
import { generationOf, type Projection, seqKey } from "../../../src/projecting/projection.ts";
import { type Bench, type Benchmark, type Server, settled } from "../bench.ts";
import type { Figure } from "../figures.ts";
import { figureOfReading, type Reading } from "../reading.ts";
import { range, type SeededGroup, userName } from "../seed.ts";

const FRIENDS = 3_000;
const MEMBERS = 5_000;
const ADMINS = 20;
const REPLIES = 1_000;
const WATCHED = 500;
const PAGE = 100;

const queries = {
  friends: `{ viewer { friends(first: ${PAGE}) { totalCount edges { cursor node { alias since user { id name avatarUrl } } } pageInfo { hasNextPage endCursor } } } }`,
  members: `query Members($id: ID!) { conversation(id: $id) { memberCount membership { role } members(first: ${PAGE}) { edges { cursor node { role joinedAt user { id name avatarUrl } } } pageInfo { hasNextPage endCursor } } } }`,
  leaders: `query Leaders($id: ID!) { conversation(id: $id) { memberCount owner: members(first: 1, role: OWNER) { edges { node { user { id name } } } } admins: members(first: ${PAGE}, role: ADMIN) { edges { node { user { id name } } } } } }`,
  presence: `query Presence($a: [ID!]!, $b: [ID!]!, $c: [ID!]!, $d: [ID!]!, $e: [ID!]!) { ${["a", "b", "c", "d", "e"].map((part) => `${part}: nodes(ids: $${part}) { ... on User { id presence { deviceKind online lastSeenAt } } }`).join(" ")} }`,
  thread: `query Thread($id: ID!) { node(id: $id) { ... on Message { id text replyCount lastReplyAt replies(first: ${PAGE}) { edges { cursor node { id seq text sentAt sender { id name } } } pageInfo { hasNextPage endCursor } } } } }`,
} as const;

const tableOf = (projection: Projection, name: string) => `${generationOf(projection)}/${name}`;
const tables = {
  users: tableOf(directory, "users"),
  friends: tableOf(friends, "friends"),
  friendships: tableOf(friends, "friendships"),
  groups: tableOf(relations, "groups"),
  members: tableOf(relations, "members"),
  membersByJoin: tableOf(relations, "membersByJoin"),
  messages: tableOf(timelines, "messages"),
  threads: tableOf(threads, "threads"),
  replies: tableOf(threads, "replies"),
};

export const people: Benchmark = {
  name: "people",
  about: "lists of people over HTTP one at a time, beside a query of nothing and the same rows asked of LevelDB",
  limitSeconds: 180,
  run: async (bench) => {
    const server = await bench.server();
    const load = await bench.load();
    const figures: Figure[] = [];
    for (const reading of await readingsOf(bench, server)) figures.push(await figureOfReading(bench, server, load, reading));
    return figures;
  },
};

async function readingsOf(bench: Bench, server: Server): Promise<Reading[]> {
  const members = bench.count(MEMBERS, 500);
  const befriended = range(bench.count(FRIENDS, 300)).map((index) => userName(index + 1));
  const viewer = userName(0);
  const group: SeededGroup = { id: "g:people", members: range(members).map(userName) };
  await server.ask("users", { count: Math.max(members, befriended.length + 1) });
  await server.ask("friends", { user: viewer, friends: befriended });
  await server.ask("groups", { groups: [group] });
  await server.ask("admins", { group, count: ADMINS });
  const replies = bench.count(REPLIES, 200);
  await server.ask("messages", { groups: [group], each: 1 });
  await server.ask("replies", { group, to: 1, count: replies });
  await settled(server);
  const ask = (query: string, variables: object = {}) => [JSON.stringify({ query, variables })];
  const profiles = (of: readonly string[]) => of.map((id) => [tables.users, id, ""] as const);
  const rowsOf = (of: readonly string[]) => of.map((id) => [tables.members, group.id, id] as const);
  const byRole = (role: string) => `${group.id}~${role}`;
  const listed = group.members.slice(0, PAGE);
  const watched = befriended.slice(0, WATCHED);
  const fifth = Math.ceil(watched.length / 5);
  const parts = Object.fromEntries(
    ["a", "b", "c", "d", "e"].map((part, index) => [part, watched.slice(index * fifth, (index + 1) * fifth)]),
  );
  const leaders = group.members.slice(0, ADMINS + 1);
  return [
    {
      name: `${PAGE} of ${befriended.length} friends by name`,
      user: viewer,
      requests: ask(queries.friends),
      raw: [{ ranges: [{ table: tables.friends, partition: viewer, limit: 5_000 }], many: profiles(befriended) }],
    },
    {
      name: `${PAGE} of ${members} members with their roles`,
      user: viewer,
      requests: ask(queries.members, { id: group.id }),
      raw: [
        {
          gets: [[tables.groups, group.id, ""], [tables.members, group.id, viewer], ...profiles(listed)],
          many: rowsOf(listed),
          ranges: ["OWNER", "ADMIN", "MEMBER"].map((role) => ({
            table: tables.membersByJoin,
            partition: byRole(role),
            limit: PAGE + 1,
          })),
        },
      ],
    },
    {
      name: `owner and ${ADMINS} administrators of ${members} members`,
      user: viewer,
      requests: ask(queries.leaders, { id: group.id }),
      raw: [
        {
          gets: [[tables.groups, group.id, ""], [tables.members, group.id, viewer], ...profiles(leaders)],
          many: rowsOf(leaders),
          ranges: ["OWNER", "ADMIN"].map((role) => ({
            table: tables.membersByJoin,
            partition: byRole(role),
            limit: PAGE + 1,
          })),
        },
      ],
    },
    {
      name: `presence of ${watched.length} friends`,
      user: viewer,
      requests: ask(queries.presence, parts),
      raw: [
        {
          many: [...profiles(watched), ...watched.map((friend) => [tables.friendships, pairOf(viewer, friend), ""] as const)],
        },
      ],
    },
    {
      name: `${PAGE} of ${replies} replies of a thread`,
      user: viewer,
      requests: ask(queries.thread, { id: `${group.id}:1` }),
      raw: [
        {
          gets: [
            [tables.groups, group.id, ""],
            [tables.members, group.id, viewer],
            [tables.messages, group.id, seqKey(1)],
            [tables.threads, group.id, seqKey(1)],
            ...profiles(listed),
          ],
          many: range(PAGE).map((index) => [tables.messages, group.id, seqKey(index + 2)] as const),
          ranges: [{ table: tables.replies, partition: `${group.id}:1`, limit: PAGE + 1 }],
        },
      ],
    },
  ];
}
