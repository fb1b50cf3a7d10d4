import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import type { Entry, Placed, RecentNews, WideList } from "../../../projections/inboxEntries.ts";
import { readViews } from "../../../projections/views.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { createTail, currentEpoch, epochCounter, type Followed, type TailPage } from "../../../src/projecting/tail.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { modelOf } from "../../support/model.ts";
import { inWords, play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { type World, world } from "../../support/world.ts";

const [ann, ben] = [caller("ann"), caller("ben")];

/** Every page of a user's entries from the log's beginning. */
async function pages({ views, log }: World, user: string, limit: number): Promise<(readonly Placed<Entry>[])[]> {
  const all: (readonly Placed<Entry>[])[] = [];
  const end = await log.end();
  for (let after = log.origin, more = true; more;) {
    const page = await views.inboxes.entries(user, after, end, limit);
    all.push(page.entries);
    expect(page.hasMore ? page.next > after : page.next === end).toBe(true);
    more = page.hasMore;
    after = page.next;
  }
  return all;
}

describe("entries that may not be told any more", () => {
  test.each([100, 0])("are left out of pages, which go on behind them (fan-out limit %d)", async (limit) => {
    const target = world();
    const { commands } = target;
    await target.setFanoutLimit(limit);
    for (const { userId } of [ann, ben]) await commands.register(caller(userId), profile(userId));
    const { conversationId } = await commands.createConversation(ann, group({ historyVisible: true }));
    const on = { conversationId };
    for (let seq = 1; seq <= 6; seq++) await commands.sendMessage(ann, text(on));
    await commands.join(ben, { clientMutationId: newKey(), ...on });
    for (let seq = 1; seq <= 6; seq++)
      await commands.editMessage(ann, { clientMutationId: newKey(), ...on, seq, text: "edited" });
    await commands.sendMessage(ann, text(on));
    await target.catchUp();
    const whileMember = (await pages(target, "ben", 2)).flat().map(({ entry }) => entry.kind);
    expect(whileMember).toEqual(["membership", ...new Array<string>(6).fill("changed"), "received"]);
    await commands.leave(ben, { clientMutationId: newKey(), ...on });
    await target.catchUp();
    for (const size of [1, 2, 3, 100]) {
      const told = (await pages(target, "ben", size)).flat().map(({ entry }) => entry.kind);
      expect(told).toEqual(["membership", "received", "membership"]);
    }
    expect((await pages(target, "ben", 2)).some((page) => page.length === 0)).toBe(true);
  });
});

describe("a fan-out limit", () => {
  test("of exactly so many members as there are is enough", async () => {
    const target = world();
    const { commands, views, log } = target;
    for (const { userId } of [ann, ben]) await commands.register(caller(userId), profile(userId));
    const { conversationId } = await commands.createConversation(ann, group({ memberIds: ["ben"] }));
    const fanned: boolean[] = [];
    for (const limit of [2, 1, 2]) {
      await target.setFanoutLimit(limit);
      await commands.sendMessage(ann, text({ conversationId }));
      await target.catchUp();
      const sight = await views.relations.sight(conversationId, "ann");
      if (!sight) throw new Error("there is a group");
      const { entries } = await views.inboxes.changes(conversationId, sight, log.origin, await log.end(), 100);
      fanned.push(entries.at(-1)?.entry.fanned ?? false);
    }
    expect(fanned).toEqual([true, false, true]);
    for (const user of ["ann", "ben"])
      expect((await pages(target, user, 1)).flat().filter(({ entry }) => entry.kind === "received")).toHaveLength(3);
    expect((await views.inboxes.wideConversations("ben", log.origin)).map(({ conversation }) => conversation)).toEqual([
      conversationId,
    ]);
  });
});

/**
 * A device that follows its user's inbox: it is woken by topics, and pulls after its cursor, from memory where that reaches back
 * so far.
 */
type Listener = {
  user: string;
  cursor: string;
  topics: ReadonlySet<string>;
  /** What it follows in memory, by topic. */
  following: ReadonlyMap<string, Followed>;
  wide: WideList | undefined;
  heard: Placed<Entry>[];
  /** What was between its cursor and the rows' place, each time. */
  pulls: { after: string; to: string }[];
  isWoken: boolean;
};

test("who pulls when a topic of theirs has news hears everything once, in order", { timeout: 600_000 }, async () => {
  const pages = fc.record({ pageEvents: fc.integer({ min: 1, max: 10 }), pageRows: fc.integer({ min: 1, max: 30 }) });
  /** Whether a device that was woken pulls before the next commit, or later. */
  const prompt = fc.infiniteStream(fc.nat({ max: 3 }).map((n) => n > 0));
  let fromMemory = 0;
  await fc.assert(
    fc.asyncProperty(program(), pages, fc.integer({ min: 1, max: 5 }), prompt, async (what, of, limit, isPrompt) => {
      const target = world();
      const { users } = await play(what, target);
      const events = await target.events();
      const store = memoryViews();
      const { inboxes } = readViews(store);
      const epochs = epochCounter();
      const tail = createTail(epochs);
      const listeners = users.map((user): Listener => {
        const topics = new Set([`users/${user}`]);
        return {
          user,
          cursor: target.log.origin,
          topics,
          following: new Map(),
          wide: undefined,
          heard: [],
          pulls: [],
          isWoken: false,
        };
      });
      const followed = ({ topics }: Listener) => new Map([...topics].map((topic) => [topic, tail.follow(topic)] as const));
      for (const listener of listeners) listener.following = followed(listener);
      const newsOf = ({ user, following, wide }: Listener): RecentNews | undefined => {
        const of = (topic: string) => following.get(topic) ?? expect.unreachable(`${topic} is not followed`);
        const news = wide?.conversations.map(({ conversation, stay }) => ({ stay, news: of(`conversations/${conversation}`) }));
        return wide && news && { own: of(`users/${user}`), at: wide.at, wide: news };
      };

      const readRows = async (listener: Listener, checkpoint: string) => {
        const { user, cursor } = listener;
        const wide = await inboxes.wideConversations(user, cursor);
        listener.wide = { at: checkpoint, conversations: wide };
        listener.topics = new Set([`users/${user}`, ...wide.map(({ conversation }) => `conversations/${conversation}`)]);
        const former = listener.following;
        listener.following = followed(listener);
        for (const one of former.values()) one.end();
        return inboxes.entries(user, cursor, checkpoint, limit, wide);
      };
      const pull = async (listener: Listener, checkpoint: string): Promise<void> => {
        listener.isWoken = false;
        listener.pulls.push({ after: listener.cursor, to: checkpoint });
        for (let more = true; more;) {
          const { user, cursor } = listener;
          const news = newsOf(listener);
          const recent = news && inboxes.recentEntries(news, user, cursor, checkpoint, limit);
          const page = recent ? await recent : await readRows(listener, checkpoint);
          if (recent) {
            fromMemory++;
            const told = { ...page, entries: page.entries.map(({ position, entry }) => ({ position, entry })) };
            expect(told, "memory tells what the rows do").toEqual(await inboxes.entries(user, cursor, checkpoint, limit));
          }
          listener.heard.push(...page.entries);
          listener.cursor = page.next;
          more = page.hasMore;
        }
      };

      const committed: { checkpoint: string; page: TailPage | undefined }[] = [];
      const deliver = async (): Promise<void> => {
        for (const { checkpoint, page } of committed.splice(0)) {
          if (page) tail.add(page);
          const topics = page && new Set(page.items.flatMap((item) => item.topics));
          for (const listener of listeners) {
            listener.isWoken ||= topics === undefined || [...topics].some((topic) => listener.topics.has(topic));
            if (listener.isWoken && isPrompt.next().value) await pull(listener, checkpoint);
          }
        }
      };
      const runner = createRunner({
        log: target.log,
        // Devices take their turn between two commits.
        store: {
          ...store,
          commit: async (writes, moves) => {
            await deliver();
            await store.commit(writes, moves);
          },
        },
        projections: viewProjections,
        wanted: (topic) => listeners.some(({ topics }) => topics.has(topic)),
        epoch: () => currentEpoch(epochs),
        committed: (checkpoint, page) => void committed.push({ checkpoint, page }),
        ...of,
      });
      await runner.catchUp();
      await deliver();
      const end = runner.state().checkpoint;
      for (const listener of listeners) if (listener.isWoken) await pull(listener, end);
      const model = modelOf(events);
      for (const { user, heard, pulls } of listeners) {
        // What they heard and may not see any more is as if it had not been told.
        const still = heard.filter(({ entry }) => entry.kind !== "changed" || model.maySee(user, entry.conversation, entry.seq));
        // Who was away when they pulled was not told of a change from before; once they are back they load the conversation anew.
        const wasAway = (conversation: string | undefined, at: string): boolean => {
          const last = events.findLast(({ type, data, position }) => {
            const { groupId, userId } = data as { groupId?: string; userId?: string };
            return (
              /^Member(Joined|Added|Left|Removed)$/.test(type) && position <= at && groupId === conversation && userId === user
            );
          });
          return last?.type === "MemberLeft" || last?.type === "MemberRemoved";
        };
        const wasMissed = ({ entry, position }: { entry: object; position: string }): boolean => {
          const { kind, conversation } = entry as { kind?: string; conversation?: string };
          const pull = pulls.find(({ after, to }) => after < position && position <= to);
          return kind === "changed" && pull !== undefined && wasAway(conversation, pull.to);
        };
        const all = model.entries(user);
        expect(all.map(({ position }) => position)).toEqual(expect.arrayContaining(still.map(({ position }) => position)));
        expect(
          still.filter((heard) => !wasMissed(heard)).map(({ position }) => position),
          `${user}\n${inWords(events)}`,
        ).toEqual(all.filter((told) => !wasMissed(told)).map(({ position }) => position));
      }
    }),
    { numRuns: runs(), seed: seed("inboxes") },
  );
  expect(fromMemory).toBeGreaterThan(runs());
});
