import type { Elsewhere } from "../ports/elsewhere.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { DeviceKey, LastSeen, Seen } from "../ports/lastSeen.ts";

/** What is known of a device. `lastSeenAt`: in milliseconds since 1970; undefined if it was never seen. */
export type DeviceState = { online: boolean; lastSeenAt: number | undefined };

/** A user, and the ids of the devices that they have added. */
export type Asked = { user: string; devices: readonly string[] };

/** `devices`: in the order in which they were asked for. `others`: all that were not added, as one. */
export type States = { devices: DeviceState[]; others: DeviceState };

export type Connected = { userId: string; deviceId?: string };

export type Presence = {
  /**
   * The caller is connected from now on. The returned function ends that. `isFarewell`: the client said goodbye; else its
   * connection was lost, and the device counts as online until the grace is over.
   */
  connected(caller: Connected): (isFarewell: boolean) => void;
  /** The caller asked for something, connected or not. */
  seen(caller: Connected): void;
  statesOf(asked: readonly Asked[]): Promise<States[]>;
  /**
   * Somebody begins to watch so many users. The returned function ends it. Undefined if they would watch more than 10,000 over
   * all that they have begun: who watches is kept in memory for each user who is watched.
   */
  watch(watcher: string, users: number): (() => void) | undefined;
  /** Tells who listens that a user's devices are others than before. */
  changed(user: string): void;
  /** What a device was last seen is of no use any more. */
  forget(key: DeviceKey): Promise<void>;
  /** Until then, in milliseconds since 1970, whoever was online before the start counts as online. */
  readonly graceUntil: number;
  /** Notes what is not noted yet. Call it once nobody connects any more. */
  close(): Promise<void>;
};

export type PresenceOptions = {
  lastSeen: LastSeen;
  ephemeral: Pick<Ephemeral, "tell">;
  /** What other servers know. Default: there are none. */
  elsewhere?: Pick<Elsewhere, "note" | "devicesOf">;
  /** Ids of the devices that each of these users has added; undefined for a user who never registered. */
  devicesOf(users: readonly string[]): Promise<(readonly string[] | undefined)[]>;
  graceMs: number;
  warn(message: string, error: unknown): void;
  clock?: () => number;
  /** How often a device that stays is noted, and how long notes are gathered; in milliseconds. */
  noteMs?: number;
  gatherMs?: number;
};

/** Who listens to it hears of each change of a user's presence. */
export const presenceTopic = (user: string): string => `presence/${user}`;

/** A device of which a connection is open, or was lost a moment ago. */
type Live = { connections: number; lostAt: number | undefined };

const NOTE_MS = 60_000;
const GATHER_MS = 1_000;
/** So many are noted in one write. */
const BATCH = 1_000;
/** So many devices may wait for their grace to end. Beyond it, that of the oldest ends. */
const LOST_MAX = 100_000;
/** Devices without a connection of which it is remembered that they were noted a moment ago. */
const NOTED_MAX = 100_000;

const NOT_NOTED = "when devices were last seen cannot be noted";

/** The server notes itself like a device, so that it knows at its start when it ended. No user has an empty id. */
const SERVER: DeviceKey = { user: "", device: "" };

/** So many users may be watched by one, over all subscriptions. */
const WATCHED_MAX = 10_000;

const NOWHERE: ReadonlySet<string> = new Set();

const OFFLINE: DeviceState = { online: false, lastSeenAt: undefined };

/**
 * Which devices are connected, to this server or another one, and when each was last seen. Nobody is said to be offline before a
 * grace is over: after the start for those who were online when the server ended, and for each after a connection that was lost.
 * What is kept in memory is bounded by the connections; what is written, by one note a device and minute, beside one when it
 * goes.
 */
