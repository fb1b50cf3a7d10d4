import pLimit, { type LimitFunction } from "p-limit";
import { z } from "zod";
import { type WebhookReads, type WebhookRow, WEBHOOKS_TOPIC } from "../../projections/webhooks.ts";
import { textOf } from "../domain/conversation.ts";
import { type EventData, MAX_REASON } from "../domain/events.ts";
import { Refusal } from "../domain/refusal.ts";
import { inLine, isBlank } from "../domain/text.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { type Durations, durations } from "../ports/durations.ts";
import { Withheld } from "../ports/faults.ts";
import type { Signals } from "../ports/signals.ts";
import type { Posted, PostHook } from "../ports/webhookPost.ts";

/**
 * A message that is about to be stored. `id`: of the event; it names the question, however often it is asked. `data`: what the
 * webhook is told of it.
 */
export type Question = {
  id: string;
  kind: EventData<"MessageSent">["kind"];
  data: {
    action: "SEND" | "FORWARD" | "EDIT";
    conversationId: string;
    senderId: string;
    text: string | null;
    [more: string]: unknown;
  };
};

/** Those who are asked about the messages of one conversation. */
export type Asking = {
  /**
   * Asks about the messages of one call. Resolves to their texts as they are to be stored, in the same order. Rejects with
   * FORBIDDEN and a reason for the sender where one of them is refused, with UNAVAILABLE where whoever must be asked does not
   * answer, with RATE_LIMITED where the sender has too many under question.
   */
  ask(userId: string, questions: readonly Question[]): Promise<(string | null)[]>;
};

type Outcome = "allowed" | "changed" | "refused" | "failed";

/** How a webhook that is asked answers. `failingSince`: milliseconds since 1970. Times and counts are those of this server. */
export type SendHookState = {
  id: string;
  otherwise: "ALLOW" | "REFUSE";
  failingSince: number | undefined;
  error: string | undefined;
  counts: Readonly<Record<Outcome, number>>;
};

/** Webhooks that are asked before messages are stored, in memory: that there is none is known without a wait. */
export type SendHooks = {
  /** Undefined: nobody is asked. Without a promise as soon as the rows were read once. */
  of(conversationId: string): Awaitable<Asking | undefined>;
  /** Takes in what the rows say by now. Rejects where they cannot be read. */
  look(): Promise<void>;
  states(): readonly SendHookState[];
  /** How long they took to answer. */
  took: Durations;
  /** What is asked is given up: nothing is stored of it. */
  close(): void;
};

/** Nobody is asked, where nothing is known of webhooks. */
export const noSendHooks: SendHooks = {
  of: () => undefined,
  look: () => Promise.resolve(),
  states: () => [],
  took: durations(),
  close: () => undefined,
};

export type SendHooksOptions = {
  hooks: Pick<WebhookReads, "webhooks">;
  signals: Pick<Signals, "listen">;
  post: PostHook;
  now: () => Date;
  info: (message: string, detail: string) => void;
  warn: (message: string, detail: string) => void;
  /** How long it waits after a read that failed, in milliseconds. */
  againMs?: number;
};

const AGAIN_MS = 1_000;
/** Questions to one webhook at a time, and how many more may wait. */
const AT_ONCE = 64;
const WAITING = 1_000;
/** Calls of one user that may be under question: whoever sends more waits, whatever is done about a webhook that is late. */
const OF_USER = 16;
/** Messages of one call that are asked about at a time, and how long all of them may take, in milliseconds. */
const OF_CALL = 8;
const CALL_MS = 12_000;
/** How often it is logged that a webhook does not answer, in milliseconds. */
const TOLD_MS = 60_000;

const ENDS = "the server ends";
const NOT_ALLOWED = "this message is not allowed here";

type Hook = Pick<WebhookRow, "url" | "secret" | "conversationId"> & {
  id: string;
  beforeSend: NonNullable<WebhookRow["beforeSend"]>;
  of: Kept;
};
/** What is kept of a webhook as long as it is there. */
type Kept = {
  slots: LimitFunction;
  counts: Record<Outcome, number>;
  failingSince: number | undefined;
  error: string | undefined;
  toldAt: number;
};
type Decision = z.infer<typeof decisions>;

/** What a webhook answers. What else there is of it, is left out. */
const decisions = z.discriminatedUnion("decision", [
  z.object({ decision: z.literal("ALLOW") }),
  z.object({ decision: z.literal("REFUSE"), reason: z.string().optional() }),
  z.object({ decision: z.literal("CHANGE"), text: z.string().nullable() }),
]);

