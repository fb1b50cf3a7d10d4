import { admin } from "./admin/resolvers.ts";
import type { Area } from "./area.ts";
import { circles } from "./circles/resolvers.ts";
import { conversations } from "./conversations/resolvers.ts";
import { devices } from "./devices/resolvers.ts";
import { files } from "./files/resolvers.ts";
import { friends } from "./friends/resolvers.ts";
import { groups } from "./groups/resolvers.ts";
import { imports } from "./imports/resolvers.ts";
import { inbox } from "./inbox/resolvers.ts";
import { joining } from "./groups/joining.ts";
import { messages } from "./messages/resolvers.ts";
import { moderation } from "./moderation/resolvers.ts";
import { nodes } from "./nodes/resolvers.ts";
import { schedules } from "./schedules/resolvers.ts";
import { preferences } from "./preferences/resolvers.ts";
import { presence } from "./presence/resolvers.ts";
import { search } from "./search/resolvers.ts";
import { typing } from "./typing/resolvers.ts";
import { users } from "./users/resolvers.ts";
import { webhooks } from "./webhooks/resolvers.ts";

export const areas: Readonly<Record<string, Area>> = {
  users,
  devices,
  presence,
  typing,
  friends,
  circles,
  groups,
  joining,
  conversations,
  preferences,
  messages,
  moderation,
  schedules,
  files,
  imports,
  inbox,
  search,
  nodes,
  webhooks,
  admin,
};

/** `resolver`: a function, or the two functions of a subscription. */
export type ResolvedField = { type: string; field: string; resolver: unknown; area: string };

/** The fields that the areas resolve. Throws if two of them resolve the same field: otherwise one would silently win. */
export function resolvedFields(of: Readonly<Record<string, Area>>): ResolvedField[] {
  const known = new Map<string, ResolvedField>();
  for (const [area, types] of Object.entries(of)) {
    for (const [type, fields] of Object.entries(types)) {
      for (const [field, resolver] of Object.entries(fields) as [string, unknown][]) {
        const name = `${type}.${field}`;
        const other = known.get(name);
        if (other) throw new Error(`two areas of the API resolve ${name}: ${other.area} and ${area}`);
        known.set(name, { type, field, resolver, area });
      }
    }
  }
  return [...known.values()];
}
