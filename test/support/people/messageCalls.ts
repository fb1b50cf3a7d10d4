import { type Call, call, pick, type Scene } from "./calls.ts";
import { lastingS, timeOf } from "./days.ts";
import * as messages from "./messages.ts";
import { directOf, type Model } from "./model.ts";
import { cancelScheduled, scheduleMessage } from "./schedules.ts";
import type { Command, Step } from "./steps.ts";

const EMOJI = ["👍", "❤️", "😀"] as const;

const COMMANDS = [
  "sendMessage",
  "editMessage",
  "recallMessage",
  "react",
  "pinMessage",
  "forwardMessages",
  "scheduleMessage",
  "setPreferences",
  "markRead",
] as const satisfies readonly Command[];
type MessageCommand = (typeof COMMANDS)[number];

export const isOfMessages = (command: Command): command is MessageCommand => (COMMANDS as readonly Command[]).includes(command);

/** A command about what is said in a conversation. `index`: of the command, which makes its text another one than all others'. */
export function messageCall(model: Model, command: MessageCommand, index: number, step: Step, scene: Scene): Call | undefined {
  const { conversation, by, other, some, seq } = scene;
  const { by: chosen, flag, other: nth } = step;
  const { id } = conversation;
  const sender = flag ? (conversation.messages[seq - 1]?.sender ?? by) : by;
  switch (command) {
    case "sendMessage": {
      const lasts = nth % 6 === 1 ? 1 + (nth % 4) : null;
      const more = { text: `text ${index}`, replyTo: flag && nth % 3 === 0 ? seq : null, mentions: nth % 4 === 0 ? some : [] };
      const expected = messages.sendMessage(model, conversation, by, {
        ...more,
        expires: lasts === null ? null : model.day + lasts,
      });
      const expiresAfterSeconds = lasts === null ? null : lastingS(lasts);
      return call(by, command, { conversationId: id, ...more, expiresAfterSeconds }, expected);
    }
    case "editMessage": {
      const text = `edited ${nth % 3}`;
      const expected = messages.editMessage(model, conversation, sender, seq, text);
      return call(sender, command, { conversationId: id, seq, text }, expected);
    }
    case "recallMessage":
      return call(sender, command, { conversationId: id, seq }, messages.recallMessage(model, conversation, sender, seq));
    case "react": {
      const more = { seq, emoji: pick(EMOJI, nth), on: flag || chosen % 2 === 0 };
      return call(by, command, { conversationId: id, ...more }, messages.react(model, conversation, by, more));
    }
    case "pinMessage": {
      const more = { seq, on: flag || chosen % 3 === 0 };
      return call(by, command, { conversationId: id, ...more }, messages.pinMessage(model, conversation, by, more));
    }
    case "forwardMessages": {
      const seqs = [...new Set([seq, ...step.some.map((one) => 1 + (one % Math.max(1, conversation.messages.length)))])];
      const to = nth % 4 === 0 && by !== other ? directOf(model, by, other) : pick([...model.conversations.values()], nth);
      if (!to) return undefined;
      const input = { fromConversationId: id, seqs, toConversationId: to.id };
      return call(by, command, input, messages.forwardMessages(model, by, conversation, seqs, to));
    }
    case "scheduleMessage": {
      const text = `later ${index}`;
      const day = model.day + (nth % 11 === 0 ? 0 : 1 + (nth % 3));
      const to = flag && by !== other ? directOf(model, by, other) : conversation;
      const place = flag && by !== other ? { userId: other } : { conversationId: id };
      const done: Call["done"] = ({ scheduled }) => {
        const made = (scheduled as { id: string; text: string }[]).find((one) => one.text === text);
        model.scheduled.push({ id: String(made?.id), by, to: to.id, text, day, state: "WAITING" });
      };
      return call(by, command, { ...place, text, sendAt: timeOf(day) }, scheduleMessage(model, to, by, day), done);
    }
    case "setPreferences": {
      const wanted: messages.Wanted = {
        ...(nth % 3 === 0 && { muted: flag }),
        ...(nth % 4 === 0 && { pinned: flag }),
        ...(nth % 5 < 3 && { hidden: flag }),
        ...(nth % 7 < 2 && { nickname: flag ? `nickname ${nth % 3}` : null }),
      };
      return call(by, command, { conversationId: id, ...wanted }, messages.setPreferences(model, conversation, by, wanted));
    }
    case "markRead":
      return call(by, command, { conversationId: id, seq }, messages.markRead(model, conversation, by, seq));
  }
}

/** Mostly of who scheduled it, and mostly one that waits. */
export function cancelCall(model: Model, { at, flag, other }: Step, by: string): Call | undefined {
  const open = model.scheduled.filter(({ state }) => state !== "OVER");
  const found = pick(flag ? open : model.scheduled, at);
  if (!found) return undefined;
  const actor = other % 5 === 0 ? by : found.by;
  return call(actor, "cancelScheduled", { id: found.id }, cancelScheduled(actor, found));
}
