import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { Icon, type IconName } from "./Icon.tsx";

export type MenuItem = { label: string; icon?: IconName; danger?: boolean; act: () => void };
/** Where it is opened: below a button, or at a point. */
export type MenuPlace = { left: number; top: number; bottom: number; right: number };

type Props = {
  label: string;
  at: MenuPlace;
  items: readonly MenuItem[];
  onClose: () => void;
  head?: ReactNode;
  /** So many stand beside each other: Up and Down go from line to line. */
  columns?: number;
};

const EDGE = 8;

/** A list of actions. Arrow keys move in it; Escape, Tab and a click elsewhere close it, and the focus goes back. */
export function Menu({ label, at, items, onClose, head, columns = 1 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const menu = box.current;
    if (!menu) return undefined;
    const before = document.activeElement;
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    const fitsBelow = at.bottom + height + EDGE < innerHeight;
    menu.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE))}px`;
    menu.style.top = `${Math.max(EDGE, fitsBelow ? at.bottom + 4 : Math.min(at.top - height - 4, innerHeight - height - EDGE))}px`;
    menu.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === "closed") close.current();
    };
    menu.addEventListener("toggle", toggled);
    return () => {
      menu.removeEventListener("toggle", toggled);
      const inside = menu.contains(document.activeElement) || document.activeElement === document.body;
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [at]);

  const moved = (event: KeyboardEvent): void => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const here = all.indexOf(document.activeElement as HTMLElement);
    const to = {
      ArrowDown: here + columns,
      ArrowRight: here + 1,
      ArrowUp: here - columns,
      ArrowLeft: here - 1,
      Home: 0,
      End: -1,
    }[event.key];
    if (event.key === "Tab") onClose();
    else if (to === undefined) return;
    else all.at(to % all.length)?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return createPortal(
    // The keys are for the menu's items, which have the focus.
    <div ref={box} popover="auto" role="menu" aria-label={label} className="menu" onKeyDown={moved}>
      {head}
      {items.map(({ label: text, icon, danger, act }) => (
        <button
          key={text}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={danger ? "menu-item menu-danger" : "menu-item"}
          onClick={() => {
            onClose();
            act();
          }}
        >
          {icon ? <Icon name={icon} size={18} /> : null}
          {text}
        </button>
      ))}
    </div>,
    document.body,
  );
}
