/**
 * Wakes whoever waits for news of a topic (`users/<id>`, `conversations/<id>`). A signal carries no data: who is woken reads on after its
 * cursor. Listen before the first read, and nothing is missed.
 */
export type Signals = {
  /**
   * Wakes every listener of these topics, in whichever process; soon, once at least. Those who began to listen after an `epoch` are woken too: whoever chose the
   * topics may not have had them in sight.
   */
  publish(topics: Iterable<string>, epoch?: bigint): void;
  /** Wakes every listener: anything may be news. */
  publishAll(): void;
  /** In force once resolved. The function returned ends it. */
  listen(topics: readonly string[], wake: () => void): Promise<() => void> | (() => void);
};
