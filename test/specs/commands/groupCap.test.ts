import { describe, expect, test } from "vitest";
import { admin, caller, group, newKey, profile } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { nodeOver, type World, world } from "../../support/world.ts";

const [ann, bob, cat] = [caller("ann"), caller("bob"), caller("cat")];

/** A world in which a user may be in two groups. */
async function setUp(...users: string[]): Promise<World & { groups(count: number, owner?: string): Promise<string[]> }> {
  const target = world({ groupCap: 2 });
  for (const user of ["ann", "bob", "cat", ...users]) await target.commands.register(caller(user), profile(`${user}.1`));
  await target.catchUp();
  return {
    ...target,
    /** Open groups, each of another owner. */
    groups: async (count, owner = "owner") => {
      const ids: string[] = [];
      for (let index = 0; index < count; index++) {
        const by = caller(`${owner}${index}`);
        await target.commands.register(by, profile(by.userId));
        ids.push((await target.commands.createConversation(by, group())).conversationId);
      }
      await target.catchUp();
      return ids;
    },
  };
}

const on = (conversationId: string) => ({ clientMutationId: newKey(), conversationId });
const groupsOf = async ({ views, catchUp }: World, user: string) => {
  await catchUp();
  return views.relations.groupCount(user, 100);
};

describe("a user who is in as many groups as one may be in", () => {
  test("makes none, joins none and is added to none, until they leave one", async () => {
    const target = await setUp();
    const { commands } = target;
    const [first = "", second = "", third = ""] = await target.groups(3);
    await commands.join(ann, on(first));
    await commands.createConversation(ann, group());
    await refused(commands.createConversation(ann, group()), "LIMIT_EXCEEDED");
    await refused(commands.join(ann, on(second)), "LIMIT_EXCEEDED");
    const adding = { ...on(third), userIds: ["bob", "ann"] };
    const refusal = await refused(commands.addMembers(caller("owner2"), adding), "LIMIT_EXCEEDED", "userIds");
    expect(refusal.message).toContain("ann");
    expect(refusal.message).not.toContain("bob");
    await refused(commands.createConversation(bob, group({ memberIds: ["ann"] })), "LIMIT_EXCEEDED", "memberIds");
    // Nobody was added, and nothing was made.
    expect([await groupsOf(target, "ann"), await groupsOf(target, "bob")]).toEqual([2, 0]);
    await commands.leave(ann, on(first));
    await commands.join(ann, on(second));
    expect(await groupsOf(target, "ann")).toBe(2);
  });

  test("gets the first result of a call that they make again", async () => {
    const { commands, groups } = await setUp();
    const [first = "", second = ""] = await groups(2);
    const input = on(first);
    const joined = await commands.join(ann, input);
    await commands.join(ann, on(second));
    expect(await commands.join(ann, input)).toEqual(joined);
    // One who is in it already is in no more groups by it.
    await commands.join(ann, on(second));
  });

  test("follows channels, is on the staff of others, and is put into circles", async () => {
    const target = await setUp();
    const { commands } = target;
    for (let count = 0; count < 2; count++) await commands.createConversation(ann, group());
    await commands.createConversation(ann, { ...group(), kind: "CHANNEL" });
    const circle = { clientMutationId: newKey(), circleId: "o:acme", kind: "company", name: "Acme", memberIds: ["ann"] };
    await commands.putCircle(admin, { ...circle, withConversation: true });
    await refused(commands.createConversation(ann, group()), "LIMIT_EXCEEDED");
  });
});

describe("the last seat", () => {
  test("is given to one of 50 calls at once, whoever makes them", async () => {
    const target = await setUp();
    const { commands } = target;
    const ids = await target.groups(50);
    await commands.createConversation(ann, group());
    const calls = ids.map((id, index) =>
      index % 2 ? commands.join(ann, on(id)) : commands.addMembers(caller(`owner${index}`), { ...on(id), userIds: ["ann"] }),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await groupsOf(target, "ann")).toBe(2);
  });

  test("is free again where the call that had it failed", async () => {
    const target = await setUp();
    const { log, commands, groups } = target;
    const [first = "", second = ""] = await groups(2);
    await commands.createConversation(cat, group());
    await target.catchUp();
    log.failAppends("nothing");
    await refused(commands.join(cat, on(first)), "UNAVAILABLE");
    await commands.join(cat, on(second));
    expect(await groupsOf(target, "cat")).toBe(2);
  });

  test("is known to another server by the rows", async () => {
    const { log, store, watermark, commands, groups, catchUp } = await setUp();
    const [first = "", second = "", third = ""] = await groups(3);
    const other = nodeOver(log, store, { groupCap: 2, watermark, waited: catchUp });
    await commands.join(ann, on(first));
    await other.commands.join(ann, on(second));
    await catchUp();
    for (const each of [commands, other.commands]) await refused(each.join(ann, on(third)), "LIMIT_EXCEEDED");
  });
});
