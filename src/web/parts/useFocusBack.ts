import { type RefObject, useEffect } from "react";

/** When a part of the page goes, and the focus with it, the focus is where it was when that part came. */
export function useFocusBack(part: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const shown = part.current;
    const before = document.activeElement;
    return () => {
      const isLost = document.activeElement === document.body || shown?.contains(document.activeElement);
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [part]);
}
