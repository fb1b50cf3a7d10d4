import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomFillSync } from "node:crypto";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./master.ts";

/* What is sealed in an event: a text with the ids of keys, and what was encrypted under all of them together. */

/** What it belongs to. It cannot be opened as a part of another event. */
export type SealedPlace = { id: string; type: string; stream: string };

/** The most keys that something is sealed under. */
export const KEYS_MOST = 16;

/** The form of the text. */
const FORM = "1";
const KEY_ID = /^[A-Za-z0-9_-]{16}$/;
const JOINED = "~";

/** The ids of several keys, as one text. */
export const joinedIds = (ids: readonly string[]): string => ids.join(JOINED);
export const idsIn = (joined: string): string[] => joined.split(JOINED);

/** One key of several: nobody who lacks one of them has it. */
export function contentKey(keys: readonly Buffer[]): KeyObject {
  const all = Buffer.concat(keys);
  const made = hkdfSync("sha256", all, "", "tidings content 1", KEY_BYTES);
  all.fill(0);
  return createSecretKey(new Uint8Array(made));
}

/** Random bytes for many nonces: each is used once. */
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let used = nonces.length;

function nonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  return nonces.subarray(used, (used += NONCE_BYTES));
}

const boundTo = ({ id, type, stream }: SealedPlace): Buffer => Buffer.from(`tidings event 1\n${id}\n${type}\n${stream}`);

/** Seals a value of JSON. `ids`: joined, of the keys that `key` is made of. */
export function seal(key: KeyObject, ids: string, part: unknown, place: SealedPlace): string {
  const by = nonce();
  const cipher = createCipheriv("aes-256-gcm", key, by, { authTagLength: TAG_BYTES }).setAAD(boundTo(place));
  const text = cipher.update(JSON.stringify(part), "utf8");
  // In this mode all bytes come at once: the end has none.
  cipher.final();
  return `${FORM}.${ids}.${Buffer.concat([by, text, cipher.getAuthTag()]).toString("base64url")}`;
}

/** The joined ids of the keys that a sealed text needs. Undefined: it is of no form that this version knows. */
export function idsOf(sealed: unknown): string | undefined {
  if (typeof sealed !== "string" || !sealed.startsWith(`${FORM}.`)) return undefined;
  const end = sealed.indexOf(".", FORM.length + 1);
  if (end < 0) return undefined;
  return sealed.slice(FORM.length + 1, end);
}

/** Whether joined ids are what they should be: whoever could write to the log may have written anything. */
export function areIds(joined: string): boolean {
  const ids = idsIn(joined);
  return ids.length <= KEYS_MOST && ids.every((id) => KEY_ID.test(id));
}

/** What was sealed. Undefined: it was not, under this key and for this place. */
export function opened(key: KeyObject, sealed: string, place: SealedPlace): unknown {
  const text = sealed.slice(sealed.lastIndexOf(".") + 1);
  const bytes = Buffer.from(text, "base64url");
  // Some texts are read as the same bytes: only one of them is what was written.
  if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString("base64url") !== text) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(boundTo(place))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const part = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8");
    return JSON.parse(part + decipher.final("utf8")) as unknown;
  } catch {
    return undefined;
  }
}
