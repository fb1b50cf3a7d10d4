import type { CircleRow } from "../../projections/circles.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import type { Context } from "./context.ts";
import { type CircleEntity, circleEntity, readAt } from "./entities.ts";

/** A circle for those who are in it, and for the scope admin. Null for everyone else. */
export async function visibleCircle(context: Context, id: string): Promise<CircleEntity | null> {
  const { caller, services, loaders } = context;
  if (!caller.admin && !(await services.views.circles.isMember(id, caller.userId))) return null;
  const row = await loaders.circle(id);
  return row ? { ...circleEntity(id), row } : null;
}

export function circleRowOf(context: Context, circle: CircleEntity): Awaitable<CircleRow> {
  return (circle.row ??= readAt(context, circle.at, () =>
    andThen(context.loaders.circle(circle.id), (row) => {
      if (row === undefined) throw new Error(`the views have no circle ${circle.id}`);
      return row;
    }),
  ));
}
