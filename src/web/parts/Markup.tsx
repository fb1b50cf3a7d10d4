import { Fragment, type ReactNode } from "react";

/**
 * Addresses as people write them. Not by a library: those that were tried find none right behind a Chinese character, where
 * no space stands. It ends before what ends a sentence, in Chinese too.
 */
const ADDRESS = /https?:\/\/[^\s<>"'“”‘’，。；：！？、（）《》【】「」]+[^\s<>"'“”‘’，。；：！？、（）《》【】「」.,;:!?)\]}]/giu;

/** A text with its addresses as links, and with the names of those whom it mentions marked. */
export function Markup({ text, mentioned = [] }: { text: string; mentioned?: readonly string[] }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    if (!URL.canParse(address)) continue;
    parts.push(<Named key={at} text={text.slice(at, index)} names={mentioned} />);
    parts.push(
      <a key={`link ${index}`} href={address} target="_blank" rel="noopener noreferrer nofollow">
        {address}
      </a>,
    );
    at = index + address.length;
  }
  parts.push(<Named key={at} text={text.slice(at)} names={mentioned} />);
  return <>{parts}</>;
}

function Named({ text, names }: { text: string; names: readonly string[] }) {
  if (names.length === 0) return text;
  // The longer one first: with Ann and Anna, "@Anna" is Anna.
  const escaped = names
    .toSorted((one, other) => other.length - one.length)
    .map((name) => `@${name}`.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return text.split(new RegExp(`(${escaped.join("|")})`, "u")).map((part, index) =>
    index % 2 === 1 ? (
      <span key={index} className="mention">
        {part}
      </span>
    ) : (
      <Fragment key={index}>{part}</Fragment>
    ),
  );
}
