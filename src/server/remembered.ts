/**
 * Asks one question at a time. Whoever asks while it is under way gets its answer. So does whoever asks within `ms` after that.
 */
export function remembered<T>(ask: () => Promise<T>, ms: number, now: () => number): () => Promise<T> {
  let last: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (last && now() < last.until) return last.answer;
    const asked = { answer: ask(), until: Number.POSITIVE_INFINITY };
    const settled = () => void (asked.until = now() + ms);
    asked.answer.then(settled, settled);
    last = asked;
    return asked.answer;
  };
}
