import type { TFunction } from "i18next";
import type { ClientError } from "../../client/types.ts";

/** Why something could not be done, in the reader's language. What has no code was thrown by the browser, or the page itself. */
export function explained(t: TFunction, fault: unknown): string {
  const { code, message } = fault as Partial<ClientError>;
  return code === undefined || typeof code !== "string"
    ? t("error.BROWSER", { message: message ?? "" })
    : t(`error.${code}`, { message: message ?? "" });
}
