import type { TFunction } from "i18next";
import type { ClientError } from "../../client/types.ts";

/** Why something could not be done, in the reader's language. What has no code was thrown by the browser, or the page itself. */
export function explained(t: TFunction, fault: unknown): string {
  const { code, message, field } = fault as Partial<ClientError>;
  if (code === undefined || typeof code !== "string") return t("error.BROWSER", { message: message ?? "" });
  // A rule or a program refused what was written, and says why in its own words.
  if (code === "FORBIDDEN" && field === "text" && message) return message;
  return t(`error.${code}`, { message: message ?? "" });
}
