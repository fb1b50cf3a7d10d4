import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings, useWatched } from "../../client/react.ts";

/** A short break is not worth a line. */
const PATIENCE_MS = 1_500;

/** Says that the page is not connected, and that what is written is kept. */
export function ConnectionLine() {
  const { t } = useTranslation();
  const client = useTidings();
  const { state } = useWatched(client.connection);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (state === "live") return undefined;
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const shown = state === "offline" || state === "waiting" || (state === "connecting" && isLong);
  return (
    <div role="status" className={shown ? "connection-line" : "connection-none"}>
      {shown ? <span>{t(`connection.${state}`)}</span> : null}
      {state === "waiting" ? (
        <button type="button" className="connection-now" onClick={() => client.reconnect()}>
          {t("connection.now")}
        </button>
      ) : null}
    </div>
  );
}
