import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { pulled } from "../../delivery/pulled.ts";
import { isPosition, type Position } from "../../ports/eventStore.ts";
import type { Auditor } from "../../ports/auditor.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { ParkedEvent, ParkedPlace } from "../../projecting/parked.ts";
import type { ProjectionStatus } from "../../projecting/status.ts";
import { conversationArgument, edgeCursor, edgeKey, pageSize, position } from "../arguments.ts";
import type { Area } from "../area.ts";
import { badInput } from "../badInput.ts";
import { registeredOrAdmin, requireAdmin } from "../callers.ts";
import { edged } from "../connections.ts";
import type { Context } from "../context.ts";
import type { Parked, ProjectionStatus as Shown } from "../generated.ts";
import { projectionFeed } from "./feed.ts";

const USUAL_PAGE = 50;
/** A parked event's key is its projection and its position. */
const PARKED_PARTS = 2;

/** What operators see and do. */
export const admin = {
  Query: {
    admin: async (_, _arguments, context) => {
      await registeredOrAdmin(context);
      requireAdmin(context.caller);
      return {};
    },
  },

  Admin: {
    version: (_admin, _, { services }) => services.operations.version,

    generations: async (_admin, _, { services }) =>
      (await services.operations.generations()).map(({ cursor = null, bytes = null, ...generation }) => ({
        ...generation,
        cursor,
        bytes,
      })),

    disk: async (_admin, _, { services }) => (await services.operations.disk()) ?? null,

    doubts: async (_admin, _, { services }) => [...(await services.operations.doubts())],

    components: async (_admin, _, { services }) =>
      (await services.operations.components()).map(({ version = null, detail = null, bytes = null, ...component }) => ({
        ...component,
        version,
        detail,
        bytes,
      })),

    projections: async (_admin, _, { services }) => (await services.operations.projections()).map(shown),

    audit: (_admin, _, { services }) => {
      if (services.operations.audit) return {};
      throw new Refusal("UNAVAILABLE", "this server keeps no tree over the log: ask one with the role all");
    },

    parked: async (_admin, { name, first, after }, { services }) => {
      const query = { name: projectionName(name), first: pageSize(first, USUAL_PAGE), after: parkedPlace(after) };
      const { events, hasNext, hasPrevious } = await services.operations.parked(query);
      return edged(events.map(parkedEdge), hasNext, hasPrevious);
    },
  },

  Audit: {
    treeHead: (_audit, _, { services }) => tree(services).head(),

    inclusion: async (_audit, { cursor, treeSize }, { services }) => {
      if (treeSize != null) requireSize(treeSize, "treeSize");
      const proof = await tree(services).inclusion(position(cursor, "cursor") as Position, treeSize ?? undefined);
      if (!("fault" in proof)) return proof;
      if (proof.fault === "absent") throw badInput("cursor", "there is no event there: give the cursor that a command returned");
      throw proof.fault === "beyond"
        ? badInput("treeSize", `at most ${proof.size}: the log has no more events`)
        : badInput("treeSize", "the event came after so many events: give the size of a later head, or leave it out");
    },

    consistency: async (_audit, { from, to }, { services }) => {
      requireSize(from, "from");
      requireSize(to, "to");
      if (from > to) throw badInput("from", "at most what `to` is");
      const path = await tree(services).consistency(from, to);
      if ("fault" in path) throw badInput("to", `at most ${path.size}: the log has no more events`);
      return path;
    },
  },

  // Each only starts the work. Its progress is in `admin { projections }`, and the subscription `projection` tells it.
  Mutation: {
    replayProjection: (_, { name, conversationId }, context) => ordered(context, name, "replay", conversationId ?? undefined),
    cancelReplay: (_, { name }, context) => ordered(context, name, "cancelReplay"),
    verifyProjection: (_, { name }, context) => ordered(context, name, "verify"),
    retryParked: async (_, { name: given, cursor }, { caller, services: { operations } }) => {
      requireAdmin(caller);
      const name = knownName(given);
      await operations.retryParked(name, position(cursor, "cursor"));
      return shown(await operations.projection(name));
    },
  },

  Subscription: {
    projection: {
      subscribe: async (_, { name: given }, { caller, services: { operations } }) => {
        requireAdmin(caller);
        const name = knownName(given);
        return pulled(projectionFeed({ operations, name, shown }));
      },
      resolve: ({ projection }) => projection,
    },
  },
} satisfies Area;

async function ordered(
  { caller, services: { operations } }: Context,
  given: string,
  order: "replay" | "cancelReplay" | "verify",
  conversation?: string,
): Promise<Shown> {
  requireAdmin(caller);
  const name = knownName(given);
  if (conversation !== undefined) requireOfConversations(name, conversation);
  await operations.order(name, order, conversation);
  return shown(await operations.projection(name));
}

const shown = ({ lag, lastError, progress, eventsPerSecond, differences, ...status }: ProjectionStatus): Shown => ({
  ...status,
  lag: typeof lag === "number" ? lag : null,
  lastError: lastError ?? null,
  progress: progress ?? null,
  eventsPerSecond: eventsPerSecond ?? null,
  differences: differences ?? null,
});

const parkedEdge = ({ type, ...event }: ParkedEvent): { cursor: string; node: Parked } => ({
  cursor: edgeCursor(event.projection, event.cursor),
  node: { ...event, eventType: type },
});

const ofConversations = viewProjections.filter(({ conversationOf }) => conversationOf).map(({ name }) => name);

/** Throws BAD_INPUT if a text is no conversation's id, or if a projection is not replayed for one conversation. */
function requireOfConversations(name: string, conversation: string): void {
  conversationArgument(conversation, "conversationId");
  if (!ofConversations.includes(name))
    throw badInput(
      "conversationId",
      `left out: ${name} is replayed only as a whole, and one of ${ofConversations.join(", ")} for one conversation`,
    );
}

const names = [...viewProjections, search].map(({ name }) => name);

/** `Admin.audit` has looked whether there is one. */
const tree = ({ operations }: Context["services"]): Auditor => operations.audit as Auditor;

function requireSize(given: number, field: string): void {
  if (!Number.isSafeInteger(given) || given < 0) throw badInput(field, "a whole number from 0 on");
}

const projectionName = (given: string | null | undefined): string | undefined => (given == null ? undefined : knownName(given));

function knownName(given: string): string {
  if (names.includes(given)) return given;
  throw badInput("name", `one of ${names.join(", ")}`);
}

function parkedPlace(given: string | null | undefined): ParkedPlace | undefined {
  const [projection, cursor] = edgeKey(given, PARKED_PARTS) ?? [];
  if (projection === undefined || cursor === undefined) return undefined;
  if (names.includes(projection) && isPosition(cursor)) return { projection, cursor };
  throw badInput("after", "the cursor of an edge");
}
