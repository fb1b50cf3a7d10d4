import { viewProjections } from "../../../projections/index.ts";
import { isPosition } from "../../ports/eventStore.ts";
import type { ParkedEvent, ParkedPlace } from "../../projecting/parked.ts";
import type { ProjectionStatus } from "../../projecting/status.ts";
import type { AdminResolvers, Parked, ProjectionStatus as Shown } from "../generated.ts";
import { badInput, edgeCursor, edgeKey, pageSize } from "./arguments.ts";
import { edged } from "./connections.ts";

const USUAL_PAGE = 50;
/** An event parked is known by its projection and its position. */
const PARKED_PARTS = 2;

export const Admin: AdminResolvers = {
  components: async (_admin, _, { services }) =>
    (await services.operations.components()).map(({ version = null, detail = null, bytes = null, ...component }) => ({
      ...component,
      version,
      detail,
      bytes,
    })),

  projections: async (_admin, _, { services }) => (await services.operations.projections()).map(shown),

  parked: async (_admin, { name, first, after }, { services }) => {
    const query = { name: projectionName(name), first: pageSize(first, USUAL_PAGE), after: parkedPlace(after) };
    const { events, hasNext, hasPrevious } = await services.operations.parked(query);
    return edged(events.map(parkedEdge), hasNext, hasPrevious);
  },
};

const shown = ({ lag, lastError, ...status }: ProjectionStatus): Shown => ({
  ...status,
  lag: typeof lag === "number" ? lag : null,
  lastError: lastError ?? null,
  // Nothing is built or compared while it is read.
  progress: null,
  eventsPerSecond: null,
  differences: null,
});

const parkedEdge = ({ type, ...event }: ParkedEvent): { cursor: string; node: Parked } => ({
  cursor: edgeCursor(event.projection, event.cursor),
  node: { ...event, eventType: type },
});

function projectionName(given: string | null | undefined): string | undefined {
  if (given == null) return undefined;
  const names = viewProjections.map(({ name }) => name);
  if (names.includes(given)) return given;
  throw badInput("name", `one of ${names.join(", ")}`);
}

function parkedPlace(given: string | null | undefined): ParkedPlace | undefined {
  const [projection, cursor] = edgeKey(given, PARKED_PARTS) ?? [];
  if (projection === undefined || cursor === undefined) return undefined;
  if (viewProjections.some(({ name }) => name === projection) && isPosition(cursor)) return { projection, cursor };
  throw badInput("after", "the cursor of an edge");
}
