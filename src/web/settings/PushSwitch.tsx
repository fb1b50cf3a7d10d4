import { useState } from "react";
import { useTranslation } from "react-i18next";
import { WebPushKey } from "../../client/operations.ts";
import { useTidings } from "../../client/react.ts";
import { useMe } from "../app/me.ts";
import { CheckField } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useAsked } from "../parts/useAsked.ts";
import { arePushesOn, pushObstacle, switchPushesOff, switchPushesOn } from "./pushes.ts";

const HINTS = { none: "pushesHint", denied: "pushesDenied", unsupported: "pushesUnsupported" } as const;

/** Whether this browser tells of messages while the page is closed. The browser asks its user once they switch it on. */
export function PushSwitch() {
  const { t } = useTranslation();
  const client = useTidings();
  const { id } = useMe();
  const notices = useNotices();
  const { answer } = useAsked(WebPushKey, {});
  const [isOn, setOn] = useState(() => arePushesOn(id));
  const [obstacle, setObstacle] = useState(pushObstacle);
  const [isBusy, setBusy] = useState(false);
  const isLacking = answer !== undefined && answer.viewer.webPushKey === null;

  const change = async (on: boolean): Promise<void> => {
    setBusy(true);
    await notices.attempt(async () => {
      if (on) setOn(await switchPushesOn(client, id, t("settings.thisBrowser")));
      else {
        setOn(false);
        await switchPushesOff(client, id);
      }
    });
    setObstacle(pushObstacle());
    setBusy(false);
  };

  const hint = isLacking ? "pushesLacking" : HINTS[obstacle ?? "none"];
  return (
    <div>
      <CheckField
        label={t("settings.pushes")}
        checked={isOn}
        disabled={isBusy || (!isOn && (obstacle !== undefined || answer === undefined || isLacking))}
        onChange={(event) => void change(event.target.checked)}
      />
      <p className="field-hint">{t(`settings.${hint}`)}</p>
    </div>
  );
}
