import { setImmediate as others, setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { FoldReads } from "../../projections/folds.ts";
import type { Decider } from "../domain/decider.ts";
import { type Event as DomainEvent, events as schemas } from "../domain/events.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { EventStore, NewEvent, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../ports/faults.ts";
import { backoffMs } from "../ports/backoff.ts";
import { appending, type AppendOptions, newEvent, type Stamp } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import { commandLookup, isOfOneCommand } from "./commandLookup.ts";
import { eventId } from "./eventId.ts";
import { unavailable } from "./refusals.ts";
import { bytesOf, emptyFold, foldIn, forgetCommands, isNothing, leap, type Place, type StreamFold } from "./streamFold.ts";
import { turns } from "./turns.ts";

export type HandlerOptions = AppendOptions & {
  log: EventStore;
  /** Holds commands back while the views are far behind the log. */
  backpressure?: Pick<Backpressure, "held" | "appended">;
  /**
   * The folds as rows. The parts of a long stream that are not kept in memory are looked up there. Without these rows, everything
   * is kept in memory.
   */
  folds?: Pick<FoldReads, "snapshot" | "knownTo" | "revisionOf">;
  /** How many bytes all folds in memory may take together. A fold that is larger than that is kept alone. */
  maxBytes?: number;
  /** How many of a stream's newest commands are known without a look-up. */
  commandsKept?: number;
};

/** One command on one stream. A stream has only one `decider`: every call passes the same object. */
export type Handling<State, Command, Event extends DomainEvent> = Call<State, Command, Event> & Asked<State, Command>;

type Asked<State, Command> =
  | {
      command: Command;
      /**
       * Checks what must be true before the command is decided: rights, claims. It does not run for a repeated command. May throw
       * a `Refusal`. After a conflict the command is decided again, and this runs again. Other commands on the stream wait
       * meanwhile, so this must not run one itself.
       */
      before?: (state: State) => Awaitable<void>;
    }
  /** The same, for a command whose content is known only at that time. */
  | { command?: undefined; commandOf: (state: State) => Awaitable<Command> };

/**
 * `actorId` and `clientMutationId` identify the command on this stream. A call that makes two commands needs two different pairs.
 */
type Call<State, Command, Event extends DomainEvent> = Stamp & {
  /** The id of the command's only event, where it has one already. It identifies the command then. */
  id?: string;
  stream: string;
  decider: Decider<State, Command, Event>;
  /** The command makes something new. The same `clientMutationId` with other input is a CONFLICT. */
  creates?: boolean;
  /**
   * The same, where the command depends on more than the input: whether these events, which the call made the first time, are
   * what its input asks for.
   */
  isSame?: (events: readonly Event[]) => boolean;
  /**
   * Another command can undo this one. If the stream already is as the command wants it, that is stored too, as `NothingChanged`.
   * So a repeat changes nothing even after another command has undone it.
   */
  reversible?: boolean;
};

export type Handled<State, Event> = {
  /** From this position on, everything that the command did (or found done) is true. */
  position: Position;
  /**
   * The revision of the command's last event. If the command made none: the revision of the stream's last event, or -1 for an
   * empty stream.
   */
  revision: number;
  /** The state now. The place of a repeated command may lie before it. */
  state: State;
  /** What the command made happen, now or the first time. */
  events: Event[];
  /** The command had been handled before. */
  repeated: boolean;
};

export type Handle = <State, Command, Event extends DomainEvent>(
  call: Handling<State, Command, Event>,
) => Promise<Handled<State, Event>>;

const READ_PAGE = 500;
const CONFLICTS = 12;
const REPEAT_MS = 5_000;
const COMMANDS_KEPT = 1_000;
const FOLDS_BYTES = 67_108_864;
/** More than the longest name of a stream takes. */
const NAME_BYTES = 1_024;

/** Used if nothing tells how far the views are. */
const NO_BACKPRESSURE: Pick<Backpressure, "held"> = { held: (work) => work() };

/**
 * Handles a command: loads a stream's fold, decides, appends. The ids of its events identify the command, so that it is done
 * once. A decision always rests on the whole stream: the rest of the stream is read first, and the append expects exactly that
 * revision. Throws the decider's `Refusal`s, CONFLICT as described at `creates`, and UNAVAILABLE if the log is away or too many
 * others write to the stream.
 */
export function commandHandler(options: HandlerOptions): Handle {
  const { log, folds: rows, maxBytes = FOLDS_BYTES, commandsKept = COMMANDS_KEPT } = options;
  const { sleep = delay, backpressure = NO_BACKPRESSURE } = options;
  const append = appending({ repeatMs: REPEAT_MS, ...options });
  const folds = byteCache<StreamFold<unknown>>(maxBytes, (fold) => Math.min(maxBytes - NAME_BYTES, bytesOf(fold)));
  const inTurn = turns();
  const earlierCommand = commandLookup(log, rows);

  return (call) => backpressure.held(() => inTurn(call.stream, () => telling(() => handleNow(call))));

  async function handleNow<State, Command, Event extends DomainEvent>(
    call: Handling<State, Command, Event>,
  ): Promise<Handled<State, Event>> {
    const { stream, decider, actorId, clientMutationId } = call;
    const id = call.id ?? eventId(stream, actorId, clientMutationId, 0);
    for (let conflicts = 0; ; conflicts++) {
      const fold = await current(stream, decider);
      const place =
        fold.commands.get(id) ?? (fold.commandsFrom > 0 ? await earlierCommand(stream, fold.commandsFrom, id) : undefined);
      if (place) return repeat(call, fold.state, place);
      const { state, revision, position } = fold;
      const events = decider.decide(state, (await commandOf<State, Command>(call, state)) as Command).map(readable);
      const nothing = events.length === 0;
      if (nothing && !call.reversible)
        return { position: position ?? (await log.end()), revision, state, events: [], repeated: false };
      const fresh = (nothing ? [NOTHING] : events).map(({ type, data }, index) =>
        newEvent(index === 0 ? id : eventId(stream, actorId, clientMutationId, index), type, data, call),
      );
      try {
        const appended = await append(stream, fresh, revision);
        const other = appended.positions ? undefined : await storedInstead(call, fresh, revision + 1);
        if (other) return other;
        // The kept fold is made only from events that were read from the log. The next command reads these events back.
        const after = events.reduce(decider.evolve, state);
        return { position: appended.position, revision: appended.revision, state: after, events, repeated: false };
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (conflicts >= CONFLICTS)
          throw new Refusal("UNAVAILABLE", "too many callers change this at once: try again", {
            retryAfterMs: 500,
            cause: error,
          });
        // The first conflict is with a write that is already complete: only later ones are worth a wait.
        if (conflicts > 0) await sleep(backoffMs(conflicts - 1));
      }
    }
  }

  /**
   * Detects that another node handled this command first. This can happen if the log does not tell each event's position: then it
   * is a server that other nodes write to as well, and it accepts events by their ids. Another node may have received this
   * command at the same moment, with other input. Then that node's result counts as the first one, and is returned. Returns
   * undefined if the stored events are the ones that were appended here.
   */
  async function storedInstead<State, Command, Event extends DomainEvent>(
    call: Handling<State, Command, Event>,
    events: readonly NewEvent[],
    from: number,
  ): Promise<Handled<State, Event> | undefined> {
    const { stream, decider } = call;
    const [first] = events as [NewEvent];
    try {
      const stored = await log.read(stream, from, "forwards", events.length + 1);
      const next = stored[events.length];
      const isLonger = next !== undefined && isOfOneCommand(next, first);
      if (!isLonger && events.every((event, index) => isSame(event, stored[index]))) return undefined;
      const { state, commands, commandsFrom } = await current(stream, decider);
      const place = commands.get(first.id) ?? (await earlierCommand(stream, commandsFrom, first.id));
      if (!place) throw new Error(`${stream} does not have ${first.id}, which was stored`);
      return await repeat(call, state, place);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      throw new Unavailable(error.message, "unknown", { cause: error });
    }
  }

  /** The fold of a stream, read on to the stream's present end. */
  async function current<State, Command, Event extends DomainEvent>(
    stream: string,
    decider: Decider<State, Command, Event>,
  ): Promise<StreamFold<State>> {
    const kept = folds.get(stream);
    const fold = kept?.decider === decider ? (kept as StreamFold<State>) : emptyFold(decider);
    const before = fold.revision;
    let isLong = false;
    try {
      for (;;) {
        const page = await log.read(stream, fold.revision + 1, "forwards", READ_PAGE);
        if (page.length === READ_PAGE && !isLong) {
          isLong = true;
          // Others may have written very many events meanwhile. The rows hold the result of them.
          const snapshot = await rows?.snapshot(stream);
          if (snapshot && snapshot.revision >= fold.revision + READ_PAGE) {
            leap(fold, { ...snapshot, state: (snapshot.state as State | undefined) ?? decider.initial });
            continue;
          }
        }
        for (const event of page) foldIn(fold, decider, event);
        if (rows && fold.commands.size > 2 * commandsKept) forgetCommands(fold, commandsKept);
        if (page.length < READ_PAGE) return fold;
        await others();
      }
    } finally {
      // Also after the log went away in the middle: what was folded so far is kept, and need not be folded again.
      if (fold.revision !== before) weigh(stream, fold);
    }
  }

  /** The cache weighs a value only when it is set. The same value must be deleted first to be weighed again. */
  function weigh(stream: string, fold: StreamFold<unknown>): void {
    folds.delete(stream);
    folds.set(stream, fold);
  }

  /** The first result of a repeated command. */
  async function repeat<State, Command, Event extends DomainEvent>(
    { stream, decider, command, creates, isSame: isAsked }: Handling<State, Command, Event>,
    state: State,
    { first, last, position }: Place,
  ): Promise<Handled<State, Event>> {
    const recorded: RecordedEvent[] = [];
    while (first + recorded.length <= last) {
      const page = await log.read(
        stream,
        first + recorded.length,
        "forwards",
        Math.min(READ_PAGE, last + 1 - first - recorded.length),
      );
      if (page.length === 0) throw new Error(`${stream} ends before revision ${last}`);
      recorded.push(...page);
    }
    const events = recorded.flatMap((event) => {
      const known = parseEvent(event);
      return known && !isNothing(known) ? [{ type: known.type, data: known.data } as unknown as Event] : [];
    });
    const wasAsked = !creates || isDeepStrictEqual(events, command && decidedFirst(decider, command));
    if (!wasAsked || isAsked?.(events) === false)
      throw new Refusal("CONFLICT", "this clientMutationId was used with other input", { field: "clientMutationId" });
    return { position, revision: last, state, events, repeated: true };
  }
}

/** The event that a command leaves if everything was already as it wants it. */
const NOTHING: DomainEvent<"NothingChanged"> = { type: "NothingChanged", data: {} };

async function commandOf<State, Command>(asked: Asked<State, Command>, state: State): Promise<Command> {
  if ("commandOf" in asked) return asked.commandOf(state);
  await asked.before?.(state);
  return asked.command;
}

/** Whether an event was stored as it was appended: the same data at the same time. */
const isSame = (event: NewEvent, stored: NewEvent | undefined): boolean =>
  stored !== undefined &&
  stored.id === event.id &&
  stored.metadata.at === event.metadata.at &&
  isDeepStrictEqual(stored.data, JSON.parse(JSON.stringify(event.data)));

/** Turns the fault of a log that is away into a refusal. */
async function telling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Unavailable ? unavailable(error) : error;
  }
}

/**
 * What the command decides on an empty stream. Undefined if it is refused even there: then its input is different from the first
 * one.
 */
function decidedFirst<State, Command, Event extends DomainEvent>(decider: Decider<State, Command, Event>, command: Command) {
  try {
    return decider.decide(decider.initial, command).map(readable);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * The event in the form in which it will be read again. An unreadable event would stop every fold of its stream for ever. So the
 * command fails instead, because that is a fault in the code.
 */
function readable<Event extends DomainEvent>({ type, data }: Event): Event {
  const parsed = schemas[type].safeParse(JSON.parse(JSON.stringify(data)));
  if (!parsed.success) throw new Error(`${type} was decided with data that its schema refuses: ${parsed.error.message}`);
  return { type, data: parsed.data } as Event;
}
