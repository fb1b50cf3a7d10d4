import { describe, test } from "vitest";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { world } from "../../support/world.ts";

const [owner, admin, sender] = [caller("owner"), caller("admin"), caller("sender")];

/** A group where `sender` and `admin` have sent a message each, when the clock said 0. */
async function setUp(windows: { editWindowMs?: number; recallWindowMs?: number }) {
  let time = Date.parse("2024-05-31T12:00:00.000Z");
  const here = world({ ...windows, now: () => new Date(time) });
  const { commands, catchUp } = here;
  for (const { userId } of [owner, admin, sender]) await commands.register(caller(userId), profile(`${userId}.1`));
  const { conversationId } = await commands.createConversation(owner, group({ memberIds: ["admin", "sender"] }));
  await commands.setRole(owner, { clientMutationId: newKey(), conversationId, userId: "admin", role: "ADMIN" });
  await commands.sendMessage(sender, text({ conversationId }));
  await commands.sendMessage(admin, text({ conversationId }));
  await commands.sendMessage(sender, text({ userId: "owner" }));
  await catchUp();
  return {
    commands,
    pass: (ms: number) => void (time += ms),
    first: () => ({ clientMutationId: newKey(), conversationId, seq: 1 }),
    ofAdmin: () => ({ clientMutationId: newKey(), conversationId, seq: 2 }),
    direct: () => ({ clientMutationId: newKey(), conversationId: "d:owner~sender", seq: 1 }),
  };
}

describe("a message", () => {
  test("is edited in time, and a repeat is known later too", async () => {
    const { commands, pass, first } = await setUp({ editWindowMs: 60_000 });
    pass(60_000);
    const edit = { ...first(), text: "in time" };
    await commands.editMessage(sender, edit);
    pass(1);
    await refused(commands.editMessage(sender, { ...first(), text: "too late" }), "FORBIDDEN", "seq");
    await commands.editMessage(sender, edit);
    // The other window is open.
    await commands.recallMessage(sender, first());
  });

  test("is recalled in time by its sender, and at any time by those who administer the group", async () => {
    const { commands, pass, first, ofAdmin, direct } = await setUp({ recallWindowMs: 60_000 });
    pass(60_001);
    await refused(commands.recallMessage(sender, first()), "FORBIDDEN", "seq");
    await refused(commands.recallMessage(sender, direct()), "FORBIDDEN", "seq");
    await refused(commands.recallMessage(owner, direct()), "FORBIDDEN", "seq");
    await refused(commands.recallMessage(sender, ofAdmin()), "FORBIDDEN", "seq");
    await commands.editMessage(sender, { ...first(), text: "the other window is open" });
    await commands.recallMessage(admin, first());
    // Also their own.
    await commands.recallMessage(admin, ofAdmin());
    await commands.recallMessage(sender, first());
  });

  test("is edited and recalled for ever where nothing is set", async () => {
    const { commands, pass, first, direct } = await setUp({});
    pass(10 * 365 * 86_400_000);
    await commands.editMessage(sender, { ...first(), text: "years later" });
    await commands.recallMessage(sender, first());
    await commands.recallMessage(sender, direct());
  });
});
