import type { Ask } from "./asking.ts";
import { pauseOf } from "./connection.ts";
import { asClientError, mayPass } from "./errors.ts";
import { MarkRead } from "./operations.ts";
import type { State } from "./state.ts";

/**
 * Says how far the viewer has read. It is shown at once. What is read while the server is asked, or cannot be reached, is said in
 * one call after it. Each call resolves once the server knows, and rejects where it refuses.
 */
export function createReading({ state, ask, random = Math.random }: { state: State; ask: Ask; random?: () => number }) {
  const wanted = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const pauses = new Set<() => void>();
  let isClosed = false;

  const say = async (conversationId: string): Promise<void> => {
    for (let seq = wanted.get(conversationId); seq !== undefined; seq = wanted.get(conversationId)) {
      wanted.delete(conversationId);
      const input = { conversationId, seq, clientMutationId: crypto.randomUUID() };
      for (let attempt = 0; !isClosed; attempt++) {
        try {
          const { markRead } = await ask(MarkRead, { input });
          state.readSettled(conversationId, seq, markRead?.conversation);
          break;
        } catch (thrown) {
          const error = asClientError(thrown);
          if (!mayPass(error)) {
            state.readSettled(conversationId, seq, undefined);
            throw error;
          }
          // Something newer says this too.
          if (wanted.has(conversationId)) break;
          await pause(Math.max(error.retryAfterMs ?? 0, pauseOf(attempt, random)));
        }
      }
    }
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      pauses.add(end);
    });

  return {
    markRead(conversationId: string, seq: number): Promise<void> {
      if (!state.read(conversationId, seq)) return running.get(conversationId) ?? Promise.resolve();
      wanted.set(conversationId, Math.max(seq, wanted.get(conversationId) ?? 0));
      const saying =
        running.get(conversationId) ??
        say(conversationId).finally(() => {
          running.delete(conversationId);
        });
      running.set(conversationId, saying);
      // Who does not wait for it is told by what is shown.
      saying.catch(() => undefined);
      return saying;
    },
    /** There is a connection again. */
    pump: (): void => {
      for (const end of [...pauses]) end();
    },
    close: (): void => {
      isClosed = true;
      for (const end of [...pauses]) end();
    },
  };
}
