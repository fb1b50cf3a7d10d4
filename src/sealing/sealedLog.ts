import { streams } from "../domain/ids.ts";
import { divided, personalOf, SEALED, united } from "../domain/personal.ts";
import { type Awaitable, andThen } from "../ports/awaitable.ts";
import type { EventStore, LogPage, NewEvent, RecordedEvent } from "../ports/eventStore.ts";
import { type KeyName, NO_MONTH } from "../ports/keyStore.ts";
import { idsIn, idsOf, opened, seal } from "./sealed.ts";
import type { ContentKey, Found, Vault } from "./vault.ts";

/*
 * The two doors of a log: whatever is appended is sealed, and whatever is read is opened. Nobody behind them sees anything
 * sealed, and nobody who reads the log as it is stored sees anything else.
 */

type Data = Record<string, unknown>;

const sealedIn = (data: unknown): unknown => (typeof data === "object" && data !== null ? (data as Data)[SEALED] : undefined);

/**
 * The event as it was before it was sealed, or as one that is erased. As it is, if its key is not known or does not fit: then
 * `parseEvent` refuses it.
 */
export function openedEvent(event: RecordedEvent, found: Found | undefined): RecordedEvent {
  const sealed = sealedIn(event.data);
  const personal = personalOf(event.type);
  if (!personal || found === undefined || found === "unknown" || typeof sealed !== "string") return event;
  const part = found === "destroyed" ? undefined : opened(found, sealed, event);
  if (part === undefined && found !== "destroyed") return event;
  return { ...event, data: united(personal, event.data as Data, part, event.stream) };
}

/** How events are opened: all of them, or all but those that are erased, which stay as they are stored. */
export type Opens = "all" | "what is there";

function openAll(vault: Vault, opens: Opens, events: RecordedEvent[]): Awaitable<RecordedEvent[]> {
  const openOne = (event: RecordedEvent, found: Found | undefined): RecordedEvent =>
    found === "destroyed" && opens !== "all" ? event : openedEvent(event, found);
  // Of a plain log, nothing more is asked.
  if (!events.some(({ data }) => sealedIn(data) !== undefined)) return events;
  const needed = events.map(({ data }) => idsOf(sealedIn(data)));
  return andThen(vault.ready(), () => {
    const keys = needed.map((ids): Found | undefined => (ids === undefined ? undefined : vault.atHand(ids)));
    const missing = needed.filter((ids, index): ids is string => ids !== undefined && keys[index] === undefined);
    if (missing.length === 0) return events.map((event, index) => openOne(event, keys[index]));
    return andThen(vault.find(missing), (found) =>
      events.map((event, index) => {
        const ids = needed[index];
        return openOne(event, keys[index] ?? (ids === undefined ? undefined : found.get(ids)));
      }),
    );
  });
}

/** A log that is read through a vault. It closes the vault. */
export function readThrough<Log extends Pick<EventStore, "read" | "readAll"> & { close(): Promise<void> }>(
  log: Log,
  vault: Vault,
  opens: Opens = "all",
): Log {
  return {
    ...log,
    read: (...asked: Parameters<EventStore["read"]>) => andThen(log.read(...asked), (events) => openAll(vault, opens, events)),
    readAll: (...asked: Parameters<EventStore["readAll"]>) =>
      andThen(log.readAll(...asked), (page): Awaitable<LogPage> => {
        const events = openAll(vault, opens, page.events);
        if (events === page.events) return page;
        return andThen(events, (all) => ({ ...page, events: all }));
      }),
    close: async () => {
      await log.close();
      await vault.close();
    },
  };
}

/** When it was written, as far as keys go by it: of an event from an archive, when it was written there. */
function monthOf({ data, metadata }: NewEvent): string {
  const { imported } = data as { imported?: { sentAt?: string } };
  return (imported?.sentAt ?? metadata.imported?.at ?? metadata.at).slice(0, 7);
}

