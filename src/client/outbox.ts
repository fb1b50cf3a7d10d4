import type { Ask } from "./asking.ts";
import { asClientError, mayPass } from "./errors.ts";
import { newId } from "./ids.ts";
import { SendMessage } from "./operations.ts";
import { pauseOf } from "./connection.ts";
import type { ClientError, OutgoingMessage } from "./types.ts";

/** A message on its way, as it is kept. */
export type Outgoing = OutgoingMessage & {
  /** Those of a conversation are sent in the text order of this. */
  readonly order: string;
  /** It was on its way once: the server may have it. */
  readonly tried: boolean;
  /** Where the server has it: known once it answered. */
  readonly cursor?: string;
};

/** So often a fault of the server itself is tried again. */
const TRIES = 5;

/** So many ids are remembered of messages that came or were discarded: another tab may tell of one a moment later. */
const GONE = 1_000;

/** How many digits of base 36 the time in an order has. */
const TIME_DIGITS = 10;

export type OutboxOptions = {
  ask: Ask;
  /** A message is to be kept as it is now, or (undefined) no longer. Resolves once it is. */
  keep: (id: string, message: Outgoing | undefined) => Promise<unknown>;
  /** Other tabs are to be told of what was done here: all of them where this one leads, else the one that does. */
  tell: (id: string, message: Outgoing | undefined) => void;
  /** What is shown of a conversation has changed. */
  changed: (conversationId: string) => void;
  /** Whether all up to this place of the log has come. */
  hasCome: (cursor: string) => boolean;
  random?: () => number;
};

export type Outbox = ReturnType<typeof createOutbox>;

/**
 * Messages on their way. Those of one conversation go out one after the other, each with the same `clientMutationId` until the
 * server has answered: so none is stored twice, and none before an earlier one. Only one tab sends (`lead`).
 */
