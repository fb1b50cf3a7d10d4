import { describe, expect, test } from "vitest";
import type { Commands, Done } from "../../../src/commands/commands.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { isBookkeeping, nodeOver, type World, world } from "../../support/world.ts";

/* A call that finds all as it wants it is done, too: when it comes again, after others changed that, it changes nothing. */

const [ann, ben] = [caller("ann"), caller("ben")];

async function setUp(): Promise<World & { id: string }> {
  const target = world();
  for (const { userId } of [ann, ben]) await target.commands.register(caller(userId), profile(userId));
  await target.catchUp();
  const { conversationId: id } = await target.commands.createConversation(ann, group({ memberIds: ["ben"] }));
  await target.commands.sendMessage(ben, text({ conversationId: id }, { text: "as it was" }));
  await target.catchUp();
  return { ...target, id };
}

type Call = (commands: Commands, id: string, clientMutationId: string) => Promise<Done>;
const on = (conversationId: string, clientMutationId: string) => ({ clientMutationId, conversationId });
const by = newKey;

/** What is so already, what undoes it, and (last in time) the late repeat of the first. */
const cases: Record<string, { first?: Call; nothing: Call; undone: Call }> = {
  "an edit to the text that is there": {
    nothing: (to, id, key) => to.editMessage(ben, { ...on(id, key), seq: 1, text: "as it was" }),
    undone: (to, id) => to.editMessage(ben, { ...on(id, by()), seq: 1, text: "other" }),
  },
  "a name that one has": {
    nothing: (to, _, clientMutationId) => to.updateProfile(ben, { clientMutationId, name: "ben", handle: "ben" }),
    undone: (to) => to.updateProfile(ben, { clientMutationId: by(), name: "Benedict", handle: "benedict" }),
  },
  "a place that one is at": {
    first: (to) => to.setLocation(ben, { clientMutationId: by(), point: { latitude: 1, longitude: 2 } }),
    nothing: (to, _, clientMutationId) => to.setLocation(ben, { clientMutationId, point: { latitude: 1, longitude: 2 } }),
    undone: (to) => to.setLocation(ben, { clientMutationId: by(), point: null }),
  },
  "no place, of who has none": {
    nothing: (to, _, clientMutationId) => to.setLocation(ben, { clientMutationId, point: null }),
    undone: (to) => to.setLocation(ben, { clientMutationId: by(), point: { latitude: 1, longitude: 2 } }),
  },
  "a role that somebody has": {
    first: (to, id) => to.setRole(ann, { ...on(id, by()), userId: "ben", role: "ADMIN" }),
    nothing: (to, id, key) => to.setRole(ann, { ...on(id, key), userId: "ben", role: "ADMIN" }),
    undone: (to, id) => to.setRole(ann, { ...on(id, by()), userId: "ben", role: "MEMBER" }),
  },
  "adding a member": {
    nothing: (to, id, key) => to.addMembers(ann, { ...on(id, key), userIds: ["ben"] }),
    undone: (to, id) => to.removeMembers(ann, { ...on(id, by()), userIds: ["ben"] }),
  },
  "joining as a member": {
    nothing: (to, id, key) => to.join(ben, on(id, key)),
    undone: (to, id) => to.removeMembers(ann, { ...on(id, by()), userIds: ["ben"] }),
  },
  "removing who is none": {
    first: (to, id) => to.removeMembers(ann, { ...on(id, by()), userIds: ["ben"] }),
    nothing: (to, id, key) => to.removeMembers(ann, { ...on(id, key), userIds: ["ben"] }),
    undone: (to, id) => to.addMembers(ann, { ...on(id, by()), userIds: ["ben"] }),
  },
  "leaving again": {
    first: (to, id) => to.leave(ben, on(id, by())),
    nothing: (to, id, key) => to.leave(ben, on(id, key)),
    undone: (to, id) => to.join(ben, on(id, by())),
  },
  "the ownership, to who has it": {
    nothing: (to, id, key) => to.transferOwnership(ann, { ...on(id, key), userId: "ann" }),
    undone: (to, id) => to.transferOwnership(ann, { ...on(id, by()), userId: "ben" }),
  },
  "a recall of what was recalled": {
    first: (to, id) => to.recallMessage(ben, { ...on(id, by()), seq: 1 }),
    nothing: (to, id, key) => to.recallMessage(ben, { ...on(id, key), seq: 1 }),
    undone: (to, id) => to.sendMessage(ben, text({ conversationId: id })),
  },
  "a mark that is there": {
    nothing: (to, id, key) => to.markRead(ben, { ...on(id, key), seq: 1 }),
    undone: (to, id) => to.sendMessage(ann, text({ conversationId: id })),
  },
};

const rowsOf = async ({ store, catchUp }: World): Promise<string[]> => {
  await catchUp();
  return store.dump(isBookkeeping);
};

describe("a call that changes nothing", () => {
  for (const [name, { first, nothing, undone }] of Object.entries(cases)) {
    test(`changes nothing either when it comes again late, here, elsewhere and after a restart: ${name}`, async () => {
      const target = await setUp();
      const { commands, id, log, store, watermark, catchUp } = target;
      await first?.(commands, id, by());
      const before = await rowsOf(target);
      const key = newKey();
      await nothing(commands, id, key);
      expect(await rowsOf(target)).toEqual(before);
      await undone(commands, id, by());
      const after = await rowsOf(target);
      const end = await log.end();
      // A node that knows nothing but the log, as after a restart.
      for (const node of [commands, nodeOver(log, store, { watermark, waited: catchUp }).commands]) await nothing(node, id, key);
      expect(await rowsOf(target)).toEqual(after);
      expect(await log.end()).toBe(end);
    });
  }

  test("is told the same place each time", async () => {
    const { commands, id } = await setUp();
    const input = { ...on(id, newKey()), seq: 1, text: "as it was" };
    const first = await commands.editMessage(ben, input);
    await commands.editMessage(ben, { ...on(id, newKey()), seq: 1, text: "other" });
    expect(await commands.editMessage(ben, input)).toEqual(first);
  });

  test("of an outsider leaves nothing in the log", async () => {
    const { commands, log } = await setUp();
    await commands.register(caller("eve"), profile("eve"));
    const { conversationId } = await commands.createConversation(ann, group({ public: true }));
    const end = await log.end();
    await expect(commands.leave(caller("eve"), on(conversationId, newKey()))).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await log.end()).toBe(end);
  });
});
