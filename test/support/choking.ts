import { viewProjections } from "../../projections/index.ts";
import type { Projection } from "../../src/projecting/projection.ts";

/** The projections of a server, one of which chokes on the first event of a type, until it is mended. */
export function choking(name: string, type: string): { projections: Projection[]; mend(): void } {
  let isMended = false;
  let first: string | undefined;
  const projections = viewProjections.map((projection): Projection => {
    if (projection.name !== name) return projection;
    const handle = (projection.handlers as Record<string, (event: never, rows: never) => unknown>)[type];
    const choked = (event: { position: string }, rows: never): unknown => {
      first ??= event.position;
      if (!isMended && event.position === first) throw new Error(`${name} chokes on ${type}`);
      return handle?.(event as never, rows);
    };
    return { ...projection, handlers: { ...projection.handlers, [type]: choked } };
  });
  return { projections, mend: () => void (isMended = true) };
}
