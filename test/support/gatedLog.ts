import type { EventStore, LogPage, Position } from "../../src/ports/eventStore.ts";
import { gate } from "./gate.ts";

type Log = Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">;

/** A log of which only so much is there as it is allowed to show. */
export type GatedLog = Log & { allow(upTo: Position): void };

export function gatedLog(log: Log): GatedLog {
  let end = log.origin;
  let opened = gate();
  return {
    origin: log.origin,
    read: log.read,
    end: () => end,
    allow: (upTo) => {
      if (upTo <= end) return;
      end = upTo;
      opened.open();
      opened = gate();
    },
    readAll: async (after, limit): Promise<LogPage> => {
      const page = await log.readAll(after, limit);
      const events = page.events.filter(({ position }) => position <= end);
      const isTail = page.isTail || events.length < page.events.length || events.at(-1)?.position === end;
      return { events, next: events.at(-1)?.position ?? after, isTail };
    },
    changed: async (after, signal) => {
      while (after >= end && !signal.aborted) {
        const aborted = gate();
        signal.addEventListener("abort", aborted.open);
        await Promise.race([opened.passed, aborted.passed]);
        signal.removeEventListener("abort", aborted.open);
      }
    },
  };
}
