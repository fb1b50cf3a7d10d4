import { describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { world, type World } from "../../support/world.ts";

const [owner, reader, other] = [caller("owner"), caller("reader"), caller("other")];
const on = (conversationId: string) => ({ clientMutationId: newKey(), conversationId });

/** A channel with its owner; others stand outside. */
async function setUp(more: Parameters<typeof group>[0] = {}): Promise<World & { id: string }> {
  const target = world();
  for (const { userId } of [owner, reader, other]) await target.commands.register(caller(userId), profile(userId));
  const { conversationId: id } = await target.commands.createConversation(owner, group({ kind: "CHANNEL", ...more }));
  await target.catchUp();
  return { ...target, id };
}

const isIn = async ({ views, catchUp, id }: World & { id: string }, user: string): Promise<boolean> => {
  await catchUp();
  return (await views.relations.member(id, user)) !== undefined;
};
const eventsOf = async ({ log }: World, stream: string) => (await log.read(stream, 0, "forwards", 100)).map(({ type }) => type);

describe("following a channel", () => {
  test("writes nothing to the stream of the channel", async () => {
    const target = await setUp();
    const { commands, id } = target;
    const before = await eventsOf(target, streams.group(id));
    await commands.join(reader, on(id));
    await target.catchUp();
    await commands.leave(reader, on(id));
    expect(await eventsOf(target, streams.group(id))).toEqual(before);
    expect(await eventsOf(target, streams.subscription(id, "reader"))).toEqual(["ChannelFollowed", "ChannelUnfollowed"]);
  });

  test("ends for whoever was let in a moment ago, also where the rows do not know of it yet", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.join(reader, on(id));
    await commands.leave(reader, on(id));
    await target.catchUp();
    await commands.updateConversation(owner, { ...on(id), change: { joinPolicy: "INVITE" } });
    const { inviteId } = await commands.createInvite(owner, { ...on(id), expiresAt: null, uses: null });
    await target.catchUp();
    await commands.joinByInvite(reader, { clientMutationId: newKey(), inviteId });
    await commands.leave(reader, on(id));
    expect(await isIn(target, "reader")).toBe(false);
  });

  test("adds nothing for whoever became one of the staff a moment ago", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.addMembers(owner, { ...on(id), userIds: ["reader"] });
    await commands.join(reader, on(id));
    expect(await eventsOf(target, streams.subscription(id, "reader"))).toEqual(["NothingChanged"]);
  });

  test("ends, and being one of the staff with it, for a follower who became one of them a moment ago", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.join(reader, on(id));
    await target.catchUp();
    await commands.addMembers(owner, { ...on(id), userIds: ["reader"] });
    await commands.leave(reader, on(id));
    expect(await isIn(target, "reader")).toBe(false);
  });

  test("uses up no invitation for whoever follows since a moment ago", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    const { inviteId } = await commands.createInvite(owner, { ...on(id), expiresAt: null, uses: 1 });
    await target.catchUp();
    await commands.join(reader, on(id));
    await commands.joinByInvite(reader, { clientMutationId: newKey(), inviteId });
    await target.catchUp();
    expect(await target.views.joining.invite(inviteId)).toMatchObject({ usesLeft: 1 });
    await commands.joinByInvite(other, { clientMutationId: newKey(), inviteId });
    await target.catchUp();
    await commands.leave(reader, on(id));
    await commands.join(reader, on(id));
    // It is used up, which does not matter to who is in.
    await commands.joinByInvite(reader, { clientMutationId: newKey(), inviteId });
  });

  test("uses up no invitation that was made a moment ago for whoever follows", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.join(reader, on(id));
    await target.catchUp();
    const { inviteId } = await commands.createInvite(owner, { ...on(id), expiresAt: null, uses: 1 });
    await commands.joinByInvite(reader, { clientMutationId: newKey(), inviteId });
    await target.catchUp();
    expect(await target.views.joining.invite(inviteId)).toMatchObject({ usesLeft: 1 });
  });

  test("is refused once the channel is closed, however old the rows are", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.join(reader, on(id));
    await target.catchUp();
    await commands.leave(reader, on(id));
    await commands.updateConversation(owner, { ...on(id), change: { joinPolicy: "INVITE" } });
    await target.catchUp();
    await refused(commands.join(reader, on(id)), "FORBIDDEN");
    await refused(commands.join(other, on(id)), "NOT_FOUND");
  });
});

describe("a channel that is closed", () => {
  test.each([
    [{ joinPolicy: "OPEN" as const }, { joinPolicy: "INVITE" as const }, "NOT_FOUND" as const],
    [{ joinPolicy: "INVITE" as const, public: true }, { public: false }, "NOT_FOUND" as const],
  ])("is followed by nobody from then on (%o, then %o)", async (before, change, code) => {
    const target = await setUp(before);
    const { commands, id } = target;
    await commands.updateConversation(owner, { ...on(id), change });
    await refused(commands.join(reader, on(id)), code);
    expect(await isIn(target, "reader")).toBe(false);
  });

  test("asks whoever would follow it from then on, where it takes in those who ask", async () => {
    const target = await setUp({ joinPolicy: "OPEN" });
    const { commands, id } = target;
    await commands.updateConversation(owner, { ...on(id), change: { joinPolicy: "APPROVAL" } });
    expect((await commands.join(reader, on(id))).request).toMatchObject({ user: "reader", number: 1 });
    expect(await isIn(target, "reader")).toBe(false);
  });
});

describe("a member of the staff who follows too", () => {
  test("goes as both when they leave, and when they are removed", async () => {
    const target = await setUp();
    const { commands, id } = target;
    for (const gone of [
      () => commands.leave(reader, on(id)),
      () => commands.removeMembers(owner, { ...on(id), userIds: ["reader"] }),
    ]) {
      await commands.join(reader, on(id));
      await target.catchUp();
      await commands.addMembers(owner, { ...on(id), userIds: ["reader"] });
      await target.catchUp();
      await commands.sendMessage(reader, text({ conversationId: id }));
      await gone();
      expect(await isIn(target, "reader")).toBe(false);
      await refused(commands.sendMessage(reader, text({ conversationId: id })), "FORBIDDEN");
    }
  });

  test("stays both where they may not leave, as its owner", async () => {
    const target = await setUp();
    const { commands, id } = target;
    await commands.join(reader, on(id));
    await target.catchUp();
    await commands.addMembers(owner, { ...on(id), userIds: ["reader"] });
    await commands.transferOwnership(owner, { ...on(id), userId: "reader" });
    await refused(commands.leave(reader, on(id)), "CONFLICT", "conversationId");
    await commands.transferOwnership(reader, { ...on(id), userId: "owner" });
    await commands.setRole(owner, { ...on(id), userId: "reader", role: "MEMBER" });
    expect(await eventsOf(target, streams.subscription(id, "reader"))).toEqual(["ChannelFollowed"]);
    const left = { ...on(id) };
    await commands.leave(reader, left);
    await commands.leave(reader, left);
    expect(await isIn(target, "reader")).toBe(false);
  });
});