const newlyKept = (): Kept => ({
  slots: pLimit(AT_ONCE),
  counts: { allowed: 0, changed: 0, refused: 0, failed: 0 },
  failingSince: undefined,
  error: undefined,
  toldAt: 0,
});

export async function keepSendHooks(options: SendHooksOptions): Promise<SendHooks> {
  const { hooks: rows, signals, post, now, info, warn, againMs = AGAIN_MS } = options;
  const took = durations();
  const kept = new Map<string, Kept>();
  const ofUsers = new Map<string, number>();
  const underWay = new Set<AbortController>();
  let hooks: readonly Hook[] = [];
  let isKnown = false;
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;
  /** The read under way, and the one that begins after it. */
  let reading: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const found = await rows.webhooks();
    const asked = found.flatMap(({ id, hook: { url, secret, conversationId, beforeSend } }) => {
      if (beforeSend === undefined) return [];
      const of = kept.get(id) ?? newlyKept();
      return [{ id, url, secret, conversationId, beforeSend, of }];
    });
    kept.clear();
    for (const { id, of } of asked) kept.set(id, of);
    hooks = asked;
    isKnown = true;
  };

  const look = (): Promise<void> =>
    (next ??= reading =
      reading
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return read();
        }));

  const woken = (): void => {
    look().catch(() => {
      if (isClosed) return;
      clearTimeout(again);
      again = setTimeout(woken, againMs).unref();
    });
  };

  const known = (conversationId: string): Asking | undefined => {
    if (hooks.length === 0) return undefined;
    const asked = hooks.filter(({ conversationId: of }) => of === null || of === conversationId);
    return asked.length === 0 ? undefined : { ask: (userId, questions) => askAll(asked, userId, questions) };
  };

  const enter = (userId: string): (() => void) => {
    const before = ofUsers.get(userId) ?? 0;
    if (before >= OF_USER)
      throw new Refusal("RATE_LIMITED", "too many messages of yours are looked at just now: try again in a moment", {
        retryAfterMs: 500,
      });
    ofUsers.set(userId, before + 1);
    return () => {
      const left = (ofUsers.get(userId) ?? 1) - 1;
      if (left === 0) ofUsers.delete(userId);
      else ofUsers.set(userId, left);
    };
  };

  const askAll = async (asked: readonly Hook[], userId: string, questions: readonly Question[]): Promise<(string | null)[]> => {
    const leave = enter(userId);
    const until = performance.now() + CALL_MS;
    const limit = pLimit(OF_CALL);
    const inTime = (question: Question): Promise<string | null> => {
      // How many there are is up to the caller: it must not lead to what is done about a webhook that is late.
      if (questions.length > 1 && performance.now() > until)
        throw new Refusal("RATE_LIMITED", "so many messages cannot be looked at in time: forward fewer at once", {
          retryAfterMs: 1_000,
        });
      return decided(asked, question);
    };
    try {
      return await Promise.all(questions.map((question) => limit(() => inTime(question))));
    } finally {
      limit.clearQueue();
      leave();
    }
  };

  /** The text of a message after all were asked: each about what the one before made of it. */
  const decided = async (asked: readonly Hook[], question: Question): Promise<string | null> => {
    let { text } = question.data;
    for (const hook of asked) {
      const made = await decisionOf(hook, { ...question, data: { ...question.data, text } });
      if (made.decision === "CHANGE") ({ text } = made);
    }
    return text;
  };

  const decisionOf = async (hook: Hook, question: Question): Promise<Decision> => {
    const began = performance.now();
    const answer = await answerOf(hook, question);
    took.add((performance.now() - began) / 1_000);
    if (isClosed) throw unanswered(hook, ENDS);
    if ("error" in answer) return failed(hook, answer.error);
    if (hook.of.failingSince !== undefined) info("a webhook that is asked before messages are sent answers again", hook.id);
    hook.of.failingSince = undefined;
    hook.of.error = undefined;
    return noted(hook, question, answer.decision);
  };

  const noted = (hook: Hook, { id, data: { senderId, conversationId, text } }: Question, made: Decision): Decision => {
    const { counts } = hook.of;
    if (made.decision === "REFUSE") {
      counts.refused++;
      const reason = reasonOf(made);
      info("a webhook refused a message", `${hook.id}: ask_${id} of ${senderId} to ${conversationId}: ${reason}`);
      throw new Refusal("FORBIDDEN", reason, { field: "text" });
    }
    if (made.decision === "CHANGE" && made.text !== text) counts.changed++;
    else counts.allowed++;
    return made;
  };

  /** What becomes of a message that a webhook says nothing of. */
  const failed = (hook: Hook, error: string): Decision => {
    const { id, of, beforeSend } = hook;
    const at = now().getTime();
    of.counts.failed++;
    of.failingSince ??= at;
    of.error = error;
    if (at - of.toldAt >= TOLD_MS) {
      of.toldAt = at;
      const what = beforeSend.otherwise === "ALLOW" ? "messages are sent without" : "messages are refused";
      warn(`a webhook that is asked before messages are sent does not answer: ${what}`, `${id}: ${error}`);
    }
    if (beforeSend.otherwise === "ALLOW") return { decision: "ALLOW" };
    throw unanswered(hook, error);
  };

  /** Asks one webhook, in its turn. The time that it waits for that counts. */
  const answerOf = async (hook: Hook, { id, kind, data }: Question): Promise<{ decision: Decision } | { error: string }> => {
    const { url, secret, of, beforeSend } = hook;
    if (isClosed) return { error: ENDS };
    if (of.slots.pendingCount >= WAITING) return { error: "too many messages wait for its answers" };
    const stop = new AbortController();
    const late = new Promise<Posted>((resolve) => {
      const over = (): void => resolve({ error: `no answer within ${beforeSend.timeoutMs} ms` });
      stop.signal.addEventListener("abort", over, { once: true });
    });
    const timer = setTimeout(() => stop.abort(), beforeSend.timeoutMs);
    underWay.add(stop);
    try {
      const asked = of.slots(() => {
        if (stop.signal.aborted) return late;
        const at = now();
        const body = JSON.stringify({ type: "BEFORE_SEND", timestamp: at.toISOString(), data });
        return post({ url, secret, id: `ask_${id}`, at: at.getTime(), body, stop: stop.signal });
      });
      const posted = await Promise.race([late, asked]);
      if ("error" in posted) return posted;
      if (posted.status < 200 || posted.status > 299) return { error: `answered ${posted.status}` };
      return decisionIn(posted.body ?? "", kind);
    } finally {
      clearTimeout(timer);
      underWay.delete(stop);
    }
  };

  const unlisten = await signals.listen([WEBHOOKS_TOPIC], woken);
  woken();
  return {
    of: (conversationId) => (isKnown ? known(conversationId) : look().then(() => known(conversationId))),
    look,
    states: () =>
      hooks.map(({ id, beforeSend: { otherwise }, of: { failingSince, error, counts } }) => ({
        id,
        otherwise,
        failingSince,
        error,
        counts,
      })),
    took,
    close: () => {
      isClosed = true;
      clearTimeout(again);
      unlisten();
      for (const stop of underWay) stop.abort();
    },
  };
}

