import { useMemo } from "react";
import { Pins } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { useAsked } from "../parts/useAsked.ts";
import { useEntries } from "../parts/useEntries.ts";

/** The pinned messages of a conversation, asked anew when an entry says that they are others. */
export function usePins(conversationId: string): readonly Message[] {
  const { answer, again } = useAsked(Pins, { conversationId });
  const pins = answer?.conversation?.pins;
  useEntries((entry) => {
    if (!entry) again();
    if (entry?.__typename !== "MessageChanged" || entry.message.conversation.id !== conversationId) return;
    const { messageChange, message } = entry;
    if (messageChange === "PINNED" || messageChange === "UNPINNED" || pins?.some(({ seq }) => seq === message.seq)) again();
  });
  return useMemo(() => pins?.map((pin) => ({ ...pin, type: "message", conversationId }) as const) ?? [], [pins, conversationId]);
}
