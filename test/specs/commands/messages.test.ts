import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { refused } from "../../support/refused.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { isBookkeeping, nodeOver, type World, world } from "../../support/world.ts";

const [owner, admin, sender, member, late, stranger] = ["owner", "admin", "sender", "member", "late", "stranger"].map((id) =>
  caller(id),
) as [
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
];

/** A group in which the sender has written message 1, and someone joined after it. */
async function setUp(
  more: Parameters<typeof group>[0] = {},
): Promise<World & { id: string; first: { conversationId: string; seq: number } }> {
  const target = world();
  const { commands } = target;
  // Nobody's handle is "admin".
  for (const { userId } of [owner, admin, sender, member, late, stranger])
    await commands.register(caller(userId), profile(`${userId}.1`));
  const input = group({ memberIds: ["admin", "sender", "member"], ...more });
  const { conversationId: id } = await commands.createConversation(owner, input);
  await commands.setRole(owner, { clientMutationId: newKey(), conversationId: id, userId: "admin", role: "ADMIN" });
  await commands.sendMessage(sender, text({ conversationId: id }, { text: "as it was" }));
  await commands.addMembers(owner, { clientMutationId: newKey(), conversationId: id, userIds: ["late"] });
  await target.catchUp();
  return { ...target, id, first: { conversationId: id, seq: 1 } };
}

const of = (message: { conversationId: string; seq: number }) => ({ clientMutationId: newKey(), ...message });
const shown = async ({ views, catchUp }: World, { conversationId, seq }: { conversationId: string; seq: number }) => {
  await catchUp();
  return views.timelines.message(conversationId, seq);
};
const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code: string }) => error.code,
  );

test("of very many marks a repeat is known by one look at the newest ones, and at what holds", async () => {
  const { commands, log, catchUp, id, first } = await setUp();
  const input = of(first);
  const answer = await commands.markRead(member, input);
  const later = { ...first, seq: 2 };
  const stream = `reader-member~${id}`;
  const [mark] = await log.read(stream, 0, "forwards", 1);
  if (!mark) throw new Error("there is a mark");
  const others = Array.from({ length: 700 }, (_, index) => ({
    ...mark,
    id: randomUUID(),
    data: { ...(mark.data as object), seq: index + 2 },
  }));
  await log.append(stream, others, "any");
  await commands.removeMembers(owner, { clientMutationId: newKey(), conversationId: id, userIds: ["member"] });
  await catchUp();
  const from = log.calls.length;
  const again = await commands.markRead(member, input);
  expect(again.position >= answer.position).toBe(true);
  await refused(commands.markRead(member, of(later)), "FORBIDDEN", "conversationId");
  expect(log.calls.slice(from).filter((call) => call.op === "read" && call.stream === stream)).toHaveLength(2);
});

describe("editing", () => {
  test("is the sender's alone", async () => {
    for (const [by, code] of [
      ["sender", "done"],
      ["owner", "FORBIDDEN"],
      ["admin", "FORBIDDEN"],
      ["member", "FORBIDDEN"],
      ["stranger", "NOT_FOUND"],
    ] as const) {
      const target = await setUp();
      expect(await outcomeOf(target.commands.editMessage(caller(by), { ...of(target.first), text: "better" })), by).toBe(code);
      expect((await shown(target, target.first))?.text).toBe(code === "done" ? "better" : "as it was");
    }
  });

  test("shows the newest text and when it was written, and keeps place and time of the message", async () => {
    const target = await setUp();
    const before = await shown(target, target.first);
    await target.commands.editMessage(sender, { ...of(target.first), text: "better" });
    const { position: version } = await target.commands.editMessage(sender, { ...of(target.first), text: "best" });
    const after = await shown(target, target.first);
    expect(after).toEqual({ ...before, text: "best", editedAt: expect.any(String) as string, version });
    expect((after?.editedAt ?? "") > (before?.sentAt ?? "")).toBe(true);
    const rows = target.store.dump(isBookkeeping);
    await target.commands.editMessage(sender, { ...of(target.first), text: "best" });
    await target.catchUp();
    expect(target.store.dump(isBookkeeping)).toEqual(rows);
  });

  test("is refused of what is not there, was recalled, or would be no text", async () => {
    const { commands, first, id } = await setUp();
    await refused(commands.editMessage(sender, { ...of({ conversationId: id, seq: 2 }), text: "x" }), "NOT_FOUND", "seq");
    await refused(commands.editMessage(sender, { ...of({ conversationId: "g:none", seq: 1 }), text: "x" }), "NOT_FOUND");
    await refused(commands.editMessage(sender, { ...of(first), text: "  " }), "BAD_INPUT", "text");
    await refused(commands.editMessage(sender, { ...of(first), text: "x".repeat(16_385) }), "BAD_INPUT", "text");
    expect((await refused(commands.editMessage(caller("new"), { ...of(first), text: "x" }), "NOT_FOUND")).message).toContain(
      "register",
    );
    await commands.recallMessage(sender, of(first));
    await refused(commands.editMessage(sender, { ...of(first), text: "x" }), "CONFLICT");
  });

  test("needs to be a member still", async () => {
    const { commands, first, id, catchUp } = await setUp();
    await commands.leave(sender, { clientMutationId: newKey(), conversationId: id });
    // Rights are looked up in the views, a moment old at most.
    await catchUp();
    await refused(commands.editMessage(sender, { ...of(first), text: "x" }), "FORBIDDEN");
    await refused(commands.recallMessage(sender, of(first)), "FORBIDDEN");
  });
});

