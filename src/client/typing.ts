import type { Ask } from "./asking.ts";
import { SetTyping, TypingIn, type TypingInSubscription } from "./operations.ts";
import type { Person, TypedDocument, Watched } from "./types.ts";
import type { Publisher } from "./watched.ts";

/** For how long somebody counts as typing who said nothing more, in milliseconds: longer than the server's own limit. */
const TYPING_MS = 12_000;
/** How often it is said that the viewer is typing, while they are: the server forgets it after 8 s. */
const SAY_EVERY_MS = 4_000;

export type Watch = <Result, Variables>(
  document: TypedDocument<Result, Variables>,
  variables: Variables,
  sink: (data: Result) => void,
) => () => void;

/** Who is typing in one conversation. It is asked for while somebody watches it. */
export function createTyping(
  conversationId: string,
  { ask, watch, publisher }: { ask: Ask; watch: Watch; publisher: Publisher },
) {
  const ends = new Map<string, ReturnType<typeof setTimeout>>();
  let stop: (() => void) | undefined;
  let saidAt = -Infinity;

  const typing = publisher.value<readonly Person[]>([], (isWatched) => {
    if (isWatched) stop = watch(TypingIn, { conversationId }, took);
    else end();
  });

  const took = ({ typing: { user, typing: isTyping } }: TypingInSubscription): void => {
    clearTimeout(ends.get(user.id));
    ends.delete(user.id);
    const others = typing.get().filter(({ id }) => id !== user.id);
    if (isTyping)
      ends.set(
        user.id,
        setTimeout(() => gone(user.id), TYPING_MS),
      );
    typing.set(isTyping ? [...others, user] : others);
  };
  const gone = (user: string): void => {
    clearTimeout(ends.get(user));
    ends.delete(user);
    if (typing.get().some(({ id }) => id === user)) typing.set(typing.get().filter(({ id }) => id !== user));
  };
  const end = (): void => {
    stop?.();
    stop = undefined;
    for (const timer of ends.values()) clearTimeout(timer);
    ends.clear();
    typing.set([]);
  };

  return {
    typing: typing as Watched<readonly Person[]>,
    /** Somebody's message came: they type no more. */
    gone,
    set(on: boolean): void {
      const now = Date.now();
      if (on ? now - saidAt < SAY_EVERY_MS : saidAt === -Infinity) return;
      saidAt = on ? now : -Infinity;
      // It is for the moment: what was not said is not said later.
      ask(SetTyping, { conversationId, typing: on }).catch(() => undefined);
    },
    end,
  };
}
