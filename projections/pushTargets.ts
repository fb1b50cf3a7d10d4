import type { PushService } from "../src/domain/pushTokens.ts";
import { del, type Projection, put, type Reader } from "../src/projecting/projection.ts";

/** That pushes reach a device, and which event of its user's stream has the token: no row holds one. */
export type PushTarget = { service: PushService; revision: number };

/** Whose a token is. `null`: nobody's any more. */
type OwnerRow = { user: string; device: string } | null;

/** Whom pushes reach: `targets` of each user by device; `owners`: by token (a hash of it), the one device that it belongs to. */
export const pushTargets: Projection = {
  name: "pushTargets",
  version: 1,
  reads: [],
  handlers: {
    DeviceAdded: ({ data: { userId, deviceId, pushService: service }, revision }) => [
      service === null
        ? del("targets", userId, deviceId)
        : put("targets", userId, deviceId, { service, revision } satisfies PushTarget),
    ],
    DeviceRemoved: ({ data: { userId, deviceId } }) => [del("targets", userId, deviceId)],
    PushTokenClaimed: ({ data: { token, userId: user, deviceId: device } }) => [
      put("owners", token, "", { user, device } satisfies OwnerRow),
    ],
    PushTokenReleased: ({ data: { token } }) => [put("owners", token, "", null)],
  },
};

/** A user's devices that have a push token are no more than this: DEVICES_MAX has no larger value. */
const DEVICES = 100;

/** The only functions that read the rows of `pushTargets`. `holdsAny`: whether a table has any row. */
export const pushTargetReads = (reader: Reader, holdsAny: (table: string) => Promise<boolean>) => ({
  /** Whether any device has a push token. */
  areAny: () => holdsAny("targets"),
  /** By device. */
  of: async (user: string): Promise<{ device: string; target: PushTarget }[]> =>
    (await reader.range<PushTarget>("targets", user, { limit: DEVICES })).map(({ sort, value }) => ({
      device: sort,
      target: value,
    })),
  /** Those of many devices; undefined for one that has none. */
  ofMany: (devices: readonly { user: string; device: string }[]) =>
    reader.getMany<PushTarget>(
      "targets",
      devices.map(({ user, device }) => [user, device] as const),
    ),
  /** Whose these tokens are; undefined for one that was never claimed. */
  owners: (tokens: readonly string[]) =>
    reader.getMany<OwnerRow>(
      "owners",
      tokens.map((token) => [token, ""] as const),
    ),
});

export type PushTargetReads = ReturnType<typeof pushTargetReads>;