export async function createPresence(options: PresenceOptions): Promise<Presence> {
  const { lastSeen, ephemeral, elsewhere, devicesOf, graceMs, warn, clock = Date.now } = options;
  const { noteMs = NOTE_MS, gatherMs = GATHER_MS } = options;
  const graceUntil = clock() + graceMs;
  // Who was connected when the server ended was noted about then. A note from before that is of somebody who never came back.
  const [ended] = await lastSeen.of([SERVER]).catch(() => []);
  const onlineSince = ended === undefined ? Infinity : ended.at - 2 * noteMs;
  const live = new Map<string, Map<string, Live>>();
  /** Those whose connection was lost, the longest ago first. */
  const lost = new Map<Live, DeviceKey>();
  /** What is to be noted, by user and device. */
  let due = new Map<string, Map<string, Seen>>();
  /** When devices were noted that only ask, the longest ago first. */
  const noted = new Map<string, number>();
  /** How many users each watcher watches. */
  const watched = new Map<string, number>();
  let gathering: NodeJS.Timeout | undefined;
  let sweeping: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isClosed = false;

  const tell = (user: string): void => ephemeral.tell(presenceTopic(user), { user });

  function note(user: string, device: string, seen: Seen): void {
    const ofUser = due.get(user) ?? new Map<string, Seen>();
    ofUser.set(device, seen);
    due.set(user, ofUser);
    if (!isClosed) gathering ??= setTimeout(() => void write(), gatherMs).unref();
  }

  /** One write after the other, so that an older note never comes after a newer one. */
  function write(): Promise<void> {
    clearTimeout(gathering);
    gathering = undefined;
    const noting = due;
    due = new Map();
    const at = clock();
    writing = writing.then(async () => {
      await lastSeen.note([{ ...SERVER, at, online: true }]).catch((error: unknown) => warn(NOT_NOTED, error));
      const users = [...noting.keys()];
      for (let from = 0; from < users.length; from += BATCH) {
        const some = users.slice(from, from + BATCH);
        try {
          const added = await devicesOf(some);
          await lastSeen.note(some.flatMap((user, index) => rowsOf(user, noting.get(user) ?? new Map(), added[index])));
        } catch (error) {
          warn(NOT_NOTED, error);
        }
      }
    });
    return writing;
  }

  /** The rows of a user: those of devices that were not added are one. Of somebody who never registered there are none. */
  function rowsOf(user: string, seen: ReadonlyMap<string, Seen>, added: readonly string[] | undefined): (DeviceKey & Seen)[] {
    if (added === undefined) return [];
    const rows: (DeviceKey & Seen)[] = [];
    let others: Seen | undefined;
    for (const [device, { at, online }] of seen) {
      if (added.includes(device)) rows.push({ user, device, at, online });
      else others = { at: Math.max(at, others?.at ?? 0), online: online || others?.online === true };
    }
    if (others === undefined) return rows;
    const isStill = [...(live.get(user)?.keys() ?? [])].some((device) => !added.includes(device));
    return [...rows, { user, device: "", at: others.at, online: others.online || isStill }];
  }

  function gone(user: string, device: string, at: number): void {
    const ofUser = live.get(user);
    ofUser?.delete(device);
    if (ofUser?.size === 0) live.delete(user);
    note(user, device, { at, online: false });
    elsewhere?.note(user, device, false);
    tell(user);
  }

  /** Ends the graces that are over. */
  function sweep(): void {
    clearTimeout(sweeping);
    sweeping = undefined;
    const now = clock();
    for (const [device, { user, device: id }] of lost) {
      const { lostAt = now } = device;
      if (lostAt + graceMs > now && lost.size <= LOST_MAX) {
        sweeping = setTimeout(sweep, Math.max(1, lostAt + graceMs - now)).unref();
        return;
      }
      lost.delete(device);
      gone(user, id, lostAt);
    }
  }

  const beats = setInterval(() => {
    const at = clock();
    for (const [user, devices] of live)
      for (const [device, { connections }] of devices) if (connections > 0) note(user, device, { at, online: true });
  }, noteMs).unref();

  /** While it cannot be told, others count as not connected. */
  const others = async (users: readonly string[]): Promise<readonly ReadonlySet<string>[]> => {
    if (elsewhere === undefined) return [];
    return elsewhere.devicesOf(users).catch(() => []);
  };

  const stateOf = (
    seen: Seen | undefined,
    devices: readonly (Live | undefined)[],
    isElsewhere: boolean,
    now: number,
  ): DeviceState => {
    if (isElsewhere) return { online: true, lastSeenAt: now };
    const here = devices.filter((device) => device !== undefined);
    if (here.some(({ connections }) => connections > 0)) return { online: true, lastSeenAt: now };
    const lostAt = Math.max(-1, ...here.map((device) => device.lostAt ?? -1));
    if (lostAt >= 0) return { online: true, lastSeenAt: lostAt };
    if (seen === undefined) return OFFLINE;
    return { online: seen.online && now < graceUntil && seen.at >= onlineSince, lastSeenAt: seen.at };
  };

  return {
    graceUntil,

    connected: ({ userId: user, deviceId: device = "" }) => {
      const ofUser = live.get(user) ?? new Map<string, Live>();
      live.set(user, ofUser);
      const own = ofUser.get(device) ?? { connections: 0, lostAt: undefined };
      const isNew = !ofUser.has(device);
      ofUser.set(device, own);
      lost.delete(own);
      own.lostAt = undefined;
      own.connections += 1;
      if (isNew) {
        note(user, device, { at: clock(), online: true });
        elsewhere?.note(user, device, true);
        tell(user);
      }
      let isOver = false;
      return (isFarewell) => {
        if (isOver) return;
        isOver = true;
        own.connections -= 1;
        if (own.connections > 0 || isClosed) return;
        const now = clock();
        if (isFarewell || graceMs === 0) return gone(user, device, now);
        own.lostAt = now;
        lost.set(own, { user, device });
        sweeping ??= setTimeout(sweep, graceMs).unref();
        if (lost.size > LOST_MAX) sweep();
      };
    },

    seen: ({ userId: user, deviceId: device = "" }) => {
      const key = `${user}~${device}`;
      const now = clock();
      const before = noted.get(key);
      if (before !== undefined && now - before < noteMs) return;
      noted.delete(key);
      noted.set(key, now);
      if (noted.size > NOTED_MAX) for (const [oldest] of noted) if (noted.delete(oldest)) break;
      note(user, device, { at: now, online: live.get(user)?.has(device) === true });
    },

    statesOf: async (asked) => {
      const keys = asked.flatMap(({ user, devices }) => [...devices, ""].map((device) => ({ user, device })));
      const reading = lastSeen.of(keys).catch((error: unknown) => {
        warn("when devices were last seen cannot be read", error);
        return keys.map(() => undefined);
      });
      const [rows, connected] = await Promise.all([reading, others(asked.map(({ user }) => user))]);
      const now = clock();
      let place = 0;
      return asked.map(({ user, devices }, index) => {
        const there = connected[index] ?? NOWHERE;
        const here = live.get(user);
        const pending = due.get(user);
        const states = devices.map((device) => {
          const row = rows[place++];
          return stateOf(pending?.get(device) ?? row, [here?.get(device)], there.has(device), now);
        });
        const rest = [...(here ?? [])].filter(([device]) => !devices.includes(device)).map(([, device]) => device);
        const isRestThere = [...there].some((device) => !devices.includes(device));
        return { devices: states, others: stateOf(rows[place++], rest, isRestThere, now) };
      });
    },

    watch: (watcher, users) => {
      const before = watched.get(watcher) ?? 0;
      if (before + users > WATCHED_MAX) return undefined;
      watched.set(watcher, before + users);
      return () => {
        const left = (watched.get(watcher) ?? 0) - users;
        if (left > 0) watched.set(watcher, left);
        else watched.delete(watcher);
      };
    },

    changed: tell,

    forget: async (key) => {
      noted.delete(`${key.user}~${key.device}`);
      await writing;
      await lastSeen.forget([key]).catch((error: unknown) => warn("when a device was last seen cannot be forgotten", error));
    },

    close: async () => {
      isClosed = true;
      clearInterval(beats);
      clearTimeout(sweeping);
      // Those who are connected now, or were a moment ago, are online at the next start, until its grace is over.
      const at = clock();
      for (const [user, devices] of live)
        for (const [device, { lostAt }] of devices) note(user, device, { at: lostAt ?? at, online: true });
      await write();
    },
  };
}
