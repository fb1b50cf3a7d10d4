import { useState } from "react";

type Props = { id: string; name: string; url?: string | null; size?: number; online?: boolean };

const HUES = 12;

/** The same colour for the same id, on every device. */
function hueOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  return sum % HUES;
}

/** One Chinese character, or the initials of two words. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = [...(words[0] ?? "")][0] ?? "?";
  if (words.length < 2 || /\p{Script=Han}/u.test(first)) return first.toUpperCase();
  return (first + ([...(words.at(-1) ?? "")][0] ?? "")).toUpperCase();
}

/** A picture, or the initials where there is none. What it stands beside says the name. */
export function Avatar({ id, name, url, size = 40, online }: Props) {
  const [broken, setBroken] = useState<string>();
  return (
    <span className="avatar" data-hue={hueOf(id)} data-size={size} aria-hidden="true">
      {url && url !== broken ? (
        <img src={url} alt="" loading="lazy" referrerPolicy="no-referrer" onError={() => setBroken(url)} />
      ) : (
        initials(name)
      )}
      {online ? <span className="avatar-online" /> : null}
    </span>
  );
}
