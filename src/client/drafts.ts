import type { Publisher, Value } from "./watched.ts";

export type Drafts = ReturnType<typeof createDrafts>;

/** What was written and not sent, by conversation. `keep` is told a moment after the last change. */
export function createDrafts(publisher: Publisher, keep: (conversationId: string, text: string) => void) {
  const texts = new Map<string, Value<string>>();
  const late = new Map<string, ReturnType<typeof setTimeout>>();

  const of = (id: string): Value<string> => {
    const known = texts.get(id) ?? publisher.value("");
    texts.set(id, known);
    return known;
  };
  const keepNow = (id: string): void => {
    clearTimeout(late.get(id));
    if (late.delete(id)) keep(id, of(id).get());
  };
  return {
    of,
    set(id: string, text: string): void {
      if (of(id).get() === text) return;
      of(id).set(text);
      clearTimeout(late.get(id));
      late.set(
        id,
        setTimeout(() => keepNow(id), KEEP_AFTER_MS),
      );
    },
    /** What was kept: nothing where somebody has written here meanwhile. */
    kept(id: string, text: string): void {
      if (of(id).get() === "") of(id).set(text);
    },
    /** What another tab wrote: nothing where somebody writes here. */
    took(id: string, text: string): void {
      if (!late.has(id)) of(id).set(text);
    },
    /** Nobody looks there any more. */
    forget(id: string): void {
      if (!late.has(id) && texts.get(id)?.get() === "") texts.delete(id);
    },
    clear(): void {
      for (const timer of late.values()) clearTimeout(timer);
      late.clear();
      for (const text of texts.values()) text.set("");
    },
    /** Keeps at once what is not kept yet. False: there was nothing. */
    flush(): boolean {
      const ids = [...late.keys()];
      for (const id of ids) keepNow(id);
      return ids.length > 0;
    },
  };
}

/** A pause in writing after which a draft is kept, in milliseconds. */
const KEEP_AFTER_MS = 300;
