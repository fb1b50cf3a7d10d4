import { describe, expect, test } from "vitest";
import type { Done } from "../../../src/commands/commands.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { gate } from "../../support/gate.ts";
import { refused } from "../../support/refused.ts";
import { type World, world } from "../../support/world.ts";

/*
 * What rests on what two users are to each other, or to a channel, and is on its way when that ends: the end is answered once it
 * is in the log.
 */

const [ann, ben, cat] = [caller("ann"), caller("ben"), caller("cat")];
const on = (conversationId: string) => ({ clientMutationId: newKey(), conversationId });

async function setUp(options: Parameters<typeof world>[0]): Promise<World> {
  const target = world(options);
  for (const { userId } of [ann, ben, cat]) await target.commands.register(caller(userId), profile(userId));
  await target.catchUp();
  return target;
}

/** Lets everything run that waits for nothing outside. */
async function turn(): Promise<void> {
  for (let count = 0; count < 50; count++) await new Promise((resolve) => setImmediate(resolve));
}

/** `doing` is on its way to the log when `ending` comes, which is answered after it. */
async function answeredAfter(target: World, doing: () => Promise<unknown>, ending: () => Promise<Done>): Promise<void> {
  const [arrived, barrier] = [gate(), gate()];
  target.log.beforeAppend(() => {
    arrived.open();
    return barrier.passed;
  });
  const work = doing();
  await arrived.passed;
  let isOver = false;
  const end = ending().finally(() => (isOver = true));
  await turn();
  await target.catchUp();
  await turn();
  expect(isOver).toBe(false);
  barrier.open();
  const { position } = await end;
  await work;
  const last = (await target.events()).at(-1);
  expect(last?.position).not.toBe(position);
  await target.catchUp();
}

describe("what a follower and the staff of a channel write to each other, where only friends may", () => {
  /** Ann's channel with Ben in its staff, which Cat follows; she has written to Ann. */
  const channel = async () => {
    const target = await setUp({ directMessages: "friends" });
    const { commands } = target;
    const { conversationId: id } = await commands.createConversation(ann, group({ kind: "CHANNEL" }));
    await target.catchUp();
    await commands.join(cat, on(id));
    await target.catchUp();
    await commands.sendMessage(cat, text({ userId: "ann" }));
    await target.catchUp();
    return { ...target, id };
  };
  const answer = ({ commands }: World) => commands.sendMessage(ann, text({ userId: "cat" }));
  const ask = ({ commands }: World) => commands.sendMessage(cat, text({ userId: "ann" }));

  const ends: Record<string, (target: World & { id: string }) => Promise<Done>> = {
    "she unfollows it": ({ commands, id }) => commands.leave(cat, on(id)),
    "she is sent away": ({ commands, id }) => commands.removeMembers(ann, { ...on(id), userIds: ["cat"] }),
    "its last one leaves": ({ commands, id }) => commands.leave(ann, on(id)),
    "it is dissolved": ({ commands, id }) => commands.dissolve(ann, on(id)),
  };
  for (const [name, end] of Object.entries(ends))
    test.each([
      ["the staff answers", answer],
      ["the follower asks", ask],
    ])(`is over once it is answered that ${name}, and %s no more`, async (_, write) => {
      const target = await channel();
      await answeredAfter(
        target,
        () => write(target),
        () => end(target),
      );
      await refused(answer(target), "FORBIDDEN", "userId");
      await refused(ask(target), "FORBIDDEN", "userId");
    });
});

describe("who begins to follow a channel", () => {
  test.each([
    ["its policy is another", { joinPolicy: "OPEN", public: false }, { joinPolicy: "INVITE" }],
    ["it is public no longer", { joinPolicy: "INVITE", public: true }, { public: false }],
  ] as const)("is in it once it is answered that %s", async (_, open, change) => {
    const target = await setUp({});
    const { commands } = target;
    const { conversationId: id } = await commands.createConversation(ann, group({ kind: "CHANNEL", ...open }));
    await target.catchUp();
    await answeredAfter(
      target,
      () => commands.join(cat, on(id)),
      () => commands.updateConversation(ann, { ...on(id), change }),
    );
    await refused(commands.join(ben, on(id)), "NOT_FOUND", "conversationId");
    expect(await target.views.relations.member(id, "cat")).toBeDefined();
  });
});

test("a friend is added to a group before the end of the friendship is answered, where others are asked", async () => {
  const target = await setUp({ addToGroups: "friends" });
  const { commands } = target;
  const request = { clientMutationId: newKey(), note: null, alias: null };
  await commands.requestFriendship(ann, { ...request, userId: "ben" });
  await commands.requestFriendship(ben, { ...request, userId: "ann" });
  const { conversationId: id } = await commands.createConversation(ann, group());
  await target.catchUp();
  await answeredAfter(
    target,
    () => commands.addMembers(ann, { ...on(id), userIds: ["ben"] }),
    () => commands.endFriendship(ben, { clientMutationId: newKey(), userId: "ann" }),
  );
  expect(await target.views.relations.member(id, "ben")).toBeDefined();
  const { conversationId: other } = await commands.createConversation(ann, group({ memberIds: ["ben"] }));
  await target.catchUp();
  expect(await target.views.relations.member(other, "ben")).toBeUndefined();
});
