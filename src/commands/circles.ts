import { randomUUID } from "node:crypto";
import { decider as circleDecider } from "../domain/circle.ts";
import type { EventData } from "../domain/events.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { laterOf, type Position } from "../ports/eventStore.ts";
import type { Stamp } from "./append.ts";
import type { CircleSteps, Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";

/** The actor of what makes a conversation equal. It is no user id, so that no user's events get the same ids. */
const COMPLETION = "~circle";

/** An event may hold thousands of ids. */
const READ_PAGE = 4;

/** What a business says of its people. The conversation of a circle follows it: the circle is decided first, then its group. */
export function circleCommands(context: CommandContext): Pick<Commands, "putCircle"> & CircleSteps {
  const { handle, fresh, inForce, log } = context;

  /** A circle as the log has it now. */
  const circleNow = async (circleId: string): Promise<EventData<"CirclePut"> | undefined> => {
    for (let from = Number.MAX_SAFE_INTEGER; ;) {
      const page = await log.read(streams.circle(circleId), from, "backwards", READ_PAGE);
      for (const stored of page) {
        const event = parseEvent(stored);
        if (event?.type === "CirclePut") return event.data;
      }
      const last = page[page.length - 1];
      if (page.length < READ_PAGE || last === undefined || last.revision === 0) return undefined;
      from = last.revision - 1;
    }
  };

  /**
   * Makes the circle's conversation equal to the circle. Each append rests on the circle as it is when it is decided, and is
   * decided again after a conflict. So the last circle wins, whoever else puts it at the same moment.
   */
  const equalise = async (circleId: string, groupId: string, by: Stamp): Promise<Position> => {
    for (;;) {
      const { events, position } = await handle({
        ...by,
        // What is to be done follows from the two streams. A repeat finds it done.
        clientMutationId: randomUUID(),
        correlationId: by.correlationId ?? by.clientMutationId,
        stream: streams.group(groupId),
        decider: groupDecider,
        commandOf: async () => {
          const circle = await circleNow(circleId);
          const { name: title = "", kind: category = "", memberIds = [] } = circle ?? {};
          return { type: "Equal" as const, groupId, title, category, memberIds };
        },
      });
      if (events.length === 0) return position;
    }
  };

  /**
   * The same, and then the circle's own stream says so, unless the circle was put again meanwhile: then it is done again. A call
   * that was cut off is completed by the server (src/processes). `revision`: of the event that put the circle. Answers once those
   * who went have no rights there.
   */
  const complete = async (circleId: string, revision: number, by: Stamp): Promise<Position> => {
    let equalAt: Position = "";
    const { position, state } = await handle({
      ...by,
      actorId: COMPLETION,
      clientMutationId: `${revision}`,
      correlationId: by.correlationId ?? by.clientMutationId,
      stream: streams.circle(circleId),
      decider: circleDecider,
      commandOf: async (circle) => {
        const groupId = circle?.put.conversationId;
        if (groupId) equalAt = await equalise(circleId, groupId, by);
        return { type: "Equalised" as const, circleId };
      },
    });
    const last = laterOf(position, equalAt);
    if (state?.put.conversationId) await inForce(last, state.put.conversationId, "everyone");
    return last;
  };

  return {
    putCircle: async (caller, { clientMutationId, circleId, ...circle }) => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
      const by = stamp(context, caller, { clientMutationId });
      const { position, revision, state } = await handle({
        ...by,
        stream: streams.circle(circleId),
        decider: circleDecider,
        command: { type: "Put", circleId, ...circle },
        reversible: true,
        before: () => fresh(() => context.registered.requireAll(circle.memberIds, "memberIds")),
      });
      if (!state?.put.conversationId) return { position };
      const equalAt = await complete(circleId, revision, by);
      return { position: laterOf(position, equalAt) };
    },

    completeCircle: async ({ circle, revision, by }) => {
      const clientMutationId = `${circle}/${revision}`;
      const position = await complete(circle, revision, { actorId: by, clientMutationId, at: context.now().toISOString() });
      return { position };
    },
  };
}
