import { type KeyboardEvent, type ReactNode, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Avatar } from "../parts/Avatar.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { Menu, type MenuPlace } from "../parts/Menu.tsx";
import { type Member, useOpen } from "./context.ts";
import { COMMON } from "./emoji.ts";
import { mentionsIn } from "./mentions.ts";

type Props = {
  label: string;
  text: string;
  writing: RefObject<HTMLTextAreaElement | null>;
  onText: (text: string) => void;
  onSend: (text: string, mentions: string[]) => void;
  /** Escape, and Up where nothing is written. */
  onEscape?: (() => void) | undefined;
  onUp?: (() => void) | undefined;
  onBlur?: () => void;
  head?: ReactNode;
  attach?: ReactNode;
};

export const MAX_CHARACTERS = 16_384;
const SUGGESTED = 6;
const EMOJI_COLUMNS = 8;
/** A word after @, which stands alone or behind a character that no address of mail has there: also a Chinese one. */
const NAMED = /(?:^|[^A-Za-z0-9._%+-])@([^\s@]{0,32})$/u;

/**
 * While an input method composes, Enter is its own. Safari ends the composition before it tells of the key, and then only the
 * key's code says so: 229.
 */
export const isComposing = ({ nativeEvent, keyCode }: KeyboardEvent): boolean => nativeEvent.isComposing || keyCode === 229;

/** Where one writes: Enter sends, Shift+Enter begins a new line, and @ names somebody. */
export function Composer({ label, text, writing, onText, onSend, onEscape, onUp, onBlur, head, attach }: Props) {
  const { t, i18n } = useTranslation();
  const { isDirect, members, me, nameOf } = useOpen();
  const list = useId();
  const [emojiAt, setEmojiAt] = useState<MenuPlace>();
  /** The word after @ where the caret is. */
  const [named, setNamed] = useState<string>();
  const [chosen, setChosen] = useState(0);
  const picked = useRef(new Map<string, string>());
  const suggestions = named === undefined || isDirect ? [] : suggested(members, named, me);
  const isTooLong = text.length > MAX_CHARACTERS && [...text].length > MAX_CHARACTERS;

  const send = (): void => {
    const trimmed = text.trim();
    if (trimmed === "" || isTooLong) return;
    const others = isDirect ? [] : members.filter(({ user }) => user.id !== me);
    // Who was picked counts before others of the same name.
    const known = new Map([...others.map(({ user }) => [nameOf(user), user.id] as const), ...picked.current]);
    onSend(trimmed, mentionsIn(trimmed, known));
    picked.current.clear();
    setNamed(undefined);
  };
  /** Puts something where the caret is, in place of the last `over` characters. */
  const insert = (added: string, over = 0): void => {
    const box = writing.current;
    const end = box?.selectionEnd ?? text.length;
    const begin = (box?.selectionStart ?? text.length) - over;
    onText(text.slice(0, begin) + added + text.slice(end));
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(begin + added.length, begin + added.length);
    });
  };
  const pick = (member: Member): void => {
    const name = nameOf(member.user);
    picked.current.set(name, member.user.id);
    insert(`@${name} `, (named?.length ?? 0) + 1);
    setNamed(undefined);
  };
  const keyed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (isComposing(event)) return;
    const suggestion = suggestions[chosen];
    if (suggestion && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + suggestions.length) % suggestions.length);
    } else if (suggestion && (event.key === "Enter" || event.key === "Tab")) pick(suggestion);
    else if (suggestion && event.key === "Escape") setNamed(undefined);
    else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) send();
    else if (event.key === "ArrowUp" && text === "" && onUp) onUp();
    else if (event.key === "Escape" && onEscape) onEscape();
    else return;
    event.preventDefault();
  };
  /** Whom one is about to name, where the caret is. */
  const placed = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): void => {
    const next = selectionStart === selectionEnd ? NAMED.exec(value.slice(0, selectionEnd))?.[1] : undefined;
    if (next === named) return;
    setNamed(next);
    setChosen(0);
  };
  useLayoutEffect(() => {
    const box = writing.current;
    // What newer browsers do by themselves (`field-sizing`).
    if (!box || CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }, [text, writing]);

  return (
    <div className="composer">
      {head}
      {suggestions.length > 0 ? (
        <ul className="suggestions" role="listbox" id={list} aria-label={t("composer.mention")}>
          {suggestions.map((member, index) => (
            <li
              key={member.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                pick(member);
              }}
            >
              <Avatar id={member.user.id} name={member.user.name} url={member.user.avatarUrl} size={24} />
              {nameOf(member.user)} <span className="muted">@{member.user.handle}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="composer-line">
        {attach}
        <textarea
          ref={writing}
          rows={1}
          value={text}
          aria-label={label}
          placeholder={label}
          aria-invalid={isTooLong}
          aria-controls={suggestions.length > 0 ? list : undefined}
          aria-activedescendant={suggestions.length > 0 ? `${list}-${chosen}` : undefined}
          aria-autocomplete="list"
          enterKeyHint="send"
          dir="auto"
          onKeyDown={keyed}
          onChange={({ target }) => {
            onText(target.value);
            placed(target);
          }}
          onSelect={({ currentTarget }) => placed(currentTarget)}
          onBlur={onBlur}
        />
        <IconButton
          icon="smile"
          name={t("composer.emoji")}
          aria-haspopup="menu"
          className="composer-emoji"
          onClick={(event) => setEmojiAt(event.currentTarget.getBoundingClientRect())}
        />
        <IconButton
          icon="send"
          name={t("composer.send")}
          className="send"
          disabled={text.trim() === "" || isTooLong}
          onClick={send}
        />
      </div>
      {isTooLong ? (
        <p className="field-fault" role="alert">
          {t("composer.tooLong", { most: MAX_CHARACTERS.toLocaleString(i18n.language) })}
        </p>
      ) : null}
      {emojiAt ? (
        <Menu
          label={t("composer.emoji")}
          at={emojiAt}
          items={[]}
          columns={EMOJI_COLUMNS}
          onClose={() => setEmojiAt(undefined)}
          head={
            <div className="emoji-grid" role="group" aria-label={t("composer.emoji")}>
              {COMMON.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  role="menuitem"
                  tabIndex={-1}
                  onClick={() => {
                    setEmojiAt(undefined);
                    insert(emoji);
                  }}
                >
                  {emoji}
                </button>
              ))}
            </div>
          }
        />
      ) : null}
    </div>
  );
}

function suggested(members: readonly Member[], named: string, me: string): Member[] {
  const begins = named.toLowerCase();
  return members
    .filter(({ user }) => user.id !== me)
    .filter(({ user, nickname }) =>
      [user.name, user.handle, nickname ?? "", user.friendship.alias ?? ""].some((name) => name.toLowerCase().startsWith(begins)),
    )
    .slice(0, SUGGESTED);
}
