import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { newId } from "./ids.ts";
import type { Outgoing } from "./outbox.ts";
import type { Snapshot } from "./state.ts";
import type { ConversationState, Message, PeopleState, TextStorage } from "./types.ts";
import { within } from "./within.ts";

export type Stored = {
  snapshot: Snapshot | undefined;
  outbox: readonly Outgoing[];
  drafts: ReadonlyMap<string, string>;
};

/** What is no more as it was kept. */
export type Changes = {
  /** These conversations. */
  readonly changed: ReadonlySet<string>;
  /** All of it: it was fetched anew, or is another tab's. */
  readonly isAll: boolean;
  /** Messages that were kept are not to be shown any more. */
  readonly isFresh: boolean;
};

/** How long something may take to be kept or read, in milliseconds: some stores never answer. What takes longer is a fault. */
const ANSWER_MS = 5_000;

/**
 * Where the state, messages on their way and drafts outlive the page. All tabs of a name have the same one. Once it is open and
 * loaded, all it does ends in time and rejects nowhere.
 */
export type Storage = {
  load(): Promise<Stored>;
  /** At once or not at all: the conversations that have changed, and where the state is now. False: it could not be kept. */
  save(snapshot: Snapshot, changes: Changes): Promise<boolean>;
  /** The newest messages of a conversation, without gaps: what is shown before they were fetched, or without a network. */
  tail(conversationId: string): Promise<readonly Message[]>;
  saveTail(conversationId: string, messages: readonly Message[]): Promise<unknown>;
  outgoing(id: string, message: Outgoing | undefined): Promise<unknown>;
  draft(conversationId: string, text: string): Promise<unknown>;
  /** Somebody else's: nothing of it stays. */
  clear(): Promise<unknown>;
  /** Resolves once all is kept. */
  close(): Promise<void>;
};

/** Kept for as long as the page lives. */
export function memoryStorage(): Storage {
  return {
    load: async () => ({ snapshot: undefined, outbox: [], drafts: new Map() }),
    save: async () => true,
    tail: async () => [],
    saveTail: async () => undefined,
    outgoing: async () => undefined,
    draft: async () => undefined,
    clear: async () => undefined,
    close: async () => undefined,
  };
}

/** Raised where what is kept becomes another: then everything but messages on their way and drafts is fetched anew. */
const VERSION = 4;

/** So many conversations have messages in the store: those that were opened last. */
const TAILS = 100;

/** What is kept of the state beside its conversations and people. `mark`: which save it was. */
type Kept = Omit<Snapshot, "conversations" | "people"> & { version: number; mark: string };

interface Schema extends DBSchema {
  kept: { key: "state" | "people" | "tails"; value: Kept | PeopleState | readonly string[] };
  conversations: { key: string; value: ConversationState };
  tails: { key: string; value: { id: string; messages: readonly Message[] } };
  outbox: { key: string; value: Outgoing };
  drafts: { key: string; value: { id: string; text: string } };
}

const STORES = ["kept", "conversations", "tails", "outbox", "drafts"] as const;

