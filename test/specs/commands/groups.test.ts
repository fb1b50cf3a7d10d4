import { describe, expect, test } from "vitest";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { isBookkeeping, nodeOver, type World, world } from "../../support/world.ts";
import { refused } from "../../support/refused.ts";

const [owner, admin, member, stranger] = [caller("owner"), caller("admin"), caller("member"), caller("stranger")];

/** A group with an owner, an administrator and a member; someone stands outside. */
async function setUp(
  more: Parameters<typeof group>[0] = {},
  options: Parameters<typeof world>[0] = {},
): Promise<World & { id: string }> {
  const target = world(options);
  const { commands } = target;
  // Nobody's handle is "admin".
  for (const { userId } of [owner, admin, member, stranger]) await commands.register(caller(userId), profile(`${userId}.1`));
  const { conversationId: id } = await commands.createConversation(owner, group({ memberIds: ["admin", "member"], ...more }));
  await commands.setRole(owner, { clientMutationId: newKey(), conversationId: id, userId: "admin", role: "ADMIN" });
  await target.catchUp();
  return { ...target, id };
}

const rolesOf = async ({ views, catchUp }: World, id: string) => {
  await catchUp();
  const members = await views.relations.membersByJoin(id, undefined, 100);
  return Object.fromEntries(members.map(({ user, member: { role } }) => [user, role]));
};
const on = (conversationId: string) => ({ clientMutationId: newKey(), conversationId });
const pendingOf = async ({ views, catchUp }: World, id: string, user: string) => {
  await catchUp();
  return views.joining.pending(id, user);
};

describe("creating a group", () => {
  test("makes its creator the owner, and those named members, told by whom", async () => {
    const target = await setUp({ joinPolicy: "APPROVAL" });
    expect(await rolesOf(target, target.id)).toEqual({ owner: "OWNER", admin: "ADMIN", member: "MEMBER" });
    const { entries } = await target.views.inboxes.entries("member", target.log.origin, await target.log.end(), 10);
    expect(entries[0]?.entry).toMatchObject({ kind: "membership", user: "member", actor: "owner", change: "JOINED" });
  });

  test("names oneself and others as often as one likes", async () => {
    const target = await setUp();
    const { conversationId } = await target.commands.createConversation(
      owner,
      group({ memberIds: ["member", "owner", "member"] }),
    );
    expect(await rolesOf(target, conversationId)).toEqual({ owner: "OWNER", member: "MEMBER" });
  });

  test("is done once by one call; with other input it is a conflict; others' calls are others", async () => {
    const { commands, log, store, watermark, catchUp } = await setUp();
    const input = group({ memberIds: ["member"] });
    const first = await commands.createConversation(owner, input);
    const end = await log.end();
    for (const node of [commands, nodeOver(log, store, { watermark, waited: catchUp }).commands]) {
      expect(await node.createConversation(owner, input)).toEqual(first);
      for (const change of [
        { title: "Other" },
        { memberIds: [] },
        { public: true },
        { historyVisible: true },
        { joinPolicy: "INVITE" as const },
      ])
        await refused(node.createConversation(owner, { ...input, ...change }), "CONFLICT", "clientMutationId");
    }
    expect(await log.end()).toBe(end);
    expect((await commands.createConversation(member, input)).conversationId).not.toBe(first.conversationId);
  });

  test("is refused with people who are not there, with too many of them, and by who never registered", async () => {
    const { commands, log, catchUp } = await setUp({}, { memberCap: 3 });
    const end = await log.end();
    await refused(commands.createConversation(owner, group({ memberIds: ["member", "nobody"] })), "NOT_FOUND", "memberIds");
    await refused(commands.createConversation(owner, group({ memberIds: ["admin", "member", "stranger"] })), "LIMIT_EXCEEDED");
    await refused(commands.createConversation(owner, group({ title: "half \udc00" })), "BAD_INPUT", "title");
    expect((await refused(commands.createConversation(caller("new"), group()), "NOT_FOUND")).message).toContain("register");
    await catchUp();
    expect(await log.end()).toBe(end);
  });
});

