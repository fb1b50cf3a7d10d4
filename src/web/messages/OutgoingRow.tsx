import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { OutgoingMessage } from "../../client/types.ts";
import { digestOfContent } from "../conversations/digest.ts";
import { explained } from "../parts/explained.ts";
import { Icon } from "../parts/Icon.tsx";
import { Moment } from "../parts/Moment.tsx";
import { useTidings, useWatched } from "../../client/react.ts";
import { clock } from "../texts/dates.ts";
import { useAround } from "./context.ts";

/** A message that is on its way, or was refused: then it keeps its text until one decides what becomes of it. */
export const OutgoingRow = memo(function OutgoingRow({ rowKey, message }: { rowKey: string; message: OutgoingMessage }) {
  const { t, i18n } = useTranslation();
  const client = useTidings();
  const { takeBack } = useAround();
  const connection = useWatched(client.connection);
  const { id, state, content, error, createdAt } = message;
  const at = new Date(createdAt);
  const said = state === "sent" ? t("chat.sent") : connection.state === "live" ? t("chat.sending") : t("chat.waiting");
  return (
    <article
      className="message"
      data-key={rowKey}
      data-own="true"
      data-state={state}
      tabIndex={-1}
      aria-label={`${t("app.you")}, ${clock(i18n.language, at)}`}
    >
      <div className="message-body">
        <div className="bubble">
          <p className="bubble-text" dir="auto">
            {content.kind && content.kind !== "TEXT" ? digestOfContent(t, content) : content.text}
          </p>
          <p className="bubble-meta">
            <Moment at={at.toISOString()} language={i18n.language} />
            {state === "failed" ? null : (
              <span className="receipt" title={said}>
                <Icon name={state === "sent" ? "check" : "clock"} size={15} />
                <span className="unseen">{said}</span>
              </span>
            )}
          </p>
        </div>
        {state === "failed" ? (
          <div className="failed">
            <Icon name="warn" size={16} />
            <span>{error ? t("app.pair", { one: t("chat.notSent"), other: explained(t, error) }) : t("chat.notSent")}</span>
            <button type="button" className="link-button" onClick={() => client.retry(id)}>
              {t("app.retry")}
            </button>
            {content.text && !content.attachments?.length ? (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  takeBack(content.text ?? "");
                  client.discard(id);
                }}
              >
                {t("chat.takeBack")}
              </button>
            ) : null}
            <button type="button" className="link-button" onClick={() => client.discard(id)}>
              {t("chat.discard")}
            </button>
          </div>
        ) : null}
      </div>
    </article>
  );
});
