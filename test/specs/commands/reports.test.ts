import { test } from "vitest";
import { caller, newKey, profile } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { world } from "../../support/world.ts";

test("a user makes only so many reports at once; the same again costs nothing", async () => {
  const here = world({ messagesPerSecond: 1_000 });
  for (const user of ["ann", "bob"]) await here.commands.register(caller(user), profile(user));
  await here.catchUp();
  const usual = { kind: "TEXT", topic: null, replyTo: null, mentionsAll: false } as const;
  for (let each = 0; each < 21; each++)
    await here.commands.sendMessage(caller("ann"), {
      ...usual,
      clientMutationId: newKey(),
      conversationId: null,
      userId: "bob",
      text: `${each}`,
      attachments: [],
      mentions: [],
    });
  await here.catchUp();
  const report = (seq: number) =>
    here.commands.report(caller("bob"), { clientMutationId: newKey(), conversationId: "d:ann~bob", seq, reason: "rude" });
  for (let seq = 1; seq <= 20; seq++) await report(seq);
  await refused(report(21), "RATE_LIMITED");
  for (let seq = 1; seq <= 20; seq++) await report(seq);
});
