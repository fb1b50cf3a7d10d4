import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Outgoing } from "./outbox.ts";
import type { Snapshot } from "./state.ts";
import type { ConversationState, Message, TextStorage } from "./types.ts";

/** What is kept of the state beside its conversations. */
export type Kept = Omit<Snapshot, "conversations">;

export type Stored = {
  snapshot: Snapshot | undefined;
  outbox: readonly Outgoing[];
  drafts: ReadonlyMap<string, string>;
};

/** Where the state, messages on their way and drafts outlive the page. All tabs of a name have the same one. */
export type Storage = {
  load(): Promise<Stored>;
  /** At once or not at all: the conversations that have changed, and where the state is now. `all`: there are no others. */
  save(kept: Kept, conversations: readonly ConversationState[], all: boolean): Promise<void>;
  /** The newest messages of a conversation, without gaps: what is shown before they were fetched, or without a network. */
  tail(conversationId: string): Promise<readonly Message[]>;
  saveTail(conversationId: string, messages: readonly Message[]): Promise<void>;
  outgoing(id: string, message: Outgoing | undefined): Promise<void>;
  draft(conversationId: string, text: string): Promise<void>;
  /** Somebody else's: nothing of it stays. */
  clear(): Promise<void>;
  /** Resolves once all is kept. */
  close(): Promise<void>;
};

/** Kept for as long as the page lives. */
export function memoryStorage(): Storage {
  return {
    load: async () => ({ snapshot: undefined, outbox: [], drafts: new Map() }),
    save: async () => undefined,
    tail: async () => [],
    saveTail: async () => undefined,
    outgoing: async () => undefined,
    draft: async () => undefined,
    clear: async () => undefined,
    close: async () => undefined,
  };
}

/** Raised where what is kept becomes another: then everything but messages on their way and drafts is fetched anew. */
const VERSION = 2;

interface Schema extends DBSchema {
  kept: { key: "state"; value: Kept & { version: number } };
  conversations: { key: string; value: ConversationState };
  tails: { key: string; value: { id: string; messages: readonly Message[] } };
  outbox: { key: string; value: Outgoing };
  drafts: { key: string; value: { id: string; text: string } };
}

/** `report` is told of faults: what cannot be kept is shown and sent nevertheless. */
export async function indexedDbStorage(name: string, report: (error: unknown) => void): Promise<Storage> {
  const database: IDBPDatabase<Schema> = await openDB<Schema>(name, 1, {
    upgrade: (db) => {
      db.createObjectStore("kept");
      for (const store of ["conversations", "tails", "outbox", "drafts"] as const) db.createObjectStore(store, { keyPath: "id" });
    },
    // A newer version of the library, in another tab, waits for this one.
    blocking: () => database.close(),
  });
  const writing = new Set<Promise<void>>();
  const safely = (work: () => Promise<unknown>): Promise<void> => {
    const written = work().then(() => undefined, report);
    writing.add(written);
    return written.finally(() => writing.delete(written));
  };
  return {
    load: async () => {
      const tx = database.transaction(["kept", "conversations", "outbox", "drafts"]);
      const [kept, conversations, outbox, drafts] = await Promise.all([
        tx.objectStore("kept").get("state"),
        tx.objectStore("conversations").getAll(),
        tx.objectStore("outbox").getAll(),
        tx.objectStore("drafts").getAll(),
      ]);
      const snapshot = kept?.version === VERSION ? { ...kept, conversations } : undefined;
      return { snapshot, outbox, drafts: new Map(drafts.map(({ id, text }) => [id, text])) };
    },
    save: (kept, conversations, all) =>
      safely(async () => {
        const tx = database.transaction(["kept", "conversations", "tails"], "readwrite");
        const store = tx.objectStore("conversations");
        if (all) await Promise.all([store.clear(), tx.objectStore("tails").clear()]);
        await Promise.all([
          ...conversations.map((conversation) => store.put(conversation)),
          tx.objectStore("kept").put({ ...kept, version: VERSION }, "state"),
          tx.done,
        ]);
      }),
    tail: async (id) => (await database.get("tails", id).catch(() => undefined))?.messages ?? [],
    saveTail: (id, messages) => safely(() => database.put("tails", { id, messages })),
    outgoing: (id, message) => safely(() => (message ? database.put("outbox", message) : database.delete("outbox", id))),
    draft: (id, text) => safely(() => (text === "" ? database.delete("drafts", id) : database.put("drafts", { id, text }))),
    clear: () =>
      safely(async () => {
        const names = ["kept", "conversations", "tails", "outbox", "drafts"] as const;
        const tx = database.transaction(names, "readwrite");
        await Promise.all([...names.map((one) => tx.objectStore(one).clear()), tx.done]);
      }),
    close: async () => {
      await Promise.all(writing);
      database.close();
    },
  };
}

/** So many conversations keep their newest messages in a text, which is written as a whole: those that were saved last. */
const TAILS = 20;

/** All that is kept, in one text: JSON. Rejects where the text that is there is none of this. */
export async function textStorage(place: TextStorage, report: (error: unknown) => void): Promise<Storage> {
  const told = parsedText(await place.read());
  let kept = told.version === VERSION ? told.kept : undefined;
  const conversations = new Map(kept ? told.conversations : []);
  const tails = new Map(kept ? told.tails : []);
  const outbox = new Map(told.outbox);
  const drafts = new Map(told.drafts);

  let written: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const text = (): string =>
    JSON.stringify({
      version: VERSION,
      kept,
      conversations: [...conversations],
      tails: [...tails],
      outbox: [...outbox],
      drafts: [...drafts],
    });
  /** Changes of one moment, and those made during a write, are one write. */
  const write = (): Promise<void> => {
    next ??= written = written.then(() => {
      next = undefined;
      return place.write(text()).catch(report);
    });
    return next;
  };

  return {
    load: async () => ({
      snapshot: kept && { ...kept, conversations: [...conversations.values()] },
      outbox: [...outbox.values()],
      drafts,
    }),
    save: (now, changed, all) => {
      kept = now;
      if (all) for (const map of [conversations, tails]) map.clear();
      for (const conversation of changed) conversations.set(conversation.id, conversation);
      return write();
    },
    tail: async (id) => tails.get(id) ?? [],
    saveTail: (id, messages) => {
      tails.delete(id);
      tails.set(id, messages);
      const [oldest] = tails.keys();
      if (tails.size > TAILS && oldest !== undefined) tails.delete(oldest);
      return write();
    },
    outgoing: (id, message) => {
      if (message) outbox.set(id, message);
      else outbox.delete(id);
      return write();
    },
    draft: (id, said) => {
      if (said === "") drafts.delete(id);
      else drafts.set(id, said);
      return write();
    },
    clear: () => {
      kept = undefined;
      for (const map of [conversations, tails, outbox, drafts]) map.clear();
      return write();
    },
    close: () => written,
  };
}

type Text = {
  version?: number;
  kept?: Kept;
  conversations?: [string, ConversationState][];
  tails?: [string, readonly Message[]][];
  outbox?: [string, Outgoing][];
  drafts?: [string, string][];
};

function parsedText(text: string | null | undefined): Text {
  if (!text) return {};
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) throw new Error("what is kept is no state of a client");
  return parsed;
}
