import { useState } from "react";
import type { IconName } from "./Icon.tsx";
import { IconButton } from "./IconButton.tsx";
import { Menu, type MenuItem, type MenuPlace } from "./Menu.tsx";

type Props = { name: string; icon?: IconName; items: readonly MenuItem[]; className?: string };

/** A button that opens a menu below itself. */
export function MenuButton({ name, icon = "more", items, className = "" }: Props) {
  const [at, setAt] = useState<MenuPlace>();
  if (items.length === 0) return null;
  return (
    <>
      <IconButton
        icon={icon}
        name={name}
        className={className}
        aria-haspopup="menu"
        aria-expanded={at !== undefined}
        onClick={(event) => setAt(event.currentTarget.getBoundingClientRect())}
      />
      {at ? <Menu label={name} at={at} items={items} onClose={() => setAt(undefined)} /> : null}
    </>
  );
}
