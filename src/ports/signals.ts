/**
 * Wakes whoever waits for news of a topic (`users/<id>`, `conversations/<id>`). A signal carries no data: whoever is woken reads
 * on after its cursor. Listen before the first read, and nothing is missed.
 */
export type Signals = {
  /**
   * Wakes every listener of these topics, in any process, soon and at least once. Those who began to listen after an `epoch` are
   * woken too: whoever chose the topics may not have seen them yet.
   */
  publish(topics: Iterable<string>, epoch?: bigint): void;
  /** Wakes every listener: anything may be news. */
  publishAll(): void;
  /** In force once it resolves. The returned function ends it. */
  listen(topics: readonly string[], wake: () => void): Promise<() => void> | (() => void);
};
