import type { AddressInfo } from "node:net";
import { extendSchema, type GraphQLSchema, isObjectType, parse } from "graphql";
import { pino } from "pino";
import { Registry } from "prom-client";
import { search } from "../../projections/search/search.ts";
import { compose } from "../../src/server/compose.ts";
import { boundMemory } from "../../src/server/heap.ts";
import { readConfig } from "../../src/config.ts";
import { buildApp } from "../../src/transport/app.ts";
import { tokens } from "../../src/transport/auth.ts";
import { contextOf } from "../../src/api/context.ts";
import { transportDefaults } from "../../src/transport/limits.ts";
import { SHARED_FIELDS } from "../../src/api/inbox/deliveries.ts";
import { buildSchema } from "../../src/api/schema.ts";
import type { Behind } from "../../src/server/health.ts";
import { cpuTime } from "./cpu.ts";
import { rssAfterGc } from "./memory.ts";
import { answer } from "./processes.ts";
import { rawReads } from "./rawReads.ts";
import {
  type SeededChannel,
  type SeededGroup,
  seedAdmins,
  seedChannel,
  seedFriends,
  seedGroups,
  seedMessages,
  seedReplies,
  seedUsers,
} from "./seed.ts";
import { threadTimes } from "./threads.ts";

/** The server as it is, with one mutation more: a process of its own that the benchmarks start. */

boundMemory();
const config = readConfig(process.env);
const logger = pino({ level: config.logLevel, base: null }, pino.destination(2));
const tidings = await compose(config, logger, (error) => {
  throw error;
});
await tidings.opened;
const app = await buildApp({
  schema: withNoop(buildSchema()),
  contextOf: contextOf(tidings),
  sharedFields: SHARED_FIELDS,
  tokens: tokens({ secret: config.auth.secret }),
  config: {
    ...transportDefaults,
    production: config.production,
    ide: false,
    bodyLimitBytes: config.bodyLimitBytes,
    origins: config.origins,
  },
  health: () => ({ ready: true, components: {} }),
  registry: new Registry(),
  logger,
});
await app.listen({ host: config.host, port: config.port });

/** The floor of sending: the same input and an answer of the same shape, and nothing done. */
function withNoop(schema: GraphQLSchema): GraphQLSchema {
  const extended = extendSchema(
    schema,
    parse(/* GraphQL */ `
      type NoopMessage {
        id: ID!
        seq: Int!
      }
      type NoopPayload {
        cursor: Cursor!
        message: NoopMessage!
      }
      extend type Mutation {
        noop(input: SendMessageInput!): NoopPayload! @appends
      }
    `),
  );
  const mutation = extended.getType("Mutation");
  const noop = isObjectType(mutation) ? mutation.getFields()["noop"] : undefined;
  if (!noop) throw new Error("the schema has no mutation to extend");
  const payload = { cursor: tidings.log.origin, message: { id: "d:u000000~u000001:1", seq: 1 } };
  noop.resolve = () => payload;
  return extended;
}

/** An event's number in the embedded log: its position's second part, in base 36. */
const placeOf = (position: string): number => Number.parseInt(position.slice(position.indexOf(".") + 1), 36);
const lag = async (): Promise<number> => {
  const [end, folded] = [await tidings.log.end(), tidings.watermark.current()];
  if (folded >= end) return 0;
  // A server's positions are no numbers of events.
  return config.eventStoreUrl === undefined ? placeOf(end) - placeOf(folded) : 1;
};
/** How the search index is, by what costs nothing to ask again and again: `behind` may be a second old. */
const searchState = async (): Promise<Behind> => {
  const { projections } = await tidings.health();
  return projections[search.name] ?? { state: "STOPPED", behind: "unknown" };
};
const raw = rawReads(config.dataDir);

const handlers = {
  port: (): number => (app.server.address() as AddressInfo).port,

  users: ({ count }: { count: number }) => seedUsers(tidings.log, count),
  groups: ({ groups }: { groups: readonly SeededGroup[] }) => seedGroups(tidings.log, groups),
  channel: (channel: SeededChannel) => seedChannel(tidings.log, channel),
  messages: ({ groups, each, from }: { groups: readonly SeededGroup[]; each: number; from?: number }) =>
    seedMessages(tidings.log, groups, each, from),
  friends: ({ user, friends }: { user: string; friends: readonly string[] }) => seedFriends(tidings.log, user, friends),
  admins: ({ group: { id, members }, count }: { group: SeededGroup; count: number }) =>
    seedAdmins(tidings.log, id, members[0] ?? "", members.slice(1, count + 1)),
  replies: ({ group, to, count }: { group: SeededGroup; to: number; count: number }) =>
    seedReplies(tidings.log, group, to, count),

  /** Events that the views lack. */
  lag,
  end: () => tidings.log.end(),
  logId: (): string => tidings.log.id,
  searchState,
  replaySearch: () => tidings.operations.order(search.name, "replay"),
  memory: (): Promise<number> => rssAfterGc(),
  resident: (): number => process.memoryUsage.rss(),
  cpu: () => cpuTime(),
  threads: () => threadTimes(),
  rawRead: raw.measure,
};

export type ServerHandlers = typeof handlers;
answer(handlers, async () => {
  await raw.close();
  await app.close();
  await tidings.close();
});
