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
    [Symbol.dispose]: () => void vi.unstubAllGlobals(),
  };
}

type Waiting = { begin: () => void };

/** Exclusive locks alone: whoever asked first gets it next. */
function lockManager() {
  const queues = new Map<string, Waiting[]>();
  const next = (name: string): void => queues.get(name)?.[0]?.begin();
  return {
    request: (name: string, { signal }: { signal?: AbortSignal }, hold: () => Promise<unknown> | undefined): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const queue = queues.get(name) ?? [];
        queues.set(name, queue);
        let isHeld = false;
        const leave = (): void => {
          queue.splice(queue.indexOf(one), 1);
          if (isHeld) next(name);
        };
        const one: Waiting = {
          begin: () => {
            isHeld = true;
            signal?.removeEventListener("abort", abort);
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
      }),
  };
}
