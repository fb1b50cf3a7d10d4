import { expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { expiry } from "../../../src/processes/expiry.ts";
import { caller, newKey, profile, text } from "../../support/cast.ts";
import { world } from "../../support/world.ts";

const running = () => new AbortController().signal;
const MINUTE_S = 60;

async function scene() {
  let time = Date.UTC(2024, 0, 2);
  const now = () => new Date(time);
  const made = world({ now });
  for (const user of ["ann", "bob"]) await made.commands.register(caller(user), profile(user));
  await made.catchUp();
  return {
    ...made,
    pass: (seconds: number) => void (time += seconds * 1_000),
    send: async (expiresAfterSeconds: number) => {
      const { message } = await made.commands.sendMessage(caller("ann"), text({ userId: "bob" }, { expiresAfterSeconds }));
      await made.catchUp();
      return message.seq;
    },
    process: () =>
      dueProcess(expiry({ expiries: made.views.expiries, commands: made.commands }), {
        watermark: { ...made.watermark, reached: async () => made.catchUp().then(() => true) },
        begun: made.log.origin,
        now,
        warn: (message, detail) => {
          throw new Error(`${message}: ${detail}`);
        },
      }),
    /** What happened to a message. */
    annotations: async (seq: number) =>
      (await made.log.read(streams.annotation("d:ann~bob", seq), 0, "forwards", 100)).map(({ type }) => type),
  };
}

test("a message expires once when its time is over, whoever looks how often", async () => {
  const here = await scene();
  const seqs = [await here.send(MINUTE_S), await here.send(2 * MINUTE_S)] as const;
  await here.process().look(running());
  expect(await here.annotations(seqs[0])).toEqual([]);
  here.pass(MINUTE_S);
  await Promise.all(Array.from({ length: 5 }, () => here.process().look(running())));
  await here.process().look(running());
  expect(await here.annotations(seqs[0])).toEqual(["MessageExpired"]);
  expect(await here.annotations(seqs[1])).toEqual([]);
  const row = await here.views.timelines.message("d:ann~bob", seqs[0]);
  expect(row).toMatchObject({ text: null, expired: true });
});

test("one that was recalled stays as it is", async () => {
  const here = await scene();
  const seq = await here.send(MINUTE_S);
  await here.commands.recallMessage(caller("ann"), { clientMutationId: newKey(), conversationId: "d:ann~bob", seq });
  here.pass(MINUTE_S);
  // Also where the rows of the process do not know of it yet.
  await here.commands.expireMessage({ conversation: "d:ann~bob", seq });
  await here.process().look(running());
  expect(await here.annotations(seq)).toEqual(["MessageRecalled"]);
});

test("many expire in one look", async () => {
  const here = await scene();
  const seqs: number[] = [];
  for (let count = 0; count < 100; count++) seqs.push(await here.send(MINUTE_S));
  here.pass(MINUTE_S);
  const process = here.process();
  await process.look(running());
  expect(process.state()).toEqual({ name: "expiry", lateMs: 0, done: 100 });
  for (const seq of seqs) expect(await here.annotations(seq)).toEqual(["MessageExpired"]);
});
