import type { EventType } from "../src/domain/events.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { put, type TableWrite } from "../src/projecting/projection.ts";

/** The state of a stream after its event at `revision`, the parts of a group apart. */
export type StateRow = { state?: unknown; revision: number; position: string };

export type Placed = Pick<Recorded, "stream" | "id" | "revision" | "position">;
export type Of<T extends EventType> = Recorded<T> & Placed;

/** What is noted for every event: where it is, by its id, and the state of the stream with it. */
export const noted = ({ stream, id, revision, position }: Placed, state: unknown): TableWrite[] => [
  put("states", stream, "", { state, revision, position } satisfies StateRow),
  put("ids", stream, id, revision),
];
