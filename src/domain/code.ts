import { groupId, userId } from "./ids.ts";

/** What the QR code of a user or a group holds: a text that says whose it is, and that no other program's code looks like. */
const SCHEME = "tidings:";

/** The text of the QR code of a user or a group, by its id. */
export const codeOf = (id: string): string => SCHEME + id;

/** Whose code a text is; undefined if it is not a code of this kind. Spaces around it do not count. */
export function readCode(text: string): { kind: "user" | "group"; id: string } | undefined {
  const code = text.trim();
  if (!code.startsWith(SCHEME)) return undefined;
  const id = code.slice(SCHEME.length);
  if (userId.safeParse(id).success) return { kind: "user", id };
  return groupId.safeParse(id).success ? { kind: "group", id } : undefined;
}
