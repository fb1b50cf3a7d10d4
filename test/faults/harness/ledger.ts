import { expect } from "vitest";
import { type Call, conversationOf, type Sent } from "./calls.ts";

/** From and to, as cursors; open where there is no `to`. */
type Stay = { from: string; to?: string };

/** A send that was answered. */
export type Acknowledged = { call: Call; answer: Sent; conversation: string };

/** What users were told, and what follows from it: what every later look is held against. */
export type Ledger = {
  /** By `clientMutationId`. */
  readonly sends: ReadonlyMap<string, Acknowledged>;
  conversations(): string[];
  /** What was sent to a conversation, in the order of the answers. */
  of(conversation: string): readonly Acknowledged[];
  /** Takes an answer in; whether it is the first to its call. A repeat that is answered otherwise fails the test. */
  sent(call: Call, answer: Sent): boolean;
  read(user: string, conversation: string, seq: number): void;
  /** The highest seq that someone has read or sent. */
  markOf(user: string, conversation: string): number;
  /** Whether a message may be edited or recalled: once each. */
  claim(conversation: string, seq: number): boolean;
  recalled(conversation: string, seq: number): void;
  isRecalled(conversation: string, seq: number): boolean;
  isChanged(conversation: string, seq: number): boolean;
  joined(user: string, group: string, cursor: string): void;
  left(user: string, group: string, cursor: string): void;
  /** The cursor from which someone is in a group since they joined it last; undefined for who never was in it. */
  joinedAt(user: string, group: string): string | undefined;
  /** Whether someone is to be told of a message at that place of the log. */
  wasThere(user: string, conversation: string, cursor: string): boolean;
};

export function createLedger(): Ledger {
  const sends = new Map<string, Acknowledged>();
  const byConversation = new Map<string, Acknowledged[]>();
  const marks = new Map<string, number>();
  const changed = new Set<string>();
  const gone = new Set<string>();
  const stays = new Map<string, Stay[]>();

  const read = (user: string, conversation: string, seq: number): void => {
    const key = `${user} ${conversation}`;
    marks.set(key, Math.max(marks.get(key) ?? 0, seq));
  };
  const staysOf = (user: string, group: string): Stay[] => {
    const key = `${user} ${group}`;
    const list = stays.get(key) ?? [];
    stays.set(key, list);
    return list;
  };

  return {
    sends,
    conversations: () => [...byConversation.keys()],
    of: (conversation) => byConversation.get(conversation) ?? [],
    sent: (call, answer) => {
      const before = sends.get(call.clientMutationId);
      if (before) {
        expect(answer, `a repeat of ${call.clientMutationId}`).toEqual(before.answer);
        return false;
      }
      expect(answer.message.clientMutationId).toBe(call.clientMutationId);
      const conversation = conversationOf(call);
      const acknowledged = { call, answer, conversation };
      sends.set(call.clientMutationId, acknowledged);
      const list = byConversation.get(conversation) ?? [];
      byConversation.set(conversation, list);
      list.push(acknowledged);
      read(call.by.id, conversation, answer.message.seq);
      return true;
    },
    read,
    markOf: (user, conversation) => marks.get(`${user} ${conversation}`) ?? 0,
    claim: (conversation, seq) => {
      const key = `${conversation}:${seq}`;
      if (changed.has(key)) return false;
      changed.add(key);
      return true;
    },
    recalled: (conversation, seq) => void gone.add(`${conversation}:${seq}`),
    isRecalled: (conversation, seq) => gone.has(`${conversation}:${seq}`),
    isChanged: (conversation, seq) => changed.has(`${conversation}:${seq}`),
    joined: (user, group, cursor) => void staysOf(user, group).push({ from: cursor }),
    left: (user, group, cursor) => {
      const last = staysOf(user, group).at(-1);
      if (last) last.to = cursor;
    },
    joinedAt: (user, group) => stays.get(`${user} ${group}`)?.at(-1)?.from,
    wasThere: (user, conversation, cursor) => {
      if (conversation.startsWith("d:")) return conversation.slice(2).split("~").includes(user);
      return (stays.get(`${user} ${conversation}`) ?? []).some(
        ({ from, to }) => cursor > from && (to === undefined || cursor < to),
      );
    },
  };
}
