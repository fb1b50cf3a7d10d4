import type { TFunction } from "i18next";
import type { MessageFieldsFragment } from "../../client/operations.ts";
import type { MessageContent } from "../../client/types.ts";

type Told = Pick<MessageFieldsFragment, "kind" | "text" | "recalledAt"> & { expiresAt?: string | null };

/** A message in one line. */
export function digestOf(t: TFunction, { kind, text, recalledAt, expiresAt }: Told): string {
  if (recalledAt) return t("chat.recalled");
  if (text === null && expiresAt && kind === "TEXT") return t("chat.expired");
  return withKind(t, kind, text);
}

export const digestOfContent = (t: TFunction, { kind, text }: MessageContent): string =>
  withKind(t, kind ?? "TEXT", text ?? null);

function withKind(t: TFunction, kind: Told["kind"], text: string | null): string {
  const line = (text ?? "").replace(/\s+/gu, " ");
  const names = { IMAGE: "chat.image", FILE: "chat.file", AUDIO: "chat.audio", VIDEO: "chat.video" } as const;
  return kind === "TEXT" ? line : `[${t(names[kind])}] ${line}`.trim();
}
