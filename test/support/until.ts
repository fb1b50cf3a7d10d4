/**
 * Waits until a condition holds and gives what it answered. Throws after `timeoutMs`, saying what was waited for: a test that
 * hangs tells why. `everyMs`: how long to wait before the condition is asked again; longer where asking takes time from whoever
 * is waited for.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 20_000,
  everyMs = 5,
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
