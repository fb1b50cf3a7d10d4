import { randomUUID } from "node:crypto";
import { decider as circleDecider, type State as Circle } from "../domain/circle.ts";
import { decider as groupDecider } from "../domain/group.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Stamp } from "./append.ts";
import type { Commands } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";

/** An event may hold thousands of ids. */
const READ_PAGE = 4;

/** What a business says of its people. The conversation of a circle follows it: the circle is decided first, then its group. */
export function circleCommands(context: CommandContext): Pick<Commands, "putCircle"> {
  const { handle, fresh, inForce, log } = context;

  /** A circle as the log has it now. */
  const circleNow = async (circleId: string): Promise<Circle> => {
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
   * decided again after a conflict. So the last circle wins, whoever else puts it at the same moment. A call that was cut off is
   * completed by the next one.
   */
  const equalise = async (circleId: string, groupId: string, by: Stamp): Promise<Position> => {
    const removed = new Set<string>();
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
      for (const event of events) if (event.type === "MemberRemoved") removed.add(event.data.userId);
      if (events.length > 0) continue;
      await inForce(position, groupId, [...removed]);
      return position;
    }
  };

  return {
    putCircle: async (caller, { clientMutationId, circleId, ...circle }) => {
      if (!caller.admin) throw new Refusal("FORBIDDEN", "this needs a token with the scope admin");
      const by = stamp(context, caller, { clientMutationId });
      const { position, state } = await handle({
        ...by,
        stream: streams.circle(circleId),
        decider: circleDecider,
        command: { type: "Put", circleId, ...circle },
        reversible: true,
        before: () => fresh(() => context.registered.requireAll(circle.memberIds, "memberIds")),
      });
      if (!state?.conversationId) return { position };
      const equal = await equalise(circleId, state.conversationId, by);
      return { position: equal > position ? equal : position };
    },
  };
}
