import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Avatar } from "../parts/Avatar.tsx";
import { Field } from "../parts/Field.tsx";
import { useTidings, useWatched } from "../../client/react.ts";

type Props = { picked: ReadonlySet<string>; onPicked: (picked: ReadonlySet<string>) => void; without?: ReadonlySet<string> };

/** Some of one's friends. */
export function FriendPicker({ picked, onPicked, without }: Props) {
  const { t } = useTranslation();
  const { friends, loaded } = useWatched(useTidings().people);
  const [words, setWords] = useState("");
  const shown = friends.filter(
    ({ id, name, handle, friendship }) =>
      !without?.has(id) &&
      [name, handle, friendship.alias ?? ""].some((text) => text.toLowerCase().includes(words.trim().toLowerCase())),
  );
  const toggle = (id: string): void => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    onPicked(next);
  };
  return (
    <fieldset className="picker">
      <legend>{t("group.pickMembers")}</legend>
      {friends.length > 8 ? (
        <Field label={t("people.find")} type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      ) : null}
      {loaded && friends.length === 0 ? <p className="muted">{t("group.noFriendsToPick")}</p> : null}
      <ul className="pick-list">
        {shown.map(({ id, name, avatarUrl, friendship }) => (
          <li key={id}>
            <label className="pick">
              <input type="checkbox" checked={picked.has(id)} onChange={() => toggle(id)} />
              <Avatar id={id} name={friendship.alias ?? name} url={avatarUrl} size={32} />
              {friendship.alias ?? name}
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
