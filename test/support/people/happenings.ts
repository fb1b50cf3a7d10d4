import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { expiry } from "../../../src/processes/expiry.ts";
import { scheduledSends } from "../../../src/processes/scheduledSends.ts";
import { scheduleIdOf } from "../../../src/domain/ids.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import type { ApiWorld } from "../apiWorld.ts";
import { BEGUN_MS, DAY_MS } from "./days.ts";
import type { Happening } from "./schedules.ts";

/** Lets days pass in a world. What is due then is done as a server does that has just been started, and is told. */
export function passing(world: ApiWorld<ViewStore>): (days: number) => Promise<Happening[]> {
  let day = 0;
  return async (days) => {
    await world.caughtUp();
    const { log, services, commands } = world;
    const { views, watermark, now } = services;
    day += days;
    world.pass(days * DAY_MS);
    const inDay = world.time() - BEGUN_MS - day * DAY_MS;
    if (inDay < 0 || inDay > DAY_MS / 2) throw new Error("a day has not as many seconds as its commands take");
    const before = await log.end();
    const failed = () => undefined;
    const warn = (message: string, detail: string) => {
      throw new Error(`${message}: ${detail}`);
    };
    const options = { watermark, begun: log.origin, now, warn };
    const { signal } = new AbortController();
    const sends = dueProcess(scheduledSends({ schedules: views.schedules, commands, failed }), options);
    const expiries = dueProcess(expiry({ expiries: views.expiries, commands }), options);
    await Promise.all([sends.look(signal), expiries.look(signal)]);
    await world.caughtUp();
    const { events } = await log.readAll(before, Number.MAX_SAFE_INTEGER);
    return events.flatMap((event) => happeningOf(event) ?? []);
  };
}

function happeningOf(recorded: RecordedEvent): Happening | undefined {
  const event = parseEvent(recorded);
  switch (event?.type) {
    case "MessageSent": {
      const { senderId, clientMutationId, conversationId: conversation, text } = event.data;
      return { what: "sent", id: scheduleIdOf(senderId, clientMutationId), conversation, text: text ?? "" };
    }
    case "ScheduleFailed":
      return { what: "failed", id: scheduleIdOf(event.data.userId, event.data.id), code: event.data.code };
    case "MessageExpired":
      return { what: "expired", conversation: event.data.conversationId, seq: event.data.seq };
    default:
      return undefined;
  }
}
