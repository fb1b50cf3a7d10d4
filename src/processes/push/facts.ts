import { LRUCache } from "lru-cache";
import type { PushTarget } from "../../../projections/pushTargets.ts";
import type { Views } from "../../../projections/views.ts";
import { pushTokenHash } from "../../commands/pushTokens.ts";
import { isDirect, streams } from "../../domain/ids.ts";
import type { PushService } from "../../domain/pushTokens.ts";
import { parseEvent } from "../../domain/recorded.ts";
import type { EventStore } from "../../ports/eventStore.ts";
import { Withheld } from "../../ports/faults.ts";
import type { PushRow } from "../../ports/pushOutbox.ts";
import type { PushFacts } from "./deciding.ts";

/** Tokens that are kept in memory. */
const ADDRESSES = 10_000;
/** The newest messages that are looked at for one that may be told. */
const LOOKED_AT = 16;

export type FactsOptions = {
  views: Pick<
    Views,
    "relations" | "preferences" | "readMarks" | "timelines" | "friends" | "directory" | "bans" | "pushTargets" | "devices"
  >;
  log: Pick<EventStore, "read">;
  /** Whether each of these users is connected with any device. */
  areOnline(users: readonly string[]): Promise<readonly boolean[]>;
};

/** Where pushes to a device go. `hash`: what may stand where the token may not. */
export type PushAddress = { service: PushService; token: string; hash: string };

/** A row with what it is decided on. `target` undefined: the device has no token now. `later`: it cannot be told yet. */
export type Known = { row: PushRow; target: PushAddress | undefined; badge: number; facts: PushFacts; later: boolean };

/** Reads what pushes are decided on. */
export function pushFacts({ views, log, areOnline }: FactsOptions) {
  const addresses = new LRUCache<string, PushAddress>({ max: ADDRESSES });

  /** From its user's stream: rows hold no token. */
  const addressOf = async (user: string, device: string, { revision }: PushTarget): Promise<PushAddress | undefined> => {
    const name = `${user}~${device}~${revision}`;
    const known = addresses.get(name);
    if (known) return known;
    const [stored] = await log.read(streams.user(user), revision, "forwards", 1);
    const event = stored && parseEvent(stored);
    if (event?.type !== "DeviceAdded" || event.data.deviceId !== device) return undefined;
    const { pushService: service, pushToken: token } = event.data;
    if (service === null || token === null) return undefined;
    const address = { service, token, hash: pushTokenHash(service, token) };
    addresses.set(name, address);
    return address;
  };
  const { relations, preferences, readMarks, timelines, friends, directory, bans, pushTargets } = views;

  /** What is unread over all conversations that are not muted, as `Viewer.unreadTotal` has it. */
  const unreadTotal = async (user: string): Promise<number> => {
    const [stays, wanted] = await Promise.all([relations.conversationsOf(user), preferences.allOf(user)]);
    const counted = stays.filter(({ id }) => wanted.get(id)?.muted !== true);
    const unread = await readMarks.unreadOfMany(
      user,
      counted.map(({ id, membership: { joinedSeq } }) => ({ id, joinedSeq })),
    );
    return unread.reduce((total, { unreadCount }) => total + unreadCount, 0);
  };

  /** Each device's token, if it is its own. */
  const targetsOf = async (rows: readonly PushRow[]): Promise<(PushAddress | undefined)[]> => {
    const targets = await pushTargets.ofMany(rows);
    const found = await Promise.all(
      rows.map(async ({ user, device }, index) => {
        const target = targets[index];
        return target && (await addressOf(user, device, target));
      }),
    );
    const owners = await pushTargets.owners(found.map((address) => address?.hash ?? ""));
    return rows.map(({ user, device }, index) => {
      const owner = owners[index];
      return owner === undefined || (owner?.user === user && owner.device === device) ? found[index] : undefined;
    });
  };

  return async (rows: readonly PushRow[]): Promise<Known[]> => {
    const users = [...new Set(rows.map(({ user }) => user))];
    const keys = rows.map(({ user, conversation }) => ({ user, conversation }));
    const [targets, memberships, wanted, online, badges, own, banned] = await Promise.all([
      targetsOf(rows),
      relations.toldMemberships(keys),
      preferences.ofMany(keys),
      areOnline(users),
      Promise.all(users.map(unreadTotal)),
      directory.users(users),
      Promise.all(users.map(async (user) => bans.ban(user))),
    ]);
    const groups = [...new Set(rows.map(({ conversation }) => conversation).filter((id) => !isDirect(id)))];
    const titles = await directory.groups(groups);
    return Promise.all(
      rows.map(async (row, index): Promise<Known> => {
        const { user, conversation, first, seq, mentionSeq } = row;
        const told = memberships[index];
        const membership = told instanceof Withheld ? undefined : told;
        const unread = await readMarks.unread(user, conversation, membership?.joinedSeq ?? 0);
        const from = Math.max(first, seq - LOOKED_AT + 1);
        const seqs = Array.from({ length: Math.max(0, seq - from + 1) }, (_, place) => from + place);
        if (mentionSeq > 0 && mentionSeq < from) seqs.push(mentionSeq);
        const found = row.clear ? [] : await timelines.messages(seqs.map((each) => ({ conversation, seq: each })));
        const messages = found.filter((message) => message !== undefined);
        const senders = [...new Set(messages.map(({ senderId }) => senderId))].filter((sender) => sender !== user);
        const [standing, profiles] = await Promise.all([
          friends.lastKnownOf(senders.map((sender) => ({ one: user, other: sender }))),
          directory.users(senders),
        ]);
        const isHidden = senders.some((sender) => !friends.isTold({ one: user, other: sender }));
        return {
          row,
          target: targets[index],
          badge: badges[users.indexOf(user)] ?? 0,
          later: told instanceof Withheld || isHidden,
          facts: {
            membership,
            preferences: wanted[index],
            unread,
            messages,
            friendships: new Map(senders.map((sender, place) => [sender, standing[place]])),
            names: new Map(senders.flatMap((sender, place) => (profiles[place] ? [[sender, profiles[place].name]] : []))),
            title: titles[groups.indexOf(conversation)]?.title,
            isOnline: online[users.indexOf(user)] ?? false,
            isShutOut: own[users.indexOf(user)]?.deactivated === true || banned[users.indexOf(user)] !== undefined,
          },
        };
      }),
    );
  };
}
