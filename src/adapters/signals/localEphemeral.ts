import type { Ephemeral, Told } from "../../ports/ephemeral.ts";

/** Each listener is a separate object, because the same function may listen twice. */
type Listener = { heard: (told: Told, topic: string) => void };

const warned = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** `again`: whoever listens to anything hears of it without being told what: it may be other than before. */
export type LocalEphemeral = Ephemeral & { again(): void };

/** Within one process. `onError` gets what a listener threw; the others still hear. */
export function localEphemeral({ onError = warned }: { onError?: (error: unknown) => void } = {}): LocalEphemeral {
  const listeners = new Map<string, Set<Listener>>();
  const tell = (topic: string, told: Told): void => {
    const hearing = listeners.get(topic);
    if (hearing === undefined) return;
    // A call may end a listener or begin another. One that has ended meanwhile hears nothing.
    for (const listener of [...hearing]) {
      if (!hearing.has(listener)) continue;
      try {
        listener.heard(told, topic);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    tell,
    again: () => {
      for (const topic of [...listeners.keys()]) tell(topic, {});
    },
    listen: (topics, heard) => {
      const listener: Listener = { heard };
      let own: readonly string[] = [...new Set(topics)];
      for (const topic of own) {
        const hearing = listeners.get(topic);
        if (hearing) hearing.add(listener);
        else listeners.set(topic, new Set([listener]));
      }
      return () => {
        for (const topic of own) {
          const hearing = listeners.get(topic);
          hearing?.delete(listener);
          if (hearing?.size === 0) listeners.delete(topic);
        }
        own = [];
      };
    },
  };
}
