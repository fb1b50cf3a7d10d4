import { describe, expect, test } from "vitest";
import type { Commands, SendingSteps } from "../../../src/commands/commands.ts";
import { streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { scheduledSends } from "../../../src/processes/scheduledSends.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { type World, world } from "../../support/world.ts";

const MINUTE = 60_000;
const running = () => new AbortController().signal;

/** A world whose clock stands still until it is moved, with ann and bob in it. */
async function scene(options: { lazy?: boolean } = {}) {
  let time = Date.UTC(2024, 0, 2);
  const now = () => new Date(time);
  const made = world({ now, ...options });
  for (const user of ["ann", "bob"]) await made.commands.register(caller(user), profile(user));
  await made.catchUp();
  const warnings: string[] = [];
  const failures: string[] = [];
  return {
    ...made,
    now,
    pass: (ms: number) => void (time += ms),
    warnings,
    failures,
    /** `after`: from now, in milliseconds. */
    schedule: async (after: number, more: { conversationId?: string; text?: string } = {}) => {
      const clientMutationId = newKey();
      const { conversationId = null, text = "later" } = more;
      await made.commands.scheduleMessage(caller("ann"), {
        clientMutationId,
        conversationId,
        userId: conversationId === null ? "bob" : null,
        sendAt: new Date(time + after).toISOString(),
        kind: "TEXT",
        topic: null,
        text,
        attachments: [],
      });
      await made.catchUp();
      const waiting = await made.views.schedules.scheduledOf("ann", false);
      return waiting.find((row) => row.text === text)?.id ?? "";
    },
    /** A process of a server that has just started. `reached`: waits for the views. */
    process: (
      commands: Partial<Commands & SendingSteps> = {},
      reached: () => Promise<boolean> = async () => made.catchUp().then(() => true),
    ) =>
      dueProcess(
        scheduledSends({
          schedules: made.views.schedules,
          commands: { ...made.commands, ...commands },
          failed: (id, code) => void failures.push(`${id} ${code}`),
        }),
        {
          watermark: { ...made.watermark, reached },
          begun: made.log.origin,
          now,
          warn: (message, detail) => void warnings.push(`${message}: ${detail}`),
        },
      ),
  };
}

const sentIn = async (of: Pick<World, "events">) => (await of.events()).filter(({ type }) => type === "MessageSent");
const textsOf = (events: readonly RecordedEvent[]) => events.map(({ data }) => (data as { text: string }).text);
const typesOf = async ({ log }: Pick<World, "log">) =>
  (await log.read(streams.schedule("ann"), 0, "forwards", 1_000)).map(({ type }) => type);

describe("a message whose time has come", () => {
  test("is sent once, as its sender's, at that time", async () => {
    const here = await scene();
    const id = await here.schedule(MINUTE);
    const process = here.process();
    await process.look(running());
    expect(await sentIn(here)).toEqual([]);
    here.pass(MINUTE);
    await process.look(running());
    await process.look(running());
    const sent = await sentIn(here);
    expect(sent).toMatchObject([
      {
        stream: "conversation-d:ann~bob",
        data: { senderId: "ann", clientMutationId: id, text: "later" },
        metadata: { actorId: "ann", at: here.now().toISOString() },
      },
    ]);
    expect(await typesOf(here)).toEqual(["MessageScheduled", "ScheduleBegun", "ScheduleSent"]);
    expect(await here.views.schedules.scheduledOf("ann", false)).toEqual([]);
    expect(process.state()).toEqual({ name: "scheduled sends", lateMs: 0, done: 1 });
  });

  test("is sent after those of the same sender that were due before it, however late all of them are", async () => {
    const here = await scene();
    for (const [after, text] of [
      [3, "three"],
      [1, "one"],
      [2, "two"],
    ] as const)
      await here.schedule(after * MINUTE, { text });
    here.pass(24 * 60 * MINUTE);
    await here.process().look(running());
    expect(textsOf(await sentIn(here))).toEqual(["one", "two", "three"]);
  });

  test("leaves unread what its sender has not read, and is not unread to them", async () => {
    const here = await scene();
    const send = (from: string, to: string) =>
      here.commands.sendMessage(caller(from), text({ userId: to }, { clientMutationId: newKey() }));
    await here.schedule(MINUTE);
    await send("bob", "ann");
    here.pass(MINUTE);
    await here.process().look(running());
    await send("bob", "ann");
    await here.catchUp();
    const unread = () => here.views.readMarks.unread("ann", "d:ann~bob", 0);
    expect(await unread()).toEqual({ readSeq: 0, unreadCount: 2 });
    await here.commands.recallMessage(caller("ann"), { clientMutationId: newKey(), conversationId: "d:ann~bob", seq: 2 });
    await here.catchUp();
    expect(await unread()).toEqual({ readSeq: 0, unreadCount: 2 });
    await here.commands.markRead(caller("ann"), { clientMutationId: newKey(), conversationId: "d:ann~bob", seq: 2 });
    await here.catchUp();
    expect(await unread()).toEqual({ readSeq: 2, unreadCount: 1 });
    expect(await here.views.readMarks.unread("bob", "d:ann~bob", 0)).toEqual({ readSeq: 3, unreadCount: 0 });
  });

  test("is not sent if it was cancelled", async () => {
    const here = await scene();
    const id = await here.schedule(MINUTE);
    await here.commands.cancelScheduled(caller("ann"), { clientMutationId: newKey(), user: "ann", id });
    here.pass(MINUTE);
    // The rows of this process do not know of it.
    await here.process().look(running());
    await here.catchUp();
    await here.process().look(running());
    expect(await sentIn(here)).toEqual([]);
  });

  test("says how long to wait for the next one", async () => {
    const here = await scene();
    const process = here.process();
    expect(await process.look(running())).toBe(1_000);
    await here.schedule(MINUTE);
    expect(await process.look(running())).toBe(1_000);
    here.pass(MINUTE - 300);
    expect(await process.look(running())).toBe(300);
  });
});

describe("a crash", () => {
  /** What the steps are, in their order, and a way to fail before or after each. */
  const steps = ["beginSending", "sendMessage", "noteSent"] as const;
  const cases = steps.flatMap((step) => (["before", "after"] as const).map((when) => ({ step, when })));

  test.each(cases)("$when $step leaves one message, once another server goes on", async ({ step, when }) => {
    const here = await scene();
    await here.schedule(MINUTE);
    here.pass(MINUTE);
    const crashing = async (...of: never[]): Promise<never> => {
      if (when === "after") await (here.commands[step] as (...given: never[]) => Promise<unknown>)(...of);
      throw new Unavailable("it crashed", "unknown");
    };
    const crashed = here.process({ [step]: crashing });
    await crashed.look(running());
    expect(crashed.state()).toMatchObject({ done: 0, trouble: "it crashed" });
    here.pass(500);
    await here.process().look(running());
    await here.process().look(running());
    expect(textsOf(await sentIn(here))).toEqual(["later"]);
    expect(await typesOf(here)).toEqual(["MessageScheduled", "ScheduleBegun", "ScheduleSent"]);
  });

  test("after the message was stored leaves it sent, even if its sender has lost the right since", async () => {
    const here = await scene();
    const { conversationId } = await here.commands.createConversation(caller("bob"), group({ memberIds: ["ann"] }));
    await here.catchUp();
    await here.schedule(MINUTE, { conversationId });
    here.pass(MINUTE);
    const noteSent = async (): Promise<never> => Promise.reject(new Unavailable("it crashed"));
    await here.process({ noteSent }).look(running());
    await here.commands.removeMembers(caller("bob"), { clientMutationId: newKey(), conversationId, userIds: ["ann"] });
    await here.process().look(running());
    expect(await sentIn(here)).toHaveLength(1);
    expect(await typesOf(here)).toEqual(["MessageScheduled", "ScheduleBegun", "ScheduleSent"]);
  });
});

describe("at the same time", () => {
  test("many servers send a message once", async () => {
    const here = await scene();
    await here.schedule(MINUTE);
    here.pass(MINUTE);
    await Promise.all(Array.from({ length: 10 }, () => here.process().look(running())));
    expect(await sentIn(here)).toHaveLength(1);
    expect(await typesOf(here)).toEqual(["MessageScheduled", "ScheduleBegun", "ScheduleSent"]);
  });

  test("a message is either sent or cancelled, and who cancels is told which", async () => {
    const here = await scene();
    const ids: string[] = [];
    for (let count = 0; count < 50; count++) ids.push(await here.schedule(MINUTE, { text: `${count}` }));
    here.pass(MINUTE);
    const looking = here.process().look(running());
    const outcomes = await Promise.all(
      ids.map(async (id, index) => {
        // Some of them later than others.
        for (let wait = 0; wait < index * 20; wait++) await Promise.resolve();
        return here.commands.cancelScheduled(caller("ann"), { clientMutationId: newKey(), user: "ann", id }).then(
          () => "cancelled",
          (error: Refusal) => error.code,
        );
      }),
    );
    await looking;
    await here.process().look(running());
    const sent = new Set(textsOf(await sentIn(here)));
    for (const [index, outcome] of outcomes.entries()) {
      expect(["cancelled", "CONFLICT", "NOT_FOUND"]).toContain(outcome);
      expect(sent.has(`${index}`)).toBe(outcome !== "cancelled");
    }
    expect(outcomes).toContain("cancelled");
    expect(sent.size).toBeGreaterThan(0);
    expect(await sentIn(here)).toHaveLength(sent.size);
  });
});

describe("a sender who may no longer send", () => {
  test("sends nothing, and finds the message among those that failed", async () => {
    const here = await scene();
    const id = await here.schedule(MINUTE);
    await here.commands.block(caller("bob"), { clientMutationId: newKey(), userId: "ann", on: true });
    await here.catchUp();
    here.pass(MINUTE);
    const process = here.process();
    await process.look(running());
    expect(await sentIn(here)).toEqual([]);
    expect(here.failures).toEqual([`${id} FORBIDDEN`]);
    expect(await here.views.schedules.scheduledOf("ann", false)).toEqual([]);
    expect(await here.views.schedules.scheduledOf("ann", true)).toMatchObject([{ id, failure: { code: "FORBIDDEN" } }]);
    // It is over, also once they may again.
    await here.commands.block(caller("bob"), { clientMutationId: newKey(), userId: "ann", on: false });
    await here.catchUp();
    await process.look(running());
    expect(await sentIn(here)).toEqual([]);
    await here.commands.cancelScheduled(caller("ann"), { clientMutationId: newKey(), user: "ann", id });
    await here.catchUp();
    expect(await here.views.schedules.scheduledOf("ann", true)).toEqual([]);
  });

  test("does not fail because a server behind is away, or too much is going on", async () => {
    const here = await scene();
    await here.schedule(MINUTE);
    here.pass(MINUTE);
    const faults: Error[] = [
      new Refusal("UNAVAILABLE", "later"),
      new Refusal("RATE_LIMITED", "later"),
      new Unavailable("the log is away"),
    ];
    const waits: number[] = [];
    const process = here.process({
      sendMessage: (...of) => {
        const fault = faults.shift();
        return fault ? Promise.reject(fault) : here.commands.sendMessage(...of);
      },
    });
    while (faults.length > 0) {
      waits.push(await process.look(running()));
      here.pass(1_000);
      expect(process.state().trouble).toMatch(/later|the log is away/);
    }
    for (const wait of waits) expect(wait).toBeGreaterThan(0);
    expect(process.state().lateMs).toBeGreaterThanOrEqual(2_000);
    await process.look(running());
    expect(await sentIn(here)).toHaveLength(1);
    expect(process.state()).toMatchObject({ lateMs: 0, done: 1 });
    expect(process.state().trouble).toBeUndefined();
    expect(here.warnings).toEqual([]);
  });
});

describe("a log that is away", () => {
  test("is asked once for all that a sender has due, and their messages keep their order", async () => {
    const here = await scene();
    for (const [after, text] of [
      [2, "two"],
      [1, "one"],
      [3, "three"],
    ] as const)
      await here.schedule(after * MINUTE, { text });
    here.pass(4 * MINUTE);
    let isAway = true;
    const asked: (string | null)[] = [];
    const process = here.process({
      sendMessage: (by, input) => {
        asked.push(input.text);
        return isAway ? Promise.reject(new Unavailable("the log is away")) : here.commands.sendMessage(by, input);
      },
    });
    await process.look(running());
    expect(asked).toEqual(["one"]);
    expect(process.state()).toEqual({ name: "scheduled sends", lateMs: 3 * MINUTE, done: 0, trouble: "the log is away" });
    isAway = false;
    await process.look(running());
    expect(textsOf(await sentIn(here))).toEqual(["one", "two", "three"]);
    expect(process.state()).toEqual({ name: "scheduled sends", lateMs: 0, done: 3 });
  });
});

test("views that stand still make nothing be sent twice", async () => {
  const here = await scene({ lazy: false });
  await here.schedule(MINUTE, { text: "one" });
  await here.schedule(2 * MINUTE, { text: "two" });
  here.pass(2 * MINUTE);
  const process = here.process({}, async () => false);
  for (let look = 0; look < 3; look++) await process.look(running());
  expect(await here.views.schedules.scheduledOf("ann", false)).toHaveLength(2);
  expect(textsOf(await sentIn(here))).toEqual(["one", "two"]);
  expect((await typesOf(here)).sort()).toEqual(
    ["MessageScheduled", "ScheduleBegun", "ScheduleSent"].flatMap((type) => [type, type]),
  );
});

test("rows that are folded anew send nothing", async () => {
  const here = await scene();
  for (const text of ["one", "two", "three"]) await here.schedule(MINUTE, { text });
  here.pass(MINUTE);
  await here.process().look(running());
  const before = await here.events();
  // A server that has only begun to fold: its rows hold messages as waiting that were sent long ago.
  const behind = world({ log: here.log, now: here.now, pageEvents: 1 });
  for (let step = 0; step < before.length; step++) {
    await behind.catchUp();
    await dueProcess(scheduledSends({ schedules: behind.views.schedules, commands: behind.commands, failed: () => undefined }), {
      watermark: behind.watermark,
      begun: here.log.origin,
      now: here.now,
      warn: () => undefined,
    }).look(running());
  }
  expect(await here.events()).toEqual(before);
});

test("one that cannot be done for a reason of its own keeps no other one waiting", async () => {
  const here = await scene();
  await here.schedule(MINUTE, { text: "broken" });
  await here.schedule(2 * MINUTE, { text: "sound" });
  here.pass(2 * MINUTE);
  const process = here.process({
    sendMessage: (by, input) =>
      input.text === "broken" ? Promise.reject(new Error("a bug")) : here.commands.sendMessage(by, input),
  });
  for (let look = 0; look < 5; look++) await process.look(running());
  expect(textsOf(await sentIn(here))).toEqual(["sound"]);
  expect(here.warnings).toEqual([
    expect.stringMatching(/^scheduled sends: something that is due cannot be done; trying again: Error: a bug\n +at /),
  ]);
  expect(process.state()).toMatchObject({ lateMs: MINUTE, trouble: "a bug" });
  here.pass(10_000);
  await here.process().look(running());
  expect(textsOf(await sentIn(here))).toEqual(["sound", "broken"]);
});
