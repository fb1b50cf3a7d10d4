import { expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { streams } from "../../../src/domain/ids.ts";
import { circleCompletion } from "../../../src/processes/circleCompletion.ts";
import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { expiry } from "../../../src/processes/expiry.ts";
import { scheduledSends } from "../../../src/processes/scheduledSends.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { admin, caller, newKey, profile, text } from "../../support/cast.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { allOf, nodeOver, type Node, world } from "../../support/world.ts";

/*
 * No replay fires an effect. Rows say what is due, but only the log says whether it is done: so whatever the rows are while they
 * are folded again, what acts by itself finds it done.
 */

const MINUTE = 60_000;
const ann = caller("ann");

async function scene() {
  let time = Date.UTC(2024, 0, 2);
  const now = () => new Date(time);
  const made = world({ now });
  for (const user of ["ann", "bob", "cat"]) await made.commands.register(caller(user), profile(user));
  await made.catchUp();

  const look = async ({ views, commands }: Pick<Node, "views" | "commands">): Promise<void> => {
    const options = {
      watermark: { ...made.watermark, reached: async () => true },
      begun: made.log.origin,
      now,
      warn: (message: string, detail: string) => {
        throw new Error(`${message}: ${detail}`);
      },
    };
    const { signal } = new AbortController();
    await dueProcess(scheduledSends({ schedules: views.schedules, commands, failed: () => {} }), options).look(signal);
    await dueProcess(expiry({ expiries: views.expiries, commands }), options).look(signal);
    await dueProcess(circleCompletion({ circles: views.circles, commands }), options).look(signal);
  };
  const lookAndFold = async (): Promise<void> => {
    await made.catchUp();
    await look(made);
    await made.catchUp();
  };
  const schedule = async (to: string, after: number): Promise<string> => {
    await made.commands.scheduleMessage(ann, {
      clientMutationId: newKey(),
      conversationId: null,
      userId: to,
      sendAt: new Date(time + after).toISOString(),
      kind: "TEXT",
      topic: null,
      text: `to ${to}`,
      attachments: [],
    });
    await made.catchUp();
    const [newest] = (await made.log.read(streams.schedule("ann"), 0, "forwards", 100)).slice(-1);
    return (newest?.data as { id: string }).id;
  };
  return { ...made, now, pass: (ms: number) => void (time += ms), look, lookAndFold, schedule };
}

test("what was sent, cancelled, failed, expired or made equal stays so, however far views are that are folded anew", async () => {
  const here = await scene();
  const { commands, log } = here;
  await here.schedule("bob", MINUTE);
  const cancelled = await here.schedule("bob", MINUTE);
  await here.schedule("cat", MINUTE);
  await commands.cancelScheduled(ann, { clientMutationId: newKey(), user: "ann", id: cancelled });
  await commands.block(caller("cat"), { clientMutationId: newKey(), userId: "ann", on: true });
  const expiring = () => commands.sendMessage(ann, text({ userId: "bob" }, { expiresAfterSeconds: 60 }));
  await expiring();
  const recalled = (await expiring()).message.seq;
  await commands.recallMessage(ann, { clientMutationId: newKey(), conversationId: "d:ann~bob", seq: recalled });
  for (const memberIds of [["ann", "bob"], ["ann"]])
    await commands.putCircle(admin, {
      clientMutationId: newKey(),
      circleId: "o:acme",
      kind: "company",
      name: "Acme",
      memberIds,
      withConversation: true,
    });
  await here.catchUp();
  here.pass(2 * MINUTE);
  await here.lookAndFold();
  // What waits still.
  await here.schedule("bob", 10 * MINUTE);
  await commands.sendMessage(ann, text({ userId: "bob" }, { expiresAfterSeconds: 3_600 }));
  await here.lookAndFold();
  const before = await allOf(log);
  const types = new Set(before.map(({ type }) => type));
  for (const type of ["ScheduleSent", "ScheduleCancelled", "ScheduleFailed", "MessageExpired", "CircleEqualised"])
    expect(types, type).toContain(type);

  const store = memoryViews();
  const node = nodeOver(log, store, { now: here.now, watermark: here.watermark });
  for (const { position } of before) {
    await createRunner({ log, store, projections: viewProjections, until: position }).catchUp();
    await here.look(node);
    expect((await allOf(log)).slice(before.length), `after ${position}`).toEqual([]);
  }
  // And all of it is there to be done: nothing was passed over.
  here.pass(10 * MINUTE);
  await here.look(node);
  expect((await allOf(log)).slice(before.length).map(({ type }) => type)).toEqual([
    "ScheduleBegun",
    "MessageSent",
    "ScheduleSent",
  ]);
});
