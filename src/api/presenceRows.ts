import type { DeviceRow } from "../../projections/devices.ts";
import { directConversationOf } from "../domain/ids.ts";
import type { DeviceState, States } from "../presence/presence.ts";
import type { Services } from "./context.ts";

export type PresenceKey = { viewer: string; user: string };

type DeviceKind = DeviceRow["kind"];

/** Of each kind of device that a user has. `online`: null for a kind that has no presence. `lastSeenAt`: ISO 8601. */
export type PresenceRows = readonly { deviceKind: DeviceKind; online: boolean | null; lastSeenAt: string | null }[];

type Reading = Pick<Services, "views" | "presence" | "directMessages">;

/** What runs elsewhere, whether its user looks at it or not. */
const WITHOUT_PRESENCE: ReadonlySet<DeviceKind> = new Set(["OFFICIAL_ACCOUNT", "MINI_PROGRAM"]);

/** The presence of each user, by kind of device; undefined where the viewer may not know of it. */
export async function presenceFor(reading: Reading, keys: readonly PresenceKey[]): Promise<(PresenceRows | undefined)[]> {
  const { views, presence } = reading;
  const asked = [...new Set(keys.map(({ user }) => user))];
  // Beside each other: what is read of those who are not seen goes no further.
  const [isSeen, rows] = await Promise.all([maySee(reading, keys), views.devices.ofMany(asked)]);
  const seen = new Set(keys.filter((_, index) => isSeen[index]).map(({ user }) => user));
  const users = asked.flatMap((user, index) => (seen.has(user) ? [{ user, devices: rows[index] ?? [] }] : []));
  const states = await presence.statesOf(users.map(({ user, devices }) => ({ user, devices: devices.map(({ id }) => id) })));
  const known = new Map(users.map(({ user, devices }, index) => [user, byKind(devices, states[index])]));
  return keys.map(({ user }, index) => (isSeen[index] ? known.get(user) : undefined));
}

/**
 * Whether viewers may know who is online: friends may, and those between whom a direct conversation has begun while anyone may
 * write to anyone. Where one has blocked the other, or where that cannot be told, neither may; strangers may not. Everyone may
 * know it of themselves.
 */
async function maySee({ views, directMessages }: Reading, keys: readonly PresenceKey[]): Promise<boolean[]> {
  const pairs = keys.map(({ viewer, user }) => ({ one: viewer, other: user }));
  const standing = await views.friends.lastKnownOf(pairs);
  // Of those who are blocked it is read too: that somebody has blocked them must not show in the time it takes.
  const others = keys.filter((_, index) => directMessages === "anyone" && standing[index]?.friends === undefined);
  const places = others.map(({ viewer, user }) => ({ conversation: directConversationOf(viewer, user), user: viewer }));
  const begun = places.length === 0 ? [] : await views.relations.memberships(places);
  const isBegun = new Set(others.filter((_, index) => begun[index] !== undefined));
  return keys.map((key, index) => {
    if (key.viewer === key.user) return true;
    const [row, pair] = [standing[index], pairs[index]];
    if (pair === undefined || !views.friends.isTold(pair)) return false;
    if (row !== undefined && Object.keys(row.blocks).length > 0) return false;
    return row?.friends !== undefined || isBegun.has(key);
  });
}

function byKind(devices: readonly DeviceRow[], states: States | undefined): PresenceRows {
  const kinds = new Map<DeviceKind, DeviceState>();
  const add = (kind: DeviceKind, { online, lastSeenAt }: DeviceState): void => {
    const before = kinds.get(kind);
    const latest = Math.max(lastSeenAt ?? -1, before?.lastSeenAt ?? -1);
    kinds.set(kind, { online: online || before?.online === true, lastSeenAt: latest < 0 ? undefined : latest });
  };
  for (const [index, { kind }] of devices.entries())
    add(kind, states?.devices[index] ?? { online: false, lastSeenAt: undefined });
  const others = states?.others;
  if (others && (others.online || others.lastSeenAt !== undefined)) add("OTHER", others);
  return [...kinds].map(([deviceKind, { online, lastSeenAt }]) =>
    WITHOUT_PRESENCE.has(deviceKind)
      ? { deviceKind, online: null, lastSeenAt: null }
      : { deviceKind, online, lastSeenAt: lastSeenAt === undefined ? null : new Date(lastSeenAt).toISOString() },
  );
}