type Writers = { ids: readonly string[]; names: readonly KeyName[] };
const NOBODY: Writers = { ids: [], names: [] };

/** How many copies of copies are followed that are plain. Beyond that, whoever made the last one counts as its writer. */
const COPIES = 32;

/**
 * The ids of the keys of whoever wrote what a message is a copy of, or the name of such a key. Nothing: it is no copy. A message
 * is sealed under its sender's key, its conversation's, and then that of its writer, where that is somebody else.
 */
function writersOf(log: Pick<EventStore, "read">, event: NewEvent, month: string, copies = 0): Awaitable<Writers> {
  const { forwardedFrom } = event.data as { forwardedFrom?: { conversationId: string; seq: number } };
  if (event.type !== "MessageSent" || !forwardedFrom) return NOBODY;
  const { conversationId, seq } = forwardedFrom;
  return andThen(log.read(streams.conversation(conversationId), seq - 1, "forwards", 1), ([original]): Awaitable<Writers> => {
    if (!original) return NOBODY;
    const { senderId, forwardedFrom: from } = original.data as { senderId: string; forwardedFrom?: unknown };
    const sealed = idsOf(sealedIn(original.data));
    if (sealed === undefined)
      return from !== undefined && copies < COPIES
        ? writersOf(log, original, month, copies + 1)
        : { ids: [], names: [{ owner: senderId, month }] };
    const [sender = "", , ...writers] = idsIn(sealed);
    return { ids: from !== undefined && writers.length > 0 ? writers : [sender], names: [] };
  });
}

function sealedEvent(log: Pick<EventStore, "read">, vault: Vault, stream: string, event: NewEvent): Awaitable<NewEvent> {
  const personal = personalOf(event.type);
  const parts = personal && divided(personal, event.data);
  if (!personal || !parts) return event;
  const month = monthOf(event);
  const names = personal
    .owners(event.data as never)
    .map(({ id, monthly }): KeyName => ({ owner: id, month: monthly ? month : NO_MONTH }));
  const sealedBy = ({ ids, key }: ContentKey): NewEvent => {
    const { id, type, metadata } = event;
    const { part, rest } = parts;
    rest[SEALED] = seal(key, ids, part, { id, type, stream });
    return { id, type, data: rest, metadata };
  };
  const writers = writersOf(log, event, month);
  if (writers === NOBODY) return andThen(vault.keyFor(names), sealedBy);
  return andThen(writers, (found) => {
    const more = found.names.filter(({ owner }) => !names.some((name) => name.owner === owner));
    return andThen(vault.keyFor([...names, ...more], found.ids), sealedBy);
  });
}

async function sealAll(
  log: Pick<EventStore, "read">,
  vault: Vault,
  stream: string,
  events: readonly NewEvent[],
): Promise<NewEvent[]> {
  const sealed: NewEvent[] = [];
  const coming: Promise<unknown>[] = [];
  try {
    for (const [index, event] of events.entries()) {
      const one = sealedEvent(log, vault, stream, event);
      if (one instanceof Promise) coming.push(one.then((made) => void (sealed[index] = made)));
      else sealed[index] = one;
    }
  } catch (error) {
    // Those that were begun are waited for, so that none fails unheard.
    await Promise.allSettled(coming);
    throw error;
  }
  if (coming.length > 0) await Promise.all(coming);
  return sealed;
}

/** A log that is appended to, and read, through a vault. `seals`: whether what is appended now is sealed. */
export function sealedLog<Log extends EventStore & { close(): Promise<void> }>(
  log: Log,
  vault: Vault,
  seals: () => boolean,
  opens: Opens = "all",
): Log {
  return {
    ...readThrough(log, vault, opens),
    append: async (...[stream, events, expected]: Parameters<EventStore["append"]>) => {
      if (!seals() || !events.some(({ type }) => personalOf(type))) return log.append(stream, events, expected);
      await vault.ready();
      return log.append(stream, await sealAll(log, vault, stream, events), expected);
    },
  };
}
