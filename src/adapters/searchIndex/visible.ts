import type { SearchFilter, SeqWindow } from "../../ports/searchIndex.ts";

/** What a query may find. Each conversation is in one of the two: as a whole, or by windows. */
export type Allowed = { whole: string[]; windows: Map<string, SeqWindow[]> };

/** Combines visibility with the conversations that were asked for. Undefined: everything may be found. */
export function allowedBy({ visible, conversationIds }: SearchFilter): Allowed | undefined {
  if (visible === undefined) return conversationIds && { whole: [...new Set(conversationIds)], windows: new Map() };
  const asked = conversationIds && new Set(conversationIds);
  const whole = new Set(visible.conversationIds);
  const windows = new Map<string, SeqWindow[]>();
  for (const window of visible.windows) {
    const { conversationId, fromSeq, toSeq } = window;
    if (fromSeq <= 1 && toSeq === undefined) whole.add(conversationId);
    const others = windows.get(conversationId);
    if (others) others.push(window);
    else windows.set(conversationId, [window]);
  }
  const isAsked = (id: string): boolean => asked === undefined || asked.has(id);
  for (const id of windows.keys()) if (whole.has(id) || !isAsked(id)) windows.delete(id);
  return { whole: [...whole].filter(isAsked), windows };
}
