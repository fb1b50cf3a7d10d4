import { createContext, useContext } from "react";
import type { MembersQuery } from "../../client/operations.ts";
import type { ConversationHandle, ConversationState, Message } from "../../client/types.ts";

export type Member = NonNullable<MembersQuery["conversation"]>["members"]["edges"][number]["node"];

/** The open conversation, and what its parts ask of each other. */
export type Open = {
  readonly handle: ConversationHandle;
  readonly conversation: ConversationState;
  readonly members: readonly Member[];
  /** Owner, or administrator. */
  readonly isStaff: boolean;
  readonly mayWrite: boolean;
  reloadMembers(): void;
  reply(to: Message): void;
  edit(message: Message): void;
  openThread(seq: number): void;
  /** Shows a message in its place, whether it is loaded or not. */
  jump(seq: number): void;
  toEnd(): void;
  /** Puts a text back where one writes. */
  takeBack(text: string): void;
};

export const OpenContext = createContext<Open | undefined>(undefined);

export function useOpen(): Open {
  const open = useContext(OpenContext);
  if (!open) throw new Error("no conversation is open");
  return open;
}

/** What a person is called in a conversation: the viewer's alias, the nickname there, or the name. */
export function nameIn(members: readonly Member[], { id, name }: { id: string; name: string }): string {
  const member = members.find(({ user }) => user.id === id);
  return member?.user.friendship.alias ?? member?.nickname ?? name;
}
