/**
 * Who is connected and who is typing at other servers: true for a moment only, and in no log. What a server said that ended
 * without a word is forgotten within seconds. Where it is away, `devicesOf` and `typingIn` reject with `Unavailable`, and nothing
 * that is noted is lost: it is said again once it is back.
 */
export type Elsewhere = {
  /** A device of a user is connected here from now on, or no longer. Whoever hears what is told after this call can know it. */
  note(user: string, device: string, isHere: boolean): void;
  /** The devices of each of these users that are connected at other servers. */
  devicesOf(users: readonly string[]): Promise<ReadonlySet<string>[]>;
  /** A user types in a conversation for so many milliseconds from now on; 0: no longer. */
  noteTyping(conversation: string, user: string, ms: number): void;
  /** Who types in a conversation, at any server, those who began last first. */
  typingIn(conversation: string): Promise<string[]>;
};
