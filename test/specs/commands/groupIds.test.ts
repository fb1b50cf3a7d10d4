import { describe, expect, test } from "vitest";
import { eventId } from "../../../src/commands/eventId.ts";
import { streams } from "../../../src/domain/ids.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { refused } from "../../support/refused.ts";
import { caller, group, profile } from "../../support/cast.ts";
import { nodeOver, world } from "../../support/world.ts";

const ann = caller("ann");

async function setUp() {
  const target = world();
  await target.commands.register(ann, profile("ann"));
  await target.catchUp();
  return target;
}

describe("the id of a group", () => {
  test("is another one in another log, for the same user and the same call", async () => {
    const input = group({ clientMutationId: "1" });
    const ids = [];
    for (const target of [await setUp(), await setUp()])
      ids.push((await target.commands.createConversation(ann, input)).conversationId);
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids) expect(id).toMatch(/^g:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("is not what anyone can work out from user and call", async () => {
    const { commands } = await setUp();
    const { conversationId } = await commands.createConversation(ann, group({ clientMutationId: "1" }));
    expect(conversationId).not.toBe(`g:${eventId("createConversation", "ann", "1", 0)}`);
  });

  test("is the same on every server of the log, also where two make their first group at the same moment", async () => {
    const { commands, log, store, watermark, catchUp } = await setUp();
    const other = nodeOver(log, store, { watermark, waited: catchUp });
    const input = group({ clientMutationId: "1" });
    const [one, two] = await Promise.all([commands, other.commands].map((node) => node.createConversation(ann, input)));
    expect(one).toEqual(two);
    const third = nodeOver(log, store, { watermark, waited: catchUp });
    expect(await third.commands.createConversation(ann, input)).toEqual(one);
    expect(await log.read(streams.key, 0, "forwards", 10)).toHaveLength(1);
    expect((await log.readAll(log.origin, 1_000)).events.filter(({ type }) => type === "GroupCreated")).toHaveLength(1);
  });

  test("is the one from before ids were made with a secret, where the call was given then", async () => {
    const target = await setUp();
    const { commands, log } = target;
    const input = group({ clientMutationId: "old" });
    const id = `g:${eventId("createConversation", "ann", "old", 0)}`;
    const { memberIds: _, clientMutationId, ...data } = { ...input, groupId: id, ownerId: "ann" };
    const created: NewEvent = {
      id: eventId(streams.group(id), "ann", clientMutationId, 0),
      type: "GroupCreated",
      data,
      metadata: { $correlationId: "old", $causationId: "old", actorId: "ann", at: "2024-01-02T03:04:05.678Z", schema: 1 },
    };
    const { position } = await log.append(streams.group(id), [created], -1);
    expect(await commands.createConversation(ann, input)).toEqual({ conversationId: id, position });
    await refused(commands.createConversation(ann, { ...input, title: "Other" }), "CONFLICT", "clientMutationId");
    const next = await commands.createConversation(ann, group({ clientMutationId: "new" }));
    expect(next.conversationId).not.toBe(`g:${eventId("createConversation", "ann", "new", 0)}`);
  });

  test("is asked for again where the log was away as its secret was to be read", async () => {
    const { commands, log } = await setUp();
    const input = group({ clientMutationId: "1" });
    for (const after of [0, 1]) {
      log.failReads(1, after);
      await refused(commands.createConversation(ann, input), "UNAVAILABLE");
    }
    log.failAppends("nothing");
    await refused(commands.createConversation(ann, input), "UNAVAILABLE");
    expect((await commands.createConversation(ann, input)).conversationId).toMatch(/^g:/);
  });

  test("tells nobody the secret: it is in no row", async () => {
    const store = memoryViews();
    const log = memoryLog();
    const { commands, catchUp } = world({ log, store });
    await commands.register(ann, profile("ann"));
    await commands.createConversation(ann, group());
    await catchUp();
    const [made] = await log.read(streams.key, 0, "forwards", 1);
    const { key } = made?.data as { key: string };
    expect(key).toHaveLength(43);
    expect(store.dump().filter((row) => row.includes(key))).toEqual([]);
  });
});
