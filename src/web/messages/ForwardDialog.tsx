import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ForwardMessages } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { newId } from "../app/me.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useTidings, useWatched } from "../../client/react.ts";

/** Where a copy of a message goes. */
export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const { items } = useWatched(client.conversations);
  const [words, setWords] = useState("");
  const found = items.filter(
    ({ kind, title, membership }) =>
      (kind === "DIRECT" || (membership !== null && !membership.follower)) &&
      title.toLowerCase().includes(words.trim().toLowerCase()),
  );
  const forward = async (toConversationId: string): Promise<void> => {
    onClose();
    const input = {
      clientMutationId: newId(),
      fromConversationId: message.conversationId,
      seqs: [message.seq],
      toConversationId,
    };
    if (await attempt(() => client.request(ForwardMessages, { input }))) say(t("chat.sent"));
  };
  return (
    <Dialog title={t("forward.title")} onClose={onClose}>
      <Field label={t("forward.filter")} type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      <ul className="pick-list">
        {found.map(({ id, title, avatarUrl, peer }) => (
          <li key={id}>
            <button type="button" className="pick" onClick={() => void forward(id)}>
              <Avatar id={peer?.id ?? id} name={title} url={peer ? peer.avatarUrl : avatarUrl} size={32} />
              {title}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