describe("recalling", () => {
  test("is the sender's, and the owner's and administrators' of the group", async () => {
    for (const [by, code] of [
      ["sender", "done"],
      ["owner", "done"],
      ["admin", "done"],
      ["member", "FORBIDDEN"],
      ["stranger", "NOT_FOUND"],
      // Who cannot see it does not learn of it.
      ["late", "NOT_FOUND"],
    ] as const) {
      const target = await setUp();
      expect(await outcomeOf(target.commands.recallMessage(caller(by), of(target.first))), by).toBe(code);
      expect((await shown(target, target.first))?.text, by).toBe(code === "done" ? null : "as it was");
    }
  });

  test("takes the content away, and not the message", async () => {
    const target = await setUp();
    const { position } = await target.commands.recallMessage(sender, of(target.first));
    expect(await shown(target, target.first)).toMatchObject({
      seq: 1,
      text: null,
      attachments: [],
      mentions: [],
      mentionsAll: false,
      senderId: "sender",
      recalledAt: expect.any(String) as string,
    });
    await target.commands.recallMessage(owner, of(target.first));
    expect(await target.log.end()).toBe(position);
  });

  test("in a direct conversation is the sender's alone", async () => {
    const target = await setUp();
    const { conversationId, message } = await target.commands.sendMessage(sender, text({ userId: "member" }));
    const direct = { conversationId, seq: message.seq };
    await refused(target.commands.recallMessage(member, of(direct)), "FORBIDDEN");
    await refused(target.commands.recallMessage(owner, of(direct)), "NOT_FOUND");
    await target.commands.recallMessage(sender, of(direct));
  });

  test("rests on roles as they are now, not as the views remember them", async () => {
    const { commands, first, id } = await setUp();
    await commands.setRole(owner, { clientMutationId: newKey(), conversationId: id, userId: "member", role: "ADMIN" });
    await commands.recallMessage(member, of(first));
  });
});

describe("the same edit or recall again", () => {
  test("is answered as the first one, also to who has left since, here and elsewhere", async () => {
    const target = await setUp();
    const { commands, first, id, log, store, watermark, catchUp } = target;
    const [edit, recall] = [{ ...of(first), text: "better" }, of(first)];
    const answers = [await commands.editMessage(sender, edit), await commands.recallMessage(sender, recall)];
    await commands.leave(sender, { clientMutationId: newKey(), conversationId: id });
    await catchUp();
    const end = await log.end();
    for (const node of [commands, nodeOver(log, store, { watermark, waited: catchUp }).commands])
      expect([await node.editMessage(sender, edit), await node.recallMessage(sender, recall)]).toEqual(answers);
    expect(await log.end()).toBe(end);
  });
});

describe("reading", () => {
  const read = async ({ commands, views, catchUp }: World, by: string, message: { conversationId: string; seq: number }) => {
    const { position } = await commands.markRead(caller(by), of(message));
    await catchUp();
    return { position, mark: await views.readMarks.mark(by, message.conversationId) };
  };

  test("moves a mark upwards only, and no further than there are messages", async () => {
    const target = await setUp();
    for (let count = 0; count < 4; count++) await target.commands.sendMessage(owner, text({ conversationId: target.id }));
    const marks = [];
    for (const seq of [2, 1, 2, 4, 3, 900]) marks.push((await read(target, "member", { conversationId: target.id, seq })).mark);
    expect(marks).toEqual([2, 2, 2, 4, 4, 5]);
    await target.commands.sendMessage(owner, text({ conversationId: target.id }));
    await target.catchUp();
    expect(await target.views.readMarks.unread("member", target.id, 0)).toEqual({ readSeq: 5, unreadCount: 1 });
  });

  test("that changes nothing is not written, and answers a place where it is so", async () => {
    const target = await setUp();
    await read(target, "member", target.first);
    const end = await target.log.end();
    const { position } = await read(target, "member", target.first);
    expect(await target.log.end()).toBe(end);
    expect(position <= end).toBe(true);
  });

  test("is for members", async () => {
    const { commands, first } = await setUp({ public: true });
    await refused(commands.markRead(stranger, of(first)), "FORBIDDEN", "conversationId");
    await refused(commands.markRead(owner, of({ conversationId: "g:none", seq: 1 })), "NOT_FOUND", "conversationId");
    await refused(commands.markRead(owner, of({ conversationId: "d:member~sender", seq: 1 })), "NOT_FOUND", "conversationId");
    expect((await refused(commands.markRead(caller("new"), of(first)), "NOT_FOUND")).message).toContain("register");
  });

  test("counts for who just joined, without a look at the views in between", async () => {
    const target = await setUp();
    await target.commands.join(stranger, { clientMutationId: newKey(), conversationId: target.id });
    expect((await read(target, "stranger", target.first)).mark).toBe(1);
  });

  test("again by the same call is answered as the first one, also to who has left since", async () => {
    const target = await setUp();
    const { commands, first, id, catchUp, log } = target;
    const input = of(first);
    const answer = await commands.markRead(member, input);
    await commands.leave(member, { clientMutationId: newKey(), conversationId: id });
    await catchUp();
    const end = await log.end();
    expect(await commands.markRead(member, input)).toEqual(answer);
    expect(await log.end()).toBe(end);
    await refused(commands.markRead(member, of(first)), "FORBIDDEN");
  });

  test("from a log that is away is told so, and may be sent again", async () => {
    const target = await setUp();
    const input = of(target.first);
    target.log.failAppends("nothing");
    await refused(target.commands.markRead(member, input), "UNAVAILABLE");
    // It is asked for by the very same call, as every append is.
    target.log.failAppends("unknown, stored");
    await target.commands.markRead(member, input);
    await target.commands.markRead(member, input);
    await target.catchUp();
    expect(await target.views.readMarks.mark("member", target.id)).toBe(1);
  });
});
