import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Config, secretsIn } from "../config.ts";
import { usableDirectory } from "./dataDir.ts";

/** `secret` signs tokens. Tokens that were signed with `former` are still accepted, while the secret is being changed. */
export type Secrets = { secret: string; former: string | undefined };

/**
 * The secret that signs tokens, and the former one. They are the configured ones. If none is configured, the secret is made in
 * DATA_DIR at the first start and kept there, readable only by this user, in the same format. Undefined if an identity provider
 * signs.
 */
export async function secretsOf(config: Config): Promise<Secrets | undefined> {
  const file = join(config.dataDir, "secret");
  if (config.auth.secret === undefined && config.auth.jwksUrl !== undefined) return undefined;
  if (config.auth.secret === undefined && config.role === "api")
    throw new Error("AUTH_SECRET or AUTH_JWKS_URL must be set with ROLE=api: all of them must accept the same tokens");
  const text = config.auth.secret ?? (await keptSecret(config.dataDir, file, random));
  // With an empty or guessable secret, anyone could sign tokens.
  const [secret, former] = secretsIn(text) ?? [];
  if (secret !== undefined) return { secret, former };
  throw new Error(`${file} holds no secret of at least 32 characters: delete it, and a new one is made`);
}

/** The secret that signs. */
export const secretOf = async (config: Config): Promise<string | undefined> => (await secretsOf(config))?.secret;

/** The key that signs the addresses of files: made once, and kept beside them. Whoever has it reads all files. */
export async function keyOfFiles(dataDir: string): Promise<string> {
  const file = join(dataDir, "files", "key");
  const key = await keptSecret(join(dataDir, "files"), file, random);
  if (key.length >= KEY_CHARACTERS) return key;
  throw new Error(`${file} holds no key: delete it, and a new one is made`);
}

const KEY_CHARACTERS = 32;

/** What a file of DATA_DIR holds that only this user may read: it is made once, with what `make` gives, and kept. */
export const keptSecret = async (directory: string, file: string, make: () => string): Promise<string> =>
  (await readSecret(file)) ?? (await makeSecret(directory, file, make));

/** The private key by which push services know this server: made once by `make`, and kept in DATA_DIR. */
export const keyOfPushes = (dataDir: string, make: () => string): Promise<string> =>
  keptSecret(dataDir, join(dataDir, "web-push-key"), make);

const random = (): string => randomBytes(48).toString("base64url");

const readSecret = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`the secret cannot be read from ${file}: ${message}`, { cause: error });
  }
};

/**
 * Makes the secret in one step. There is a whole secret or none, even after a crash or on a full disk. If several processes make
 * it at the same moment, there is only one.
 */
async function makeSecret(dataDir: string, file: string, make: () => string): Promise<string> {
  await usableDirectory(dataDir);
  const half = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(half, "wx", 0o600);
    try {
      await handle.writeFile(`${make().trim()}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(half, file).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster, or the file system has no links.
      if (error.code !== "EEXIST") await rename(half, file);
    });
  } catch (error) {
    throw new Error(`the secret cannot be written to ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(half, { force: true });
  }
  return (await readSecret(file)) ?? "";
}
