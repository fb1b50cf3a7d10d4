import type { Json } from "../apiWorld.ts";
import type { Conversation, Outcome } from "./model.ts";

/** A command as it is asked, what it must be answered, and what the model makes of it if it is done. */
export type Call = { by: string; mutation: string; input: Json; expected: Outcome; done?: (data: Json) => void };

export const call = (by: string, mutation: string, input: Json, expected: Outcome, done?: Call["done"]): Call => ({
  by,
  mutation,
  input,
  expected,
  ...(done && { done }),
});

/** What a command in a conversation is about: who gives it, anyone, another one, some others, and a message that may be there. */
export type Scene = {
  conversation: Conversation;
  by: string;
  anyone: string;
  other: string;
  /** Mostly a member. */
  target: string;
  some: string[];
  seq: number;
};

export function pick<T>(from: readonly [T, ...T[]], index: number): T;
export function pick<T>(from: readonly T[], index: number): T | undefined;
export function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)];
}
