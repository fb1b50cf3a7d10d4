import type { ReactNode } from "react";
import type { KnownPerson, Person } from "../../client/types.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { isOnline, type Presence } from "../parts/usePresence.ts";

type Props = {
  person: Person | KnownPerson;
  /** As it is now, where it is followed. */
  presence?: Presence | undefined;
  note?: ReactNode;
  onOpen?: (() => void) | undefined;
  children?: ReactNode;
};

/** A person in a list, and what one may do there. */
export function PersonRow({ person, presence, note, onOpen, children }: Props) {
  const { id, name, handle, avatarUrl } = person;
  const alias = "friendship" in person ? person.friendship.alias : null;
  const known = presence ?? ("presence" in person ? person.presence : undefined);
  const text = (
    <>
      <Avatar id={id} name={alias ?? name} url={avatarUrl} size={40} online={isOnline(known)} />
      <span className="person-text">
        <span className="person-name">{alias ?? name}</span>
        <span className="muted">{note ?? `@${handle}`}</span>
      </span>
    </>
  );
  return (
    <li className="person">
      {onOpen ? (
        <button type="button" className="person-main" onClick={onOpen}>
          {text}
        </button>
      ) : (
        <span className="person-main">{text}</span>
      )}
      <span className="person-acts">{children}</span>
    </li>
  );
}
