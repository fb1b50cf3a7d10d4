import type { MessagePort } from "node:worker_threads";
import { MessageChannel } from "node:worker_threads";
import { Unavailable } from "../../../ports/faults.ts";
import {
  assertRoom,
  type Handle,
  markCorrupt,
  openFirst,
  openShared,
  rootOf,
  setAside,
  type Tuning,
  ViewStoreCorrupt,
} from "./open.ts";
import { type KeptTables, newVersions, type SharedVersions, type Versions, versionsIn } from "../versions.ts";

/*
 * The threads of one process share one open LevelDB. Each has its own handle. They must agree on two things:
 *
 * - The handle that opened it first owns the block cache. When that handle is closed, it frees the cache, even if others still
 *   read (classic-level 3.0: the process crashes). So one thread, the owner, opens it first and closes it last.
 * - After a failed write, nothing more may be written through any handle. The write-ahead file may end with half a record. What
 *   is written after it is dropped when the file is read again, even if it was acknowledged. The only cure is to open the store
 *   again, and for that all handles must be closed: all threads close theirs, the owner opens the store, and all come back.
 *
 * So every other thread gets a port to the owner, and they agree over this port.
 */

/** A handle that may be closed and opened again meanwhile. Its users need not know of that. Errors: `Unavailable`. */
export type Connection = {
  /** The handle, if there is one right now. */
  now(): Handle | undefined;
  /** The handle, as soon as there is one. */
  ready(): Promise<Handle>;
  /** A handle that can be written to. After a failed write it is opened again, if the disk has room. */
  writable(): Promise<Handle>;
  /** To be called when a write through this handle failed. */
  failed(handle: Handle): void;
  /** To be called when the rows are not what was written. This is remembered for the next start. */
  corrupt(reason: string): void;
  /** Runs a task that must not overlap with such a task of another thread. */
  exclusively<T>(task: () => Promise<T>): Promise<T>;
  /** All threads count their writes here. */
  versions: Versions;
  /** How often a thread began to move checkpoints. It is the same as before: nobody has moved any. */
  moves(): number;
  /** To be called, exclusively, before checkpoints are moved or deleted. */
  moving(): void;
  close(): Promise<void>;
};

type ToOwner =
  | { kind: "join" }
  | { kind: "released"; turn: number }
  | { kind: "want"; what: "ready" | "writable"; id: number }
  | { kind: "corrupt"; reason: string };

type ToThread =
  | { kind: "welcome"; directory: string; tuning: Tuning; shared: Int32Array; versions: SharedVersions; id: number }
  | { kind: "open"; epoch: number }
  | { kind: "release"; turn: number; forGood: boolean }
  | { kind: "answer"; id: number; fault: string | undefined };

const closedError = (directory: string) => new Unavailable(`the view store in ${directory} is closed`);
const faultOf = (error: unknown) => (error instanceof Unavailable ? error.message : rootOf(error).message);

/** How long the owner waits for another thread to close its handle, in milliseconds. */
const RELEASE_MS = 30_000;
/** How long to wait after a failed opening before the next attempt, in milliseconds. */
const REOPEN_MS = 1_000;

/**
 * Memory that all threads see. LOCK: who holds the lock (the id of a connection, or 0). UNFIT: the last opening through which a
 * write failed. MOVES: how often a thread began to move checkpoints.
 */
const LOCK = 0;
const UNFIT = 1;
const MOVES = 2;
const PLACES = 3;