/** Nothing was stored. Nothing is away that others need: only what this one is asked about waits. */
const unanswered = ({ id }: Hook, error: string): Refusal =>
  new Refusal(
    "UNAVAILABLE",
    "messages are looked at here by a program that does not answer now; nothing was stored: send the same clientMutationId again",
    { retryAfterMs: 1_000, cause: new Withheld("nothing", `the webhook ${id}: ${error}`) },
  );

/** In one line, as long as it may be. */
function reasonOf({ reason = "" }: { reason?: string | undefined }): string {
  const text = [...inLine(reason.replace(/[\p{Surrogate}\0]/gu, ""))].slice(0, MAX_REASON).join("");
  return isBlank(text) ? NOT_ALLOWED : text;
}

/** What an answer says; a text only if it can be that of the message. */
function decisionIn(body: string, kind: Question["kind"]): { decision: Decision } | { error: string } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { error: "its answer is no JSON" };
  }
  const { success, data } = decisions.safeParse(json);
  if (!success) return { error: "its answer is none of ALLOW, REFUSE and CHANGE as docs/webhooks.md has them" };
  if (data.decision !== "CHANGE") return { decision: data };
  try {
    return { decision: { ...data, text: textOf(kind, data.text) } };
  } catch (error) {
    if (error instanceof Refusal) return { error: `its text cannot be that of a message: ${error.message}` };
    throw error;
  }
}
