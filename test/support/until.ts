/** A busy machine may take so long, in milliseconds. It is less than a test may take: one that hangs tells for what. */
const PATIENCE_MS = 50_000;

/** The longest rest between two questions that take long, in milliseconds. */
const LONG_REST_MS = 50;

/**
 * Waits until a condition holds and gives what it answered. Throws after `timeoutMs`, saying what was waited for: a test that
 * hangs tells why. `everyMs`: how long to wait before the condition is asked again. It is as long as the question took where that
 * is more: asking takes time from whoever is waited for.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = PATIENCE_MS,
  everyMs = 5,
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const asked = performance.now();
    const answer = await condition();
    if (answer) return answer;
    const now = performance.now();
    if (now > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    const rest = Math.max(everyMs, Math.min(now - asked, LONG_REST_MS));
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}