export function createOutbox(options: OutboxOptions) {
  const { ask, keep, tell, changed, hasCome, random = Math.random } = options;
  let items: readonly Outgoing[] = [];
  /** What came as a message already, or was discarded: it is not shown again, whatever is said of it later. */
  const gone = new Set<string>();
  const sending = new Set<string>();
  /** Conversations whose first message waits before it is tried again. */
  const pauses = new Map<string, ReturnType<typeof setTimeout>>();
  const tries = new Map<string, number>();
  let isLeading = false;
  let isClosed = false;

  const hasGone = (id: string): void => {
    gone.add(id);
    const [oldest] = gone;
    if (gone.size > GONE && oldest !== undefined) gone.delete(oldest);
  };

  const find = (id: string): Outgoing | undefined => items.find((one) => one.id === id);

  const put = (message: Outgoing): void => {
    if (gone.has(message.id)) return;
    const others = items.filter(({ id }) => id !== message.id);
    const at = others.findIndex(({ order }) => order > message.order);
    items = at < 0 ? [...others, message] : [...others.slice(0, at), message, ...others.slice(at)];
    changed(message.conversationId);
  };

  const drop = (id: string): void => {
    hasGone(id);
    tries.delete(id);
    const known = find(id);
    if (!known) return;
    items = items.filter((one) => one.id !== id);
    changed(known.conversationId);
  };

  /** Here, in the store and in other tabs. */
  const set = (message: Outgoing): Promise<unknown> => {
    put(message);
    tell(message.id, message);
    return keep(message.id, message);
  };
  const remove = (id: string): void => {
    drop(id);
    tell(id, undefined);
    void keep(id, undefined);
  };

  const later = (conversationId: string, ms: number): void => {
    const go = (): void => {
      pauses.delete(conversationId);
      pump();
    };
    pauses.set(conversationId, setTimeout(go, ms));
  };
  const endPauses = (): void => {
    for (const timer of pauses.values()) clearTimeout(timer);
    pauses.clear();
  };

  /** Sends the first of each conversation that waits. */
  const pump = (): void => {
    if (!isLeading || isClosed) return;
    const seen = new Set<string>();
    for (const message of items) {
      if (message.state !== "waiting" || seen.has(message.conversationId)) continue;
      seen.add(message.conversationId);
      if (!sending.has(message.conversationId) && !pauses.has(message.conversationId)) void send(message);
    }
  };

  const send = async (message: Outgoing): Promise<void> => {
    const { id, conversationId, content } = message;
    sending.add(conversationId);
    let pause: number | undefined;
    try {
      // Kept first: what was on its way is not discarded after a reload.
      if (!message.tried) await set({ ...message, tried: true });
      // It may have come meanwhile: another tab had sent it.
      if (isClosed || !isLeading || !find(id)) return;
      const { sendMessage } = await ask(SendMessage, { input: { ...content, clientMutationId: id, conversationId } });
      if (sendMessage) answered(id, sendMessage.cursor);
      tries.delete(id);
    } catch (thrown) {
      pause = refused(id, asClientError(thrown));
    } finally {
      sending.delete(conversationId);
      if (pause === undefined) pump();
      else if (!isClosed) later(conversationId, pause);
    }
  };

  /** The server has it. It is shown as sent until the message itself comes. */
  const answered = (id: string, cursor: string): void => {
    const message = find(id);
    if (!message) return;
    if (hasCome(cursor)) {
      remove(id);
      return;
    }
    const { error: _error, ...rest } = message;
    void set({ ...rest, state: "sent", cursor });
  };

  /** The pause before it is tried again, in milliseconds; undefined: it is not. */
  const refused = (id: string, error: ClientError): number | undefined => {
    const message = find(id);
    if (!message) return undefined;
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    if (mayPass(error) && !(error.code === "INTERNAL" && count >= TRIES))
      return Math.max(error.retryAfterMs ?? 0, pauseOf(count - 1, random));
    tries.delete(id);
    const { code, field } = error;
    const said = { code, message: error.message, ...(field === undefined ? {} : { field }) };
    void set({ ...message, state: "failed", error: said });
    return undefined;
  };

  /** Where a new one stands: after all that are known, also where the clock went back. `now`: milliseconds since 1970. */
  const nextOrder = (now: number): string => {
    const last = items.at(-1)?.order.slice(0, TIME_DIGITS) ?? "";
    const time = Math.max(now, last === "" ? 0 : Number.parseInt(last, 36) + 1);
    return `${time.toString(36).padStart(TIME_DIGITS, "0")} ${newId()}`;
  };

  return {
    get items() {
      return items;
    },

    nextOrder,

    add(message: Outgoing): void {
      void set(message).then(pump);
    },

    /** What was kept: it was written before what was written here. */
    kept(messages: readonly Outgoing[]): void {
      const own = items;
      items = [];
      for (const message of messages) put(message);
      for (const message of own) {
        const isLast = message.order > (items.at(-1)?.order ?? "");
        void set(isLast ? message : { ...message, order: nextOrder(0) });
      }
    },

    /** What the leading tab says. */
    told(id: string, message: Outgoing | undefined): void {
      if (message) put(message);
      else drop(id);
    },

    /** All that the leading tab has. What it lacks and was written here is told to it. */
    allTold(messages: readonly Outgoing[]): void {
      for (const message of messages) put(message);
      const known = new Set(messages.map(({ id }) => id));
      for (const message of items) if (!known.has(message.id)) tell(message.id, message);
    },

    /** What another tab wrote, wants to be sent again, or forgets: this one leads, and tells all of it. */
    asked(id: string, message: Outgoing | undefined): void {
      const known = find(id);
      if (message === undefined) {
        if (known?.state === "failed") remove(id);
        return;
      }
      const isNew = !known && !gone.has(id);
      const isAgain = known?.state === "failed" && message.state === "waiting" && message.order > known.order;
      const state = message.state === "sent" ? "waiting" : message.state;
      if (isNew || isAgain) void set({ ...message, state }).then(pump);
      // The other one missed what became of it.
      else tell(id, known);
    },

    retry(id: string, order: string): void {
      const message = find(id);
      if (message?.state !== "failed") return;
      const { error: _error, ...rest } = message;
      void set({ ...rest, state: "waiting", order }).then(pump);
    },

    /** False: it is on its way, and may be stored already. */
    discard(id: string): boolean {
      const message = find(id);
      if (!message) return true;
      if (message.state !== "failed" && (message.state !== "waiting" || message.tried)) return false;
      remove(id);
      return true;
    },

    /** The message itself came. */
    confirmed(id: string): void {
      const known = find(id);
      drop(id);
      if (!known) return;
      if (!isLeading) return;
      void keep(id, undefined);
      // Its answer was lost: those behind it need not wait until it would be tried again.
      if (known.state === "waiting") {
        clearTimeout(pauses.get(known.conversationId));
        pauses.delete(known.conversationId);
      }
      pump();
    },

    /** Everything was fetched anew, up to this place: what the server has by then comes no more as an entry. */
    fetched(cursor: string): void {
      for (const message of items) {
        if (message.cursor === undefined || message.cursor > cursor) continue;
        drop(message.id);
        if (isLeading) void keep(message.id, undefined);
      }
    },

    /** They are somebody else's. */
    clear(): void {
      for (const { id } of items) remove(id);
    },

    /** This tab sends from now on; what was on its way in another one goes out again. */
    lead(): void {
      isLeading = true;
      for (const message of items) if (message.state === "sent") put({ ...message, state: "waiting" });
      pump();
    },

    /** Another tab does so. */
    follow(): void {
      isLeading = false;
      endPauses();
    },

    /** There is a connection again: nothing waits for its time. */
    pump(): void {
      endPauses();
      pump();
    },

    close(): void {
      isClosed = true;
      endPauses();
    },
  };
}
