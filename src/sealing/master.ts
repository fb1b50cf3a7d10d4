import { createCipheriv, createDecipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { Unavailable } from "../ports/faults.ts";
import { type KeptKey, type KeyName, NO_MONTH } from "../ports/keyStore.ts";

/** The bytes of every key here, of a nonce, and of a tag of AES-256-GCM. */
export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** A master key. `id`: says which one it is, and nothing about it. */
export type Master = { id: string; key: KeyObject };

/** The first wraps new keys; all unwrap. */
export type Masters = readonly [Master, ...Master[]];

const MOST = 4;

/** There is no master key, or none that opens a key. The cause says which, for operators. */
export class NoMaster extends Unavailable {
  constructor(why: string, options?: ErrorOptions) {
    super("the keys of the log cannot be opened", "nothing", { cause: new Error(why, options) });
  }
}

/**
 * Master keys in a text, separated by commas: each 32 bytes in base64 or base64url. Undefined if the text is not one to four of
 * these.
 */
export function mastersIn(text: string): Masters | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length > MOST || !parts.every((part) => /^[A-Za-z0-9+/_-]{43}=?$/.test(part))) return undefined;
  const all = parts.map((part) => {
    const bytes = Buffer.from(part, "base64");
    const id = createHash("sha256").update("tidings master key 1\n").update(bytes).digest("base64url").slice(0, 16);
    return { id, key: createSecretKey(bytes) };
  });
  return all as unknown as Masters;
}

/** A text of a new master key. */
export const newMaster = (): string => randomBytes(KEY_BYTES).toString("base64");

/** What a wrapped key is bound to: it is refused in the place of another one. */
const placeOf = ({ id, owner, month }: KeyName & { id: string }): Buffer =>
  Buffer.from(`tidings key 1\n${JSON.stringify([id, owner, month])}`);

export function wrap([{ id: master, key }]: Masters, bytes: Buffer, name: KeyName & { id: string }): KeptKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES }).setAAD(placeOf(name));
  const wrapped = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString("base64url");
  const { id, owner, month } = name;
  return { id, owner, month, master, wrapped };
}

/** Makes a key, wrapped by the first of the master keys. */
export const newKey = (masters: Masters, { owner, month }: KeyName): KeptKey =>
  wrap(masters, randomBytes(KEY_BYTES), { id: randomBytes(NONCE_BYTES).toString("base64url"), owner, month });

/** The bytes of a key. Throws `NoMaster` where none of the master keys opens it. */
export function unwrap(masters: Masters, kept: KeptKey): Buffer {
  const master = masters.find(({ id }) => id === kept.master);
  if (!master) throw new NoMaster(`${told(kept)} is wrapped by another master key`);
  const bytes = Buffer.from(kept.wrapped, "base64url");
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", master.key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(placeOf(kept))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    const key = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    if (key.length === KEY_BYTES) return key;
  } catch {
    // Said below.
  }
  throw new NoMaster(`${told(kept)} was changed in the store of keys`);
}

const told = ({ id, owner, month }: KeptKey): string => `the key ${id} of ${owner}${month === NO_MONTH ? "" : ` of ${month}`}`;

/** The key wrapped anew by the first of the master keys. */
export const rewrapped = (masters: Masters, kept: KeptKey): KeptKey => {
  const bytes = unwrap(masters, kept);
  try {
    return wrap(masters, bytes, kept);
  } finally {
    bytes.fill(0);
  }
};