async function withLock<T>(shared: Int32Array, me: number, task: () => Promise<T>): Promise<T> {
  while (Atomics.compareExchange(shared, LOCK, 0, me) !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
  try {
    return await task();
  } finally {
    unlock(shared, me);
  }
}

const unlock = (shared: Int32Array, me: number) => Atomics.compareExchange(shared, LOCK, me, 0);

const movesIn = (shared: Int32Array): Pick<Connection, "moves" | "moving"> => ({
  moves: () => Atomics.load(shared, MOVES),
  moving: () => void Atomics.add(shared, MOVES, 1),
});

export type OwnerOptions = {
  tuning: Tuning;
  kept: KeptTables;
  onCorrupt: "throw" | "setAside";
  warn: (message: string) => void;
};

/** Opens a directory, as the first thread of this process. `share` makes a port for another thread. */
export async function ownerConnection(directory: string, options: OwnerOptions): Promise<Connection & { share(): MessagePort }> {
  const { tuning, warn } = options;
  const shared = new Int32Array(new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT));
  const versions = newVersions(options.kept);
  const OWNER = 1;
  const ports = new Set<MessagePort>();
  const lines = new Set<Line>();
  let ids = OWNER;

  let handle: Handle | undefined = await openOrSetAside();
  let epoch = 1;
  let closed = false;
  let warned = false;
  let renewal: Promise<Handle> | undefined;
  let failure: { error: Unavailable; at: number } | undefined;

  async function openOrSetAside(): Promise<Handle> {
    try {
      return await openFirst(directory, tuning);
    } catch (error) {
      if (!(error instanceof ViewStoreCorrupt) || options.onCorrupt !== "setAside") throw error;
      const aside = await setAside(directory);
      warn(`${error.message}. It is set aside as ${aside}; the views begin empty and are replayed from the log.`);
      return openFirst(directory, tuning);
    }
  }

  type Line = { post(message: ToThread): void; release(forGood: boolean): Promise<boolean> };

  /** Whether all closed their handles in time. */
  async function releaseAll(forGood: boolean): Promise<boolean> {
    const all = await Promise.all([...lines].map((line) => line.release(forGood)));
    return all.every(Boolean);
  }

  function tellOpen() {
    for (const line of lines) line.post({ kind: "open", epoch });
  }

  async function openAnew(): Promise<Handle> {
    if (handle) {
      await assertRoom(directory);
      const old = handle;
      handle = undefined;
      if (!(await releaseAll(false))) {
        handle = old;
        tellOpen();
        throw new Unavailable(`the view store in ${directory} cannot be opened again: another thread does not close it`);
      }
      await old.close();
    }
    if (closed) throw closedError(directory);
    handle = await openFirst(directory, tuning);
    epoch++;
    tellOpen();
    return handle;
  }

  function renew(): Promise<Handle> {
    if (renewal) return renewal;
    if (closed) return Promise.reject(closedError(directory));
    if (!handle && failure && performance.now() - failure.at < REOPEN_MS) return Promise.reject(failure.error);
    renewal = openAnew().then(
      (opened) => {
        renewal = undefined;
        return opened;
      },
      (error: unknown) => {
        renewal = undefined;
        if (error instanceof ViewStoreCorrupt) connection.corrupt(error.message);
        failure = {
          error: error instanceof Unavailable ? error : new Unavailable(faultOf(error), "nothing", { cause: error }),
          at: performance.now(),
        };
        throw failure.error;
      },
    );
    return renewal;
  }

  const connection: Connection = {
    now: () => handle,
    ready: async () => handle ?? renew(),
    writable: async () => (handle && Atomics.load(shared, UNFIT) !== epoch ? handle : renew()),
    failed(broken) {
      if (broken === handle) Atomics.store(shared, UNFIT, epoch);
    },
    corrupt(reason) {
      if (!warned) warn(`${reason}. Restart to have the views in ${directory} set aside and replayed.`);
      warned = true;
      markCorrupt(directory, reason).catch((error: unknown) =>
        warn(`the damage cannot be noted in ${directory}: ${faultOf(error)}`),
      );
    },
    exclusively: (task) => withLock(shared, OWNER, task),
    versions: versionsIn(versions),
    ...movesIn(shared),
    async close() {
      if (closed) return;
      closed = true;
      await renewal?.catch(() => undefined);
      const old = handle;
      handle = undefined;
      if (await releaseAll(true)) await old?.close();
      else warn(`the view store in ${directory} is left open: another thread does not close it`);
      for (const port of ports) port.close();
    },
  };

  function share(): MessagePort {
    if (closed) throw closedError(directory);
    const { port1: port, port2: theirs } = new MessageChannel();
    const id = ++ids;
    let waiting: ((released: boolean) => void) | undefined;
    let turn = 0;
    const line: Line = {
      post: (message) => port.postMessage(message),
      release: (forGood) =>
        new Promise((resolve) => {
          const timer = setTimeout(() => waiting?.(false), RELEASE_MS);
          waiting = (released) => {
            clearTimeout(timer);
            waiting = undefined;
            resolve(released);
          };
          line.post({ kind: "release", turn: ++turn, forGood });
        }),
    };
    const receive = async (message: ToOwner) => {
      switch (message.kind) {
        case "join":
          lines.add(line);
          line.post({ kind: "welcome", directory, tuning, shared, versions, id });
          // If it is being opened again right now, the message follows after that.
          if (handle) line.post({ kind: "open", epoch });
          return;
        case "released":
          // A late answer to an earlier request says nothing about this one.
          return message.turn === turn ? waiting?.(true) : undefined;
        case "want": {
          const fault = await (message.what === "ready" ? connection.ready() : connection.writable()).then(
            () => undefined,
            faultOf,
          );
          return line.post({ kind: "answer", id: message.id, fault });
        }
        case "corrupt":
          return connection.corrupt(message.reason);
      }
    };
    port.on("message", (message: ToOwner) => {
      receive(message).catch((error: unknown) => warn(`a thread could not be answered about the views: ${faultOf(error)}`));
    });
    port.once("close", () => {
      // The port was closed, or its thread ended, perhaps while it held the lock.
      ports.delete(port);
      lines.delete(line);
      unlock(shared, id);
      waiting?.(true);
    });
    port.unref();
    ports.add(port);
    return theirs;
  }

  return { ...connection, share };
}

