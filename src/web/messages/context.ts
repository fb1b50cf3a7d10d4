import type { TFunction } from "i18next";
import { createContext, useContext } from "react";
import type { MembersQuery } from "../../client/operations.ts";
import type { ConversationHandle, ConversationState, Message, Person } from "../../client/types.ts";
import type { MenuPlace } from "../parts/Menu.tsx";

export type Member = NonNullable<MembersQuery["conversation"]>["members"]["edges"][number]["node"];

/** What a message needs to know of the open conversation. It changes seldom: with it all rows are made anew. */
export type Around = {
  /** As `useTranslation` gives it: of thousands of rows none has to follow the language by itself. */
  readonly t: TFunction;
  readonly language: string;
  readonly me: string;
  readonly isDirect: boolean;
  readonly mayWrite: boolean;
  /** What a person is called here. */
  nameOf(person: Pick<Person, "id" | "name">): string;
  /** Opens what one can do with a message. */
  menu(message: Message, at: MenuPlace, isInThread: boolean): void;
  reply(to: Message): void;
  openThread(seq: number): void;
  /** Shows a message in its place, whether it is loaded or not. */
  jump(seq: number): void;
  /** Puts a text back where one writes. */
  takeBack(text: string): void;
};

/** The open conversation, and what its parts ask of each other. */
export type Open = Around & {
  readonly handle: ConversationHandle;
  readonly conversation: ConversationState;
  readonly members: readonly Member[];
  /** There are more members than are loaded. */
  readonly hasMoreMembers: boolean;
  loadMoreMembers(): void;
  /** Owner, or administrator. */
  readonly isStaff: boolean;
  /** The pinned messages, as far as they are known: what was pinned last comes first. */
  readonly pins: readonly Message[];
  edit(message: Message): void;
  toEnd(): void;
};

export const OpenContext = createContext<Open | undefined>(undefined);
export const AroundContext = createContext<Around | undefined>(undefined);
/** By how many others a message of the viewer was read, by its seq. */
export const ReadersContext = createContext<(seq: number) => number>(() => 0);

export function useOpen(): Open {
  const open = useContext(OpenContext);
  if (!open) throw new Error("no conversation is open");
  return open;
}

export function useAround(): Around {
  const around = useContext(AroundContext);
  if (!around) throw new Error("no conversation is open");
  return around;
}

/** What people are called in a conversation: the viewer's alias, the nickname there, or the name. */
export function namesIn(members: readonly Member[]): Around["nameOf"] {
  const names = new Map(members.map(({ user, nickname }) => [user.id, user.friendship.alias ?? nickname]));
  return ({ id, name }) => names.get(id) ?? name;
}
