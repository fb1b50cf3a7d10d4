import { groupId, inviteId, userId } from "./ids.ts";

/**
 * What the QR code of a user, a group or an invitation holds: a text that says whose it is, and that no other program's code
 * looks like.
 */
const SCHEME = "tidings:";

/** The text of the QR code of a user, a group or an invitation, by its id. */
export const codeOf = (id: string): string => SCHEME + id;

/** Whose code a text is; undefined if it is not a code of this kind. Spaces around it do not count. */
export function readCode(text: string): { kind: "user" | "group" | "invite"; id: string } | undefined {
  const code = text.trim();
  if (!code.startsWith(SCHEME)) return undefined;
  const id = code.slice(SCHEME.length);
  if (userId.safeParse(id).success) return { kind: "user", id };
  if (inviteId.safeParse(id).success) return { kind: "invite", id };
  return groupId.safeParse(id).success ? { kind: "group", id } : undefined;
}
