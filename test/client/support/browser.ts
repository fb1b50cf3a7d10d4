import * as fakes from "fake-indexeddb";
import { vi } from "vitest";

/**
 * Stand-ins for what a browser has and Node lacks: a store of its own, locks that tabs of one browser share, and whether there is
 * a network. They are global until the test ends.
 */
export function browser() {
  const locks = lockManager();
  const target = new EventTarget();
  const navigator = { onLine: true, locks };
  for (const [name, value] of Object.entries(fakes)) if (name.startsWith("IDB")) vi.stubGlobal(name, value);
  vi.stubGlobal("indexedDB", new fakes.IDBFactory());
  vi.stubGlobal("navigator", navigator);
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  return {
    /** Says that the network is there, or away, as a browser does. */
    online(on: boolean): void {
      navigator.onLine = on;
      target.dispatchEvent(new Event(on ? "online" : "offline"));
    },
    /** Takes a lock away from whoever holds it; gives what releases it. */
    steal: locks.steal,
    /** From now on a page may have no locks, as in a frame of another origin. */
    forbidLocks: (): void => {
      locks.request = () => Promise.reject(new DOMException("no locks here", "SecurityError"));
    },
    [Symbol.dispose]: () => void vi.unstubAllGlobals(),
  };
}

/** What tabs say to each other is lost where `isLost` says so. It is global until the test ends. */
export function losing(isLost: (told: { type: string }) => boolean): void {
  class Losing extends BroadcastChannel {
    override postMessage(told: { type: string }): void {
      if (!isLost(told)) super.postMessage(told);
    }
  }
  vi.stubGlobal("BroadcastChannel", Losing);
}

/** What is said of these types arrives only once they are let go, also if whoever said it has ended. It is global, as above. */
export function delaying(...types: string[]): () => void {
  const held: (() => void)[] = [];
  let isHeld = true;
  class Delaying extends BroadcastChannel {
    override addEventListener(type: string, listener: never): void {
      super.addEventListener(type as "message", (event: Event) => {
        const take = (): void => (listener as (event: Event) => void)(event);
        if (isHeld && types.includes((event as MessageEvent<{ type: string }>).data.type)) held.push(take);
        else take();
      });
    }
  }
  vi.stubGlobal("BroadcastChannel", Delaying);
  return () => {
    isHeld = false;
    for (const take of held.splice(0)) take();
  };
}

type Waiting = { begin: () => void; broken?: (error: Error) => void };

type Request = (name: string, options: { signal?: AbortSignal }, hold: () => unknown) => Promise<unknown>;

/** Exclusive locks alone: whoever asked first gets it next. */
function lockManager() {
  const queues = new Map<string, Waiting[]>();
  const next = (name: string): void => queues.get(name)?.[0]?.begin();
  const queueOf = (name: string): Waiting[] => {
    const queue = queues.get(name) ?? [];
    queues.set(name, queue);
    return queue;
  };
  const request: Request = (name, { signal }, hold) =>
    new Promise((resolve, reject) => {
      const queue = queueOf(name);
      let isHeld = false;
      const leave = (): void => {
        const at = queue.indexOf(one);
        if (at < 0) return;
        queue.splice(at, 1);
        if (isHeld) next(name);
      };
      const one: Waiting = {
        begin: () => {
          isHeld = true;
          signal?.removeEventListener("abort", abort);
          one.broken = reject;
          Promise.resolve(hold()).then(resolve, reject).finally(leave);
        },
      };
      const abort = (): void => {
        leave();
        reject(new DOMException("the request was aborted", "AbortError"));
      };
      if (signal?.aborted) {
        reject(new DOMException("the request was aborted", "AbortError"));
        return;
      }
      signal?.addEventListener("abort", abort);
      queue.push(one);
      if (queue.length === 1) queueMicrotask(() => next(name));
    });
  return {
    request,
    steal(name: string): () => void {
      const queue = queueOf(name);
      const [holder] = queue;
      const thief: Waiting = { begin: () => undefined };
      queue.splice(0, 1, thief);
      holder?.broken?.(new DOMException("the lock was stolen", "AbortError"));
      return () => {
        queue.splice(queue.indexOf(thief), 1);
        next(name);
      };
    },
  };
}