/** `report` is told of the first of several faults: what cannot be kept is shown and sent nevertheless. */
export async function indexedDbStorage(name: string, report: (error: unknown) => void): Promise<Storage> {
  const database: IDBPDatabase<Schema> = await openDB<Schema>(name, 1, {
    upgrade: (db) => {
      db.createObjectStore("kept");
      for (const store of ["conversations", "tails", "outbox", "drafts"] as const) db.createObjectStore(store, { keyPath: "id" });
    },
    // A newer version of the library, in another tab, waits for this one.
    blocking: () => database.close(),
  });
  const writing = new Set<Promise<boolean>>();
  let isFaulty = false;
  /** False: it could not be done. */
  const safely = (work: () => Promise<unknown>): Promise<boolean> => {
    const written = within(ANSWER_MS, work(), "the store").then(
      () => !(isFaulty = false),
      (error: unknown) => {
        if (!isFaulty) report(error);
        isFaulty = true;
        return false;
      },
    );
    writing.add(written);
    return written.finally(() => writing.delete(written));
  };
  /** The save that this tab made, or began with: another one's may lack what belongs to the cursor of this tab. */
  let mark: string | undefined;
  let people: PeopleState | undefined;
  return {
    load: async () => {
      const tx = database.transaction(["kept", "conversations", "outbox", "drafts"]);
      const [kept, friends, conversations, outbox, drafts] = await Promise.all([
        tx.objectStore("kept").get("state") as Promise<Kept | undefined>,
        tx.objectStore("kept").get("people") as Promise<PeopleState | undefined>,
        tx.objectStore("conversations").getAll(),
        tx.objectStore("outbox").getAll(),
        tx.objectStore("drafts").getAll(),
        tx.done,
      ]);
      const { version, mark: made, ...state } = kept ?? {};
      const isGood = version === VERSION && friends !== undefined;
      if (isGood) [mark, people] = [made, friends];
      return {
        snapshot: isGood ? ({ ...state, people: friends, conversations } as Snapshot) : undefined,
        outbox,
        drafts: new Map(drafts.map(({ id, text }) => [id, text])),
      };
    },
    save: ({ conversations, ...snapshot }, { changed, isAll, isFresh }) => {
      const next = newId();
      const { people: friends, ...state } = snapshot;
      return safely(async () => {
        const tx = database.transaction(["kept", "conversations", "tails"], "readwrite");
        const [kept, store] = [tx.objectStore("kept"), tx.objectStore("conversations")];
        const write = async (): Promise<void> => {
          const before = (await kept.get("state")) as Kept | undefined;
          const whole = isAll || before === undefined || before.mark !== mark;
          const told = whole ? conversations : conversations.filter(({ id }) => changed.has(id));
          await Promise.all([
            whole ? store.clear() : undefined,
            isFresh ? tx.objectStore("tails").clear() : undefined,
            ...told.map((conversation) => store.put(conversation)),
            whole || friends !== people ? kept.put(friends, "people") : undefined,
            kept.put({ ...state, version: VERSION, mark: next }, "state"),
          ]);
        };
        await Promise.all([write(), tx.done]);
        [mark, people] = [next, friends];
      });
    },
    tail: async (id) => (await within(ANSWER_MS, database.get("tails", id), "the store").catch(() => undefined))?.messages ?? [],
    saveTail: (id, messages) =>
      safely(async () => {
        const tx = database.transaction(["kept", "tails"], "readwrite");
        const write = async (): Promise<void> => {
          const before = ((await tx.objectStore("kept").get("tails")) ?? []) as readonly string[];
          const ids = [...before.filter((one) => one !== id), id];
          await Promise.all([
            tx.objectStore("tails").put({ id, messages }),
            ...ids.slice(0, -TAILS).map((old) => tx.objectStore("tails").delete(old)),
            tx.objectStore("kept").put(ids.slice(-TAILS), "tails"),
          ]);
        };
        await Promise.all([write(), tx.done]);
      }),
    outgoing: (id, message) => safely(() => (message ? database.put("outbox", message) : database.delete("outbox", id))),
    draft: (id, text) => safely(() => (text === "" ? database.delete("drafts", id) : database.put("drafts", { id, text }))),
    clear: () =>
      safely(async () => {
        const tx = database.transaction(STORES, "readwrite");
        await Promise.all([...STORES.map((one) => tx.objectStore(one).clear()), tx.done]);
      }),
    close: async () => {
      await Promise.all(writing);
      database.close();
    },
  };
}

/** So many conversations keep their newest messages in a text, which is written as a whole: those that were saved last. */
const TAILS_IN_TEXT = 20;

/**
 * All that is kept, in one text: JSON. `report` is told of the first of several faults. Rejects where the text that is there is
 * none of this.
 */
export async function textStorage(place: TextStorage, report: (error: unknown) => void): Promise<Storage> {
  const told = parsedText(await place.read());
  const isGood = told.version === VERSION;
  let snapshot = isGood ? told.snapshot : undefined;
  const tails = new Map(isGood ? told.tails : []);
  const outbox = new Map(told.outbox);
  const drafts = new Map(told.drafts);

  let writing: Promise<boolean> = Promise.resolve(true);
  let next: Promise<boolean> | undefined;
  let isFaulty = false;
  const failed = (error: unknown): false => {
    if (!isFaulty) report(error);
    isFaulty = true;
    return false;
  };
  const inTime = (work: Promise<boolean>): Promise<boolean> => within(ANSWER_MS, work, "the store").catch(failed);
  const text = (): string =>
    JSON.stringify({ version: VERSION, snapshot, tails: [...tails], outbox: [...outbox], drafts: [...drafts] } satisfies Text);
  /** Changes of one moment, and those made during a write, are one write. False: it could not be done. */
  const write = (): Promise<boolean> => {
    if (!next) {
      next = writing.then(async () => {
        next = undefined;
        try {
          await place.write(text());
        } catch (error) {
          return failed(error);
        }
        isFaulty = false;
        return true;
      });
      writing = next;
    }
    return inTime(next);
  };

  return {
    load: async () => ({ snapshot, outbox: [...outbox.values()], drafts: new Map(drafts) }),
    save: (now, { isFresh }) => {
      snapshot = now;
      if (isFresh) tails.clear();
      return write();
    },
    tail: async (id) => tails.get(id) ?? [],
    saveTail: (id, messages) => {
      tails.delete(id);
      tails.set(id, messages);
      const [oldest] = tails.keys();
      if (tails.size > TAILS_IN_TEXT && oldest !== undefined) tails.delete(oldest);
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
      snapshot = undefined;
      for (const map of [tails, outbox, drafts]) map.clear();
      return write();
    },
    close: async () => void (await inTime(writing)),
  };
}

type Text = {
  version?: number;
  snapshot?: Snapshot | undefined;
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
