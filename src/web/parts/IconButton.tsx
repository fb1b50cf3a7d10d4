import type { ComponentProps } from "react";
import { Icon, type IconName } from "./Icon.tsx";

type Props = Omit<ComponentProps<"button">, "children" | "name"> & { icon: IconName; name: string; size?: number };

/** A button that is a picture: `name` is what it is called, and what is shown when the pointer rests on it. */
export function IconButton({ icon, name, size, className = "", ...rest }: Props) {
  return (
    <button type="button" className={`icon-button ${className}`} aria-label={name} title={name} {...rest}>
      <Icon name={icon} {...(size === undefined ? {} : { size })} />
    </button>
  );
}
