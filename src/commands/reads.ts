import type { EventData } from "../domain/events.ts";
import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import { newEvent } from "./append.ts";
import type { Caller, Commands, MarkAllReadInput, MessageInput } from "./commands.ts";
import { type CommandContext, stamp } from "./context.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";
import { requireMember } from "./rights.ts";

const READ_PAGE = 500;

/**
 * How far members have read. The stream of a mark is not loaded: the highest mark wins in every fold, so a mark that is stored
 * twice does no harm.
 */
export function readCommands(context: CommandContext): Pick<Commands, "markRead" | "markAllRead"> {
  const { append, backpressure, granted, grants, log, views, watermark } = context;

  const idOf = ({ userId }: Caller, { conversationId, clientMutationId }: MessageInput): { stream: string; id: string } => {
    const stream = streams.reader(userId, conversationId);
    return { stream, id: eventId(stream, userId, clientMutationId, 0) };
  };

  /**
   * The position of a mark that the same call set before. It is searched for among the newest marks. For an older mark, it is
   * enough that the rows hold at least what it asked for, because marks only rise.
   */
  const firstMark = async (caller: Caller, input: MessageInput): Promise<Position | undefined> => {
    const { stream, id } = idOf(caller, input);
    const seen = watermark.current();
    const newest = await log.read(stream, Number.MAX_SAFE_INTEGER, "backwards", READ_PAGE);
    const found = newest.find((event) => event.id === id);
    if (found || newest.length < READ_PAGE) return found?.position;
    return (await views.readMarks.mark(caller.userId, input.conversationId)) >= input.seq ? seen : undefined;
  };

  /**
   * Throws if the caller may not mark this, unless the same call did so before: then it gives the position of that mark. The
   * stream was not loaded, so a repeat is searched for only if the call would be refused otherwise.
   */
  const allowed = async (caller: Caller, input: MessageInput, field: string): Promise<Position | undefined> => {
    try {
      await granted(async () => {
        await context.registered.require(caller.userId);
        await requireMember(context, caller, input.conversationId, field);
      });
      return undefined;
    } catch (error) {
      const first = error instanceof Refusal && error.code !== "UNAVAILABLE" ? await firstMark(caller, input) : undefined;
      if (first === undefined) throw error;
      return first;
    }
  };

  const mark = (caller: Caller, input: MessageInput, field: string): Promise<Position> =>
    grants.holding(input.conversationId, caller.userId, async () => {
      const first = await allowed(caller, input, field);
      if (first !== undefined) return first;
      const { conversationId, seq } = input;
      // Marks only rise: a mark that the rows hold already need not be stored again.
      const seen = watermark.current();
      if ((await views.readMarks.mark(caller.userId, conversationId)) >= seq) return seen;
      const { stream, id } = idOf(caller, input);
      const data: EventData<"ReadUpTo"> = { userId: caller.userId, conversationId, seq };
      try {
        const { position } = await append(stream, [newEvent(id, "ReadUpTo", data, stamp(context, caller, input))], "any");
        return position;
      } catch (error) {
        throw error instanceof Unavailable ? unavailable(error) : error;
      }
    });

  return {
    markRead: (caller, input) => backpressure.held(async () => ({ position: await mark(caller, input, "conversationId") })),

    markAllRead: (caller, { clientMutationId, reads }) =>
      backpressure.held(async () => {
        const marks = distinct(reads).map(({ index, ...read }) => ({
          input: { ...read, clientMutationId },
          field: `reads.${index}.conversationId`,
        }));
        // Before the first one is stored, so that a call that is refused has marked nothing.
        for (const { input, field } of marks) await allowed(caller, input, field);
        const positions = await Promise.all(marks.map(({ input, field }) => mark(caller, input, field)));
        return { position: positions.reduce((last, position) => (position > last ? position : last)) };
      }),
  };
}

/** Each conversation once, with its highest seq. `index`: where it stands first in the input. */
function distinct(reads: MarkAllReadInput["reads"]): { conversationId: string; seq: number; index: number }[] {
  const found = new Map<string, { conversationId: string; seq: number; index: number }>();
  for (const [index, { conversationId, seq }] of reads.entries()) {
    const known = found.get(conversationId);
    if (known) known.seq = Math.max(known.seq, seq);
    else found.set(conversationId, { conversationId, seq, index });
  }
  return [...found.values()];
}
