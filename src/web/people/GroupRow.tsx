import { useTranslation } from "react-i18next";
import type { ConversationState } from "../../client/types.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { JoinButton } from "./JoinButton.tsx";

export function GroupRow({ conversation }: { conversation: ConversationState }) {
  const { t } = useTranslation();
  const { id, kind, title, avatarUrl, description, memberCount } = conversation;
  const count = t(kind === "CHANNEL" ? "chat.followers" : "chat.members", { count: memberCount });
  return (
    <li className="person">
      <span className="person-main">
        <Avatar id={id} name={title} url={avatarUrl} size={40} />
        <span className="person-text">
          <span className="person-name">{title}</span>
          <span className="muted">{description ? `${count} · ${description}` : count}</span>
        </span>
      </span>
      <span className="person-acts">
        <JoinButton conversation={conversation} />
      </span>
    </li>
  );
}
