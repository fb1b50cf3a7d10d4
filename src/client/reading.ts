import type { Ask } from "./asking.ts";
import { pauseOf } from "./connection.ts";
import { asClientError, clientError, mayPass } from "./errors.ts";
import { newId } from "./ids.ts";
import { MarkRead } from "./operations.ts";
import type { Settled } from "./state.ts";

/**
 * Says how far the viewer has read. What is read while the server is asked, or cannot be reached, is said in one call after it.
 * Each call resolves once the server knows, and rejects where it refuses, or once it is closed.
 */
export function createReading(options: {
  ask: Ask;
  /** The server knows it, or refused it. */
  settled: (settled: Settled) => void;
  random?: () => number;
}) {
  const { ask, settled, random = Math.random } = options;
  const wanted = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const pauses = new Set<() => void>();
  let isClosed = false;

  const say = async (conversationId: string): Promise<void> => {
    try {
      for (let seq = wanted.get(conversationId); seq !== undefined; seq = wanted.get(conversationId)) {
        wanted.delete(conversationId);
        try {
          await sayOne(conversationId, seq);
        } catch (error) {
          if (!wanted.has(conversationId)) throw error;
        }
      }
    } finally {
      // In the moment in which nothing more was found: what is read after it begins anew.
      running.delete(conversationId);
    }
  };

  const sayOne = async (conversationId: string, seq: number): Promise<void> => {
    const input = { conversationId, seq, clientMutationId: newId() };
    for (let attempt = 0; ; attempt++) {
      if (isClosed) throw clientError("NETWORK", "the client was closed");
      try {
        const { markRead } = await ask(MarkRead, { input });
        settled({ conversationId, seq, ...(markRead ? { counts: markRead.conversation, cursor: markRead.cursor } : {}) });
        return;
      } catch (thrown) {
        // Something newer says this too.
        if (wanted.has(conversationId)) return;
        const error = asClientError(thrown);
        if (!mayPass(error)) {
          settled({ conversationId, seq });
          throw error;
        }
        await pause(Math.max(error.retryAfterMs ?? 0, pauseOf(attempt, random)));
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
      wanted.set(conversationId, Math.max(seq, wanted.get(conversationId) ?? 0));
      const saying = running.get(conversationId) ?? say(conversationId);
      running.set(conversationId, saying);
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