describe("joining", () => {
  test("an open group makes a member at once, once", async () => {
    const target = await setUp();
    const { position } = await target.commands.join(stranger, on(target.id));
    expect(position).toBe(await target.log.end());
    expect(await rolesOf(target, target.id)).toMatchObject({ stranger: "MEMBER" });
    const rows = target.store.dump(isBookkeeping);
    await target.commands.join(stranger, on(target.id));
    await target.catchUp();
    expect(target.store.dump(isBookkeeping)).toEqual(rows);
  });

  test.each(["APPROVAL", "INVITE"] as const)("a group by %s is not for who just comes", async (joinPolicy) => {
    const { commands, id } = await setUp({ joinPolicy });
    await commands.join(member, on(id));
    const { conversationId: seen } = await commands.createConversation(owner, group({ joinPolicy, public: true }));
    if (joinPolicy === "INVITE") {
      // A private one is not there for who comes from outside, a public one only closed.
      await refused(commands.join(stranger, on(id)), "NOT_FOUND", "conversationId");
      await refused(commands.join(stranger, on(seen)), "FORBIDDEN", "conversationId");
      return;
    }
    for (const group of [id, seen])
      expect(await commands.join(stranger, on(group))).toMatchObject({ request: { group, user: "stranger", number: 1 } });
  });

  test.each(["join", "updateConversation"] as const)(
    "what closed a moment ago says nothing to outsiders by %s, and to those who may know of it that it is closed",
    async (name) => {
      const { commands, catchUp, id } = await setUp({ public: name === "updateConversation" });
      const act = {
        join: (by: typeof owner) => commands.join(by, on(id)),
        updateConversation: (by: typeof owner) => commands.updateConversation(by, { ...on(id), change: { title: "Mine" } }),
      }[name];
      await commands.leave(member, on(id));
      await catchUp();
      await commands.updateConversation(owner, { ...on(id), change: { joinPolicy: "INVITE", public: false } });
      // The rows still say that it is open.
      const { message } = await refused(act(stranger), "NOT_FOUND", "conversationId");
      await catchUp();
      expect((await refused(act(stranger), "NOT_FOUND", "conversationId")).message).toBe(message);
      await refused(act(member), "FORBIDDEN", name === "join" ? "conversationId" : undefined);
    },
  );

  test("is refused where there is no group, where it is full, and in a direct conversation", async () => {
    const { commands, id } = await setUp({}, { memberCap: 3 });
    await refused(commands.join(stranger, on("g:none")), "NOT_FOUND");
    await refused(commands.join(stranger, on(id)), "LIMIT_EXCEEDED");
    await refused(commands.join(stranger, on("d:owner~stranger")), "BAD_INPUT", "conversationId");
    expect((await refused(commands.join(caller("new"), on(id)), "NOT_FOUND")).message).toContain("register");
  });

  test("again after leaving begins anew: what was sent in between stays unseen", async () => {
    const target = await setUp();
    const { commands, id, catchUp, views } = target;
    const send = () => commands.sendMessage(owner, text({ conversationId: id }));
    await send();
    await commands.leave(member, on(id));
    await send();
    await commands.join(member, on(id));
    await send();
    await catchUp();
    const sight = await views.relations.sight(id, "member");
    if (!sight) throw new Error("there is a group");
    expect(await Promise.all([1, 2, 3].map(async (seq) => views.relations.sees(sight, seq)))).toEqual([true, false, true]);
    expect((await views.relations.member(id, "member"))?.joinedSeq).toBe(2);
  });

  test("by many at two nodes at once never goes over the cap", async () => {
    const target = await setUp({}, { memberCap: 8 });
    const nodes = [target, nodeOver(target.log, target.store, { watermark: target.watermark, memberCap: 8 })];
    const users = Array.from({ length: 15 }, (_, index) => caller(`u${index}`));
    for (const user of users) await target.commands.register(user, profile(user.userId));
    await target.catchUp();
    const outcomes = await Promise.allSettled(
      users.map((user, index) => (nodes[index % 2] as World).commands.join(user, on(target.id))),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(Object.keys(await rolesOf(target, target.id))).toHaveLength(8);
  });
});

describe("leaving", () => {
  test("ends a membership, and is no matter to who had one", async () => {
    const target = await setUp();
    await target.commands.leave(member, on(target.id));
    expect(Object.keys(await rolesOf(target, target.id))).not.toContain("member");
    const rows = target.store.dump(isBookkeeping);
    await target.commands.leave(member, on(target.id));
    await target.catchUp();
    expect(target.store.dump(isBookkeeping)).toEqual(rows);
    await refused(target.commands.leave(member, on("g:none")), "NOT_FOUND", "conversationId");
    await refused(target.commands.leave(stranger, on(target.id)), "NOT_FOUND", "conversationId");
    const { conversationId: seen } = await target.commands.createConversation(owner, group({ public: true }));
    await refused(target.commands.leave(stranger, on(seen)), "FORBIDDEN", "conversationId");
    await refused(target.commands.leave(member, on("d:member~owner")), "BAD_INPUT", "conversationId");
  });

  test("is for the owner only as the last one, or after handing over", async () => {
    const target = await setUp();
    const { commands, id } = target;
    await refused(commands.leave(owner, on(id)), "CONFLICT");
    await commands.transferOwnership(owner, { ...on(id), userId: "member" });
    await commands.leave(owner, on(id));
    expect(await rolesOf(target, id)).toEqual({ member: "OWNER", admin: "ADMIN" });
    await commands.leave(admin, on(id));
    await commands.leave(member, on(id));
    expect(await rolesOf(target, id)).toEqual({});
    await refused(commands.join(stranger, on(id)), "CONFLICT");
  });
});

describe("adding", () => {
  test("is for owner and administrators, and in an open group for every member", async () => {
    for (const [joinPolicy, allowed] of [
      ["OPEN", ["owner", "admin", "member"]],
      ["APPROVAL", ["owner", "admin"]],
      ["INVITE", ["owner", "admin"]],
    ] as const) {
      for (const by of ["owner", "admin", "member"] as const) {
        const target = await setUp({ joinPolicy });
        const adding = target.commands.addMembers(caller(by), { ...on(target.id), userIds: ["stranger", "stranger", "member"] });
        if (!(allowed as readonly string[]).includes(by)) {
          await refused(adding, "FORBIDDEN");
          continue;
        }
        await adding;
        expect(await rolesOf(target, target.id)).toMatchObject({ stranger: "MEMBER", member: "MEMBER" });
      }
    }
  });

  test("asks nobody who became a friend a moment ago, and leaves nobody out who was unblocked a moment ago", async () => {
    const target = await setUp();
    const { log, store, watermark, catchUp } = target;
    const { commands } = nodeOver(log, store, { watermark, waited: catchUp, addToGroups: "friends" });
    const named = (userId: string) => ({ clientMutationId: newKey(), userId });
    await commands.block(owner, { ...named("stranger"), on: true });
    await catchUp();
    await commands.block(owner, { ...named("stranger"), on: false });
    await commands.requestFriendship(owner, { ...named("stranger"), note: null, alias: null });
    await commands.requestFriendship(stranger, { ...named("owner"), note: null, alias: null });
    const { conversationId } = await commands.createConversation(owner, group({ memberIds: ["stranger", "member"] }));
    expect(await rolesOf(target, conversationId)).toEqual({ owner: "OWNER", stranger: "MEMBER" });
    expect(await pendingOf(target, conversationId, "member")).toBe(1);
  });

  test("is refused of who is not there, beyond the cap, and from outside", async () => {
    const { commands, id } = await setUp({}, { memberCap: 4 });
    await commands.register(caller("more"), profile("more"));
    await refused(commands.addMembers(owner, { ...on(id), userIds: ["stranger", "nobody"] }), "NOT_FOUND", "userIds");
    await refused(commands.addMembers(owner, { ...on(id), userIds: ["stranger", "more"] }), "LIMIT_EXCEEDED");
    await refused(commands.addMembers(stranger, { ...on(id), userIds: ["stranger"] }), "NOT_FOUND", "conversationId");
  });
});

describe("removing", () => {
  test.each([
    ["owner", "admin", undefined],
    ["owner", "member", undefined],
    ["admin", "member", undefined],
    ["owner", "owner", "BAD_INPUT"],
    ["admin", "admin", "BAD_INPUT"],
    ["admin", "owner", "FORBIDDEN"],
    ["member", "admin", "FORBIDDEN"],
    ["stranger", "member", "NOT_FOUND"],
  ] as const)("by %s of %s: %s", async (by, of, code) => {
    const target = await setUp();
    const removing = target.commands.removeMembers(caller(by), { ...on(target.id), userIds: [of, "stranger"] });
    if (code) await refused(removing, code);
    else await removing;
    expect(Object.keys(await rolesOf(target, target.id)).includes(of)).toBe(code !== undefined);
  });

  test("another administrator is for the owner", async () => {
    const { commands, id } = await setUp();
    await commands.setRole(owner, { ...on(id), userId: "member", role: "ADMIN" });
    await refused(commands.removeMembers(admin, { ...on(id), userIds: ["member"] }), "FORBIDDEN");
    await commands.removeMembers(owner, { ...on(id), userIds: ["member", "admin"] });
  });
});

describe("roles", () => {
  test("are the owner's to give", async () => {
    const target = await setUp();
    const { commands, id } = target;
    const set = (by: string, userId: string, role: "OWNER" | "ADMIN" | "MEMBER") =>
      commands.setRole(caller(by), { ...on(id), userId, role });
    await refused(set("admin", "member", "ADMIN"), "FORBIDDEN");
    await refused(set("member", "member", "ADMIN"), "FORBIDDEN");
    await refused(set("stranger", "member", "ADMIN"), "NOT_FOUND", "conversationId");
    await refused(set("owner", "member", "OWNER"), "BAD_INPUT", "role");
    await refused(set("owner", "owner", "MEMBER"), "BAD_INPUT", "userId");
    await refused(set("owner", "stranger", "ADMIN"), "NOT_FOUND", "userId");
    const rows = target.store.dump(isBookkeeping);
    await set("owner", "admin", "ADMIN");
    await target.catchUp();
    expect(target.store.dump(isBookkeeping)).toEqual(rows);
    await set("owner", "member", "ADMIN");
    await set("owner", "admin", "MEMBER");
    expect(await rolesOf(target, id)).toEqual({ owner: "OWNER", member: "ADMIN", admin: "MEMBER" });
  });

  test("end with the membership", async () => {
    const target = await setUp();
    await target.commands.leave(admin, on(target.id));
    await target.commands.join(admin, on(target.id));
    expect(await rolesOf(target, target.id)).toMatchObject({ admin: "MEMBER" });
    await refused(target.commands.removeMembers(admin, { ...on(target.id), userIds: ["member"] }), "FORBIDDEN");
  });

  test("of the owner go to one member, who alone is the owner then", async () => {
    const target = await setUp();
    const { commands, id } = target;
    const give = (by: string, userId: string) => commands.transferOwnership(caller(by), { ...on(id), userId });
    await refused(give("admin", "member"), "FORBIDDEN");
    await refused(give("owner", "stranger"), "NOT_FOUND", "userId");
    await give("owner", "owner");
    await give("owner", "member");
    expect(await rolesOf(target, id)).toEqual({ owner: "ADMIN", admin: "ADMIN", member: "OWNER" });
    await refused(give("owner", "admin"), "FORBIDDEN");
  });
});

describe("the same call again", () => {
  test("is answered as the first one to who has lost the right since, here and elsewhere", async () => {
    const target = await setUp({ joinPolicy: "APPROVAL" });
    const { commands, id, log, store, watermark, catchUp } = target;
    const calls = [
      {
        by: admin,
        run: (node: World["commands"], input: ReturnType<typeof on>) =>
          node.addMembers(admin, { ...input, userIds: ["stranger"] }),
      },
      {
        by: admin,
        run: (node: World["commands"], input: ReturnType<typeof on>) =>
          node.removeMembers(admin, { ...input, userIds: ["stranger"] }),
      },
      {
        by: owner,
        run: (node: World["commands"], input: ReturnType<typeof on>) =>
          node.setRole(owner, { ...input, userId: "admin", role: "MEMBER" }),
      },
      {
        by: owner,
        run: (node: World["commands"], input: ReturnType<typeof on>) =>
          node.transferOwnership(owner, { ...input, userId: "member" }),
      },
      { by: owner, run: (node: World["commands"], input: ReturnType<typeof on>) => node.leave(owner, input) },
    ].map((call) => ({ ...call, input: on(id) }));
    const first = [];
    for (const { run, input } of calls) first.push(await run(commands, input));
    await commands.removeMembers(member, { ...on(id), userIds: ["admin"] });
    const end = await log.end();
    for (const node of [commands, nodeOver(log, store, { watermark, waited: catchUp }).commands])
      for (const [index, { run, input }] of calls.entries()) expect(await run(node, input)).toEqual(first[index]);
    expect(await log.end()).toBe(end);
    for (const { run, by } of calls.slice(0, 4)) {
      const again = await run(commands, on(id)).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
      expect(["FORBIDDEN", "NOT_FOUND"], by.userId).toContain(again);
    }
  });

  test.each(["unknown, stored", "unknown, lost", "nothing"] as const)(
    "after a log that was away is done once: %s",
    async (fault) => {
      const target = await setUp();
      const input = on(target.id);
      target.log.failAppends(fault);
      const first = await target.commands.join(stranger, input).catch((error: { code: string }) => error.code);
      if (fault === "nothing") expect(first).toBe("UNAVAILABLE");
      const again = await target.commands.join(stranger, input);
      if (typeof first === "object") expect(again).toEqual(first);
      const joins = (await target.events()).filter(
        ({ type, data }) => type === "MemberJoined" && (data as { userId: string }).userId === "stranger",
      );
      expect(joins).toHaveLength(1);
    },
  );
});
