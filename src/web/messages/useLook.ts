import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { ConversationHandle } from "../../client/types.ts";

/** What is in sight is looked at so long after something changed, and so often. */
const SOON_MS = 150;
const LOOK_MS = 2_000;

type Looked = {
  handle: ConversationHandle;
  scroller: RefObject<HTMLElement | null>;
  /** Changes when there may be something else in sight. */
  of: unknown;
  /** The unread line is in sight. */
  onLine: () => void;
};

/** What has been in sight, in a tab that somebody looks at, is read. Gives a function that has it looked at soon. */
export function useLook({ handle, scroller, of, onLine }: Looked): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const line = useRef(onLine);
  useEffect(() => {
    line.current = onLine;
  });
  const look = useCallback(() => {
    const box = scroller.current;
    const conversation = handle.conversation.get();
    // Who is no member has read nothing, whatever they look at.
    if (!box || !conversation?.membership || document.visibilityState === "hidden" || !document.hasFocus()) return;
    const { top, bottom } = box.getBoundingClientRect();
    const last = [...box.querySelectorAll<HTMLElement>("[data-seq]")].findLast((row) => {
      const shape = row.getBoundingClientRect();
      return shape.top < bottom && shape.bottom > top && (shape.bottom <= bottom + 2 || shape.top <= top);
    });
    const seen = Number(last?.dataset["seq"] ?? 0);
    if (seen > conversation.readSeq) void handle.markRead(seen).catch(() => {});
    const shape = box.querySelector(".unread-line")?.getBoundingClientRect();
    if (shape && shape.bottom > top && shape.top < bottom) line.current();
  }, [handle, scroller]);
  const soon = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      look();
    }, SOON_MS);
  }, [look]);
  useEffect(() => {
    // Rows are laid out some frames after they came.
    const often = setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      clearInterval(often);
      clearTimeout(timer.current);
      timer.current = undefined;
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, [look]);
  useEffect(soon, [soon, of]);
  return soon;
}
