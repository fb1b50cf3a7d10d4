import { useTranslation } from "react-i18next";
import { Receipts } from "../../client/operations.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { useAsked } from "../parts/useAsked.ts";

/** Who has read a message: the first hundred. */
export function ReceiptsDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { answer } = useAsked(Receipts, { id, first: 100 });
  const message = answer?.node?.__typename === "Message" ? answer.node : undefined;
  const readers = message?.readBy.edges.map(({ node }) => node);
  return (
    <Dialog title={t("receipts.title")} onClose={onClose}>
      {!readers ? (
        <p className="muted">{t("app.loading")}</p>
      ) : readers.length === 0 ? (
        <p className="muted">{t("receipts.nobody")}</p>
      ) : (
        <ul className="pick-list">
          {readers.map((reader) => (
            <li key={reader.id} className="pick">
              <Avatar id={reader.id} name={reader.name} url={reader.avatarUrl} size={32} />
              {reader.name}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