/** Joins the owner at the other end of the port. */
export async function sharedConnection(port: MessagePort): Promise<Connection> {
  let place: Extract<ToThread, { kind: "welcome" }> | undefined;
  let handle: Handle | undefined;
  let epoch = 0;
  let closed = false;
  let gone = false;
  let ids = 0;
  const wanted = new Map<number, { resolve: () => void; reject: (error: Unavailable) => void }>();
  const send = (message: ToOwner) => port.postMessage(message);

  // One message after the other, so that a handle is fully open before it is closed.
  let last: Promise<unknown> = Promise.resolve();
  port.on("message", (message: ToThread) => {
    last = last.then(() => receive(message)).catch((error: unknown) => failAll(faultOf(error)));
  });
  const left = new Promise<void>((resolve) => port.once("close", resolve)).then(() => {
    gone = true;
    failAll("the thread that opened the view store has closed it");
  });
  port.unref();

  function failAll(reason: string) {
    for (const { reject } of wanted.values()) reject(new Unavailable(reason));
    wanted.clear();
  }

  async function letGo() {
    const old = handle;
    handle = undefined;
    await old?.close();
  }

  async function receive(message: ToThread): Promise<void> {
    switch (message.kind) {
      case "welcome":
        place = message;
        return;
      case "open":
        if (closed || !place) return;
        await letGo();
        epoch = message.epoch;
        handle = await openShared(place.directory, place.tuning);
        return;
      case "release":
        if (message.forGood) closed = true;
        await letGo();
        return send({ kind: "released", turn: message.turn });
      case "answer": {
        const asked = wanted.get(message.id);
        wanted.delete(message.id);
        if (message.fault === undefined) asked?.resolve();
        else asked?.reject(new Unavailable(message.fault));
      }
    }
  }

  /** Asks the owner to make sure that the store is open, or can be written to. */
  async function want(what: "ready" | "writable"): Promise<Handle> {
    if (closed || gone) throw closedError(place?.directory ?? "another thread");
    const id = ++ids;
    port.ref();
    try {
      await new Promise<void>((resolve, reject) => {
        wanted.set(id, { resolve, reject });
        send({ kind: "want", what, id });
      });
    } finally {
      if (wanted.size === 0) port.unref();
    }
    if (handle) return handle;
    throw new Unavailable("the view store was closed meanwhile");
  }

  send({ kind: "join" });
  await want("ready");
  if (!place) throw new Error("this port was not made by share()");
  const { shared, versions, id } = place;

  return {
    now: () => handle,
    ready: async () => handle ?? want("ready"),
    writable: async () => (handle && Atomics.load(shared, UNFIT) !== epoch ? handle : want("writable")),
    failed(broken) {
      if (broken === handle) Atomics.store(shared, UNFIT, epoch);
    },
    corrupt: (reason) => send({ kind: "corrupt", reason }),
    exclusively: (task) => withLock(shared, id, task),
    versions: versionsIn(versions),
    ...movesIn(shared),
    async close() {
      if (closed && !handle) return;
      closed = true;
      await last;
      await letGo();
      port.close();
      await left;
    },
  };
}
