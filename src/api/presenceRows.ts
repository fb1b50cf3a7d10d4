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
  const isSeen = await maySee(reading, keys);
  const users = [...new Set(keys.filter((_, index) => isSeen[index]).map(({ user }) => user))];
  const devices = await views.devices.ofMany(users);
  const states = await presence.statesOf(
    users.map((user, index) => ({ user, devices: (devices[index] ?? []).map(({ id }) => id) })),
  );
  const known = new Map(users.map((user, index) => [user, byKind(devices[index] ?? [], states[index])]));
  return keys.map(({ user }, index) => (isSeen[index] ? known.get(user) : undefined));
}

/**
 * Whether viewers may know who is online: friends may, and those between whom a direct conversation has begun while anyone may
 * write to anyone. Where one has blocked the other, neither may; strangers may not. Everyone may know it of themselves.
 */
async function maySee({ views, directMessages }: Reading, keys: readonly PresenceKey[]): Promise<boolean[]> {
  const [standing, begun] = await Promise.all([
    views.friends.friendships(keys.map(({ viewer, user }) => ({ one: viewer, other: user }))),
    views.relations.memberships(
      keys.map(({ viewer, user }) => ({ conversation: directConversationOf(viewer, user), user: viewer })),
    ),
  ]);
  return keys.map(({ viewer, user }, index) => {
    if (viewer === user) return true;
    const row = standing[index];
    if (row !== undefined && Object.keys(row.blocks).length > 0) return false;
    return row?.friends !== undefined || (directMessages === "anyone" && begun[index] !== undefined);
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
