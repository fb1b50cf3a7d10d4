import type { TFunction } from "i18next";
import type { ClientError } from "../../client/types.ts";

/** Why something could not be done, in the reader's language. */
export function explained(t: TFunction, fault: unknown): string {
  const { code, message } = fault as Partial<ClientError>;
  return code === undefined ? t("error.INTERNAL") : t(`error.${code}`, { message: message ?? "" });
}
