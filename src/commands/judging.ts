import type { Judged, Memory, Rule, Rules, Verdict } from "../domain/rules.ts";
import { Refusal } from "../domain/refusal.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { ModerationSteps } from "./commands.ts";
import type { MessageData } from "./outgoing.ts";

/** The rules of this server. */
export type RulesInForce = {
  /** Undefined: there are none. They may be others the next time. */
  now(): Rules | undefined;
  /** Told of a report that a rule could not make. */
  failed(rule: string, error: unknown): void;
};

/** What messages are held to before they are stored. */
export type Judging = {
  /** Undefined: there are no rules, and nothing is to be done. */
  ofMessages(messages: readonly JudgedMessage[]): JudgedCall | undefined;
  /** Throws the `Refusal` of a rule that an edit breaks. Returns the rules that report it. */
  edit(message: JudgedMessage): readonly Rule[];
  /**
   * Makes the reports of rules. Nobody waits for it: whoever sent the message must not learn of it, not by the time that it
   * takes.
   */
  report(place: { conversationId: string; seq: number }, rules: readonly Rule[]): void;
};

export type JudgedMessage = Pick<MessageData, "conversationId" | "senderId" | "text"> & Partial<Pick<MessageData, "attachments">>;

/** One call and its messages. They are judged once, however often it is asked. */
export type JudgedCall = {
  /** Throws the `Refusal` of a rule that one of them breaks. `content`: the messages, where they are known only now. */
  require(content?: readonly JudgedMessage[]): void;
  /** The rules that report a message, by its place in the call. */
  reporting(index: number): readonly Rule[];
};

/** What is remembered of rates and repeated texts. */
const MEMORY_BYTES = 33_554_432;

/** When messages were sent, in so many bytes: what was asked for longest ago is forgotten first. */
export function ruleMemory(bytes = MEMORY_BYTES): Memory {
  const kept = byteCache<readonly number[]>(bytes, (times) => 16 + 8 * times.length);
  return { get: (key) => kept.get(key), set: (key, times) => void kept.set(key, times) };
}

/** `atMs`: milliseconds since 1970. */
export const judgedAs = (
  { conversationId, senderId, text, attachments = [] }: JudgedMessage,
  atMs: number,
  isEdit: boolean,
): Judged => ({
  conversationId,
  senderId,
  text,
  urls: attachments.flatMap(({ url }) => (url === undefined ? [] : [url])),
  atMs,
  isEdit,
});

export function judging(
  rules: RulesInForce | undefined,
  now: () => Date,
  reportByRule: () => ModerationSteps["reportByRule"],
  memory: Memory = ruleMemory(),
): Judging {
  const judged = (message: JudgedMessage, isEdit: boolean): readonly Rule[] => {
    const verdict = rules?.now()?.judge(judgedAs(message, now().getTime(), isEdit), memory);
    if (verdict === undefined) return [];
    if (verdict.refusedBy) throw refusalBy(verdict.refusedBy, verdict);
    return verdict.reportedBy;
  };

  return {
    ofMessages: (messages) => {
      if (rules?.now() === undefined) return undefined;
      let found: (readonly Rule[])[] | undefined;
      return {
        require: (content = messages) => void (found ??= content.map((message) => judged(message, false))),
        reporting: (index) => found?.[index] ?? [],
      };
    },
    edit: (message) => judged(message, true),
    report: (place, reporting) => {
      for (const { name, message } of reporting)
        reportByRule()({ ...place, rule: name, reason: message }).catch((error: unknown) => rules?.failed(name, error));
    },
  };
}

function refusalBy({ message }: Rule, { retryAfterMs }: Verdict): Refusal {
  return retryAfterMs === undefined
    ? new Refusal("FORBIDDEN", message, { field: "text" })
    : new Refusal("RATE_LIMITED", message, { retryAfterMs });
}
