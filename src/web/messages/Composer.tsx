import { type KeyboardEvent, type ReactNode, type RefObject, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Avatar } from "../parts/Avatar.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { Menu, type MenuPlace } from "../parts/Menu.tsx";
import { type Member, nameIn, useOpen } from "./context.ts";
import { COMMON } from "./emoji.ts";

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

const MAX_CHARACTERS = 16_384;
const SUGGESTED = 6;

/**
 * While an input method composes, Enter is its own. Safari ends the composition before it tells of the key, and then only the
 * key's code says so: 229.
 */
export const isComposing = ({ nativeEvent, keyCode }: KeyboardEvent): boolean => nativeEvent.isComposing || keyCode === 229;

/** Where one writes: Enter sends, Shift+Enter begins a new line, and @ names somebody. */
export function Composer({ label, text, writing, onText, onSend, onEscape, onUp, onBlur, head, attach }: Props) {
  const { t } = useTranslation();
  const { conversation, members } = useOpen();
  const [emojiAt, setEmojiAt] = useState<MenuPlace>();
  /** The word after @ where the caret is. */
  const [named, setNamed] = useState<string>();
  const [chosen, setChosen] = useState(0);
  const picked = useRef(new Map<string, string>());
  const suggestions = named === undefined || conversation.kind === "DIRECT" ? [] : suggested(members, named);
  const isTooLong = text.length > MAX_CHARACTERS && [...text].length > MAX_CHARACTERS;

  const send = (): void => {
    const trimmed = text.trim();
    if (trimmed === "" || isTooLong) return;
    onSend(
      trimmed,
      [...picked.current].filter(([name]) => trimmed.includes(`@${name}`)).map(([, id]) => id),
    );
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
    const name = nameIn(members, member.user);
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
  const typed = (value: string, caret: number): void => {
    onText(value);
    setNamed(/(?:^|[\s(])@([^\s@]{0,32})$/u.exec(value.slice(0, caret))?.[1]);
    setChosen(0);
  };

  return (
    <div className="composer">
      {head}
      {suggestions.length > 0 ? (
        <ul className="suggestions" role="listbox" id="suggestions" aria-label={t("composer.mention")}>
          {suggestions.map((member, index) => (
            <li
              key={member.id}
              id={`suggestion-${index}`}
              role="option"
              aria-selected={index === chosen}
              onPointerDown={(event) => {
                event.preventDefault();
                pick(member);
              }}
            >
              <Avatar id={member.user.id} name={member.user.name} url={member.user.avatarUrl} size={24} />
              {nameIn(members, member.user)} <span className="muted">@{member.user.handle}</span>
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
          aria-controls={suggestions.length > 0 ? "suggestions" : undefined}
          aria-activedescendant={suggestions.length > 0 ? `suggestion-${chosen}` : undefined}
          aria-autocomplete="list"
          enterKeyHint="send"
          dir="auto"
          onKeyDown={keyed}
          onChange={({ target }) => typed(target.value, target.selectionEnd)}
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
          {t("composer.tooLong")}
        </p>
      ) : null}
      {emojiAt ? (
        <Menu
          label={t("composer.emoji")}
          at={emojiAt}
          items={[]}
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

function suggested(members: readonly Member[], named: string): Member[] {
  const begins = named.toLowerCase();
  return members
    .filter(({ user, nickname }) =>
      [user.name, user.handle, nickname ?? "", user.friendship.alias ?? ""].some((name) => name.toLowerCase().startsWith(begins)),
    )
    .slice(0, SUGGESTED);
}
