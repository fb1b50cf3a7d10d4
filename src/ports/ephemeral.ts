/** What is told: small, and of no worth a moment later. */
export type Told = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Tells who listens to a topic something that is true for a moment only: who came online, who is typing. It is in no log, and is
 * not kept: who does not listen misses it, and it may get lost where a broker is away. In any process, soon, and from one end in
 * the order in which it was told.
 */
export type Ephemeral = {
  tell(topic: string, told: Told): void;
  /** In force once it resolves. The returned function ends it. A listener that throws keeps no other from hearing. */
  listen(topics: readonly string[], heard: (told: Told, topic: string) => void): Promise<() => void> | (() => void);
};
