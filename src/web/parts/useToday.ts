import { useSyncExternalStore } from "react";
import { dayOf } from "../texts/dates.ts";

const LOOK_MS = 60_000;

const listeners = new Set<() => void>();
let today = dayOf(new Date());
let timer: ReturnType<typeof setInterval> | undefined;

function look(): void {
  const now = dayOf(new Date());
  if (now === today) return;
  today = now;
  for (const listener of listeners) listener();
}

/** By minutes, not once at midnight: timers stand still while the machine sleeps. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(look, LOOK_MS);
  look();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The number of today (`dayOf`). What says "today" of something is rendered again when that is yesterday. */
export const useToday = (): number => useSyncExternalStore(subscribe, () => today);
