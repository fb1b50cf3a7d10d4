import type { Awaitable } from "../ports/awaitable.ts";
import type { Elsewhere } from "../ports/elsewhere.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";

/** Who is typing where. It is true for some seconds, unless it is said again. */
export type Typing = {
  /** A user types in a conversation, or does no longer. Says nothing twice, and no more than one change a second of each. */
  set(conversation: string, user: string, isTyping: boolean): void;
  /** At most 20, those who began last first. */
  in(conversation: string): Awaitable<string[]>;
  /**
   * Those of them who listeners know to be typing, for one who begins to listen. Of the others it is told soon that they began,
   * unless they have ended by then: of that nothing is told.
   */
  known(conversation: string): Awaitable<string[]>;
  close(): void;
};

export type TypingOptions = {
  ephemeral: Pick<Ephemeral, "tell">;
  /** What other servers know. Default: there are none. */
  elsewhere?: Pick<Elsewhere, "noteTyping" | "typingIn">;
  clock?: () => number;
  /** How long it is true, and how long a change waits after another one of the same user; in milliseconds. */
  lastsMs?: number;
  restMs?: number;
};

/** Who listens to it hears who begins and who ends (`user`, `typing`). */
export const typingTopic = (conversation: string): string => `typing/${conversation}`;

/** `told`: what listeners know, since `toldAt`. In milliseconds of the clock. */
type Entry = { until: number; told: boolean; toldAt: number };

/** Clients say it again every few seconds. */
const LASTS_MS = 8_000;
const REST_MS = 1_000;
/** Nobody reads more names than that. */
const SHOWN_MAX = 20;
/** So many may type in one conversation, and in all. More are not noticed until others have ended. */
const IN_ONE_MAX = 50;
const IN_ALL_MAX = 100_000;

/** Who is typing, as this server and the others were told. */
export function createTyping(options: TypingOptions): Typing {
  const { ephemeral, elsewhere, clock = () => performance.now(), lastsMs = LASTS_MS, restMs = REST_MS } = options;
  const conversations = new Map<string, Map<string, Entry>>();
  let count = 0;
  let sweeping: NodeJS.Timeout | undefined;

  /** Tells what is so, if listeners know otherwise and were not told a moment ago. */
  function settle(conversation: string, user: string, entry: Entry, now: number): void {
    const typing = entry.until > now;
    if (typing === entry.told || now - entry.toldAt < restMs) return;
    entry.told = typing;
    entry.toldAt = now;
    ephemeral.tell(typingTopic(conversation), { user, typing });
  }

  function sweep(): void {
    sweeping = undefined;
    const now = clock();
    for (const [conversation, users] of conversations)
      for (const [user, entry] of users) {
        settle(conversation, user, entry, now);
        if (entry.until > now || entry.told || now - entry.toldAt < restMs) continue;
        users.delete(user);
        count -= 1;
        if (users.size === 0) conversations.delete(conversation);
      }
    if (count > 0) wait();
  }

  const wait = (): void => {
    sweeping ??= setTimeout(sweep, Math.max(1, restMs / 2)).unref();
  };

  function shown(conversation: string, isShown: (entry: Entry) => boolean): string[] {
    const now = clock();
    const typing = [...(conversations.get(conversation) ?? [])].filter(([, entry]) => entry.until > now && isShown(entry));
    return typing
      .map(([user]) => user)
      .reverse()
      .slice(0, SHOWN_MAX);
  }

  /** While the others cannot be asked, only who was told to this server. */
  function withOthers(conversation: string, here: string[]): Awaitable<string[]> {
    if (elsewhere === undefined) return here;
    const mine = conversations.get(conversation);
    return elsewhere.typingIn(conversation).then(
      (all) => [...here, ...all.filter((user) => mine?.has(user) !== true)].slice(0, SHOWN_MAX),
      () => here,
    );
  }

  return {
    set: (conversation, user, isTyping) => {
      const there = conversations.get(conversation);
      // So it is with nearly every message.
      if (!isTyping && there === undefined) return;
      const now = clock();
      const users = there ?? new Map<string, Entry>();
      const known = users.get(user);
      if (known === undefined && (!isTyping || users.size >= IN_ONE_MAX || count >= IN_ALL_MAX)) return;
      const entry = known ?? { until: 0, told: false, toldAt: -Infinity };
      if (known === undefined) {
        conversations.set(conversation, users);
        users.set(user, entry);
        count += 1;
      }
      entry.until = isTyping ? now + lastsMs : now;
      elsewhere?.noteTyping(conversation, user, isTyping ? lastsMs : 0);
      settle(conversation, user, entry, now);
      wait();
    },
    in: (conversation) =>
      withOthers(
        conversation,
        shown(conversation, () => true),
      ),
    known: (conversation) =>
      withOthers(
        conversation,
        shown(conversation, ({ told }) => told),
      ),
    close: () => clearTimeout(sweeping),
  };
}
