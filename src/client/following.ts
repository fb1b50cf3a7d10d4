import type { Client, ConversationHandle, Message, OutgoingMessage, Watched } from "./types.ts";

/** Calls `listener` after each change of any of these values. Gives a function that ends it. */
export function onChange(watched: readonly Watched<unknown>[], listener: () => void): () => void {
  const ends = watched.map((one) => one.subscribe(listener));
  return () => {
    for (const end of ends) end();
  };
}

/**
 * Calls `listener` with messages of a conversation, ascending, each once: with the newest ones as soon as they are there, with
 * those that come, and with older ones once they are loaded (`loadOlder`). Where some are not loaded yet, those after them wait.
 * What becomes of a message later is not told. Gives a function that ends it; the handle stays the caller's.
 */
export function follow(handle: ConversationHandle, listener: (messages: readonly Message[]) => void): () => void {
  let told: { from: number; to: number } | undefined;
  const look = (): void => {
    const { items } = handle.messages.get();
    const gap = items.findIndex(({ type }) => type === "gap");
    const messages = (gap < 0 ? items : items.slice(0, gap)).filter((item) => item.type === "message");
    const [first, last] = [messages[0], messages.at(-1)];
    if (!first || !last) return;
    const before = told;
    told = { from: Math.min(first.seq, before?.from ?? first.seq), to: Math.max(last.seq, before?.to ?? last.seq) };
    const older = messages.filter(({ seq }) => before && seq < before.from);
    const newer = messages.filter(({ seq }) => !before || seq > before.to);
    for (const some of [older, newer]) if (some.length > 0) listener(some);
  };
  const end = handle.messages.subscribe(look);
  look();
  return end;
}

/**
 * Calls `listener` with each message that the server has refused, once, also with those that it refused before; again where one
 * was sent again in vain. Gives a function that ends it.
 */
export function onFailed(client: Client, listener: (message: OutgoingMessage) => void): () => void {
  let told: ReadonlySet<string> = new Set();
  const look = (): void => {
    const failed = client.outbox.get().filter(({ state }) => state === "failed");
    const fresh = failed.filter(({ id }) => !told.has(id));
    told = new Set(failed.map(({ id }) => id));
    for (const message of fresh) listener(message);
  };
  const end = client.outbox.subscribe(look);
  look();
  return end;
}
