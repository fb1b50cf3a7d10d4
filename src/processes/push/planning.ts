import { FOLLOWERS, ROLES } from "../../../projections/channelMembers.ts";
import type { Views } from "../../../projections/views.ts";
import { directMembers, isChannel } from "../../domain/ids.ts";
import type { Recorded } from "../../domain/recorded.ts";
import { type FanStep, type Fan, LANES, type PlannedFan, type PlannedPush, type PlannedRead } from "../../ports/pushOutbox.ts";

/** The events that pushes are planned from. */
export const PLANNED_TYPES: ReadonlySet<string> = new Set(["MessageSent", "ReadUpTo", "DeviceAdded", "DeviceRemoved"]);

/** Members of larger conversations are gone through bit by bit, so that they hold nobody up. */
const MANY = 100;
/** Members that are looked at together. */
const MEMBERS = 250;
/** Users of whom it is remembered that they have no device with a token. */
const WITHOUT_MAX = 100_000;
/** How many users a message names who are told before all others. */
const NAMED_MAX = 100;

export type PlannerOptions = {
  views: Pick<Views, "relations" | "pushTargets">;
  maxAgeMs: number;
};

type Planned = { news: PlannedPush[]; reads: PlannedRead[]; fans: PlannedFan[] };
type Sent = Extract<Recorded, { type: "MessageSent" }>;

export type Planner = {
  /** What events ask for. The views must have got there. `now`: milliseconds since 1970. */
  plan(events: readonly Recorded[], now: number): Promise<Planned>;
  /** The next members of a conversation of many. */
  step(fan: Fan, now: number): Promise<FanStep>;
  /** Forgets what it remembers of devices: events were passed over. */
  forget(): void;
};

/** Who has devices that are to be told of what. Whether they are told is decided when it leaves. */
export function createPlanner({ views: { relations, pushTargets }, maxAgeMs }: PlannerOptions): Planner {
  /** Users without a token, as the views had it. An event that may change that is met later than the views have it. */
  const without = new Set<string>();

  const devicesOf = async (user: string): Promise<readonly string[]> => {
    if (without.has(user)) return [];
    const found = await pushTargets.of(user);
    if (found.length > 0) return found.map(({ device }) => device);
    if (without.size >= WITHOUT_MAX) without.clear();
    without.add(user);
    return [];
  };

  const newsFor = async (users: readonly string[], news: Omit<PlannedPush, "user" | "device">): Promise<PlannedPush[]> => {
    const devices = await Promise.all(users.map(devicesOf));
    return users.flatMap((user, index) => (devices[index] ?? []).map((device) => ({ ...news, user, device })));
  };

  const sent = async ({ data, revision }: Sent, planned: Planned): Promise<void> => {
    const { conversationId: conversation, senderId, mentions, mentionsAll } = data;
    const seq = revision + 1;
    const others = directMembers(conversation)?.filter((user) => user !== senderId);
    if (others) {
      const isNamed = mentionsAll || others.some((user) => mentions.includes(user));
      planned.news.push(...(await newsFor(others, { conversation, lane: LANES.few, seq, mentions: isNamed })));
      return;
    }
    const named = [...new Set(mentions)].filter((user) => user !== senderId).slice(0, NAMED_MAX);
    // Who was named need not be a member: that is looked at when it leaves.
    planned.news.push(...(await newsFor(named, { conversation, lane: LANES.few, seq, mentions: true })));
    const members = isChannel(conversation) ? undefined : (await relations.group(conversation))?.memberCount;
    if (members === undefined || members > MANY) {
      planned.fans.push({ conversation, seq, mentions: mentionsAll });
      return;
    }
    const present = await relations.membersByJoin(conversation, undefined, MANY);
    const users = present.map(({ user }) => user).filter((user) => user !== senderId && !named.includes(user));
    planned.news.push(...(await newsFor(users, { conversation, lane: LANES.few, seq, mentions: mentionsAll })));
  };

  return {
    forget: () => without.clear(),

    plan: async (events, now) => {
      const planned: Planned = { news: [], reads: [], fans: [] };
      for (const event of events) {
        const { type } = event;
        if (type === "DeviceAdded" || type === "DeviceRemoved") without.delete(event.data.userId);
        else if (type === "ReadUpTo") {
          const { userId: user, conversationId: conversation, seq } = event.data;
          if (!without.has(user)) planned.reads.push({ user, conversation, seq });
        } else if (type === "MessageSent") {
          // Nobody is told of what an archive brings.
          if (event.imported || event.data.imported) continue;
          const { senderId: user, conversationId: conversation, scheduled } = event.data;
          const seq = event.revision + 1;
          // Who writes has read what was there.
          if (!scheduled && !without.has(user)) planned.reads.push({ user, conversation, seq });
          if (Date.parse(event.at) > now - maxAgeMs) await sent(event, planned);
        }
      }
      return planned;
    },

    step: async (fan, now) => {
      const { conversation, seq, mentionSeq, after } = fan;
      // A group whose last member left has none.
      const page = await relations.membersByJoin(
        conversation,
        after === "" ? undefined : after,
        MEMBERS,
        isChannel(conversation) ? [...ROLES, FOLLOWERS] : ROLES,
      );
      const news = await newsFor(
        page.map(({ user }) => user),
        { conversation, lane: LANES.many, seq, mentions: mentionSeq > 0 },
      );
      return { fan, after: page.length < MEMBERS ? undefined : page[page.length - 1]?.key, now, news };
    },
  };
}
